"""A report on the page: its tables, every figure with the way to the rows behind it, and its charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.insight.queries.report_file import LABELS, days_text, plain, written
from dianke.insight.queries.reports import Block, Told
from dianke.insight.rules.reports import MOST_BY, Drawn, Spec
from dianke.insight.rules.terms import MEASURES, Measure
from dianke.insight.views.customers import shade_of
from dianke.insight.views.drill import rows_behind
from dianke.insight.views.report_charts import charts_of
from dianke.sales.queries.reports.quantities import MOST_IN_A_ROW
from dianke.sales.rules.quantities import Quantities
from dianke.sales.rules.report_terms import By

ROWS_SHOWN = 200
COLUMNS_SHOWN = 32


def page_of(told: Told) -> dict[str, Any]:
    """What the template of a report shows."""
    return {
        "told": told,
        "days": days_text(told.span, told.today),
        "is_empty": told.is_empty,
        "has_currencies": len(told.blocks) > 1,
        "blocks": [_block(told, number, block) for number, block in enumerate(told.blocks)],
    }


def _block(told: Told, number: int, block: Block) -> dict[str, Any]:
    spec = told.spec
    is_grid = len(spec.by) == MOST_BY and (len(spec.measures) == 1 or spec.chart is Drawn.HEAT)
    more = block.count - len(block.lines)
    drawn, undrawn = charts_of(told, block, f"report-{number}")
    return {
        "number": number,
        "currency": block.currency,
        "charts": drawn,
        "undrawn": undrawn,
        "grid": _grid(told, block) if is_grid else None,
        "table": None if is_grid else _table(told, block),
        "more": more,
        "hidden": max(0, len(block.lines) - ROWS_SHOWN) if not is_grid else 0,
    }


def _cell(
    told: Told, measure: Measure, value: Any, currency: str, keys: Sequence[tuple[By, str]]
) -> dict[str, Any]:
    """The text of a figure and its way down; nothing lies behind nothing."""
    url = ""
    if value:
        url = rows_behind(measure.code, told.span, keys=keys, filters=told.spec.filters)
    full = written(measure, value, currency, told.units)
    text = written(measure, value, currency, told.units, MOST_IN_A_ROW if keys else None)
    is_several = isinstance(value, Quantities) and len(value.of) > 1
    return {
        "label": measure.label,
        "text": text,
        "full": full if text != full else "",
        "url": url,
        "is_several": is_several,
    }


def _table(told: Told, block: Block) -> dict[str, Any]:
    spec = told.spec

    def cells(values: Sequence[Any], keys: Sequence[tuple[By, str]]) -> list[dict[str, Any]]:
        return [
            _cell(told, measure, value, block.currency, keys)
            for measure, value in zip(told.measures, values, strict=True)
        ]

    return {
        "heads": [LABELS[by] for by in spec.by],
        "measures": [measure.label for measure in told.measures],
        "rows": [
            {"labels": line.labels, "cells": cells(line.values, list(zip(spec.by, line.keys, strict=True)))}
            for line in block.lines[:ROWS_SHOWN]
        ],
        "whole": cells(block.whole, ()),
    }


def _grid(told: Told, block: Block) -> dict[str, Any]:
    """The first measure, rows by the first thing and columns by the second; the fuller, the darker."""
    spec, measure = told.spec, told.measures[0]
    across: dict[str, str] = {}
    down: dict[str, str] = {}
    found: dict[tuple[str, str], Any] = {}
    for line in block.lines:
        down[line.keys[0]] = line.labels[0]
        across[line.keys[1]] = line.labels[1]
        found[line.keys[0], line.keys[1]] = line.values[0]
    columns = _in_order(across, spec, 1)[:COLUMNS_SHOWN]
    rows = _in_order(down, spec, 0)[:ROWS_SHOWN]
    is_alike = measure.unit != "quantity" or len(told.units) < 2  # else nothing is fuller than the other
    most = max((plain(measure, value) or 0 for value in found.values()), default=0) if is_alike else 0
    return {
        "measure": measure.label,
        "head": LABELS[spec.by[0]],
        "columns": [across[key] for key in columns],
        "rows": [
            {
                "label": down[key],
                "cells": [
                    {
                        **_cell(
                            told,
                            measure,
                            found.get((key, other)),
                            block.currency,
                            ((spec.by[0], key), (spec.by[1], other)),
                        ),
                        "shade": _shade(plain(measure, found.get((key, other))), most),
                    }
                    for other in columns
                ],
            }
            for key in rows
        ],
        "whole": _cell(told, measure, block.whole[0], block.currency, ()),
        "left": max(0, len(across) - COLUMNS_SHOWN) + max(0, len(down) - ROWS_SHOWN),
    }


def _shade(value: Any, most: Any) -> int:
    return shade_of(int(value * 100), int(most * 100)) if most and value and value > 0 else 0


def _in_order(names: dict[str, str], spec: Spec, place: int) -> list[str]:
    """Times in their order; others as the report is sorted."""
    if spec.by[place] in (By.HOUR, By.WEEKDAY):
        return sorted(names, key=int)
    if spec.by[place] in (By.DAY, By.WEEK, By.MONTH):
        return sorted(names)
    return list(names)


def sentence_of(spec: Spec) -> str:
    """ "Net sales, orders by store and month"."""
    measures = pgettext("between figures", ", ").join(str(MEASURES[name].label) for name in spec.measures)
    if not spec.by:
        return measures
    ways = pgettext("between dimensions", " and ").join(str(LABELS[by]) for by in spec.by)
    return _("%(measures)s by %(ways)s") % {"measures": measures, "ways": ways}
