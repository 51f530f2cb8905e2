"""What the endpoints of transfers, stocktakes, customers' goods and alerts take and give."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from dianke.api.instants import Instant
from dianke.api.schemas import Body, Id, inline, line
from dianke.inventory.models import CountLine, CountSession, StockAlert, Transfer, TransferLine
from dianke.inventory.operations.counting import MOST_SCANS, Refusal

Quantity = Annotated[
    Decimal, Field(gt=0, max_digits=18, decimal_places=4, description="In the product's stock unit")
]
Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4)]
LineNumber = Annotated[int, Field(ge=1, le=100_000)]


# --- transfers -----------------------------------------------------------------------------------------------
class TransferLineOut(Schema):
    line: int
    variant_id: int
    batch_id: int | None
    piece_id: int | None
    quantity: Decimal
    shipped: Decimal | None
    good: Decimal | None
    damaged: Decimal | None
    missing: str
    beyond: str


class TransferOut(Schema):
    id: int
    number: str = Field(description="Of the shipment; # and the id until the goods leave")
    state: Annotated[Transfer.State, inline(Transfer.State)]
    from_place_id: int
    to_place_id: int
    passes: Transfer.Passes
    pricing: str
    note: str
    reason: str
    planned_at: datetime
    shipped_at: datetime | None
    closed_at: datetime | None

    @staticmethod
    def resolve_number(row: Transfer) -> str:
        return str(row)


class TransferDetailOut(TransferOut):
    lines: list[TransferLineOut]


class PlannedIn(Body):
    variant_id: Id
    quantity: Quantity
    batch_id: Id | None = None
    piece_id: Id | None = None
    unit_price: Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6)] | None = None


class StockTransferIn(Body):
    from_place_id: Id
    to_place_id: Id
    goods: list[PlannedIn] = Field(min_length=1, max_length=2000)
    pricing: Transfer.Pricing | None = Field(None, description="Between companies; without it, at cost")
    markup_bp: Annotated[int, Field(ge=0, le=100_000)] = 0
    passes: Transfer.Passes = Transfer.Passes.ON_RECEIPT
    note: Annotated[str, line(200, min_length=0)] = ""
    is_reserved: bool = True


class ShippedIn(Body):
    line: LineNumber
    quantity: Amount


class ShipmentIn(Body):
    lines: list[ShippedIn] = Field(
        default=[], max_length=2000, description="What leaves other than planned; zero: it stays"
    )


class ArrivalIn(Body):
    line: LineNumber
    good: Amount
    damaged: Amount = Decimal(0)
    missing: TransferLine.Missing | None = Field(None, description="Why less came")
    beyond: TransferLine.Beyond | None = Field(None, description="Why more came")


class ArrivalsIn(Body):
    lines: list[ArrivalIn] = Field(min_length=1, max_length=2000)


class CancelIn(Body):
    reason: Annotated[str, line(200, min_length=0)] = ""
    lines: list[ArrivalIn] = Field(
        default=[], max_length=2000, description="What came back of goods under way; none: all as sent"
    )


class SuggestionOut(Schema):
    variant_id: int
    from_place_id: int
    to_place_id: int
    quantity: Decimal
    nearness: str
    reasons: list[str]


# --- stocktakes ----------------------------------------------------------------------------------------------
class CountIn(Body):
    store_id: Id
    place_id: Id | None = Field(None, description="Without it, all shelves of the store")
    category_id: Id | None = None
    name: Annotated[str, line(60, min_length=0)] = ""
    is_blind: bool = True
    tolerance_quantity: Amount = Decimal(0)
    tolerance_bp: Annotated[int, Field(ge=0, le=10_000)] = 0


class StocktakeOut(Schema):
    id: int
    store_id: int
    name: str
    place_id: int | None
    category_id: int | None
    state: Annotated[CountSession.State, inline(CountSession.State)]
    is_blind: bool
    opened_at: datetime
    submitted_at: datetime | None
    closed_at: datetime | None
    document_id: int | None
    lines: int
    counted: int = Field(description="Lines with an entry in their present round")
    again: int = Field(description="Lines somebody else has to count again")


class CountLineOut(Schema):
    """What a person who counts may see; the figures of the books only where the stocktake shows them."""

    id: int
    place_id: int
    variant_id: int
    product: str
    batch: str
    piece: str
    round: int
    is_again: bool
    entered: Decimal | None = Field(description="What was entered in this round, by whoever")
    snapshot: Decimal | None = None
    expected: Decimal | None = None
    counted: Decimal | None = None
    variance: Decimal | None = None
    verdict: CountLine.Verdict | None = None
    reason: str | None = None


class EntryIn(Body):
    key: Annotated[str, line(64)] = Field(description="Your own; sent again, it counts once")
    quantity: Annotated[Decimal, Field(max_digits=18, decimal_places=4)] = Decimal(1)
    is_total: bool = False
    code: Annotated[str, line(80, min_length=0)] = Field("", description="Barcode, tag or SKU as it was read")
    variant_id: Id | None = None
    batch_id: Id | None = None
    batch_code: Annotated[str, line(40, min_length=0)] = ""
    piece_id: Id | None = None
    place_id: Id | None = None
    counted_at: Instant | None = Field(None, description="Without it, now")


class EntriesIn(Body):
    entries: list[EntryIn] = Field(min_length=1, max_length=MOST_SCANS)
    sent_at: Instant | None = Field(
        None, description="The phone's clock at sending: a clock that is wrong is put right by it"
    )


class CountEnteredOut(Schema):
    new: int
    repeated: int
    refused: dict[str, Refusal]


class CountSubmitIn(Body):
    missing_is_zero: bool = Field(False, description="What nobody counted is not there")
    without_recount: bool = Field(False, description="Take what is to be counted again as it stands")


# --- customers' goods, use, alerts ---------------------------------------------------------------------------
class CustodyIn(Body):
    store_id: Id
    customer_id: Id
    tag: Annotated[str, line(32)]
    description: Annotated[str, line(120)]
    condition: Annotated[str, line(200, min_length=0)] = ""
    purpose: Annotated[str, line(120, min_length=0)] = ""
    variant_id: Id | None = None
    batch_id: Id | None = None
    piece_id: Id | None = None
    quantity: Quantity = Decimal(1)
    weight_mg: Annotated[int, Field(ge=0, le=10**12)] | None = None
    due_on: date | None = None


class CustodyOut(Schema):
    id: int
    store_id: int
    place_id: int
    customer_id: int
    tag: str
    description: str
    condition: str
    purpose: str
    variant_id: int | None
    piece_id: int | None
    quantity: Decimal
    weight_mg: int | None
    due_on: date | None
    received_at: datetime
    returned_at: datetime | None


class GiveBackIn(Body):
    customer_id: Id = Field(description="Who is there to fetch it")


class UsedIn(Body):
    variant_id: Id
    quantity: Amount


class UseIn(Body):
    store_id: Id
    service_variant_id: Id
    reference: Annotated[str, line(120)] = Field(description="Your key; sent again, nothing is used twice")
    times: Annotated[Decimal, Field(gt=0, max_digits=8, decimal_places=2)] = Decimal(1)
    actual: list[UsedIn] = Field(default=[], max_length=200, description="Where it was not the standard")


class UseOut(Schema):
    variant_id: int
    standard: Decimal
    actual: Decimal
    reason: str
    is_unusual: bool


class UsesOut(Schema):
    document_id: int | None
    uses: list[UseOut]


class AlertOut(Schema):
    id: int
    kind: Annotated[StockAlert.Kind, inline(StockAlert.Kind)]
    place_id: int
    variant_id: int
    batch_id: int | None
    quantity: Decimal
    facts: dict[str, str]
    began_at: datetime


class LevelIn(Body):
    variant_id: Id
    minimum: Amount | None = Field(description="Null: not watched any more")
    maximum: Amount | None = None


class SafetyStockIn(Body):
    place_id: Id
    levels: list[LevelIn] = Field(min_length=1, max_length=2000)


class SafetyStockOut(Schema):
    id: int
    place_id: int
    variant_id: int
    minimum: Decimal
    maximum: Decimal | None


class SetOut(Schema):
    count: int


CustodyState = Literal["kept", "returned", "all"]
