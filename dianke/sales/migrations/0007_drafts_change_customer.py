"""A draft nothing was paid for may be put on another customer; whatever was agreed keeps its customer for good."""

from __future__ import annotations

from django.db import migrations, models

_CHANGEABLE = (
    "state",
    "stage_id",
    "due_date",
    "list_amount",
    "total_amount",
    "tax_amount",
    "earned_amount",
    "forfeited_amount",
    "paid_amount",
    "returned_amount",
    "deposit_kind",
    "deposit_amount",
    "coupon_ids",
    "used_points",
    "earned_points",
    "cart",
    "note",
    "revision",
    "approved_by_id",
    "approved_at",
    "closed_at",
    "closed_reason",
)


def _keeps(*also: str, condition: str) -> str:
    free = " - ".join(["to_jsonb({row})", *(f"'{name}'" for name in (*_CHANGEABLE, *also))])
    return f"""
CREATE TRIGGER sales_keeps{"_draft" if also else ""} BEFORE UPDATE ON sales_order FOR EACH ROW
    WHEN ({condition} AND {free.format(row="OLD")} IS DISTINCT FROM {free.format(row="NEW")})
    EXECUTE FUNCTION sales_refuse_change();
"""


_IS_DRAFT = "(OLD.state = 'DRAFT' AND NEW.state = 'DRAFT' AND OLD.paid_amount = 0)"
_DROP = "DROP TRIGGER sales_keeps ON sales_order;"


class Migration(migrations.Migration):
    dependencies = [("sales", "0006_report_indexes")]
    reviewed = {"raw-sql": "one trigger of sales_order is written anew; no row is read"}
    operations = [
        migrations.RunSQL(
            _DROP + _keeps(condition=f"NOT {_IS_DRAFT}") + _keeps("customer_id", condition=_IS_DRAFT),
            f"{_DROP} DROP TRIGGER sales_keeps_draft ON sales_order;" + _keeps(condition="true"),
        ),
        migrations.AlterField(
            "orderchange",
            "kind",
            models.CharField(
                choices=[
                    ("STATE", "State"),
                    ("LINES", "Lines"),
                    ("DUE_DATE", "Promised day"),
                    ("TERMS", "Customer and terms"),
                    ("STAGE", "Stage"),
                ],
                max_length=8,
                verbose_name="kind",
            ),
        ),
    ]
