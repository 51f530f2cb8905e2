"""When a step is due: reckoned from when the one before it was due, never from when a worker came to it. So whoever is
late is late for one step, not for all that follow."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dianke.journeys.rules.plan import Kind, Step


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """That hour of a day by the clock on the wall. An hour a change of clocks leaves out comes an hour later by the
    wall; one that comes twice is the first."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def due_at(step: Step, *, base: datetime, anchor: date | None, zone: ZoneInfo) -> datetime:
    """When a step is due that somebody arrives at, at `base`. A wait is due when it is over. Days are days by the wall:
    "two days later" stays at the same hour over a change of clocks. Waiting for a day that is past is no waiting, but
    what follows is as late as it is."""
    if step.kind == Kind.UNTIL:
        if anchor is None:
            return base
        return instant(anchor + timedelta(days=step.days), step.at or time(9), zone)
    if step.kind != Kind.WAIT:
        return base
    local = base.astimezone(zone)
    moved = instant(local.date() + timedelta(days=step.days), local.timetz().replace(tzinfo=None), zone)
    moved += timedelta(hours=step.hours)
    if step.at is None:
        return moved
    day = moved.astimezone(zone).date()
    found = instant(day, step.at, zone)
    return found if found >= moved else instant(day + timedelta(days=1), step.at, zone)


def is_stale(step: Step, *, due: datetime, now: datetime) -> bool:
    """Whether it is too late to do it."""
    return now > due + timedelta(hours=step.valid_hours)


def moments(since: datetime, until: datetime, at: time, zone: ZoneInfo, *, most: int = 31) -> list[date]:
    """The days of which the hour `at` lies in (since, until], the last `most` of them."""
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    first = max(first, last - timedelta(days=most))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if since < instant(day, at, zone) <= until]
