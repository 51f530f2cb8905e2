"""Bounds of stock per place, and what is out of them: one row per cause, from when it began until it ended."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.inventory.models.places import Place
from dianke.inventory.models.stock import AtPlaceQuerySet, Batch


class SafetyStock(models.Model):
    """How much of a variant a place should have: below `minimum` it is low, and filled to `maximum`."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="safety_stock", verbose_name=_("place"))
    variant = models.ForeignKey(
        "catalog.Variant", models.CASCADE, related_name="+", db_index=False, verbose_name=_("product")
    )
    minimum = models.DecimalField(_("minimum"), max_digits=18, decimal_places=4)
    maximum = models.DecimalField(_("maximum"), max_digits=18, decimal_places=4, null=True, blank=True)

    objects = AtPlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("safety stock")
        verbose_name_plural = _("safety stock")
        constraints = [
            models.UniqueConstraint(fields=["variant", "place"], name="inventory_safetystock_once"),
            models.CheckConstraint(
                condition=Q(minimum__gte=0) & (Q(maximum=None) | Q(maximum__gte=F("minimum"))),
                name="inventory_safetystock_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} @ {self.place_id}: {self.minimum}"


class StockAlertQuerySet(AtPlaceQuerySet):
    def open(self) -> Self:
        return self.filter(ended_at=None)


class StockAlert(models.Model):
    """That something is out of bounds, from `began_at` until `ended_at`; `quantity` is what it is about and `facts` the
    values of its sentence, both of the last look."""

    class Kind(models.TextChoices):
        LOW = "LOW", _("Running low")
        EXPIRING = "EXPIRING", _("Near expiry")
        SLOW = "SLOW", _("Lying too long")
        NEGATIVE = "NEGATIVE", _("Below zero")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    place = models.ForeignKey(Place, models.CASCADE, related_name="alerts", verbose_name=_("place"))
    variant = models.ForeignKey(
        "catalog.Variant", models.CASCADE, related_name="+", verbose_name=_("product")
    )
    batch = models.ForeignKey(
        Batch, models.CASCADE, null=True, related_name="+", db_index=False, verbose_name=_("batch")
    )
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    facts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    began_at = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(null=True)

    objects = StockAlertQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-id"]
        verbose_name = _("stock alert")
        verbose_name_plural = _("stock alerts")
        constraints = [
            models.UniqueConstraint(
                fields=["place", "kind", "variant", "batch"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="inventory_stockalert_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.variant_id} @ {self.place_id}"
