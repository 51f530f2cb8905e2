"""Deliveries and installations: windows with room, planning, carrying out with its proof."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

import base64
import binascii
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Body, Id, chosen, inline, line, partial
from dianke.core.errors import InvalidInput
from dianke.sales import operations
from dianke.sales.api.order_schemas import Day, Quantity
from dianke.sales.models import Delivery, DeliveryCrew, DeliveryProof, DeliverySlot, Order
from dianke.sales.operations.delivery_proof import LARGEST_SIGNATURE, read_proof
from dianke.sales.queries.deliveries import windows
from dianke.stores.models import Store

router = Router(tags=["deliveries"])
DELIVER = "sales.deliver_orders"
MOST_WINDOWS = 31
KindOfTrip = Annotated[Delivery.Kind, inline(Delivery.Kind)]
StateOfTrip = Annotated[Delivery.State, inline(Delivery.State)]
Short = Annotated[str, line(60, min_length=0)]
Picture = Annotated[str, Field(max_length=28_000_000, pattern=r"^[A-Za-z0-9+/=]*$", description="Base64")]


class PictureUnreadable(InvalidInput):
    code = "delivery_picture_unreadable"
    message = _("A picture is no base64. Send it again.")
    default_field = "photos"


# --- what goes out ---------------------------------------------------------------------------------------------------
class DeliveryLineOut(Schema):
    line_id: int
    name: str
    quantity: Decimal

    @staticmethod
    def resolve_name(row: Any) -> str:
        return str(row.line.name)


class DeliveryProofOut(Schema):
    id: int
    kind: Annotated[DeliveryProof.Kind, inline(DeliveryProof.Kind)]
    content_type: str
    added_at: datetime


class DeliveryOut(Schema):
    """A trip. Street, receiver and phone are those of the page of one trip, while it is open."""

    id: int
    uuid: UUID
    order_id: int
    store_id: int
    kind: KindOfTrip
    state: StateOfTrip
    reason: str
    day: date
    slot_id: int | None
    crew_id: int | None
    attempts: int
    province: str
    city: str
    district: str
    is_signed: bool
    done_at: datetime | None
    lines: list[DeliveryLineOut]


class DeliveryDetailOut(DeliveryOut):
    receiver: str | None
    phone: str | None
    street: str | None
    note: str | None
    proofs: list[DeliveryProofOut]

    @staticmethod
    def resolve_receiver(row: Any) -> str | None:
        return row.receiver if row.is_open else None

    @staticmethod
    def resolve_phone(row: Any) -> str | None:
        return row.phone if row.is_open else None

    @staticmethod
    def resolve_street(row: Any) -> str | None:
        return row.street if row.is_open else None

    @staticmethod
    def resolve_note(row: Any) -> str | None:
        return row.note if row.is_open else None

    @staticmethod
    def resolve_proofs(row: Any) -> list[Any]:
        return [each for each in row.proofs.all() if each.erased_at is None]


class DeliveryWindowOut(Schema):
    slot_id: int
    name: str
    day: date
    from_time: time
    to_time: time
    capacity: int
    taken: int
    left: int


# --- what comes in ---------------------------------------------------------------------------------------------------
class DeliveryItemIn(Body):
    line_id: Id
    quantity: Quantity


class DeliveryAddressIn(Body):
    street: Annotated[str, line(200)]
    receiver: Short = ""
    phone: Annotated[str, line(30, min_length=0)] = ""
    province: Annotated[str, line(30, min_length=0)] = ""
    city: Annotated[str, line(30, min_length=0)] = ""
    district: Annotated[str, line(30, min_length=0)] = ""
    note: Annotated[str, line(200, min_length=0)] = ""


class DeliveryPlanIn(Body):
    uuid: UUID
    order_id: Id
    kind: KindOfTrip = Delivery.Kind.DELIVERY
    day: Day
    slot_id: Id | None = None
    crew_id: Id | None = None
    items: Annotated[list[DeliveryItemIn], Field(min_length=1, max_length=500)]
    to: DeliveryAddressIn


@partial
class DeliveryPatch(Body):
    day: Day
    slot_id: Id | None
    crew_id: Id | None


class DeliveryHandedIn(Body):
    """`items`: how much of each line was handed over; left out: all of it. `signature` is a PNG in base64."""

    taken_by: Annotated[str, line(60)]
    signature: Annotated[str, Field(max_length=LARGEST_SIGNATURE * 2, pattern=r"^[A-Za-z0-9+/=]*$")] = ""
    photos: Annotated[list[Picture], Field(max_length=6)] = []
    items: Annotated[list[DeliveryItemIn], Field(min_length=1, max_length=500)] | None = None


class DeliveryFailedIn(Body):
    reason: Annotated[Delivery.Reason, inline(Delivery.Reason)]
    note: Annotated[str, line(200, min_length=0)] = ""
    new_day: Day | None = None
    new_slot_id: Id | None = None


class DeliveryCalledOffIn(Body):
    reason: Annotated[str, line(200)]


# --- reading ---------------------------------------------------------------------------------------------------------
class DeliveryFilter(Schema):
    store_id: Id | None = None
    order_id: Id | None = None
    crew_id: Id | None = None
    state: StateOfTrip | None = None
    day: date | None = None


class DeliveryWindowQuery(Schema):
    store_id: Id
    first: date
    days: Annotated[int, Field(ge=1, le=MOST_WINDOWS)] = 7


def _delivery(request: Request, pk: int) -> Delivery:
    rows = Delivery.objects.visible_to(request.actor, DELIVER).select_related("order", "store", "key")
    found: Delivery = get_object_or_404(rows, pk=pk)
    return found


def _detail(pk: int) -> Delivery:
    rows = Delivery.objects.select_related("key").prefetch_related("lines__line", "proofs")
    found: Delivery = rows.get(pk=pk)
    return found


def _slot(request: Request, pk: int | None, field: str = "slot_id") -> DeliverySlot | None:
    return chosen(DeliverySlot.objects.visible_to(request.actor, DELIVER), pk, field) if pk else None


def _crew(request: Request, pk: int | None) -> DeliveryCrew | None:
    return chosen(DeliveryCrew.objects.visible_to(request.actor, DELIVER), pk, "crew_id") if pk else None


@router.get("/deliveries", response=CursorPage[DeliveryOut])
@requires(DELIVER)
def list_deliveries(request: Request, page: Query[CursorQuery], wanted: Query[DeliveryFilter]) -> Any:
    """Deliveries of the stores the caller reaches, the latest day first."""
    rows = Delivery.objects.visible_to(request.actor, DELIVER).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows.prefetch_related("lines__line"), page, order=["-day", "-id"])


@router.get("/deliveries/{int:pk}", response=DeliveryDetailOut)
@requires(DELIVER)
def get_delivery(request: Request, pk: int) -> Any:
    """One trip, with its address while it is open."""
    return _detail(_delivery(request, pk).pk)


@router.get("/delivery-windows", response=list[DeliveryWindowOut])
@requires(DELIVER)
def find_delivery_windows(request: Request, wanted: Query[DeliveryWindowQuery]) -> Any:
    """The windows of a store with what is left of each."""
    store = chosen(Store.objects.visible_to(request.actor, DELIVER), wanted.store_id, "store_id")
    return [
        {
            "slot_id": slot.pk,
            "name": slot.name,
            "day": window.day,
            "from_time": window.from_time,
            "to_time": window.to_time,
            "capacity": window.capacity,
            "taken": window.taken,
            "left": window.left,
        }
        for slot, window in windows(store.pk, wanted.first, wanted.days)
    ]


@router.get("/delivery-proofs/{int:pk}", response={200: None})
@requires(DELIVER)
def get_delivery_proof(request: Request, pk: int) -> Any:
    """The picture: a signature or a photo."""
    rows = DeliveryProof.objects.visible_to(request.actor, DELIVER).select_related("key")
    proof = get_object_or_404(rows, pk=pk)
    return HttpResponse(read_proof(proof), content_type=proof.content_type)


# --- planning --------------------------------------------------------------------------------------------------------
@router.post("/deliveries", response={201: DeliveryDetailOut})
@requires(DELIVER)
def plan_delivery(request: Request, payload: DeliveryPlanIn) -> Any:
    """Plan a trip with some or all of what is still to be delivered. The same UUID again answers with what stands."""
    rows = Order.objects.visible_to(request.actor, DELIVER).select_related("store")
    made = operations.plan_delivery(
        order=chosen(rows, payload.order_id, "order_id"),
        uuid=payload.uuid,
        kind=payload.kind,
        items=[operations.Carried(each.line_id, each.quantity) for each in payload.items],
        day=payload.day,
        slot=_slot(request, payload.slot_id),
        crew=_crew(request, payload.crew_id),
        to=operations.Destination(**payload.to.dict()),
        actor=request.actor,
        now=request.now,
    )
    return _detail(made.pk)


@router.patch("/deliveries/{int:pk}", response=DeliveryDetailOut)
@requires(DELIVER)
def change_delivery(request: Request, pk: int, payload: DeliveryPatch) -> Any:
    """Another day, window or crew; what failed is planned anew by it."""
    found = _delivery(request, pk)
    values = payload.dict(exclude_unset=True)
    changed = operations.change_delivery(
        delivery=found,
        day=values.get("day", found.day),
        slot=_slot(request, values.get("slot_id", found.slot_id)),
        crew=_crew(request, values.get("crew_id", found.crew_id)),
        actor=request.actor,
        now=request.now,
    )
    return _detail(changed.pk)


@router.post("/deliveries/{int:pk}/cancel", response=DeliveryDetailOut)
@requires(DELIVER)
def cancel_delivery(request: Request, pk: int, payload: DeliveryCalledOffIn) -> Any:
    """Call it off: what it carried can be planned again."""
    found = _delivery(request, pk)
    operations.cancel_delivery(delivery=found, reason=payload.reason, actor=request.actor, now=request.now)
    return _detail(found.pk)


# --- carrying out ----------------------------------------------------------------------------------------------------
@router.post("/deliveries/{int:pk}/load", response=DeliveryDetailOut)
@requires(DELIVER)
def load_delivery(request: Request, pk: int) -> Any:
    """It is in the car."""
    operations.load_delivery(delivery=_delivery(request, pk), actor=request.actor, now=request.now)
    return _detail(pk)


@router.post("/deliveries/{int:pk}/start", response=DeliveryDetailOut)
@requires(DELIVER)
def start_delivery(request: Request, pk: int) -> Any:
    """The crew sets out."""
    operations.start_delivery(delivery=_delivery(request, pk), actor=request.actor, now=request.now)
    return _detail(pk)


@router.post("/deliveries/{int:pk}/hand-over", response=DeliveryDetailOut)
@requires(DELIVER)
def hand_over_delivery(request: Request, pk: int, payload: DeliveryHandedIn) -> Any:
    """It was handed over: the goods leave stock. Again: the same answer."""
    operations.deliver(
        delivery=_delivery(request, pk),
        taken_by=payload.taken_by,
        signature=_decoded(payload.signature),
        photos=[_decoded(each) for each in payload.photos],
        brought={each.line_id: each.quantity for each in payload.items} if payload.items else None,
        actor=request.actor,
        now=request.now,
    )
    return _detail(pk)


@router.post("/deliveries/{int:pk}/fail", response=DeliveryDetailOut)
@requires(DELIVER)
def fail_delivery(request: Request, pk: int, payload: DeliveryFailedIn) -> Any:
    """It was not handed over; with a new day it is planned for that at once."""
    operations.fail_delivery(
        delivery=_delivery(request, pk),
        reason=payload.reason,
        note=payload.note,
        new_day=payload.new_day,
        new_slot=_slot(request, payload.new_slot_id, "new_slot_id"),
        actor=request.actor,
        now=request.now,
    )
    return _detail(pk)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise PictureUnreadable from None
