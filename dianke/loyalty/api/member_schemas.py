"""What the endpoints about members take and give."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from dianke.api.schemas import Body, Id, inline, line
from dianke.loyalty.models import LevelChange, LevelGrant, Redemption, Referral

Reason = Annotated[str, line(200)]


class LoyaltyMemberOut(Schema):
    customer_id: int
    joined_on: date
    level_id: int | None
    since: date
    below_since: date | None


class LoyaltyMissingOut(Schema):
    name: str = Field(description="amount (minor units), orders or points")
    have: int
    need: int
    missing: int


class LoyaltyNextOut(Schema):
    level_code: str
    level_name: str
    needs_all: bool
    window_from: date
    window_to: date
    missing: list[LoyaltyMissingOut]


class LoyaltyStandingOut(Schema):
    customer_id: int
    level_code: str
    level_name: str
    points: int
    pending: int
    owed: int
    worth_amount: int = Field(description="What the spendable points take off, minor units")
    points_bp: int
    discount_bp: int
    joined_on: date | None
    next: LoyaltyNextOut | None


class LoyaltyLotOut(Schema):
    id: int
    quantity: int
    remaining: int = Field(description="Below zero: owed")
    expires_at: datetime | None
    source: str
    is_pending: bool
    usable_from: datetime | None


class LoyaltyLineOut(Schema):
    id: int
    kind: str
    reference: str
    business_date: date
    at: datetime
    reason: str
    points: int
    pending: int
    balance: int
    pending_balance: int


class LoyaltyStatementOut(Schema):
    items: list[LoyaltyLineOut]
    next_before: int | None


class LoyaltyBalanceOut(Schema):
    on: date
    points: int
    pending: int


class LoyaltyAdjustIn(Body):
    points: Annotated[int, Field(ge=-10_000_000, le=10_000_000, description="More (+) or less (-), not 0")]
    reason: Reason
    key: UUID = Field(description="Chosen by the caller: a repeat with the same key changes nothing")
    expires_on: date | None = Field(None, description="The last day they can be used")


class LoyaltyAdjustedOut(Schema):
    transaction_id: int
    is_repeat: bool


class LoyaltyGrantIn(Body):
    level_id: Id
    reason: Reason
    to_date: date | None = None


class LoyaltyGrantOut(Schema):
    id: int
    customer_id: int
    level_id: int
    kind: Annotated[LevelGrant.Kind, inline(LevelGrant.Kind)]
    from_date: date
    to_date: date | None
    reason: str
    at: datetime
    withdrawn_at: datetime | None


class LoyaltyChangeOut(Schema):
    id: int
    customer_id: int
    before_id: int | None
    after_id: int | None
    why: LevelChange.Why
    on: date
    at: datetime
    spend_amount: int
    order_count: int
    tier_points: int


class LoyaltyRedeemIn(Body):
    reward_id: Id
    key: UUID = Field(description="Chosen by the caller: a repeat with the same key gives what stands")
    store_id: Id | None = None
    is_handed_over: bool = False
    note: Annotated[str, line(200, min_length=0)] = ""


class LoyaltyRedemptionOut(Schema):
    id: int
    uuid: UUID
    customer_id: int
    reward_id: int
    points: int
    state: Annotated[Redemption.State, inline(Redemption.State)]
    store_id: int | None
    at: datetime
    given_at: datetime | None
    cancelled_at: datetime | None


class LoyaltyCancelIn(Body):
    reason: Annotated[str, line(200, min_length=0)]


class LoyaltyCodeOut(Schema):
    customer_id: int
    code: str


class LoyaltyClaimIn(Body):
    customer_id: Id
    code: Annotated[str, line(12)]


class LoyaltyReferralOut(Schema):
    id: int
    customer_id: int
    referred_id: int
    state: Annotated[Referral.State, inline(Referral.State)]
    made_at: datetime
    decided_at: datetime | None


def standing_out(customer_id: int, standing: Any) -> dict[str, Any]:
    """A standing as the API gives it."""
    ahead = standing.next_tier
    worth = standing.worth
    return {
        "customer_id": customer_id,
        "level_code": standing.tier_code,
        "level_name": standing.tier_name,
        "points": standing.points,
        "pending": standing.pending,
        "owed": standing.owed,
        "worth_amount": worth.amount_for(standing.points) if worth else 0,
        "points_bp": standing.points_bp,
        "discount_bp": standing.discount_bp,
        "joined_on": standing.joined_on,
        "next": ahead
        and {
            "level_code": ahead.level.code,
            "level_name": ahead.level.name,
            "needs_all": ahead.level.needs_all,
            "window_from": ahead.window.first,
            "window_to": ahead.window.last,
            "missing": [
                {"name": each.name, "have": each.have, "need": each.need, "missing": each.missing}
                for each in ahead.missing
            ],
        },
    }
