"""Carrying a report out: as the person who reads it, per currency, with the whole asked for and never added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dianke.catalog.models import Unit
from dianke.core.actor import Actor
from dianke.insight.queries.figures import COSTS, ask, scopes_of
from dianke.insight.rules.reports import Spec, days_of
from dianke.insight.rules.terms import MEASURES, Measure
from dianke.sales.queries.reports.quantities import units_of
from dianke.sales.rules.quantities import Quantities, by_quantity
from dianke.sales.rules.report_terms import TIMES, By, Span
from dianke.stores.models import Store
from dianke.stores.queries import local_date

#: A report is read by people; whoever wants more asks for fewer days at a time.
MOST_ROWS = 5_000
MOST_SECONDS = 20.0
MOST_DIGITS = 19


@dataclass(frozen=True, slots=True)
class Line:
    """`keys` and `labels`: one per dimension; `values`: one per measure, None: means nothing."""

    keys: tuple[str, ...]
    labels: tuple[str, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The figures of the stores of one currency. `whole` is asked for by itself: people and papers of two rows may be
    the same. `count` is how many rows there are before the first so many are taken."""

    currency: str
    lines: tuple[Line, ...]
    whole: tuple[Any, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Told:
    """A report as of `taken_at`, when its snapshot was. `is_own`: somewhere only the reader's own share is counted.
    `units`: those of its quantities."""

    spec: Spec
    span: Span
    today: date
    blocks: tuple[Block, ...]
    taken_at: datetime | None
    is_own: bool
    units: tuple[Unit, ...]

    @property
    def measures(self) -> tuple[Measure, ...]:
        return tuple(MEASURES[name] for name in self.spec.measures)

    @property
    def is_empty(self) -> bool:
        return not any(value for block in self.blocks for value in block.whole)


def offered(actor: Actor) -> list[Measure]:
    """What the actor may ask for."""
    return [each for each in MEASURES.values() if not each.shows_costs or actor.can(COSTS)]


def run(spec: Spec, *, actor: Actor, now: datetime) -> Told:
    """The report with the reader's own sight. Raises `NoSnapshot`, `CostsHidden`, `TooManyRows`, `TookTooLong`; whoever
    lacks the permission is refused."""
    today = local_date(now)
    span = days_of(spec, today)
    chosen = None
    where = {by.value: list(keys) for by, keys in spec.filters.items() if by is not By.STORE}
    if By.STORE in spec.filters:
        ids = [int(key) for key in spec.filters[By.STORE] if key.isdecimal() and len(key) < MOST_DIGITS]
        chosen = Store.objects.filter(pk__in=ids)
    blocks, taken_at, is_own = [], None, False
    usual: dict[str, Any] = {
        "measures": spec.measures,
        "span": span,
        "where": where,
        "actor": actor,
        "within_seconds": MOST_SECONDS,
    }
    scopes = scopes_of(actor, chosen)
    actor.require("insight.view_figures")
    for scope in scopes:
        whole = ask(**usual, scope=scope)
        found = (
            ask(**usual, by=[by.value for by in spec.by], scope=scope, most_rows=MOST_ROWS)
            if spec.by
            else None
        )
        lines = [] if found is None else _lines(spec, found.rows, found.names)
        taken_at, is_own = whole.taken_at, is_own or bool(scope.own)
        if len(scopes) > 1 and not any(whole.rows[0].values):
            continue
        shown = lines if spec.top is None else lines[: spec.top]
        blocks.append(Block(scope.currency, tuple(shown), whole.rows[0].values, len(lines)))
    much = (
        value
        for block in blocks
        for values in (block.whole, *(line.values for line in block.lines))
        for value in values
        if isinstance(value, Quantities)
    )
    return Told(spec, span, today, tuple(blocks), taken_at, is_own, units_of(much))


def _lines(spec: Spec, rows: Sequence[Any], names: Mapping[By, Mapping[str, str]]) -> list[Line]:
    lines = [
        Line(
            row.keys,
            tuple(names[by].get(key, key) for by, key in zip(spec.by, row.keys, strict=True)),
            row.values,
        )
        for row in rows
    ]
    lines.sort(key=lambda line: tuple(_order(by, key) for by, key in zip(spec.by, line.keys, strict=True)))
    name, is_down = spec.order
    if name:
        place = spec.measures.index(name)
        told = [line for line in lines if line.values[place] is not None]
        if MEASURES[name].unit == "quantity":
            told = by_quantity(told, lambda line: line.values[place], is_down=is_down)
        else:
            told.sort(key=lambda line: line.values[place], reverse=is_down)
        lines = [*told, *(line for line in lines if line.values[place] is None)]
    return lines


def _order(by: By, key: str) -> tuple[int, str]:
    """Hours and weekdays by number, days by date."""
    return (int(key), "") if by in TIMES and key.isdecimal() else (0, key)
