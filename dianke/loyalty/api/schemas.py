"""What the endpoints of levels and points take and give."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date, datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from dianke.api.schemas import Body, Id, inline, line, partial
from dianke.loyalty.models import (
    EarningRule,
    Gift,
    Programme,
    Reward,
)

MOST = 2_000_000_000
Count = Annotated[int, Field(ge=0, le=MOST)]
Small = Annotated[int, Field(ge=0, le=32_000)]
Amount = Annotated[int, Field(ge=0, le=10**15, description="Minor units (fen)")]
BasisPoints = Annotated[int, Field(ge=0, le=10_000, description="10000 is 100 percent")]
Codes = Annotated[list[Annotated[str, line(24)]], Field(max_length=40)]
Ids = Annotated[list[Id], Field(max_length=500)]


# --- programme ----------------------------------------------------------------------------------------------
class LoyaltyProgrammeOut(Schema):
    id: int
    name: str
    is_active: bool
    time_zone: str
    currency: str
    window: Programme.Window
    window_days: int
    downgrade: Programme.Downgrade
    grace_days: int
    keeps_after_refund: bool
    pending_days: int
    expiry: Programme.Expiry
    expiry_count: int
    notice_days: int
    worth_points: int
    worth_amount: int
    redeem_step: int
    redeem_minimum: int
    redeem_cap_bp: int
    redeem_cap_amount: int | None
    shortfall: Programme.Shortfall
    return_grace_days: int
    earns_on_tax: bool
    earns_on_bonus: bool
    earns_on_shipping: bool
    earns_on_gift_cards: bool
    stored_value_earns: Programme.StoredValue
    is_referring: bool
    referrer_points: int
    referred_points: int
    referral_least_amount: int
    referral_limit: int
    referral_limit_days: int


class LoyaltyProgrammeValues(Body):
    name: Annotated[str, line(40)]
    is_active: bool
    time_zone: Annotated[str, line(40)]
    window: Programme.Window
    window_days: Annotated[int, Field(ge=1, le=3660)]
    downgrade: Programme.Downgrade
    grace_days: Annotated[int, Field(ge=0, le=3660)]
    keeps_after_refund: bool
    pending_days: Annotated[int, Field(ge=0, le=365)]
    expiry: Programme.Expiry
    expiry_count: Annotated[int, Field(ge=0, le=120)]
    notice_days: Annotated[int, Field(ge=0, le=365)]
    worth_points: Annotated[int, Field(ge=1, le=MOST)]
    worth_amount: Amount
    redeem_step: Annotated[int, Field(ge=1, le=MOST)]
    redeem_minimum: Count
    redeem_cap_bp: BasisPoints
    redeem_cap_amount: Amount | None
    shortfall: Programme.Shortfall
    return_grace_days: Annotated[int, Field(ge=0, le=3660)]
    earns_on_tax: bool
    earns_on_bonus: bool
    earns_on_shipping: bool
    earns_on_gift_cards: bool
    stored_value_earns: Programme.StoredValue
    is_referring: bool
    referrer_points: Count
    referred_points: Count
    referral_least_amount: Amount
    referral_limit: Small
    referral_limit_days: Annotated[int, Field(ge=1, le=3660)]


@partial
class LoyaltyProgrammePatch(LoyaltyProgrammeValues):
    pass


class LoyaltyLevelOut(Schema):
    id: int
    code: str
    name: str
    rank: int
    least_amount: int | None
    least_orders: int | None
    least_points: int | None
    needs_all: bool
    price_amount: int | None
    paid_days: int
    points_bp: int
    discount_bp: int
    benefits: list[str]
    archived_at: datetime | None


class _LevelValues(Body):
    name: Annotated[str, line(20)]
    least_amount: Amount | None = None
    least_orders: Count | None = None
    least_points: Count | None = None
    needs_all: bool = False
    price_amount: Amount | None = None
    paid_days: Annotated[int, Field(ge=1, le=3660)] = 365
    points_bp: Annotated[int, Field(ge=0, le=1_000_000)] = 10_000
    discount_bp: BasisPoints = 0
    benefits: Annotated[list[Annotated[str, line(60)]], Field(max_length=20)] = []


class LoyaltyLevelIn(_LevelValues):
    code: Annotated[str, line(24)]
    rank: Small | None = None


@partial
class LoyaltyLevelPatch(_LevelValues):
    rank: Small = 0


class LoyaltyRuleOut(Schema):
    id: int
    name: str
    kind: Annotated[EarningRule.Kind, inline(EarningRule.Kind)]
    position: int
    points: int
    per_amount: int
    factor_bp: int
    is_repeated: bool
    category_ids: list[int]
    product_ids: list[int]
    store_ids: list[int]
    level_codes: list[str]
    weekdays: list[int]
    birthday: str
    from_date: date | None
    to_date: date | None
    is_active: bool


class LoyaltyRuleIn(Body):
    name: Annotated[str, line(40)]
    kind: Annotated[EarningRule.Kind, inline(EarningRule.Kind)] = EarningRule.Kind.RATE
    position: Small = 100
    points: Count = 1
    per_amount: Annotated[int, Field(ge=1, le=10**15, description="Minor units (fen)")] = 100
    factor_bp: Annotated[int, Field(ge=0, le=1_000_000)] = 10_000
    is_repeated: bool = False
    category_ids: Ids = []
    product_ids: Ids = []
    store_ids: Ids = []
    level_codes: Codes = []
    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)] = []
    birthday: EarningRule.Birthday = EarningRule.Birthday.ANY
    from_date: date | None = None
    to_date: date | None = None
    is_active: bool = True


@partial
class LoyaltyRulePatch(LoyaltyRuleIn):
    pass


class LoyaltyGiftOut(Schema):
    id: int
    name: str
    occasion: Gift.Occasion
    level_codes: list[str]
    points: int
    valid_days: int
    coupon_kind: str
    days_before: int
    is_active: bool


class LoyaltyGiftIn(Body):
    name: Annotated[str, line(40)]
    occasion: Gift.Occasion
    level_codes: Codes = []
    points: Count = 0
    valid_days: Annotated[int, Field(ge=1, le=3660)] = 60
    coupon_kind: Annotated[str, line(80, min_length=0)] = ""
    days_before: Annotated[int, Field(ge=0, le=60)] = 0
    is_active: bool = True


@partial
class LoyaltyGiftPatch(LoyaltyGiftIn):
    pass


class LoyaltyRewardOut(Schema):
    id: int
    name: str
    kind: Annotated[Reward.Kind, inline(Reward.Kind)]
    note: str
    points: int
    variant_id: int | None
    coupon_kind: str
    level_codes: list[str]
    left_count: int | None
    limit_per_member: int | None
    from_date: date | None
    to_date: date | None
    is_active: bool


class LoyaltyRewardIn(Body):
    name: Annotated[str, line(40)]
    kind: Annotated[Reward.Kind, inline(Reward.Kind)] = Reward.Kind.GOODS
    note: Annotated[str, line(120, min_length=0)] = ""
    points: Annotated[int, Field(ge=1, le=MOST)]
    variant_id: Id | None = None
    coupon_kind: Annotated[str, line(80, min_length=0)] = ""
    level_codes: Codes = []
    left_count: Count | None = None
    limit_per_member: Small | None = None
    from_date: date | None = None
    to_date: date | None = None
    is_active: bool = True


@partial
class LoyaltyRewardPatch(LoyaltyRewardIn):
    pass
