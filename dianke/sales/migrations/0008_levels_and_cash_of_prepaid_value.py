"""Member levels are sold as lines, and cash of stored value and cards lies in drawers."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

_NAME = "sales_cashmovement_direction"
_TO_BE_IN = Q(kind__in=["FROM_SAFE", "FROM_BANK", "OTHER_IN"], amount__gt=0)
_TO_BE_OUT = Q(kind__in=["TO_SAFE", "TO_BANK", "EXPENSE"], amount__lt=0)


class Migration(migrations.Migration):
    dependencies = [("sales", "0007_drafts_change_customer")]
    reviewed = {"add-check": "a drawer moves a few times a day: the table is small, and every row fits"}
    operations = [
        migrations.AlterField(
            "orderline",
            "kind",
            models.CharField(
                choices=[
                    ("GOODS", "Goods"),
                    ("PIECE", "Single piece"),
                    ("SERVICE", "Service"),
                    ("BUNDLE", "Bundle"),
                    ("FEE", "Fee"),
                    ("TOP_UP", "Top-up"),
                    ("CARD", "Session card"),
                    ("LEVEL", "Member level"),
                ],
                default="GOODS",
                max_length=7,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            "cashmovement",
            "kind",
            models.CharField(
                choices=[
                    ("FROM_SAFE", "From the safe"),
                    ("TO_SAFE", "Into the safe"),
                    ("FROM_BANK", "Change fetched from the bank"),
                    ("TO_BANK", "Brought to the bank"),
                    ("OTHER_IN", "Other cash in"),
                    ("EXPENSE", "Paid for something"),
                    ("PREPAID", "Stored value and cards"),
                    ("OPENING_DIFFERENCE", "Over or short at the opening"),
                    ("DIFFERENCE", "Over or short at the count"),
                    ("CORRECTION", "Over or short explained by late sales"),
                ],
                max_length=18,
                verbose_name="kind",
            ),
        ),
        migrations.RemoveConstraint("cashmovement", _NAME),
        migrations.AddConstraint(
            "cashmovement",
            models.CheckConstraint(
                condition=_TO_BE_IN
                | _TO_BE_OUT
                | (Q(kind__in=["PREPAID", "OPENING_DIFFERENCE", "DIFFERENCE", "CORRECTION"]) & ~Q(amount=0)),
                name=_NAME,
            ),
        ),
    ]
