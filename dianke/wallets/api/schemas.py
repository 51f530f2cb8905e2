"""What the endpoints of prepaid value take and give. Amounts are whole minor units (fen)."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from dianke.api.schemas import Body, Id, inline, line
from dianke.wallets.models import CardUse, PaymentKind, TopUp
from dianke.wallets.queries.wording import line_text
from dianke.wallets.rules.refunds import Step, Working

Amount = Annotated[int, Field(gt=0, le=10**13, description="In minor units (fen)")]
AmountOrNone = Annotated[int, Field(ge=0, le=10**13, description="In minor units (fen)")]
Reference = Annotated[str, line(120)]
Reason = Annotated[str, line(200)]
Count = Annotated[int, Field(ge=1, le=9999)]


class PrepaidStoreFilter(Schema):
    store_id: Id


# --- wallets ---------------------------------------------------------------------------------------------------
class WalletOut(Schema):
    id: int
    number: str
    customer_id: int
    legal_entity_id: int
    store_id: int
    currency: str
    is_named: bool
    opened_at: datetime
    principal_amount: int = Field(description="With what has expired and waits for the nightly run")
    bonus_amount: int
    promotional_amount: int

    @staticmethod
    def resolve_principal_amount(row: Any) -> int:
        return int(row.principal.guard.balance)

    @staticmethod
    def resolve_bonus_amount(row: Any) -> int:
        return int(row.bonus.guard.balance)

    @staticmethod
    def resolve_promotional_amount(row: Any) -> int:
        return int(row.promotional.guard.balance)


class TopUpOut(Schema):
    id: int
    wallet_id: int
    kind: Annotated[TopUp.Kind, inline(TopUp.Kind)]
    offer_id: int | None
    origin_id: int | None = Field(description="The top-up it came from by a transfer")
    store_id: int
    paid_amount: int
    bonus_amount: int
    promotional_amount: int
    bonus_expires_at: datetime | None
    payment_kind: str
    payment_reference: str
    reference: str
    business_date: date
    at: datetime


class TopUpIn(Body):
    customer_id: Id
    store_id: Id
    paid_amount: Amount
    payment_kind: PaymentKind
    payment_reference: Annotated[str, line(80, min_length=0)] = ""
    offer_id: Id | None = None
    is_named: bool = Field(True, description="Counts only when this opens the wallet")
    reference: Reference = Field(description="Your key of this top-up; sent again, nothing is posted twice")


class GiftIn(Body):
    customer_id: Id
    store_id: Id
    amount: Amount
    reason: Reason
    expires_at: datetime | None = None
    reference: Reference


class PrepaidReasonIn(Body):
    reason: Reason


class FreezeIn(PrepaidReasonIn):
    is_lost: bool = Field(False, description="The customer reported the card lost: a reissue ends it")


class FreezeOut(Schema):
    id: int
    wallet_id: int | None
    card_id: int | None
    kind: str
    reason: str
    at: datetime
    ended_at: datetime | None


class StatementRowOut(Schema):
    transaction_id: int
    kind: str
    reference: str
    business_date: date
    recorded_at: datetime
    store_id: int | None
    principal_amount: int
    bonus_amount: int
    promotional_amount: int
    balance: int = Field(description="Of all buckets, after it")


class StatementOut(Schema):
    items: list[StatementRowOut]
    next_before: int | None = Field(description="`before` of the next page")


class PrepaidStatementQuery(Schema):
    before: int | None = Field(None, ge=1, le=2**62)
    limit: int = Field(50, ge=1, le=200)


class BalancesOut(Schema):
    as_of: date
    principal_amount: int
    bonus_amount: int
    promotional_amount: int


class StepOut(Schema):
    code: str
    text: str = Field(description="In the caller's language")
    amount: int | None
    values: dict[str, int]


class WorkingOut(Schema):
    top_up_id: int | None = None
    method: str
    refund_amount: int
    forfeited_amount: int
    steps: list[StepOut]


class EstimateOut(Schema):
    refund_amount: int
    forfeited_amount: int
    parts: list[WorkingOut]


class WalletRefundIn(Body):
    store_id: Id
    payment_kind: PaymentKind
    payment_reference: Annotated[str, line(80, min_length=0)] = ""
    reason: Reason
    reference: Reference
    top_up_ids: list[Id] | None = Field(None, max_length=500, description="Without it, everything")


class PrepaidRefundOut(Schema):
    id: int
    wallet_id: int | None
    card_id: int | None
    store_id: int
    amount: int
    forfeited_amount: int
    payment_kind: str
    reference: str
    reason: str
    working: list[dict[str, Any]]
    business_date: date
    at: datetime


class PrepaidTransferIn(Body):
    to_customer_id: Id
    store_id: Id
    reason: Reason
    reference: Reference


class PrepaidTransferOut(Schema):
    id: int
    wallet_id: int | None
    into_id: int | None
    card_id: int | None
    from_customer_id: int
    to_customer_id: int
    principal_amount: int
    bonus_amount: int
    promotional_amount: int
    reason: str
    at: datetime


class PurseWalletOut(Schema):
    wallet_id: int
    customer_id: int
    number: str
    legal_entity_id: int
    currency: str
    principal_amount: int
    bonus_amount: int
    promotional_amount: int
    is_spendable_here: bool
    why_frozen: str


class PurseItemOut(Schema):
    item_id: int
    variant_id: int
    service: str
    is_gifted: bool
    count: int
    left: int
    value_left_amount: int


class PurseCardOut(Schema):
    card_id: int
    customer_id: int
    kind: str
    number: str
    legal_entity_id: int
    expires_on: str
    needs_confirmation: bool
    why_not: str = Field(description="Empty when sessions can be used here today")
    items: list[PurseItemOut]


class PurseOut(Schema):
    amount: int
    spendable_amount: int
    wallets: list[PurseWalletOut]
    cards: list[PurseCardOut]


class PurseQuery(Schema):
    customer_id: Id
    store_id: Id


def step_out(step: Step, currency: str) -> dict[str, Any]:
    """A line of a working, in words and in numbers."""
    return {**step.as_dict(), "text": line_text(step, currency)}


def working_out(working: Working, currency: str, top_up_id: int | None = None) -> dict[str, Any]:
    """A working as the API gives it."""
    return {
        "top_up_id": top_up_id,
        "method": working.method,
        "refund_amount": working.refund,
        "forfeited_amount": working.forfeited,
        "steps": [step_out(step, currency) for step in working.steps],
    }


# --- cards -------------------------------------------------------------------------------------------------------
class CardItemOut(Schema):
    id: int
    variant_id: int
    is_gifted: bool
    count: int
    amount: int = Field(description="The item's part of what was paid")
    unit_amount: int
    left: int
    value_left_amount: int

    @staticmethod
    def resolve_left(row: Any) -> int:
        return int(row.sessions.guard.balance)

    @staticmethod
    def resolve_value_left_amount(row: Any) -> int:
        return int(row.value.guard.balance)


class SessionCardOut(Schema):
    id: int
    kind_id: int
    number: str
    customer_id: int
    store_id: int
    legal_entity_id: int
    currency: str
    paid_amount: int
    is_for_household: bool
    needs_confirmation: bool
    expires_on: date | None
    business_date: date
    sold_at: datetime
    closed_at: datetime | None
    closed_as: str
    items: list[CardItemOut]

    @staticmethod
    def resolve_items(row: Any) -> list[Any]:
        return list(row.items.all())


class SessionCardIn(Body):
    customer_id: Id
    kind_id: Id
    store_id: Id
    paid_amount: AmountOrNone | None = Field(None, description="Without it, the price of the kind")
    payment_kind: PaymentKind
    payment_reference: Annotated[str, line(80, min_length=0)] = ""
    reference: Reference


class SessionUseIn(Body):
    card_id: Id
    variant_id: Id
    count: Count = 1


class UseSessionsIn(Body):
    customer_id: Id = Field(description="Who is served: the owner or somebody of the household")
    store_id: Id
    uses: list[SessionUseIn] = Field(min_length=1, max_length=30)
    confirmation: Annotated[str, line(20, min_length=0)] = Field(
        "", description="The digits on the customer's phone"
    )
    waiver: Annotated[str, line(200, min_length=0)] = Field(
        "", description="Why it goes without; for who may"
    )
    reference: Reference


class CardUseLineOut(Schema):
    item_id: int
    count: int
    value_amount: int


class CardUseOut(Schema):
    id: int
    card_id: int
    customer_id: int
    store_id: int
    reference: str
    business_date: date
    at: datetime
    confirmed: CardUse.Confirmed
    waiver: str
    undone_at: datetime | None
    lines: list[CardUseLineOut]

    @staticmethod
    def resolve_lines(row: Any) -> list[Any]:
        return list(row.lines.all())


class ExtensionIn(Body):
    to_date: date
    reason: Reason


class ExtensionOut(Schema):
    id: int
    card_id: int
    before: date | None
    after: date
    reason: str
    at: datetime


class CardRefundIn(Body):
    store_id: Id
    payment_kind: PaymentKind
    payment_reference: Annotated[str, line(80, min_length=0)] = ""
    reason: Reason
    reference: Reference


class ConversionIn(Body):
    kind_id: Id
    store_id: Id
    price_amount: AmountOrNone | None = Field(None, description="Without it, the price of the kind")
    payment_kind: PaymentKind
    payment_reference: Annotated[str, line(80, min_length=0)] = ""
    reason: Reason
    reference: Reference
