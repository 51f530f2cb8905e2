"""Goods that come back, and money that goes back."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen
from dianke.customers.models import Customer
from dianke.loyalty.queries.standing import cluster_of
from dianke.sales import operations
from dianke.sales.api import order_schemas as schemas
from dianke.sales.api.baskets import register_of, returned_of, sale_of
from dianke.sales.models import Order, Refund, SaleReturn
from dianke.sales.queries.finding import bought_without_receipt
from dianke.sales.queries.returning import preview_return as plan_of_return
from dianke.stores.models import Store

router = Router(tags=["returns"])
VIEW, REFUND = "sales.view_orders", "sales.refund_orders"


# --- returns ----------------------------------------------------------------------------------------------------
@router.post("/orders/{int:pk}/return-preview", response=schemas.SaleReturnPreviewOut)
@requires(REFUND)
def preview_return(request: Request, pk: int, payload: schemas.SaleReturnPreviewIn) -> Any:
    """Everything a return would do; nothing is written."""
    orders = Order.objects.visible_to(request.actor, REFUND).select_related("store", "customer")
    found = plan_of_return(
        get_object_or_404(orders, pk=pk), returned_of(payload.items), policy=payload.policy, now=request.now
    )
    return {
        "goods_amount": found.worth + found.withheld,
        "withheld_amount": found.withheld,
        "deducted_amount": found.deducted,
        "settled_amount": found.settled,
        "refund_amount": found.refund,
        "effects": found.effects,
    }


class SaleReturnFilter(Schema):
    store_id: Id | None = None
    order_id: Id | None = None


@router.get("/returns", response=CursorPage[schemas.SaleReturnOut])
@requires(VIEW)
def list_sale_returns(request: Request, page: Query[CursorQuery], wanted: Query[SaleReturnFilter]) -> Any:
    """Returns and exchanges of the stores the caller reaches, the newest first."""
    rows = SaleReturn.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows, page, order=["-occurred_at", "-id"])


class BoughtFilter(Schema):
    store_id: Id
    variant_id: Id
    customer_id: Id | None = None


@router.get("/returns/without-receipt", response=list[schemas.BoughtOut])
@requires(REFUND)
def find_without_receipt(request: Request, wanted: Query[BoughtFilter]) -> Any:
    """Sales of a store that goods without a receipt may have come from, the cheapest first."""
    ids: tuple[int, ...] = ()
    if wanted.customer_id is not None:
        seen = chosen(Customer.objects.visible_to(request.actor), wanted.customer_id, "customer_id")
        ids = cluster_of(seen.pk)
    return bought_without_receipt(
        store=chosen(Store.objects.visible_to(request.actor, REFUND), wanted.store_id, "store_id"),
        variant_id=wanted.variant_id,
        customer_ids=ids,
        actor=request.actor,
        now=request.now,
    )


@router.post("/returns", response={201: schemas.SaleReturnOut})
@requires(REFUND)
def take_goods_back(request: Request, payload: schemas.SaleReturnIn) -> Any:
    """Take goods back exactly as the preview said; with `exchange` others are taken instead. The same UUID
    again answers with the return that stands."""
    order = chosen(
        Order.objects.visible_to(request.actor, REFUND).select_related("store"), payload.order_id, "order_id"
    )
    store = order.store
    if payload.store_id is not None:
        store = chosen(Store.objects.visible_to(request.actor, REFUND), payload.store_id, "store_id")
    return operations.return_goods(
        order=order,
        uuid=payload.uuid,
        items=returned_of(payload.items),
        reason=payload.reason,
        exchange=sale_of(request.actor, payload.exchange) if payload.exchange else None,
        store=store,
        drawer=operations.Drawer(register_of(store, payload.register_id), payload.shift_id),
        policy=payload.policy,
        expected_refund=payload.expected_refund,
        has_receipt=payload.has_receipt,
        actor=request.actor,
        now=request.now,
    )


@router.post("/refunds/{int:pk}/retry", response=schemas.SaleRefundOut)
@requires(REFUND)
def retry_refund(request: Request, pk: int) -> Any:
    """Ask the channel again for a refund that is not done."""
    rows = Refund.objects.visible_to(request.actor, REFUND).select_related("tender", "order", "payment")
    return operations.run_refund(refund=get_object_or_404(rows, pk=pk), actor=request.actor, now=request.now)


@router.post("/refunds/{int:pk}/redirect", response=schemas.SaleRefundOut)
@requires(REFUND)
def redirect_refund(request: Request, pk: int) -> Any:
    """Give a refund its channel refuses by the tender that stands in for it."""
    rows = Refund.objects.visible_to(request.actor, REFUND).select_related("tender", "order__store")
    return operations.redirect_refund(
        refund=get_object_or_404(rows, pk=pk), actor=request.actor, now=request.now
    )
