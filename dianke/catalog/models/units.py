"""Units goods are counted, weighed and measured in. They are preset; a merchant may add to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.models.visible import CatalogQuerySet


class Unit(models.Model):
    """`digits`: so many decimals a quantity in this unit may have."""

    class Kind(models.TextChoices):
        COUNT = "COUNT", pgettext_lazy("kind of unit", "Count")
        WEIGHT = "WEIGHT", pgettext_lazy("kind of unit", "Weight")
        LENGTH = "LENGTH", pgettext_lazy("kind of unit", "Length")
        AREA = "AREA", pgettext_lazy("kind of unit", "Area")
        VOLUME = "VOLUME", pgettext_lazy("kind of unit", "Volume")
        TIME = "TIME", pgettext_lazy("kind of unit", "Time")

    code = models.CharField(_("code"), max_length=12, unique=True)
    name = models.CharField(_("name"), max_length=12, unique=True)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices, default=Kind.COUNT)
    digits = models.PositiveSmallIntegerField(_("decimals"), default=0)
    position = models.PositiveSmallIntegerField(default=0)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name = pgettext_lazy("of goods", "unit")
        verbose_name_plural = pgettext_lazy("of goods", "units")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["COUNT", "WEIGHT", "LENGTH", "AREA", "VOLUME", "TIME"]),
                name="catalog_unit_kind",
            ),
            models.CheckConstraint(condition=Q(digits__lte=4), name="catalog_unit_digits"),
        ]

    def __str__(self) -> str:
        return self.name
