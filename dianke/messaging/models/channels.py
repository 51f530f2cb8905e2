"""How channels are set up, what they may be used for how often, and who is left alone."""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.encrypted_fields import BlindIndexField, EncryptedJSONField, EncryptedTextField, Sealed
from dianke.customers.models import Customer
from dianke.messaging.models.messages import Channel


class ChannelSetting(Sealed):
    """Who carries a channel and with which access. Limits are for one person; `month_quota` is for all together.
    `reports_trouble`: why the mailbox that reports of undelivered letters come to cannot be read, since when, what its
    server said."""

    class Trouble(models.TextChoices):
        LOGIN = "LOGIN", pgettext_lazy("mailbox", "User name or password refused")
        REACH = "REACH", pgettext_lazy("mailbox", "Not reached")
        BROKEN = "BROKEN", pgettext_lazy("mailbox", "Broke off")

    channel = models.CharField(_("channel"), max_length=8, choices=Channel, unique=True)
    carrier = models.CharField(_("carrier"), max_length=20, blank=True)
    is_on = models.BooleanField(_("in use"), default=True)
    access = EncryptedJSONField(_("access"), null=True)
    day_limit = models.PositiveSmallIntegerField(_("a day"), null=True, blank=True)
    week_limit = models.PositiveSmallIntegerField(_("in seven days"), null=True, blank=True)
    month_limit = models.PositiveSmallIntegerField(_("in thirty days"), null=True, blank=True)
    month_quota = models.PositiveIntegerField(_("messages in a month"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed"))
    reports_trouble = models.CharField(
        _("mailbox of reports"), max_length=8, choices=Trouble, blank=True, default=""
    )
    reports_failing_since = models.DateTimeField(_("reports not read since"), null=True, blank=True)
    reports_said = models.CharField(_("what the mailbox said"), max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")


class SendingRules(models.Model):
    """Rules over all channels; one row. Quiet hours span midnight when they end before they begin."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    quiet_from = models.TimeField(_("quiet from"), default=time(21))
    quiet_to = models.TimeField(_("until"), default=time(9))
    day_limit = models.PositiveSmallIntegerField(_("a day"), default=2)
    week_limit = models.PositiveSmallIntegerField(_("in seven days"), default=4)
    month_limit = models.PositiveSmallIntegerField(_("in thirty days"), default=10)
    changed_at = models.DateTimeField(_("changed"), null=True)

    class Meta:
        verbose_name = _("rules of sending")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="messaging_rules_are_one")]


class ChannelUse(models.Model):
    """How many messages went out on a channel in a month: the row that two workers queue for."""

    channel = models.CharField(max_length=8, choices=Channel)
    month = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("use of a channel")
        constraints = [
            models.UniqueConstraint(fields=["channel", "month"], name="messaging_channel_use_once")
        ]


class Contacted(models.Model):
    """The days somebody was written to in the last weeks, `[[day, channel, purpose], …]`: what limits are counted
    by, and the row two workers queue for that would write to the same person."""

    customer = models.OneToOneField(Customer, models.PROTECT, primary_key=True, related_name="+")
    days = models.JSONField(default=list)

    class Meta:
        verbose_name = _("days written to")


class Suppression(Sealed):
    """An address that is left alone on a channel: its owner answered stop, complained, or it does not exist. It
    holds for everybody who has the address, now or later."""

    class Why(models.TextChoices):
        REPLY = "REPLY", pgettext_lazy("suppression", "Answered stop")
        BOUNCE = "BOUNCE", pgettext_lazy("suppression", "Does not exist")
        COMPLAINT = "COMPLAINT", pgettext_lazy("suppression", "Complained")
        HAND = "HAND", pgettext_lazy("suppression", "Entered by hand")
        LEFT = "LEFT", pgettext_lazy("suppression", "Took us off their contacts")

    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    address = EncryptedTextField(_("address"), null=True)
    address_exact = BlindIndexField(source="address")
    why = models.CharField(_("reason"), max_length=10, choices=Why.choices)
    note = models.CharField(_("note"), max_length=200, blank=True)
    since = models.DateTimeField(_("since"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        indexes = [models.Index(fields=["-since", "-id"], name="messaging_suppressed_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address_exact"],
                condition=Q(lifted_at=None),
                name="messaging_suppressed_once",
            )
        ]

    @property
    def shown_address(self) -> str:
        """Enough to know it again."""
        text = str(self.address or "")
        if "@" in text:
            return f"{text[0]}***{text[text.index('@') :]}"
        return f"{text[:6]}****{text[-4:]}"


class SuppressedPerson(models.Model):
    """Who had the address when it was suppressed: what the lists of people are checked by without opening addresses."""

    suppression = models.ForeignKey(Suppression, models.CASCADE, related_name="persons", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["suppression", "customer"], name="messaging_suppressed_person_once"
            )
        ]
