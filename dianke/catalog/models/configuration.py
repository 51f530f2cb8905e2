"""Made to order: what the customer chooses, what it costs more, how much longer it takes, what fits together."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models.products import Product
from dianke.catalog.models.variants import Variant
from dianke.catalog.models.visible import CatalogQuerySet


class ConfigurationGroup(models.Model):
    """`max_choices` None: as many as there are."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="groups", db_index=False)
    name = models.CharField(_("name"), max_length=40)
    min_choices = models.PositiveSmallIntegerField(_("at least"), default=1)
    max_choices = models.PositiveSmallIntegerField(_("at most"), null=True, blank=True, default=1)
    position = models.PositiveSmallIntegerField(default=0)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["product", "position", "id"]
        verbose_name = _("group of options")
        verbose_name_plural = _("groups of options")
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="catalog_configurationgroup_name_once"),
            models.CheckConstraint(
                condition=Q(max_choices=None) | Q(max_choices__gte=F("min_choices"), max_choices__gt=0),
                name="catalog_configurationgroup_choices",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ConfigurationChoice(models.Model):
    """`price_delta_amount` in minor units, may be less than zero. `variant` is what making it takes from stock."""

    group = models.ForeignKey(ConfigurationGroup, models.CASCADE, related_name="choices", db_index=False)
    name = models.CharField(_("name"), max_length=60)
    price_delta_amount = models.BigIntegerField(_("costs more"), default=0)
    extra_lead_days = models.PositiveSmallIntegerField(_("takes longer (days)"), default=0)
    variant = models.ForeignKey(
        Variant, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("uses up")
    )
    quantity = models.DecimalField(
        _("quantity used up"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("offered"), default=True)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["group", "position", "id"]
        verbose_name = _("option")
        verbose_name_plural = _("options")
        constraints = [
            models.UniqueConstraint(fields=["group", "name"], name="catalog_configurationchoice_name_once"),
            models.CheckConstraint(
                condition=Q(variant=None, quantity=None) | Q(variant__isnull=False, quantity__gt=0),
                name="catalog_configurationchoice_uses",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ConfigurationRule(models.Model):
    """`choice` REQUIRES or EXCLUDES `other`; excluding works both ways."""

    class Kind(models.TextChoices):
        REQUIRES = "REQUIRES", _("needs")
        EXCLUDES = "EXCLUDES", _("excludes")

    choice = models.ForeignKey(ConfigurationChoice, models.CASCADE, related_name="rules", db_index=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    other = models.ForeignKey(ConfigurationChoice, models.CASCADE, related_name="rules_of_others")

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["choice", "id"]
        verbose_name = _("rule between options")
        verbose_name_plural = _("rules between options")
        constraints = [
            models.UniqueConstraint(fields=["choice", "other"], name="catalog_configurationrule_once"),
            models.CheckConstraint(
                condition=~Q(choice=F("other")), name="catalog_configurationrule_not_itself"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["REQUIRES", "EXCLUDES"]), name="catalog_configurationrule_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.choice_id} {self.kind} {self.other_id}"
