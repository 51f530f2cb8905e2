"""Member numbers come from a sequence: never given twice, gaps allowed."""

from django.db import migrations


class Migration(migrations.Migration):
    reviewed = {"raw-sql": "a new sequence; nothing else is touched"}
    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE customers_member_number AS bigint START 10000",
            "DROP SEQUENCE customers_member_number",
        )
    ]
