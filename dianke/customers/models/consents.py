"""Consent: what a customer agreed to, to which text, and took back. Entries are added and never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dianke.customers.models.people import Customer


class Purpose(models.TextChoices):
    MEMBERSHIP = "MEMBERSHIP", _("Keeping the membership")
    MARKETING = "MARKETING", _("Offers and news")
    CARE = "CARE", _("Greetings and reminders")
    PROFILING = "PROFILING", _("Personal recommendations")
    SHARING = "SHARING", _("Sharing among the stores")
    SENSITIVE = "SENSITIVE", _("Sensitive details")


class ConsentChannel(models.TextChoices):
    ANY = "ANY", _("Any channel")
    SMS = "SMS", _("Text message")
    CALL = "CALL", _("Phone call")
    EMAIL = "EMAIL", _("Email")
    WECHAT = "WECHAT", _("WeChat")


class ConsentText(models.Model):
    """A version of what people agree to. A published text is never changed; a new version follows it."""

    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    version = models.PositiveSmallIntegerField(_("version"))
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    text = models.TextField(_("text"))
    published_at = models.DateTimeField(_("published"))

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ["purpose", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "version", "language"], name="consent_text_version_once"
            )
        ]


class Consent(models.Model):
    """One entry of the history; the newest for (customer, purpose, channel) holds. Over a merged cluster the most
    restrictive holds (`rules/consent.py`)."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    channel = models.CharField(_("channel"), max_length=8, choices=ConsentChannel, default=ConsentChannel.ANY)
    is_given = models.BooleanField(_("given"))
    text = models.ForeignKey(
        ConsentText, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(_("when"))
    how = models.CharField(_("how"), max_length=12)  # a Channel, or LINK for the withdrawal link
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [
            models.Index(fields=["customer", "purpose", "channel", "-at", "-id"], name="consent_newest")
        ]
