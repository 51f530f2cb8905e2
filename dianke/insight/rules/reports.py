"""A report as people put it together: what, told by what, of which days and rows, how sorted and drawn. Pure: reading
and checking it needs no engine, so a saved one can be listed and changed without loading any.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput
from dianke.insight.rules.terms import MEASURES, TOLD_BY
from dianke.sales.rules.report_terms import TIMES, By, Preset, Span, span_of

Choice = TypeVar("Choice", bound=enum.StrEnum)
MOST_MEASURES = 6
MOST_BY = 2
TOPS = (5, 10, 20, 50, 100, 500)


class Period(enum.StrEnum):
    """The days of a report, anew every time it is asked."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"
    MONTH = "month"
    LAST_MONTH = "last_month"
    YEAR = "year"
    DAYS_7 = "7d"
    DAYS_30 = "30d"
    DAYS_90 = "90d"
    DAYS_365 = "365d"
    CUSTOM = "custom"


_BACK = {Period.DAYS_7: 7, Period.DAYS_30: 30, Period.DAYS_90: 90, Period.DAYS_365: 365}


class Drawn(enum.StrEnum):
    """How a report is shown; its table stands below in any case."""

    TABLE = "table"
    BAR = "bar"
    LINE = "line"
    STACKED = "stacked"
    HEAT = "heat"


#: To so many keys of a dimension a report may be narrowed.
MOST_KEYS = 50
#: What may be narrowed to some of its keys. Time is narrowed by the days.
FILTERS = tuple(by for by in TOLD_BY if by not in TIMES)
#: Sums over rows: parts of a whole, which may be laid on each other. Counts of papers and people are none.
ADDITIVE = frozenset(
    code for code, measure in MEASURES.items() if measure.unit in ("money", "quantity") and code != "average"
)


class NoMeasure(InvalidInput):
    code = "report_no_measure"
    message = _("A report needs at least one figure and at most %(most)s. Choose what it tells.")
    default_field = "measures"


class MeasureUnknown(InvalidInput):
    code = "report_measure_unknown"
    message = _("There is no figure “%(name)s”. Choose one from the list.")
    default_field = "measures"


class ByUnknown(InvalidInput):
    code = "report_by_unknown"
    message = _("A report is told by two different things at most. Choose them from the list.")
    default_field = "by"


class FilterUnknown(InvalidInput):
    code = "report_filter_unknown"
    message = _("A report cannot be narrowed by “%(name)s”. Take that out.")
    default_field = "filters"


class TooManyKeys(InvalidInput):
    code = "report_too_many_keys"
    message = _("A report is narrowed to at most %(most)s of a kind. Take some out, or tell it by them.")
    default_field = "filters"


class DaysMissing(InvalidInput):
    code = "report_days_missing"
    message = _("Say the first and the last day, or choose a period.")
    default_field = "period"


class ChoiceUnknown(InvalidInput):
    code = "report_choice_unknown"
    message = _("“%(value)s” is not among the choices. Choose one of: %(choices)s.")


class CannotStack(InvalidInput):
    code = "report_cannot_stack"
    message = _(
        "Only amounts and quantities can be laid on each other, told by two things. Choose another chart or figure."
    )
    default_field = "chart"


class NeedsTwo(InvalidInput):
    code = "report_needs_two"
    message = _("A heat map is told by two things. Choose the second one.")
    default_field = "by"


class NeedsOne(InvalidInput):
    code = "report_needs_one"
    message = _("A chart is told by something: by day, by store … Choose it, or show a table.")
    default_field = "by"


@dataclass(frozen=True, slots=True)
class Spec:
    """`filters`: dimension → the keys that are kept, as sales reports know them. `sort`: a measure, "-" before it for
    the largest first; empty: times in their order, else the largest first. `top`: so many rows; None: all there are."""

    measures: tuple[str, ...]
    by: tuple[By, ...] = ()
    period: Period = Period.DAYS_30
    first: date | None = None
    last: date | None = None
    filters: Mapping[By, tuple[str, ...]] = field(default_factory=dict)
    sort: str = ""
    top: int | None = None
    chart: Drawn = Drawn.TABLE

    def as_json(self) -> dict[str, Any]:
        """As it is kept; `read` makes it again."""
        found = asdict(self)
        found["first"] = self.first.isoformat() if self.first else None
        found["last"] = self.last.isoformat() if self.last else None
        found["measures"], found["by"] = list(self.measures), [by.value for by in self.by]
        found["filters"] = {by.value: list(keys) for by, keys in self.filters.items()}
        return found

    @property
    def order(self) -> tuple[str, bool]:
        """What rows are sorted by ("" : their keys) and whether the largest come first."""
        if self.sort:
            return self.sort.removeprefix("-"), self.sort.startswith("-")
        if not self.by or self.by[0] in TIMES:
            return "", False
        return self.measures[0], True


def read(raw: Mapping[str, Any]) -> Spec:
    """What came from a form, a program or the database. Raises what is wrong with it."""
    measures = tuple(dict.fromkeys(str(name) for name in raw.get("measures") or ()))
    if not 1 <= len(measures) <= MOST_MEASURES:
        raise NoMeasure(most=MOST_MEASURES)
    for name in measures:
        if name not in MEASURES:
            raise MeasureUnknown(name=name[:40])
    by = _dimensions(raw.get("by") or ())
    period = _choice(Period, raw.get("period") or Period.DAYS_30, "period")
    first = last = None
    if period is Period.CUSTOM:
        first, last = _day(raw.get("first")), _day(raw.get("last"))
        Span(first, last)  # refuses more days than a report may have
    chart = _choice(Drawn, raw.get("chart") or Drawn.TABLE, "chart")
    sort = str(raw.get("sort") or "")
    if sort.removeprefix("-") not in ("", *measures):
        sort = ""
    spec = Spec(
        measures,
        by,
        period,
        first,
        last,
        _filters(raw.get("filters") or {}),
        sort,
        _top(raw.get("top")),
        chart,
    )
    _check_chart(spec)
    return spec


def _dimensions(names: Any) -> tuple[By, ...]:
    known = {by.value: by for by in TOLD_BY}
    told = [str(name) for name in names if name]
    if len(told) > MOST_BY or len(set(told)) < len(told) or not set(told) <= set(known):
        raise ByUnknown
    return tuple(known[name] for name in told)


def keys_of(told: Any) -> tuple[str, ...]:
    """The keys a filter is told as: several, or a single one."""
    several = told if isinstance(told, list | tuple) else [told]
    return tuple(dict.fromkeys(str(key)[:40] for key in several if key not in (None, "")))


def _filters(raw: Mapping[str, Any]) -> dict[By, tuple[str, ...]]:
    known = {by.value: by for by in FILTERS}
    found = {}
    for name, told in raw.items():
        if name not in known:
            raise FilterUnknown(name=str(name)[:40])
        keys = keys_of(told)
        if len(keys) > MOST_KEYS:
            raise TooManyKeys(most=MOST_KEYS)
        if keys:
            found[known[name]] = keys
    return found


def _choice(kind: type[Choice], value: Any, name: str) -> Choice:
    try:
        return kind(str(value))
    except ValueError as error:
        raise ChoiceUnknown(value=str(value)[:40], choices=", ".join(kind), field=name) from error


def _day(value: Any) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value or ""))
    except ValueError as error:
        raise DaysMissing from error


def _top(value: Any) -> int | None:
    if value in (None, ""):
        return None
    if str(value) not in map(str, TOPS):
        raise ChoiceUnknown(value=str(value)[:40], choices=", ".join(map(str, TOPS)), field="top")
    return int(value)


def _check_chart(spec: Spec) -> None:
    if spec.chart is Drawn.TABLE:
        return
    if not spec.by:
        raise NeedsOne
    if spec.chart is Drawn.HEAT and len(spec.by) < MOST_BY:
        raise NeedsTwo
    if spec.chart is Drawn.STACKED and (len(spec.by) < MOST_BY or spec.measures[0] not in ADDITIVE):
        raise CannotStack


def days_of(spec: Spec, today: date) -> Span:
    """The days a report means as of today. Periods of so many days end yesterday: whole days only."""
    if spec.first and spec.last:
        return Span(spec.first, spec.last)
    if back := _BACK.get(spec.period):
        return Span(today - timedelta(days=back), today - timedelta(days=1))
    return span_of(Preset(spec.period.value), today)
