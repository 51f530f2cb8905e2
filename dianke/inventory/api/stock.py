"""Stock over the API: what is where, what moved it, and documents that are entered from elsewhere."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.instants import Instant
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, ReferenceUnknown, chosen, inline
from dianke.catalog.models import Piece, Variant
from dianke.inventory import operations
from dianke.inventory.api import schemas
from dianke.inventory.models import Balance, Batch, Document, Movement, Place
from dianke.stores.models import Store

router = Router(tags=["stock"])
VIEW = "inventory.view_stock"
RECEIVE = "inventory.receive_goods"
ADJUST = "inventory.adjust_stock"


class PlaceFilter(Schema):
    store_id: Id | None = None
    kind: Annotated[Place.Kind, inline(Place.Kind)] | None = None


@router.get("/stock/places", response=CursorPage[schemas.PlaceOut])
@requires(VIEW)
def list_places(request: Request, page: Query[CursorQuery], wanted: Query[PlaceFilter]) -> Any:
    """Places goods move between: shelves of the stores the caller reaches, and the outside of their legal entities."""
    rows = Place.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows, page, order=["id"])


class OnHandFilter(Schema):
    variant_id: Id | None = None
    place_id: Id | None = None
    store_id: Id | None = None


@router.get("/stock", response=CursorPage[schemas.OnHandOut])
@requires(VIEW)
def list_stock(request: Request, page: Query[CursorQuery], wanted: Query[OnHandFilter]) -> Any:
    """What is on hand, per variant, place and batch."""
    given = wanted.dict(exclude_none=True)
    if "store_id" in given:
        given["place__in"] = list(
            Place.objects.held().filter(store=given.pop("store_id")).values_list("pk", flat=True)
        )
    rows = Balance.objects.visible_to(request.actor).filter(**given)
    return cursor_page(rows, page, order=["variant_id", "place_id", "id"])


class MovementFilter(Schema):
    variant_id: Id | None = None
    piece_id: Id | None = None
    document_id: Id | None = None
    since: Instant | None = None


@router.get("/stock/movements", response=CursorPage[schemas.MovementOut])
@requires(VIEW)
def list_movements(request: Request, page: Query[CursorQuery], wanted: Query[MovementFilter]) -> Any:
    """What moved, newest first."""
    given = wanted.dict(exclude_none=True)
    if "since" in given:
        given["occurred_at__gte"] = given.pop("since")
    rows = Movement.objects.visible_to(request.actor).select_related("document").filter(**given)
    return cursor_page(rows, page, order=["-id"])


@router.post("/stock/receipts", response={201: schemas.PostedOut})
@requires(RECEIVE)
def receive(request: Request, payload: schemas.StockReceiptIn) -> Any:
    """Take goods in from a supplier."""
    store = _store(request, payload.store_id, RECEIVE)
    return operations.receive(
        store=store,
        goods=_goods(request, payload, store),
        reference=_reference("receipt", store, payload.reference),
        business_date=payload.business_date or store.business_date(request.now),
        note=payload.note,
        actor=request.actor,
        now=request.now,
    )


@router.post("/stock/openings", response={201: schemas.PostedOut})
@requires(ADJUST)
def open_stock(request: Request, payload: schemas.StockReceiptIn) -> Any:
    """Bring the stock of a store into the books when it begins to use them."""
    store = _store(request, payload.store_id, ADJUST)
    return operations.open_stock(
        store=store,
        goods=_goods(request, payload, store),
        reference=_reference("opening", store, payload.reference),
        business_date=payload.business_date or store.business_date(request.now),
        note=payload.note,
        actor=request.actor,
        now=request.now,
    )


@router.post("/stock/adjustments", response={201: schemas.PostedOut})
@requires(ADJUST)
def adjust(request: Request, payload: schemas.AdjustmentIn) -> Any:
    """Correct what the books say, with a reason for each line."""
    store = _store(request, payload.store_id, ADJUST)
    places = _places(store, [each.place_id for each in payload.corrections])
    _known(request, payload.corrections)
    batches = {each.batch_id for each in payload.corrections if each.batch_id is not None}
    missing = batches - set(Batch.objects.filter(pk__in=batches).values_list("pk", flat=True))
    if missing:
        raise ReferenceUnknown(id=min(missing), field="batch_id")
    corrections = [
        operations.Correction(
            each.variant_id, places[each.place_id], each.difference, each.reason, each.batch_id, each.piece_id
        )
        for each in payload.corrections
    ]
    return operations.adjust(
        store=store,
        corrections=corrections,
        reference=_reference("adjustment", store, payload.reference),
        business_date=payload.business_date or store.business_date(request.now),
        note=payload.note,
        actor=request.actor,
        now=request.now,
    )


def _store(request: Request, pk: int, permission: str) -> Store:
    return chosen(
        Store.objects.visible_to(request.actor, permission).select_related("legal_entity"), pk, "store_id"
    )


def _reference(kind: str, store: Store, given: str) -> str:
    """Keys of callers stand apart from those of the product, and per store."""
    return f"api:{kind}:{store.pk}:{given}"


def _places(store: Store, ids: list[int]) -> dict[int, Place]:
    """Shelves of the store."""
    found = {
        place.pk: place for place in Place.objects.filter(store=store, kind=Place.Kind.STOCK, pk__in=set(ids))
    }
    missing = sorted(set(ids) - set(found))
    if missing:
        raise ReferenceUnknown(id=missing[0], field="place_id")
    return found


def _known(request: Request, rows: list[Any]) -> None:
    """Goods and pieces a body names are there and may be seen."""
    for model, field in ((Variant, "variant_id"), (Piece, "piece_id")):
        ids = {getattr(row, field) for row in rows if getattr(row, field) is not None}
        visible = model.objects.visible_to(request.actor).filter(pk__in=ids) if ids else model.objects.none()
        missing = sorted(ids - set(visible.values_list("pk", flat=True)))
        if missing:
            raise ReferenceUnknown(id=missing[0], field=field)


def _goods(request: Request, payload: schemas.StockReceiptIn, store: Store) -> list[operations.Goods]:
    places = _places(store, [each.place_id for each in payload.goods if each.place_id is not None])
    _known(request, payload.goods)
    return [
        operations.Goods(
            each.variant_id,
            each.quantity,
            each.unit_cost,
            each.batch_code,
            each.expires_on,
            each.produced_on,
            each.piece_id,
            places[each.place_id] if each.place_id is not None else None,
        )
        for each in payload.goods
    ]


@router.get("/stock/documents/{int:pk}", response=schemas.DocumentOut)
@requires(VIEW)
def get_document(request: Request, pk: int) -> Any:
    """One document; its lines are `/stock/movements?document_id=`."""
    return get_object_or_404(Document.objects.visible_to(request.actor), pk=pk)
