"""Today so far: the figures, what the same hours had on other days, the course of the day, who sold it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from dianke.core.actor import Actor
from dianke.core.errors import Text
from dianke.insight.queries.live import Day, rows_today
from dianke.insight.rules.terms import MEASURES, Measure
from dianke.insight.views.drill import rows_behind
from dianke.sales.rules.report_terms import By, Span, change_percent
from dianke.stores.models import Store
from dianke.web import charts
from dianke.web.components import Stat
from dianke.web.formats import calendar_day, headline, money, number

COSTS = "catalog.view_costs"
THEN: dict[str, Text] = {
    "week": gettext_lazy("The same weekday last week"),
    "month": gettext_lazy("The same day last month"),
    "year": gettext_lazy("The same day last year"),
}
ROWS_SHOWN = 12


def stat(
    measure: Measure,
    value: Any,
    currency: str,
    *,
    before: Any = None,
    versus: Text = "",
    url: str = "",
    note: Text = "",
    label: Text = "",
) -> Stat:
    """A figure of a board: short in the headline, exact on hover, with the way to its rows."""
    shown, exact = "–", ""
    if value is not None and measure.unit == "money":
        amount = Decimal(value) / 100
        shown, exact = headline(amount, currency), money(amount, currency)
    elif value is not None:
        shown = f"{value / 100:.1f}%" if measure.unit == "share" else number(value)
    change = None
    if value is not None and before is not None and measure.unit != "share":
        change = change_percent(int(value), int(before))
    return Stat(
        label or measure.label,
        shown,
        exact=exact,
        note=note,
        change=change,
        versus=versus if change is not None else "",
        url=url if value else "",
        is_good_up=measure.code != "returned",
    )


def today_context(
    found: Day, actor: Actor, rows_by: str, *, store: Store | None, now: datetime
) -> dict[str, Any]:
    """What the template of the running day shows. `rows_by`: "store", "staff" or nothing."""
    currency, span = found.scope.currency, Span(found.day, found.day)
    filters = {By.STORE: str(store.pk)} if store is not None else {}

    def write(minor: int) -> str:
        return money(Decimal(minor) / 100, currency)

    codes = ["net", "orders", "average", "returned", *(["profit"] if actor.can(COSTS) else [])]
    stats = [
        stat(
            MEASURES[code],
            MEASURES[code].value(found.figures),
            currency,
            url=rows_behind(code, span, filters=filters),
        )
        for code in codes
    ]
    until = found.until.net_amount
    thens = [
        {
            "label": THEN[then.code],
            "day": calendar_day(then.day, found.day),
            "until": write(then.until.net_amount),
            "whole": write(then.whole.net_amount),
            "change": change_percent(until, then.until.net_amount),
            "url": rows_behind("net", Span(then.day, then.day), filters=filters)
            if then.whole.net_amount
            else "",
        }
        for then in found.thens
    ]
    rows: list[dict[str, Any]] = []
    if rows_by:
        by = By(rows_by)
        listed = rows_today(by, found.scope, found.day)
        most = max((row.figures.net_amount for row in listed), default=0)
        rows = [
            {
                "label": row.label,
                "net": write(row.figures.net_amount),
                "orders": number(row.figures.orders),
                "before": write(row.before.net_amount if row.before else 0),
                "share": max(0, round(row.figures.net_amount * 100 / most)) if most > 0 else 0,
                "url": rows_behind("net", span, filters=filters, keys=[(by, row.key)])
                if row.figures.net_amount
                else "",
            }
            for row in listed[:ROWS_SHOWN]
        ]
    return {
        "live": found,
        "live_day": calendar_day(found.day, found.day),
        "now": now,
        "stats": stats,
        "until": f"{found.hour:02}:00",
        "until_net": write(until),
        "has_passed": any(value is not None for value in found.course[1:]) or bool(until),
        "thens": thens,
        "rows": rows,
        "rows_title": _("Stores today") if rows_by == "store" else _("People today"),
        "rows_head": _("Store") if rows_by == "store" else pgettext("of a figure", "Person"),
        "chart": _course(found, currency),
    }


def _course(found: Day, currency: str) -> charts.Chart | None:
    """Net sales by the end of each hour, held against last week; only hours somebody sold in, and those between."""
    hours = [n for n, value in enumerate(found.course_then) if value]
    hours += [n for n, value in enumerate(found.course) if value]
    if not hours:
        return None
    first = max(0, min(hours) - 1)
    flat = [n for n in range(len(found.hours)) if found.course_then[n] == found.course_then[-1]]
    last = max(
        flat[0] if flat else 0,
        max(n for n, v in enumerate(found.course) if v is not None)
        if any(v is not None for v in found.course)
        else 0,
    )
    places = range(first, min(last + 1, len(found.hours) - 1) + 1)

    def yuan(value: int | None) -> Decimal | None:
        return None if value is None else Decimal(value) / 100

    return charts.line(
        "course-of-today",
        title=_("Net sales today %(amount)s")
        % {"amount": headline(Decimal(found.figures.net_amount) / 100, currency)},
        subtitle=_("Sold less returned, added up by the end of each hour"),
        unit=pgettext("unit of a chart", "yuan") if currency == "CNY" else currency,
        categories=[f"{found.hours[n] + 1:02}:00" for n in places],
        series={
            _("Today"): [yuan(found.course[n]) for n in places],
            _("Last week"): [yuan(found.course_then[n]) for n in places],
        },
        category_label=pgettext("dimension", "Hour"),
    )
