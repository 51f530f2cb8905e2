"""The form of the report builder: what was typed, and the choices it offers."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from dianke.access.models import Role
from dianke.core.actor import Actor
from dianke.core.errors import Text
from dianke.insight.models import FIGURES, SavedReport
from dianke.insight.queries.report_file import LABELS, PERIODS
from dianke.insight.queries.reports import offered
from dianke.insight.rules.reports import FILTERS, TOPS, Drawn, keys_of
from dianke.insight.rules.terms import MEASURES, TOLD_BY
from dianke.sales.rules.report_terms import By
from dianke.sales.views.report_lines import ReportLines

CHARTS: dict[Drawn, tuple[Text, str]] = {
    Drawn.TABLE: (gettext_lazy("Table"), "table"),
    Drawn.BAR: (gettext_lazy("Bars"), "chart-bar"),
    Drawn.LINE: (pgettext_lazy("kind of chart", "Lines"), "chart-line"),
    Drawn.STACKED: (gettext_lazy("Stacked"), "stack-2"),
    Drawn.HEAT: (gettext_lazy("Heat map"), "layout-grid"),
}
#: Told by so many goods that a list of them helps nobody; programs may name one.
_NOT_LISTED = frozenset({By.PRODUCT})
START = {"measures": ["net", "orders"], "by": ["day"], "chart": "line", "period": "30d"}


def asked(data: QueryDict) -> dict[str, Any]:
    """What a form says a report asks, as `rules.reports.read` takes it."""
    return {
        "measures": data.getlist("measures"),
        "by": [name for name in (data.get("by1", ""), data.get("by2", "")) if name],
        "period": data.get("period", ""),
        "first": data.get("first", ""),
        "last": data.get("last", ""),
        "filters": {by.value: keys for by in FILTERS if (keys := data.getlist(f"f-{by.value}"))},
        "sort": data.get("sort", ""),
        "top": data.get("top", ""),
        "chart": data.get("chart", ""),
    }


def kept(data: QueryDict) -> dict[str, Any]:
    """Name and sharing."""
    return {
        "name": data.get("name", "")[:200],
        "note": data.get("note", "")[:400],
        "is_shared": "is_shared" in data,
        "role_codes": data.getlist("role_codes")[:40],
        "person_ids": [int(pk) for pk in data.getlist("person_ids") if pk.isdecimal() and len(pk) < 19][:200],
    }


def kept_of(report: SavedReport) -> dict[str, Any]:
    return {name: getattr(report, name) for name in ("name", "note", "is_shared", "role_codes", "person_ids")}


def choices(raw: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """Every choice of the form with those that are made. Five statements, however much there is."""
    by = [*raw["by"], "", ""]
    picked = [name for name in raw["measures"] if name in MEASURES]
    sorts = [("", _("in its usual order"))]
    for name in picked:
        label = MEASURES[name].label
        sorts.append((f"-{name}", _("%(figure)s, largest first") % {"figure": label}))
        sorts.append((name, _("%(figure)s, smallest first") % {"figure": label}))
    return {
        "measures": [
            {"code": each.code, "label": each.label, "is_chosen": each.code in picked}
            for each in offered(actor)
        ],
        "by1": [(each.value, LABELS[each], each.value == by[0]) for each in TOLD_BY],
        "by2": [(each.value, LABELS[each], each.value == by[1]) for each in TOLD_BY],
        "periods": [(each.value, label, each.value == raw["period"]) for each, label in PERIODS.items()],
        "is_custom": raw["period"] == "custom",
        "sorts": [(code, label, code == raw["sort"]) for code, label in sorts],
        "tops": [(str(top), str(top) == str(raw["top"] or "")) for top in TOPS],
        "charts": [
            {
                "code": each.value,
                "label": label,
                "icon": icon,
                "is_chosen": each.value == (raw["chart"] or "table"),
            }
            for each, (label, icon) in CHARTS.items()
        ],
        "filters": _filters(raw, actor),
        "is_narrowed": any(raw["filters"].values()),
    }


def _filters(raw: dict[str, Any], actor: Actor) -> list[dict[str, Any]]:
    listed = {each.code: each.options for each in ReportLines.filters}
    found = []
    for by in FILTERS:
        options = listed.get(by.value)
        if by in _NOT_LISTED or options is None:
            continue
        chosen = keys_of(raw["filters"].get(by.value))
        rows = [
            (str(value), label, str(value) in chosen) for value, label in options(actor) if value != "UNKNOWN"
        ]
        if rows:
            found.append({"code": by.value, "label": LABELS[by], "options": rows})
    return found


def roles_who_may() -> list[tuple[str, str]]:
    """Roles that may see figures, by name. One statement."""
    rows = Role.objects.order_by("name")
    return [(role.code, role.label) for role in rows if FIGURES in role.permission_codes()]
