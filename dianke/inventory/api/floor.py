"""Customers' goods, what services use up, safety stock and alerts over the API."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen, inline
from dianke.catalog.models import Variant
from dianke.customers.models import Customer
from dianke.inventory.api import floor_schemas as schemas
from dianke.inventory.api.transfers import known
from dianke.inventory.models import CustodyItem, Place, SafetyStock, StockAlert
from dianke.inventory.operations import alerts, consuming, custody
from dianke.stores.models import Store

router = Router(tags=["stock"])
VIEW = "inventory.view_stock"
CUSTODY = "inventory.manage_custody"
USE = "inventory.adjust_stock"
SETTINGS = "inventory.manage_settings"


# --- customers' goods ----------------------------------------------------------------------------------------
class CustodyFilter(Schema):
    state: schemas.CustodyState = "kept"
    store_id: Id | None = None
    customer_id: Id | None = None


@router.get("/stock/custody", response=CursorPage[schemas.CustodyOut])
@requires(CUSTODY)
def list_custody(request: Request, page: Query[CursorQuery], wanted: Query[CustodyFilter]) -> Any:
    """Customers' goods, newest first; those still kept unless asked otherwise."""
    given = wanted.dict(exclude_none=True)
    state = given.pop("state")
    rows = CustodyItem.objects.visible_to(request.actor).filter(**given)
    if state != "all":
        rows = rows.filter(returned_at__isnull=state == "kept")
    return cursor_page(rows, page, order=["-id"])


@router.post("/stock/custody", response={201: schemas.CustodyOut})
@requires(CUSTODY)
def take_in(request: Request, payload: schemas.CustodyIn) -> Any:
    """Keep something that is a customer's, under a tag."""
    known([payload])
    values = payload.dict()
    store = chosen(Store.objects.visible_to(request.actor, CUSTODY), values.pop("store_id"), "store_id")
    customers = Customer.objects.visible_to(request.actor)
    return custody.take_in(
        store=store,
        customer=chosen(customers, values.pop("customer_id"), "customer_id"),
        **values,
        actor=request.actor,
        now=request.now,
    )


@router.post("/stock/custody/{int:pk}/give-back", response=schemas.CustodyOut)
@requires(CUSTODY)
def give_back(request: Request, pk: int, payload: schemas.GiveBackIn) -> Any:
    """Give it back to the customer it belongs to, and to nobody else."""
    item = get_object_or_404(CustodyItem.objects.visible_to(request.actor), pk=pk)
    customer = chosen(Customer.objects.visible_to(request.actor), payload.customer_id, "customer_id")
    return custody.give_back(item=item, customer=customer, actor=request.actor, now=request.now)


# --- services ------------------------------------------------------------------------------------------------
@router.post("/stock/uses", response={201: schemas.UsesOut})
@requires(USE)
def use_up(request: Request, payload: schemas.UseIn) -> Any:
    """What a service used, by its standard or as it was."""
    known(payload.actual)
    store = chosen(Store.objects.visible_to(request.actor, USE), payload.store_id, "store_id")
    used = consuming.use_up(
        store=store,
        service=chosen(Variant.objects.all(), payload.service_variant_id, "service_variant_id"),
        reference=f"api:use:{store.pk}:{payload.reference}",
        times=payload.times,
        actual={each.variant_id: each.quantity for each in payload.actual},
        actor=request.actor,
        now=request.now,
    )
    return {
        "document_id": used.posted.document_id if used.posted else None,
        "uses": [
            {
                "variant_id": use.variant,
                "standard": use.standard,
                "actual": use.actual,
                "reason": use.reason.value,
                "is_unusual": use.is_unusual,
            }
            for use in used.uses
        ],
    }


# --- alerts --------------------------------------------------------------------------------------------------
class AlertFilter(Schema):
    kind: Annotated[StockAlert.Kind, inline(StockAlert.Kind)] | None = None
    place_id: Id | None = None
    variant_id: Id | None = None


@router.get("/stock/alerts", response=CursorPage[schemas.AlertOut])
@requires(VIEW)
def list_alerts(request: Request, page: Query[CursorQuery], wanted: Query[AlertFilter]) -> Any:
    """What is low, near its expiry, lying too long or below zero, newest first."""
    rows = StockAlert.objects.visible_to(request.actor).filter(ended_at=None)
    return cursor_page(rows.filter(**wanted.dict(exclude_none=True)), page, order=["-id"])


class SafetyFilter(Schema):
    place_id: Id | None = None
    variant_id: Id | None = None


@router.get("/stock/safety", response=CursorPage[schemas.SafetyStockOut])
@requires(VIEW)
def list_safety_stock(request: Request, page: Query[CursorQuery], wanted: Query[SafetyFilter]) -> Any:
    """How much shelves should have."""
    rows = SafetyStock.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows, page, order=["id"])


@router.post("/stock/safety", response=schemas.SetOut)
@requires(SETTINGS)
def set_safety_stock(request: Request, payload: schemas.SafetyStockIn) -> Any:
    """Set what a shelf should have of any number of variants."""
    known(payload.levels)
    shelves = Place.objects.visible_to(request.actor, SETTINGS).filter(kind=Place.Kind.STOCK)
    count = alerts.set_safety_stock(
        place=chosen(shelves, payload.place_id, "place_id"),
        levels=[alerts.Level(each.variant_id, each.minimum, each.maximum) for each in payload.levels],
        actor=request.actor,
        now=request.now,
    )
    return {"count": count}
