"""Important dates are found by one number for their day instead of calendar, month and day (`models.life.day_key`).

The new index is built before the old one goes, both without locking the table. The statistics of its expression, which
PostgreSQL would gather only after many changes, are gathered at once; it passes over those of a partial index, so archived
dates, which are few, are in it too.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Case, F, Value, When

DAY_KEY = (
    F("month") * Value(100)
    + F("day")
    + Case(
        When(is_leap=True, then=Value(4000)),
        When(calendar="LUNAR", then=Value(2000)),
        default=Value(0),
    )
)


class Migration(migrations.Migration):
    atomic = False
    reviewed = {"raw-sql": "ANALYZE of one table reads a sample and blocks neither readers nor writers"}
    dependencies = [("customers", "0005_register")]

    operations = [
        AddIndexConcurrently(
            "importantdate", models.Index(DAY_KEY, F("customer"), name="important_date_by_key")
        ),
        migrations.RunSQL("ANALYZE customers_importantdate", migrations.RunSQL.noop),
        RemoveIndexConcurrently("importantdate", "important_date_by_day"),
    ]
