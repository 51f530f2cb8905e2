"""What the merchant decides about entering and caring: rules per field, who is looked through, care rules."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.customers.models.life import DateKind, ImportantDate


class EntryRule(models.Model):
    """What one field of the entry form must be. `field` is a code of `rules/entry.py`."""

    field = models.CharField(_("field"), max_length=40, unique=True)
    is_shown = models.BooleanField(_("asked at the counter"), default=True)
    is_required = models.BooleanField(_("required"), default=False)
    pattern = models.CharField(_("pattern"), max_length=120, blank=True)
    shortest = models.PositiveSmallIntegerField(_("at least characters"), null=True, blank=True)
    longest = models.PositiveSmallIntegerField(_("at most characters"), null=True, blank=True)
    hint = models.CharField(_("hint"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("entry rule")
        verbose_name_plural = _("entry rules")


class ReviewedRole(models.Model):
    """Entries of people in this role wait until somebody has looked at them."""

    role = models.OneToOneField("access.Role", models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("role with reviewed entries")
        verbose_name_plural = _("roles with reviewed entries")


class CareRule(models.Model):
    """Makes a task some days before a date that matters."""

    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("occasion"), max_length=8, choices=DateKind, default=DateKind.BIRTHDAY)
    days_before = models.PositiveSmallIntegerField(_("days before"), default=3)
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("store")
    )
    tag = models.ForeignKey(
        "customers.Tag",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only with tag"),
    )
    title = models.CharField(_("task"), max_length=80)
    note = models.CharField(_("what to say or give"), max_length=200, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("care rule")
        verbose_name_plural = _("care rules")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class CareOccasion(models.Model):
    """That a rule has been carried out for a customer in a (lunar) year: once, whatever is changed afterwards."""

    rule = models.ForeignKey(CareRule, models.PROTECT, related_name="+")
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=DateKind)
    date = models.ForeignKey(ImportantDate, models.PROTECT, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField()  # of the calendar of the date
    celebrated_on = models.DateField()
    task_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "customer", "kind", "year"],
                condition=~Q(kind="CHILD") & ~Q(kind="OTHER"),
                name="care_once_a_year",
            ),
            models.UniqueConstraint(fields=["rule", "date", "year"], name="care_once_a_year_per_date"),
        ]
