"""The order: what a customer buys of which store, how far it has come, and how its money stands."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.ids import uuid7
from dianke.sales.models.visible import OfStoreQuerySet
from dianke.sales.rules.positions import Position


class OrderCounter(models.Model):
    """The last number given per store, kind of paper and business day; its row is taken last in a transaction."""

    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=4)
    day = models.DateField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "kind", "day"], name="sales_ordercounter_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}: {self.last}"


class OrderQuerySet(OfStoreQuerySet):
    """Reads as `Order.objects.visible_to(actor).open()`."""

    def open(self) -> Self:
        """Placed, and something is still to be done."""
        return self.exclude(state__in=["DRAFT", "CLOSED", "CANCELLED"])


class Order(models.Model):
    """Amounts are minor units of `currency`, tax included. `total_amount` is what is to be paid,
    `earned_amount` the worth of what was delivered and kept, `forfeited_amount` what of a deposit was lost,
    `paid_amount` what was taken less what was given back. What is paid and not earned is a deposit, what is
    earned and not paid is owed (`position`).

    `occurred_at` is when it was sold by the clock that counts, `device_at` by the clock of the till,
    `recorded_at` when the server wrote it. `digest` tells a repeat from another sale under the same UUID.
    """

    #: What was written with it (operations.writing.Written), on the instance that placed it only.
    written: Any = None

    class State(models.TextChoices):
        DRAFT = "DRAFT", pgettext_lazy("state of an order", "Draft")
        PLACED = "PLACED", pgettext_lazy("state of an order", "Placed")
        APPROVED = "APPROVED", pgettext_lazy("state of an order", "Approved")
        IN_PRODUCTION = "IN_PRODUCTION", pgettext_lazy("state of an order", "In production")
        READY = "READY", pgettext_lazy("state of an order", "Ready")
        SHIPPED = "SHIPPED", pgettext_lazy("state of an order", "Shipped")
        DELIVERED = "DELIVERED", pgettext_lazy("state of an order", "Delivered")
        INSTALLED = "INSTALLED", pgettext_lazy("state of an order", "Installed")
        CLOSED = "CLOSED", pgettext_lazy("state of an order", "Closed")
        CANCELLED = "CANCELLED", pgettext_lazy("state of an order", "Cancelled")

    class Channel(models.TextChoices):
        TILL = "TILL", pgettext_lazy("channel of an order", "Till")
        BACK_OFFICE = "BACK_OFFICE", pgettext_lazy("channel of an order", "Back office")
        QUOTE = "QUOTE", pgettext_lazy("channel of an order", "Quote")
        PORTAL = "PORTAL", pgettext_lazy("channel of an order", "Customer's phone")
        API = "API", pgettext_lazy("channel of an order", "Interface")

    class DepositKind(models.TextChoices):
        NONE = "", _("No deposit")
        EARNEST = "EARNEST", _("Earnest money")
        PREPAYMENT = "PREPAYMENT", _("Prepayment")

    uuid = models.UUIDField(default=uuid7, editable=False, unique=True)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    number = models.CharField(_("number"), max_length=40, unique=True)
    # No constraints on the rows every sale of a store names: each sale would lock them. They are read in the same
    # transaction, and Django refuses to delete them.
    store = models.ForeignKey(
        "stores.Store",
        models.PROTECT,
        related_name="+",
        verbose_name=_("store"),
        db_index=False,
        db_constraint=False,
    )
    legal_entity = models.ForeignKey(
        "stores.LegalEntity",
        models.PROTECT,
        related_name="+",
        verbose_name=_("seller"),
        db_index=False,
        db_constraint=False,
    )
    register = models.ForeignKey(
        "stores.Register",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("register"),
        db_index=False,
    )
    shift_id = models.BigIntegerField(null=True)
    device = models.ForeignKey(
        "access.Device", models.PROTECT, null=True, related_name="+", verbose_name=_("till"), db_index=False
    )
    device_sequence = models.BigIntegerField(null=True)
    channel = models.CharField(_("channel"), max_length=11, choices=Channel.choices, default=Channel.TILL)
    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("customer"),
        db_index=False,
    )
    state = models.CharField(_("state"), max_length=13, choices=State.choices, default=State.PLACED)
    stage = models.ForeignKey(
        "sales.Stage", models.PROTECT, null=True, related_name="+", verbose_name=_("stage"), db_index=False
    )
    business_date = models.DateField(_("business date"))
    occurred_at = models.DateTimeField(_("sold at"))
    device_at = models.DateTimeField(_("by the clock of the till"), null=True)
    recorded_at = models.DateTimeField(_("recorded"))
    is_offline = models.BooleanField(_("sold offline"), default=False)
    due_date = models.DateField(_("promised for"), null=True)
    currency = models.CharField(_("currency"), max_length=3)
    list_amount = models.BigIntegerField(_("list prices"), default=0)
    total_amount = models.BigIntegerField(_("total"), default=0)
    tax_amount = models.BigIntegerField(_("tax contained"), default=0)
    earned_amount = models.BigIntegerField(_("delivered"), default=0)
    forfeited_amount = models.BigIntegerField(_("deposit lost"), default=0)
    paid_amount = models.BigIntegerField(_("paid"), default=0)
    returned_amount = models.BigIntegerField(_("returned"), default=0)
    deposit_kind = models.CharField(
        _("deposit"), max_length=10, choices=DepositKind.choices, default=DepositKind.NONE, blank=True
    )
    deposit_amount = models.BigIntegerField(_("deposit agreed"), default=0)
    coupon_ids = models.JSONField(default=list)
    used_points = models.BigIntegerField(_("points used"), default=0)
    earned_points = models.BigIntegerField(_("points earned"), default=0)
    #: The cart as the engine saw it, with the offers that counted: what returned goods give back is worked out from it.
    cart = models.JSONField(default=dict)
    note = models.CharField(_("note"), max_length=400, blank=True)
    revision = models.PositiveSmallIntegerField(default=1)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("made by"),
        db_index=False,
        db_constraint=False,
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("approved by"),
        db_index=False,
    )
    approved_at = models.DateTimeField(_("approved"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_reason = models.CharField(_("why it was closed"), max_length=200, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_at", "-id"]
        verbose_name = pgettext_lazy("of a customer", "order")
        verbose_name_plural = pgettext_lazy("of a customer", "orders")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "DRAFT",
                        "PLACED",
                        "APPROVED",
                        "IN_PRODUCTION",
                        "READY",
                        "SHIPPED",
                        "DELIVERED",
                        "INSTALLED",
                        "CLOSED",
                        "CANCELLED",
                    ]
                ),
                name="sales_order_state",
            ),
            models.CheckConstraint(
                condition=Q(total_amount__gte=0, paid_amount__gte=0, earned_amount__gte=0)
                & Q(forfeited_amount__gte=0, returned_amount__gte=0, deposit_amount__gte=0),
                name="sales_order_amounts",
            ),
            models.CheckConstraint(
                condition=Q(earned_amount__lte=F("total_amount")), name="sales_order_earns_its_total"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["CLOSED", "CANCELLED"], closed_at__isnull=False)
                | (~Q(state__in=["CLOSED", "CANCELLED"]) & Q(closed_at=None)),
                name="sales_order_closed_has_time",
            ),
            # Nobody owes who is not known.
            models.CheckConstraint(
                condition=Q(customer__isnull=False)
                | Q(earned_amount__lte=F("paid_amount") - F("forfeited_amount")),
                name="sales_order_debtor_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["store", "-occurred_at", "-id"], name="sales_order_of_store"),
            models.Index(
                fields=["customer", "-occurred_at", "-id"],
                condition=Q(customer__isnull=False),
                name="sales_order_of_customer",
            ),
            models.Index(fields=["-occurred_at", "-id"], name="sales_order_newest"),
            # Reports read a day or a month of a store; every sale adds at its right edge.
            models.Index(fields=["store", "business_date"], include=["id"], name="sales_order_of_day"),
            models.Index(
                fields=["state", "due_date"],
                condition=~Q(state__in=["CLOSED", "CANCELLED"]),
                name="sales_order_open",
            ),
            models.Index(
                fields=["device", "device_sequence"],
                condition=Q(device__isnull=False),
                name="sales_order_of_device",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def key(self) -> str:
        """How the ledger, stock and other rooms refer to it: known before the row is."""
        return f"sales.order:{self.uuid}"

    @property
    def revision_key(self) -> str:
        """What coupons, promotions and kept goods are noted under: they are taken anew when the lines change."""
        return self.key if self.revision == 1 else f"{self.key}#{self.revision}"

    @property
    def position(self) -> Position:
        """Where its money stands."""
        return Position(self.paid_amount, self.earned_amount, self.forfeited_amount)

    @property
    def due_amount(self) -> int:
        """What is still to be paid for all that was ordered and not returned."""
        if self.state == self.State.CANCELLED:
            return 0
        if self.state == self.State.CLOSED:
            return self.position.receivable
        return max(0, self.total_amount - self.returned_amount - self.paid_amount + self.forfeited_amount)

    @property
    def is_open(self) -> bool:
        return self.state not in (self.State.DRAFT, self.State.CLOSED, self.State.CANCELLED)


class OrderChange(models.Model):
    """One change of an order: of its state, lines, day or money. Never changed afterwards."""

    class Kind(models.TextChoices):
        STATE = "STATE", pgettext_lazy("change of an order", "State")
        LINES = "LINES", pgettext_lazy("change of an order", "Lines")
        DUE_DATE = "DUE_DATE", pgettext_lazy("change of an order", "Promised day")
        TERMS = "TERMS", pgettext_lazy("change of an order", "Customer and terms")
        STAGE = "STAGE", pgettext_lazy("change of an order", "Stage")

    order = models.ForeignKey(Order, models.PROTECT, related_name="changes", verbose_name=_("order"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    before = models.CharField(_("before"), max_length=40, blank=True)
    after = models.CharField(_("after"), max_length=40, blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(_("when"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("who"),
        db_index=False,
    )

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("change of an order")

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind} {self.after}"


class OrderException(models.Model):
    """What somebody has to look at: a paid sale was accepted although something was not as it should be."""

    class Kind(models.TextChoices):
        PRICE = "PRICE", _("Sold at another price than the server's")
        STOCK = "STOCK", _("Sold goods that are not on hand")
        COUPON = "COUPON", _("Coupon or promotion could not be taken")
        WALLET = "WALLET", _("Stored value, session or points could not be taken")
        SEQUENCE = "SEQUENCE", _("Number of the till came twice")
        CLOCK = "CLOCK", _("Clock of the till is wrong")
        PAYMENT = "PAYMENT", _("Payment does not fit the total")
        PERIOD = "PERIOD", _("Came in after the day was closed")
        LIMIT = "LIMIT", _("Over the limits for selling offline")
        GRANT = "GRANT", _("Sold offline without valid limits")
        GOODS = "GOODS", _("Sold a product that is not known")

    order = models.ForeignKey(Order, models.PROTECT, related_name="exceptions", verbose_name=_("order"))
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    amount = models.BigIntegerField(_("amount"), default=0)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(_("when"))
    seen_at = models.DateTimeField(_("looked at"), null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("looked at by"),
        db_index=False,
    )
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("sale to be looked at")
        verbose_name_plural = _("sales to be looked at")
        indexes = [
            models.Index(fields=["store", "-at"], condition=Q(seen_at=None), name="sales_exception_open")
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind}"


class Instalment(models.Model):
    """What of an order is to be paid by when. What was paid covers the earliest first."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="instalments", verbose_name=_("order"))
    position = models.PositiveSmallIntegerField()
    due_date = models.DateField(_("due"))
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        ordering = ["order", "position"]
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="sales_instalment_position"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="sales_instalment_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.position}"
