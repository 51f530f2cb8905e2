"""Suppliers, and what they ask for which goods from when to when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.custom_fields import CustomFieldsModel, custom_fields_index
from dianke.core.encrypted_fields import BlindIndexField, EncryptedTextField, Sealed, last_four
from dianke.core.phone import parse as parse_phone
from dianke.core.search_words import FoundByWords, search_words_index
from dianke.stores.models import LegalEntity

VIEW = "purchasing.view_orders"
#: Prices of suppliers are what goods cost us.
COSTS = "catalog.view_costs"


class SupplierQuerySet(models.QuerySet["Supplier"]):
    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Suppliers that may deliver to an entity with a store the actor reaches."""
        reached = actor.stores_for(permission)
        if reached is None:
            return self
        if not reached:
            return self.none()
        bound = Supplier.legal_entities.through.objects.all()
        reachable = bound.filter(legalentity__stores__in=reached).values("supplier_id")
        return self.filter(~Q(pk__in=bound.values("supplier_id")) | Q(pk__in=reachable))

    def in_use(self) -> Self:
        """Those one may order from."""
        return self.filter(state=Supplier.State.ACTIVE)


class Supplier(FoundByWords, CustomFieldsModel, Sealed):
    """Who goods are bought from. Particulars of the firm are plain; the phone of a person there is encrypted.

    `lead_days` from order to delivery, `rating` 1 to 5 as the buyers see it (what deliveries say is in the performance
    report). `is_tax_deductible`: its invoices give the tax back, so that tax is no cost. `legal_entities`: those it
    may deliver to; none named means all.
    """

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", _("In use")
        PAUSED = "PAUSED", _("Paused")
        ARCHIVED = "ARCHIVED", _("Put away")

    class Terms(models.TextChoices):
        PREPAID = "PREPAID", _("Paid in advance")
        ON_DELIVERY = "ON_DELIVERY", _("Paid on delivery")
        DAYS = "DAYS", _("Days after the invoice")
        MONTH_END = "MONTH_END", _("Days after the end of the month")

    words_from = ("name", "short_name", "code", "tax_number")

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("registered name"), max_length=80)
    short_name = models.CharField(_("short name"), max_length=20)
    country = models.CharField(_("country"), max_length=2, default="CN")
    tax_number = models.CharField(_("tax number"), max_length=32, blank=True)
    contact_name = models.CharField(_("contact"), max_length=40, blank=True)
    contact_phone = EncryptedTextField(_("phone of the contact"), max_length=32, blank=True, null=True)
    contact_phone_exact = BlindIndexField(source="contact_phone")
    contact_phone_last4 = BlindIndexField(source="contact_phone", index="last4", bits=13, normalise=last_four)
    telephone = models.CharField(_("switchboard"), max_length=32, blank=True)
    order_email = models.EmailField(_("email for orders"), max_length=120, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    website = models.URLField(_("website"), max_length=200, blank=True)
    language = models.CharField(_("language of orders"), max_length=10, default="zh-hans")
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    payment_terms = models.CharField(_("payment"), max_length=11, choices=Terms.choices, default=Terms.DAYS)
    payment_days = models.PositiveSmallIntegerField(_("days to pay"), default=30)
    lead_days = models.PositiveSmallIntegerField(_("days to deliver"), default=7)
    minimum_order_amount = models.BigIntegerField(_("least order"), default=0)
    is_tax_deductible = models.BooleanField(_("invoices give the tax back"), default=False)
    rating = models.PositiveSmallIntegerField(_("rating"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    legal_entities = models.ManyToManyField(
        LegalEntity, blank=True, related_name="suppliers", verbose_name=_("delivers to")
    )
    created_at = models.DateTimeField(_("added"))

    objects = SupplierQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")
        constraints = [
            models.UniqueConstraint(
                fields=["country", "tax_number"],
                condition=~Q(tax_number=""),
                name="purchasing_supplier_tax_number_once",
            ),
            models.CheckConstraint(condition=~Q(code=""), name="purchasing_supplier_has_code"),
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__gte=1, rating__lte=5), name="purchasing_supplier_rating"
            ),
            models.CheckConstraint(
                condition=Q(minimum_order_amount__gte=0), name="purchasing_supplier_least_order"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ACTIVE", "PAUSED", "ARCHIVED"]), name="purchasing_supplier_state"
            ),
        ]
        indexes = [
            search_words_index("purchasing_supplier_words"),
            custom_fields_index("purchasing_supplier_custom"),
            models.Index(fields=["state", "code"], name="purchasing_supplier_of_state"),
        ]

    def __str__(self) -> str:
        return self.short_name

    @property
    def masked_phone(self) -> str:
        """ "138****8000"; empty when none is known."""
        return parse_phone(self.contact_phone).masked() if self.contact_phone else ""

    @property
    def may_be_ordered_from(self) -> bool:
        return self.state == self.State.ACTIVE


class SupplierPriceQuerySet(models.QuerySet["SupplierPrice"]):
    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Prices of suppliers the actor may see, for who may see what goods cost."""
        if not actor.can(COSTS):
            return self.none()
        if actor.stores_for(permission) is None:
            return self
        return self.filter(supplier__in=Supplier.objects.visible_to(actor, permission))

    def in_force(self, day: date) -> Self:
        return self.filter(Q(to_date=None) | Q(to_date__gt=day), from_date__lte=day)


def _only(name: str) -> Func:
    """The range that holds just the number in a column."""
    return Func(F(name), F(name), Value("[]"), function="int8range")


class SupplierPrice(models.Model):
    """`price_amount` minor units (tax included) for a pack of `pack_quantity` stock units, when at least
    `minimum_quantity` stock units are ordered; several rows with other minimums are a scale of prices. `lead_days`
    None: the supplier's. `run` brought it in; `before` is what the run changed, `is_touched` that somebody
    did since."""

    supplier = models.ForeignKey(
        Supplier, models.PROTECT, related_name="prices", verbose_name=_("supplier"), db_index=False
    )
    variant = models.ForeignKey(
        "catalog.Variant",
        models.PROTECT,
        related_name="supplier_prices",
        verbose_name=_("product"),
        db_index=False,
    )
    supplier_code = models.CharField(_("the supplier's code"), max_length=40, blank=True)
    pack_name = models.CharField(_("pack"), max_length=12, blank=True)
    pack_quantity = models.DecimalField(
        _("units in a pack"), max_digits=18, decimal_places=4, default=Decimal(1)
    )
    price_amount = models.BigIntegerField(_("price of a pack"))
    tax_rate_bp = models.PositiveIntegerField(_("tax in basis points"), default=0)
    minimum_quantity = models.DecimalField(
        _("from quantity"), max_digits=18, decimal_places=4, default=Decimal(0)
    )
    lead_days = models.PositiveSmallIntegerField(_("days to deliver"), null=True, blank=True)
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("to"), null=True, blank=True)
    run = models.ForeignKey("imports.ImportRun", models.PROTECT, null=True, related_name="+", db_index=False)
    before = models.JSONField(null=True)
    is_touched = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("added"))

    objects = SupplierPriceQuerySet.as_manager()

    class Meta:
        ordering = ["variant", "supplier", "-from_date", "minimum_quantity"]
        verbose_name = _("price of a supplier")
        verbose_name_plural = _("prices of suppliers")
        constraints = [
            # Whole numbers as ranges of one: GiST compares those without an extension.
            ExclusionConstraint(
                name="purchasing_price_once_at_a_time",
                expressions=[
                    (_only("supplier_id"), RangeOperators.OVERLAPS),
                    (_only("variant_id"), RangeOperators.OVERLAPS),
                    (
                        Func(F("minimum_quantity"), F("minimum_quantity"), Value("[]"), function="numrange"),
                        RangeOperators.OVERLAPS,
                    ),
                    (Func(F("from_date"), F("to_date"), function="daterange"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gt=F("from_date")),
                name="purchasing_price_period_forward",
            ),
            models.CheckConstraint(condition=Q(pack_quantity__gt=0), name="purchasing_price_pack"),
            models.CheckConstraint(condition=Q(price_amount__gte=0), name="purchasing_price_amount"),
            models.CheckConstraint(condition=Q(minimum_quantity__gte=0), name="purchasing_price_minimum"),
            models.CheckConstraint(condition=Q(tax_rate_bp__lte=10_000), name="purchasing_price_tax"),
        ]
        indexes = [
            models.Index(fields=["variant", "supplier", "-from_date"], name="purchasing_price_of_variant"),
            models.Index(fields=["supplier", "variant"], name="purchasing_price_of_supplier"),
            models.Index(
                fields=["supplier", "supplier_code"],
                condition=~Q(supplier_code=""),
                name="purchasing_price_by_their_code",
            ),
            models.Index(
                fields=["run", "id"], condition=Q(run__isnull=False), name="purchasing_price_of_run"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_id}/{self.variant_id} {self.from_date}"
