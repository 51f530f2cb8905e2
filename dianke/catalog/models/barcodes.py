"""What scanners read: codes of makers, suppliers and our own, and labels of scales."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models.variants import Variant
from dianke.catalog.models.visible import CatalogQuerySet


class Barcode(models.Model):
    """`value` is canonical: a UPC stands with its leading zero, thirteen digits, as scanners send it either way.
    `pack_quantity`: so much of the variant's unit one scan means (a carton of 12)."""

    class Kind(models.TextChoices):
        EAN13 = "EAN13", "EAN-13"
        EAN8 = "EAN8", "EAN-8"
        UPC = "UPC", "UPC-A"
        ITF14 = "ITF14", "ITF-14"
        OWN = "OWN", _("Own code")
        SUPPLIER = "SUPPLIER", _("Supplier's code")

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="barcodes", verbose_name=_("variant"))
    value = models.CharField(_("barcode"), max_length=48, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    pack_quantity = models.DecimalField(
        _("quantity in the pack"), max_digits=18, decimal_places=4, default=Decimal(1)
    )

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["variant", "id"]
        verbose_name = _("barcode")
        verbose_name_plural = _("barcodes")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="EAN13", value__regex=r"^[1-9][0-9]{12}$")
                | Q(kind="UPC", value__regex=r"^0[0-9]{12}$")
                | Q(kind="EAN8", value__regex=r"^[0-9]{8}$")
                | Q(kind="ITF14", value__regex=r"^[0-9]{14}$")
                | Q(kind="OWN", value__regex=r"^2[0-9]{12}$")
                | Q(kind="SUPPLIER", value__regex=r"^[!-~]+$"),
                name="catalog_barcode_shape",
            ),
            models.CheckConstraint(condition=Q(pack_quantity__gt=0), name="catalog_barcode_pack"),
        ]

    def __str__(self) -> str:
        return self.printed

    @property
    def printed(self) -> str:
        """As it stands on the goods."""
        return self.value[1:] if self.kind == self.Kind.UPC else self.value


class WeighedPattern(models.Model):
    """How a scale writes its labels: prefix, the item's number, weight or price, check digit; thirteen digits in all.
    The printed number divided by `divisor` is the quantity in the unit of the variant, or the amount in yuan."""

    class Holds(models.TextChoices):
        WEIGHT = "WEIGHT", _("Weight")
        PRICE = "PRICE", _("Price")

    prefix = models.CharField(_("prefix"), max_length=2, unique=True)
    item_digits = models.PositiveSmallIntegerField(_("digits of the item"), default=5)
    value_digits = models.PositiveSmallIntegerField(_("digits of the value"), default=5)
    holds = models.CharField(_("holds"), max_length=6, choices=Holds.choices, default=Holds.WEIGHT)
    divisor = models.PositiveIntegerField(_("divided by"), default=1000)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["prefix"]
        verbose_name = _("pattern of scale labels")
        verbose_name_plural = _("patterns of scale labels")
        constraints = [
            # 20 is the prefix of our own codes.
            models.CheckConstraint(
                condition=Q(prefix__regex=r"^2[1-9]$"), name="catalog_weighedpattern_prefix"
            ),
            models.CheckConstraint(
                condition=Q(item_digits=10 - F("value_digits"), item_digits__gte=3, value_digits__gte=3),
                name="catalog_weighedpattern_thirteen_digits",
            ),
            models.CheckConstraint(
                condition=Q(divisor__in=[1, 10, 100, 1000, 10_000]), name="catalog_weighedpattern_divisor"
            ),
            models.CheckConstraint(
                condition=Q(holds__in=["WEIGHT", "PRICE"]), name="catalog_weighedpattern_holds"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix} {self.get_holds_display()}"
