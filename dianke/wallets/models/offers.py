"""Top-up offers: so much bonus for so much paid, in steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.wallets.models.visible import SharedQuerySet


class OfferQuerySet(SharedQuerySet):
    """Reads as `Offer.objects.visible_to(actor).running(now)`."""

    def running(self, at: datetime) -> Self:
        """Begun and not ended."""
        return self.filter(
            Q(starts_at=None) | Q(starts_at__lte=at), Q(ends_at=None) | Q(ends_at__gt=at), ended_at=None
        )


class Offer(models.Model):
    """Valid in all stores unless some are named, for everybody unless levels are named. `is_repeating`: the bonus of
    a step comes once for each time its amount is in what was paid. `ended_at`: taken out of use by hand."""

    name = models.CharField(_("name"), max_length=40)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    stores: Any = models.ManyToManyField(
        "stores.Store", related_name="+", blank=True, verbose_name=_("stores")
    )
    levels = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("levels"))
    bonus_days = models.PositiveIntegerField(_("bonus good for days"), null=True, blank=True)
    per_customer = models.PositiveIntegerField(_("times per customer"), null=True, blank=True)
    is_repeating = models.BooleanField(_("bonus for every multiple"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("top-up offer")
        verbose_name_plural = _("top-up offers")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="wallet_offer_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return self.name


class OfferStep(models.Model):
    """From so much paid on: so much bonus, so much promotional value."""

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="steps")
    paid_amount = models.BigIntegerField(_("paid"))
    bonus_amount = models.BigIntegerField(_("bonus"), default=0)
    promotional_amount = models.BigIntegerField(_("promotional"), default=0)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["paid_amount"]
        constraints = [
            models.UniqueConstraint(fields=["offer", "paid_amount"], name="wallet_offer_step_once"),
            models.CheckConstraint(
                condition=Q(paid_amount__gt=0, bonus_amount__gte=0, promotional_amount__gte=0),
                name="wallet_offer_step_amounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paid_amount}+{self.bonus_amount}"
