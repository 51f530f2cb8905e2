"""What promotions and coupons do: one frozen class per kind, with the numbers of the kind and nothing else.

Amounts are whole minor units (fen), shares are basis points of what is *paid* (`pays_bp` 8000 = 八折), quantities whole
pieces. How each of them is worked out is told in docs/algorithms/pricing.md.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, TypeVar

from django.utils.translation import gettext_lazy as _

from dianke.promotions.rules.conditions import EVERYTHING, Goods, Json
from dianke.promotions.rules.reading import WHOLE_BP, Fields, TermMissing, TermNotAChoice, TermsContradict

MOST_PIECES = 100_000

R = TypeVar("R")


class Measure(enum.StrEnum):
    """What a threshold counts: money, or pieces."""

    AMOUNT = "AMOUNT"
    QUANTITY = "QUANTITY"


class Alike(enum.StrEnum):
    """Which pieces count together: everything in the set, those of one product, or those of one variant."""

    SET = "SET"
    PRODUCT = "PRODUCT"
    VARIANT = "VARIANT"


@dataclass(frozen=True, slots=True)
class PercentOff:
    """Each line costs `pays_bp` of its price; at most the first `max_pieces` pieces of the order."""

    kind: ClassVar[str] = "PERCENT_OFF"
    pays_bp: int
    max_pieces: int | None = None


@dataclass(frozen=True, slots=True)
class MoneyOff:
    """`off_amount` off each piece (each unit of goods sold by measure)."""

    kind: ClassVar[str] = "MONEY_OFF"
    off_amount: int
    max_pieces: int | None = None


@dataclass(frozen=True, slots=True)
class FixedPrice:
    """A piece (a unit of goods sold by measure) costs `amount`; never more than before."""

    kind: ClassVar[str] = "FIXED_PRICE"
    amount: int
    max_pieces: int | None = None


@dataclass(frozen=True, slots=True)
class NthPiece:
    """Of every `nth` pieces that are alike, from the dearest down, the last costs `pays_bp` (第二件半价: 2, 5000)."""

    kind: ClassVar[str] = "NTH_PIECE"
    nth: int
    pays_bp: int
    alike: Alike = Alike.SET


@dataclass(frozen=True, slots=True)
class Part:
    """`count` pieces of `goods`."""

    goods: Goods
    count: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """All parts together cost `amount`: any k of a set is one part, one of each several."""

    kind: ClassVar[str] = "BUNDLE"
    amount: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class BuyGet:
    """For every `buy` pieces of the promotion's goods `get` pieces cost `pays_bp` (0: free): of the same goods when
    `get_goods` is None, the cheapest of each set of buy + get from the dearest down, otherwise of those, the chosen
    lines first and then the cheapest."""

    kind: ClassVar[str] = "BUY_GET"
    buy: int
    get: int
    pays_bp: int = 0
    get_goods: Goods | None = None
    alike: Alike = Alike.SET


@dataclass(frozen=True, slots=True)
class Step:
    """From `full` (amount or pieces) on, either `off_amount` off or everything at `pays_bp`."""

    full: int
    off_amount: int | None = None
    pays_bp: int | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """满减/满折: the highest step that is reached counts."""

    kind: ClassVar[str] = "LADDER"
    measure: Measure
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class EveryFull:
    """每满减: `off_amount` for every `full`; the promotion's `max_times` is its cap."""

    kind: ClassVar[str] = "EVERY_FULL"
    measure: Measure
    full: int
    off_amount: int


@dataclass(frozen=True, slots=True)
class GiftChoice:
    variant_id: int
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class GiftStep:
    """From `full` on the customer picks `pick` of the choices."""

    full: int
    pick: int
    choices: tuple[GiftChoice, ...]


@dataclass(frozen=True, slots=True)
class Gift:
    """满赠: the highest step reached counts; `is_repeated`: once for every `full` of it."""

    kind: ClassVar[str] = "GIFT"
    measure: Measure
    steps: tuple[GiftStep, ...]
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class FreeDelivery:
    """From `full` on lines of kind DELIVERY cost nothing, or `max_amount` less. Promotions and coupons know it."""

    kind: ClassVar[str] = "FREE_DELIVERY"
    measure: Measure = Measure.AMOUNT
    full: int = 0
    max_amount: int | None = None


@dataclass(frozen=True, slots=True)
class Cash:
    """代金券: `amount` off."""

    kind: ClassVar[str] = "CASH"
    amount: int


@dataclass(frozen=True, slots=True)
class Percent:
    """折扣券: everything it holds for at `pays_bp`, at most `max_amount` off."""

    kind: ClassVar[str] = "PERCENT"
    pays_bp: int
    max_amount: int | None = None


@dataclass(frozen=True, slots=True)
class GiftCoupon:
    """礼品券: pick `pick` of the choices as gifts."""

    kind: ClassVar[str] = "GIFT"
    pick: int
    choices: tuple[GiftChoice, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """兑换券: `pieces` pieces of the coupon's goods for `pays_amount` each, the dearest of them."""

    kind: ClassVar[str] = "EXCHANGE"
    pieces: int = 1
    pays_amount: int = 0


Rule = (
    PercentOff | MoneyOff | FixedPrice | NthPiece | Bundle | BuyGet | Ladder | EveryFull | Gift | FreeDelivery
)
CouponRule = Cash | Percent | GiftCoupon | Exchange | FreeDelivery
#: Kinds that work on the order as a whole; the others work on goods.
ORDER_KINDS = frozenset({Ladder.kind, EveryFull.kind, Gift.kind, FreeDelivery.kind})


def _gift_choice(data: object, path: str) -> GiftChoice:
    fields = Fields(data, path)
    quantity = fields.whole("quantity", least=1, most=MOST_PIECES) if fields.has("quantity") else 1
    read = GiftChoice(fields.whole("variant_id", least=1), quantity)
    fields.finish()
    return read


def _gift_choices(fields: Fields) -> tuple[GiftChoice, ...]:
    choices = fields.each("choices", _gift_choice)
    if not choices:
        raise TermMissing(field=fields.at("choices"))
    return choices


def _gift_step(data: object, path: str) -> GiftStep:
    fields = Fields(data, path)
    read = GiftStep(fields.whole("full"), fields.whole("pick", least=1, most=100), _gift_choices(fields))
    fields.finish()
    return read


def _step(data: object, path: str) -> Step:
    fields = Fields(data, path)
    read = Step(
        fields.whole("full"),
        fields.whole_or_none("off_amount", least=1),
        fields.whole_or_none("pays_bp", most=WHOLE_BP),
    )
    fields.finish()
    if (read.off_amount is None) == (read.pays_bp is None):
        raise TermsContradict(why=_("A step takes either money or a percentage off."), field=path)
    return read


def _rising(fields: Fields, thresholds: list[int]) -> None:
    if not thresholds:
        raise TermMissing(field=fields.at("steps"))
    if any(later <= earlier for earlier, later in pairwise(thresholds)):
        raise TermsContradict(
            why=_("Each step begins above the one before it. Sort the steps."), field=fields.at("steps")
        )


def _part(data: object, path: str) -> Part:
    fields = Fields(data, path)
    read = Part(
        fields.part("goods", Goods.read, EVERYTHING), fields.whole("count", least=1, most=MOST_PIECES)
    )
    fields.finish()
    return read


def _bundle(fields: Fields) -> Bundle:
    parts = fields.each("parts", _part)
    if not parts:
        raise TermMissing(field=fields.at("parts"))
    return Bundle(fields.whole("amount"), parts)


def _ladder(fields: Fields) -> Ladder:
    steps = fields.each("steps", _step)
    _rising(fields, [step.full for step in steps])
    return Ladder(fields.choice("measure", Measure), steps)


def _gift(fields: Fields) -> Gift:
    steps = fields.each("steps", _gift_step)
    _rising(fields, [step.full for step in steps])
    is_repeated = fields.flag("is_repeated")
    if is_repeated and any(step.full == 0 for step in steps):
        raise TermsContradict(
            why=_("What repeats needs a threshold above zero. Set one."), field=fields.at("steps")
        )
    return Gift(fields.choice("measure", Measure), steps, is_repeated)


def _free_delivery(fields: Fields) -> FreeDelivery:
    full = fields.whole("full") if fields.has("full") else 0
    return FreeDelivery(
        fields.choice("measure", Measure, Measure.AMOUNT), full, fields.whole_or_none("max_amount", least=1)
    )


def _pieces(fields: Fields) -> int | None:
    return fields.whole_or_none("max_pieces", least=1, most=MOST_PIECES)


def _count(fields: Fields, name: str, least: int = 1) -> int:
    return fields.whole(name, least=least, most=MOST_PIECES)


_RULES: dict[str, Callable[[Fields], Rule]] = {
    PercentOff.kind: lambda f: PercentOff(f.share("pays_bp"), _pieces(f)),
    MoneyOff.kind: lambda f: MoneyOff(f.whole("off_amount", least=1), _pieces(f)),
    FixedPrice.kind: lambda f: FixedPrice(f.whole("amount"), _pieces(f)),
    NthPiece.kind: lambda f: NthPiece(
        _count(f, "nth", 2), f.share("pays_bp"), f.choice("alike", Alike, Alike.SET)
    ),
    Bundle.kind: _bundle,
    BuyGet.kind: lambda f: BuyGet(
        _count(f, "buy"),
        _count(f, "get"),
        f.share("pays_bp") if f.has("pays_bp") else 0,
        Goods.read(f.raw("get_goods"), f.at("get_goods")) if f.has("get_goods") else None,
        f.choice("alike", Alike, Alike.SET),
    ),
    Ladder.kind: _ladder,
    EveryFull.kind: lambda f: EveryFull(
        f.choice("measure", Measure), f.whole("full", least=1), f.whole("off_amount", least=1)
    ),
    Gift.kind: _gift,
    FreeDelivery.kind: _free_delivery,
}
_COUPON_RULES: dict[str, Callable[[Fields], CouponRule]] = {
    Cash.kind: lambda f: Cash(f.whole("amount", least=1)),
    Percent.kind: lambda f: Percent(f.share("pays_bp"), f.whole_or_none("max_amount", least=1)),
    GiftCoupon.kind: lambda f: GiftCoupon(f.whole("pick", least=1, most=100), _gift_choices(f)),
    Exchange.kind: lambda f: Exchange(
        _count(f, "pieces") if f.has("pieces") else 1,
        f.whole("pays_amount") if f.has("pays_amount") else 0,
    ),
    FreeDelivery.kind: _free_delivery,
}
#: The kinds there are, in the order a form offers them.
KINDS = tuple(_RULES)
COUPON_KINDS = tuple(_COUPON_RULES)


def read_rule(data: object, path: str = "rule") -> Rule:
    return _read(data, path, _RULES)


def read_coupon_rule(data: object, path: str = "rule") -> CouponRule:
    return _read(data, path, _COUPON_RULES)


def _read(data: object, path: str, readers: dict[str, Callable[[Fields], R]]) -> R:
    fields = Fields(data, path)
    kind = fields.text("kind")
    if kind not in readers:
        raise TermNotAChoice(value=kind, choices=", ".join(readers), field=fields.at("kind"))
    read = readers[kind](fields)
    fields.finish()
    return read


def written(rule: object) -> Json:
    """A rule (or a part of one) as plain data; what is None or the default False is left out."""
    found: Json = {"kind": rule.kind} if hasattr(rule, "kind") else {}
    for name in getattr(rule, "__slots__", ()):
        value = getattr(rule, name)
        if value is None or value is False:
            continue
        if isinstance(value, Goods):
            found[name] = value.as_dict()
        elif isinstance(value, tuple):
            found[name] = [written(one) for one in value]
        else:
            found[name] = str(value) if isinstance(value, enum.StrEnum) else value
    return found
