"""What the endpoints of the room take and give. Amounts are whole minor units, shares basis points; `terms` are told in
docs/algorithms/pricing.md and checked entry by entry."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from dianke.api.instants import Instant
from dianke.api.schemas import Body, Id, line, partial
from dianke.promotions.models import Coupon, CouponKind, Promotion
from dianke.promotions.models.visible import ISSUE
from dianke.promotions.operations import kinds as kind_operations
from dianke.promotions.operations import offers as offer_operations
from dianke.promotions.queries.held import HeldCoupon

Amount = Annotated[int, Field(ge=1, lt=10**13, description="Minor units", examples=[500_000])]
Count = Annotated[int, Field(ge=1, lt=10**9)]
Days = Annotated[int, Field(ge=0, le=3650)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2100, 1, 1), examples=["2026-11-22"])]
Terms = Annotated[
    dict[str, Any],
    Field(
        description="What it does, for which goods, when and for whom; without name and period",
        examples=[{"rule": {"kind": "PERCENT_OFF", "pays_bp": 8000}}],
    ),
]
Name = Annotated[str, line(40), Field(examples=["40 off from 300"])]
PromotionState = Literal["DRAFT", "RUNNING", "PAUSED", "ENDED"]
KindState = Literal["ACTIVE", "PAUSED", "ENDED"]
CouponState = Literal["ISSUED", "CLAIMED", "USED", "EXPIRED", "REVOKED"]


# --- promotions ------------------------------------------------------------------------------------------------------
class PromotionIn(Body):
    name: Name
    starts_at: Instant
    ends_at: Instant | None = Field(None, description="The first instant it holds no more; null: no end")
    terms: Terms
    budget_amount: Amount | None = Field(None, description="Given away at most")
    budget_count: Count | None = Field(None, description="Times at most")
    per_customer_count: Count | None = Field(None, le=100_000, description="Times for one customer")


@partial
class PromotionPatch(PromotionIn):
    pass


class PromotionCopyIn(Body):
    name: Name


class PromotionOut(Schema):
    id: int
    name: str
    kind: str
    state: PromotionState
    version: int
    starts_at: datetime
    ends_at: datetime | None
    store_ids: list[int] = Field(description="Empty: every store")
    channels: list[str] = Field(description="Empty: every channel")
    priority: int
    exclusion: str
    terms: dict[str, Any]
    budget_amount: int | None
    budget_count: int | None
    spent_amount: int = Field(description="Counted while there is a budget")
    spent_count: int
    per_customer_count: int | None

    @staticmethod
    def resolve_terms(row: Promotion) -> dict[str, Any]:
        return offer_operations.bare_terms(row)


class PromotionVersionOut(Schema):
    number: int
    since: datetime
    terms: dict[str, Any]


class RunningPromotionOut(Schema):
    promotion_id: int
    version: int
    terms: dict[str, Any] = Field(description="As the pricing engine reads them, with what is left")


class RunningPromotions(Schema):
    items: list[RunningPromotionOut]


# --- kinds of coupons ------------------------------------------------------------------------------------------------
class CouponKindIn(Body):
    name: Name
    terms: Terms
    note: Annotated[str, line(200, min_length=0)] = Field("", description="What the customer reads")
    total_limit: Count | None = Field(None, description="How many there may ever be")
    per_customer_limit: Annotated[int, Field(ge=1, le=100_000)] | None = None
    validity: Literal["FIXED", "AFTER_CLAIM"] = "AFTER_CLAIM"
    valid_from: Day | None = None
    valid_to: Day | None = Field(None, description="The last day it is good")
    valid_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    starts_after_days: Days = 0
    grace_days: Days = Field(0, description="Good again for so long when it comes back expired")
    notice_days: Annotated[int, Field(ge=0, le=60)] = Field(3, description="Told so many days before the end")
    giving: Literal["ISSUERS", "STAFF", "SYSTEM"] = "ISSUERS"
    is_claimable: bool = Field(False, description="Customers claim it on their phone")
    claim_from: Instant | None = None
    claim_to: Instant | None = None


@partial
class CouponKindPatch(CouponKindIn):
    pass


class CouponKindStateIn(Body):
    state: KindState


class CouponKindOut(Schema):
    id: int
    name: str
    kind: str
    state: KindState
    version: int
    terms: dict[str, Any]
    note: str
    store_ids: list[int]
    total_limit: int | None
    issued_count: int
    per_customer_limit: int | None
    validity: Literal["FIXED", "AFTER_CLAIM"]
    valid_from: date | None
    valid_to: date | None
    valid_days: int | None
    starts_after_days: int
    grace_days: int
    notice_days: int
    giving: Literal["ISSUERS", "STAFF", "SYSTEM"]
    is_claimable: bool
    claim_from: datetime | None
    claim_to: datetime | None

    @staticmethod
    def resolve_terms(row: CouponKind) -> dict[str, Any]:
        return kind_operations.bare_terms(row)


class CouponKindFiguresOut(Schema):
    issued: int
    waiting: int = Field(description="Not claimed yet")
    usable: int
    used: int
    expired: int
    revoked: int
    given_amount: int
    brought_amount: int


# --- coupons ---------------------------------------------------------------------------------------------------------
class CouponIssueIn(Body):
    kind_id: Id
    customer_ids: list[Id] = Field(min_length=1, max_length=1000)
    occasion: Annotated[str, line(100, min_length=0)] = Field(
        "", description="What for; the same again gives nobody a second one"
    )
    each: Annotated[int, Field(ge=1, le=20)] = 1
    to_be_claimed: bool = Field(False, description="The customer takes it on the phone first")
    reason: Annotated[str, line(200, min_length=0)] = ""


class CouponGivenOut(Schema):
    coupon_id: int
    customer_id: int


class CouponIssueOut(Schema):
    given: list[CouponGivenOut]
    already: int = Field(description="Had one for the occasion")
    full: int = Field(description="Have as many as one customer may have")
    left_out: int = Field(description="Erased, removed or about to be")


class CouponPrintIn(Body):
    kind_id: Id
    count: Annotated[int, Field(ge=1, le=50_000)]
    name: Name
    use_by: Day | None = None
    reference: Annotated[str, line(100)] = Field(description="The same again makes no more codes")


class CouponBatchOut(Schema):
    id: int
    kind_id: int
    name: str
    count: int
    use_by: date | None
    made_at: datetime


class CouponClaimIn(Body):
    code: Annotated[str, line(40)]
    customer_id: Id


class CouponRevokeIn(Body):
    coupon_ids: list[Id] = Field(min_length=1, max_length=1000)
    reason: Annotated[str, line(200)]


class CouponRevokeOut(Schema):
    revoked: int


class CouponOut(Schema):
    id: int
    kind_id: int
    version: int
    state: CouponState
    code: str | None = Field(description="Only for who may give coupons")
    code_end: str
    customer_id: int | None
    batch_id: int | None
    occasion: str
    issued_at: datetime
    claimed_at: datetime | None
    valid_from: datetime | None
    expires_at: datetime | None
    used_at: datetime | None
    used_reference: str
    used_amount: int
    reason: str

    @staticmethod
    def resolve_code(row: Coupon, context: Any) -> str | None:
        return row.code if context["request"].actor.can(ISSUE) else None

    @staticmethod
    def resolve_code_end(row: Coupon) -> str:
        return row.code[-4:]


class CouponStepOut(Schema):
    before: str
    after: CouponState
    at: datetime
    reference: str
    reason: str
    amount: int
    user_id: int | None


class CouponLookupOut(Schema):
    """What a code is good for."""

    id: int
    kind_id: int
    name: str
    terms: dict[str, Any]
    state: CouponState
    customer_id: int | None = Field(description="Null also for a customer the caller may not see")
    is_personal: bool = Field(description="It belongs to one customer")
    valid_from: datetime | None
    expires_at: datetime | None
    is_usable: bool
    why_not: str | None
    why_not_code: str | None


def looked_up(held: HeldCoupon, *, customer_id: int | None) -> CouponLookupOut:
    """A held coupon as it is told."""
    terms = {key: value for key, value in held.terms.as_dict().items() if key not in ("kind_id", "name")}
    return CouponLookupOut(
        id=held.id,
        kind_id=held.terms.kind_id,
        name=held.terms.name,
        terms=terms,
        state=held.state,  # type: ignore[arg-type]
        customer_id=customer_id,
        is_personal=held.customer_id is not None,
        valid_from=held.valid_from,
        expires_at=held.expires_at,
        is_usable=held.usable,
        why_not=str(held.why_not) if held.why_not else None,
        why_not_code=held.why_not.code if held.why_not else None,
    )
