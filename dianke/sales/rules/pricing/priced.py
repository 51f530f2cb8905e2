"""What the pricing engine answers: every line from its list price down to what is paid, with each step and its reason.

Reasons are codes with values; `reasons` makes sentences of them. `as_dict` of `Priced` is what the same rules in
JavaScript answer, value for value.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

Json = dict[str, object]
Values = Mapping[str, int | str]


class Stage(enum.StrEnum):
    """In this order, always."""

    ITEM_PRICE = "ITEM_PRICE"
    ITEM_PROMOTION = "ITEM_PROMOTION"
    ORDER_PROMOTION = "ORDER_PROMOTION"
    COUPON = "COUPON"
    TIER = "TIER"
    MANUAL = "MANUAL"
    POINTS = "POINTS"
    ROUNDING = "ROUNDING"


class Adjustment(NamedTuple):
    """A line's share of one discount: `amount` is below zero (only rounding may also be above).

    A named tuple because a busy cart has hundreds of them, and they are made in a third of the time.
    """

    stage: Stage
    source: str
    code: str
    values: Values
    amount: int

    def as_dict(self) -> Json:
        return {
            "stage": str(self.stage),
            "source": self.source,
            "code": self.code,
            "values": dict(self.values),
            "amount": self.amount,
        }


@dataclass(frozen=True, slots=True)
class PricedLine:
    """`paid_amount` = `list_amount` + the adjustments; `tax_amount` is the tax inside of it. `paid_amount` of a gift
    is 0."""

    key: str
    list_amount: int
    adjustments: tuple[Adjustment, ...]
    paid_amount: int
    tax_amount: int
    is_gift: bool = False

    def as_dict(self) -> Json:
        return {
            "key": self.key,
            "list_amount": self.list_amount,
            "adjustments": [one.as_dict() for one in self.adjustments],
            "paid_amount": self.paid_amount,
            "tax_amount": self.tax_amount,
            "is_gift": self.is_gift,
        }


@dataclass(frozen=True, slots=True)
class Given:
    """What one promotion, coupon, level … gave in this order: `amount` above zero (rounding up: below), `times` how
    often it applied."""

    source: str
    amount: int
    times: int

    def as_dict(self) -> Json:
        return {"source": self.source, "amount": self.amount, "times": self.times}


@dataclass(frozen=True, slots=True)
class GiftOffer:
    """`picks` gifts may be chosen of `choices` (variant, pieces of one pick); `taken` have been."""

    source: str
    picks: int
    taken: int
    choices: tuple[tuple[int, int], ...]

    def as_dict(self) -> Json:
        choices = [{"variant_id": variant, "quantity": quantity} for variant, quantity in self.choices]
        return {"source": self.source, "picks": self.picks, "taken": self.taken, "choices": choices}


@dataclass(frozen=True, slots=True)
class Note:
    """Something about an offer: why it was passed over, or what is missing for more of it."""

    source: str
    code: str
    values: Values

    def as_dict(self) -> Json:
        return {"source": self.source, "code": self.code, "values": dict(self.values)}


@dataclass(frozen=True, slots=True)
class Priced:
    """The answer. `passed_over`: offers that gave nothing, with the reason; a coupon among them is kept, not burnt.
    `unearned_gifts`: keys of gift lines no offer stands behind: they cost their list price. `points_used` is what to
    take from the customer, `points_possible` how many could be used at most."""

    lines: tuple[PricedLine, ...]
    list_amount: int
    paid_amount: int
    tax_amount: int
    given: tuple[Given, ...]
    passed_over: tuple[Note, ...] = ()
    gifts: tuple[GiftOffer, ...] = ()
    unearned_gifts: tuple[str, ...] = ()
    advice: tuple[Note, ...] = ()
    points_used: int = 0
    points_possible: int = 0

    @property
    def off_amount(self) -> int:
        return self.list_amount - self.paid_amount

    def given_by(self, source: str) -> int:
        return sum(one.amount for one in self.given if one.source == source)

    @property
    def coupons_used(self) -> tuple[Given, ...]:
        return tuple(one for one in self.given if one.source.startswith("coupon:"))

    @property
    def promotions_used(self) -> tuple[Given, ...]:
        return tuple(one for one in self.given if one.source.startswith("promotion:"))

    def as_dict(self) -> Json:
        return {
            "lines": [line.as_dict() for line in self.lines],
            "list_amount": self.list_amount,
            "paid_amount": self.paid_amount,
            "tax_amount": self.tax_amount,
            "given": [one.as_dict() for one in self.given],
            "passed_over": [one.as_dict() for one in self.passed_over],
            "gifts": [one.as_dict() for one in self.gifts],
            "unearned_gifts": list(self.unearned_gifts),
            "advice": [one.as_dict() for one in self.advice],
            "points_used": self.points_used,
            "points_possible": self.points_possible,
        }
