"""What came of orders, and what went back."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id
from dianke.purchasing import operations
from dianke.purchasing.api import schemas
from dianke.purchasing.models import PurchaseOrder, Receipt, SupplierReturn
from dianke.purchasing.operations import Delivery, Returned

router = Router(tags=["purchase receipts"])
VIEW = "purchasing.view_orders"
RECEIVE = "purchasing.receive_orders"


def _order(request: Request, pk: int) -> PurchaseOrder:
    return get_object_or_404(PurchaseOrder.objects.visible_to(request.actor), pk=pk)


class OfOrderFilter(Schema):
    order_id: Id | None = None
    store_id: Id | None = None


@router.get("/purchase-receipts", response=CursorPage[schemas.ReceiptOut])
@requires(VIEW)
def list_receipts(request: Request, page: Query[CursorQuery], wanted: Query[OfOrderFilter]) -> Any:
    """Deliveries to the stores the caller reaches, the newest first."""
    rows = Receipt.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows.prefetch_related("lines"), page, order=["-received_at", "-id"])


@router.post("/purchase-orders/{int:pk}/receipts", response={201: schemas.ReceiptOut})
@requires(RECEIVE)
def receive_order(request: Request, pk: int, payload: schemas.OrderReceiptIn) -> Any:
    """Take in what came. Whatever is refused stays to be delivered; more than was ordered needs a reason."""
    values = payload.dict()
    deliveries = [Delivery(**each) for each in values.pop("deliveries")]
    return operations.receive_order(
        order=_order(request, pk), deliveries=deliveries, **values, actor=request.actor, now=request.now
    )


@router.get("/supplier-returns", response=CursorPage[schemas.ReturnOut])
@requires(VIEW)
def list_returns(request: Request, page: Query[CursorQuery], wanted: Query[OfOrderFilter]) -> Any:
    """Returns of the stores the caller reaches, the newest first."""
    rows = SupplierReturn.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows, page, order=["-returned_at", "-id"])


@router.post("/purchase-orders/{int:pk}/returns", response={201: schemas.ReturnOut})
@requires(RECEIVE)
def return_goods(request: Request, pk: int, payload: schemas.ReturnIn) -> Any:
    """Send goods of an order back, for credit or to come again."""
    values = payload.dict()
    items = [Returned(**each) for each in values.pop("items")]
    return operations.return_goods(
        order=_order(request, pk), items=items, **values, actor=request.actor, now=request.now
    )
