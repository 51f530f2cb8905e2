"""The tables of the ledger; what guards them follows in 0002."""

from __future__ import annotations

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

PROTECT = django.db.models.deletion.PROTECT
PK = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def pair(*columns: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(*columns, blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", PK),
                ("code", models.CharField(max_length=40)),
                ("side", models.SmallIntegerField(choices=[(1, "DEBIT"), (-1, "CREDIT")])),
                ("unit", models.CharField(max_length=40)),
                ("holder", models.CharField(blank=True, default="", max_length=120)),
                ("store_id", models.BigIntegerField(null=True)),
                ("legal_entity_id", models.BigIntegerField(null=True)),
                ("floor", models.BigIntegerField(null=True)),
                ("has_lots", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name": "ledger account",
                "verbose_name_plural": "ledger accounts",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("holder", "code", "unit", "legal_entity_id", "store_id"),
                        name="ledger_account_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(condition=Q(side__in=[1, -1]), name="ledger_account_side"),
                    models.CheckConstraint(
                        condition=Q(floor=None) | Q(floor__lte=0), name="ledger_account_floor"
                    ),
                    models.CheckConstraint(
                        condition=Q(has_lots=False) | Q(floor__isnull=False), name="ledger_lots_guarded"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountBalance",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=PROTECT,
                        primary_key=True,
                        related_name="guard",
                        serialize=False,
                        to="ledger.account",
                    ),
                ),
                ("balance", models.BigIntegerField()),
                ("floor", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(balance__gte=F("floor")), name="ledger_balance_not_below_floor"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BalanceSnapshot",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=PROTECT,
                        primary_key=True,
                        related_name="snapshot",
                        serialize=False,
                        to="ledger.account",
                    ),
                ),
                ("balance", models.BigIntegerField()),
                ("upto_id", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Transaction",
            fields=[
                ("id", PK),
                ("reference", models.CharField(max_length=200)),
                ("digest", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=60)),
                ("business_date", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("user_id", models.BigIntegerField(null=True)),
                ("operation", models.CharField(max_length=80)),
                ("memo", models.JSONField(default=dict)),
                (
                    "reverses",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=PROTECT,
                        related_name="reversals",
                        to="ledger.transaction",
                    ),
                ),
                (
                    "refunds",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=PROTECT,
                        related_name="partial_reversals",
                        to="ledger.transaction",
                    ),
                ),
            ],
            options={
                "verbose_name": "ledger transaction",
                "verbose_name_plural": "ledger transactions",
                "indexes": [
                    django.contrib.postgres.indexes.BrinIndex(
                        autosummarize=True, fields=["business_date"], name="ledger_transaction_date"
                    ),
                    models.Index(
                        condition=Q(refunds__isnull=False),
                        fields=["refunds"],
                        name="ledger_transaction_refunds",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("reference",), name="ledger_transaction_once"),
                    models.UniqueConstraint(
                        condition=Q(reverses__isnull=False),
                        fields=("reverses",),
                        name="ledger_transaction_reversed_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(reverses=None) | Q(refunds=None), name="ledger_transaction_one_origin"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("pk", pair("transaction_id", "account_id")),
                (
                    "transaction",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=PROTECT,
                        related_name="postings",
                        to="ledger.transaction",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=PROTECT,
                        related_name="postings",
                        to="ledger.account",
                    ),
                ),
                ("unit", models.CharField(max_length=40)),
                ("amount", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["account", "transaction"], include=("amount",), name="ledger_posting_account"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(condition=~Q(amount=0), name="ledger_posting_not_zero")
                ],
            },
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                ("id", PK),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=PROTECT,
                        related_name="lots",
                        to="ledger.account",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=PROTECT,
                        related_name="lots",
                        to="ledger.transaction",
                    ),
                ),
                ("quantity", models.BigIntegerField()),
                ("remaining", models.BigIntegerField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("source", models.CharField(blank=True, default="", max_length=120)),
                (
                    "reopens",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=PROTECT,
                        related_name="reopened_as",
                        to="ledger.lot",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account", "id"], name="ledger_lot_account"),
                    models.Index(condition=~Q(remaining=0), fields=["account"], name="ledger_lot_open"),
                    models.Index(
                        condition=Q(remaining__gt=0), fields=["expires_at"], name="ledger_lot_expiring"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(quantity__gt=0, remaining__gte=0, remaining__lte=F("quantity"))
                        | Q(quantity__lt=0, remaining__lte=0, remaining__gte=F("quantity")),
                        name="ledger_lot_remaining",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LotChange",
            fields=[
                ("pk", pair("transaction_id", "lot_id")),
                (
                    "transaction",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=PROTECT,
                        related_name="lot_changes",
                        to="ledger.transaction",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_constraint=False, on_delete=PROTECT, related_name="changes", to="ledger.lot"
                    ),
                ),
                ("quantity", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=~Q(quantity=0), name="ledger_lotchange_not_zero")
                ],
            },
        ),
        migrations.CreateModel(
            name="Closing",
            fields=[
                ("id", PK),
                ("closed_before", models.DateField(unique=True)),
                ("last_transaction_id", models.BigIntegerField()),
                ("closed_at", models.DateTimeField()),
                ("user_id", models.BigIntegerField(null=True)),
            ],
            options={"ordering": ["closed_before"]},
        ),
    ]
