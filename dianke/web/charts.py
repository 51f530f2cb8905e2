"""Charts: options for the drawing library, built in Python from rows the reader may check.

Every chart says its finding in the title, its definition in the subtitle, and its unit; the same figures stand below
as a table. Colours and fonts are put in by the page, so that charts follow light and dark.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

Text = str | Promise
Number = Decimal | int

#: More slices than this nobody can compare; take bars.
MOST_SLICES = 5
#: More lines or colours than this cannot be told apart.
MOST_SERIES = 6


class ChartMisused(Exception):
    """The figures do not suit the kind of chart; the text says which one to take."""


class _Encoder(json.JSONEncoder):
    """Decimals as numbers: only for drawing, the table below shows the exact figure."""

    def default(self, o: object) -> object:
        return float(o) if isinstance(o, Decimal) else str(o)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart ready for `{% chart figure %}`. `rows` are (category, values in the order of `series_names`)."""

    id: str
    title: Text
    subtitle: Text
    unit: Text
    option: dict[str, Any]
    category_label: Text
    series_names: tuple[Text, ...]
    rows: tuple[tuple[Text, tuple[Number | None, ...]], ...] = field(default=())

    @property
    def script(self) -> SafeString:
        """The options as a non-executable script element."""
        return json_script(self.option, self.id, encoder=_Encoder)


def _check(unit: Text, categories: Sequence[Text], series: Mapping[Text, Sequence[Number | None]]) -> None:
    if not str(unit).strip():
        raise ChartMisused("a chart says its unit")
    if not 1 <= len(series) <= MOST_SERIES:
        raise ChartMisused(f"a chart shows one to {MOST_SERIES} series; group the rest as others")
    for name, values in series.items():
        if len(values) != len(categories):
            raise ChartMisused(f"series {name} has {len(values)} values for {len(categories)} categories")


def _cartesian(
    kind: str,
    id: str,
    title: Text,
    subtitle: Text,
    unit: Text,
    categories: Sequence[Text],
    series: Mapping[Text, Sequence[Number | None]],
    category_label: Text,
    *,
    stacked: bool = False,
    lying: bool = False,
    links: Sequence[str] = (),
) -> Chart:
    _check(unit, categories, series)
    symbols = ("circle", "diamond", "triangle", "rect", "roundRect", "emptyCircle")
    drawn = []
    for position, (name, values) in enumerate(series.items()):
        one: dict[str, Any] = {"name": str(name), "type": kind, "data": list(values)}
        if kind == "line":
            # Shapes besides colours, for those who cannot tell the colours apart.
            one |= {"symbol": symbols[position], "symbolSize": 6, "showSymbol": len(categories) <= 31}
            one |= {"lineStyle": {"width": 2, "type": ("solid", "dashed", "dotted")[position % 3]}}
        else:
            one |= {"barMaxWidth": 32, "stack": "all" if stacked else None}
        drawn.append(one)
    named = {"type": "category", "data": [str(category) for category in categories], "inverse": lying}
    measured: dict[str, Any] = {"type": "value", "name": str(unit), "nameGap": 12}
    if lying:
        measured |= {"nameLocation": "middle", "nameGap": 28, "axisLabel": {"hideOverlap": True}}
        # Long names leave room for the bars on a phone; the whole name stands in the table and the tooltip.
        named["axisLabel"] = {"width": 128, "overflow": "truncate"}
    top = (8 if lying else 36) + (24 if len(series) > 1 else 0)
    option = {
        "grid": {"left": 8, "right": 16, "top": top, "bottom": 24 if lying else 4, "containLabel": True},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "line" if kind == "line" else "shadow"}},
        "xAxis": measured if lying else named,
        "yAxis": named if lying else measured,
        "series": drawn,
        "aria": {"enabled": True},
    }
    if len(series) > 1:
        option["legend"] = {"top": 0, "right": 0, "icon": "roundRect", "itemWidth": 12, "itemHeight": 8}
    if links:
        option["links"] = list(links)
    rows = tuple(
        (category, tuple(values[position] for values in series.values()))
        for position, category in enumerate(categories)
    )
    return Chart(id, title, subtitle, unit, option, category_label, tuple(series), rows)


def line(
    id: str,
    *,
    title: Text,
    subtitle: Text,
    unit: Text,
    categories: Sequence[Text],
    series: Mapping[Text, Sequence[Number | None]],
    category_label: Text = _("Date"),
    links: Sequence[str] = (),
) -> Chart:
    """A course over time. None is a gap, not zero."""
    return _cartesian("line", id, title, subtitle, unit, categories, series, category_label, links=links)


def bar(
    id: str,
    *,
    title: Text,
    subtitle: Text,
    unit: Text,
    categories: Sequence[Text],
    series: Mapping[Text, Sequence[Number | None]],
    category_label: Text = _("Group"),
    lying: bool = False,
    links: Sequence[str] = (),
) -> Chart:
    """Compares amounts; `lying` for long names. `links` opens the rows behind each category."""
    return _cartesian(
        "bar", id, title, subtitle, unit, categories, series, category_label, lying=lying, links=links
    )


def stacked_bar(
    id: str,
    *,
    title: Text,
    subtitle: Text,
    unit: Text,
    categories: Sequence[Text],
    series: Mapping[Text, Sequence[Number | None]],
    category_label: Text = _("Group"),
    lying: bool = False,
    links: Sequence[str] = (),
) -> Chart:
    """Parts that add up to a whole per category. Negative parts cannot be stacked: take `bar`."""
    if any(value is not None and value < 0 for values in series.values() for value in values):
        raise ChartMisused("negative parts cannot be stacked; take bars side by side")
    return _cartesian(
        "bar",
        id,
        title,
        subtitle,
        unit,
        categories,
        series,
        category_label,
        stacked=True,
        lying=lying,
        links=links,
    )


def donut(
    id: str,
    *,
    title: Text,
    subtitle: Text,
    unit: Text,
    parts: Mapping[Text, Number],
    category_label: Text = _("Part"),
) -> Chart:
    """Parts of one whole, at most five of them and none negative."""
    if not 1 <= len(parts) <= MOST_SLICES:
        raise ChartMisused(f"a donut shows at most {MOST_SLICES} parts; take bars")
    if any(value < 0 for value in parts.values()):
        raise ChartMisused("a part of a whole is not negative; take bars")
    _check(unit, list(parts), {title: list(parts.values())})
    whole = sum(parts.values()) or 1
    option = {
        "tooltip": {"trigger": "item"},
        "aria": {"enabled": True},
        "series": [
            {
                "type": "pie",
                "radius": ["52%", "74%"],
                "data": [
                    {
                        "name": str(name),
                        "value": value,
                        "label": {"formatter": f"{name} {round(value * 100 / whole)}%"},
                    }
                    for name, value in parts.items()
                ],
                "itemStyle": {"borderRadius": 3},
            }
        ],
    }
    rows = tuple((name, (value,)) for name, value in parts.items())
    return Chart(id, title, subtitle, unit, option, category_label, (title,), rows)
