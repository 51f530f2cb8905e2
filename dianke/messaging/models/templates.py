"""Templates: what is worded once and said to many. A version is never changed: a message names the one it was said
by."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.messaging.models.messages import Channel, Purpose


class Template(models.Model):
    """`approved_code` is the number under which a carrier of text messages approved the wording, `signature` the
    name in brackets it is sent under."""

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", pgettext_lazy("template", "In use")
        ARCHIVED = "ARCHIVED", pgettext_lazy("template", "Put away")

    name = models.CharField(_("name"), max_length=40)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose, default=Purpose.MARKETING)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    version = models.PositiveIntegerField(_("version"), default=1)
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    body = models.TextField(_("text"), max_length=5000)
    approved_code = models.CharField(_("approved as"), max_length=40, blank=True)
    signature = models.CharField(_("signature"), max_length=12, blank=True)
    created_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        constraints = [
            models.UniqueConstraint(
                fields=["name", "channel"],
                condition=Q(state="ACTIVE"),
                name="messaging_template_name_once",
                violation_error_message=_("There is a template of this name for the channel already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """How a template was worded from `since` on."""

    template = models.ForeignKey(Template, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=120, blank=True)
    body = models.TextField()
    approved_code = models.CharField(max_length=40, blank=True)
    signature = models.CharField(max_length=12, blank=True)
    since = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("version of a template")
        ordering = ["template", "number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="messaging_template_version_once")
        ]
