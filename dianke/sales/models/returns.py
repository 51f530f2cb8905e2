"""Goods that come back: one document for a return, an exchange and the cancellation of what was delivered."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.ids import uuid7
from dianke.sales.models.lines import OrderLine
from dianke.sales.models.orders import Order
from dianke.sales.models.visible import OfStoreQuerySet


class SaleReturn(models.Model):
    """`goods_amount` is what the goods given back had cost, `withheld_amount` what of it is kept because what
    stays would have cost more (an offer that no longer holds; a later return may set it free),
    `kept_points_amount` what is kept for points already spent; `refund_amount` is the rest, `exchange_amount`
    the part of it that went into `exchange`. `effects` is what was shown before, and what was done."""

    class Kind(models.TextChoices):
        RETURN = "RETURN", pgettext_lazy("kind of return", "Return")
        EXCHANGE = "EXCHANGE", pgettext_lazy("kind of return", "Exchange")
        CANCELLATION = "CANCELLATION", pgettext_lazy("kind of return", "Cancellation")
        NO_RECEIPT = "NO_RECEIPT", pgettext_lazy("kind of return", "Return without receipt")

    uuid = models.UUIDField(default=uuid7, unique=True)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    number = models.CharField(_("number"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.RETURN)
    order = models.ForeignKey(Order, models.PROTECT, related_name="returns", verbose_name=_("order"))
    exchange = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="exchange_of", verbose_name=_("taken instead")
    )
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"), db_index=False
    )
    goods_amount = models.BigIntegerField(_("worth of the goods"))
    tax_amount = models.BigIntegerField(default=0)
    withheld_amount = models.BigIntegerField(_("promotion that no longer holds"), default=0)
    kept_points_amount = models.BigIntegerField(_("for points already spent"), default=0)
    refund_amount = models.BigIntegerField(_("to be refunded"))
    exchange_amount = models.BigIntegerField(_("put into the exchange"), default=0)
    clawed_points = models.BigIntegerField(_("points taken back"), default=0)
    given_points = models.BigIntegerField(_("points given back"), default=0)
    effects = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=200)
    business_date = models.DateField(_("business date"))
    occurred_at = models.DateTimeField(_("when"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("taken by"),
        db_index=False,
    )

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_at", "-id"]
        verbose_name = pgettext_lazy("of a sale", "return")
        verbose_name_plural = pgettext_lazy("of a sale", "returns")
        constraints = [
            models.CheckConstraint(
                condition=Q(goods_amount__gte=0, refund_amount__gte=0, kept_points_amount__gte=0),
                name="sales_salereturn_amounts",
            ),
        ]
        indexes = [
            models.Index(fields=["store", "-occurred_at", "-id"], name="sales_return_of_store"),
            models.Index(fields=["business_date"], name="sales_return_of_day"),
        ]

    def __str__(self) -> str:
        return self.number


class ReturnLine(models.Model):
    """So much of a line came back, for `amount`. A quantity of 0 settles what an earlier return of the line
    was not given; `is_restocked`: onto the shelf, where it is worth `cost` (yuan) again."""

    sale_return = models.ForeignKey(SaleReturn, models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="returns")
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    amount = models.BigIntegerField(_("amount"))
    tax_amount = models.BigIntegerField(default=0)
    is_restocked = models.BooleanField(_("back onto the shelf"), default=True)
    cost = models.DecimalField(_("cost of the goods"), max_digits=20, decimal_places=6, default=Decimal(0))

    class Meta:
        ordering = ["sale_return", "id"]
        verbose_name = _("line of a return")
        constraints = [
            models.UniqueConstraint(fields=["sale_return", "line"], name="sales_returnline_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=0, amount__gte=0), name="sales_returnline_amounts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sale_return_id}: {self.line_id}"
