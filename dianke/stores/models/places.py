"""Stores, and what stands in them: registers and places of stock."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.business_dates import business_date
from dianke.core.search_words import FoundByWords
from dianke.stores.models.organisation import LegalEntity, Region, Trade


class StoreQuerySet(models.QuerySet["Store"]):
    def visible_to(self, actor: Actor, permission: str = "stores.view_organisation") -> Self:
        """Stores the actor's grants of `permission` reach."""
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(pk__in=reached)

    def still_open(self) -> Self:
        """Those nobody has closed, or set to close."""
        return self.filter(closed_on=None)


class Store(FoundByWords):
    """A place where customers are served. `closing_hour` (0-11) ends the business day: at 2, a sale at 01:30
    belongs to the day before."""

    words_from = ("name", "short_name", "code")

    code = models.CharField(_("code"), max_length=12, unique=True)
    name = models.CharField(_("store name"), max_length=60)
    short_name = models.CharField(_("short name"), max_length=20)
    trade = models.CharField(_("trade"), max_length=16, choices=Trade.choices)
    legal_entity = models.ForeignKey(
        LegalEntity, on_delete=models.PROTECT, related_name="stores", verbose_name=_("legal entity")
    )
    region = models.ForeignKey(
        Region,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="stores",
        verbose_name=_("region"),
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    closing_hour = models.PositiveSmallIntegerField(_("day closes at"), default=0)
    province = models.CharField(_("province"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=20, blank=True)
    district = models.CharField(_("district"), max_length=20, blank=True)
    street = models.CharField(_("street and number"), max_length=120, blank=True)
    telephone = models.CharField(_("telephone"), max_length=32, blank=True)
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    is_demo = models.BooleanField(default=False, editable=False)

    objects = StoreQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        constraints = [
            models.CheckConstraint(condition=Q(closing_hour__lt=12), name="store_closing_hour_before_noon"),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="store_closes_after_opening",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name

    @property
    def address(self) -> str:
        """In one line, as Chinese addresses are written; a municipality is not named twice."""
        city = "" if self.city == self.province else self.city
        return f"{self.province}{city}{self.district}{self.street}"

    def business_date(self, instant: datetime) -> date:
        """The store's business date of an instant: by its zone and closing hour."""
        return business_date(instant, self.time_zone, time(self.closing_hour))


class OfStoreQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor, permission: str = "stores.view_organisation") -> Self:
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(store_id__in=reached)


class Register(models.Model):
    """A till or counter of a store."""

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="registers", verbose_name=_("store")
    )
    code = models.CharField(_("code"), max_length=12)
    name = models.CharField(_("name"), max_length=40)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["store", "code"]
        verbose_name = _("register")
        verbose_name_plural = _("registers")
        constraints = [
            models.UniqueConstraint(fields=["store", "code"], name="register_code_unique_in_store")
        ]

    def __str__(self) -> str:
        return self.name


class StockPlace(models.Model):
    """A named place of stock: the shop floor, a warehouse, the safe. Stock itself is the room `inventory`'s."""

    class Kind(models.TextChoices):
        SHOP_FLOOR = "SHOP_FLOOR", _("Shop floor")
        WAREHOUSE = "WAREHOUSE", _("Warehouse")
        SAFE = "SAFE", _("Safe")
        CUSTODY = "CUSTODY", _("Customers' goods")

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="stock_places", verbose_name=_("store")
    )
    name = models.CharField(_("name"), max_length=40)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.SHOP_FLOOR)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["store", "id"]
        verbose_name = _("place of stock")
        verbose_name_plural = _("places of stock")
        constraints = [
            models.UniqueConstraint(fields=["store", "name"], name="stock_place_name_unique_in_store")
        ]

    def __str__(self) -> str:
        return self.name
