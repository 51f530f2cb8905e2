"""Which level somebody is at: what was bought inside a window against what the levels ask for, and when a level
that is no longer reached is lowered. docs/algorithms/loyalty.md tells it with the tables the tests use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dianke.loyalty.rules.terms import LevelTerms, ProgrammeTerms, sorted_levels


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` through `last`."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Sums:
    """What was bought inside a window, less what was returned: minor units, purchases, level points."""

    amount: int = 0
    orders: int = 0
    points: int = 0

    def get(self, name: str) -> int:
        return {"amount": self.amount, "orders": self.orders, "points": self.points}[name]

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.amount + other.amount, self.orders + other.orders, self.points + other.points)


# --- windows ------------------------------------------------------------------------------------------------
def anniversary(joined_on: date, year: int) -> date:
    """The day of a year on which membership began; the 29th of February is kept on the 28th."""
    try:
        return joined_on.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def current_window(terms: ProgrammeTerms, joined_on: date, today: date) -> Span:
    """The window purchases of `today` count in."""
    if terms.window == "CALENDAR_YEAR":
        return Span(date(today.year, 1, 1), date(today.year, 12, 31))
    if terms.window == "ANNIVERSARY":
        first = anniversary(joined_on, today.year)
        if first > today:
            first = anniversary(joined_on, today.year - 1)
        return Span(first, anniversary(joined_on, first.year + 1) - timedelta(days=1))
    return Span(today - timedelta(days=terms.window_days - 1), today)


def windows(terms: ProgrammeTerms, joined_on: date, today: date) -> tuple[Span, ...]:
    """The windows that count on `today`, the current one first. A level reached in one year holds through the
    next, so of years the one before counts too; the rolling window is the last days and nothing else.
    """
    now = current_window(terms, joined_on, today)
    if terms.window == "ROLLING":
        return (now,)
    return (now, current_window(terms, joined_on, now.first - timedelta(days=1)))


def period_end(terms: ProgrammeTerms, joined_on: date, today: date) -> date:
    """The last day of the period that runs: through it a level stays that is not to be lowered before."""
    if terms.window == "ROLLING":
        return today + timedelta(days=terms.window_days)
    return current_window(terms, joined_on, today).last


# --- what is reached ----------------------------------------------------------------------------------------
def is_reached(level: LevelTerms, sums: Sums) -> bool:
    """Whether sums lead to a level; never to one that asks for nothing (it is given or sold)."""
    met = [sums.get(name) >= least for name, least in level.asks.items()]
    return bool(met) and (all(met) if level.needs_all else any(met))


def reached(levels: Iterable[LevelTerms], sums: Iterable[Sums]) -> LevelTerms | None:
    """The best level any of the windows leads to."""
    found = [level for level in levels for each in sums if is_reached(level, each)]
    return max(found, key=lambda level: level.rank, default=None)


@dataclass(frozen=True, slots=True)
class Missing:
    """How far it is: `name` "amount", "orders" or "points"."""

    name: str
    have: int
    need: int

    @property
    def missing(self) -> int:
        return max(self.need - self.have, 0)


@dataclass(frozen=True, slots=True)
class Next:
    """The next level and what is missing to it; `needs_all`: all of it, else any one."""

    level: LevelTerms
    missing: tuple[Missing, ...]
    window: Span

    @property
    def percent(self) -> int:
        """How much of it is done, 0 to 100, for a bar on the screen."""
        parts = [min(each.have * 100 // each.need, 100) if each.need else 100 for each in self.missing]
        return (min(parts) if self.level.needs_all else max(parts)) if parts else 0


def next_level(levels: Sequence[LevelTerms], rank: int, sums: Sums, window: Span) -> Next | None:
    """The next better level that buying leads to."""
    for level in sorted_levels(levels):
        if level.rank > rank and level.asks:
            missing = tuple(Missing(name, sums.get(name), need) for name, need in level.asks.items())
            return Next(level, missing, window)
    return None


# --- up and down --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands by the rules alone: the level (id), since when it is no longer reached, and through which
    day it is not lowered."""

    level_id: int | None = None
    below_since: date | None = None
    held_until: date | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The place after looking; `why` "REACHED", "LOWERED", "RETURNED" or "" when the level stayed."""

    place: Place
    why: str = ""


def decide(
    place: Place,
    target: LevelTerms | None,
    *,
    levels: Sequence[LevelTerms],
    terms: ProgrammeTerms,
    today: date,
    ends: Callable[[], date],
    is_return: bool = False,
    is_anew: bool = False,
) -> Decision:
    """What becomes of `place` when the windows lead to `target`. `ends` gives the end of the running period.

    Up: at once. Down: not while it is held, nor in the days of grace since it is no longer reached; then one level or
    to `target`, as the programme says, or never. One step down holds for a period. `is_return`: what had led to the
    level was given back, so it goes at once, or stays through the period where the programme says so. `is_anew`:
    without regard to the past (records were separated).
    """
    by_id = {level.id: level for level in levels}
    now = by_id.get(place.level_id) if place.level_id is not None else None
    now_rank, rank = (now.rank if now else -1), (target.rank if target else -1)
    target_id = target.id if target else None
    if is_anew:
        return Decision(Place(target_id), "" if target_id == place.level_id else "LOWERED")
    if rank > now_rank:
        return Decision(Place(target_id), "REACHED")
    if rank == now_rank:
        return Decision(Place(place.level_id, None, place.held_until))
    if is_return and not terms.keeps_after_refund:
        return Decision(Place(target_id), "RETURNED")
    held_until = ends() if is_return and place.held_until is None else place.held_until
    below_since = place.below_since or today
    waits = Place(place.level_id, below_since, held_until)
    if terms.downgrade == "NEVER":
        return Decision(Place(place.level_id, below_since, place.held_until))
    if held_until is not None and today <= held_until:
        return Decision(waits)
    if today < below_since + timedelta(days=terms.grace_days):
        return Decision(waits)
    if terms.downgrade == "RECOMPUTED":
        return Decision(Place(target_id), "LOWERED")
    lower = [level for level in sorted_levels(levels) if rank <= level.rank < now_rank]
    step = lower[-1] if lower else None
    step_id = step.id if step else target_id
    still_below = (step.rank if step else -1) > rank
    return Decision(
        Place(step_id, today if still_below else None, ends() if still_below else None), "LOWERED"
    )


def better(*levels: LevelTerms | None) -> LevelTerms | None:
    """The best of those that are there."""
    return max((level for level in levels if level is not None), key=lambda level: level.rank, default=None)
