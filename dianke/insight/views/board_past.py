"""The days before today on a board: figures held against the days before them, the course, stores, people, goods."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.core.actor import Actor
from dianke.insight.queries.engine import Snapshot, snapshot
from dianke.insight.queries.figures import COSTS, Answered, ask
from dianke.insight.queries.report_file import LABELS, days_text, written
from dianke.insight.rules.terms import MEASURES
from dianke.insight.views.board_today import stat
from dianke.insight.views.drill import rows_behind
from dianke.insight.views.report_charts import all_keys
from dianke.sales.queries.reports.figures import Scope, names_of
from dianke.sales.rules.report_terms import By, Span
from dianke.stores.queries import local_date
from dianke.web import charts
from dianke.web.charts import Chart
from dianke.web.formats import headline

BARS_SHOWN = 10


class _Past:
    """The questions of one board, asked of one snapshot."""

    def __init__(self, scope: Scope, actor: Actor, now: datetime, days: int) -> None:
        self.scope, self.actor = scope, actor
        self.today = local_date(now)
        self.span = Span(self.today - timedelta(days=days), self.today - timedelta(days=1))
        self.before = Span(self.today - timedelta(days=2 * days), self.today - timedelta(days=days + 1))
        self.on: Snapshot = snapshot()
        self.currency = scope.currency
        self.unit = pgettext("unit of a chart", "yuan") if scope.currency == "CNY" else scope.currency
        self.filters = {By.STORE: str(scope.stores[0].pk)} if len(scope.stores) == 1 else {}

    def ask(self, measures: list[str], by: str = "", span: Span | None = None) -> Answered:
        return ask(
            measures=measures,
            by=[by] if by else [],
            span=span or self.span,
            scope=self.scope,
            actor=self.actor,
            on=self.on,
        )

    def stats(self) -> list[Any]:
        codes = ["net", "orders", "average", "customers", "new_customers", "repeat_rate"]
        if self.actor.can(COSTS):
            codes[1:1] = ["profit", "margin"]
        now = dict(zip(codes, self.ask(codes).rows[0].values, strict=True))
        then = dict(zip(codes, self.ask(codes, span=self.before).rows[0].values, strict=True))
        return [
            stat(
                MEASURES[code],
                now[code],
                self.currency,
                before=then[code],
                versus=_("than the period before"),
                url=rows_behind(code, self.span, filters=self.filters),
                note=written(MEASURES["margin"], now["margin"], self.currency) if code == "profit" else "",
            )
            for code in codes
            if code != "margin"
        ]

    def values(self, by: By, span: Span | None = None, measure: str = "net") -> dict[str, int]:
        found = self.ask([measure], by.value, span)
        return {row.keys[0]: row.values[0] or 0 for row in found.rows}

    def trend(self) -> Chart | None:
        """Day by day, on the days before laid over it."""
        now, then = self.values(By.DAY), self.values(By.DAY, self.before)
        if not any(now.values()) and not any(then.values()):
            return None
        keys, earlier = all_keys(By.DAY, self.span, []), all_keys(By.DAY, self.before, [])
        names = names_of(By.DAY, keys, self.span)
        whole = headline(Decimal(sum(now.values())) / 100, self.currency)
        return charts.line(
            "trend",
            title=_("Net sales of these days: %(amount)s") % {"amount": whole},
            subtitle=_("Sold less returned, with tax, day by day; %(days)s before")
            % {"days": days_text(self.before, self.today)},
            unit=self.unit,
            categories=[names[key] for key in keys],
            series={
                _("These days"): [Decimal(now.get(key, 0)) / 100 for key in keys],
                _("Period before"): [Decimal(then.get(key, 0)) / 100 for key in earlier],
            },
            links=[rows_behind("net", self.span, keys=[(By.DAY, key)], filters=self.filters) for key in keys],
        )

    def bars(self, by: By, id: str) -> Chart | None:
        """The most sold, held against the days before."""
        found = self.ask(["net"], by.value)
        rows = sorted((row for row in found.rows if row.values[0]), key=lambda row: -row.values[0])[
            :BARS_SHOWN
        ]
        if not rows:
            return None
        then = self.values(by, self.before)
        names: Mapping[str, str] = found.names[by]
        words = {
            "name": names.get(rows[0].keys[0], rows[0].keys[0]),
            "value": headline(Decimal(rows[0].values[0]) / 100, self.currency),
        }
        return charts.bar(
            id,
            title=_("“%(name)s” sold most: %(value)s") % words,
            subtitle=_("Net sales by %(by)s, held against the days before") % {"by": LABELS[by]},
            unit=self.unit,
            categories=[names.get(row.keys[0], row.keys[0]) for row in rows],
            series={
                _("These days"): [Decimal(row.values[0]) / 100 for row in rows],
                _("Period before"): [Decimal(then.get(row.keys[0], 0)) / 100 for row in rows],
            },
            category_label=LABELS[by],
            lying=True,
            links=[
                rows_behind("net", self.span, keys=[(by, row.keys[0])], filters=self.filters) for row in rows
            ],
        )

    def people(self) -> Chart | None:
        """New and returning customers, week by week. A week is told by when the days begin: new in these days."""
        found = self.ask(["new_customers", "returning_customers"], By.WEEK.value)
        rows = {row.keys[0]: row.values for row in found.rows}
        if not any(any(values) for values in rows.values()):
            return None
        keys = all_keys(By.WEEK, self.span, [])
        names = names_of(By.WEEK, keys, self.span)
        [whole] = self.ask(["customers", "new_customers"]).rows
        words = {"new": whole.values[1], "all": whole.values[0]}
        return charts.stacked_bar(
            "novelty",
            title=_("%(new)s of %(all)s customers are new") % words,
            subtitle=_("Customers who bought in a week: first order ever in these days, or known before"),
            unit=pgettext("unit of a chart", "people"),
            categories=[names[key] for key in keys],
            series={
                _("New customers"): [rows.get(key, (0, 0))[0] for key in keys],
                _("Returning customers"): [rows.get(key, (0, 0))[1] for key in keys],
            },
            category_label=LABELS[By.WEEK],
            links=[
                rows_behind("customers", self.span, keys=[(By.WEEK, key)], filters=self.filters)
                for key in keys
            ],
        )


def past_of(scope: Scope, actor: Actor, now: datetime, days: int, *, is_whole: bool) -> dict[str, Any]:
    """What the template of the days before shows. `is_whole`: stores side by side, else the people of the store.
    Raises `NoSnapshot`."""
    past = _Past(scope, actor, now, days)
    figures = [past.trend()]
    figures.append(past.bars(By.STORE, "by-store") if is_whole else past.bars(By.STAFF, "by-staff"))
    figures += [past.bars(By.PRODUCT, "by-product"), past.bars(By.CATEGORY, "by-category"), past.people()]
    return {
        "stats": past.stats(),
        "days": days_text(past.span, past.today),
        "charts": [figure for figure in figures if figure is not None],
        "taken_at": past.on.taken_at,
    }
