"""What the endpoints of sales, orders, payments and returns take and give. Amounts are whole minor units, tax included;
quantities are in the unit of the product. What goods cost is null for who may not see it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from dianke.api.schemas import Body, Id, line, partial
from dianke.sales.models import Order, OrderLine, Payment, Refund
from dianke.sales.queries.fixed_prices import fixed_price_of

COSTS = "catalog.view_costs"
Amount = Annotated[int, Field(ge=0, lt=10**13, description="Minor units, tax included", examples=[10_000])]
Positive = Annotated[int, Field(gt=0, lt=10**13, description="Minor units", examples=[10_000])]
Quantity = Annotated[Decimal, Field(gt=0, lt=10**9, max_digits=13, decimal_places=4, examples=["1"])]
Share = Annotated[int, Field(gt=0, le=10_000, description="Basis points", examples=[10_000])]
Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2100, 1, 1), examples=["2026-12-01"])]
Moment = Annotated[AwareDatetime, Field(ge=datetime.fromisoformat("2000-01-01T00:00:00+00:00"))]
Key = Annotated[str, line(40), Field(description="The caller's name of the line", examples=["l1"])]
Why = Annotated[str, line(200), Field(examples=["Does not fit"])]
WhyOrNone = Annotated[str, line(200, min_length=0)]
TenderCode = Annotated[str, line(16), Field(examples=["CASH"])]
OrderState = Literal[
    "DRAFT",
    "PLACED",
    "APPROVED",
    "IN_PRODUCTION",
    "READY",
    "SHIPPED",
    "DELIVERED",
    "INSTALLED",
    "CLOSED",
    "CANCELLED",
]
OrderChannel = Literal["TILL", "BACK_OFFICE", "QUOTE", "PORTAL", "API"]
LineKind = Literal["GOODS", "PIECE", "SERVICE", "BUNDLE", "FEE", "TOP_UP", "CARD", "LEVEL"]
PolicyOfReturn = Literal["RECOMPUTE", "PRO_RATA"]
RoundingOfSale = Literal["", "JIAO", "YUAN", "NEAREST_JIAO", "NEAREST_YUAN"]


# --- baskets -----------------------------------------------------------------------------------------------------
class SaleLinePersonIn(Body):
    user_id: Id
    share_bp: Share


class SaleItemData(Body):
    """What a line of prepaid value or a service paid by a card names."""

    offer_id: Id | None = None
    card_kind_id: Id | None = None
    level_id: Id | None = None
    fee: Literal["DELIVERY", "SERVICE"] | None = None
    gift_of: Annotated[str, line(60, min_length=0)] = ""
    confirmation: Annotated[str, line(40, min_length=0)] = ""
    waiver: Annotated[str, line(200, min_length=0)] = ""


class SaleItemIn(Body):
    key: Key
    variant_id: Id | None = Field(None, description="Null for a fee, a top-up, a card or a level")
    quantity: Quantity = Decimal(1)
    kind: Literal["", "FEE", "TOP_UP", "CARD", "LEVEL"] = Field("", description="Of lines without a variant")
    piece_id: Id | None = None
    batch_id: Id | None = None
    name: Annotated[str, line(120, min_length=0)] = ""
    amount: Amount | None = Field(None, description="Of lines without a variant")
    unit_amount: Amount | None = Field(None, description="A price set by hand; takes sales.change_prices")
    discount_amount: Amount = Field(0, description="Taken off the line by hand; takes sales.change_prices")
    reason: WhyOrNone = ""
    people: list[SaleLinePersonIn] = Field(default_factory=list, max_length=10)
    sold_amount: Amount | None = Field(None, description="What an offline till took for the line")
    session_card_id: Id | None = None
    data: SaleItemData | None = None


class SaleBasketIn(Body):
    store_id: Id
    items: list[SaleItemIn] = Field(min_length=1, max_length=500)
    customer_id: Id | None = None
    channel: OrderChannel = "API"
    coupon_ids: list[Id] = Field(default_factory=list, max_length=20)
    points: int = Field(0, ge=0, lt=10**12)
    rounding: RoundingOfSale = ""


class SaleTenderedIn(Body):
    uuid: UUID = Field(description="Made by the caller; the same again takes nothing twice")
    tender: TenderCode
    amount: Positive
    tendered_amount: Positive | None = Field(None, description="Cash put down; the rest is change")
    reference: Annotated[str, line(64, min_length=0)] = ""


class SaleIn(SaleBasketIn):
    uuid: UUID = Field(description="Made by the caller; the same again is the same sale")
    payments: list[SaleTenderedIn] = Field(default_factory=list, max_length=20)
    register_id: Id | None = None
    shift_id: Id | None = None
    device_id: Id | None = None
    device_sequence: int | None = Field(None, ge=0, lt=2**62)
    occurred_at: Moment | None = None
    device_at: Moment | None = None
    is_offline: bool = Field(False, description="Sold without a connection: never refused, looked at later")
    grant_token: str = Field("", max_length=4000, description="The limits the till sold under offline")
    expected_amount: Amount | None = Field(None, description="The total that was shown; another is refused")
    note: Annotated[str, Field(max_length=400)] = ""


class SaleInstalmentIn(Body):
    due_date: Day
    amount: Positive


class SalesOrderTermsIn(Body):
    due_date: Day | None = None
    deposit_kind: Literal["", "EARNEST", "PREPAYMENT"] = ""
    deposit_amount: Amount = 0
    instalments: list[SaleInstalmentIn] = Field(default_factory=list, max_length=60)
    is_reserved: bool = Field(False, description="Keep the goods that are on hand")


class SalesOrderPlaceIn(SaleBasketIn):
    uuid: UUID
    payments: list[SaleTenderedIn] = Field(default_factory=list, max_length=20)
    terms: SalesOrderTermsIn | None = None
    register_id: Id | None = None
    shift_id: Id | None = None
    expected_amount: Amount | None = None
    reason: WhyOrNone = Field("", description="Why a second person should agree, where one is asked")
    note: Annotated[str, Field(max_length=400)] = ""


class SalesOrderLinesIn(Body):
    items: list[SaleItemIn] = Field(min_length=1, max_length=500)
    expected_amount: Amount | None = None


class SalesOrderDueDateIn(Body):
    due_date: Day | None
    reason: Why


@partial
class SalesOrderDraftPatch(Body):
    customer_id: Id | None = Field(
        description="Another one has all priced anew but what is kept of prices of the day; null: nobody"
    )
    due_date: Day | None
    deposit_kind: Literal["", "EARNEST", "PREPAYMENT"]
    deposit_amount: Amount
    instalments: list[SaleInstalmentIn] = Field(max_length=60)
    note: Annotated[str, Field(max_length=400)]
    seller_id: Id | None = Field(description="The account that sold all of it; null: as it is")
    expected_amount: Amount | None = Field(description="The total that was shown for another customer")


class SalesOrderWhyIn(Body):
    reason: Why


class SalesOrderWhyOrNoneIn(Body):
    reason: WhyOrNone = ""


class SalesOrderCancelIn(Body):
    reason: Why
    is_customers_fault: bool = Field(True, description="False: earnest money comes back whole")


class SalesOrderPaymentIn(SaleTenderedIn):
    register_id: Id | None = None
    shift_id: Id | None = None


class SaleFulfilLineIn(Body):
    line_id: Id
    quantity: Quantity
    piece_id: Id | None = None
    batch_id: Id | None = None


class SaleFulfilIn(Body):
    uuid: UUID = Field(description="Made by the caller; the same again delivers nothing twice")
    items: list[SaleFulfilLineIn] | None = Field(None, max_length=500, description="Null: all that is open")


class SaleStageIn(Body):
    stage: Annotated[str, line(16), Field(examples=["MEASURE"])]
    note: WhyOrNone = ""


# --- returns -----------------------------------------------------------------------------------------------------
class SaleReturnLineIn(Body):
    line_id: Id
    quantity: Quantity
    is_restocked: bool = True


class SaleReturnPreviewIn(Body):
    items: list[SaleReturnLineIn] = Field(min_length=1, max_length=500)
    policy: PolicyOfReturn = "RECOMPUTE"


class SaleReturnIn(SaleReturnPreviewIn):
    order_id: Id
    uuid: UUID
    reason: Why
    store_id: Id | None = Field(None, description="Where the goods come back; null: where they were sold")
    register_id: Id | None = None
    shift_id: Id | None = None
    expected_refund: Amount | None = Field(None, description="What the preview showed; another is refused")
    exchange: SaleIn | None = Field(
        None, description="What is taken instead; its payments pay the difference"
    )
    has_receipt: bool = Field(True, description="False: found by /returns/without-receipt")


class BoughtOut(Schema):
    line_id: int
    order_id: int
    number: str
    occurred_at: datetime
    kept_quantity: Decimal
    unit_amount: int


class SaleReturnPreviewOut(Schema):
    goods_amount: int
    withheld_amount: int
    deducted_amount: int
    settled_amount: int = Field(description="Lowers what the customer owes; not given back")
    refund_amount: int
    effects: dict[str, Any]


class SaleReturnOut(Schema):
    id: int
    uuid: UUID
    number: str
    kind: str
    order_id: int
    exchange_id: int | None
    store_id: int
    goods_amount: int
    withheld_amount: int
    refund_amount: int
    exchange_amount: int
    effects: dict[str, Any]
    reason: str
    business_date: date
    occurred_at: datetime


# --- answers -----------------------------------------------------------------------------------------------------
class SalePricedAdjustmentOut(Schema):
    stage: str
    source: str
    reason: str
    values: dict[str, Any]
    amount: int


class SalePricedLineOut(Schema):
    key: str
    kind: LineKind
    name: str
    quantity: Decimal
    list_price_amount: int
    list_amount: int
    paid_amount: int
    tax_amount: int
    adjustments: list[SalePricedAdjustmentOut]


class SalePricedOut(Schema):
    lines: list[SalePricedLineOut]
    list_amount: int
    total_amount: int
    tax_amount: int
    points_used: int
    points_possible: int
    coupons_used: list[int]
    passed_over: list[dict[str, Any]]
    advice: list[dict[str, Any]]
    gifts: list[dict[str, Any]]


class SalesOrderLineOut(Schema):
    id: int
    position: int
    key: str
    kind: LineKind
    variant_id: int | None
    piece_id: int | None
    name: str
    quantity: Decimal
    list_price_amount: int
    list_amount: int
    paid_amount: int
    tax_rate_bp: int
    tax_amount: int
    is_gift: bool
    fulfilled_quantity: Decimal
    returned_quantity: Decimal
    returned_amount: int
    cost: Decimal | None = Field(description="Null for who may not see costs")
    day_price_amount: int | None = Field(description="What a gram of a piece by weight was counted for")
    day_price_fixed_at: datetime | None = Field(
        description="Since when; a line that stays as it is keeps both"
    )
    adjustments: list[SalePricedAdjustmentOut]

    @staticmethod
    def resolve_day_price_amount(row: OrderLine) -> int | None:
        fixed = fixed_price_of(row)
        return fixed.price.amount if fixed else None

    @staticmethod
    def resolve_day_price_fixed_at(row: OrderLine) -> datetime | None:
        fixed = fixed_price_of(row)
        return fixed.at if fixed else None

    @staticmethod
    def resolve_cost(row: OrderLine, context: Any) -> Decimal | None:
        return row.cost if context["request"].actor.can(COSTS) else None

    @staticmethod
    def resolve_adjustments(row: OrderLine) -> list[Any]:
        return list(row.adjustments.all())


class SalePaymentOut(Schema):
    id: int
    uuid: UUID
    tender: str
    state: Literal["PENDING", "UNKNOWN", "TAKEN", "FAILED"]
    amount: int
    tendered_amount: int
    change_amount: int
    refunded_amount: int
    reference: str
    business_date: date
    taken_at: datetime
    show: str = Field("", description="For the customer to scan, while a channel waits")
    show_image: str = Field("", description="The same as a QR code: the source of an image")

    @staticmethod
    def resolve_tender(row: Payment) -> str:
        return row.tender.code


class SaleRefundOut(Schema):
    id: int
    tender: str
    state: Literal["PENDING", "DONE", "FAILED"]
    amount: int
    payment_id: int | None
    problem: str
    made_at: datetime
    done_at: datetime | None

    @staticmethod
    def resolve_tender(row: Refund) -> str:
        return row.tender.code


class SalesOrderOut(Schema):
    id: int
    uuid: UUID
    number: str
    store_id: int
    customer_id: int | None
    channel: OrderChannel
    state: OrderState
    stage: str | None
    business_date: date
    occurred_at: datetime
    due_date: date | None
    currency: str
    list_amount: int
    total_amount: int
    tax_amount: int
    paid_amount: int
    earned_amount: int
    returned_amount: int
    forfeited_amount: int
    due_amount: int
    deposit_kind: str
    deposit_amount: int
    is_offline: bool
    revision: int

    @staticmethod
    def resolve_stage(row: Order) -> str | None:
        return row.stage.code if row.stage else None


class SalesOrderDetailOut(SalesOrderOut):
    lines: list[SalesOrderLineOut]
    payments: list[SalePaymentOut]
    refunds: list[SaleRefundOut]


class SaleTenderOut(Schema):
    id: int
    code: str
    name: str
    account: str
    is_active: bool
    needs_reference: bool
    gives_change: bool


@partial
class SaleTenderPatch(Body):
    name: Annotated[str, line(40)]
    is_active: bool
    needs_reference: bool
    refund_days: int | None = Field(ge=0, le=3650)
    fallback: TenderCode | None


class OrderStageIn(Body):
    trade: Literal["BEAUTY", "JEWELRY", "FURNITURE", "CHAIN", "KEY_ACCOUNT", "GENERAL"]
    code: Annotated[str, line(16), Field(pattern="^[A-Z][A-Z0-9_]*$", examples=["MEASURE"])]
    name: Annotated[str, line(40)]
    position: int = Field(ge=0, le=1000)
    order_state: Literal["APPROVED", "IN_PRODUCTION", "READY", "SHIPPED", "DELIVERED", "INSTALLED"]
    gate: Literal["", "DEPOSIT_PAID", "BALANCE_PAID", "PREVIOUS_DONE"] = ""
    task_title: Annotated[str, line(80, min_length=0)] = ""
    task_days: int = Field(1, ge=0, le=365)
    is_active: bool = True


class OrderStageOut(Schema):
    id: int
    trade: str
    code: str
    name: str
    position: int
    order_state: str
    gate: str
    task_title: str
    task_days: int
    is_active: bool


class SaleCreditIn(Body):
    customer_id: Id
    legal_entity_id: Id
    limit_amount: Amount
    days: int = Field(30, ge=0, le=365)
    is_blocked: bool = False


class SaleCreditOut(Schema):
    customer_id: int
    legal_entity_id: int
    limit_amount: int
    days: int
    is_blocked: bool


class SaleBillRowIn(Body):
    reference: Annotated[str, line(64)]
    amount: int = Field(gt=-(10**13), lt=10**13, description="A refund is below zero")


class SaleBillIn(Body):
    tender: TenderCode
    legal_entity_id: Id
    business_date: Day
    rows: list[SaleBillRowIn] = Field(max_length=20_000)


class SaleBillOut(Schema):
    matched: int
    missing_here: int
    missing_there: int
    amount_differs: int


class SaleChannelRowOut(Schema):
    id: int
    reference: str
    channel_amount: int | None
    our_amount: int | None
    state: Literal["MATCHED", "MISSING_HERE", "MISSING_THERE", "AMOUNT_DIFFERS"]
    payment_id: int | None
    refund_id: int | None
