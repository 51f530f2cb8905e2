"""How strict signing in is here, how often something was tried, and who last reviewed the permissions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


def _between(low: int, high: int) -> list[Any]:
    return [MinValueValidator(low), MaxValueValidator(high)]


class SignInPolicy(models.Model):
    """One row. Changed session times hold from the next sign-in on."""

    idle_hours = models.PositiveSmallIntegerField(
        _("sign out after hours without use"), default=12, validators=_between(1, 72)
    )
    absolute_days = models.PositiveSmallIntegerField(
        _("sign in again after days"), default=7, validators=_between(1, 30)
    )
    till_days = models.PositiveSmallIntegerField(
        _("sign in again after days, shared till"), default=30, validators=_between(1, 90)
    )
    confirm_minutes = models.PositiveSmallIntegerField(
        _("sensitive acts need no new confirmation for minutes"), default=10, validators=_between(1, 60)
    )
    rotation_days = models.PositiveSmallIntegerField(
        _("change passwords after days (0: never)"), default=0, validators=_between(0, 3650)
    )
    reveals_per_hour = models.PositiveSmallIntegerField(
        _("hidden data one person may reveal in an hour"), default=30, validators=_between(1, 1000)
    )
    review_months = models.PositiveSmallIntegerField(
        _("review permissions every months"), default=6, validators=_between(1, 24)
    )
    sign_in_days = models.PositiveSmallIntegerField(
        _("keep sign-in records for days"), default=365, validators=_between(180, 3650)
    )

    class Meta:
        verbose_name = _("sign-in rules")
        verbose_name_plural = _("sign-in rules")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="access_policy_one_row"),
            # Cybersecurity Law art. 23: logs at least six months.
            models.CheckConstraint(
                condition=models.Q(sign_in_days__gte=180), name="access_policy_keeps_half_a_year"
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> SignInPolicy:
        """The row, or its defaults while nobody changed anything."""
        return cls.objects.first() or cls(pk=1)

    @property
    def idle(self) -> timedelta:
        return timedelta(hours=self.idle_hours)

    def longest(self, *, is_till: bool) -> timedelta:
        return timedelta(days=self.till_days if is_till else self.absolute_days)


class RateCount(models.Model):
    """How often `key` was used in the window that began at `window_at`. Windows are cut by the clock."""

    key = models.CharField(max_length=120)
    window_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "window_at"], name="access_ratecount_once")]
        indexes = [models.Index(fields=["window_at"], name="access_ratecount_window")]

    def __str__(self) -> str:
        return f"{self.key} {self.count}"


class PermissionReview(models.Model):
    """Somebody looked through who may do what, on a date, with a comment; the next one is due on `next_due_date`.
    `snapshot` keeps what was looked at: person id to role codes and sensitive permissions."""

    reviewed_at = models.DateTimeField(_("reviewed"))
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    comment = models.TextField(_("comment"), blank=True, max_length=2000)
    next_due_date = models.DateField(_("next review"))
    snapshot = models.JSONField(default=dict)

    class Meta:
        ordering = ["-reviewed_at", "-id"]
        verbose_name = _("permission review")
        verbose_name_plural = _("permission reviews")

    def __str__(self) -> str:
        return f"{self.reviewed_at:%Y-%m-%d}"
