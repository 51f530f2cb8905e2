"""The vocabulary of offers: a `Promotion` and the `CouponTerms` of a coupon, as the pricing engine reads them.

Tables, the API and the till exchange them as plain data: `Promotion.read(data)` and `promotion.as_dict()` are each
other's inverse. What a kind does stands in `kinds`, for what and whom it holds in `conditions`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.promotions.rules.conditions import ALWAYS, EVERYBODY, EVERYTHING, Audience, Goods, Json, When
from dianke.promotions.rules.kinds import (
    COUPON_KINDS,
    KINDS,
    ORDER_KINDS,
    Alike,
    Bundle,
    BuyGet,
    Cash,
    CouponRule,
    EveryFull,
    Exchange,
    FixedPrice,
    FreeDelivery,
    Gift,
    GiftChoice,
    GiftCoupon,
    GiftStep,
    Ladder,
    Measure,
    MoneyOff,
    NthPiece,
    Part,
    Percent,
    PercentOff,
    Rule,
    Step,
    read_coupon_rule,
    read_rule,
    written,
)
from dianke.promotions.rules.reading import Fields, TermsContradict

LARGEST_PRIORITY = 10_000
MOST_TIMES = 100_000


class Basis(enum.StrEnum):
    """From which price a percentage or a threshold is taken: the list price, or what earlier discounts left of it."""

    ORIGINAL = "ORIGINAL"
    DISCOUNTED = "DISCOUNTED"


class Exclusion(enum.StrEnum):
    """NONE: goes together with others. GOODS: the lines it takes part in take no other promotion. ORDER: the only
    promotion of the order."""

    NONE = "NONE"
    GOODS = "GOODS"
    ORDER = "ORDER"


class Later(enum.StrEnum):
    """Later stages of the price that a promotion can shut for its lines."""

    COUPON = "COUPON"
    TIER = "TIER"
    POINTS = "POINTS"


@dataclass(frozen=True, slots=True)
class Promotion:
    """One promotion as it stands at the moment of the sale.

    `group`: promotions of one group exclude each other line by line ("" is no group). `max_amount` and `max_times` are
    caps for one order. `budget_left` (fen) and `times_left` (for this customer) come from the tables at the moment of
    the sale, None means unlimited; they are not part of what a merchant sets.
    """

    id: int
    name: str
    rule: Rule
    goods: Goods = EVERYTHING
    when: When = ALWAYS
    audience: Audience = EVERYBODY
    basis: Basis = Basis.DISCOUNTED
    priority: int = 0
    exclusion: Exclusion = Exclusion.NONE
    group: str = ""
    shuts: frozenset[Later] = frozenset()
    max_amount: int | None = None
    max_times: int | None = None
    budget_left: int | None = None
    times_left: int | None = None

    @property
    def source(self) -> str:
        return f"promotion:{self.id}"

    @property
    def is_of_order(self) -> bool:
        """Whether it works on the order as a whole, after those that work on goods."""
        return self.rule.kind in ORDER_KINDS

    @classmethod
    def read(cls, data: object, path: str = "") -> Promotion:
        fields = Fields(data, path)
        read = cls(
            id=fields.whole("id"),
            name=fields.text("name"),
            rule=read_rule(fields.raw("rule"), fields.at("rule")),
            goods=fields.part("goods", Goods.read, EVERYTHING),
            when=fields.part("when", When.read, ALWAYS),
            audience=fields.part("audience", Audience.read, EVERYBODY),
            basis=fields.choice("basis", Basis, Basis.DISCOUNTED),
            priority=fields.whole("priority", most=LARGEST_PRIORITY) if fields.has("priority") else 0,
            exclusion=fields.choice("exclusion", Exclusion, Exclusion.NONE),
            group=fields.text("group", default=""),
            shuts=fields.choices("shuts", Later),
            max_amount=fields.whole_or_none("max_amount", least=1),
            max_times=fields.whole_or_none("max_times", least=1, most=MOST_TIMES),
            budget_left=fields.whole_or_none("budget_left"),
            times_left=fields.whole_or_none("times_left"),
        )
        fields.finish()
        if isinstance(read.rule, Bundle) and not read.goods.is_everything:
            raise TermsContradict(
                why=_("A bundle names its goods part by part. Leave the goods of the promotion empty."),
                field=fields.at("goods"),
            )
        return read

    def as_dict(self) -> Json:
        found: Json = {"id": self.id, "name": self.name, "rule": written(self.rule)}
        for name, part in (("goods", self.goods), ("when", self.when), ("audience", self.audience)):
            if shown := part.as_dict():
                found[name] = shown
        if self.basis is not Basis.DISCOUNTED:
            found["basis"] = str(self.basis)
        if self.priority:
            found["priority"] = self.priority
        if self.exclusion is not Exclusion.NONE:
            found["exclusion"] = str(self.exclusion)
        if self.group:
            found["group"] = self.group
        if self.shuts:
            found["shuts"] = sorted(str(stage) for stage in self.shuts)
        return found | _limits(self, ("max_amount", "max_times", "budget_left", "times_left"))

    def why_not_at(self, local: datetime) -> str | None:
        """The code of why it is shut at this time of the store's clock, None while it is open."""
        return self.when.why_not(local.replace(tzinfo=None))


@dataclass(frozen=True, slots=True)
class CouponTerms:
    """What every coupon of a kind says. `threshold_amount` is asked of the coupon's goods at what they cost when the
    coupons' turn comes; with `basis` ORIGINAL at list price.

    `group`: of one group only one coupon is taken in an order; `max_per_order` of this kind. `is_alone`: no other
    coupon beside it. `joins_promotions` False: it skips lines that a promotion has already made cheaper.
    """

    kind_id: int
    name: str
    rule: CouponRule
    goods: Goods = EVERYTHING
    when: When = ALWAYS
    audience: Audience = EVERYBODY
    threshold_amount: int = 0
    basis: Basis = Basis.DISCOUNTED
    group: str = ""
    is_alone: bool = False
    joins_promotions: bool = True
    max_per_order: int | None = None

    @classmethod
    def read(cls, data: object, path: str = "") -> CouponTerms:
        fields = Fields(data, path)
        read = cls(
            kind_id=fields.whole("kind_id"),
            name=fields.text("name"),
            rule=read_coupon_rule(fields.raw("rule"), fields.at("rule")),
            goods=fields.part("goods", Goods.read, EVERYTHING),
            when=fields.part("when", When.read, ALWAYS),
            audience=fields.part("audience", Audience.read, EVERYBODY),
            threshold_amount=fields.whole("threshold_amount") if fields.has("threshold_amount") else 0,
            basis=fields.choice("basis", Basis, Basis.DISCOUNTED),
            group=fields.text("group", default=""),
            is_alone=fields.flag("is_alone"),
            joins_promotions=fields.flag("joins_promotions") if fields.has("joins_promotions") else True,
            max_per_order=fields.whole_or_none("max_per_order", least=1, most=100),
        )
        fields.finish()
        return read

    def as_dict(self) -> Json:
        found: Json = {"kind_id": self.kind_id, "name": self.name, "rule": written(self.rule)}
        for name, part in (("goods", self.goods), ("when", self.when), ("audience", self.audience)):
            if shown := part.as_dict():
                found[name] = shown
        if self.threshold_amount:
            found["threshold_amount"] = self.threshold_amount
        if self.basis is not Basis.DISCOUNTED:
            found["basis"] = str(self.basis)
        if self.group:
            found["group"] = self.group
        if self.is_alone:
            found["is_alone"] = True
        if not self.joins_promotions:
            found["joins_promotions"] = False
        return found | _limits(self, ("max_per_order",))

    def why_not_at(self, local: datetime) -> str | None:
        """The code of why it is shut at this time of the store's clock, None while it is open."""
        return self.when.why_not(local.replace(tzinfo=None))


def _limits(terms: object, names: tuple[str, ...]) -> Json:
    return {name: getattr(terms, name) for name in names if getattr(terms, name) is not None}


__all__ = [
    "ALWAYS",
    "COUPON_KINDS",
    "EVERYBODY",
    "EVERYTHING",
    "KINDS",
    "ORDER_KINDS",
    "Alike",
    "Audience",
    "Basis",
    "Bundle",
    "BuyGet",
    "Cash",
    "CouponRule",
    "CouponTerms",
    "EveryFull",
    "Exchange",
    "Exclusion",
    "FixedPrice",
    "FreeDelivery",
    "Gift",
    "GiftChoice",
    "GiftCoupon",
    "GiftStep",
    "Goods",
    "Ladder",
    "Later",
    "Measure",
    "MoneyOff",
    "NthPiece",
    "Part",
    "Percent",
    "PercentOff",
    "Promotion",
    "Rule",
    "Step",
    "When",
]
