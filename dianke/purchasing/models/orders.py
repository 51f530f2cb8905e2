"""Purchase orders: what was ordered from whom for which store, and how far it has come."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.purchasing.models.suppliers import Supplier, SupplierPrice
from dianke.purchasing.models.visible import OfStoreQuerySet
from dianke.purchasing.rules.receiving import Expected


class OrderCounter(models.Model):
    """The last number given per store, kind of paper and year; its row is taken last in a transaction."""

    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "kind", "year"], name="purchasing_ordercounter_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class PurchaseOrderQuerySet(OfStoreQuerySet):
    """Reads as `PurchaseOrder.objects.visible_to(actor).under_way()`."""

    def under_way(self) -> Self:
        """Sent, and goods are still to come."""
        return self.filter(state__in=[PurchaseOrder.State.SENT, PurchaseOrder.State.PARTLY])


class PurchaseOrder(models.Model):
    """DRAFT → WAITING (a second person is asked) → APPROVED → SENT → PARTLY → DONE, or CANCELLED before goods came.

    `total_amount` and `tax_amount` (contained in it) are minor units of `currency`; `exchange_rate` is the price of one
    of it in the entity's currency. `revision` counts changes of what is ordered.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")
        WAITING = "WAITING", _("Waiting for approval")
        APPROVED = "APPROVED", _("Approved")
        SENT = "SENT", _("Sent")
        PARTLY = "PARTLY", _("Partly received")
        DONE = "DONE", _("Done")
        CANCELLED = "CANCELLED", _("Cancelled")

    class Channel(models.TextChoices):
        EMAIL = "EMAIL", _("By email")
        BY_HAND = "BY_HAND", _("By phone, chat or on paper")

    uuid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    number = models.CharField(_("number"), max_length=40, unique=True)
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, related_name="orders", verbose_name=_("supplier"), db_index=False
    )
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="+", verbose_name=_("for store"), db_index=False
    )
    stock_place = models.ForeignKey(
        "stores.StockPlace",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("delivered to"),
        db_index=False,
    )
    legal_entity = models.ForeignKey(
        "stores.LegalEntity", models.PROTECT, related_name="+", verbose_name=_("buyer"), db_index=False
    )
    plan = models.ForeignKey(
        "purchasing.PurchasePlan",
        models.PROTECT,
        null=True,
        related_name="orders",
        verbose_name=_("plan"),
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    expected_date = models.DateField(_("expected on"))
    currency = models.CharField(_("currency"), max_length=3)
    exchange_rate = models.DecimalField(
        _("exchange rate"), max_digits=18, decimal_places=8, default=Decimal(1)
    )
    is_tax_deductible = models.BooleanField(_("invoices give the tax back"), default=False)
    total_amount = models.BigIntegerField(_("total"), default=0)
    tax_amount = models.BigIntegerField(_("tax contained"), default=0)
    note = models.CharField(_("note for the supplier"), max_length=400, blank=True)
    revision = models.PositiveSmallIntegerField(default=1)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True)
    channel = models.CharField(_("sent"), max_length=7, choices=Channel.choices, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_reason = models.CharField(_("why it was closed"), max_length=200, blank=True)

    objects = PurchaseOrderQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["DRAFT", "WAITING", "APPROVED", "SENT", "PARTLY", "DONE", "CANCELLED"]
                ),
                name="purchasing_order_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["SENT", "PARTLY", "DONE"])
                | Q(approved_at__isnull=False, sent_at__isnull=False),
                name="purchasing_order_sent_was_approved",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["DONE", "CANCELLED"], closed_at__isnull=False)
                | (~Q(state__in=["DONE", "CANCELLED"]) & Q(closed_at=None)),
                name="purchasing_order_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(total_amount__gte=0, tax_amount__gte=0, tax_amount__lte=F("total_amount")),
                name="purchasing_order_amounts",
            ),
            models.CheckConstraint(condition=Q(exchange_rate__gt=0), name="purchasing_order_exchange_rate"),
        ]
        indexes = [
            models.Index(fields=["store", "-made_at", "-id"], name="purchasing_order_of_store"),
            models.Index(fields=["supplier", "-made_at", "-id"], name="purchasing_order_of_supplier"),
            models.Index(fields=["-made_at", "-id"], name="purchasing_order_newest"),
            models.Index(
                fields=["expected_date"],
                condition=Q(state__in=["SENT", "PARTLY"]),
                name="purchasing_order_expected",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def may_be_changed(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def may_be_received(self) -> bool:
        return self.state in (self.State.SENT, self.State.PARTLY)


class PurchaseOrderLine(models.Model):
    """`price_amount` is minor units for a pack of `pack_quantity`, tax included, as agreed when it was ordered.

    Of `quantity` were `received_quantity` taken in (`over_quantity` of it beyond what was ordered, with a reason), and
    `closed_quantity` is given up. `returned_quantity` went back for credit, `replaced_quantity` went back and is to
    come again.
    """

    order = models.ForeignKey(
        PurchaseOrder, models.CASCADE, related_name="lines", verbose_name=_("order"), db_index=False
    )
    position = models.PositiveSmallIntegerField()
    variant = models.ForeignKey(
        "catalog.Variant", models.PROTECT, related_name="+", verbose_name=_("product"), db_index=False
    )
    supplier_price = models.ForeignKey(
        SupplierPrice, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    supplier_code = models.CharField(_("the supplier's code"), max_length=40, blank=True)
    pack_name = models.CharField(_("pack"), max_length=12, blank=True)
    pack_quantity = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(1))
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    price_amount = models.BigIntegerField(_("price of a pack"))
    tax_rate_bp = models.PositiveIntegerField(_("tax in basis points"), default=0)
    total_amount = models.BigIntegerField(_("total"))
    received_quantity = models.DecimalField(
        _("received"), max_digits=18, decimal_places=4, default=Decimal(0)
    )
    over_quantity = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    closed_quantity = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    returned_quantity = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    replaced_quantity = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    invoiced_quantity = models.DecimalField(
        _("invoiced"), max_digits=18, decimal_places=4, default=Decimal(0)
    )
    note = models.CharField(_("note"), max_length=120, blank=True)

    class Meta:
        ordering = ["order", "position"]
        verbose_name = _("line of a purchase order")
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="purchasing_orderline_position"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, pack_quantity__gt=0, price_amount__gte=0, total_amount__gte=0),
                name="purchasing_orderline_amounts",
            ),
            models.CheckConstraint(
                condition=Q(
                    received_quantity__gte=0,
                    over_quantity__gte=0,
                    closed_quantity__gte=0,
                    returned_quantity__gte=0,
                    replaced_quantity__gte=0,
                    invoiced_quantity__gte=0,
                ),
                name="purchasing_orderline_counts",
            ),
            # Never more than was ordered, unless somebody said why.
            models.CheckConstraint(
                condition=Q(
                    received_quantity__lte=F("quantity") + F("over_quantity") + F("replaced_quantity")
                ),
                name="purchasing_orderline_never_more",
            ),
            models.CheckConstraint(
                condition=Q(received_quantity__gte=F("returned_quantity") + F("replaced_quantity")),
                name="purchasing_orderline_returned_what_came",
            ),
        ]
        indexes = [
            models.Index(fields=["variant", "order"], name="purchasing_orderline_of_goods"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.position}"

    @property
    def expected(self) -> Expected:
        """As the rules of receiving want it."""
        return Expected(self.quantity, self.received_quantity, self.replaced_quantity, self.closed_quantity)

    @property
    def open_quantity(self) -> Decimal:
        """What is still to come."""
        return self.expected.open

    @property
    def kept_quantity(self) -> Decimal:
        """What came and was not given back: what is to be paid."""
        return self.received_quantity - self.returned_quantity - self.replaced_quantity


class OrderMessage(models.Model):
    """An order on its way to the supplier by email: one row per time it was sent. `problem` is what the mail server
    said when it refused for good."""

    order = models.ForeignKey(PurchaseOrder, models.CASCADE, related_name="messages", verbose_name=_("order"))
    to = models.EmailField(_("to"), max_length=120)
    language = models.CharField(_("language"), max_length=10)
    revision = models.PositiveSmallIntegerField()
    queued_at = models.DateTimeField(_("queued"))
    sent_at = models.DateTimeField(_("sent"), null=True)
    failed_at = models.DateTimeField(_("refused"), null=True)
    problem = models.CharField(_("problem"), max_length=200, blank=True)

    class Meta:
        ordering = ["-queued_at", "-id"]
        verbose_name = _("order sent by email")
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(failed_at=None), name="purchasing_ordermessage_ends_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.queued_at}"
