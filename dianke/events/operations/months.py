"""Dropping old months of the log for good, by the retention the merchant has set."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict
from dianke.events.models import DroppedMonth
from dianke.events.operations.door import operation, record, step
from dianke.events.partitions import droppable_months
from dianke.events.reactions import listed_reactions


class MonthNotYetDroppable(Conflict):
    """The month is too young, not sealed, or some reaction has not read it."""

    code = "month_not_droppable"
    message = _("The log of %(month)s cannot be dropped yet: %(why)s.")


@operation(None)
def drop_month(*, month: date, actor: Actor, now: datetime) -> DroppedMonth:
    """Drop a month of the log for good; only the system does, by the set retention.

    Leaves which event ids are rightly missing, for `audit verify`. Raises `MonthNotYetDroppable`.
    """
    if not actor.is_system or month not in droppable_months(now):
        raise MonthNotYetDroppable(month=f"{month:%Y-%m}", why=_("it is not old enough"))
    dropped = _drop_partitions(month, now)
    record(
        "events.month_dropped",
        dropped,
        actor=actor,
        now=now,
        data={
            "month": f"{month:%Y-%m}",
            "event_count": dropped.event_count,
            "event_ids": dropped.event_ids,
        },
    )
    return dropped


@step
def _drop_partitions(month: date, now: datetime) -> DroppedMonth:
    suffix = f"y{month:%Y}m{month:%m}"
    with connection.cursor() as cursor:
        _refuse_if_in_use(cursor, month, f"events_event_{suffix}")
        cursor.execute(
            "SELECT count(*), coalesce(range_agg(int8range(id, id, '[]')), '{}')::text"  # noqa: S608
            f" FROM events_event_{suffix}"
        )
        event_count, event_ids = cursor.fetchone()
        cursor.execute(f"DROP TABLE events_event_{suffix}, events_subject_{suffix}")
    return DroppedMonth.objects.create(
        month=month, event_count=event_count, event_ids=event_ids, dropped_at=now
    )


def _refuse_if_in_use(cursor: Any, month: date, partition: str) -> None:
    """Every event of the month must be sealed, read by every reaction, and wanted by no retry."""
    newest = f"(SELECT era, xid, id FROM {partition} ORDER BY era DESC, xid DESC, id DESC LIMIT 1)"  # noqa: S608
    cursor.execute(
        f"SELECT"  # noqa: S608  names made from a date
        f" EXISTS (SELECT FROM {newest} AS n WHERE (n.era, n.xid, n.id) > ALL"
        "   (SELECT last_era, last_xid::text::xid8, last_event_id FROM events_sealblock)),"
        f" EXISTS (SELECT FROM events_reactionposition AS p, {newest} AS n"
        "   WHERE p.code = ANY(%s) AND (p.era, p.xid::text::xid8, p.event_id) < (n.era, n.xid, n.id)),"
        " EXISTS (SELECT FROM events_delivery WHERE event_recorded_at >= %s AND event_recorded_at < %s"
        "   AND state <> 'DISMISSED')",
        [[row.code for row in listed_reactions()], month, (month + timedelta(days=32)).replace(day=1)],
    )
    not_sealed, not_read, wanted = cursor.fetchone()
    for is_so, why in (
        (not_sealed, _("it is not sealed")),
        (not_read, _("not every reaction has read it")),
        (wanted, _("a failed reaction still needs it")),
    ):
        if is_so:
            raise MonthNotYetDroppable(month=f"{month:%Y-%m}", why=why)
