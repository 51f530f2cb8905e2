"""The index by which a phone is found from its last six digits."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("customers", "0009_phones_by_six_digits")]

    operations = [
        AddIndexConcurrently(
            "contactpoint", models.Index(fields=["value_last6"], name="contact_point_by_six_digits")
        ),
    ]
