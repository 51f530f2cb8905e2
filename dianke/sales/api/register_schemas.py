"""What the endpoints of registers take and give. Amounts are whole minor units, seen from the drawer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from dianke.api.schemas import Body, Id, line, partial
from dianke.sales.models import OrderException, Shift

Amount = Annotated[int, Field(ge=0, lt=10**13, description="Minor units", examples=[30_000])]
Pieces = Annotated[
    dict[Annotated[str, Field(pattern=r"^[1-9]\d{0,6}$")], Annotated[int, Field(ge=0, le=100_000)]],
    Field(
        max_length=30,
        description="Value of a note or coin in minor units → how many",
        examples=[{"10000": 3}],
    ),
]
Reason = Annotated[str, line(200)]
ReasonOrNone = Annotated[str, line(200, min_length=0)]
Reference = Annotated[
    str,
    line(60),
    Field(description="Made by the caller, a UUID; the same again moves nothing twice", examples=["7c0d"]),
]
Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2100, 1, 1), examples=["2026-11-21"])]
ShiftState = Literal["OPEN", "COUNTED", "CLOSED"]
CashKind = Literal["FROM_SAFE", "FROM_BANK", "OTHER_IN", "TO_BANK", "EXPENSE"]


# --- shifts ------------------------------------------------------------------------------------------------------
class ShiftOpenIn(Body):
    pieces: Pieces
    from_safe_amount: int | None = Field(
        None,
        gt=-(10**13),
        lt=10**13,
        description="Fetched from the safe for the float; null: what is more than was left",
    )
    reason: ReasonOrNone = ""
    is_empty: bool = Field(False, description="The drawer is empty: nothing counted is no oversight")


class ShiftCountIn(Body):
    pieces: Pieces


class ShiftCloseIn(Body):
    left_amount: Amount
    reason: ReasonOrNone = ""


class ShiftHandOverIn(Body):
    pieces: Pieces
    successor_id: Id
    reason: ReasonOrNone = ""


class ShiftOut(Schema):
    id: int
    uuid: str
    register_id: int
    store_id: int
    state: ShiftState
    business_date: date
    currency: str
    opened_at: datetime
    opened_by_id: int | None
    float_amount: int
    counted_at: datetime | None
    counted_amount: int | None
    expected_amount: int | None = Field(description="Told once the shift is closed: the count is blind")
    difference_amount: int | None
    left_amount: int | None
    closed_at: datetime | None
    closed_by_id: int | None
    reason: str

    @staticmethod
    def resolve_uuid(shift: Shift) -> str:
        return str(shift.uuid)


class CashMovementIn(Body):
    kind: CashKind
    amount: Annotated[int, Field(gt=0, lt=10**13)]
    reason: Reason
    reference: Reference


class CashDropIn(Body):
    amount: Annotated[int, Field(gt=0, lt=10**13)]
    reference: Reference
    reason: ReasonOrNone = ""


class CashMovementOut(Schema):
    id: int
    shift_id: int
    kind: str
    amount: int = Field(description="Above zero: more in the drawer")
    reason: str
    made_at: datetime
    made_by_id: int | None


class DrawerOpeningIn(Body):
    reason: Reason


class DrawerOpeningOut(Schema):
    id: int
    shift_id: int
    reason: str
    opened_at: datetime
    opened_by_id: int | None


class DrawerOpenedOut(DrawerOpeningOut):
    is_open: bool = Field(description="False: no printer opened it, it takes the key")


# --- reports -----------------------------------------------------------------------------------------------------
class XReportOut(Schema):
    taken_at: datetime
    figures: dict[str, Any] = Field(description="Nested whole numbers; see docs/algorithms/day-close.md")
    names: dict[str, dict[str, str]]
    expected_cash: int | None = Field(description="Null while the count is blind for the caller")


class DayCloseIn(Body):
    store_id: Id
    business_date: Day


class DayCloseOut(Schema):
    id: int
    store_id: int
    business_date: date
    sequence: int = Field(description="0: the close of the day; above: supplements")
    number: int
    currency: str
    closed_at: datetime
    closed_by_id: int | None
    digest: str


class DayCloseDetailOut(DayCloseOut):
    snapshot: dict[str, Any]


class ZReportOut(Schema):
    id: int
    close_id: int
    register_id: int
    number: int
    snapshot: dict[str, Any]
    digest: str


# --- exceptions --------------------------------------------------------------------------------------------------
class SaleExceptionOut(Schema):
    id: int
    order_id: int
    store_id: int
    kind: str
    label: str
    amount: int
    data: dict[str, Any]
    at: datetime
    seen_at: datetime | None
    seen_by_id: int | None
    outcome: str

    @staticmethod
    def resolve_label(row: OrderException) -> str:
        return str(row.get_kind_display())


class SaleExceptionsExamineIn(Body):
    exception_ids: list[Id] = Field(min_length=1, max_length=200)
    outcome: Reason


# --- tills -------------------------------------------------------------------------------------------------------
class OfflineLimitsIn(Body):
    sale_count: int = Field(500, ge=0, le=1_000_000)
    total_amount: Amount = 5_000_000
    sale_amount: Amount = 500_000
    points_count: int = Field(0, ge=0, lt=10**13)
    coupon_count: int = Field(0, ge=0, le=1_000_000)
    wallet_amount: Amount = 0
    warn_hours: int = Field(4, ge=0, le=720)
    block_hours: int = Field(24, ge=1, le=720)


@partial
class OfflineLimitsPatch(OfflineLimitsIn):
    pass


class OfflineLimitsOut(Schema):
    sale_count: int
    total_amount: int
    sale_amount: int
    points_count: int
    coupon_count: int
    wallet_amount: int
    warn_hours: int
    block_hours: int


class OfflineGrantIn(Body):
    store_id: Id
    register_id: Id | None = None


class OfflineGrantOut(OfflineLimitsOut):
    id: int
    device_id: int
    store_id: int
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class OfflineIssuedOut(Schema):
    grant: OfflineGrantOut
    token: str = Field(description="Signed: the till keeps it and sends it with its sales")


class OfflineRevokeIn(Body):
    reason: Reason


class OfflineRevokedOut(Schema):
    count: int


class TillStateOut(Schema):
    contiguous: int = Field(description="Every sale up to this number arrived")
    highest: int
    missing_count: int
    next_number: int
    skew_seconds: int
    gaps: list[tuple[int, int]] = Field(description="First and last number of each run that is missing")


# --- receipts ----------------------------------------------------------------------------------------------------
class ReceiptSettingIn(Body):
    title: Annotated[str, line(40, min_length=0)] = ""
    header: str = Field("", max_length=200)
    footer: str = Field("", max_length=400)
    has_tax: bool = False
    has_link: bool = True


@partial
class ReceiptSettingPatch(ReceiptSettingIn):
    pass


class ReceiptSettingOut(Schema):
    title: str
    header: str
    footer: str
    has_tax: bool
    has_link: bool


class ReceiptPrinterIn(Body):
    width: Literal[58, 80] = 58
    host: Annotated[str, Field(max_length=45)] | None = None
    port: int = Field(9100, ge=1, le=65535)
    has_qr: bool = True
    has_drawer: bool = True
    copies: int = Field(1, ge=1, le=5)


@partial
class ReceiptPrinterPatch(ReceiptPrinterIn):
    pass


class ReceiptPrinterOut(Schema):
    width: int
    host: str | None
    port: int
    has_qr: bool
    has_drawer: bool
    copies: int


class ReceiptPrintIn(Body):
    register_id: Id
    opens_drawer: bool = False


class ReceiptPrintOut(Schema):
    id: int
    is_copy: bool
    printed_at: datetime
