"""Tables of the ledger. A transaction is written once, with all its postings, by the function `ledger_post`
(migrations/0002_guards.py); triggers keep the rules of the README whoever writes. Only balances and what is
left of a lot are kept current, also by triggers, and both can be computed again from rows that never
change.
"""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.ledger import rules


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, actor: Actor) -> Self:
        """Accounts the actor may look at: all, those of its stores, or none."""
        stores = actor.stores_for("ledger.view_accounts")
        return self if stores is None else self.filter(store_id__in=stores)


class Account(models.Model):
    """One pocket of one unit. Never changed (but for `floor`) and never deleted.

    `code` is a row of `rules.CHART`. `holder` names whose it is, as events name subjects
    ("customers.account:12"); empty for the merchant's own. `floor` is the lowest balance allowed: an
    account that has one is guarded by a locked balance row; one without (cash, revenue) is summed and never
    locked. `has_lots`: what is in it lies in lots that may expire.
    """

    code = models.CharField(max_length=40)
    side = models.SmallIntegerField(choices=[(side.value, side.name) for side in rules.Side])
    unit = models.CharField(max_length=40)
    holder = models.CharField(max_length=120, default="", blank=True)
    store_id = models.BigIntegerField(null=True)
    legal_entity_id = models.BigIntegerField(null=True)
    floor = models.BigIntegerField(null=True)
    has_lots = models.BooleanField(default=False)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["holder", "code", "unit", "legal_entity_id", "store_id"],
                nulls_distinct=False,
                name="ledger_account_once",
            ),
            models.CheckConstraint(condition=Q(side__in=[1, -1]), name="ledger_account_side"),
            models.CheckConstraint(condition=Q(floor=None) | Q(floor__lte=0), name="ledger_account_floor"),
            models.CheckConstraint(
                condition=Q(has_lots=False) | Q(floor__isnull=False), name="ledger_lots_guarded"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.holder} {self.unit}"


class AccountBalance(models.Model):
    """The balance of an account with a floor: the row that two spenders of the same value queue for."""

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="guard")
    balance = models.BigIntegerField()
    floor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(balance__gte=F("floor")), name="ledger_balance_not_below_floor"
            ),
        ]


class BalanceSnapshot(models.Model):
    """Sum of an account without floor over the transactions up to `upto_id`, so that reading its balance
    only adds what came after. See docs/algorithms/ledger.md for why no late commit can be missed.
    """

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="snapshot")
    balance = models.BigIntegerField()
    upto_id = models.BigIntegerField()


class Transaction(models.Model):
    """A journal entry. `reference` is the business key of what caused it ("sales.sale:812/points"): a
    second one is answered with the first. `reverses` takes back all that is left of a transaction, once;
    `refunds` a part of it.
    """

    reference = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=60)
    business_date = models.DateField()
    recorded_at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)
    operation = models.CharField(max_length=80)
    memo = models.JSONField(default=dict)
    reverses = models.ForeignKey("self", models.PROTECT, null=True, related_name="reversals", db_index=False)
    refunds = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="partial_reversals", db_index=False
    )

    class Meta:
        verbose_name = _("ledger transaction")
        verbose_name_plural = _("ledger transactions")
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="ledger_transaction_once"),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=Q(reverses__isnull=False),
                name="ledger_transaction_reversed_once",
            ),
            models.CheckConstraint(
                condition=Q(reverses=None) | Q(refunds=None), name="ledger_transaction_one_origin"
            ),
        ]
        indexes = [
            BrinIndex(fields=["business_date"], autosummarize=True, name="ledger_transaction_date"),
            models.Index(
                fields=["refunds"], condition=Q(refunds__isnull=False), name="ledger_transaction_refunds"
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Posting(models.Model):
    """What a transaction changes on one account, in minor units, seen from the account (+ more, - less).

    The references are checked by a trigger at insert, set-based: accounts and transactions cannot be
    deleted, and foreign keys would lock the row of a busy account for every sale.
    """

    pk = models.CompositePrimaryKey("transaction_id", "account_id")
    transaction = models.ForeignKey(
        Transaction, models.PROTECT, related_name="postings", db_constraint=False, db_index=False
    )
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="postings", db_constraint=False, db_index=False
    )
    unit = models.CharField(max_length=40)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="ledger_posting_not_zero")]
        indexes = [
            models.Index(fields=["account", "transaction"], include=["amount"], name="ledger_posting_account")
        ]


class Lot(models.Model):
    """Points or sessions that came together and expire together (`expires_at` None: never).

    `remaining` is the sum of its changes. A lot with a negative quantity is a debt: spent beyond what was
    there. `reopens` is the expired lot whose content this one gives back for a time of grace. `source` says
    in the words of the room above what it was granted for.
    """

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="lots", db_constraint=False, db_index=False
    )
    transaction = models.ForeignKey(
        Transaction, models.PROTECT, related_name="lots", db_constraint=False, db_index=False
    )
    quantity = models.BigIntegerField()
    remaining = models.BigIntegerField()
    expires_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=120, default="", blank=True)
    reopens = models.ForeignKey("self", models.PROTECT, null=True, related_name="reopened_as", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, remaining__gte=0, remaining__lte=F("quantity"))
                | Q(quantity__lt=0, remaining__lte=0, remaining__gte=F("quantity")),
                name="ledger_lot_remaining",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "id"], name="ledger_lot_account"),
            models.Index(fields=["account"], condition=~Q(remaining=0), name="ledger_lot_open"),
            models.Index(fields=["expires_at"], condition=Q(remaining__gt=0), name="ledger_lot_expiring"),
        ]

    def __str__(self) -> str:
        return f"{self.remaining}/{self.quantity}"


class LotChange(models.Model):
    """What a transaction put into a lot (+) or took out of it (-). Per account they add up to its posting."""

    pk = models.CompositePrimaryKey("transaction_id", "lot_id")
    transaction = models.ForeignKey(
        Transaction, models.PROTECT, related_name="lot_changes", db_constraint=False, db_index=False
    )
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="changes", db_constraint=False)
    quantity = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(quantity=0), name="ledger_lotchange_not_zero")]


class Closing(models.Model):
    """The books are closed for business dates before `closed_before`; the latest row counts, reopening
    removes it. No transaction after `last_transaction_id` has an earlier date.
    """

    closed_before = models.DateField(unique=True)
    last_transaction_id = models.BigIntegerField()
    closed_at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["closed_before"]

    def __str__(self) -> str:
        return self.closed_before.isoformat()
