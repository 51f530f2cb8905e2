"""Price lists: what is asked of a sale for a list to count, and the prices it gives. Which of several counts is
`rules/pricing.py`; every read of a price goes through `queries/prices.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor

VIEW, MANAGE = "catalog.view_products", "catalog.manage_prices"


class PriceListQuerySet(models.QuerySet["PriceList"]):
    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Lists of the merchant and of stores the actor reaches; what was agreed with one customer only for who
        manages prices."""
        if not actor.can(permission):
            return self.none()
        found = self if actor.can(MANAGE) else self.filter(contract_customer="")
        reached = actor.stores_for(permission)
        if reached is None:
            return found
        mine = PriceList.stores.through.objects.filter(store_id__in=reached)
        # Asked with IN, not with a join: a list of three stores is one row.
        everywhere = ~models.Exists(
            PriceList.stores.through.objects.filter(pricelist_id=models.OuterRef("pk"))
        )
        return found.filter(everywhere | Q(pk__in=mine.values("pricelist_id")))

    def in_force(self, at: datetime) -> Self:
        """Those that are active at an instant."""
        return self.filter(
            Q(from_at=None) | Q(from_at__lte=at),
            Q(to_at=None) | Q(to_at__gt=at),
            state=PriceList.State.ACTIVE,
        )


class PriceList(models.Model):
    """Prices for some sales. Empty stores, tiers, channels and customer ask for nothing; the period is `[from, to)`."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("Being prepared")
        ACTIVE = "ACTIVE", _("In use")
        ARCHIVED = "ARCHIVED", _("Archived")

    code = models.CharField(_("code"), max_length=24, unique=True)
    name = models.CharField(_("name"), max_length=60)
    currency = models.CharField(_("currency"), max_length=3)
    stores = models.ManyToManyField("stores.Store", blank=True, related_name="+", verbose_name=_("stores"))
    tiers = ArrayField(
        models.CharField(max_length=24), default=list, blank=True, verbose_name=_("member tiers")
    )
    channels = ArrayField(
        models.CharField(max_length=24), default=list, blank=True, verbose_name=_("channels")
    )
    contract_customer = models.CharField(_("customer of the contract"), max_length=120, blank=True)
    from_at = models.DateTimeField(_("from"), null=True, blank=True)
    to_at = models.DateTimeField(_("to"), null=True, blank=True)
    priority = models.SmallIntegerField(_("priority"), default=0)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = PriceListQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")
        constraints = [
            models.CheckConstraint(
                condition=Q(from_at=None) | Q(to_at=None) | Q(to_at__gt=F("from_at")),
                name="price_list_period_forward",
            ),
        ]
        indexes = [
            # Of thousands of contracts only those of the customer who asks are read (queries/prices.py).
            models.Index(
                fields=["currency", "contract_customer"],
                condition=Q(state="ACTIVE"),
                name="price_lists_that_may_apply",
            )
        ]

    def __str__(self) -> str:
        return self.name


class PriceListItemQuerySet(models.QuerySet["PriceListItem"]):
    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        return self.filter(price_list__in=PriceList.objects.visible_to(actor, permission))


class PriceListItem(models.Model):
    """A price of a list for exactly one variant, product or category: an amount (minor units, tax included) or a share
    of the base price (10000 is all of it), from a quantity on."""

    price_list = models.ForeignKey(
        PriceList, models.PROTECT, related_name="items", db_index=False, verbose_name=_("price list")
    )
    variant = models.ForeignKey(
        "catalog.Variant", models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    product = models.ForeignKey(
        "catalog.Product", models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    category = models.ForeignKey(
        "catalog.Category", models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    min_quantity = models.DecimalField(_("from quantity"), max_digits=18, decimal_places=4, default=0)
    price_amount = models.BigIntegerField(_("price"), null=True, blank=True)
    percent_bp = models.IntegerField(_("share of the base price"), null=True, blank=True)

    objects = PriceListItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.CheckConstraint(
                condition=Q(variant__isnull=False, product=None, category=None)
                | Q(variant=None, product__isnull=False, category=None)
                | Q(variant=None, product=None, category__isnull=False),
                name="price_item_names_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(price_amount__isnull=False, price_amount__gte=0, percent_bp=None)
                | Q(price_amount=None, percent_bp__isnull=False, percent_bp__gte=0, percent_bp__lte=100_000),
                name="price_item_amount_or_share",
            ),
            models.CheckConstraint(condition=Q(min_quantity__gte=0), name="price_item_quantity_positive"),
            # One price per list, thing and quantity; the same indexes answer the three parts of `prices_of`.
            models.UniqueConstraint(
                fields=["variant", "price_list", "min_quantity"],
                condition=Q(variant__isnull=False),
                name="price_item_of_variant",
            ),
            models.UniqueConstraint(
                fields=["product", "price_list", "min_quantity"],
                condition=Q(product__isnull=False),
                name="price_item_of_product",
            ),
            models.UniqueConstraint(
                fields=["category", "price_list", "min_quantity"],
                condition=Q(category__isnull=False),
                name="price_item_of_category",
            ),
        ]
        indexes = [models.Index(fields=["price_list", "id"], name="price_items_of_list")]


class PriceImport(models.Model):
    """What one row of an imported file did to a price, so that the import can be taken back: the price before (both
    empty: there was none) and after."""

    run = models.ForeignKey("imports.ImportRun", models.PROTECT, related_name="+", db_index=False)
    row = models.IntegerField()
    price_list = models.ForeignKey(PriceList, models.PROTECT, related_name="+", db_index=False)
    variant = models.ForeignKey("catalog.Variant", models.CASCADE, related_name="+")
    min_quantity = models.DecimalField(max_digits=18, decimal_places=4)
    before_amount = models.BigIntegerField(null=True)
    before_percent_bp = models.IntegerField(null=True)
    after_amount = models.BigIntegerField()

    objects: models.Manager[Any] = models.Manager()

    class Meta:
        verbose_name = _("imported price")
        verbose_name_plural = _("imported prices")
        constraints = [
            models.UniqueConstraint(fields=["run", "row"], name="price_import_once_per_row"),
        ]
