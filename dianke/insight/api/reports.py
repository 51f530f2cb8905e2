"""Reports for programs: what can be asked, the answer, and those that are kept."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.instants import Instant
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Body, Id, line, partial
from dianke.insight.models import FIGURES, ReportSchedule, SavedReport
from dianke.insight.operations import reports as operations
from dianke.insight.queries.report_file import LABELS
from dianke.insight.queries.reports import MOST_ROWS, offered, run
from dianke.insight.rules.occurrences import Rhythm
from dianke.insight.rules.reports import FILTERS, MOST_BY, MOST_KEYS, MOST_MEASURES, Drawn, Period, read
from dianke.insight.rules.terms import TOLD_BY
from dianke.sales.api.reports import UnitQuantity
from dianke.sales.queries.reports.quantities import for_programs
from dianke.sales.rules.quantities import Quantities

router = Router(tags=["insight"])

PeriodName = Literal[
    "today", "yesterday", "week", "month", "last_month", "year", "7d", "30d", "90d", "365d", "custom"
]
ChartName = Literal["table", "bar", "line", "stacked", "heat"]
Code = Annotated[str, line(40)]
Keys = Annotated[list[Code], Field(max_length=MOST_KEYS)]


class MeasureOut(Schema):
    code: str
    label: str
    unit: Literal["money", "count", "quantity", "share"]


class DimensionOut(Schema):
    """`is_filter`: a report may be narrowed to some of its keys."""

    code: str
    label: str
    is_filter: bool


class CatalogueOut(Schema):
    """What the caller may ask for."""

    measures: list[MeasureOut]
    dimensions: list[DimensionOut]
    periods: list[str]
    charts: list[str]
    most_measures: int
    most_dimensions: int
    most_rows: int


class ReportSpec(Body):
    """`first` and `last` belong to the period "custom". `filters`: a dimension and the key, or the keys, that are kept.
    `sort`: a measure, "-" before it for the largest first. `top`: 5, 10, 20, 50, 100 or 500 rows."""

    measures: list[Code] = Field(min_length=1, max_length=20, examples=[["net", "orders"]])
    by: list[Code] = Field([], max_length=5, examples=[["store", "month"]])
    period: PeriodName = "30d"
    first: date | None = None
    last: date | None = None
    filters: dict[Code, Code | Keys] = Field({}, max_length=20)
    sort: str = Field("", max_length=40)
    top: int | None = None
    chart: ChartName = "table"


class ReportLineOut(Schema):
    """`keys`, `labels`: one per dimension; `values`: one per measure, null where it means nothing and for a quantity in
    unlike units. `quantities`: the measure "quantity" in each unit, where it was asked for."""

    keys: list[str]
    labels: list[str]
    values: list[int | Decimal | None]
    quantities: list[UnitQuantity]


class ReportBlockOut(Schema):
    """The stores of one currency. `whole` is asked for, not added up: people and papers of two rows may be the same.
    `count`: rows there are before the first so many are taken."""

    currency: str
    lines: list[ReportLineOut]
    whole: list[int | Decimal | None]
    whole_quantities: list[UnitQuantity]
    count: int


class ReportAnswer(Schema):
    """Amounts are minor units of the block's currency, shares basis points. Days are business days."""

    measures: list[str]
    by: list[str]
    first: date
    last: date
    taken_at: Instant | None = Field(description="As of: when the snapshot was taken")
    blocks: list[ReportBlockOut]


class ReportIn(Body):
    name: Code
    note: str = Field("", max_length=200)
    spec: ReportSpec
    is_shared: bool = Field(False, description="With everybody who may see figures")
    role_codes: list[Code] = Field([], max_length=40)
    person_ids: list[Id] = Field([], max_length=200)


@partial
class ReportPatch(ReportIn):
    pass


class ReportOut(Schema):
    id: int
    name: str
    note: str
    spec: dict[str, Any]
    owner_id: int | None
    is_shared: bool
    role_codes: list[str]
    person_ids: list[int]
    changed_at: Instant
    deleted_at: Instant | None


class ReportScheduleIn(Body):
    """`weekday` (1 Monday) belongs to WEEKLY, `month_day` (1–28) to MONTHLY; sent from `hour` on."""

    frequency: Literal["DAILY", "WEEKLY", "MONTHLY"]
    weekday: int = Field(1, ge=1, le=7)
    month_day: int = Field(1, ge=1, le=28)
    hour: int = Field(8, ge=0, le=23)
    recipient_ids: list[Id] = Field(min_length=1, max_length=operations.MOST_RECIPIENTS)


class ReportScheduleOut(Schema):
    frequency: str
    weekday: int
    month_day: int
    hour: int
    recipient_ids: list[int]
    next_at: Instant


class ReportFilter(Schema):
    deleted: bool = Field(False, description="Those deleted instead of those in use")


def _report(request: Request, pk: int) -> SavedReport:
    found: SavedReport = get_object_or_404(SavedReport.objects.visible_to(request.actor), pk=pk)
    return found


def _answer(raw: Any, request: Request) -> dict[str, Any]:
    told = run(read(raw), actor=request.actor, now=request.now)

    def numbers(values: Sequence[Any]) -> list[Any]:
        return [value.number if isinstance(value, Quantities) else value for value in values]

    def in_units(values: Sequence[Any]) -> list[dict[str, Any]]:
        much = [value for value in values if isinstance(value, Quantities)]
        return for_programs(much[0], told.units) if much else []

    return {
        "measures": list(told.spec.measures),
        "by": [by.value for by in told.spec.by],
        "first": told.span.first,
        "last": told.span.last,
        "taken_at": told.taken_at,
        "blocks": [
            {
                "currency": block.currency,
                "lines": [
                    {
                        "keys": each.keys,
                        "labels": each.labels,
                        "values": numbers(each.values),
                        "quantities": in_units(each.values),
                    }
                    for each in block.lines
                ],
                "whole": numbers(block.whole),
                "whole_quantities": in_units(block.whole),
                "count": block.count,
            }
            for block in told.blocks
        ],
    }


@router.get("/insight/catalogue", response=CatalogueOut)
@requires(FIGURES)
def get_catalogue(request: Request) -> Any:
    """The measures, dimensions, periods and charts of reports."""
    return {
        "measures": [
            {"code": each.code, "label": str(each.label), "unit": each.unit}
            for each in offered(request.actor)
        ],
        "dimensions": [
            {"code": by.value, "label": str(LABELS[by]), "is_filter": by in FILTERS} for by in TOLD_BY
        ],
        "periods": [period.value for period in Period],
        "charts": [chart.value for chart in Drawn],
        "most_measures": MOST_MEASURES,
        "most_dimensions": MOST_BY,
        "most_rows": MOST_ROWS,
    }


@router.post("/insight/reports/run", response=ReportAnswer)
@requires(FIGURES)
def run_report(request: Request, payload: ReportSpec) -> Any:
    """The answer of a report that is kept nowhere."""
    return _answer(payload.dict(), request)


@router.get("/insight/reports", response=CursorPage[ReportOut])
@requires(FIGURES)
def list_reports(request: Request, page: Query[CursorQuery], wanted: Query[ReportFilter]) -> Any:
    """One's own reports and those shared, the ones changed last first."""
    rows = SavedReport.objects.visible_to(request.actor).filter(deleted_at__isnull=not wanted.deleted)
    return cursor_page(rows, page, order=["-changed_at"])


@router.post("/insight/reports", response={201: ReportOut})
@requires(FIGURES)
def save_report(request: Request, payload: ReportIn) -> Any:
    """A report of one's own."""
    return operations.save_report(values=payload.dict(), actor=request.actor, now=request.now)


@router.get("/insight/reports/{int:pk}", response=ReportOut)
@requires(FIGURES)
def get_report(request: Request, pk: int) -> Any:
    """One report."""
    return _report(request, pk)


@router.patch("/insight/reports/{int:pk}", response=ReportOut)
@requires(FIGURES)
def change_report(request: Request, pk: int, payload: ReportPatch) -> Any:
    """Change what is named."""
    return operations.change_report(
        report=_report(request, pk),
        values=payload.dict(exclude_unset=True),
        actor=request.actor,
        now=request.now,
    )


@router.get("/insight/reports/{int:pk}/answer", response=ReportAnswer)
@requires(FIGURES)
def get_report_answer(request: Request, pk: int) -> Any:
    """What it says now, to the caller."""
    return _answer(_report(request, pk).spec, request)


@router.post("/insight/reports/{int:pk}/delete", response=ReportOut)
@requires(FIGURES)
def delete_report(request: Request, pk: int) -> Any:
    """Take it off the list; it can be restored."""
    return operations.delete_report(report=_report(request, pk), actor=request.actor, now=request.now)


@router.post("/insight/reports/{int:pk}/restore", response=ReportOut)
@requires(FIGURES)
def restore_report(request: Request, pk: int) -> Any:
    """Bring back what was deleted."""
    return operations.restore_report(report=_report(request, pk), actor=request.actor, now=request.now)


@router.get("/insight/reports/{int:pk}/schedule", response=ReportScheduleOut)
@requires(FIGURES)
def get_report_schedule(request: Request, pk: int) -> Any:
    """When it goes out and to whom; 404 where it does not."""
    return get_object_or_404(ReportSchedule, report=_report(request, pk))


@router.put("/insight/reports/{int:pk}/schedule", response=ReportScheduleOut)
@requires(FIGURES)
def schedule_report(request: Request, pk: int, payload: ReportScheduleIn) -> Any:
    """Send it regularly; each receiver gets the figures that are theirs to see."""
    return operations.schedule_report(
        report=_report(request, pk),
        rhythm=Rhythm(payload.frequency, payload.weekday, payload.month_day, payload.hour),
        recipient_ids=payload.recipient_ids,
        actor=request.actor,
        now=request.now,
    )


@router.delete("/insight/reports/{int:pk}/schedule", response={204: None})
@requires(FIGURES)
def stop_report(request: Request, pk: int) -> Any:
    """Send it no more."""
    operations.stop_report(report=_report(request, pk), actor=request.actor, now=request.now)
    return 204, None
