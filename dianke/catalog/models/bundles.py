"""What is in a bundle. A bundle never holds another bundle (migration 0001)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models.variants import Variant
from dianke.catalog.models.visible import CatalogQuerySet


class BundleItem(models.Model):
    """`weight` is the part's share of the price of the bundle, against the weights of the others."""

    bundle = models.ForeignKey(Variant, models.CASCADE, related_name="bundle_items", db_index=False)
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="in_bundles")
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    weight = models.PositiveIntegerField(_("share of the price"), default=1)
    position = models.PositiveSmallIntegerField(default=0)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["bundle", "position", "id"]
        verbose_name = _("part of a bundle")
        verbose_name_plural = _("parts of a bundle")
        constraints = [
            models.UniqueConstraint(fields=["bundle", "variant"], name="catalog_bundleitem_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="catalog_bundleitem_quantity"),
            models.CheckConstraint(condition=~Q(bundle=F("variant")), name="catalog_bundleitem_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} × {self.quantity}"
