"""Pure rules of the organisation: which hours a store keeps on a day, whether shares add up, whether postings fit."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WHOLE = 10_000  # basis points of a legal entity


class DayKind(enum.StrEnum):
    REGULAR = "REGULAR"
    CLOSED = "CLOSED"
    SPECIAL_HOURS = "SPECIAL_HOURS"
    HOLIDAY = "HOLIDAY"
    WORKDAY = "WORKDAY"


@dataclass(frozen=True, slots=True)
class Span:
    """Hours on one day; `closes <= opens` runs past midnight."""

    opens: time
    closes: time

    def between(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The two instants, in the store's zone."""
        start = datetime.combine(day, self.opens, zone)
        last = day + timedelta(days=1) if self.closes <= self.opens else day
        return start, datetime.combine(last, self.closes, zone)


@dataclass(frozen=True, slots=True)
class Exceptional:
    """A row of the business calendar; `is_own` when it is the store's rather than everybody's."""

    kind: DayKind
    span: Span | None
    name: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class DayHours:
    """What a store does on a day, and why."""

    spans: tuple[Span, ...]
    kind: DayKind
    name: str = ""

    @property
    def is_open(self) -> bool:
        return bool(self.spans)


def hours_on(
    day: date, *, weekly: Sequence[tuple[int, Span]], exceptions: Iterable[Exceptional], national_name: str = ""
) -> DayHours:
    """Hours of `day`: the store's own exception, else the merchant's, else the weekly pattern (holidays are named
    but do not close a shop by themselves: shops are busiest then)."""
    regular = tuple(span for weekday, span in weekly if weekday == day.weekday())
    ranked = sorted(exceptions, key=lambda each: not each.is_own)
    if not ranked:
        return DayHours(regular, DayKind.HOLIDAY if national_name else DayKind.REGULAR, national_name)
    first = ranked[0]
    if first.kind is DayKind.CLOSED:
        return DayHours((), first.kind, first.name)
    if first.kind is DayKind.SPECIAL_HOURS and first.span:
        return DayHours((first.span,), first.kind, first.name)
    return DayHours(regular, first.kind, first.name or national_name)


def overlapping(spans: Sequence[Span]) -> tuple[Span, Span] | None:
    """The first two hours of one day that overlap, if any."""
    ordered = sorted(spans, key=lambda span: span.opens)
    for earlier, later in zip(ordered, ordered[1:], strict=False):
        if earlier.closes <= earlier.opens or later.opens < earlier.closes:
            return earlier, later
    return None


@dataclass(frozen=True, slots=True)
class Share:
    """A partner's share of a legal entity in `[from_date, to_date)`, in basis points."""

    basis_points: int
    from_date: date
    to_date: date | None


def fullest_total(shares: Sequence[Share]) -> tuple[int, date | None]:
    """The highest sum of shares in force at one time, and the first day it is reached. Sums change only where a
    share begins, so those days suffice."""
    best, on = 0, None
    for day in sorted({share.from_date for share in shares}):
        total = sum(s.basis_points for s in shares if s.from_date <= day and (s.to_date is None or day < s.to_date))
        if total > best:
            best, on = total, day
    return best, on
