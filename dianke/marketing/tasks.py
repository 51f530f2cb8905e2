"""Jobs of the clock: campaigns begin, take in late comers, hand over whose turn it is, and end. And the reaction that
makes a campaign a draft again whose approval came to nothing."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.core.actor import SYSTEM
from dianke.events.models import Event
from dianke.marketing.models import Campaign, State
from dianke.marketing.operations import (
    begin_campaign,
    finish_campaign,
    hand_over,
    join_late,
    reopen_refused_campaign,
)
from dianke.marketing.queries.waiting import APPROVE_OPERATION
from dianke.work.models import Approval

MOST_BATCHES = 400


@app.periodic(cron="* * * * *")
@app.task(name="marketing.run_campaigns", queue="default", pass_context=False, queueing_lock="marketing.run")
def run_minutely(timestamp: int) -> None:
    """Every minute; one run at a time."""
    run_campaigns(timezone.now())


def run_campaigns(now: datetime) -> None:
    """Everything that is due at an instant, a batch and a transaction at a time."""
    for campaign in Campaign.objects.filter(state=State.SCHEDULED, starts_at__lte=now).order_by("starts_at"):
        begin_campaign(campaign=campaign, actor=SYSTEM, now=now)
    for campaign in Campaign.objects.filter(state=State.RUNNING).order_by("starts_at"):
        join_late(campaign=campaign, actor=SYSTEM, now=now)
        for _batch in range(MOST_BATCHES):
            if not hand_over(campaign=campaign, actor=SYSTEM, now=now):
                break
        finish_campaign(campaign=campaign, actor=SYSTEM, now=now)


def reopen_refused(event: Event, *, now: datetime) -> None:
    """An approval came to nothing: the campaign it was about is a draft again."""
    keys = [subject.partition(":")[2] for subject in event.subjects if subject.startswith("work.approval:")]
    approvals = Approval.objects.filter(pk__in=keys, operation=APPROVE_OPERATION)
    for approval in approvals.exclude(outcome__in=["PENDING", "APPROVED"]):
        still = Approval.objects.filter(
            subject=approval.subject, operation=APPROVE_OPERATION, outcome=Approval.Outcome.PENDING
        )
        campaign = Campaign.objects.filter(pk=approval.subject.partition(":")[2]).first()
        if campaign is not None and not still.exists():
            reopen_refused_campaign(campaign=campaign, actor=event.as_cause(), now=now)
