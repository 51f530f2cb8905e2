"""Prices compared over suppliers and time, and how suppliers keep their word."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date
from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.schemas import Id, chosen
from dianke.catalog.models import Variant
from dianke.purchasing.api import schemas
from dianke.purchasing.queries.offers import compare_suppliers, price_history
from dianke.purchasing.queries.performance import supplier_reports
from dianke.stores.models import Store
from dianke.stores.queries import local_date

router = Router(tags=["suppliers"])
VIEW = "purchasing.view_orders"
COSTS = "catalog.view_costs"


class ComparedOut(Schema):
    price_id: int
    supplier_id: int
    supplier: str
    currency: str
    order_quantity: Decimal
    total_amount: int
    unit_price: Decimal = Field(description="Main unit per stock unit, without tax that comes back")
    effective_unit_price: Decimal = Field(
        description="Per unit that is needed: packs and minimums counted in"
    )
    above_cheapest_bp: int
    lead_days: int
    rating: int | None


class PricePointOut(Schema):
    day: date
    unit_price: Decimal


class PriceHistoryOut(Schema):
    supplier_id: int
    supplier: str
    points: list[PricePointOut]
    lowest: Decimal | None
    highest: Decimal | None
    change_bp: int | None


class PerformanceOut(Schema):
    supplier_id: int
    supplier: str
    order_count: int
    lines: int
    on_time_bp: int | None
    complete_bp: int | None
    defect_bp: int | None
    price_change_bp: int | None
    average_delay_days: Decimal | None
    score: int | None


class CompareQuery(Schema):
    store_id: Id
    needed: schemas.Quantity = Decimal(1)
    on: schemas.Day | None = None


@router.get("/variants/{int:pk}/supplier-offers", response=list[ComparedOut])
@requires(COSTS)
def compare_offers(request: Request, pk: int, wanted: Query[CompareQuery]) -> Any:
    """What suppliers ask for a quantity, packs, minimums and tax counted in, the cheapest first."""
    variant = get_object_or_404(Variant.objects.visible_to(request.actor), pk=pk)
    store = chosen(Store.objects.visible_to(request.actor, VIEW), wanted.store_id, "store_id")
    day = wanted.on or local_date(request.now)
    rows = compare_suppliers(variant.pk, needed=wanted.needed, store=store, day=day)
    return [
        {
            "price_id": row.offer.price_id,
            "supplier_id": row.offer.supplier_id,
            "supplier": row.offer.supplier,
            "currency": row.total.currency,
            "order_quantity": row.order_quantity,
            "total_amount": row.total.to_minor(),
            "unit_price": row.unit_price,
            "effective_unit_price": row.effective_unit_price,
            "above_cheapest_bp": row.above_cheapest_bp,
            "lead_days": row.offer.lead_days,
            "rating": row.offer.rating,
        }
        for row in rows
    ]


class SupplierPriceHistoryQuery(Schema):
    from_date: schemas.Day | None = None


@router.get("/variants/{int:pk}/supplier-price-history", response=list[PriceHistoryOut])
@requires(COSTS)
def get_price_history(request: Request, pk: int, wanted: Query[SupplierPriceHistoryQuery]) -> Any:
    """What each supplier asked per stock unit over time."""
    variant = get_object_or_404(Variant.objects.visible_to(request.actor), pk=pk)
    found = price_history(variant.pk, actor=request.actor, from_date=wanted.from_date)
    return [
        {
            "supplier_id": supplier_id,
            "supplier": name,
            "points": [{"day": point.day, "unit_price": point.unit_price} for point in points],
            "lowest": moved.lowest,
            "highest": moved.highest,
            "change_bp": moved.change_bp,
        }
        for supplier_id, (name, points, moved) in found.items()
    ]


class PerformanceQuery(Schema):
    from_date: schemas.Day
    to_date: schemas.Day
    supplier_id: Id | None = None


@router.get("/supplier-performance", response=list[PerformanceOut])
@requires(VIEW)
def get_performance(request: Request, wanted: Query[PerformanceQuery]) -> Any:
    """On time, complete, defects and price change over the orders promised in a time, supplier by supplier."""
    reports = supplier_reports(
        from_date=wanted.from_date,
        to_date=wanted.to_date,
        today=local_date(request.now),
        actor=request.actor,
        supplier_ids=None if wanted.supplier_id is None else [wanted.supplier_id],
    )
    sees_costs = request.actor.can(COSTS)
    return [
        {
            "supplier_id": report.supplier_id,
            "supplier": report.supplier,
            "order_count": report.order_count,
            "lines": report.performance.lines,
            "on_time_bp": report.performance.on_time_bp,
            "complete_bp": report.performance.complete_bp,
            "defect_bp": report.performance.defect_bp,
            "price_change_bp": report.performance.price_change_bp if sees_costs else None,
            "average_delay_days": report.performance.average_delay_days,
            "score": report.performance.score,
        }
        for report in reports
    ]
