"""Tasks that come again: opening checks every morning, the count every month, the boss's lunar birthday."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor, RowScope
from dianke.work.models.tasks import Priority
from dianke.work.rules.recurrence import Frequency, Recurrence


class RecurringTaskQuerySet(models.QuerySet["RecurringTask"]):
    def visible_to(self, actor: Actor, permission: str = "work.manage_rules") -> Self:
        """Those of the stores the actor leads; all for whoever leads all."""
        if actor.scope_for(permission) is RowScope.ALL and actor.stores_for(permission) is None:
            return self
        reached = actor.stores_for(permission)
        inside = Q(store__isnull=False) if reached is None else Q(store_id__in=reached)
        own = Q(created_by_id=actor.user_id) if actor.user_id else Q(pk__in=[])
        return self.filter(inside | own)

    def active(self) -> Self:
        return self.filter(paused_at=None)


class RecurringTask(models.Model):
    """The pattern tasks are made from. `generated_through` is the last day whose occurrences exist; the unique
    (recurring, occurrence_date) of tasks makes each exist once whatever this says."""

    class FrequencyChoice(models.TextChoices):
        DAILY = Frequency.DAILY, _("Every day")
        WORKDAYS = Frequency.WORKDAYS, _("Every working day")
        WEEKLY = Frequency.WEEKLY, _("Every week")
        MONTHLY = Frequency.MONTHLY, _("Every month")
        YEARLY = Frequency.YEARLY, _("Every year")
        LUNAR_YEARLY = Frequency.LUNAR_YEARLY, _("Every lunar year")

    title = models.CharField(_("title"), max_length=120)
    note = models.TextField(_("note"), blank=True)
    kind = models.CharField(_("kind"), max_length=40, default="other")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("person in charge"),
    )
    store = models.ForeignKey(
        "stores.Store",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("store"),
    )
    skill = models.ForeignKey(
        "work.Skill",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("skill"),
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.NORMAL
    )
    checklist = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    frequency = models.CharField(_("how often"), max_length=12, choices=FrequencyChoice.choices)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    month = models.PositiveSmallIntegerField(_("month"), null=True, blank=True)
    day = models.PositiveSmallIntegerField(_("day"), null=True, blank=True)
    is_leap_month = models.BooleanField(_("leap month"), default=False)
    due_time = models.TimeField(_("due at"))
    lead_days = models.PositiveSmallIntegerField(_("days ahead"), default=0)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    paused_at = models.DateTimeField(null=True)
    generated_through = models.DateField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = RecurringTaskQuerySet.as_manager()

    class Meta:
        ordering = ["title", "id"]
        verbose_name = _("recurring task")
        verbose_name_plural = _("recurring tasks")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="work_recurring_ends_after_start",
            ),
            models.CheckConstraint(condition=Q(lead_days__lte=60), name="work_recurring_lead_in_range"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def recurrence(self) -> Recurrence:
        """The pattern as the rules calculate with it."""
        return Recurrence(
            frequency=Frequency(self.frequency),
            weekdays=frozenset(self.weekdays),
            month=self.month,
            day=self.day,
            is_leap_month=self.is_leap_month,
        )
