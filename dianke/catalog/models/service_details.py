"""What a service takes: time, skills, and what is used up."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models.products import Product
from dianke.catalog.models.variants import Variant
from dianke.catalog.models.visible import CatalogQuerySet


class ServiceDetail(models.Model):
    """`buffer_minutes` are for tidying up after it; the customer does not see them."""

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="service")
    duration_minutes = models.PositiveSmallIntegerField(_("minutes"))
    buffer_minutes = models.PositiveSmallIntegerField(_("minutes to tidy up"), default=0)
    skills = models.ManyToManyField("work.Skill", related_name="+", verbose_name=_("skills needed"))

    class Meta:
        verbose_name = _("details of a service")
        constraints = [
            models.CheckConstraint(
                condition=Q(duration_minutes__gt=0, duration_minutes__lte=1440),
                name="catalog_servicedetail_duration",
            ),
            models.CheckConstraint(
                condition=Q(buffer_minutes__lte=1440), name="catalog_servicedetail_buffer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duration_minutes} min"


class Consumable(models.Model):
    """What one service uses up by the book, in the unit of the goods."""

    service = models.ForeignKey(Variant, models.CASCADE, related_name="consumables", db_index=False)
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="consumed_by")
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["service", "id"]
        verbose_name = _("consumable")
        verbose_name_plural = _("consumables")
        constraints = [
            models.UniqueConstraint(fields=["service", "variant"], name="catalog_consumable_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="catalog_consumable_quantity"),
            models.CheckConstraint(condition=~Q(service=F("variant")), name="catalog_consumable_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} × {self.quantity}"
