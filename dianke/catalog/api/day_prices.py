"""The board of the day over the API: what a gram costs and did cost, what a piece costs, promised prices."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import datetime
from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.instants import Instant
from dianke.api.schemas import Body, Id, chosen, chosen_or_none, line
from dianke.catalog.models import DayPrice, DayPriceLock, Piece
from dianke.catalog.operations import day_prices
from dianke.catalog.operations.day_prices import SET, Quote
from dianke.catalog.queries.day_prices import HistoryRow, board, history, piece_price
from dianke.catalog.rules.jewelry import PiecePrice
from dianke.stores.models import Region, Store

router = Router(tags=["day prices"])
VIEW = "catalog.view_products"
Metal = Literal["GOLD", "PLATINUM", "SILVER", "PALLADIUM"]
Fineness = Annotated[int, Field(ge=1, le=1000, description="Permille; 18K is 750")]
PerGram = Annotated[int, Field(ge=1, lt=10**15, description="Whole minor units (fen) per gram")]
Paid = Annotated[int, Field(ge=0, lt=10**15, description="Whole minor units (fen) per gram")]


class BoardRowOut(Schema):
    day_price_id: int
    metal: Metal
    fineness: int
    name: str
    currency: str
    sell_amount: int
    buy_back_amount: int | None
    from_at: datetime
    scope: str = Field(description="Whose price it is: store:3, region:2, empty for the merchant")
    is_of_today: bool


class QuoteIn(Body):
    metal: Metal
    fineness: Fineness
    sell_amount: PerGram | None = Field(description="Null: follow the wider board again")
    buy_back_amount: Paid | None = None


class BoardIn(Body):
    store_id: Id | None = Field(None, description="Neither store nor region: the whole merchant")
    region_id: Id | None = None
    from_at: Instant | None = Field(None, description="Now unless given; at most 31 days ahead")
    quotes: list[QuoteIn] = Field(min_length=1, max_length=50)


class CorrectionIn(Body):
    sell_amount: PerGram | None
    buy_back_amount: Paid | None = None
    reason: Annotated[str, line(200)]


class DayPriceOut(Schema):
    id: int
    metal: Metal
    fineness: int
    store_id: int | None
    region_id: int | None
    currency: str
    sell_amount: int | None
    buy_back_amount: int | None
    from_at: datetime
    set_at: datetime
    corrects_id: int | None
    reason: str


class HistoryOut(DayPriceOut):
    is_corrected: bool


class LockIn(Body):
    reference: Annotated[str, line(120)] = Field(examples=["sales.quote:31"])
    metal: Metal
    fineness: Fineness
    store_id: Id
    until: Instant


class LockOut(Schema):
    id: int
    reference: str
    store_id: int
    metal: Metal
    fineness: int
    currency: str
    sell_amount: int
    locked_at: datetime
    until: datetime
    released_at: datetime | None


class PriceLineOut(Schema):
    code: str
    amount: int
    text: str


class PiecePriceOut(Schema):
    amount: int = Field(description="Whole minor units; the lines add up to it")
    currency: str
    is_by_day_price: bool
    lines: list[PriceLineOut]


def _store(request: Request, pk: int | None, permission: str = VIEW) -> Store | None:
    return chosen_or_none(Store.objects.visible_to(request.actor, permission), pk, "store_id")


def _region(request: Request, pk: int | None, permission: str = VIEW) -> Region | None:
    return chosen_or_none(Region.objects.visible_to(request.actor, permission), pk, "region_id")


class BoardQuery(Schema):
    store_id: Id | None = None
    at: Instant | None = Field(None, description="Now unless given")


@router.get("/day-prices/board", response=list[BoardRowOut])
@requires(VIEW)
def get_board(request: Request, wanted: Query[BoardQuery]) -> Any:
    """The prices of the day of a store, or of the merchant."""
    return board(_store(request, wanted.store_id), wanted.at or request.now)


class HistoryQuery(Schema):
    metal: Metal
    fineness: Fineness
    store_id: Id | None = None
    region_id: Id | None = None
    from_at: Instant | None = None
    to_at: Instant | None = None
    limit: int = Field(100, ge=1, le=200)


def _history(row: HistoryRow) -> dict[str, Any]:
    fields = [name for name in DayPriceOut.model_fields if name != "is_corrected"]
    return {name: getattr(row.day_price, name) for name in fields} | {"is_corrected": row.is_corrected}


@router.get("/day-prices", response=list[HistoryOut])
@requires(VIEW)
def list_day_prices(request: Request, wanted: Query[HistoryQuery]) -> Any:
    """How a price went for a store, a region or the merchant, newest first."""
    rows = history(
        wanted.metal,
        wanted.fineness,
        store=_store(request, wanted.store_id),
        region=_region(request, wanted.region_id),
        from_at=wanted.from_at,
        to_at=wanted.to_at,
        limit=wanted.limit,
    )
    return [_history(row) for row in rows]


@router.post("/day-prices", response={201: list[DayPriceOut]})
@requires(SET)
def set_board(request: Request, payload: BoardIn) -> Any:
    """Set the board of a store, a region or the merchant for several metals at once."""
    rows = day_prices.set_board(
        quotes=[Quote(**one.dict()) for one in payload.quotes],
        store=_store(request, payload.store_id, SET),
        region=_region(request, payload.region_id, SET),
        from_at=payload.from_at,
        actor=request.actor,
        now=request.now,
    )
    return Status(201, rows)


@router.post("/day-prices/{int:pk}/correct", response={201: DayPriceOut})
@requires(SET)
def correct_day_price(request: Request, pk: int, payload: CorrectionIn) -> Any:
    """Put a price right from the moment it began; the wrong one stays in the history."""
    wrong = get_object_or_404(DayPrice.objects.visible_to(request.actor, SET), pk=pk)
    made = day_prices.correct_day_price(
        day_price=wrong, **payload.dict(), actor=request.actor, now=request.now
    )
    return Status(201, made)


@router.post("/day-price-locks", response={201: LockOut})
@requires(SET)
def lock_price(request: Request, payload: LockIn) -> Any:
    """Promise the price of this moment under a reference. The same again changes nothing."""
    stores = Store.objects.visible_to(request.actor, SET)
    made = day_prices.lock_price(
        reference=payload.reference,
        metal=payload.metal,
        fineness=payload.fineness,
        store=chosen(stores, payload.store_id, "store_id"),
        until=payload.until,
        actor=request.actor,
        now=request.now,
    )
    return Status(201, made)


@router.post("/day-price-locks/{int:pk}/release", response=LockOut)
@requires(SET)
def release_lock(request: Request, pk: int) -> Any:
    """The promise holds no more."""
    lock = get_object_or_404(DayPriceLock.objects.visible_to(request.actor, SET), pk=pk)
    return day_prices.release_lock(lock=lock, actor=request.actor, now=request.now)


class PiecePriceQuery(Schema):
    store_id: Id | None = None
    at: Instant | None = Field(None, description="Now unless given")
    lock: str = Field("", max_length=120, description="Reference of a locked price")


@router.get("/pieces/{int:pk}/price", response=PiecePriceOut)
@requires(VIEW)
def get_piece_price(request: Request, pk: int, wanted: Query[PiecePriceQuery]) -> Any:
    """What a piece costs, with the lines to read to the customer."""
    piece = get_object_or_404(Piece.objects.visible_to(request.actor), pk=pk)
    locks = DayPriceLock.objects.visible_to(request.actor)
    lock = get_object_or_404(locks, reference=wanted.lock) if wanted.lock else None
    return _piece(piece_price(piece, _store(request, wanted.store_id), wanted.at or request.now, lock))


def _piece(price: PiecePrice) -> dict[str, Any]:
    return {
        "amount": price.amount,
        "currency": price.currency,
        "is_by_day_price": price.is_by_day_price,
        "lines": [{"code": row.code, "amount": row.amount, "text": str(row.said)} for row in price.lines],
    }
