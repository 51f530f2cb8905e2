"""Notices to one person: kept as a kind with values, so that each is read in the reader's language."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own."""
        return self.filter(user_id=actor.user_id) if actor.user_id else self.none()

    def in_app(self) -> Self:
        return self.filter(is_silent=False)

    def unread(self) -> Self:
        return self.filter(read_at=None, is_silent=False)


class Notification(models.Model):
    """`reference` makes a notice happen once however often the event behind it is delivered. A silent one goes by
    email only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    subject = models.CharField(max_length=120, blank=True)
    url = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=160)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    is_silent = models.BooleanField(default=False)
    wants_email = models.BooleanField(default=False)
    emailed_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [models.UniqueConstraint(fields=["user", "reference"], name="work_notification_once")]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="work_notification_of_user"),
            models.Index(
                fields=["user"],
                condition=models.Q(read_at=None, is_silent=False),
                name="work_notification_unread",
            ),
            models.Index(
                fields=["user"],
                condition=models.Q(wants_email=True, emailed_at=None),
                name="work_notification_to_mail",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """The sentence, in the language active now."""
        from dianke.work.registry import notice_kind

        return notice_kind(self.kind).sentence(self.params)

    @property
    def icon(self) -> str:
        from dianke.work.registry import notice_kind

        return notice_kind(self.kind).icon

    def param(self, name: str) -> Any:
        return self.params.get(name)


class NotificationPreference(models.Model):
    """How a person wants to hear of one kind; without a row the kind's own default holds."""

    class Channel(models.TextChoices):
        IN_APP = "IN_APP", _("In the bell")
        EMAIL = "EMAIL", _("In the bell and by email")
        NONE = "NONE", _("Not at all")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=8, choices=Channel.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="work_preference_once")]
