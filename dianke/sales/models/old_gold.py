"""Old metal a customer gives in part payment: what was tested, by which price it counted, and the payment it became."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.core.ids import uuid7
from dianke.sales.models.orders import Order
from dianke.sales.models.payments import Payment
from dianke.sales.models.visible import OfStoreQuerySet


class OldGold(models.Model):
    """Weights are milligrams, fineness permille, amounts minor units (`price_amount` per gram of metal of
    `price_fineness`). Once it is paid for with, the row stands."""

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=40, unique=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="old_gold", verbose_name=_("order"))
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"))
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="+", verbose_name=_("payment"))
    description = models.CharField(_("what it is"), max_length=120)
    metal = models.CharField(_("metal"), max_length=12)
    fineness = models.PositiveSmallIntegerField(_("tested fineness"))
    weight_mg = models.PositiveBigIntegerField(_("tested weight (mg)"))
    loss_bp = models.PositiveIntegerField(_("loss"), default=0)
    price_amount = models.BigIntegerField(_("price per gram"))
    price_fineness = models.PositiveSmallIntegerField(_("fineness of the price"))
    day_price = models.ForeignKey(
        "catalog.DayPrice", models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(_("why another price"), max_length=200, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.BigIntegerField(_("amount"))
    taken_at = models.DateTimeField(_("taken in"))
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["-taken_at", "-id"]
        verbose_name = _("old gold")
        verbose_name_plural = _("old gold")
        constraints = [
            models.CheckConstraint(
                condition=Q(weight_mg__gt=0, fineness__gt=0, fineness__lte=1000, price_amount__gt=0)
                & Q(amount__gt=0, loss_bp__lte=10_000),
                name="sales_oldgold_amounts",
            ),
            models.CheckConstraint(
                condition=Q(day_price__isnull=False) | ~Q(reason=""), name="sales_oldgold_by_hand_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.number
