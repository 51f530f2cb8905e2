"""Reports of sales as figures: JSON for programs, CSV for spreadsheets."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Unit
from dianke.sales.models.turnover import REPORTS
from dianke.sales.queries.reports.figures import Report, report_of, scope_of, stores_of
from dianke.sales.queries.reports.quantities import for_programs
from dianke.sales.rules.report_terms import By, Figures, Preset, Span, before, year_before
from dianke.web.exports import safe_text

router = Router(tags=["sales reports"])
COSTS = "catalog.view_costs"


class SalesReportQuery(Schema):
    """Days are business days, both ends included; `store` leaves out every other store."""

    by: By = By.DAY
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    store: int | None = None
    versus: str = Field("before", pattern="^(before|year)$")


class UnitQuantity(Schema):
    unit: str = Field(description="Code of the unit", examples=["GRAM"])
    quantity: Decimal


class SalesFigures(Schema):
    """Amounts are minor units with tax unless said otherwise. `cost_amount` and `profit_amount` are null for who may
    not see costs, and, like quantities and discounts, null by kind of payment."""

    orders: int
    returns: int
    quantity: Decimal | None = Field(description="Sold less given back; null where units differ")
    unit: str | None = Field(
        description="Code of the unit of `quantity`; null of nothing and where units differ"
    )
    quantities: list[UnitQuantity] = Field(description="Sold less given back, in each unit")
    list_amount: int | None
    discount_amount: int | None
    sold_amount: int
    returned_amount: int
    net_amount: int
    tax_amount: int
    revenue_amount: int = Field(description="Net without tax: what the ledger calls revenue.")
    cost_amount: int | None
    profit_amount: int | None


class SalesReportRow(Schema):
    """`key` "*" is what no other row tells; its papers are not counted."""

    key: str
    label: str
    figures: SalesFigures


class SalesReportOut(Schema):
    """The rows come to `total`."""

    by: str
    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    currency: str
    rows: list[SalesReportRow]
    total: SalesFigures
    compared_first: date
    compared_last: date
    compared: SalesFigures


def _figures(figures: Figures, *, by: By, units: Sequence[Unit], sees_costs: bool) -> dict[str, Any]:
    has_goods = by is not By.TENDER
    shown = {
        name: getattr(figures, name)
        for name in (
            "orders",
            "returns",
            "sold_amount",
            "returned_amount",
            "net_amount",
            "tax_amount",
            "revenue_amount",
        )
    }
    quantities = for_programs(figures.quantity, units) if has_goods else []
    shown["quantity"] = figures.quantity.number if has_goods else None
    shown["unit"] = quantities[0]["unit"] if len(quantities) == 1 else None
    shown["quantities"] = quantities
    for name in ("list_amount", "discount_amount"):
        shown[name] = getattr(figures, name) if has_goods else None
    for name in ("cost_amount", "profit_amount"):
        shown[name] = getattr(figures, name) if has_goods and sees_costs else None
    return shown


def _made(request: Request, asked: SalesReportQuery) -> tuple[Report, str]:
    every = stores_of(request.actor)
    span = Span(asked.first, asked.last)
    compared = year_before(span) if asked.versus == "year" else before(span, Preset.CUSTOM)
    chosen = every if asked.store is None else [s for s in every if s.pk == asked.store]
    scope = scope_of(request.actor, chosen, chosen)
    return report_of(by=asked.by, scope=scope, span=span, compared=compared), scope.currency


@router.get("/sales-reports", response=SalesReportOut)
@requires(REPORTS)
def get_sales_report(request: Request, asked: Query[SalesReportQuery]) -> Any:
    """Sales of some days by one dimension, with the period before or a year ago."""
    report, currency = _made(request, asked)
    usual: dict[str, Any] = {"by": asked.by, "units": report.units, "sees_costs": request.actor.can(COSTS)}
    return {
        "by": asked.by.value,
        "first": asked.first,
        "last": asked.last,
        "currency": currency,
        "rows": [
            {"key": row.key, "label": row.label, "figures": _figures(row.figures, **usual)}
            for row in report.rows
        ],
        "total": _figures(report.whole, **usual | {"by": By.DAY}),
        "compared_first": report.compared.first,
        "compared_last": report.compared.last,
        "compared": _figures(report.before, **usual | {"by": By.DAY}),
    }


@router.get("/sales-reports.csv", response={200: None})
@requires(REPORTS)
def get_sales_report_csv(request: Request, asked: Query[SalesReportQuery]) -> Any:
    """The same rows as CSV (UTF-8 with a byte-order mark), amounts in minor units; for who may take lists out."""
    request.actor.require("web.export_lists")
    report, _currency = _made(request, asked)
    names = [name for name in SalesFigures.model_fields if name != "quantities"]
    units = [unit.code for unit in report.units]
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["key", "label", *names, *(f"quantity_{code}" for code in units)])
    sees_costs = request.actor.can(COSTS)
    for row in report.rows:
        figures = _figures(row.figures, by=asked.by, units=report.units, sees_costs=sees_costs)
        told = {each["unit"]: each["quantity"] for each in figures["quantities"]}
        values = [*(figures[name] for name in names), *(told.get(code) for code in units)]
        writer.writerow([safe_text(row.key), safe_text(row.label), *values])
    name = f"sales-{asked.by.value}-{asked.first.isoformat()}-{asked.last.isoformat()}.csv"
    return HttpResponse(
        "\ufeff" + file.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
