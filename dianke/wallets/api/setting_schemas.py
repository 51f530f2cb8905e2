"""What the endpoints of offers, kinds of cards and dated rules take and give."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from dianke.api.schemas import Body, Id, line, partial
from dianke.wallets.api.schemas import Amount, AmountOrNone
from dianke.wallets.models import CardKind

Days = Annotated[int, Field(ge=1, le=36500)]


class OfferStepOut(Schema):
    paid_amount: int
    bonus_amount: int
    promotional_amount: int


class TopUpOfferOut(Schema):
    id: int
    name: str
    currency: str
    starts_at: datetime | None
    ends_at: datetime | None
    levels: list[str]
    store_ids: list[int]
    bonus_days: int | None
    per_customer: int | None
    is_repeating: bool
    ended_at: datetime | None
    steps: list[OfferStepOut]

    @staticmethod
    def resolve_store_ids(row: Any) -> list[int]:
        return [store.pk for store in row.stores.all()]

    @staticmethod
    def resolve_steps(row: Any) -> list[Any]:
        return list(row.steps.all())


class OfferStepIn(Body):
    paid_amount: Amount
    bonus_amount: AmountOrNone = 0
    promotional_amount: AmountOrNone = 0


class TopUpOfferIn(Body):
    name: Annotated[str, line(40)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "CNY"
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    levels: list[Annotated[str, line(20)]] = Field(default_factory=list, max_length=20)
    bonus_days: Days | None = None
    per_customer: Annotated[int, Field(ge=1, le=9999)] | None = None
    is_repeating: bool = False
    steps: list[OfferStepIn] = Field(min_length=1, max_length=20)
    store_ids: list[Id] = Field(default_factory=list, max_length=500)


@partial
class TopUpOfferPatch(TopUpOfferIn):
    pass


class CardKindItemOut(Schema):
    variant_id: int
    paid_count: int
    gifted_count: int
    unit_amount: int


class CardKindOut(Schema):
    id: int
    name: str
    currency: str
    price_amount: int
    valid_days: int | None
    starts: CardKind.Starts
    is_for_household: bool
    needs_confirmation: bool
    refund_method: str
    store_ids: list[int]
    ended_at: datetime | None
    items: list[CardKindItemOut]

    @staticmethod
    def resolve_store_ids(row: Any) -> list[int]:
        return [store.pk for store in row.stores.all()]

    @staticmethod
    def resolve_items(row: Any) -> list[Any]:
        return list(row.items.all())


class CardKindItemIn(Body):
    variant_id: Id
    paid_count: Annotated[int, Field(ge=0, le=9999)] = 0
    gifted_count: Annotated[int, Field(ge=0, le=9999)] = 0
    unit_amount: AmountOrNone | None = Field(None, description="Without it, the base price of the service")


class CardKindIn(Body):
    name: Annotated[str, line(60)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "CNY"
    price_amount: AmountOrNone
    valid_days: Days | None = None
    starts: CardKind.Starts = CardKind.Starts.AT_SALE
    is_for_household: bool = False
    needs_confirmation: bool = True
    refund_method: Annotated[str, Field(pattern="^(|VALUE_LEFT|LIST_PRICE|ALL_SESSIONS)$")] = ""
    items: list[CardKindItemIn] = Field(min_length=1, max_length=50)
    store_ids: list[Id] = Field(default_factory=list, max_length=500)


@partial
class CardKindPatch(CardKindIn):
    pass


class TermOut(Schema):
    id: int
    code: str
    value: str
    province: str
    legal_entity_id: int | None
    from_date: date
    to_date: date | None
    source: str
    checked_at: datetime | None


class TermIn(Body):
    code: Annotated[str, line(40)]
    value: Annotated[str, line(40)] = Field(description="Fen, days, 1 or 0, or a word, by the rule")
    province: Annotated[str, line(20, min_length=0)] = ""
    legal_entity_id: Id | None = None
    from_date: date
    source: Annotated[str, line(300)]


class TermEndIn(Body):
    to_date: date
