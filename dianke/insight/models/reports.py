"""Reports people keep, when they are sent, and to whom each went."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor

FIGURES = "insight.view_figures"


class SavedReportQuerySet(models.QuerySet["SavedReport"]):
    """Reads as `SavedReport.objects.visible_to(actor).in_use()`."""

    def visible_to(self, actor: Actor, permission: str = FIGURES) -> Self:
        """One's own, and those shared with everybody, with one's role or with oneself. A shared report shows everybody
        the figures that are theirs to see."""
        if actor.is_system:
            return self
        if not actor.can(permission):
            return self.none()
        me = actor.user_id or 0
        shared = Q(is_shared=True) | Q(role_codes__overlap=sorted(actor.roles)) | Q(person_ids__contains=[me])
        return self.filter(shared | Q(owner_id=me))

    def in_use(self) -> Self:
        """Without those deleted."""
        return self.filter(deleted_at=None)


class SavedReport(models.Model):
    """`spec` is what is asked (`rules/reports.Spec`). Shared with everybody who may see figures (`is_shared`), with
    roles, or with persons. A deleted one is kept so that deleting can be undone."""

    name = models.CharField(_("name"), max_length=40)
    note = models.CharField(_("note"), max_length=200, blank=True)
    spec = models.JSONField(default=dict)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    is_shared = models.BooleanField(_("shared with everybody"), default=False)
    role_codes = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("roles")
    )
    person_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("people"))
    made_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))
    deleted_at = models.DateTimeField(_("deleted"), null=True)

    objects = SavedReportQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-id"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        indexes = [models.Index(fields=["deleted_at", "-changed_at", "-id"], name="insight_report_newest")]

    def __str__(self) -> str:
        return self.name


class ReportSchedule(models.Model):
    """When a report goes out and to whom: every day, on a weekday (1 Monday), or on a day of the month (1–28), from
    `hour` on by the merchant's clock. `next_at` is the occurrence that comes; there is always one."""

    class Frequency(models.TextChoices):
        DAILY = "DAILY", pgettext_lazy("report", "Every day")
        WEEKLY = "WEEKLY", pgettext_lazy("report", "Every week")
        MONTHLY = "MONTHLY", pgettext_lazy("report", "Every month")

    report = models.OneToOneField(SavedReport, models.CASCADE, related_name="schedule")
    frequency = models.CharField(_("how often"), max_length=7, choices=Frequency)
    weekday = models.PositiveSmallIntegerField(_("weekday"), default=1)
    month_day = models.PositiveSmallIntegerField(_("day of the month"), default=1)
    hour = models.PositiveSmallIntegerField(_("hour"), default=8)
    recipient_ids = ArrayField(models.BigIntegerField(), verbose_name=_("recipients"))
    next_at = models.DateTimeField(_("next"))

    class Meta:
        verbose_name = _("schedule of a report")
        verbose_name_plural = _("schedules of reports")
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__range=(1, 7), month_day__range=(1, 28), hour__range=(0, 23)),
                name="insight_schedule_days",
            ),
        ]
        indexes = [models.Index(fields=["next_at"], name="insight_schedule_next")]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.frequency}"


class ReportDelivery(models.Model):
    """One report for one person at one occurrence, once. REFUSED: the person may not see figures any more; `problem`
    says why it FAILED."""

    class State(models.TextChoices):
        WAITING = "WAITING", pgettext_lazy("state of a delivery", "Waiting")
        SENT = "SENT", pgettext_lazy("state of a delivery", "Sent")
        REFUSED = "REFUSED", pgettext_lazy("state of a delivery", "Not allowed")
        FAILED = "FAILED", pgettext_lazy("state of a delivery", "Failed")

    report = models.ForeignKey(SavedReport, models.CASCADE, related_name="deliveries", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    due_at = models.DateTimeField(_("due"))
    planned_at = models.DateTimeField(_("planned"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    ended_at = models.DateTimeField(_("ended"), null=True)
    is_mailed = models.BooleanField(_("mailed"), default=False)
    problem = models.CharField(_("problem"), max_length=200, blank=True)

    class Meta:
        ordering = ["-due_at", "-id"]
        verbose_name = _("delivery of a report")
        verbose_name_plural = _("deliveries of reports")
        constraints = [
            models.UniqueConstraint(fields=["report", "due_at", "user"], name="insight_delivery_once"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="WAITING"), name="insight_delivery_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.user_id} {self.due_at:%Y-%m-%d}: {self.state}"
