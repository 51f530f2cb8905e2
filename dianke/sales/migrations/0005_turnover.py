"""What reports are made of: deliveries of lines as they earned, what returns cost, and the view that reads sales,
deliveries and returns as one."""

# ruff: noqa: S608  only names of our own columns are put together

from __future__ import annotations

from decimal import Decimal

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

_OF_ORDER = """o.id AS order_id, l.id AS line_id, {paper} AS sale_return_id, o.store_id, {day} AS business_date,
       {at} AS occurred_at, o.channel, o.customer_id, o.made_by_id, l.variant_id, l.kind AS line_kind"""

# Sold at once is what was delivered without a delivery of its own. Top-ups and cards become a balance, no revenue.
VIEW = f"""
CREATE VIEW sales_turnover AS
SELECT l.id * 4 AS id, 'SOLD'::varchar(8) AS kind,
       {_OF_ORDER.format(paper="NULL::bigint", day="o.business_date", at="o.occurred_at")},
       l.quantity, l.list_amount, l.paid_amount AS amount, l.tax_amount, l.cost
FROM sales_order AS o JOIN sales_orderline AS l ON l.order_id = o.id
WHERE l.fulfilled_quantity > 0 AND l.kind NOT IN ('TOP_UP', 'CARD')
  AND NOT EXISTS (SELECT FROM sales_earnedline AS e WHERE e.line_id = l.id)
UNION ALL
SELECT e.id * 4 + 1, 'SOLD',
       {_OF_ORDER.format(paper="NULL", day="e.business_date", at="e.earned_at")},
       e.quantity, e.list_amount, e.amount, e.tax_amount, e.cost
FROM sales_earnedline AS e JOIN sales_orderline AS l ON l.id = e.line_id JOIN sales_order AS o ON o.id = l.order_id
WHERE l.kind NOT IN ('TOP_UP', 'CARD')
UNION ALL
SELECT b.id * 4 + 2, 'RETURNED',
       {_OF_ORDER.format(paper="r.id", day="r.business_date", at="r.occurred_at")},
       -b.quantity, 0, -b.amount, -b.tax_amount, -b.cost
FROM sales_salereturn AS r JOIN sales_returnline AS b ON b.sale_return_id = r.id
JOIN sales_orderline AS l ON l.id = b.line_id JOIN sales_order AS o ON o.id = r.order_id
WHERE l.kind NOT IN ('TOP_UP', 'CARD');
"""

GUARDS = """
CREATE TRIGGER sales_keeps BEFORE UPDATE ON sales_earnedline FOR EACH ROW
    WHEN (to_jsonb(OLD) IS DISTINCT FROM to_jsonb(NEW)) EXECUTE FUNCTION sales_refuse_change();
CREATE TRIGGER sales_stays BEFORE DELETE ON sales_earnedline FOR EACH ROW EXECUTE FUNCTION sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON sales_earnedline FOR EACH STATEMENT
    EXECUTE FUNCTION sales_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0004_deliveries"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    reviewed = {"raw-sql": "a view, which stores nothing, and triggers on a table just made and empty"}
    operations = [
        migrations.AddField(
            "returnline",
            "cost",
            models.DecimalField(
                decimal_places=6, default=Decimal(0), max_digits=20, verbose_name="cost of the goods"
            ),
        ),
        migrations.CreateModel(
            "EarnedLine",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("business_date", models.DateField(verbose_name="business date")),
                ("earned_at", models.DateTimeField(verbose_name="when")),
                ("quantity", models.DecimalField(decimal_places=4, max_digits=18, verbose_name="quantity")),
                ("list_amount", models.BigIntegerField(verbose_name="at list price")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("tax_amount", models.BigIntegerField(verbose_name="tax contained")),
                (
                    "cost",
                    models.DecimalField(
                        decimal_places=6, default=Decimal(0), max_digits=20, verbose_name="cost of the goods"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="earned",
                        to="sales.orderline",
                        verbose_name="line of an order",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stores.store",
                        verbose_name="store",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivered part of a line",
                "ordering": ["line", "id"],
                "indexes": [models.Index(fields=["store", "business_date"], name="sales_earned_of_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(quantity__gt=0, list_amount__gte=0, amount__gte=0, tax_amount__gte=0),
                        name="sales_earnedline_amounts",
                    )
                ],
            },
        ),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunSQL(VIEW, "DROP VIEW sales_turnover"),
        migrations.CreateModel(
            "Turnover",
            [
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "line of a report",
                "db_table": "sales_turnover",
                "ordering": ["-occurred_at", "-id"],
                "managed": False,
            },
        ),
    ]
