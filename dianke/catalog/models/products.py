"""The product: what is offered under one name. What is sold, stocked and scanned are its variants."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.models.categories import Brand, Category
from dianke.catalog.models.taxes import TaxClass
from dianke.catalog.models.units import Unit
from dianke.catalog.models.visible import CatalogQuerySet
from dianke.core.custom_fields import CustomFieldsModel, custom_fields_index
from dianke.core.ids import uuid7
from dianke.core.search_words import FoundByWords, search_words_index
from dianke.stores.models import Trade


class ProductQuerySet(CatalogQuerySet):
    """Reads as `Product.objects.visible_to(actor).in_use().in_branch(category)`."""

    def in_use(self) -> Self:
        """Without drafts and what was put away."""
        return self.filter(state__in=[Product.State.ACTIVE, Product.State.DISCONTINUED])

    def in_branch(self, category_id: int) -> Self:
        """Products of a category and of everything below it."""
        return self.filter(category_id__in=Category.objects.branch(category_id).values("pk"))


class Product(FoundByWords, CustomFieldsModel):
    """The kind never changes. `tracking` says whether stock is told apart by nothing, by batch or by single piece.
    `lead_days`: how long making to order takes before any option."""

    class Kind(models.TextChoices):
        GOODS = "GOODS", _("Goods")
        PIECE = "PIECE", _("Single pieces")
        SERVICE = "SERVICE", _("Service")
        BUNDLE = "BUNDLE", _("Bundle")
        MADE_TO_ORDER = "MADE_TO_ORDER", _("Made to order")

    class Tracking(models.TextChoices):
        NONE = "NONE", pgettext_lazy("stock is told apart by", "Quantity only")
        BATCH = "BATCH", pgettext_lazy("stock is told apart by", "Batch and expiry")
        PIECE = "PIECE", pgettext_lazy("stock is told apart by", "Single piece")

    class State(models.TextChoices):
        DRAFT = "DRAFT", pgettext_lazy("state of a product", "Draft")
        ACTIVE = "ACTIVE", pgettext_lazy("state of a product", "On offer")
        DISCONTINUED = "DISCONTINUED", pgettext_lazy("state of a product", "No more buying")
        ARCHIVED = "ARCHIVED", pgettext_lazy("state of a product", "Put away")

    words_from = ("name", "aliases", "code")

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=13, choices=Kind.choices, default=Kind.GOODS)
    code = models.CharField(_("product code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    aliases = models.CharField(_("also called"), max_length=160, blank=True)
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("category"),
        db_index=False,
    )
    brand = models.ForeignKey(
        Brand,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("brand"),
        db_index=False,
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("of goods", "unit"), db_index=False
    )
    tax_class = models.ForeignKey(
        TaxClass,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tax class"),
        db_index=False,
    )
    tracking = models.CharField(
        _("stock told apart by"), max_length=5, choices=Tracking.choices, default=Tracking.NONE
    )
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.ACTIVE)
    trade = models.CharField(_("trade"), max_length=16, choices=Trade.choices, blank=True)
    description = models.TextField(_("description"), max_length=4000, blank=True)
    shelf_life_days = models.PositiveIntegerField(_("keeps for days"), null=True, blank=True)
    lead_days = models.PositiveSmallIntegerField(_("days to make"), default=0)
    created_at = models.DateTimeField(_("since"))
    changed_at = models.DateTimeField(_("last changed"))

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = pgettext_lazy("goods", "product")
        verbose_name_plural = pgettext_lazy("goods", "products")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["GOODS", "PIECE", "SERVICE", "BUNDLE", "MADE_TO_ORDER"]),
                name="catalog_product_kind",
            ),
            models.CheckConstraint(
                condition=Q(tracking__in=["NONE", "BATCH", "PIECE"]), name="catalog_product_tracking"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["DRAFT", "ACTIVE", "DISCONTINUED", "ARCHIVED"]),
                name="catalog_product_state",
            ),
            models.CheckConstraint(
                condition=~Q(kind="PIECE") | Q(tracking="PIECE"), name="catalog_product_pieces_are_tracked"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["SERVICE", "BUNDLE"]) | Q(tracking="NONE"),
                name="catalog_product_only_goods_are_tracked",
            ),
            models.CheckConstraint(
                condition=Q(shelf_life_days=None) | Q(shelf_life_days__gt=0), name="catalog_product_keeps"
            ),
            models.CheckConstraint(condition=~Q(code=""), name="catalog_product_has_code"),
        ]
        indexes = [
            search_words_index("catalog_product_words"),
            custom_fields_index("catalog_product_custom"),
            models.Index(fields=["-created_at", "-id"], name="catalog_product_newest"),
            models.Index(fields=["-changed_at", "-id"], name="catalog_product_by_change"),
            models.Index(fields=["name", "id"], name="catalog_product_by_name"),
            models.Index(Collate("name", "C"), name="catalog_product_name_begins"),
            models.Index(fields=["category", "-created_at", "-id"], name="catalog_product_of_category"),
            models.Index(
                fields=["brand", "-created_at", "-id"],
                name="catalog_product_of_brand",
                condition=Q(brand__isnull=False),
            ),
            models.Index(fields=["kind", "-created_at", "-id"], name="catalog_product_of_kind"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_stocked(self) -> bool:
        """Whether there can be any of it on a shelf: services and bundles have no stock of their own."""
        return self.kind not in (self.Kind.SERVICE, self.Kind.BUNDLE)

    @property
    def may_be_bought(self) -> bool:
        """Whether more of it may be ordered from suppliers."""
        return self.state == self.State.ACTIVE and self.is_stocked

    @property
    def may_be_sold(self) -> bool:
        return self.state in (self.State.ACTIVE, self.State.DISCONTINUED)


class PhotoQuerySet(CatalogQuerySet):
    def shown(self) -> Self:
        """Without those that were taken away."""
        return self.filter(removed_at=None)


class Photo(models.Model):
    """A picture of a product, of one of its variants or of a single piece. The bytes stand in the data directory under
    `uuid`; the first by position is shown in lists."""

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    product = models.ForeignKey(Product, models.CASCADE, related_name="photos")
    variant = models.ForeignKey(
        "catalog.Variant", models.CASCADE, null=True, blank=True, related_name="photos"
    )
    piece = models.ForeignKey("catalog.Piece", models.CASCADE, null=True, blank=True, related_name="photos")
    content_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField(_("size in bytes"))
    position = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField(_("added"))
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        constraints = [
            models.CheckConstraint(
                condition=Q(content_type__in=["image/jpeg", "image/png", "image/webp"]),
                name="catalog_photo_is_picture",
            ),
            models.CheckConstraint(
                condition=Q(variant=None) | Q(piece=None), name="catalog_photo_of_variant_or_piece"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)
