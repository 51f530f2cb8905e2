"""Suppliers, their prices, and the wishes for the supply of goods."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen, chosen_or_none
from dianke.catalog.models import Variant
from dianke.purchasing import operations
from dianke.purchasing.api import schemas
from dianke.purchasing.models import Supplier, SupplierPrice, SupplyRule
from dianke.stores.models import LegalEntity, Store

router = Router(tags=["suppliers"])
VIEW = "purchasing.view_orders"
MANAGE = "purchasing.manage_suppliers"
MAKE = "purchasing.make_orders"


def _supplier(request: Request, pk: int) -> Supplier:
    return get_object_or_404(Supplier.objects.visible_to(request.actor), pk=pk)


def _entities(ids: list[int]) -> list[LegalEntity]:
    return [
        chosen(LegalEntity.objects.filter(is_active=True), pk, "legal_entity_ids") for pk in sorted(set(ids))
    ]


class SupplierFilter(Schema):
    q: str | None = Field(None, max_length=60, description="Name, pinyin, code or tax number")
    state: schemas.SupplierState | None = None


@router.get("/suppliers", response=CursorPage[schemas.SupplierOut])
@requires(VIEW)
def list_suppliers(request: Request, page: Query[CursorQuery], wanted: Query[SupplierFilter]) -> Any:
    """Suppliers by code; phones are masked."""
    rows = Supplier.objects.visible_to(request.actor)
    if wanted.q:
        rows = rows.filter(search_words__found_by=wanted.q)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    return cursor_page(rows, page, order=["code"])


@router.post("/suppliers", response={201: schemas.SupplierOut})
@requires(MANAGE)
def add_supplier(request: Request, payload: schemas.SupplierIn) -> Any:
    """Add a supplier."""
    values = payload.dict()
    entities = _entities(values.pop("legal_entity_ids"))
    return operations.add_supplier(
        values=values, legal_entities=entities, actor=request.actor, now=request.now
    )


@router.get("/suppliers/{int:pk}", response=schemas.SupplierOut)
@requires(VIEW)
def get_supplier(request: Request, pk: int) -> Any:
    """One supplier."""
    return _supplier(request, pk)


@router.patch("/suppliers/{int:pk}", response=schemas.SupplierOut)
@requires(MANAGE)
def change_supplier(request: Request, pk: int, payload: schemas.SupplierPatch) -> Any:
    """Change what is named."""
    values = payload.dict(exclude_unset=True)
    entities = _entities(values.pop("legal_entity_ids")) if "legal_entity_ids" in values else None
    return operations.change_supplier(
        supplier=_supplier(request, pk),
        values=values,
        legal_entities=entities,
        actor=request.actor,
        now=request.now,
    )


@router.post("/suppliers/{int:pk}/state", response=schemas.SupplierOut)
@requires(MANAGE)
def set_supplier_state(request: Request, pk: int, payload: schemas.SupplierStateIn) -> Any:
    """Pause a supplier, put it away, or use it again."""
    return operations.set_supplier_state(
        supplier=_supplier(request, pk), state=payload.state, actor=request.actor, now=request.now
    )


class PriceFilter(Schema):
    supplier_id: Id | None = None
    variant_id: Id | None = None
    on: schemas.Day | None = Field(None, description="In force on this day")


@router.get("/supplier-prices", response=CursorPage[schemas.SupplierPriceOut])
@requires("catalog.view_costs")
def list_supplier_prices(request: Request, page: Query[CursorQuery], wanted: Query[PriceFilter]) -> Any:
    """Prices of suppliers, the present and the past."""
    rows = SupplierPrice.objects.visible_to(request.actor)
    if wanted.supplier_id is not None:
        rows = rows.filter(supplier=wanted.supplier_id)
    if wanted.variant_id is not None:
        rows = rows.filter(variant=wanted.variant_id)
    if wanted.on is not None:
        rows = rows.in_force(wanted.on)
    return cursor_page(rows, page, order=["id"])


@router.post("/supplier-prices", response={201: schemas.SupplierPriceOut})
@requires(MANAGE)
def set_supplier_price(request: Request, payload: schemas.SupplierPriceIn) -> Any:
    """Say what a supplier asks from a day on; the price before it ends that day."""
    values = payload.dict()
    supplier = chosen(Supplier.objects.visible_to(request.actor), values.pop("supplier_id"), "supplier_id")
    variant = chosen(Variant.objects.visible_to(request.actor), values.pop("variant_id"), "variant_id")
    return operations.set_price(
        supplier=supplier, variant=variant, **values, actor=request.actor, now=request.now
    )


@router.post("/supplier-prices/{int:pk}/end", response=schemas.SupplierPriceOut)
@requires(MANAGE)
def end_supplier_price(request: Request, pk: int, payload: schemas.PriceEndIn) -> Any:
    """End a price."""
    price = get_object_or_404(SupplierPrice.objects.visible_to(request.actor), pk=pk)
    return operations.end_price(price=price, to_date=payload.to_date, actor=request.actor, now=request.now)


class RuleFilter(Schema):
    store_id: Id | None = None
    variant_id: Id | None = None


@router.get("/supply-rules", response=CursorPage[schemas.SupplyRuleOut])
@requires(VIEW)
def list_supply_rules(request: Request, page: Query[CursorQuery], wanted: Query[RuleFilter]) -> Any:
    """Wishes for the supply of goods: reserve, most, the set supplier."""
    rows = SupplyRule.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows, page, order=["id"])


@router.put("/supply-rules", response=schemas.SupplyRuleOut)
@requires(MAKE)
def set_supply_rule(request: Request, payload: schemas.SupplyRuleIn) -> Any:
    """Set the wishes for a product in a store, as a whole."""
    values = payload.dict()
    suppliers = Supplier.objects.visible_to(request.actor)
    values["supplier"] = chosen_or_none(suppliers, values.pop("supplier_id"), "supplier_id")
    variant = chosen(Variant.objects.visible_to(request.actor), values.pop("variant_id"), "variant_id")
    stores = Store.objects.visible_to(request.actor, MAKE)
    store = chosen_or_none(stores, values.pop("store_id"), "store_id")
    return operations.set_supply_rule(
        variant=variant, store=store, values=values, actor=request.actor, now=request.now
    )
