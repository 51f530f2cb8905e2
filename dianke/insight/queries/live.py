"""Figures of this moment, from the records themselves, by the same definitions as the snapshot's: what was sold today.
Asked for as sales reports are read, so that whoever sees only their own sales sees only these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dianke.core.actor import Actor
from dianke.insight.rules.terms import Sums
from dianke.sales.queries.reports.figures import (
    Row,
    Scope,
    figures_of,
    names_of,
    rows_of,
    scope_of,
    stores_of,
)
from dianke.sales.rules.report_terms import By, Figures, Span, year_before
from dianke.stores.models import Store


@dataclass(frozen=True, slots=True)
class Then:
    """A day today is held against: what it had `until` the same hour, and in all. `code`: week, month, year."""

    code: str
    day: date
    until: Figures
    whole: Figures


@dataclass(frozen=True, slots=True)
class Day:
    """The business day that runs. `hour`: full hours that have passed are compared, so `until` counts what was sold
    before it; `course` is net sales by the end of each of the hours (None: not yet), `course_then` a week ago."""

    day: date
    hour: int
    scope: Scope
    figures: Sums
    until: Figures
    thens: tuple[Then, ...]
    hours: tuple[int, ...]
    course: tuple[int | None, ...]
    course_then: tuple[int, ...]


def sums(figures: Figures) -> Sums:
    """Figures of the records as measures read them; of people nothing is known."""
    return Sums(*(getattr(figures, name) for name in Figures.__dataclass_fields__))


def scope_for(actor: Actor, store: Store | None = None) -> Scope:
    """The store's sales, or those of all the actor's stores of one currency."""
    every = stores_of(actor)
    return scope_of(actor, [one for one in every if store and one.pk == store.pk], every)


def running_day(scope: Scope, now: datetime) -> date:
    """The business day of the stores at this moment; where some closed theirs already, the one that still runs."""
    return min(store.business_date(now) for store in scope.stores)


def compared_days(day: date) -> list[tuple[str, date]]:
    """The same weekday a week ago, the same day of the month before, the same day a year ago."""
    first = day.replace(day=1)
    last_of_month = first - timedelta(days=1)
    month = last_of_month.replace(day=min(day.day, last_of_month.day))
    return [
        ("week", day - timedelta(days=7)),
        ("month", month),
        ("year", year_before(Span(day, day)).first),
    ]


def today_of(scope: Scope, *, now: datetime) -> Day:
    """What was sold today, and by the same hour on other days. Five statements. There is a store in the scope."""
    day = running_day(scope, now)
    begin = max(store.closing_hour for store in scope.stores)
    hour = now.astimezone(ZoneInfo(scope.stores[0].time_zone)).hour
    hours = [(begin + n) % 24 for n in range(24)]
    passed = hours[: hours.index(hour)]
    today = rows_of(By.HOUR, scope, Span(day, day))
    thens: list[Then] = []
    course_then: tuple[int, ...] = ()
    for code, other in compared_days(day):
        by_hour = rows_of(By.HOUR, scope, Span(other, other))
        thens.append(Then(code, other, _together(by_hour, passed), _together(by_hour, hours)))
        if code == "week":
            course_then = _course(by_hour, hours)
    course = _course(today, hours)
    return Day(
        day,
        hour,
        scope,
        sums(figures_of(scope, Span(day, day))),
        _together(today, passed),
        tuple(thens),
        tuple(hours),
        tuple(value if at <= len(passed) else None for at, value in enumerate(course)),
        course_then,
    )


def _together(by_hour: dict[str, Figures], hours: Sequence[int]) -> Figures:
    """Sums of hours: of amounts; papers of two hours may be the same."""
    found = Figures()
    for hour in hours:
        found = found.plus(by_hour.get(str(hour), Figures()))
    return found


def _course(by_hour: dict[str, Figures], hours: Sequence[int]) -> tuple[int, ...]:
    course, so_far = [], 0
    for hour in hours:
        so_far += by_hour.get(str(hour), Figures()).net_amount
        course.append(so_far)
    return tuple(course)


def rows_today(by: By, scope: Scope, day: date) -> list[Row]:
    """Today by store or person, held against the same weekday a week ago, the most sold first. Three statements."""
    span, then = Span(day, day), Span(day - timedelta(days=7), day - timedelta(days=7))
    found, before = rows_of(by, scope, span), rows_of(by, scope, then)
    names = names_of(by, {**found, **before}, span)
    nothing = Figures()
    rows = [
        Row(key, names.get(key, key), found.get(key, nothing), before.get(key, nothing))
        for key in names
        if key in found or key in before
    ]
    return sorted(rows, key=lambda row: (-row.figures.net_amount, row.label))
