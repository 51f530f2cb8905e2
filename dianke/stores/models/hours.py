"""When stores are open: the week, and the days that differ from it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.stores.models.places import Store


class OpeningHours(models.Model):
    """Hours of a weekday (0 Monday … 6 Sunday); `closes <= opens` means closing after midnight. Two rows of a
    weekday are a day with a break."""

    store = models.ForeignKey(
        Store, on_delete=models.CASCADE, related_name="opening_hours", verbose_name=_("store")
    )
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ["store", "weekday", "opens"]
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="opening_hours_weekday_in_range"),
            models.UniqueConstraint(fields=["store", "weekday", "opens"], name="opening_hours_unique"),
        ]


class CalendarDayQuerySet(models.QuerySet["CalendarDay"]):
    def visible_to(self, actor: Actor, permission: str = "stores.view_organisation") -> Self:
        """Marks for all stores, and those of stores the actor reaches."""
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(Q(store=None) | Q(store_id__in=reached))


class CalendarDay(models.Model):
    """A day that differs from the weekly pattern, for one store or (store None) for all: closed, or other
    hours. Public holidays and make-up days come from the national calendar unless a row here says else."""

    class Kind(models.TextChoices):
        CLOSED = "CLOSED", _("Closed")
        SPECIAL_HOURS = "SPECIAL_HOURS", _("Special hours")
        HOLIDAY = "HOLIDAY", _("Holiday")
        WORKDAY = "WORKDAY", _("Make-up working day")

    store = models.ForeignKey(
        Store,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="calendar_days",
        verbose_name=_("store"),
    )
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    opens = models.TimeField(_("opens"), null=True, blank=True)
    closes = models.TimeField(_("closes"), null=True, blank=True)
    name = models.CharField(_("occasion"), max_length=40, blank=True)

    objects = CalendarDayQuerySet.as_manager()

    class Meta:
        ordering = ["day", "id"]
        verbose_name = _("marked day")
        verbose_name_plural = _("marked days")
        constraints = [
            models.UniqueConstraint(
                fields=["store", "day"], nulls_distinct=False, name="calendar_day_unique_in_store"
            ),
            models.CheckConstraint(
                condition=~Q(kind="SPECIAL_HOURS") | Q(opens__isnull=False, closes__isnull=False),
                name="calendar_day_special_hours_given",
            ),
        ]
