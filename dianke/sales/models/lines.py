"""Lines of orders: what was ordered, why it costs what it costs, who sold it, what left the shelf for it."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.sales.models.orders import Order


class OrderLine(models.Model):
    """`paid_amount` is `list_amount` plus all adjustments; `tax_amount` is contained in it. Of `quantity`
    were `fulfilled_quantity` delivered, of those `returned_quantity` came back for `returned_amount`. `cost`
    is what the goods delivered were worth, in yuan. `key` is the caller's name of the line."""

    class Kind(models.TextChoices):
        GOODS = "GOODS", pgettext_lazy("line of an order", "Goods")
        PIECE = "PIECE", pgettext_lazy("line of an order", "Single piece")
        SERVICE = "SERVICE", pgettext_lazy("line of an order", "Service")
        BUNDLE = "BUNDLE", pgettext_lazy("line of an order", "Bundle")
        FEE = "FEE", pgettext_lazy("line of an order", "Fee")
        TOP_UP = "TOP_UP", pgettext_lazy("line of an order", "Top-up")
        CARD = "CARD", pgettext_lazy("line of an order", "Session card")
        LEVEL = "LEVEL", pgettext_lazy("line of an order", "Member level")

    #: What is sold to a customer alone, and only as a whole sale.
    OF_CUSTOMER = (Kind.TOP_UP, Kind.CARD, Kind.LEVEL)

    order = models.ForeignKey(
        Order, models.CASCADE, related_name="lines", verbose_name=_("order"), db_index=False
    )
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=40)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices, default=Kind.GOODS)
    variant = models.ForeignKey(
        "catalog.Variant",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("product"),
        db_index=False,
    )
    piece = models.ForeignKey(
        "catalog.Piece", models.PROTECT, null=True, related_name="+", verbose_name=_("piece"), db_index=False
    )
    name = models.CharField(_("name"), max_length=200)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    list_price_amount = models.BigIntegerField(_("list price"))
    list_amount = models.BigIntegerField(_("at list price"))
    paid_amount = models.BigIntegerField(_("to be paid"))
    tax_rate_bp = models.PositiveIntegerField(_("tax in basis points"), default=0)
    tax_amount = models.BigIntegerField(_("tax contained"), default=0)
    is_gift = models.BooleanField(_("gift"), default=False)
    earned_points = models.BigIntegerField(default=0)
    cost = models.DecimalField(_("cost of the goods"), max_digits=20, decimal_places=6, default=Decimal(0))
    fulfilled_quantity = models.DecimalField(
        _("delivered"), max_digits=18, decimal_places=4, default=Decimal(0)
    )
    returned_quantity = models.DecimalField(
        pgettext_lazy("of an order line", "returned"), max_digits=18, decimal_places=4, default=Decimal(0)
    )
    returned_amount = models.BigIntegerField(default=0)
    returned_tax_amount = models.BigIntegerField(default=0)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["order", "position"]
        verbose_name = _("line of an order")
        verbose_name_plural = _("lines of an order")
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="sales_orderline_position"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="sales_orderline_quantity"),
            models.CheckConstraint(
                condition=Q(list_amount__gte=0, paid_amount__gte=0, tax_amount__gte=0)
                & Q(tax_amount__lte=F("paid_amount")),
                name="sales_orderline_amounts",
            ),
            models.CheckConstraint(
                condition=Q(fulfilled_quantity__gte=0, fulfilled_quantity__lte=F("quantity"))
                & Q(returned_quantity__gte=0, returned_quantity__lte=F("fulfilled_quantity")),
                name="sales_orderline_never_more",
            ),
            models.CheckConstraint(
                condition=Q(returned_amount__gte=0, returned_amount__lte=F("paid_amount"))
                & Q(returned_tax_amount__gte=0, returned_tax_amount__lte=F("tax_amount")),
                name="sales_orderline_returns_what_was_paid",
            ),
        ]
        indexes = [models.Index(fields=["variant", "-order"], name="sales_orderline_of_goods")]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.position}"

    @property
    def is_prepaid(self) -> bool:
        """Money for it is no revenue: it becomes a balance of the customer."""
        return self.kind in (self.Kind.TOP_UP, self.Kind.CARD)

    @property
    def is_of_customer(self) -> bool:
        """It becomes something the customer has: paid at once, and nothing offers make cheaper."""
        return self.kind in self.OF_CUSTOMER

    @property
    def open_quantity(self) -> Decimal:
        """What is still to be delivered."""
        return self.quantity - self.fulfilled_quantity

    @property
    def kept_quantity(self) -> Decimal:
        """What was delivered and not brought back."""
        return self.fulfilled_quantity - self.returned_quantity


class LineAdjustment(models.Model):
    """Why a line costs something else than its list price: `amount` below zero is less. `source` names what caused it
    ("promotion:3", "coupon:9", "member", "manual", "points", "rounding", "session:4", "client")."""

    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="adjustments")
    position = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=16)
    source = models.CharField(max_length=60)
    reason = models.CharField(max_length=40, blank=True)
    values = models.JSONField(default=dict)
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        ordering = ["line", "position"]
        verbose_name = _("adjustment of a line")
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="sales_lineadjustment_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.amount}"


class LinePerson(models.Model):
    """Who sold or did a line, with which share in basis points; of one line they add up to the whole."""

    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="people")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"), db_index=False
    )
    share_bp = models.PositiveIntegerField(_("share"))

    class Meta:
        verbose_name = _("share of a line")
        constraints = [
            models.UniqueConstraint(fields=["line", "user"], name="sales_lineperson_once"),
            models.CheckConstraint(
                condition=Q(share_bp__gt=0, share_bp__lte=10_000), name="sales_lineperson_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.share_bp}"


class LineIssue(models.Model):
    """What left the shelf for a line by which movement; `value` is what it cost (yuan, not below zero). Consumables of
    a service stay used up (`is_consumed`): they do not come back."""

    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="issues")
    movement_id = models.BigIntegerField()
    variant = models.ForeignKey("catalog.Variant", models.PROTECT, related_name="+", db_index=False)
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    value = models.DecimalField(max_digits=20, decimal_places=6, default=Decimal(0))
    is_consumed = models.BooleanField(default=False)
    returned_quantity = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))

    class Meta:
        ordering = ["line", "id"]
        verbose_name = _("goods of a line")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, returned_quantity__gte=0, returned_quantity__lte=F("quantity")),
                name="sales_lineissue_never_more",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.movement_id}"
