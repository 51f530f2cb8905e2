"""The page of customer value: the grid, the groups, the cohorts, how old all that is, and the way to the people behind
every figure.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.insight.models import VIEW, SnapshotRun
from dianke.insight.operations.runs import REFRESH, ask_refresh
from dianke.insight.queries.engine import NoSnapshot
from dianke.insight.queries.people import Cohort, Overview, cohorts, label_of, merchant_currency, overview
from dianke.insight.rules.group_words import MEANINGS
from dianke.insight.tasks import enqueue
from dianke.insight.views.forecast import forecast
from dianke.sales.rules.report_terms import change_percent, share_bp
from dianke.web import charts
from dianke.web.components import Stat
from dianke.web.formats import headline, money, number
from dianke.web.responses import done

PAGE = "insight:customers"
#: So many shades tell more from less; the number stands in every cell.
SHADES = 5
FREQUENCY_WORDS = {
    1: gettext_lazy("seldom"),
    5: gettext_lazy("most often"),
}
RECENCY_WORDS = {
    1: gettext_lazy("longest ago"),
    5: gettext_lazy("just now"),
}


def people(**filters: Any) -> str:
    """The list of the people behind a figure."""
    return f"{reverse('insight:people')}?{urlencode(filters)}"


def shade_of(count: int, most: int) -> int:
    """0 for none, else 1–5 by the share of the fullest."""
    return 0 if not count else 1 + (SHADES - 1) * count // max(most, 1)


@require_GET
@requires(VIEW)
def customers(request: Request) -> HttpResponse:
    """Grid and groups; the cohorts come after, as they are asked of the snapshot."""
    context = {
        **customer_cards(overview(request.actor)),
        "list_url": reverse("insight:people"),
        "forecast": forecast(),
        **state_of(request.actor),
    }
    return render(request, "insight/customers.html", context)


def customer_cards(found: Overview) -> dict[str, Any]:
    """The figures, the grid, the groups and where the money comes from: for the page and the dashboard."""
    currency = merchant_currency()
    return {
        "found": found,
        "is_empty": found.count == 0,
        "stats": _stats(found, currency),
        "grid": _grid(found, currency),
        "frequencies": [{"score": n, "word": FREQUENCY_WORDS.get(n, "")} for n in range(1, 6)],
        "groups": _groups(found, currency),
        "chart": _chart(found, currency) if found.spend_amount > 0 else None,
    }


def _stats(found: Overview, currency: str) -> list[Stat]:
    by_code = {group.code: group for group in found.groups}
    best = [by_code[code] for code in ("CHAMPION", "LOYAL")]
    leaving = [by_code[code] for code in ("SLIPPING", "AT_RISK", "CANT_LOSE")]
    share = share_bp(sum(group.spend_amount for group in best), found.spend_amount)
    return [
        Stat(_("Customers who bought"), number(found.count), url=reverse("insight:people")),
        Stat(
            _("Spent, net of returns"),
            headline(Money.from_minor(found.spend_amount, currency)),
            exact=money(Money.from_minor(found.spend_amount, currency)),
        ),
        Stat(
            _("Share of champions and loyal customers"),
            "–" if share is None else f"{share / 100:.0f}%",
            note=_("of what was spent"),
        ),
        Stat(
            _("On their way out"),
            number(sum(group.count for group in leaving)),
            note=_("slipping away, at risk, win back first"),
        ),
    ]


def _grid(found: Overview, currency: str) -> list[dict[str, Any]]:
    most = max((cell.count for cell in found.cells.values()), default=0)
    return [
        {
            "recency": recency,
            "word": RECENCY_WORDS.get(recency, ""),
            "cells": [
                {
                    "cell": cell,
                    "shade": shade_of(cell.count, most),
                    "spend": headline(Money.from_minor(cell.spend_amount, currency)),
                    "url": people(recency=recency, frequency=cell.frequency) if cell.count else "",
                }
                for frequency in range(1, 6)
                for cell in [found.cells[recency, frequency]]
            ],
        }
        for recency in range(5, 0, -1)
    ]


def _groups(found: Overview, currency: str) -> list[dict[str, Any]]:
    return [
        {
            "label": label_of(group.code),
            "meaning": MEANINGS[group.code][0],
            "advice": MEANINGS[group.code][1],
            "count": group.count,
            "spend": money(Money.from_minor(group.spend_amount, currency)),
            "share": share_bp(group.spend_amount, found.spend_amount),
            "share_text": _percent(share_bp(group.spend_amount, found.spend_amount)),
            "change": change_percent(group.count, group.count_last_month) if found.has_last_month else None,
            "before": group.count_last_month,
            "is_good_up": group.code in ("CHAMPION", "LOYAL", "PROMISING", "NEW"),
            "url": people(group=group.code) if group.count else "",
        }
        for group in found.groups
    ]


def _percent(bp: int | None) -> str:
    return "–" if bp is None else f"{bp / 100:.1f}%"


def _chart(found: Overview, currency: str) -> charts.Chart:
    """Which group brings the money; its finding is the title."""
    shown = sorted((g for g in found.groups if g.count), key=lambda g: -g.spend_amount)
    first = shown[0]
    values = {
        "group": label_of(first.code),
        "share": _percent(share_bp(first.spend_amount, found.spend_amount)),
    }
    return charts.bar(
        "spend-by-group",
        title=_("“%(group)s” bring %(share)s of what was spent") % values,
        subtitle=_("Spent by group, net of returns, since the beginning"),
        unit=_("yuan") if currency == "CNY" else currency,
        categories=[label_of(group.code) for group in shown],
        series={_("Spent"): [Money.from_minor(group.spend_amount, currency).amount for group in shown]},
        lying=True,
        links=[people(group=group.code) for group in shown],
    )


# --- cohorts ------------------------------------------------------------------------------------------------------
@require_GET
@requires(VIEW)
def retention(request: Request) -> HttpResponse:
    """Who came back, month by month: a page of its own, and the part of the overview that is fetched after it."""
    try:
        rows = cohorts(request.actor, now=request.now)
    except NoSnapshot:
        rows = []
    context = {"rows": [_cohort(row) for row in rows], "months": range(1, _width(rows))}
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, "insight/retention.html#table" if is_part else "insight/retention.html", context)


def _width(rows: list[Cohort]) -> int:
    return max((sum(count is not None for count in row.counts) for row in rows), default=1)


def _cohort(row: Cohort) -> dict[str, Any]:
    cells = []
    for after, count in enumerate(row.counts[1:], 1):
        if count is not None:
            share = share_bp(count, row.size) or 0
            cells.append(
                {
                    "after": after,
                    "count": count,
                    "share": f"{share / 100:.0f}%",
                    "shade": shade_of(share, 10_000) if count else 0,
                    "url": _people_of(row.month, after) if count else "",
                }
            )
    return {"month": f"{row.month:%Y-%m}", "size": row.size, "url": _people_of(row.month, 0), "cells": cells}


def _people_of(month: date, after: int) -> str:
    years, index = divmod(month.year * 12 + month.month - 1 + after, 12)
    return people(cohort=f"{month:%Y-%m}.{years:04}-{index + 1:02}")


# --- how old it is, and making it new -----------------------------------------------------------------------------
def state_of(actor: Actor) -> dict[str, Any]:
    """When figures and values were worked out last, and whether they are being so now. Two statements."""
    rows = SnapshotRun.objects.visible_to(actor)
    latest = rows.first()
    return {
        "running": latest if latest and latest.state == SnapshotRun.State.RUNNING else None,
        "failed": latest if latest and latest.state == SnapshotRun.State.FAILED else None,
        "taken": rows.done().first(),
        "may_refresh": actor.can(REFRESH),
    }


@require_GET
@requires(VIEW)
def state(request: Request) -> HttpResponse:
    """The line that says how old everything is; while a refresh runs, how far it is."""
    context = state_of(request.actor)
    if context["running"] is None:  # it has ended: the page shows what came of it
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return render(request, "insight/parts/state.html", context)


@require_POST
@requires(REFRESH)
def refresh(request: Request) -> HttpResponse:
    """Bring figures and values up to date, in the background."""
    run = ask_refresh(is_full=True, actor=request.actor, now=request.now)
    enqueue(run)
    return done(request, _("Figures and values are being brought up to date."), to=reverse(PAGE))
