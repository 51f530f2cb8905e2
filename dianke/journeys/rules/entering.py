"""Who may come in: not twice at a time, not twice for one occasion, again as the journey says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dianke.customers.rules.care import LEAST_DAYS_BETWEEN
from dianke.journeys.rules.plan import YEARLY, Again, Plan


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may enter, for an occasion, at the moment it came about."""

    customer_id: int
    occurrence: str
    at: datetime
    anchor: date | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """That somebody of the profile was in this journey before, or is."""

    occurrence: str
    entered_at: datetime
    is_going: bool
    anchor: date | None = None


def may_enter(
    plan: Plan, before: Sequence[Before], *, occurrence: str, anchor: date | None, at: datetime
) -> bool:
    """A birthday that was corrected, or is kept by the other calendar from now on, is the same birthday: two days of a
    kind that lie nearer than any year is long are one."""
    for one in before:
        if one.is_going or one.occurrence == occurrence:
            return False
        if plan.again == Again.NEVER:
            return False
        if plan.again == Again.DAYS and at - one.entered_at < timedelta(days=plan.again_days):
            return False
        if (
            plan.trigger.kind in YEARLY
            and anchor is not None
            and one.anchor is not None
            and series(one.occurrence) == series(occurrence)
            and abs((anchor - one.anchor).days) < LEAST_DAYS_BETWEEN
        ):
            return False
    return True


def series(occurrence: str) -> str:
    """What comes again every year: "BIRTHDAY" of "BIRTHDAY:2026"."""
    return occurrence.rpartition(":")[0]
