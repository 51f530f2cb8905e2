"""What was worked out about customers, and the runs that worked it out. Everything here can be made anew from the
records: it is kept because lists, segments and pages ask for it by index.
"""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.customers.models import Customer

VIEW = "insight.view_customer_value"


class ValueGroup(models.TextChoices):
    """Where a customer stands by recency, frequency and money (`rules/scores.group_of`)."""

    CHAMPION = "CHAMPION", pgettext_lazy("group of customers", "Champions")
    LOYAL = "LOYAL", pgettext_lazy("group of customers", "Loyal")
    PROMISING = "PROMISING", pgettext_lazy("group of customers", "Promising")
    NEW = "NEW", pgettext_lazy("group of customers", "New")
    ATTENTION = "ATTENTION", pgettext_lazy("group of customers", "Need attention")
    SLIPPING = "SLIPPING", pgettext_lazy("group of customers", "Slipping away")
    AT_RISK = "AT_RISK", pgettext_lazy("group of customers", "At risk")
    CANT_LOSE = "CANT_LOSE", pgettext_lazy("group of customers", "Win back first")
    DORMANT = "DORMANT", pgettext_lazy("group of customers", "Dormant")
    LOST = "LOST", pgettext_lazy("group of customers", "Lost")


class CustomerMetricsQuerySet(models.QuerySet["CustomerMetrics"]):
    """Reads as `CustomerMetrics.objects.visible_to(actor).filter(value_group=…)`."""

    def visible_to(self, actor: Actor) -> Self:
        """Of the customers the actor may see, for whoever may see what customers are worth."""
        if not actor.can(VIEW):
            return self.none()
        if actor.is_system:
            return self
        visible = Customer.objects.visible_to(actor)
        if not visible.query.where:  # everybody: nothing need be looked up
            return self
        return self.filter(customer__in=visible.heads().values("pk"))


class CustomerMetrics(models.Model):
    """What a profile has bought, read over everybody merged into it and net of what came back. `customer` is the head;
    who never bought has no row.

    Amounts are minor units of the merchant's currency. `order_count` counts orders of which something was kept,
    dated by the day their first goods left; `interval_days` is the median of the days between (three days of buying at
    least). Scores are 1–5, 5 is best. `group_last_month` is the group at the last snapshot of an earlier month.
    What models say (`expected_next_on` to `ltv_high_amount`) is empty until there is enough to go by: `model` names
    which model spoke, `has_enough_data` whether it had enough.
    """

    customer = models.OneToOneField(
        Customer,
        models.CASCADE,
        primary_key=True,
        related_name="metrics",
        verbose_name=_("customer"),
        db_constraint=False,  # written a million at once, from rows of customers
    )
    order_count = models.PositiveIntegerField(_("orders"))
    order_count_365 = models.PositiveIntegerField(_("orders in a year"))
    spend_amount = models.BigIntegerField(_("spent, net of returns"))
    spend_365_amount = models.BigIntegerField(_("spent in a year"))
    returned_amount = models.BigIntegerField(_("given back"))
    margin_amount = models.BigIntegerField(_("gross profit"))
    average_amount = models.BigIntegerField(_("per order"))
    first_date = models.DateField(_("first purchase"))
    last_date = models.DateField(_("last purchase"))
    interval_days = models.DecimalField(
        _("usual interval in days"), max_digits=7, decimal_places=1, null=True
    )
    recency_score = models.PositiveSmallIntegerField(_("recency"))
    frequency_score = models.PositiveSmallIntegerField(_("frequency"))
    money_score = models.PositiveSmallIntegerField(_("money"))
    value_group = models.CharField(_("group"), max_length=10, choices=ValueGroup)
    group_last_month = models.CharField(_("group last month"), max_length=10, choices=ValueGroup, blank=True)
    favourite_category_ids = ArrayField(
        models.BigIntegerField(), default=list, verbose_name=_("favourite categories")
    )
    preferred_channel = models.CharField(_("usual channel"), max_length=11, blank=True)
    preferred_store_id = models.BigIntegerField(_("usual store"), null=True)
    expected_next_date = models.DateField(_("next purchase expected"), null=True)
    churn_risk = models.DecimalField(_("risk of losing"), max_digits=5, decimal_places=4, null=True)
    ltv_amount = models.BigIntegerField(_("lifetime value"), null=True)
    ltv_low_amount = models.BigIntegerField(_("lifetime value at least"), null=True)
    ltv_high_amount = models.BigIntegerField(_("lifetime value at most"), null=True)
    model = models.CharField(_("model"), max_length=40, blank=True)
    has_enough_data = models.BooleanField(_("enough data"), default=False)
    as_of_date = models.DateField(_("as of"))
    #: How far the log was read: "era.xid.id".
    position = models.CharField(max_length=60)

    objects = CustomerMetricsQuerySet.as_manager()

    class Meta:
        verbose_name = _("value of a customer")
        verbose_name_plural = _("values of customers")
        indexes = [
            # The grid and the groups of everybody are summed from this index alone.
            models.Index(
                fields=["recency_score", "frequency_score", "value_group", "group_last_month"],
                include=["spend_amount"],
                name="insight_metrics_grid",
            ),
            models.Index(fields=["value_group", "-spend_amount"], name="insight_metrics_group"),
            models.Index(fields=["-spend_amount", "customer"], name="insight_metrics_spend"),
            models.Index(fields=["-spend_365_amount", "customer"], name="insight_metrics_year"),
            # Who came lately, or not any more: what else is asked of them is read from the index too.
            models.Index(
                fields=["last_date", "customer"],
                include=["order_count", "spend_amount", "spend_365_amount", "interval_days"],
                name="insight_metrics_lately",
            ),
            # Rules of segments read everybody's values in the order of customers, without the wide rows.
            models.Index(
                fields=["customer"],
                include=[
                    "order_count",
                    "order_count_365",
                    "spend_amount",
                    "spend_365_amount",
                    "first_date",
                    "last_date",
                    "interval_days",
                    "recency_score",
                    "frequency_score",
                    "money_score",
                    "value_group",
                ],
                name="insight_metrics_asked",
            ),
            models.Index(fields=["first_date", "customer"], name="insight_metrics_first"),
            models.Index(fields=["-order_count", "customer"], name="insight_metrics_orders"),
            models.Index(
                fields=["-churn_risk"],
                condition=Q(churn_risk__isnull=False),
                name="insight_metrics_risk",
            ),
            models.Index(
                fields=["expected_next_date"],
                condition=Q(expected_next_date__isnull=False),
                name="insight_metrics_next",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(recency_score__range=(1, 5), frequency_score__range=(1, 5))
                & Q(money_score__range=(1, 5)),
                name="insight_metrics_scores",
            ),
            models.CheckConstraint(
                condition=Q(churn_risk=None) | Q(churn_risk__range=(0, 1)), name="insight_metrics_risk_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.value_group}"


class SnapshotRunQuerySet(models.QuerySet["SnapshotRun"]):
    """Reads as `SnapshotRun.objects.visible_to(actor).done().first()`."""

    def visible_to(self, actor: Actor) -> Self:
        return self if actor.can(VIEW) else self.none()

    def done(self) -> Self:
        return self.filter(state=SnapshotRun.State.DONE)


class SnapshotRun(models.Model):
    """One time that snapshots and values were brought up to date: how far it read, what it wrote, how it ended.
    Of a run that scored everybody: `bounds` are the scores' lower bounds (`rules/scores.Bounds`), `forecast` which
    models were chosen and how well they did, or {"too_little": {reason, have, need}} (`operations/scoring.py`);
    `recommending` which recommender was chosen among which, and how many it speaks to
    (`rules/recommending/proposing.Told`)."""

    class State(models.TextChoices):
        RUNNING = "RUNNING", pgettext_lazy("state of a run", "Running")
        DONE = "DONE", pgettext_lazy("state of a run", "Done")
        FAILED = "FAILED", pgettext_lazy("state of a run", "Failed")

    class Step(models.TextChoices):
        WAITING = "WAITING", pgettext_lazy("step of a run", "Waiting for its turn")
        READING = "READING", pgettext_lazy("step of a run", "Reading what has changed")
        SCORING = "SCORING", pgettext_lazy("step of a run", "Working out what customers are worth")
        PAIRING = "PAIRING", pgettext_lazy("step of a run", "Learning what goes together")
        ENDED = "ENDED", pgettext_lazy("step of a run", "Ended")

    state = models.CharField(_("state"), max_length=7, choices=State, default=State.RUNNING)
    step = models.CharField(_("step"), max_length=7, choices=Step, default=Step.WAITING)
    is_full = models.BooleanField(_("everybody anew"), default=False)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    as_of_date = models.DateField(_("as of"), null=True)
    position = models.CharField(max_length=60, blank=True)
    row_count = models.BigIntegerField(_("rows"), default=0)
    changed_order_count = models.BigIntegerField(_("orders read anew"), default=0)
    customer_count = models.BigIntegerField(_("customers"), default=0)
    bounds = models.JSONField(default=dict)
    forecast = models.JSONField(default=dict)
    recommending = models.JSONField(default=dict)
    problem = models.CharField(_("problem"), max_length=200, blank=True)

    objects = SnapshotRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        constraints = [
            # Two at a time would write over each other; one whose process died is ended by the next.
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="RUNNING"), name="insight_one_run_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["state", "-started_at"], name="insight_run_newest")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} {self.state}"


# --- what somebody may want next ------------------------------------------------------------------------------------
