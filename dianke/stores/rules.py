"""Pure rules of the organisation: which hours a store keeps on a day, whether shares add up, whether a role may be
given, whether somebody always keeps the keys."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time

from dianke.core.actor import Grant, RowScope

WHOLE = 10_000  # basis points of a legal entity
SPANS_A_DAY = 2  # a day with one break
_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES


# --- opening hours ---------------------------------------------------------------------------------------------------
class DayKind(enum.StrEnum):
    REGULAR = "REGULAR"
    CLOSED = "CLOSED"
    SPECIAL_HOURS = "SPECIAL_HOURS"
    HOLIDAY = "HOLIDAY"
    WORKDAY = "WORKDAY"


@dataclass(frozen=True, slots=True)
class Span:
    """Hours on one day; `closes <= opens` runs past midnight (equal: round the clock)."""

    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}–{self.closes:%H:%M}"

    @property
    def minutes(self) -> tuple[int, int]:
        """First minute and the minute after the last, counted from midnight of its day; up to 2880."""
        first = self.opens.hour * 60 + self.opens.minute
        last = self.closes.hour * 60 + self.closes.minute
        return first, last if last > first else last + _DAY_MINUTES


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
    day: date,
    *,
    weekly: Sequence[tuple[int, Span]],
    exceptions: Iterable[Exceptional],
    national_name: str = "",
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


@dataclass(frozen=True, slots=True)
class Clash:
    """Two spans of the week that overlap, each with its weekday (0 Monday)."""

    first_day: int
    first: Span
    second_day: int
    second: Span


def week_clash(weekly: Iterable[tuple[int, Span]]) -> Clash | None:
    """The first two spans of a week that overlap, if any; hours past midnight reach into the next day, Sunday's into
    Monday. Hours round the clock end where the next day's begin: that is no overlap."""
    laid = sorted(
        ((day * _DAY_MINUTES + span.minutes[0], day, span) for day, span in weekly), key=lambda each: each[0]
    )
    if len(laid) < 2:
        return None
    # Behind the last span of the week comes the first of the next week.
    monday, *rest = laid
    following = [*rest, (monday[0] + _WEEK_MINUTES, monday[1], monday[2])]
    for (start, day, span), (next_start, next_day, next_span) in zip(laid, following, strict=True):
        opens, closes = span.minutes
        if next_start < start + closes - opens:
            return Clash(day, span, next_day, next_span)
    return None


# --- shares ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Share:
    """A partner's share of a legal entity in `[from_date, to_date)`, in basis points."""

    basis_points: int
    from_date: date
    to_date: date | None


def fullest_total(shares: Sequence[Share]) -> tuple[int, date | None]:
    """The highest sum of shares in force at one time, and the first day it is reached. Sums rise only where a
    share begins, so those days suffice."""
    best, on = 0, None
    for day in sorted({share.from_date for share in shares}):
        total = sum(
            s.basis_points for s in shares if s.from_date <= day and (s.to_date is None or day < s.to_date)
        )
        if total > best:
            best, on = total, day
    return best, on


# --- granting --------------------------------------------------------------------------------------------------------
def first_not_held(
    permissions: Iterable[str], *, scope: RowScope, store_ids: frozenset[int] | None, grants: Sequence[Grant]
) -> str | None:
    """The first permission (by code) that the grants do not hold as widely as it would be given: at every one of
    `store_ids` (None: the whole merchant) and over as many rows. None when all are held, so that it may be given."""
    for permission in sorted(permissions):
        reached: set[int] = set()
        is_everywhere = False
        for grant in grants:
            if permission in grant.permissions and grant.scope >= scope:
                is_everywhere = is_everywhere or grant.store_ids is None
                reached |= grant.store_ids or set()
        if not is_everywhere and (store_ids is None or not store_ids <= reached):
            return permission
    return None


def first_uncovered_day(stretches: Iterable[tuple[date, date | None]], *, start: date) -> date | None:
    """The first day from `start` on that none of the stretches `[from, to)` covers; None when there is none."""
    day = start
    for from_date, to_date in sorted(stretches, key=lambda each: each[0]):
        if from_date > day:
            return day
        if to_date is None:
            return None
        day = max(day, to_date)
    return day
