"""Places goods move between, and whether one may be short of goods."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.stores.models import LegalEntity


class Policy(models.TextChoices):
    """What happens when more goes out than is known to be there."""

    BLOCK = "BLOCK", _("Refuse")
    WARN = "WARN", _("Allow and warn")
    ALLOW = "ALLOW", _("Allow")


class PlaceQuerySet(models.QuerySet["Place"]):
    def visible_to(self, actor: Actor, permission: str = "inventory.view_stock") -> Self:
        """Places of the stores the actor reaches, and the virtual ones of the entities that own these."""
        reached = actor.stores_for(permission)
        if reached is None:
            return self
        virtual = Q(store=None, legal_entity__in=LegalEntity.objects.filter(stores__in=reached))
        return self.filter(Q(store__in=reached) | virtual)

    def held(self) -> Self:
        """Those whose content is counted: shelves, goods under way, customers' goods."""
        return self.filter(kind__in=Place.HELD)


class Place(models.Model):
    """Where goods are, or come from, or go to. Everything but STOCK, TRANSIT and CUSTODY is the outside: nothing
    is counted there. STOCK and TRANSIT are the entity's own goods and are valued."""

    class Kind(models.TextChoices):
        STOCK = "STOCK", _("Stock")
        TRANSIT = "TRANSIT", _("Under way")
        CUSTODY = "CUSTODY", _("Customers' goods")
        SUPPLIER = "SUPPLIER", _("Suppliers")
        CUSTOMER = "CUSTOMER", _("Customers")
        LOSS = "LOSS", _("Missing")
        GAIN = "GAIN", _("Found")
        SCRAP = "SCRAP", _("Scrapped")
        CONSUMED = "CONSUMED", _("Used up")
        OPENING = "OPENING", _("Opening stock")

    HELD = (Kind.STOCK, Kind.TRANSIT, Kind.CUSTODY)
    VALUED = (Kind.STOCK, Kind.TRANSIT)
    #: One of each per legal entity.
    VIRTUAL = (
        Kind.TRANSIT,
        Kind.SUPPLIER,
        Kind.CUSTOMER,
        Kind.LOSS,
        Kind.GAIN,
        Kind.SCRAP,
        Kind.CONSUMED,
        Kind.OPENING,
    )

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    legal_entity = models.ForeignKey(
        "stores.LegalEntity", models.PROTECT, related_name="places", verbose_name=_("legal entity")
    )
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, null=True, related_name="places", verbose_name=_("store")
    )
    stock_place = models.OneToOneField(
        "stores.StockPlace", models.PROTECT, null=True, related_name="place", verbose_name=_("place of stock")
    )
    name = models.CharField(_("name"), max_length=40, blank=True)
    negative = models.CharField(
        _("when stock runs short"), max_length=5, choices=Policy.choices, default=Policy.BLOCK
    )

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["store", "id"]
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = [
            models.UniqueConstraint(
                fields=["legal_entity", "kind"], condition=Q(store=None), name="inventory_place_virtual_once"
            ),
            models.UniqueConstraint(
                fields=["store"],
                condition=Q(kind="CUSTODY", stock_place=None),
                name="inventory_place_custody_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="STOCK", store__isnull=False, stock_place__isnull=False)
                | Q(kind="CUSTODY", store__isnull=False)
                | (~Q(kind__in=["STOCK", "CUSTODY"]) & Q(store=None, stock_place=None)),
                name="inventory_place_of_store_or_virtual",
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.get_kind_display())

    @property
    def is_held(self) -> bool:
        return self.kind in self.HELD

    @property
    def is_valued(self) -> bool:
        return self.kind in self.VALUED


class NegativePolicy(models.Model):
    """An exception for a category (and what is below it) from what its place does, or all places do."""

    place = models.ForeignKey(Place, models.CASCADE, null=True, blank=True, verbose_name=_("place"))
    category = models.ForeignKey("catalog.Category", models.CASCADE, verbose_name=_("category"))
    policy = models.CharField(_("when stock runs short"), max_length=5, choices=Policy.choices)

    class Meta:
        verbose_name = _("exception for a category")
        constraints = [
            models.UniqueConstraint(
                fields=["category", "place"], nulls_distinct=False, name="inventory_negativepolicy_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.get_policy_display())
