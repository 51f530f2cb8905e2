"""The days of reports are found by indexes of their own."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("sales", "0005_turnover")]
    operations = [
        AddIndexConcurrently(
            "order",
            models.Index(fields=["store", "business_date"], include=["id"], name="sales_order_of_day"),
        ),
        AddIndexConcurrently(
            "salereturn", models.Index(fields=["business_date"], name="sales_return_of_day")
        ),
    ]
