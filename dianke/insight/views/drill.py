"""From a figure to the rows behind it: the lines of sales reports, or the customers who bought them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.http import QueryDict
from django.urls import reverse

from dianke.insight.rules.terms import PEOPLE
from dianke.sales.queries.reports.figures import begin_of
from dianke.sales.rules.report_terms import By, Span
from dianke.sales.views.report_lines import NONE, UNKNOWN

_OF_CUSTOMERS = frozenset({By.NOVELTY, By.LEVEL})
_DAYS = frozenset({By.DAY, By.WEEK, By.MONTH})
_SOLD = frozenset({"orders", "sold", "average", "items"})
_RETURNED = frozenset({"returns", "returned"})
_OF_PEOPLE = PEOPLE | {"returning_customers", "repeat_rate"}
_NOVELTY = {"new_customers": "NEW", "returning_customers": "KNOWN"}


def rows_behind(
    measure: str,
    span: Span,
    *,
    keys: Sequence[tuple[By, str]] = (),
    filters: Mapping[By, str | Sequence[str]] | None = None,
) -> str:
    """The address of what a figure of `measure` counts: of these days, in the row with these keys. A filter of several
    keys names all of them, except where the row is one of them."""
    params = QueryDict(mutable=True)
    days = span
    kept = {by: told if isinstance(told, str) else ",".join(told) for by, told in (filters or {}).items()}
    for by, key in [*kept.items(), *keys]:
        if by in _DAYS:
            days = _within(by, date.fromisoformat(key), days)
        else:
            params[by.value] = key or (UNKNOWN if by in _OF_CUSTOMERS else NONE)
    params["day"] = f"{days.first.isoformat()}..{days.last.isoformat()}"
    if measure in _NOVELTY:
        params[By.NOVELTY.value] = _NOVELTY[measure]
    if By.NOVELTY.value in params and days.first != span.first:
        params["since"] = f"{span.first.isoformat()}.."
    if measure in _OF_PEOPLE:
        return f"{reverse('insight:buyers')}?{params.urlencode()}"
    if measure in _SOLD or measure in _RETURNED:
        params["kind"] = "SOLD" if measure in _SOLD else "RETURNED"
    return f"{reverse('sales:report-lines')}?{params.urlencode()}"


def _within(by: By, begin: date, span: Span) -> Span:
    """The days of a day, week or month that lie in the span."""
    last = begin
    while by is not By.DAY and begin_of(by, last + timedelta(days=1)) == begin:
        last += timedelta(days=1)
    return Span(max(begin, span.first), min(last, span.last))
