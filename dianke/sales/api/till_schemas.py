"""What the endpoints for tills take and give. Rows are compact lists: 300,000 goods go over the line."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from dianke.api.schemas import Body, Id, line

Anything = dict[str, Any]


class TillPulseOut(Schema):
    now: datetime


class TillStoreQuery(Schema):
    store_id: Id


class TillPersonOut(Schema):
    id: int
    name: str


class TillTakeOverIn(Body):
    person_id: Id
    pin: Annotated[str, line(12)]
    store_id: Id


class TillTakenOut(Schema):
    person: TillPersonOut
    can: dict[str, bool]
    takers: list[TillPersonOut]


class TillSettingsOut(Schema):
    version: str = Field(description="Another one when anything of it changed")
    tenders: list[Anything]
    people: list[Anything]
    promotions: list[Anything] = Field(description="Terms as the pricing engine reads them")
    roundings: list[str]
    categories: list[Anything]
    units: list[Anything]
    brands: dict[int, str]
    patterns: list[Anything] = Field(description="How scales write labels")
    favourites: list[int] = Field(description="Variants sold most often lately")


class TillGoodsQuery(TillStoreQuery):
    cursor: Annotated[str, Field(max_length=20, pattern=r"^\d*$")] = ""
    since: Annotated[str, Field(max_length=40)] = Field("", description="The mark of an earlier answer")


class TillGoodsOut(Schema):
    rows: list[list[Any]] = Field(
        description="variant, product, name, code, kind, tracking, digits, unit, category, brand, tax in basis points, "
        "price, prices of levels, steps by quantity, codes with quantities, photo, pinyin, priced by the day, place"
    )
    gone: list[int]
    next: str = Field(description="Empty: this was the last page")
    mark: str
    is_whole: bool = Field(description="What changed cannot be known: read everything")
    count: int | None
    pieces: str = Field(description="Another one when pieces or the board changed")


class TillPageQuery(TillStoreQuery):
    cursor: Annotated[str, Field(max_length=20, pattern=r"^\d*$")] = ""


class TillPiecesOut(Schema):
    rows: list[list[Any]] = Field(
        description="piece, variant, tag, certificate, price, priced by the day, label"
    )
    next: str


class TillCodeQuery(TillStoreQuery):
    code: Annotated[str, line(400)]


class TillScanOut(Schema):
    kind: Literal["good", "piece", "coupon", "member", "receipt", "none"]
    row: list[Any] | None = None
    quantity: str = "1"
    amount: int | None = None
    piece: list[Any] | None = None
    coupon: Anything | None = None
    member: Anything | None = None
    order: Anything | None = None


class TillWordsQuery(TillStoreQuery):
    q: Annotated[str, line(400, min_length=0)] = ""


class TillMembersOut(Schema):
    members: list[Anything]


class TillMemberOut(Schema):
    member: Anything
    standing: Anything
    coupons: list[Anything]
    wallet: Anything
    cards: list[Anything]
    times_left: dict[int, int] = Field(description="Promotions limited per customer: what is left of each")
    segments: dict[int, str] = Field(
        description="Of the segments that offers ask for those the customer is in"
    )
    occasions: dict[str, bool] = Field(
        description="Whether it is the month of the birthday, and nothing was bought yet"
    )
    advice: list[str]
    at: datetime


class TillPrepaidQuery(TillStoreQuery):
    customer_id: Id


class TillPrepaidOut(Schema):
    offers: list[Anything] = Field(description="Those that hold for the customer here, with their steps")
    kinds: list[Anything] = Field(description="Session cards sold here, with what is on them")
    levels: list[Anything] = Field(description="Levels that are sold, with their price and days")
    cash_below: int | None = Field(description="From this amount on cash is not taken")


class TillOrdersQuery(TillWordsQuery):
    limit: int = Field(20, ge=1, le=50)


class TillOrdersOut(Schema):
    orders: list[Anything]


class SaleBatchIn(Body):
    sales: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=50,
        description="Each as for POST /sales; one that is wrong is answered by itself",
    )
    sent_at: datetime | None = Field(None, description="The clock of the till when it sent them")


class SaleBatchOrderOut(Schema):
    id: int
    uuid: str
    number: str
    total_amount: int
    state: str
    exceptions: int


class SaleBatchProblemOut(Schema):
    code: str
    message: str
    field: str


class SaleBatchAnswerOut(Schema):
    uuid: str
    status: int = Field(description="As POST /sales would answer: 201 also for a sale that stands")
    order: SaleBatchOrderOut | None = None
    problem: SaleBatchProblemOut | None = None


class SaleBatchOut(Schema):
    answers: list[SaleBatchAnswerOut] = Field(description="In the order of the sales")
