"""Lines of past orders as files said them; and an import that is being taken back may delete the papers it wrote."""

from __future__ import annotations

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

LEAVES = """
-- A paper of a past order, while the import that wrote it is being taken back: its order came in with that import, or
-- the return that the paper belongs to did.
CREATE FUNCTION sales_import_leaves(place text, old jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE place
        WHEN 'sales_order' THEN sales_order_leaves((old ->> 'id')::bigint)
        WHEN 'sales_salereturn' THEN sales_return_leaves((old ->> 'id')::bigint)
        WHEN 'sales_returnline' THEN sales_return_leaves((old ->> 'sale_return_id')::bigint)
        WHEN 'sales_refund' THEN sales_return_leaves((old ->> 'sale_return_id')::bigint)
        WHEN 'sales_orderline' THEN sales_order_leaves((old ->> 'order_id')::bigint)
        WHEN 'sales_payment' THEN sales_order_leaves((old ->> 'order_id')::bigint)
        ELSE false END
$$;
CREATE OR REPLACE FUNCTION sales_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    IF TG_OP = 'DELETE' AND sales_import_leaves(TG_TABLE_NAME, to_jsonb(OLD)) THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: what was sold and paid stands', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Take it back by a return.';
END $$;
CREATE OR REPLACE FUNCTION sales_of_delivered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT stores_demo_leaves() AND EXISTS (
        SELECT FROM sales_orderline AS l WHERE l.id = OLD.line_id AND l.fulfilled_quantity > 0
           AND NOT sales_order_leaves(l.order_id)) THEN
        RAISE EXCEPTION 'DELETE on % refused: the goods were delivered', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
"""
OF_RUN = """
CREATE FUNCTION sales_order_leaves(wanted bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM sales_historyline AS h JOIN imports_importrun AS r ON r.id = h.run_id
                   WHERE h.order_id = wanted AND h.line_id IS NOT NULL AND r.state = 'UNDOING')
$$;
CREATE FUNCTION sales_return_leaves(wanted bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM sales_salereturn AS b JOIN imports_importrun AS r
                   ON r.id = (b.effects ->> 'import_run')::bigint
                   WHERE b.id = wanted AND r.state = 'UNDOING')
$$;
"""
BACK = """
CREATE OR REPLACE FUNCTION sales_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: what was sold and paid stands', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Take it back by a return.';
END $$;
CREATE OR REPLACE FUNCTION sales_of_delivered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT stores_demo_leaves() AND EXISTS (
        SELECT FROM sales_orderline AS l WHERE l.id = OLD.line_id AND l.fulfilled_quantity > 0) THEN
        RAISE EXCEPTION 'DELETE on % refused: the goods were delivered', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
DROP FUNCTION sales_import_leaves, sales_order_leaves, sales_return_leaves;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_names_begin"),
        ("customers", "0011_fill_six_digits"),
        ("imports", "0001_initial"),
        ("sales", "0009_how_long_quotes_hold"),
        ("stores", "0005_demo_leaves"),
    ]

    reviewed = {"raw-sql": "functions of triggers are written anew; no row is read"}
    operations = [
        migrations.CreateModel(
            name="HistoryItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40, verbose_name="code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("SINGLE", "The only name"),
                            ("CASE", "The only one in capitals"),
                            ("RECENT", "The newer name"),
                            ("FREQUENT", "The most frequent name"),
                            ("CODE", "No name was said"),
                            ("KNOWN", "Was here already"),
                        ],
                        max_length=8,
                        verbose_name="why",
                    ),
                ),
                ("names", models.JSONField(default=list, verbose_name="names said")),
                ("name_count", models.IntegerField(verbose_name="names")),
                ("line_count", models.IntegerField(verbose_name="lines")),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="imports.importrun",
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
                (
                    "variant",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.variant",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "goods of past orders",
                "verbose_name_plural": "goods of past orders",
                "ordering": ["-name_count", "-line_count", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "code"), name="sales_historyitem_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoryLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.IntegerField(verbose_name="row of the file")),
                ("number", models.CharField(max_length=40, verbose_name="number there")),
                ("code", models.CharField(max_length=40, verbose_name="code")),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="description")),
                ("quantity", models.DecimalField(decimal_places=4, max_digits=18, verbose_name="quantity")),
                (
                    "unit_price",
                    models.DecimalField(decimal_places=6, max_digits=18, verbose_name="unit price"),
                ),
                (
                    "discount",
                    models.DecimalField(
                        decimal_places=4, default=Decimal("0"), max_digits=18, verbose_name="discount"
                    ),
                ),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("who", models.CharField(blank=True, max_length=120, verbose_name="customer there")),
                ("country", models.CharField(blank=True, max_length=60, verbose_name="country or note")),
                ("seller_id", models.BigIntegerField(null=True)),
                ("tender", models.CharField(max_length=16, verbose_name="kind of payment")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("SALE", "Goods sold"),
                            ("FEE", "Fees"),
                            ("VOUCHER", "Vouchers sold"),
                            ("CANCELLATION", "Cancellations"),
                            ("RETURN", "Returns"),
                            ("FEE_BACK", "Fees given back"),
                            ("DISCOUNT", "Discounts"),
                            ("EXPENSE", "Expenses of the shop"),
                            ("CORRECTION", "Corrections"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "Waiting"),
                            ("IN_ORDER", "In an order"),
                            ("MATCHED", "Sale found"),
                            ("PARTLY", "Sale found in part"),
                            ("UNMATCHED", "Without a sale"),
                            ("APART", "Kept apart"),
                        ],
                        default="WAITING",
                        max_length=9,
                        verbose_name="what became of it",
                    ),
                ),
                (
                    "matched_quantity",
                    models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18),
                ),
                ("matched_amount", models.BigIntegerField(default=0)),
                ("digest", models.CharField(max_length=16)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sales.orderline",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sales.order",
                        verbose_name="order",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="imports.importrun",
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
                "verbose_name": "line of a past order",
                "verbose_name_plural": "lines of past orders",
                "ordering": ["run", "row"],
                "indexes": [
                    models.Index(fields=["store", "number"], name="sales_history_number"),
                    models.Index(
                        condition=models.Q(("state", "WAITING")),
                        fields=["run", "at", "number"],
                        name="sales_history_waiting",
                    ),
                    models.Index(
                        condition=models.Q(models.Q(("who", ""), _negated=True), ("line__isnull", False)),
                        fields=["store", "who", "code"],
                        name="sales_history_sold",
                    ),
                    models.Index(
                        condition=models.Q(("order__isnull", False)),
                        fields=["order"],
                        name="sales_history_of_order",
                    ),
                    models.Index(
                        condition=models.Q(("customer__isnull", False)),
                        fields=["customer"],
                        name="sales_history_of_customer",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "row"), name="sales_historyline_once")
                ],
            },
        ),
        migrations.RunSQL(OF_RUN + LEAVES, BACK),
    ]
