"""Reports of sales: one page for every dimension, with the way to the lines behind any figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.actor import Actor
from dianke.core.errors import Text
from dianke.sales.models.turnover import REPORTS
from dianke.sales.queries.reports.figures import (
    REST,
    Report,
    Row,
    Scope,
    begin_of,
    books_of,
    report_of,
    scope_of,
    stores_of,
)
from dianke.sales.queries.reports.quantities import MOST_IN_A_ROW, quantity_text
from dianke.sales.rules.quantities import by_quantity
from dianke.sales.rules.report_terms import (
    TIMES,
    By,
    PeriodWrong,
    Preset,
    Span,
    before,
    change_percent,
    span_of,
    year_before,
)
from dianke.sales.views.report_columns import (
    CHANGE,
    COSTS,
    NAME,
    NAMES,
    Figure,
    columns_of,
    percent,
    yuan,
)
from dianke.sales.views.report_lines import NONE, UNKNOWN
from dianke.stores.models import Store
from dianke.web import charts
from dianke.web.charts import Chart
from dianke.web.components import Stat, Tab
from dianke.web.formats import calendar_day, headline, money, number
from dianke.web.listing import as_id

ROWS_SHOWN = 100
BARS_SHOWN = 12
#: Told by who bought: nobody known is not the same as somebody without a level or a tag.
OF_CUSTOMERS = frozenset({By.NOVELTY, By.LEVEL, By.TAG})

PERIODS: tuple[tuple[Preset, Text], ...] = (
    (Preset.TODAY, gettext_lazy("Today")),
    (Preset.YESTERDAY, gettext_lazy("Yesterday")),
    (Preset.WEEK, gettext_lazy("This week")),
    (Preset.MONTH, gettext_lazy("This month")),
    (Preset.LAST_MONTH, gettext_lazy("Last month")),
    (Preset.YEAR, gettext_lazy("This year")),
)
#: Tabs of the page with the ways to tell each; the first one is what the tab opens.
GROUPS: tuple[tuple[Text, tuple[By, ...]], ...] = (
    (pgettext_lazy("tab of a report", "Time"), (By.DAY, By.WEEK, By.MONTH, By.WEEKDAY, By.HOUR)),
    (gettext_lazy("Store"), (By.STORE,)),
    (gettext_lazy("Product"), (By.PRODUCT,)),
    (gettext_lazy("Category"), (By.CATEGORY,)),
    (gettext_lazy("Brand"), (By.BRAND,)),
    (gettext_lazy("Staff"), (By.STAFF,)),
    (pgettext_lazy("of a sale", "Channel"), (By.CHANNEL,)),
    (pgettext_lazy("tab of a report", "Payment"), (By.TENDER,)),
    (gettext_lazy("Customers"), (By.NOVELTY, By.LEVEL, By.TAG)),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says."""

    by: By
    preset: Preset
    span: Span
    versus: str
    compared: Span
    stores: tuple[Store, ...]
    every: tuple[Store, ...]
    problem: str = ""

    @classmethod
    def of(cls, request: Request, *, every: Sequence[Store] | None = None) -> Asked:
        return asked(request.GET, request.actor, timezone.localdate(request.now), every)

    def query(self, **changes: str) -> str:
        """The address with changes; an empty value leaves one out."""
        values = {"by": self.by.value, "period": self.preset.value}
        if self.preset is Preset.CUSTOM:
            values |= {"from": self.span.first.isoformat(), "to": self.span.last.isoformat()}
        if len(self.stores) == 1:
            values["store"] = str(self.stores[0].pk)
        if self.versus == "year":
            values["versus"] = "year"
        params = QueryDict(mutable=True)
        for name, value in (values | changes).items():
            if value:
                params[name] = value
        return params.urlencode()


def asked(params: QueryDict, actor: Actor, today: date, every: Sequence[Store] | None = None) -> Asked:
    """Reads an address; what it does not know becomes the usual: this month by day, every store."""
    every = tuple(stores_of(actor) if every is None else every)
    by = next((each for each in By if each == params.get("by")), By.DAY)
    preset = next((each for each in Preset if each == params.get("period")), Preset.MONTH)
    span, problem = span_of(preset, today), ""
    if preset is Preset.CUSTOM:
        try:
            span = Span(*(date.fromisoformat(params.get(name, "")) for name in ("from", "to")))
        except ValueError:
            problem = _("Enter a first and a last day.")
        except PeriodWrong as error:
            problem = str(error)
    versus = "year" if params.get("versus") == "year" else "before"
    compared = year_before(span) if versus == "year" else before(span, preset)
    pk = as_id(params.get("store", ""))
    return Asked(by, preset, span, versus, compared, tuple(s for s in every if s.pk == pk), every, problem)


# --- the page -----------------------------------------------------------------------------------------------------
@require_GET
@requires(REPORTS)
def report(request: Request) -> HttpResponse:
    """A report of some days by one dimension."""
    what = Asked.of(request)
    scope = scope_of(request.actor, what.stores, what.every)
    found = report_of(by=what.by, scope=scope, span=what.span, compared=what.compared)
    columns = columns_of(what.by, request.actor)
    sort = request.GET.get("sort", "")
    rows = _sorted(found, columns, sort)
    first = (max(as_id(request.GET.get("page", "1")), 1) - 1) * ROWS_SHOWN
    write = partial(money, currency=scope.currency)
    today = timezone.localdate(request.now)
    context: dict[str, Any] = {
        "asked": what,
        "today": today,
        "span_text": _span_text(what.span, today),
        "compared_text": _span_text(what.compared, today),
        "tabs": [Tab(label, f"?{what.query(by=ways[0].value)}", what.by in ways) for label, ways in GROUPS],
        "ways": [
            {"label": NAMES[by], "url": f"?{what.query(by=by.value)}", "is_current": by is what.by}
            for _label, ways in GROUPS
            if what.by in ways and len(ways) > 1
            for by in ways
        ],
        "periods": [
            {
                "label": label,
                "url": f"?{what.query(period=preset.value, **{'from': '', 'to': ''})}",
                "is_current": preset is what.preset,
            }
            for preset, label in PERIODS
        ],
        "is_custom": what.preset is Preset.CUSTOM,
        "is_own": bool(scope.own),
        "stats": _stats(found, what, scope, request.actor),
        "chart": _chart(found, what, scope),
        "columns": [_head(column, what, sort) for column in columns],
        "rows": [_cells(row, columns, what, found, write) for row in rows[first : first + ROWS_SHOWN]],
        "whole": [_cell(c, Row("", "", found.whole, found.before), found, write) for c in columns[1:]],
        "previous_url": f"?{what.query(sort=sort, page=str(first // ROWS_SHOWN))}" if first else "",
        "next_url": f"?{what.query(sort=sort, page=str(first // ROWS_SHOWN + 2))}"
        if first + ROWS_SHOWN < len(rows)
        else "",
        "page_text": f"{first + 1}–{min(first + ROWS_SHOWN, len(rows))} / {len(rows)}",
        "lines_url": f"{reverse('sales:report-lines')}?{_lines_query(what, None)}",
        "is_empty": found.whole.is_nothing and found.before.is_nothing,
        "can_export": request.actor.can("web.export_lists"),
        "books": _books(found, what, scope, write) if "check" in request.GET and not scope.own else None,
        "can_check": not scope.own,
        "check_url": f"?{what.query(check='1')}",
        "file_url": f"{reverse('sales:report-file')}?{what.query()}",
        "others": ", ".join(scope.other_currencies),
        "currency": scope.currency,
    }
    return render(request, "sales/reports/report.html", context)


def _span_text(span: Span, today: date) -> str:
    first, last = calendar_day(span.first, today), calendar_day(span.last, today)
    return first if span.first == span.last else f"{first} – {last}"


def _stats(found: Report, what: Asked, scope: Scope, actor: Actor) -> list[Stat]:
    now, then = found.whole, found.before
    versus = _("than a year ago") if what.versus == "year" else _("than the period before")

    def of_amount(label: str, value: int, earlier: int, note: str = "", *, is_good_up: bool = True) -> Stat:
        amount = Decimal(value) / 100
        return Stat(
            label,
            headline(amount, scope.currency),
            exact=money(amount, scope.currency),
            note=note,
            change=change_percent(value, earlier),
            versus=versus,
            is_good_up=is_good_up,
        )

    stats = [
        of_amount(_("Net sales"), now.net_amount, then.net_amount, _("sold less returned, with tax")),
        Stat(_("Orders"), number(now.orders), change=change_percent(now.orders, then.orders), versus=versus),
        of_amount(_("Per order"), now.average_amount or 0, then.average_amount or 0),
        of_amount(
            _("Discounts"), now.discount_amount, then.discount_amount, _("below list price"), is_good_up=False
        ),
        of_amount(
            pgettext("column of a report", "Returned"),
            now.returned_amount,
            then.returned_amount,
            is_good_up=False,
        ),
    ]
    if actor.can(COSTS):
        note = _("margin %(percent)s") % {"percent": percent(now.margin_bp)}
        stats.append(of_amount(_("Gross profit"), now.profit_amount, then.profit_amount, note))
    return stats


def _chart(found: Report, what: Asked, scope: Scope) -> Chart | None:
    rows = [row for row in found.rows if row.key != REST]
    if not any(row.figures.net_amount for row in rows):
        return None
    net = found.whole.net_amount
    change = change_percent(net, found.before.net_amount)
    title = _("Net sales %(amount)s") % {"amount": headline(Decimal(net) / 100, scope.currency)}
    if change is not None:
        word = _("%(percent)s%% more") if change >= 0 else _("%(percent)s%% less")
        title = f"{title}, {word % {'percent': abs(change)}}"
    subtitle = _("What was sold less what came back, with tax, by %(by)s") % {"by": NAMES[what.by]}
    usual: dict[str, Any] = {
        "id": "sales-report",
        "title": title,
        "subtitle": subtitle,
        "unit": pgettext("unit of a chart", "yuan") if scope.currency == "CNY" else scope.currency,
        "category_label": NAMES[what.by],
    }

    def drawn(shown: Iterable[Row]) -> dict[str, Any]:
        listed = list(shown)
        series = {_("Net sales"): [yuan(row.figures.net_amount) for row in listed]}
        if all(row.before is not None for row in listed):
            name = _("A year ago") if what.versus == "year" else _("Period before")
            series[name] = [yuan(row.before.net_amount if row.before else 0) for row in listed]
        return usual | {"categories": [row.label for row in listed], "series": series}

    if what.by is By.DAY and len(rows) > 2:
        return charts.line(**drawn(rows))
    if what.by in TIMES:
        return charts.bar(**drawn(rows))
    return charts.bar(**drawn(rows[:BARS_SHOWN]), lying=True)


def _books(found: Report, what: Asked, scope: Scope, write: Callable[[Decimal], str]) -> dict[str, Any]:
    books = books_of(scope, what.span)
    return {
        "is_equal": books.sales == found.whole.revenue_amount,
        "reported": write(yuan(found.whole.revenue_amount)),
        "sales": write(yuan(books.sales)),
        "sessions": write(yuan(books.sessions)),
        "other": write(yuan(books.other)) if books.other else "",
        "revenue": write(yuan(books.revenue)),
    }


def _sorted(found: Report, columns: Sequence[Figure], sort: str) -> list[Row]:
    """Rows by a column; the rest stays last."""
    rows = list(found.rows)
    figure = next((each for each in columns if each.code == sort.removeprefix("-")), None)
    if figure is None or figure is CHANGE:
        return rows
    rest = [row for row in rows if row.key == REST]
    told = [row for row in rows if row.key != REST]
    if figure.kind == "quantity":
        told = by_quantity(told, lambda row: figure.of(row.figures), is_down=sort.startswith("-"))
    else:
        key = (lambda row: row.label) if figure is NAME else (lambda row: figure.of(row.figures) or 0)
        told.sort(key=key, reverse=sort.startswith("-"))
    return [*told, *rest]


def _head(figure: Figure, what: Asked, sort: str) -> dict[str, Any]:
    is_current = sort.removeprefix("-") == figure.code
    goes_down = is_current and sort.startswith("-")
    target = figure.code if goes_down or (figure is NAME and not is_current) else f"-{figure.code}"
    return {
        "label": NAMES[what.by] if figure is NAME else figure.label,
        "is_name": figure is NAME,
        "url": "" if figure is CHANGE else f"?{what.query(sort=target)}",
        "aria_sort": ("descending" if goes_down else "ascending") if is_current else "",
    }


def _cells(
    row: Row, columns: Sequence[Figure], what: Asked, found: Report, write: Callable[[Decimal], str]
) -> dict[str, Any]:
    url = ""
    if row.key != REST and (row.key or what.by is not By.TENDER):
        url = f"{reverse('sales:report-lines')}?{_lines_query(what, row.key)}"
    share = (
        Decimal(row.figures.net_amount * 100) / found.whole.net_amount if found.whole.net_amount > 0 else None
    )
    return {
        "label": row.label,
        "url": url,
        "is_rest": row.key == REST,
        "share": max(0, min(100, round(share))) if share is not None else 0,
        "cells": [_cell(column, row, found, write) for column in columns[1:]],
    }


def _cell(figure: Figure, row: Row, found: Report, write: Callable[[Decimal], str]) -> dict[str, Any]:
    label, full = str(figure.label), ""
    if figure is CHANGE:
        change = change_percent(row.figures.net_amount, row.before.net_amount) if row.before else None
        return {"label": label, "change": change, "is_change": True}
    value = figure.of(row.figures)
    if row.key == REST and (figure.kind == "share" or figure.code == "orders"):
        return {"label": label, "text": ""}
    if figure.kind == "amount":
        text = write(yuan(value)) if value else ""
    elif figure.kind == "share":
        text = percent(value) if value is not None else ""
    elif figure.kind == "quantity":
        full = quantity_text(value, found.units)
        text = quantity_text(value, found.units, most=MOST_IN_A_ROW)
    else:
        text = number(value) if value else ""
    return {
        "label": label,
        "text": text,
        "full": full if text != full else "",
        "is_several": figure.kind == "quantity" and len(value.of) > 1,
        "is_main": figure.code == "net",
        "is_bad": figure.code == "returned",
    }


def _lines_query(what: Asked, key: str | None) -> str:
    """The page of lines, narrowed to these days, the store and one row."""
    span = what.span
    if key is not None and what.by in (By.DAY, By.WEEK, By.MONTH):
        days = [span.first, span.last]
        begin = date.fromisoformat(key)
        inside = [d for d in _days_of(what.by, begin) if days[0] <= d <= days[1]]
        span = Span(inside[0], inside[-1])
    params = QueryDict(mutable=True)
    params["day"] = f"{span.first.isoformat()}..{span.last.isoformat()}"
    if len(what.stores) == 1:
        params["store"] = str(what.stores[0].pk)
    if key is not None and what.by not in (By.DAY, By.WEEK, By.MONTH):
        params[what.by.value] = key or (UNKNOWN if what.by in OF_CUSTOMERS else NONE)
    return params.urlencode()


def _days_of(by: By, begin: date) -> list[date]:
    days = [begin]
    while by is not By.DAY:
        following = date.fromordinal(days[-1].toordinal() + 1)
        if begin_of(by, following) != begin:
            break
        days.append(following)
    return days
