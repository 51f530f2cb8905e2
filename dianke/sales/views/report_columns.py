"""The columns of sales reports: the same on the page, in files and for whoever may not see costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

from dianke.catalog.models import Unit
from dianke.core.actor import Actor
from dianke.core.errors import Text
from dianke.sales.queries.reports.figures import REST, Report, Row
from dianke.sales.queries.reports.quantities import in_unit_label, plain
from dianke.sales.rules.report_terms import By, Figures
from dianke.web.listing import Column, Kind

COSTS = "catalog.view_costs"

NAMES: Mapping[By, Text] = {
    By.DAY: gettext_lazy("Day"),
    By.WEEK: gettext_lazy("Week"),
    By.MONTH: gettext_lazy("Month"),
    By.WEEKDAY: gettext_lazy("Weekday"),
    By.HOUR: gettext_lazy("Hour"),
    By.STORE: gettext_lazy("Store"),
    By.PRODUCT: gettext_lazy("Product"),
    By.CATEGORY: gettext_lazy("Category"),
    By.BRAND: gettext_lazy("Brand"),
    By.STAFF: gettext_lazy("Staff"),
    By.CHANNEL: pgettext_lazy("of a sale", "Channel"),
    By.TENDER: gettext_lazy("Kind of payment"),
    By.NOVELTY: gettext_lazy("New or returning"),
    By.LEVEL: gettext_lazy("Level"),
    By.TAG: gettext_lazy("Tag"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A column of a report: what it shows of figures, as money ("amount"), a count, quantities in their units
    ("quantity"), or a share in basis points."""

    code: str
    label: Text
    kind: str
    of: Callable[[Figures], Any]
    needs: str = ""
    by_tender: bool = True


FIGURES: tuple[Figure, ...] = (
    Figure("orders", gettext_lazy("Orders"), "count", lambda f: f.orders),
    Figure("quantity", gettext_lazy("Quantity"), "quantity", lambda f: f.quantity, by_tender=False),
    Figure("list", gettext_lazy("At list prices"), "amount", lambda f: f.list_amount, by_tender=False),
    Figure("discount", gettext_lazy("Discounts"), "amount", lambda f: f.discount_amount, by_tender=False),
    Figure("sold", pgettext_lazy("column of a report", "Sold"), "amount", lambda f: f.sold_amount),
    Figure(
        "returned", pgettext_lazy("column of a report", "Returned"), "amount", lambda f: f.returned_amount
    ),
    Figure("net", gettext_lazy("Net sales"), "amount", lambda f: f.net_amount),
    Figure("tax", pgettext_lazy("column of a report", "Tax"), "amount", lambda f: f.tax_amount),
    Figure(
        "cost",
        pgettext_lazy("column of a report", "Cost"),
        "amount",
        lambda f: f.cost_amount,
        COSTS,
        by_tender=False,
    ),
    Figure(
        "profit", gettext_lazy("Gross profit"), "amount", lambda f: f.profit_amount, COSTS, by_tender=False
    ),
    Figure("margin", gettext_lazy("Margin"), "share", lambda f: f.margin_bp, COSTS, by_tender=False),
)
NAME = Figure("name", gettext_lazy("Name"), "name", lambda f: "")
CHANGE = Figure("change", gettext_lazy("Compared"), "change", lambda f: "")


def columns_of(by: By, actor: Actor) -> list[Figure]:
    """The name first, then what the reader may see of this dimension."""
    shown = [
        figure
        for figure in FIGURES
        if (not figure.needs or actor.can(figure.needs)) and (figure.by_tender or by is not By.TENDER)
    ]
    position = [figure.code for figure in shown].index("net") + 1
    if by not in (By.DAY, By.WEEK, By.MONTH):
        shown.insert(position, CHANGE)
    return [NAME, *shown]


def percent(bp: int | None) -> str:
    """Basis points with one digit: "31.4%"; a dash for none."""
    return "–" if bp is None else f"{Decimal(bp) / 100:.1f}%"


def yuan(amount: int) -> Decimal:
    return Decimal(amount) / 100


def file_columns(report: Report, actor: Actor) -> list[Column]:
    """The columns of a file: plain numbers, amounts in whole units of the currency, quantities in a column per unit."""
    kinds = {"amount": Kind.MONEY, "count": Kind.NUMBER, "share": Kind.NUMBER}

    def value(figure: Figure, row: Row) -> Any:
        found = figure.of(row.figures)
        if row.key == REST and (figure.kind == "share" or figure.code == "orders"):
            return None
        if figure.kind == "amount":
            return yuan(found)
        if figure.kind == "share":
            return None if found is None else Decimal(found) / 100
        return found

    def much(figure: Figure, unit: Unit, row: Row) -> Decimal | None:
        return plain(figure.of(row.figures).in_unit(unit.pk)) or None

    found = [Column("name", NAMES[report.by], value=lambda row: row.label)]
    for figure in columns_of(report.by, actor)[1:]:
        if figure.kind == "quantity":
            found.extend(
                Column(
                    f"{figure.code}_{unit.code}",
                    in_unit_label(figure.label, unit),
                    Kind.NUMBER,
                    value=partial(much, figure, unit),
                )
                for unit in report.units
            )
        elif figure is not CHANGE:
            label: Text = figure.label if figure.kind != "share" else f"{figure.label} (%)"
            found.append(Column(figure.code, label, kinds[figure.kind], value=partial(value, figure)))
    return found
