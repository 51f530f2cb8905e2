"""Reports on their way: what is due becomes one delivery a person, each carried out once, as that person."""

from __future__ import annotations

from datetime import datetime, timedelta

from dianke.core.actor import Actor
from dianke.events.operations import operation, record, unchanged
from dianke.insight.models import FIGURES, ReportDelivery, ReportSchedule
from dianke.insight.operations.reports import rhythm_of
from dianke.insight.rules.occurrences import next_after
from dianke.stores.queries import merchant_zone

State = ReportDelivery.State
#: What could not be handed over for so long helps nobody any more.
LONGEST = timedelta(days=1)


@operation(FIGURES)
def plan_deliveries(*, schedule: ReportSchedule, actor: Actor, now: datetime) -> int:
    """Write down what a schedule owes since its time came, and when it comes again. Of occurrences that were missed,
    as nothing ran, only the last one is made up for by being late. Returns how many."""
    row: ReportSchedule = (
        ReportSchedule.objects.select_for_update(of=("self",)).select_related("report").get(pk=schedule.pk)
    )
    if row.next_at > now or row.report.deleted_at is not None:
        unchanged()
        return 0
    due_at, row.next_at = row.next_at, next_after(now, rhythm_of(row), merchant_zone())
    row.save(update_fields=["next_at"])
    ReportDelivery.objects.bulk_create(
        [
            ReportDelivery(report=row.report, user_id=pk, due_at=due_at, planned_at=now)
            for pk in row.recipient_ids
        ],
        ignore_conflicts=True,
    )
    record(
        "insight.report_due",
        row.report,
        actor=actor,
        now=now,
        data={"name": row.report.name, "count": len(row.recipient_ids)},
    )
    return len(row.recipient_ids)


@operation(FIGURES)
def end_delivery(
    *,
    delivery: ReportDelivery,
    state: str,
    is_mailed: bool = False,
    problem: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """Note how a delivery ended."""
    ended = ReportDelivery.objects.filter(pk=delivery.pk, state=State.WAITING).update(
        state=state, is_mailed=is_mailed, problem=problem[:200], ended_at=now
    )
    if not ended:
        unchanged()
        return
    record(
        "insight.report_delivered",
        delivery.report,
        actor=actor,
        now=now,
        data={"name": delivery.report.name, "user": delivery.user_id, "state": state},
    )
