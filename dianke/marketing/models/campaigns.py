"""A campaign: whom it means, what it offers, what it says and when; its variants, and every change of its state."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.search_words import FoundByWords, search_words_index

VIEW = "marketing.view_campaigns"
MANAGE = "marketing.manage_campaigns"
APPROVE = "marketing.approve_campaigns"


class Purpose(models.TextChoices):
    """What it is for, which is what the customer must have agreed to; a notice is about something the customer has and
    needs no consent. The codes are those of messages."""

    MARKETING = "MARKETING", pgettext_lazy("purpose of a campaign", "Offer")
    CARE = "CARE", pgettext_lazy("purpose of a campaign", "Care")
    SERVICE = "SERVICE", pgettext_lazy("purpose of a campaign", "Notice")


class State(models.TextChoices):
    """Waiting: a second person decides. Scheduled: begins by itself. Stopped is an end before the end."""

    DRAFT = "DRAFT", pgettext_lazy("campaign", "Draft")
    WAITING = "WAITING", pgettext_lazy("campaign", "Waits for approval")
    SCHEDULED = "SCHEDULED", pgettext_lazy("campaign", "Scheduled")
    RUNNING = "RUNNING", pgettext_lazy("campaign", "Running")
    PAUSED = "PAUSED", pgettext_lazy("campaign", "Paused")
    DONE = "DONE", pgettext_lazy("campaign", "Finished")
    STOPPED = "STOPPED", pgettext_lazy("campaign", "Stopped")


STARTED = (State.RUNNING, State.PAUSED, State.DONE, State.STOPPED)
OVER = (State.DONE, State.STOPPED)


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Reads as `Campaign.objects.visible_to(actor).filter(state=…)`."""

    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Campaigns of a store the actor reaches; those of every store, everybody with the permission."""
        reached = actor.stores_for(permission)
        if reached is None:
            return self
        if not reached:
            return self.none()
        return self.filter(Q(store_ids=[]) | Q(store_ids__overlap=sorted(reached)))


class Campaign(FoundByWords):
    """Who is meant is a segment (none: everybody) less others, less whoever was in a campaign lately, at these stores
    (`store_ids`, empty: all); it is worked out when the campaign begins. `audience` keeps the rules and the words of
    that moment, so that the campaign and its result outlive the segment: `segment_id` is a number, not a key. With
    `joins_until` people who come into the segment later join until then.

    `control_bp` of 10,000 people are kept back; `salt` draws them. Campaigns with one salt are a series: a copy keeps
    it, so whoever is in control stays so, and with `is_once` nobody of the series is written to again. Messages are
    spread evenly over `spread_minutes` from `starts_at`. `prices` is what a part of a message costs per channel, in
    yuan as text. `budget_amount` caps messages and the worth of coupons; `spent_amount` is what was set aside for
    everybody handed over. Orders count for `window_days` from a person's own beginning.
    """

    words_from = ("name",)

    name = models.CharField(_("name"), max_length=40)
    purpose = models.CharField(
        _("purpose"), max_length=12, choices=Purpose.choices, default=Purpose.MARKETING
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    segment_id = models.BigIntegerField(_("segment"), null=True, blank=True)
    exclude_segment_ids = ArrayField(
        models.BigIntegerField(), default=list, blank=True, verbose_name=_("without these segments")
    )
    rest_days = models.PositiveSmallIntegerField(_("days since another campaign"), default=0)
    store_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("stores"))
    audience = models.JSONField(default=dict, editable=False)
    joins_until = models.DateTimeField(_("people join until"), null=True, blank=True)
    joined_at = models.DateTimeField(null=True, editable=False)
    channels = ArrayField(
        models.CharField(max_length=8), default=list, blank=True, verbose_name=_("channels")
    )
    link_url = models.URLField(_("link"), max_length=400, blank=True)
    control_bp = models.PositiveIntegerField(_("kept back"), default=1000)
    salt = models.CharField(max_length=32, editable=False, db_index=True)
    is_once = models.BooleanField(_("nobody twice in the series"), default=True)
    starts_at = models.DateTimeField(_("begins"), null=True, blank=True)
    spread_minutes = models.PositiveIntegerField(_("spread over"), default=0)
    window_days = models.PositiveSmallIntegerField(_("orders count for"), default=14)
    prices = models.JSONField(_("price of a message"), default=dict, blank=True)
    currency = models.CharField(max_length=3, default="CNY")
    budget_amount = models.BigIntegerField(_("budget"), null=True, blank=True)
    spent_amount = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    approved_at = models.DateTimeField(_("approved"), null=True)
    began_at = models.DateTimeField(_("began"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="marketing_campaign_state"),
            models.CheckConstraint(
                condition=Q(control_bp__lte=9000), name="marketing_campaign_control_leaves_some"
            ),
            models.CheckConstraint(
                condition=Q(spent_amount__gte=0)
                & (Q(budget_amount=None) | Q(budget_amount__gt=0, spent_amount__lte=F("budget_amount"))),
                name="marketing_campaign_within_budget",
            ),
            models.CheckConstraint(
                condition=Q(state="DRAFT") | Q(starts_at__isnull=False),
                name="marketing_campaign_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(window_days__gte=1, window_days__lte=180), name="marketing_campaign_window"
            ),
        ]
        indexes = [
            search_words_index("marketing_campaign_words"),
            models.Index(
                fields=["starts_at"],
                condition=Q(state__in=["SCHEDULED", "RUNNING"]),
                name="marketing_campaign_due",
            ),
            models.Index(fields=["-starts_at", "-id"], name="marketing_campaign_newest"),
            models.Index(fields=["state", "-starts_at", "-id"], name="marketing_campaign_of_state"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def source(self) -> str:
        """How messages and coupons name it."""
        return f"campaign:{self.pk}"

    @property
    def segment_ids(self) -> set[int]:
        """Every segment its audience asks about."""
        return {pk for pk in (self.segment_id, *self.exclude_segment_ids) if pk is not None}

    @property
    def is_changeable(self) -> bool:
        return self.state == State.DRAFT

    @property
    def has_begun(self) -> bool:
        return self.state in STARTED

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def counts_until(self) -> datetime | None:
        """From when on no new order counts."""
        last = self.joins_until or self.began_at
        if last is None:
            return None
        return last + timedelta(minutes=self.spread_minutes, days=self.window_days)

    @property
    def words(self) -> str:
        """Whom it means in words, as they stood when it was last worked out."""
        return str(self.audience.get("words", ""))


class Variant(models.Model):
    """One way to make the offer: people are shared out by `weight`. Without a kind of coupon nothing is given."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="variants")
    position = models.PositiveSmallIntegerField()
    weight = models.PositiveSmallIntegerField(_("share"), default=1)
    coupon_kind = models.ForeignKey(
        "promotions.CouponKind",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("coupon"),
        db_index=False,
    )

    class Meta:
        ordering = ["campaign", "position"]
        verbose_name = _("variant")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "position"], name="marketing_variant_once"),
            models.CheckConstraint(
                condition=Q(position__lte=3, weight__gte=1), name="marketing_variant_few_with_weight"
            ),
        ]

    @property
    def letter(self) -> str:
        return "ABCD"[self.position]


class VariantText(models.Model):
    """What a variant says on a channel: a template of the room of messages by its number; templates are put away and
    never deleted."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="texts", db_index=False)
    channel = models.CharField(_("channel"), max_length=8)
    template_id = models.BigIntegerField(_("template"))

    class Meta:
        verbose_name = _("text of a variant")
        constraints = [models.UniqueConstraint(fields=["variant", "channel"], name="marketing_text_once")]


class CampaignStep(models.Model):
    """From one state to the next: who, when, why."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="steps")
    before = models.CharField(max_length=9, blank=True)
    after = models.CharField(max_length=9, choices=State.choices)
    at = models.DateTimeField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=200, blank=True)
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        ordering = ["campaign", "id"]
        verbose_name = _("step of a campaign")
