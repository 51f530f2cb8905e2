"""What the organisation's endpoints take and give."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from dianke.access.fields import masked
from dianke.api.schemas import Body, Id, line, partial
from dianke.stores.models import Staff, Trade

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217", examples=["CNY"])]
Zone = Annotated[str, line(40), Field(description="IANA time zone", examples=["Asia/Shanghai"])]
Until = Annotated[date | None, Field(description="First day no longer; null: open", examples=["2027-01-01"])]
_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _clock(value: Any) -> time:
    if not isinstance(value, str) or not re.match(_CLOCK, value):
        raise PydanticCustomError("time_clock", "not hours and minutes")
    return time.fromisoformat(value)


#: Hours and minutes by the store's clock, without a zone.
ClockIn = Annotated[time, BeforeValidator(_clock), WithJsonSchema({"type": "string", "pattern": _CLOCK})]
ClockOut = Annotated[time, PlainSerializer(lambda clock: f"{clock:%H:%M}", return_type=str)]
# As literals: the schema would take two classes called Kind for one. A test compares them with the models.
EntityKind = Literal["COMPANY", "SOLE_TRADER", "PARTNERSHIP"]
PlaceKind = Literal["SHOP_FLOOR", "WAREHOUSE", "SAFE", "CUSTODY"]
MarkKind = Literal["CLOSED", "SPECIAL_HOURS", "HOLIDAY", "WORKDAY"]


class EndIn(Body):
    to_date: date = Field(description="The first day it no longer holds", examples=["2026-12-01"])


# --- merchant, entities, partners, shares, regions -------------------------------------------------------------------
class MerchantOut(Schema):
    name: str
    short_name: str
    trade: Trade
    currency: str
    language: str
    time_zone: str


@partial
class MerchantPatch(Body):
    name: Annotated[str, line(80), Field(examples=["Silk Beauty"])]
    short_name: Annotated[str, line(20, min_length=0)]
    trade: Trade
    language: Annotated[str, Field(pattern="^(zh-hans|zh-hant|en)$", examples=["zh-hans"])]
    time_zone: Zone


class LegalEntityIn(Body):
    name: Annotated[
        str, line(80), Field(description="As on the licence", examples=["Hangzhou Silk Beauty Ltd."])
    ]
    short_name: Annotated[str, line(20), Field(examples=["Silk"])]
    kind: EntityKind = "COMPANY"
    credit_code: Annotated[
        str,
        line(32, min_length=0),
        Field(
            description="Unified social credit code; its check character is verified",
            examples=["91110000600037341L"],
        ),
    ] = ""
    currency: Currency = "CNY"
    is_active: bool = True


@partial
class LegalEntityPatch(LegalEntityIn):
    pass


class LegalEntityOut(Schema):
    id: int
    name: str
    short_name: str
    kind: EntityKind
    credit_code: str
    currency: str
    is_active: bool


class PartnerIn(Body):
    name: Annotated[str, line(80), Field(examples=["Shen Yi"])]
    user_id: Annotated[Id | None, Field(description="The account the partner signs in with")] = None


@partial
class PartnerPatch(PartnerIn):
    is_active: bool


class PartnerOut(Schema):
    id: int
    name: str
    user_id: int | None
    is_active: bool


class HoldingIn(Body):
    partner_id: Id
    legal_entity_id: Id
    share_basis_points: int = Field(ge=1, le=10_000, description="10000 is the whole", examples=[3333])
    from_date: date = Field(examples=["2026-01-01"])
    to_date: Until = None


class HoldingOut(Schema):
    id: int
    partner_id: int
    legal_entity_id: int
    share_basis_points: int
    from_date: date
    to_date: Until


class RegionIn(Body):
    name: Annotated[str, line(40), Field(examples=["East"])]
    parent_id: Annotated[Id | None, Field(description="The region it is part of; null: at the top")] = None


@partial
class RegionPatch(RegionIn):
    pass


class RegionOut(Schema):
    id: int
    name: str
    parent_id: int | None


# --- stores ----------------------------------------------------------------------------------------------------------
class StoreIn(Body):
    code: Annotated[str, line(12), Field(description="Short and lasting", examples=["HZ01"])]
    name: Annotated[str, line(60), Field(examples=["Silk Beauty West Lake"])]
    short_name: Annotated[str, line(20), Field(examples=["West Lake"])]
    trade: Trade
    legal_entity_id: Id
    region_id: Id | None = None
    opened_on: date = Field(examples=["2026-03-01"])
    time_zone: Zone = "Asia/Shanghai"
    closing_hour: int = Field(0, ge=0, le=11, description="At 2, a sale at 01:30 counts for the day before")
    province: Annotated[str, line(20, min_length=0)] = ""
    city: Annotated[str, line(20, min_length=0)] = ""
    district: Annotated[str, line(20, min_length=0)] = ""
    street: Annotated[str, line(120, min_length=0)] = ""
    telephone: Annotated[str, line(32, min_length=0)] = ""


@partial
class StorePatch(StoreIn):
    pass


class StoreOut(Schema):
    id: int
    code: str
    name: str
    short_name: str
    trade: Trade
    legal_entity_id: int
    region_id: int | None
    currency: str
    time_zone: str
    closing_hour: int
    province: str
    city: str
    district: str
    street: str
    telephone: str
    opened_on: date
    closed_on: date | None


class CloseIn(Body):
    closed_on: date = Field(description="The first day without business", examples=["2026-12-31"])


class RegisterIn(Body):
    code: Annotated[str, line(12), Field(examples=["01"])]
    name: Annotated[str, line(40), Field(examples=["Front desk"])]


@partial
class RegisterPatch(RegisterIn):
    is_active: bool


class RegisterOut(Schema):
    id: int
    store_id: int
    code: str
    name: str
    is_active: bool


class StockPlaceIn(Body):
    name: Annotated[str, line(40), Field(examples=["Back room"])]
    kind: PlaceKind = "SHOP_FLOOR"


@partial
class StockPlacePatch(Body):
    name: Annotated[str, line(40)]
    is_active: bool


class StockPlaceOut(Schema):
    id: int
    store_id: int
    name: str
    kind: PlaceKind
    is_active: bool


# --- hours and calendar ----------------------------------------------------------------------------------------------
class HoursOut(Schema):
    weekday: int = Field(description="0 is Monday")
    opens: ClockOut
    closes: ClockOut = Field(description="At or before `opens`: after midnight")


class HoursIn(Body):
    weekday: int = Field(ge=0, le=6, description="0 is Monday", examples=[0])
    opens: ClockIn = Field(examples=["10:00"])
    closes: ClockIn = Field(description="At or before `opens`: after midnight", examples=["22:00"])


class WeekIn(Body):
    hours: list[HoursIn] = Field(max_length=14, description="At most two a day; a day without any is closed")


class DayHoursOut(Schema):
    day: date
    is_open: bool
    kind: str = Field(description="REGULAR, CLOSED, SPECIAL_HOURS, HOLIDAY or WORKDAY")
    name: str
    spans: list[SpanOut]


class SpanOut(Schema):
    opens: ClockOut
    closes: ClockOut


class CalendarDayIn(Body):
    store_id: Annotated[Id | None, Field(description="Null: all stores")] = None
    day: date = Field(examples=["2026-12-31"])
    kind: MarkKind
    name: Annotated[str, line(40, min_length=0), Field(examples=["Stock-taking"])] = ""
    opens: ClockIn | None = Field(None, description="Of SPECIAL_HOURS")
    closes: ClockIn | None = Field(None, description="Of SPECIAL_HOURS")


class CalendarDayOut(Schema):
    id: int
    store_id: int | None
    day: date
    kind: MarkKind
    name: str
    opens: ClockOut | None
    closes: ClockOut | None


# --- people ----------------------------------------------------------------------------------------------------------
class StaffIn(Body):
    name: Annotated[str, line(80), Field(examples=["Lin Xiaoman"])]
    number: Annotated[str, line(16), Field(examples=["007"])]
    title: Annotated[str, line(40, min_length=0), Field(examples=["Beautician"])] = ""
    phone: Annotated[str, line(32, min_length=0), Field(examples=["13800138000"])] = ""
    legal_entity_id: Annotated[Id, Field(description="The employer")]


class HireIn(StaffIn):
    username: Annotated[str, line(64), Field(description="For signing in", examples=["linxm"])]
    email: Annotated[str, line(254, min_length=0)] = ""
    hired_on: date = Field(examples=["2026-11-21"])
    role_id: Annotated[Id | None, Field(description="Of the first posting")] = None
    store_id: Annotated[Id | None, Field(description="Of the first posting; null: the whole merchant")] = None


@partial
class StaffPatch(StaffIn):
    pass


class StaffOut(Schema):
    id: int
    user_id: int
    number: str
    name: str
    title: str
    legal_entity_id: int
    phone: str = Field(description="Masked; see reveal_staff_phone", examples=["+86138 •••• 8000"])
    hired_on: date
    left_on: date | None
    successor_id: int | None

    @staticmethod
    def resolve_phone(staff: Staff, context: dict[str, Any]) -> str:
        return masked(context["request"].actor, "stores.staff.phone", staff.phone or "")


class ReasonIn(Body):
    reason: Annotated[
        str, line(200), Field(description="What it is needed for; logged", examples=["emergency"])
    ]


class RevealedOut(Schema):
    value: str


class ReleaseIn(Body):
    left_on: date = Field(description="The first day no longer employed", examples=["2026-12-31"])
    successor_id: Annotated[Id | None, Field(description="Who takes over what the person holds")] = None


class PostingIn(Body):
    role_id: Id
    store_id: Id | None = None
    region_id: Id | None = None
    legal_entity_id: Id | None = None
    from_date: date = Field(examples=["2026-12-01"])
    to_date: Until = None


class TransferIn(Body):
    store_id: Annotated[Id, Field(description="The store to move to")]
    from_date: date = Field(examples=["2026-12-01"])
    role_id: Annotated[Id | None, Field(description="Null: the same role")] = None


class PostingOut(Schema):
    id: int
    staff_id: int
    role_id: int
    store_id: int | None
    region_id: int | None
    legal_entity_id: int | None
    from_date: date
    to_date: Until


DayHoursOut.model_rebuild()
