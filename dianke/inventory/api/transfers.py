"""Transfers over the API: planned, shipped, received with differences, called off; and who could help whom."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from decimal import Decimal
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, ReferenceUnknown, chosen, inline
from dianke.catalog.models import Piece, Variant
from dianke.inventory.api import floor_schemas as schemas
from dianke.inventory.models import Batch, Place, Transfer
from dianke.inventory.operations import transfers as operations
from dianke.inventory.queries.alerts import reasons_of, suggested_transfers
from dianke.inventory.rules.transfers import Arrival, Beyond, Missing
from dianke.stores.queries import local_date

router = Router(tags=["transfers"])
VIEW = "inventory.view_stock"
TRANSFER = "inventory.transfer_goods"


class TransferFilter(Schema):
    state: Annotated[Transfer.State, inline(Transfer.State)] | None = None
    from_place_id: Id | None = None
    to_place_id: Id | None = None


@router.get("/stock/transfers", response=CursorPage[schemas.TransferOut])
@requires(VIEW)
def list_transfers(request: Request, page: Query[CursorQuery], wanted: Query[TransferFilter]) -> Any:
    """Transfers from and to the stores the caller reaches, newest first."""
    rows = Transfer.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows.select_related("shipment"), page, order=["-id"])


@router.post("/stock/transfers", response={201: schemas.TransferDetailOut})
@requires(TRANSFER)
def plan_transfer(request: Request, payload: schemas.StockTransferIn) -> Any:
    """Plan what is to go; the goods are kept for it."""
    known(payload.goods)
    # Goods may go to a store the caller does not work at: its shelves are named, nothing of them is seen.
    shelves = Place.objects.filter(kind=Place.Kind.STOCK).select_related("store")
    return operations.plan_transfer(
        from_place=chosen(shelves, payload.from_place_id, "from_place_id"),
        to_place=chosen(shelves, payload.to_place_id, "to_place_id"),
        goods=[
            operations.Planned(each.variant_id, each.quantity, each.batch_id, each.piece_id, each.unit_price)
            for each in payload.goods
        ],
        pricing=payload.pricing or "",
        markup_bp=payload.markup_bp,
        passes=payload.passes,
        note=payload.note,
        is_reserved=payload.is_reserved,
        actor=request.actor,
        now=request.now,
    )


def known(rows: list[Any]) -> None:
    """Goods, batches and pieces that a body names are there."""
    for model, field in ((Variant, "variant_id"), (Piece, "piece_id"), (Batch, "batch_id")):
        ids = {pk for row in rows if (pk := getattr(row, field, None)) is not None}
        if not ids:
            continue
        found: Any = model._default_manager.filter(pk__in=ids)
        missing = sorted(ids - set(found.values_list("pk", flat=True)))
        if missing:
            raise ReferenceUnknown(id=missing[0], field=field)


def _transfer(request: Request, pk: int, permission: str = VIEW) -> Transfer:
    rows = Transfer.objects.visible_to(request.actor, permission).select_related("shipment")
    return get_object_or_404(rows.prefetch_related("lines"), pk=pk)


@router.get("/stock/transfers/{int:pk}", response=schemas.TransferDetailOut)
@requires(VIEW)
def get_transfer(request: Request, pk: int) -> Any:
    """One transfer with its lines."""
    return _transfer(request, pk)


@router.post("/stock/transfers/{int:pk}/ship", response=schemas.TransferDetailOut)
@requires(TRANSFER)
def ship_transfer(request: Request, pk: int, payload: schemas.ShipmentIn) -> Any:
    """Goods leave, as planned but for the lines that are named."""
    return operations.ship_transfer(
        transfer=_transfer(request, pk, TRANSFER),
        quantities={each.line: each.quantity for each in payload.lines},
        actor=request.actor,
        now=request.now,
    )


@router.post("/stock/transfers/{int:pk}/receive", response=schemas.TransferDetailOut)
@requires(TRANSFER)
def receive_transfer(request: Request, pk: int, payload: schemas.ArrivalsIn) -> Any:
    """Goods come: every line is checked, and differences have a reason."""
    return operations.receive_transfer(
        transfer=_transfer(request, pk, TRANSFER),
        arrivals=_arrivals(payload.lines),
        actor=request.actor,
        now=request.now,
    )


@router.post("/stock/transfers/{int:pk}/cancel", response=schemas.TransferDetailOut)
@requires(TRANSFER)
def cancel_transfer(request: Request, pk: int, payload: schemas.CancelIn) -> Any:
    """Call it off; what is under way comes back to the sender."""
    return operations.cancel_transfer(
        transfer=_transfer(request, pk, TRANSFER),
        reason=payload.reason,
        arrivals=_arrivals(payload.lines) if payload.lines else None,
        actor=request.actor,
        now=request.now,
    )


def _arrivals(lines: list[schemas.ArrivalIn]) -> dict[int, Arrival]:
    return {
        each.line: Arrival(
            each.good,
            each.damaged or Decimal(0),
            Missing(each.missing) if each.missing else None,
            Beyond(each.beyond) if each.beyond else None,
        )
        for each in lines
    }


@router.get("/stock/suggested-transfers", response=list[schemas.SuggestionOut])
@requires(TRANSFER)
def list_suggestions(request: Request, variant_id: Id | None = None) -> Any:
    """Which store could help which, among those the caller transfers for; the first 200."""
    found = suggested_transfers(
        actor=request.actor,
        today=local_date(request.now),
        variant_ids=None if variant_id is None else [variant_id],
    )
    return [
        {
            "variant_id": each.variant,
            "from_place_id": each.from_place,
            "to_place_id": each.to_place,
            "quantity": each.quantity,
            "nearness": each.nearness.value,
            "reasons": reasons_of(each),
        }
        for each in found[:200]
    ]
