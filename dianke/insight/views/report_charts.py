"""Charts of a report: one per unit, as unlike units share no axis; figures told by two things by the first measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from dianke.catalog.models import Unit
from dianke.insight.queries.report_file import LABELS, Series, days_text, series_of
from dianke.insight.queries.reports import Block, Line, Told
from dianke.insight.rules.reports import Drawn
from dianke.insight.rules.terms import Measure
from dianke.insight.views.drill import rows_behind
from dianke.sales.queries.reports.figures import begin_of, names_of
from dianke.sales.rules.report_terms import TIMES, By, Span
from dianke.web import charts
from dianke.web.charts import MOST_SERIES, Chart

BARS_SHOWN = 20
#: Quantities are drawn in the units most rows have; the table has all of them.
MOST_UNITS = 3
#: Nothing sold is nothing of these; of an average or a share there is none.
_RATIOS = frozenset({"average", "items", "margin", "repeat_rate"})


def charts_of(told: Told, block: Block, id: str) -> tuple[list[Chart], int]:
    """None for a table or where nothing is; and of how many units of quantities there is no chart."""
    spec = told.spec
    if spec.chart in (Drawn.TABLE, Drawn.HEAT) or not block.lines:
        return [], 0
    wanted = [each for each in series_of(told) if len(spec.by) == 1 or each.place == 0]
    units = Counter(
        each.unit for each in wanted for line in block.lines if each.unit and each.of(line.values)
    )
    most = {unit for unit, _rows in units.most_common(MOST_UNITS)}
    drawn = [each for each in wanted if each.unit is None or each.unit in most]
    undrawn = len(units) - len(most)
    if len(spec.by) > 1:
        return [_by_two(told, block, f"{id}-{n}", each) for n, each in enumerate(drawn)], undrawn
    axes: dict[tuple[str, Unit | None], list[Series]] = {}
    for each in drawn:
        axes.setdefault((each.axis(block.currency), each.unit), []).append(each)
    return [_by_one(told, block, f"{id}-{n}", alike) for n, alike in enumerate(axes.values())], undrawn


def _lines_of(told: Told, block: Block, series: Series) -> list[Line]:
    """The rows a chart may show: of goods and people those with something in its unit."""
    if series.unit is None or told.spec.by[0] in TIMES:
        return list(block.lines)
    return [line for line in block.lines if series.of(line.values)]


def all_keys(by: By, span: Span, found: Sequence[str]) -> list[str]:
    """The keys in their order; of days, weeks and months those without a sale too."""
    if by not in (By.DAY, By.WEEK, By.MONTH):
        return list(dict.fromkeys(found))
    days = (span.first + timedelta(days=n) for n in range(span.days))
    return list(dict.fromkeys(begin_of(by, day).isoformat() for day in days))


def _nothing(measure: Measure) -> int | None:
    return None if measure.code in _RATIOS else 0


def _by_one(told: Told, block: Block, id: str, alike: Sequence[Series]) -> Chart:
    by = told.spec.by[0]
    lines = {line.keys[0]: line for line in _lines_of(told, block, alike[0])}
    keys = all_keys(by, told.span, list(lines))
    if by not in TIMES:
        keys = keys[:BARS_SHOWN]
    names = _names(by, keys, lines, told.span)
    series = {
        each.label: [each.of(lines[key].values) if key in lines else _nothing(each.measure) for key in keys]
        for each in alike
    }
    return _drawn(told, block, id, alike[0], keys, names, series)


def _by_two(told: Told, block: Block, id: str, figure: Series) -> Chart:
    by, other = told.spec.by
    rows = _lines_of(told, block, figure)
    found = {line.keys: line for line in rows}
    first = {line.keys[0]: line for line in rows}
    keys = all_keys(by, told.span, list(first))
    if by not in TIMES:
        keys = keys[:BARS_SHOWN]
    names = _names(by, keys, first, told.span)
    weights: dict[str, Any] = {}
    labels: dict[str, str] = {}
    for line in rows:
        labels[line.keys[1]] = line.labels[1]
        weights[line.keys[1]] = weights.get(line.keys[1], 0) + (figure.of(line.values) or 0)
    shown = sorted(weights, key=lambda key: -weights[key])[:MOST_SERIES]
    if other in TIMES:
        shown = sorted(weights, key=lambda key: int(key) if key.isdecimal() else key)[:MOST_SERIES]
    series = {
        labels[each]: [
            figure.of(found[key, each].values) if (key, each) in found else _nothing(figure.measure)
            for key in keys
        ]
        for each in shown
    }
    return _drawn(told, block, id, figure, keys, names, series)


def _names(by: By, keys: Sequence[str], lines: Mapping[str, Line], span: Span) -> dict[str, str]:
    missing = [key for key in keys if key not in lines]
    named = {key: lines[key].labels[0] for key in keys if key in lines}
    return named | (names_of(by, missing, span) if missing else {})


def _drawn(
    told: Told,
    block: Block,
    id: str,
    figure: Series,
    keys: Sequence[str],
    names: Mapping[str, str],
    series: Mapping[Any, Sequence[Any]],
) -> Chart:
    by, filters = told.spec.by[0], told.spec.filters
    usual: dict[str, Any] = {
        "title": _finding(told, block, figure),
        "subtitle": _("%(what)s by %(by)s, %(days)s")
        % {"what": figure.label, "by": LABELS[by], "days": days_text(told.span, told.today)},
        "unit": figure.axis(block.currency),
        "categories": [names[key] for key in keys],
        "series": series,
        "category_label": LABELS[by],
        "links": [
            rows_behind(figure.measure.code, told.span, keys=[(by, key)], filters=filters) for key in keys
        ],
    }
    if told.spec.chart is Drawn.LINE:
        return charts.line(id, **usual)
    is_lying = by not in TIMES
    has_less = any(value is not None and value < 0 for values in series.values() for value in values)
    if told.spec.chart is Drawn.STACKED and not has_less:
        return charts.stacked_bar(id, **usual, lying=is_lying)
    return charts.bar(id, **usual, lying=is_lying)


def _finding(told: Told, block: Block, figure: Series) -> str:
    """What the chart says: where the figure is largest."""
    if len(told.spec.by) > 1:
        return f"{figure.measure.label} {figure.written(block.whole, block.currency)}"
    numbers = [(figure.of(line.values), line) for line in block.lines]
    told_lines = [(much, line) for much, line in numbers if much is not None]
    if not told_lines:
        return str(figure.measure.label)
    _much, best = max(told_lines, key=lambda each: each[0])
    words = {
        "measure": figure.measure.label,
        "name": best.labels[0],
        "value": figure.written(best.values, block.currency),
    }
    return _("%(measure)s: most in “%(name)s”, %(value)s") % words
