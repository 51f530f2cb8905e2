"""Promotions: what is offered, each wording of it, what it gave to which sale, and who had it how often."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.search_words import FoundByWords, search_words_index
from dianke.promotions.models.visible import OfCustomerQuerySet, OfferQuerySet


class PromotionQuerySet(OfferQuerySet):
    def running_at(self, at: datetime) -> Self:
        """Started, not paused, and within the period."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at), state="RUNNING", starts_at__lte=at)


class Promotion(FoundByWords):
    """What it does is `terms`, read by `rules/terms.py`; what is searched and limited are columns. `store_ids` and
    `channels`: empty means all. The period is `[starts_at, ends_at)`.

    `budget_amount` (minor units given away) and `budget_count` (times) are what may be spent; `spent_*` is counted only
    while there is a budget, so that sales without one never wait for each other. `beyond_*` is what sales made without
    a connection gave although the budget was gone. `per_customer_count` is how often one customer may have it.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", pgettext_lazy("promotion", "Draft")
        RUNNING = "RUNNING", pgettext_lazy("promotion", "Running")
        PAUSED = "PAUSED", pgettext_lazy("promotion", "Paused")
        ENDED = "ENDED", pgettext_lazy("promotion", "Ended")

    words_from = ("name",)

    name = models.CharField(_("name"), max_length=40)
    kind = models.CharField(_("kind"), max_length=24)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(_("version"), default=1)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"), null=True, blank=True)
    store_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("stores"))
    channels = ArrayField(
        models.CharField(max_length=12), default=list, blank=True, verbose_name=_("channels")
    )
    priority = models.IntegerField(_("priority"), default=0)
    exclusion = models.CharField(_("exclusion"), max_length=20, blank=True)
    terms = models.JSONField(_("terms"), default=dict)
    budget_amount = models.BigIntegerField(_("budget"), null=True, blank=True)
    budget_count = models.BigIntegerField(_("times at most"), null=True, blank=True)
    spent_amount = models.BigIntegerField(default=0, editable=False)
    spent_count = models.BigIntegerField(default=0, editable=False)
    beyond_amount = models.BigIntegerField(default=0, editable=False)
    beyond_count = models.BigIntegerField(default=0, editable=False)
    per_customer_count = models.PositiveIntegerField(_("times for one customer"), null=True, blank=True)
    created_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = PromotionQuerySet.as_manager()

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["DRAFT", "RUNNING", "PAUSED", "ENDED"]), name="promotions_state"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="promotions_period_forward"
            ),
            models.CheckConstraint(
                condition=Q(
                    spent_amount__gte=0, spent_count__gte=0, beyond_amount__gte=0, beyond_count__gte=0
                ),
                name="promotions_spent_not_below_zero",
            ),
            models.CheckConstraint(
                condition=Q(budget_amount=None) | Q(spent_amount__lte=F("budget_amount")),
                name="promotions_within_budget",
            ),
            models.CheckConstraint(
                condition=Q(budget_count=None) | Q(spent_count__lte=F("budget_count")),
                name="promotions_within_count",
            ),
            models.CheckConstraint(
                condition=(Q(budget_amount=None) | Q(budget_amount__gt=0))
                & (Q(budget_count=None) | Q(budget_count__gt=0))
                & (Q(per_customer_count=None) | Q(per_customer_count__gt=0)),
                name="promotions_limits_positive",
            ),
        ]
        indexes = [
            search_words_index("promotions_promotion_words"),
            models.Index(fields=["starts_at"], condition=Q(state="RUNNING"), name="promotions_running"),
            models.Index(fields=["state", "-starts_at", "-id"], name="promotions_of_state"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_budget(self) -> bool:
        return self.budget_amount is not None or self.budget_count is not None


class PromotionVersion(models.Model):
    """How a promotion was worded from `since` on. Never changed: a sale names the version it was priced by."""

    promotion = models.ForeignKey(Promotion, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    terms = models.JSONField()
    since = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["promotion", "number"]
        verbose_name = _("version of a promotion")
        constraints = [
            models.UniqueConstraint(fields=["promotion", "number"], name="promotions_version_once")
        ]


class PromotionGiven(models.Model):
    """What a promotion gave to a sale (`amount` minor units off, `count` times), and what came back of it. Negative
    rows are what was given back of the sale `reference`; `own_reference` is what caused them, once. `brought_amount`:
    what was paid for the goods it applied to. `is_beyond`: by a sale that was made when the budget could not be
    asked."""

    promotion = models.ForeignKey(Promotion, models.PROTECT, related_name="given", db_index=False)
    version = models.PositiveIntegerField(null=True)
    reference = models.CharField(max_length=100)
    own_reference = models.CharField(max_length=120, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, related_name="+", db_index=False
    )
    store_id = models.BigIntegerField(null=True)
    amount = models.BigIntegerField()
    count = models.BigIntegerField()
    brought_amount = models.BigIntegerField(default=0)
    is_beyond = models.BooleanField(default=False)
    at = models.DateTimeField()

    objects = OfCustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("use of a promotion")
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "promotion", "own_reference"], name="promotions_given_once"
            ),
            models.CheckConstraint(
                condition=Q(own_reference="", amount__gte=0, count__gte=0)
                | (~Q(own_reference="") & Q(amount__lte=0, count__lte=0)),
                name="promotions_given_sign",
            ),
        ]
        indexes = [
            models.Index(fields=["promotion", "-at"], name="promotions_given_of"),
            models.Index(
                fields=["customer", "promotion"],
                condition=Q(customer__isnull=False),
                name="promotions_given_to",
            ),
        ]


class PromotionTally(models.Model):
    """How often one customer had a promotion that limits it: the row that two tills wait for."""

    promotion = models.ForeignKey(Promotion, models.PROTECT, related_name="tallies", db_index=False)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+")
    count = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("uses by a customer")
        constraints = [
            models.UniqueConstraint(fields=["promotion", "customer"], name="promotions_tally_once"),
            models.CheckConstraint(condition=Q(count__gte=0), name="promotions_tally_not_below_zero"),
        ]
