"""Prices of precious metals that change by the day, and prices of a moment that were promised to somebody.

The board is append-only: what a store asked for a gram of gold on any day can be shown years later. A correction is a
row of its own with the reason."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.stores.models import Region, Store

VIEW = "catalog.view_products"


def scope_of(store_id: int | None, region_id: int | None) -> str:
    """Whose board a row belongs to, as one text that an index can hold: "store:3", "region:2", "" for the merchant."""
    if store_id is not None:
        return f"store:{store_id}"
    return "" if region_id is None else f"region:{region_id}"


class DayPriceQuerySet(models.QuerySet["DayPrice"]):
    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Rows of the merchant, and of stores and regions the actor reaches."""
        if not actor.can(permission):
            return self.none()
        reached = actor.stores_for(permission)
        if reached is None:
            return self
        regions = Region.objects.visible_to(actor, permission)
        return self.filter(Q(scope="") | Q(store__in=reached) | Q(region__in=regions))


class DayPrice(models.Model):
    """What a gram of a metal at a fineness costs from an instant on, and what is paid for old metal, in minor units per
    gram. Without `sell_amount` the store or region follows the wider board again from then on."""

    metal = models.CharField(_("metal"), max_length=12)
    fineness = models.PositiveSmallIntegerField(_("fineness"))
    store = models.ForeignKey(
        Store,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("store"),
    )
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("region"),
    )
    scope = models.CharField(max_length=32, blank=True, editable=False)
    currency = models.CharField(_("currency"), max_length=3)
    sell_amount = models.BigIntegerField(_("price per gram"), null=True)
    buy_back_amount = models.BigIntegerField(_("buy-back price per gram"), null=True)
    from_at = models.DateTimeField(_("from"))
    set_at = models.DateTimeField(_("set"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = DayPriceQuerySet.as_manager()

    class Meta:
        verbose_name = _("price of the day")
        verbose_name_plural = _("prices of the day")
        constraints = [
            models.CheckConstraint(
                condition=Q(store=None, region=None, scope="")
                | Q(store__isnull=False, region=None, scope__startswith="store:")
                | Q(store=None, region__isnull=False, scope__startswith="region:"),
                name="day_price_scope",
            ),
            models.CheckConstraint(
                condition=Q(sell_amount__isnull=False, sell_amount__gt=0)
                | (Q(sell_amount=None, buy_back_amount=None) & ~Q(scope="")),
                name="day_price_positive",
            ),
            models.CheckConstraint(
                condition=Q(buy_back_amount=None)
                | Q(buy_back_amount__gte=0, buy_back_amount__lte=F("sell_amount")),
                name="day_price_buy_back_below_sell",
            ),
            models.CheckConstraint(
                condition=Q(fineness__gt=0, fineness__lte=1000), name="day_price_fineness_in_permille"
            ),
            models.CheckConstraint(
                condition=Q(corrects=None) | ~Q(reason=""), name="day_price_correction_reason"
            ),
        ]
        indexes = [
            models.Index(
                F("metal"),
                F("fineness"),
                F("scope"),
                F("from_at").desc(),
                F("id").desc(),
                name="day_price_board",
            )
        ]

    def __str__(self) -> str:
        return f"{self.metal} {self.fineness}"


class DayPriceLockQuerySet(models.QuerySet["DayPriceLock"]):
    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Locks of stores the actor reaches."""
        if not actor.can(permission):
            return self.none()
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(store__in=reached)

    def holding(self, at: datetime) -> Self:
        """Those that still bind at an instant."""
        return self.filter(Q(released_at=None) | Q(released_at__gt=at), locked_at__lte=at, until__gt=at)


class DayPriceLock(models.Model):
    """A price per gram promised under a reference (a quote, a deposit) until an instant."""

    reference = models.CharField(_("reference"), max_length=120, unique=True)
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", verbose_name=_("store"))
    day_price = models.ForeignKey(DayPrice, models.PROTECT, related_name="+", db_index=False)
    metal = models.CharField(_("metal"), max_length=12)
    fineness = models.PositiveSmallIntegerField(_("fineness"))
    currency = models.CharField(_("currency"), max_length=3)
    sell_amount = models.BigIntegerField(_("price per gram"))
    locked_at = models.DateTimeField(_("locked"))
    until = models.DateTimeField(_("until"))
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    objects = DayPriceLockQuerySet.as_manager()

    class Meta:
        verbose_name = _("locked price")
        verbose_name_plural = _("locked prices")
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("locked_at")), name="day_price_lock_forward"),
            models.CheckConstraint(condition=Q(sell_amount__gt=0), name="day_price_lock_positive"),
        ]

    def __str__(self) -> str:
        return self.reference

    def is_holding(self, at: datetime) -> bool:
        """Whether it still binds at an instant."""
        return self.locked_at <= at < self.until and (self.released_at is None or at < self.released_at)
