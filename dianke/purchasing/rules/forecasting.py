"""What will be needed: the port of the forecast, and the plain one behind it until a better one is provided.

The plain one is seasonal naive by weekday (Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", chapter
on simple methods), the last weeks averaged: a shop sells on Saturdays what it sold on Saturdays. It looks at days,
knows no holidays, and says how rough it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

WEEK = 7
MOST_WEEKS = 8
#: So many whole weeks make a weekday pattern; with fewer, every day counts the same.
LEAST_WEEKS = 4
#: With less nothing is said.
LEAST_DAYS = 7
_PLACES = Decimal("0.0001")

BY_WEEKDAY, SHORT_HISTORY, UNKNOWN = "weekday", "short_history", ""


@dataclass(frozen=True, slots=True)
class Demand:
    """What will be needed over the days asked about, in stock units.

    `daily_deviation` is the standard deviation of a day around what was expected of it; `method` names how it was found
    ("" when nothing can be said), `known_days` how many days of history it rests on.
    """

    quantity: Decimal
    daily_deviation: Decimal = Decimal(0)
    method: str = UNKNOWN
    known_days: int = 0

    @property
    def is_known(self) -> bool:
        return self.method != UNKNOWN


NOTHING_KNOWN = Demand(Decimal(0))


class Forecaster(Protocol):
    """Who answers what will be needed. Asked once per lead time, for many variants of one store together; a variant
    nothing is known of may be left out of the answer."""

    name: str

    def demand(
        self, *, store_id: int, variant_ids: Collection[int], first: date, days: int
    ) -> Mapping[int, Demand]:
        """Demand on the `days` days from `first`, by variant."""
        ...


@dataclass(frozen=True, slots=True)
class History:
    """What went out per day, from `known_from` to the day before `until`; a day that is missing sold nothing. Days in
    `closed` (no goods, shop shut) say nothing about demand and are left out."""

    known_from: date
    until: date
    sold: Mapping[date, Decimal]
    closed: frozenset[date] = frozenset()

    def days(self, *, last: int) -> list[tuple[date, Decimal]]:
        """The last so many days, oldest first, closed ones left out."""
        first = max(self.known_from, self.until - timedelta(days=last))
        span = (self.until - first).days
        every = (first + timedelta(days=offset) for offset in range(max(0, span)))
        return [(day, self.sold.get(day, Decimal(0))) for day in every if day not in self.closed]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is expected of each weekday (0 Monday … 6 Sunday), and how far days lay from it."""

    expected: tuple[Decimal, ...]
    daily_deviation: Decimal
    method: str
    known_days: int

    def over(self, first: date, days: int) -> Demand:
        """Demand on the `days` days from `first`."""
        if self.method == UNKNOWN:
            return NOTHING_KNOWN
        weeks, rest = divmod(days, WEEK)
        start = first.weekday()
        total = weeks * sum(self.expected) + sum(self.expected[(start + n) % WEEK] for n in range(rest))
        return Demand(
            Decimal(total).quantize(_PLACES, ROUND_HALF_UP),
            self.daily_deviation,
            self.method,
            self.known_days,
        )


def pattern(history: History) -> Pattern:
    """With four known weeks or more each day is expected to be the mean of its weekday over the last eight; with less,
    the mean of all days; with fewer than seven days nothing is said. Returns that bring a day below zero count against
    it, but what is expected is never negative."""
    known = history.days(last=MOST_WEEKS * WEEK)
    if len(known) < LEAST_DAYS:
        return Pattern((), Decimal(0), UNKNOWN, len(known))
    by_weekday: dict[int, list[Decimal]] = {}
    for day, sold in known:
        by_weekday.setdefault(day.weekday(), []).append(sold)
    has_pattern = len(by_weekday) == WEEK and min(map(len, by_weekday.values())) >= LEAST_WEEKS
    overall = _mean([sold for _day, sold in known])
    expected = tuple(
        max(_mean(by_weekday[weekday]) if has_pattern else overall, Decimal(0)) for weekday in range(WEEK)
    )
    return Pattern(
        expected, _deviation(known, expected), BY_WEEKDAY if has_pattern else SHORT_HISTORY, len(known)
    )


def forecast(history: History, *, first: date, days: int) -> Demand:
    """Demand on the `days` days from `first`, by `pattern`."""
    return pattern(history).over(first, days)


def _mean(values: Collection[Decimal]) -> Decimal:
    return sum(values, start=Decimal(0)) / len(values)


def _deviation(known: list[tuple[date, Decimal]], expected: Sequence[Decimal]) -> Decimal:
    squares = [(sold - expected[day.weekday()]) ** 2 for day, sold in known]
    return _mean(squares).sqrt().quantize(_PLACES, ROUND_HALF_UP)
