"""Profiles are counted from an index of their own."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("customers", "0011_fill_six_digits")]
    operations = [
        AddIndexConcurrently(
            "customer",
            models.Index(
                fields=["id"],
                include=["state", "store", "owner", "partner", "level", "gender"],
                condition=models.Q(merged_into=None),
                name="customer_heads",
            ),
        ),
    ]
