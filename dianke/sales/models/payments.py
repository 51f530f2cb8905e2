"""How orders are paid: kinds of payment, payments, refunds, who may pay later, and what the channels say."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.ids import uuid7
from dianke.sales.models.orders import Order
from dianke.sales.models.visible import VIEW, OfOrderQuerySet


class TenderQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """The merchant's, whole, for who sees orders."""
        return self if actor.can(permission) else self.none()

    def in_use(self) -> Self:
        return self.filter(is_active=True)


class Tender(models.Model):
    """A kind of payment. `adapter` names the code that knows how it works; `account` the ledger account its money goes
    to. A refund goes back the way it came, the smallest `refund_rank` last; when that fails or is later than
    `refund_days`, by `fallback`."""

    class Account(models.TextChoices):
        CASH = "cash", _("Cash in the drawer")
        CLEARING = "clearing", _("Under way through a channel")
        BANK = "bank", _("Bank account")
        WALLET = "wallet", _("Stored value of the customer")
        EXCHANGE = "exchange", _("Goods given back in exchange")
        RECEIVABLE = "receivable", _("Owed by the customer")
        OLD_METAL = "old_metal", _("Old gold taken in")

    code = models.CharField(_("code"), max_length=16, unique=True)
    name = models.CharField(_("name"), max_length=40)
    adapter = models.CharField(max_length=16)
    account = models.CharField(max_length=12, choices=Account.choices)
    is_active = models.BooleanField(_("in use"), default=True)
    needs_reference = models.BooleanField(_("asks for the number of the payment"), default=False)
    gives_change = models.BooleanField(default=False)
    refund_rank = models.PositiveSmallIntegerField(default=50)
    refund_days = models.PositiveSmallIntegerField(_("can be refunded for days"), null=True, blank=True)
    fallback = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("otherwise refund by")
    )
    position = models.PositiveSmallIntegerField(default=0)

    objects = TenderQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("kind of payment")
        verbose_name_plural = _("kinds of payment")

    def __str__(self) -> str:
        return self.name


class Payment(models.Model):
    """Money taken for an order. `amount` counts for the order; of cash, `tendered_amount` was handed over and
    `change_amount` given back. UNKNOWN: the channel did not answer; it is asked before anything is done again. What a
    channel has not confirmed is in no book yet."""

    class State(models.TextChoices):
        PENDING = "PENDING", pgettext_lazy("state of a payment", "Waiting for the customer")
        UNKNOWN = "UNKNOWN", pgettext_lazy("state of a payment", "No answer from the channel")
        TAKEN = "TAKEN", pgettext_lazy("state of a payment", "Paid")
        FAILED = "FAILED", pgettext_lazy("state of a payment", "Not paid")

    uuid = models.UUIDField(default=uuid7, unique=True)
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="payments", verbose_name=_("order"), db_index=False
    )
    position = models.PositiveSmallIntegerField()
    tender = models.ForeignKey(
        Tender,
        models.PROTECT,
        related_name="+",
        verbose_name=_("kind of payment"),
        db_index=False,
        db_constraint=False,
    )
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.TAKEN)
    amount = models.BigIntegerField(_("amount"))
    tendered_amount = models.BigIntegerField(_("handed over"), default=0)
    change_amount = models.BigIntegerField(_("change"), default=0)
    refunded_amount = models.BigIntegerField(_("refunded"), default=0)
    reference = models.CharField(_("number of the payment"), max_length=64, blank=True)
    register = models.ForeignKey(
        "stores.Register",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("register"),
        db_index=False,
    )
    shift_id = models.BigIntegerField(null=True)
    business_date = models.DateField(_("business date"))
    taken_at = models.DateTimeField(_("paid at"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("taken by"),
        db_index=False,
        db_constraint=False,
    )
    problem = models.CharField(_("problem"), max_length=200, blank=True)
    data = models.JSONField(default=dict)

    objects = OfOrderQuerySet.as_manager()

    class Meta:
        ordering = ["order", "position"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="sales_payment_position"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, change_amount__gte=0, refunded_amount__gte=0)
                & Q(refunded_amount__lte=F("amount")),
                name="sales_payment_amounts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tender", "reference"], condition=~Q(reference=""), name="sales_payment_ref"
            ),
            models.Index(fields=["tender", "business_date"], name="sales_payment_of_day"),
            models.Index(
                fields=["state"], condition=Q(state__in=["PENDING", "UNKNOWN"]), name="sales_payment_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.position}"

    @property
    def left_amount(self) -> int:
        """What of it can still be given back."""
        return self.amount - self.refunded_amount if self.state == self.State.TAKEN else 0


class Refund(models.Model):
    """Money given back by one tender. The books say so from the moment it is promised; PENDING and FAILED ones are
    shown until the customer has it."""

    class State(models.TextChoices):
        PENDING = "PENDING", pgettext_lazy("state of a refund", "Under way")
        DONE = "DONE", pgettext_lazy("state of a refund", "Refunded")
        FAILED = "FAILED", pgettext_lazy("state of a refund", "Failed")

    uuid = models.UUIDField(default=uuid7, unique=True)
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="refunds", verbose_name=_("order"), db_index=False
    )
    sale_return = models.ForeignKey(
        "sales.SaleReturn",
        models.PROTECT,
        null=True,
        related_name="refunds",
        verbose_name=_("return"),
    )
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, related_name="refunds", verbose_name=_("payment")
    )
    tender = models.ForeignKey(
        Tender, models.PROTECT, related_name="+", verbose_name=_("kind of payment"), db_index=False
    )
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.DONE)
    amount = models.BigIntegerField(_("amount"))
    reference = models.CharField(_("number of the refund"), max_length=64, blank=True)
    register = models.ForeignKey(
        "stores.Register", models.PROTECT, null=True, related_name="+", db_index=False
    )
    shift_id = models.BigIntegerField(null=True)
    business_date = models.DateField(_("business date"))
    made_at = models.DateTimeField(_("since"))
    done_at = models.DateTimeField(_("refunded at"), null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(_("problem"), max_length=200, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("made by"),
        db_index=False,
    )

    objects = OfOrderQuerySet.as_manager()

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="sales_refund_amount"),
            models.CheckConstraint(
                condition=Q(state="DONE", done_at__isnull=False) | (~Q(state="DONE") & Q(done_at=None)),
                name="sales_refund_done_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["order", "id"], name="sales_refund_of_order"),
            models.Index(fields=["state"], condition=~Q(state="DONE"), name="sales_refund_open"),
            models.Index(fields=["tender", "business_date"], name="sales_refund_of_day"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.amount}"


class CreditTerms(models.Model):
    """How much a customer may owe a legal entity. The row is what two orders on account wait for."""

    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    legal_entity = models.ForeignKey(
        "stores.LegalEntity", models.PROTECT, related_name="+", verbose_name=_("seller"), db_index=False
    )
    limit_amount = models.BigIntegerField(_("may owe up to"))
    days = models.PositiveSmallIntegerField(_("days to pay"), default=30)
    is_blocked = models.BooleanField(_("blocked"), default=False)
    set_at = models.DateTimeField(_("since"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("set by")
    )

    class Meta:
        verbose_name = _("credit terms")
        constraints = [
            models.UniqueConstraint(fields=["customer", "legal_entity"], name="sales_creditterms_once"),
            models.CheckConstraint(condition=Q(limit_amount__gte=0), name="sales_creditterms_limit"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.limit_amount}"


class ChannelRow(models.Model):
    """One row of a channel's bill against ours. `amount` is signed: a refund is below zero. MISSING_HERE: the
    channel knows it and we do not; MISSING_THERE: we know it and the channel does not."""

    class State(models.TextChoices):
        MATCHED = "MATCHED", pgettext_lazy("row of a bill", "Matches")
        MISSING_HERE = "MISSING_HERE", pgettext_lazy("row of a bill", "Missing here")
        MISSING_THERE = "MISSING_THERE", pgettext_lazy("row of a bill", "Missing at the channel")
        AMOUNT_DIFFERS = "AMOUNT_DIFFERS", pgettext_lazy("row of a bill", "Amount differs")

    tender = models.ForeignKey(
        Tender, models.PROTECT, related_name="+", verbose_name=_("kind of payment"), db_index=False
    )
    legal_entity = models.ForeignKey(
        "stores.LegalEntity", models.PROTECT, related_name="+", verbose_name=_("receiver"), db_index=False
    )
    business_date = models.DateField(_("day of the bill"))
    reference = models.CharField(_("number at the channel"), max_length=64)
    channel_amount = models.BigIntegerField(_("amount at the channel"), null=True)
    our_amount = models.BigIntegerField(_("amount here"), null=True)
    state = models.CharField(_("state"), max_length=14, choices=State.choices)
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, related_name="channel_rows", verbose_name=_("payment")
    )
    refund = models.ForeignKey(
        Refund, models.PROTECT, null=True, related_name="channel_rows", verbose_name=_("refund")
    )
    compared_at = models.DateTimeField(_("compared"))

    class Meta:
        ordering = ["business_date", "reference", "id"]
        verbose_name = _("row of a bill")
        verbose_name_plural = _("rows of a bill")
        constraints = [
            models.UniqueConstraint(
                fields=["tender", "legal_entity", "business_date", "reference", "payment", "refund"],
                nulls_distinct=False,
                name="sales_channelrow_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tender_id} {self.reference}"
