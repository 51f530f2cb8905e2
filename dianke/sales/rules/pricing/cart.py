"""What the pricing engine is asked: the cart, everything that could make it cheaper, and the rules of the house.

All values are plain and complete: the engine looks nothing up and knows no clock. `read_cart` makes a cart of plain
data (the API, the till, the shared test vectors), `as_dict` writes it again.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from dianke.promotions.rules.terms import EVERYTHING, CouponTerms, Goods, Promotion


class LineKind(enum.StrEnum):
    """GOODS (and services) take part in offers; a fee does not."""

    GOODS = "GOODS"
    DELIVERY = "DELIVERY"
    SERVICE_CHARGE = "SERVICE_CHARGE"


class Policy(enum.StrEnum):
    """How it is decided which of several promotions that exclude each other counts."""

    BEST = "BEST"
    PRIORITY = "PRIORITY"


class RoundingWay(enum.StrEnum):
    DOWN = "DOWN"
    HALF_UP = "HALF_UP"


@dataclass(frozen=True, slots=True)
class CartLine:
    """`unit_amount` is the list price of one unit in fen, `quantity` has at most four decimals. `amount` is a fixed
    list price of the whole line (a weighed piece). `category_ids` run from the own category up to the root.
    `is_measured`: sold by weight or length; every quantity that is not whole counts as that. `gift_of` names the
    promotion or coupon (its source) of which this line is the gift that was chosen."""

    key: str
    variant_id: int
    product_id: int
    quantity: Decimal
    unit_amount: int
    category_ids: tuple[int, ...] = ()
    brand_id: int | None = None
    member_unit_amount: int | None = None
    amount: int | None = None
    is_price_protected: bool = False
    is_measured: bool = False
    tax_rate_bp: int = 0
    tags: frozenset[str] = frozenset()
    kind: LineKind = LineKind.GOODS
    gift_of: str = ""


@dataclass(frozen=True, slots=True)
class CartCoupon:
    """A coupon the customer wants to use here."""

    id: int
    terms: CouponTerms

    @property
    def source(self) -> str:
        return f"coupon:{self.id}"


@dataclass(frozen=True, slots=True)
class TierTerms:
    """The discount of the customer's level. `is_for_full_price_only` leaves out lines something else made cheaper."""

    name: str
    pays_bp: int
    goods: Goods = EVERYTHING
    is_for_full_price_only: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """`wanted` points of the customer; `unit_points` of them are worth `unit_amount` fen. They are taken in whole
    `step_points`, pay at most `max_share_bp` of the goods, and nothing when these cost less than `min_amount`."""

    wanted: int
    unit_points: int
    unit_amount: int
    step_points: int = 1
    max_share_bp: int = 10_000
    min_amount: int = 0


@dataclass(frozen=True, slots=True)
class Manual:
    """What a clerk takes off by hand, of one line or (without `line_key`) of the goods of the order: exactly one of
    an amount off, a share that is paid, or the amount it shall cost."""

    line_key: str | None = None
    off_amount: int | None = None
    pays_bp: int | None = None
    to_amount: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rounding:
    """抹零 of the whole order to `unit` fen: 10 jiao, 50 five jiao, 100 yuan."""

    unit: int
    way: RoundingWay = RoundingWay.DOWN


@dataclass(frozen=True, slots=True)
class Options:
    """`max_off_bp`: promotions, coupons and the level together take at most this share off the list price of the
    goods. `is_member_price_alone`: a line at member price takes no promotion."""

    policy: Policy = Policy.BEST
    max_off_bp: int | None = None
    is_member_price_alone: bool = False


@dataclass(frozen=True, slots=True)
class Cart:
    """`at` is the time of the sale with the zone of the store: offers look at its clock. `picked` are the lines the
    customer chose for a buy-and-get promotion, by its source. `segments` are those the customer is in, of those that
    offers ask for, with the name they had."""

    currency: str
    at: datetime
    store_id: int
    lines: tuple[CartLine, ...]
    channel: str = ""
    is_member: bool = False
    tier: str = ""
    is_birthday_month: bool = False
    is_first_purchase: bool = False
    segments: Mapping[int, str] = field(default_factory=dict)
    promotions: tuple[Promotion, ...] = ()
    coupons: tuple[CartCoupon, ...] = ()
    tier_terms: TierTerms | None = None
    points: Points | None = None
    manual: tuple[Manual, ...] = ()
    rounding: Rounding | None = None
    options: Options = Options()
    picked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
