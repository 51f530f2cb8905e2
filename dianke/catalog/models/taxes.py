"""How goods are taxed: a class per product, rates that change on a day."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models.visible import CatalogQuerySet


class TaxClass(models.Model):
    code = models.CharField(_("code"), max_length=12, unique=True)
    name = models.CharField(_("name"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("tax class")
        verbose_name_plural = _("tax classes")

    def __str__(self) -> str:
        return self.name


class TaxRate(models.Model):
    """Basis points (1300 = 13 %) from a day on, until the next rate of the class."""

    tax_class = models.ForeignKey(
        TaxClass, models.CASCADE, related_name="rates", verbose_name=_("tax class"), db_index=False
    )
    rate_bp = models.PositiveIntegerField(_("rate in basis points"))
    from_date = models.DateField(_("from"))

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["tax_class", "-from_date"]
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints = [
            models.UniqueConstraint(fields=["tax_class", "from_date"], name="catalog_taxrate_once_a_day"),
            models.CheckConstraint(condition=Q(rate_bp__lte=10_000), name="catalog_taxrate_up_to_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.rate_bp / 100:g} %"
