"""Jobs: the first snapshot soon after the first sale; from then on bring it and the values of touched customers up to
date through the day, everybody's at night, and after past sales were brought in; send the reports that are due.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from dianke.core.actor import SYSTEM
from dianke.core.clock import daily
from dianke.events.models import Event
from dianke.insight.models import ReportDelivery, ReportSchedule, SnapshotRun
from dianke.insight.operations.deliveries import LONGEST, end_delivery, plan_deliveries
from dianke.insight.operations.runs import ask_refresh, carry_out
from dianke.insight.operations.sending import deliver
from dianke.sales.models import Order
from dianke.web import shell


@app.task(name="insight.work_on_run", queue="nightly", pass_context=False)
def work_on_run(run_id: int) -> None:
    """Carry out a refresh somebody asked for."""
    run = SnapshotRun.objects.filter(pk=run_id, state=SnapshotRun.State.RUNNING).first()
    if run is not None:
        carry_out(run, actor=SYSTEM, now=timezone.now())


def enqueue(run: SnapshotRun) -> None:
    """A job for the run, unless one waits already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        work_on_run.configure(queueing_lock=f"insight.run:{run.pk}").defer(run_id=run.pk)


@app.periodic(cron="*/3 * * * *")
@app.task(
    name="insight.refresh_first", queue="nightly", queueing_lock="insight.refresh_first", pass_context=False
)
def refresh_first(timestamp: int) -> None:
    """The first figures, without waiting for the hour; one question when there are any. What failed is left to the
    hour."""
    if not SnapshotRun.objects.exists():
        _refresh(is_full=True)


@app.periodic(cron="20 * * * *")
@app.task(name="insight.refresh", queue="nightly", queueing_lock="insight.refresh", pass_context=False)
def refresh_hourly(timestamp: int) -> None:
    """What was sold since, and whom it was sold to."""
    _refresh(is_full=False)


@app.periodic(cron=daily("4:10"))
@app.task(
    name="insight.refresh_all", queue="nightly", queueing_lock="insight.refresh_all", pass_context=False
)
def refresh_nightly(timestamp: int) -> None:
    """Everybody anew: days have passed for those who did not come, too."""
    if not _refresh(is_full=True):
        _refresh_soon(timezone.now())


def _refresh(*, is_full: bool) -> bool:
    """Before the first order there is nothing to work out. False: another is under way, which may have begun before
    what this one was asked for."""
    if not Order.objects.exclude(state=Order.State.DRAFT).exists():
        return True
    now = timezone.now()
    run = ask_refresh(is_full=is_full, actor=SYSTEM, now=now)
    if run.started_at != now:
        return False
    carry_out(run, actor=SYSTEM, now=now)
    return True


def follow_history(event: Event, *, now: datetime) -> None:
    """Reaction: past sales were brought in, so what customers are worth is worked out anew, once for many of them."""
    _refresh_soon(now)


def _refresh_soon(now: datetime) -> None:
    """Everybody anew in a minute, unless that waits already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        refresh_nightly.configure(queueing_lock="insight.refresh_all", schedule_in={"seconds": 60}).defer(
            timestamp=int(now.timestamp())
        )


@app.periodic(cron="*/5 * * * *")
@app.task(
    name="insight.send_reports", queue="default", queueing_lock="insight.send_reports", pass_context=False
)
def send_reports(timestamp: int) -> None:
    """What is due becomes deliveries, and every delivery that waits a job."""
    with shell.local_time():
        send_due(timezone.now())


def send_due(now: datetime) -> int:
    """Returns how many deliveries wait for a job of theirs. What waits a day too long is given up."""
    due = ReportSchedule.objects.filter(next_at__lte=now, report__deleted_at=None)
    for schedule in due.order_by("next_at", "pk"):
        plan_deliveries(schedule=schedule, actor=SYSTEM, now=now)
    waiting = ReportDelivery.objects.filter(state=ReportDelivery.State.WAITING).select_related("report")
    count = 0
    for delivery in waiting.order_by("due_at", "pk"):
        if delivery.planned_at < now - LONGEST:
            problem = "could not be handed over for a day"
            end_delivery(
                delivery=delivery, state=ReportDelivery.State.FAILED, problem=problem, actor=SYSTEM, now=now
            )
            continue
        count += 1
        with suppress(AlreadyEnqueued), transaction.atomic():
            deliver_report.configure(queueing_lock=f"insight.delivery:{delivery.pk}").defer(
                delivery_id=delivery.pk
            )
    return count


@app.task(
    name="insight.deliver_report",
    queue="mail",
    retry=RetryStrategy(max_attempts=6, exponential_wait=4),
    pass_context=False,
)
def deliver_report(delivery_id: int) -> None:
    """One report to one person."""
    with shell.local_time():
        deliver(delivery_id, timezone.now())
