"""What the endpoints of stock take and give."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ninja import Schema
from pydantic import Field

from dianke.api.schemas import Body, Id, inline, line
from dianke.inventory.models import Document, Place

Quantity = Annotated[
    Decimal, Field(gt=0, max_digits=18, decimal_places=4, description="In the product's stock unit")
]
Difference = Annotated[
    Decimal, Field(max_digits=18, decimal_places=4, description="More (+) or less (-) than the books say")
]
UnitCost = Annotated[
    Decimal, Field(ge=0, max_digits=18, decimal_places=6, description="Per stock unit, in yuan, tax included")
]
Reference = Annotated[str, line(120)]


class PlaceOut(Schema):
    id: int
    kind: Annotated[Place.Kind, inline(Place.Kind)]
    name: str
    store_id: int | None
    legal_entity_id: int
    negative: str = Field(description="When stock runs short: BLOCK, WARN or ALLOW")


class OnHandOut(Schema):
    id: int
    variant_id: int
    place_id: int
    batch_id: int | None
    quantity: Decimal
    reserved: Decimal
    available: Decimal


class MovementOut(Schema):
    id: int
    document_id: int
    document_kind: Annotated[Document.Kind, inline(Document.Kind)]
    document_number: str | None
    line: int
    variant_id: int
    batch_id: int | None
    piece_id: int | None
    from_place_id: int
    to_place_id: int
    quantity: Decimal
    occurred_at: datetime
    business_date: date
    reason: str

    @staticmethod
    def resolve_document_kind(row: object) -> str:
        return row.document.kind  # type: ignore[attr-defined,no-any-return]

    @staticmethod
    def resolve_document_number(row: object) -> str | None:
        return row.document.number  # type: ignore[attr-defined,no-any-return]


class DocumentOut(Schema):
    id: int
    kind: Annotated[Document.Kind, inline(Document.Kind)]
    number: str | None
    reference: str
    store_id: int
    legal_entity_id: int
    business_date: date
    occurred_at: datetime
    recorded_at: datetime
    note: str
    reverses_id: int | None


class PostedOut(Schema):
    document_id: int
    number: str
    reference: str
    is_repeat: bool = Field(description="The reference had moved the same goods already: nothing was written")


class GoodsIn(Body):
    variant_id: Id
    quantity: Quantity
    unit_cost: UnitCost | None = Field(None, description="Without it, goods come in at the average cost")
    place_id: Id | None = Field(None, description="Without it, the first place of the store")
    batch_code: Annotated[str, line(40, min_length=0)] = ""
    expires_on: date | None = None
    produced_on: date | None = None
    piece_id: Id | None = None


class StockReceiptIn(Body):
    store_id: Id
    reference: Reference = Field(description="Your key of this document; sent again, nothing is moved twice")
    business_date: date | None = Field(None, description="Without it, the store's day of now")
    note: Annotated[str, line(200, min_length=0)] = ""
    goods: list[GoodsIn] = Field(min_length=1, max_length=2000)


class StockCorrectionIn(Body):
    variant_id: Id
    place_id: Id
    difference: Difference
    reason: Annotated[str, line(40)]
    batch_id: Id | None = None
    piece_id: Id | None = None


class AdjustmentIn(Body):
    store_id: Id
    reference: Reference = Field(description="Your key of this document; sent again, nothing is moved twice")
    business_date: date | None = Field(None, description="Without it, the store's day of now")
    note: Annotated[str, line(200, min_length=0)] = ""
    corrections: list[StockCorrectionIn] = Field(min_length=1, max_length=2000)
