"""Purchase orders: drafted, handed in, sent, closed; and on paper."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen, chosen_or_none
from dianke.purchasing import operations
from dianke.purchasing.api import schemas
from dianke.purchasing.models import PurchaseOrder, Supplier
from dianke.purchasing.operations import OrderItem
from dianke.purchasing.queries.paper import order_pdf
from dianke.stores.models import StockPlace, Store

router = Router(tags=["purchase orders"])
VIEW = "purchasing.view_orders"
MAKE = "purchasing.make_orders"


def _order(request: Request, pk: int) -> PurchaseOrder:
    rows = PurchaseOrder.objects.visible_to(request.actor)
    rows = rows.select_related("supplier", "store", "legal_entity", "stock_place")
    return get_object_or_404(rows.prefetch_related("lines"), pk=pk)


def _items(items: list[dict[str, Any]]) -> list[OrderItem]:
    return [OrderItem(**item) for item in items]


class OrderFilter(Schema):
    store_id: Id | None = None
    supplier_id: Id | None = None
    state: schemas.OrderState | None = None


@router.get("/purchase-orders", response=CursorPage[schemas.OrderOut])
@requires(VIEW)
def list_orders(request: Request, page: Query[CursorQuery], wanted: Query[OrderFilter]) -> Any:
    """Orders of the stores the caller reaches, the newest first."""
    rows = PurchaseOrder.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows, page, order=["-made_at", "-id"])


@router.post("/purchase-orders", response={201: schemas.OrderDetailOut})
@requires(MAKE)
def draft_order(request: Request, payload: schemas.OrderIn) -> Any:
    """Draft an order. Prices are the supplier's unless somebody who sees costs agrees on others."""
    values = payload.dict()
    store = chosen(Store.objects.visible_to(request.actor, MAKE), values.pop("store_id"), "store_id")
    suppliers = Supplier.objects.visible_to(request.actor)
    places = StockPlace.objects.filter(store=store, is_active=True)
    return operations.draft_order(
        supplier=chosen(suppliers, values.pop("supplier_id"), "supplier_id"),
        store=store,
        items=_items(values.pop("items")),
        stock_place=chosen_or_none(places, values.pop("stock_place_id"), "stock_place_id"),
        **values,
        actor=request.actor,
        now=request.now,
    )


@router.get("/purchase-orders/{int:pk}", response=schemas.OrderDetailOut)
@requires(VIEW)
def get_order(request: Request, pk: int) -> Any:
    """One order with its lines."""
    return _order(request, pk)


@router.patch("/purchase-orders/{int:pk}", response=schemas.OrderDetailOut)
@requires(MAKE)
def change_order(request: Request, pk: int, payload: schemas.OrderPatch) -> Any:
    """Change a draft; `items` replaces what is ordered as a whole."""
    order = _order(request, pk)
    values = payload.dict(exclude_unset=True)
    items = values.pop("items", None)
    if "stock_place_id" in values:
        places = StockPlace.objects.filter(store=order.store_id, is_active=True)
        values["stock_place"] = chosen_or_none(places, values.pop("stock_place_id"), "stock_place_id")
    return operations.change_order(
        order=order,
        values=values,
        items=None if items is None else _items(items),
        actor=request.actor,
        now=request.now,
    )


@router.post("/purchase-orders/{int:pk}/submit", response=schemas.OrderOut)
@requires(MAKE)
def submit_order(request: Request, pk: int, payload: schemas.OrderSubmitIn) -> Any:
    """Hand a draft in: approved at once, or waiting for a second person."""
    return operations.submit_order(
        order=_order(request, pk), reason=payload.reason, actor=request.actor, now=request.now
    )


@router.post("/purchase-orders/{int:pk}/take-back", response=schemas.OrderOut)
@requires(MAKE)
def take_back_order(request: Request, pk: int) -> Any:
    """Make a draft again of an order that is not sent."""
    return operations.take_back_order(order=_order(request, pk), actor=request.actor, now=request.now)


@router.post("/purchase-orders/{int:pk}/send", response=schemas.OrderOut)
@requires(MAKE)
def send_order(request: Request, pk: int, payload: schemas.SendIn) -> Any:
    """Send an approved order by email with its PDF, or note that a person told the supplier."""
    return operations.send_order(
        order=_order(request, pk),
        channel=payload.channel,
        to=payload.to,
        actor=request.actor,
        now=request.now,
    )


@router.post("/purchase-orders/{int:pk}/cancel", response=schemas.OrderOut)
@requires(MAKE)
def cancel_order(request: Request, pk: int, payload: schemas.WhyIn) -> Any:
    """Cancel an order of which nothing came."""
    return operations.cancel_order(
        order=_order(request, pk), reason=payload.reason, actor=request.actor, now=request.now
    )


@router.post("/purchase-orders/{int:pk}/close", response=schemas.OrderOut)
@requires(MAKE)
def close_order(request: Request, pk: int, payload: schemas.WhyIn) -> Any:
    """Give up what did not come."""
    return operations.close_order(
        order=_order(request, pk), reason=payload.reason, actor=request.actor, now=request.now
    )


@router.get("/purchase-orders/{int:pk}/paper", response={200: bytes})
@requires(VIEW)
def get_order_paper(request: Request, pk: int) -> HttpResponse:
    """The order as PDF; without prices for who may not see what goods cost."""
    order = _order(request, pk)
    sees_costs = request.actor.can("catalog.view_costs")
    paper = order_pdf(order, language=order.supplier.language, with_prices=sees_costs)
    answer = HttpResponse(paper, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{order.number}.pdf"'
    return answer
