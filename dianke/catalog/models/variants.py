"""Attributes (colour, size), their values, and the variants of a product: one row of stock, price and barcode each."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.models.products import Product
from dianke.catalog.models.visible import CatalogQuerySet
from dianke.core.search_words import FoundByWords, search_words_index


class Attribute(models.Model):
    name = models.CharField(_("name"), max_length=20, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name = pgettext_lazy("of a product", "attribute")
        verbose_name_plural = pgettext_lazy("of a product", "attributes")

    def __str__(self) -> str:
        return self.name


class AttributeValue(models.Model):
    attribute = models.ForeignKey(Attribute, models.CASCADE, related_name="values", db_index=False)
    name = models.CharField(_("name"), max_length=40)
    position = models.PositiveSmallIntegerField(default=0)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["attribute", "position", "id"]
        verbose_name = pgettext_lazy("of a product", "value of an attribute")
        verbose_name_plural = pgettext_lazy("of a product", "values of attributes")
        constraints = [
            models.UniqueConstraint(fields=["attribute", "name"], name="catalog_attributevalue_once"),
            # What the pair of a variant's value refers to (migration 0001).
            models.UniqueConstraint(fields=["id", "attribute"], name="catalog_attributevalue_pair"),
        ]

    def __str__(self) -> str:
        return self.name


class ProductAttribute(models.Model):
    """An axis of a product's matrix of variants."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="axes", db_index=False)
    attribute = models.ForeignKey(Attribute, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = pgettext_lazy("of a product", "axis of variants")
        constraints = [
            models.UniqueConstraint(fields=["product", "attribute"], name="catalog_productattribute_once")
        ]

    def __str__(self) -> str:
        return str(self.attribute)


class VariantQuerySet(CatalogQuerySet):
    def sellable(self) -> Self:
        """What the till may offer."""
        states = [Product.State.ACTIVE, Product.State.DISCONTINUED]
        return self.filter(is_active=True, product__state__in=states)


class Variant(FoundByWords):
    """Stock, prices and barcodes are the variant's. A product without attributes has one variant with the label "".
    `price_amount` is the base retail price in minor units, tax included; None: priced by the day or not yet.
    `scale_code` is what a scale prints into its labels."""

    words_from = ("product_words", "label", "code")

    product = models.ForeignKey(Product, models.PROTECT, related_name="variants", db_index=False)
    code = models.CharField(_("SKU"), max_length=48, unique=True)
    label = models.CharField(_("variant"), max_length=120, blank=True)
    values = models.ManyToManyField(AttributeValue, through="VariantValue", related_name="variants")
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("in use"), default=True)
    price_amount = models.BigIntegerField(_("retail price"), null=True, blank=True)
    scale_code = models.CharField(_("number on the scale"), max_length=8, blank=True)

    objects = VariantQuerySet.as_manager()

    class Meta:
        ordering = ["product", "position", "id"]
        verbose_name = pgettext_lazy("of a product", "variant")
        verbose_name_plural = pgettext_lazy("of a product", "variants")
        constraints = [
            models.UniqueConstraint(fields=["product", "label"], name="catalog_variant_label_once"),
            models.UniqueConstraint(
                fields=["scale_code"], condition=~Q(scale_code=""), name="catalog_variant_scale_code_once"
            ),
            models.CheckConstraint(
                condition=Q(price_amount=None) | Q(price_amount__gte=0), name="catalog_variant_price"
            ),
            models.CheckConstraint(
                condition=Q(scale_code__regex=r"^[0-9]*$"), name="catalog_variant_scale_code_digits"
            ),
            models.CheckConstraint(condition=~Q(code=""), name="catalog_variant_has_code"),
        ]
        indexes = [search_words_index("catalog_variant_words")]

    def __str__(self) -> str:
        return f"{self.product.name} {self.label}".strip()

    @property
    def product_words(self) -> str:
        """The names of the product: a variant is found by "羊毛衫 红"."""
        return f"{self.product.name} {self.product.aliases}".strip()


class VariantValue(models.Model):
    """One value of one attribute; that the value is the attribute's is a foreign key of both (migration 0001)."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="variant_values", db_index=False)
    attribute = models.ForeignKey(Attribute, models.PROTECT, related_name="+", db_index=False)
    value = models.ForeignKey(AttributeValue, models.PROTECT, related_name="variant_values")

    class Meta:
        verbose_name = pgettext_lazy("of a product", "value of a variant")
        constraints = [
            models.UniqueConstraint(fields=["variant", "attribute"], name="catalog_variantvalue_once")
        ]

    def __str__(self) -> str:
        return str(self.value)
