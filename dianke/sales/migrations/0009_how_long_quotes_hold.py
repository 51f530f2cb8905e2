"""How long a quote holds is said by the store."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sales", "0008_levels_and_cash_of_prepaid_value")]
    operations = [
        migrations.AddField(
            "deliverysetting",
            "quote_days",
            models.PositiveSmallIntegerField(default=15, verbose_name="A quote holds for (days)"),
        ),
    ]
