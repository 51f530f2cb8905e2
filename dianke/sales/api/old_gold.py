"""Old gold in part payment: what it counts for, and taking it in."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.schemas import Body, line
from dianke.sales import operations
from dianke.sales.models import Order
from dianke.sales.queries.old_gold import offer_for

router = Router(tags=["orders"])
SELL = "sales.sell"


class OldGoldTestedIn(Body):
    """Weight in milligrams, fineness in permille; without `price_amount` (fen per gram) the price of the day counts."""

    metal: Annotated[str, line(12), Field(examples=["GOLD"])]
    fineness: Annotated[int, Field(gt=0, le=1000, examples=[999])]
    weight_mg: Annotated[int, Field(gt=0, lt=10**9, examples=[5_000])]
    loss_bp: Annotated[int, Field(ge=0, le=10_000)] | None = None
    price_amount: Annotated[int, Field(gt=0, lt=10**9)] | None = None
    reason: Annotated[str, line(200, min_length=0)] = ""


class OldGoldIn(OldGoldTestedIn):
    uuid: UUID
    description: Annotated[str, line(120)]


class OldGoldOfferOut(Schema):
    amount: int
    currency: str
    price_amount: int
    loss_bp: int


class OldGoldOut(Schema):
    id: int
    uuid: UUID
    number: str
    payment_id: int
    description: str
    metal: str
    fineness: int
    weight_mg: int
    loss_bp: int
    price_amount: int
    price_fineness: int
    amount: int
    currency: str
    taken_at: datetime


def _order(request: Request, pk: int) -> Order:
    rows = Order.objects.visible_to(request.actor, SELL).select_related("store")
    found: Order = get_object_or_404(rows, pk=pk)
    return found


def _tested(payload: OldGoldTestedIn) -> operations.Tested:
    return operations.Tested(**payload.dict(exclude={"uuid", "description"}))


@router.post("/orders/{int:pk}/old-gold/offer", response=OldGoldOfferOut)
@requires(SELL)
def offer_for_old_gold(request: Request, pk: int, payload: OldGoldTestedIn) -> Any:
    """What it would count for now; nothing is written."""
    offer = offer_for(_order(request, pk).store, _tested(payload), now=request.now)
    return {
        "amount": offer.worked.amount,
        "currency": offer.worked.currency,
        "price_amount": offer.price.amount,
        "loss_bp": offer.loss_bp,
    }


@router.post("/orders/{int:pk}/old-gold", response={201: OldGoldOut})
@requires(SELL)
def take_old_gold(request: Request, pk: int, payload: OldGoldIn) -> Any:
    """Take it in as a payment of the order. The same UUID again answers with what stands."""
    return operations.take_old_gold(
        order=_order(request, pk),
        uuid=payload.uuid,
        description=payload.description,
        tested=_tested(payload),
        actor=request.actor,
        now=request.now,
    )
