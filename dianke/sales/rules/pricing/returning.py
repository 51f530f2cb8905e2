"""What returned goods give back: pure calculation on a sale as it was priced.

Two ways. Pro rata gives every line its paid amount by quantity. Recompute asks what the kept goods would have cost
under the same offers, so that nobody keeps the price of three for two; it never gives more than pro rata. In both, what
has been given back by one return after the other adds up to what one full return gives. Worked tables: section 9 of
docs/algorithms/pricing.md.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from dianke.core.allocation import allocate_units
from dianke.core.errors import InvalidInput
from dianke.sales.rules.pricing.answering import tax_inside
from dianke.sales.rules.pricing.cart import Cart, CartLine
from dianke.sales.rules.pricing.engine import price_cart
from dianke.sales.rules.pricing.exact import UNIT, ten_thousandths
from dianke.sales.rules.pricing.priced import Adjustment, Given, Priced, PricedLine, Stage

#: What is taken off after the offers; it belongs to the goods it was taken off and is not asked for anew.
_LATE = frozenset({Stage.MANUAL, Stage.POINTS, Stage.ROUNDING})


class ReturnsTooMuch(InvalidInput):
    code = "returns_too_much"
    message = _("Only %(left)s of this line can still be returned. Lower the quantity.")


class NotInTheSale(InvalidInput):
    code = "not_in_the_sale"
    message = _("There is no such line in this order. Choose one of its lines.")


class Policy(enum.StrEnum):
    PRO_RATA = "PRO_RATA"
    RECOMPUTE = "RECOMPUTE"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A line as the order keeps it: what was paid, and every adjustment as (stage, source, amount)."""

    paid_amount: int
    adjustments: Sequence[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class Sold:
    """The sale as it was priced: `cart` with the offers of that moment, and the answer of that moment.

    An order that is kept makes it by `recorded`. To price its cart anew would not do: with the offers alone that
    counted the engine may find a cheaper order of them, and what is given back is what was paid.
    """

    cart: Cart
    priced: Priced

    @classmethod
    def recorded(cls, cart: Cart, lines: Mapping[str, Recorded]) -> Sold:
        """From the lines an order keeps, by key. KeyError when one of the cart is missing."""
        kept: list[PricedLine] = []
        given: dict[str, int] = {}
        for line in cart.lines:
            record = lines[line.key]
            adjustments = tuple(
                Adjustment(Stage(stage), source, "", {}, amount)
                for stage, source, amount in record.adjustments
                if stage in Stage.__members__
            )
            for one in adjustments:
                given[one.source] = given.get(one.source, 0) - one.amount
            tax = tax_inside(record.paid_amount, line.tax_rate_bp)
            list_amount = record.paid_amount - sum(amount for _stage, _source, amount in record.adjustments)
            kept.append(PricedLine(line.key, list_amount, adjustments, record.paid_amount, tax))
        priced = Priced(
            lines=tuple(kept),
            list_amount=sum(line.list_amount for line in kept),
            paid_amount=sum(line.paid_amount for line in kept),
            tax_amount=sum(line.tax_amount for line in kept),
            given=tuple(Given(source, amount, 1) for source, amount in given.items()),
        )
        return cls(cart, priced)


@dataclass(frozen=True, slots=True)
class Returned:
    """What earlier returns took of a line: the quantity, and the money they gave back for it."""

    quantity: Decimal
    amount: int


@dataclass(frozen=True, slots=True)
class LineBack:
    """What a line gives back now. `quantity` may be 0: an earlier return of this line that was cut short is settled.
    `tax_amount` is the tax inside `amount`. `late_amounts`: the share of what was taken off by hand, points and
    rounding ("points": 300) that goes back with the goods."""

    key: str
    quantity: Decimal
    amount: int
    tax_amount: int
    late_amounts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Back:
    """`amount` is the sum of the lines. `pro_rata_amount` is what the goods cost by quantity; `kept_back_amount` the
    part of it that is not given because the kept goods lose an offer. `offers_left` by source: what offers and coupons
    still give on the kept goods; `offers_gone`: coupons and promotions of the sale that give nothing any more."""

    lines: tuple[LineBack, ...]
    amount: int
    tax_amount: int
    pro_rata_amount: int
    kept_back_amount: int
    offers_left: Mapping[str, int]
    offers_gone: tuple[str, ...]


def give_back(
    *, sold: Sold, before: Mapping[str, Returned], now: Mapping[str, Decimal], policy: Policy
) -> Back:
    """What the lines in `now` (quantities by key) give back after the returns `before`.

    Raises NotInTheSale for an unknown key, ReturnsTooMuch for more than is left; a quantity of 0 is the same as none.
    """
    gone = _gone(sold, before, now)
    lines = sold.cart.lines
    # What each returned line is entitled to by quantity, less what it has been given: never below zero, because what
    # was given before was never more than the entitlement of less goods.
    rights = []
    for line, priced in zip(lines, sold.priced.lines, strict=True):
        given = before[line.key].amount if line.key in before else 0
        rights.append(max(_up_to(priced.paid_amount, gone[line.key], line) - given, 0))
    entitled = sum(rights)
    kept = _kept(sold, gone)
    amount = entitled
    if policy is Policy.RECOMPUTE and kept is not None:
        given = sum(returned.amount for returned in before.values())
        due = _due(sold, kept, gone)
        amount = min(entitled, max(sold.priced.paid_amount - due - given, 0))
    shares = allocate_units(amount, rights)
    backs = []
    for line, priced, share in zip(lines, sold.priced.lines, shares, strict=True):
        quantity = now.get(line.key, Decimal(0))
        if not share and not quantity:
            continue
        given = before[line.key].amount if line.key in before else 0
        earlier = before[line.key].quantity if line.key in before else Decimal(0)
        backs.append(
            LineBack(
                line.key,
                quantity,
                share,
                _tax(line, given + share) - _tax(line, given),
                _late(priced, line, _whole(earlier), gone[line.key]),
            )
        )
    left = _offers_left(sold, kept, gone, policy)
    return Back(
        tuple(backs),
        amount,
        sum(back.tax_amount for back in backs),
        entitled,
        entitled - amount,
        left,
        tuple(one.source for one in sold.priced.given if _is_offer(one.source) and one.source not in left),
    )


def _is_offer(source: str) -> bool:
    return source.startswith(("promotion:", "coupon:"))


def _whole(quantity: Decimal) -> int:
    return int(quantity * UNIT)


def _gone(sold: Sold, before: Mapping[str, Returned], now: Mapping[str, Decimal]) -> dict[str, int]:
    """Ten-thousandths of each line that are back after this return."""
    found = {line.key: 0 for line in sold.cart.lines}
    for key in (*before, *now):
        if key not in found:
            raise NotInTheSale(field=key)
    for line in sold.cart.lines:
        earlier = before[line.key].quantity if line.key in before else Decimal(0)
        returning = now.get(line.key, Decimal(0))
        if returning < 0 or earlier + returning > line.quantity:
            raise ReturnsTooMuch(left=format((line.quantity - earlier).normalize(), "f"), field=line.key)
        found[line.key] = _whole(earlier + returning)
    return found


def _up_to(amount: int, gone: int, line: CartLine) -> int:
    """The share of an amount for the first `gone` ten-thousandths of a line: rounded down, so that the last unit
    settles what is left and all parts add up to the whole."""
    whole = ten_thousandths(line.quantity)
    share = abs(amount) * gone // whole
    return share if amount >= 0 else -share


def _tax(line: CartLine, amount: int) -> int:
    return tax_inside(amount, line.tax_rate_bp)


def _late(priced: PricedLine, line: CartLine, earlier: int, gone: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in priced.adjustments:
        if one.stage in _LATE:
            share = _up_to(-one.amount, gone, line) - _up_to(-one.amount, earlier, line)
            if share:
                found[one.source] = found.get(one.source, 0) + share
    return found


def _kept(sold: Sold, gone: Mapping[str, int]) -> Priced | None:
    """The goods that stay, priced by the same offers at the same moment; None when nothing stays.

    Only coupons that had an effect count. Budgets are not asked again: they were granted with the sale.
    """
    lines = []
    for line in sold.cart.lines:
        left = ten_thousandths(line.quantity) - gone[line.key]
        if left:
            amount = None if line.amount is None else line.amount - _up_to(line.amount, gone[line.key], line)
            lines.append(replace(line, quantity=Decimal(left) / UNIT, amount=amount))
    if not lines:
        return None
    used = {one.source for one in sold.priced.given}
    return price_cart(
        replace(
            sold.cart,
            lines=tuple(lines),
            promotions=tuple(replace(one, budget_left=None) for one in sold.cart.promotions),
            coupons=tuple(one for one in sold.cart.coupons if one.source in used),
            points=None,
            manual=(),
            rounding=None,
        )
    )


def _due(sold: Sold, kept: Priced, gone: Mapping[str, int]) -> int:
    """What the kept goods would have cost, less their share of what was taken off by hand, by points and rounding."""
    late = 0
    for line, priced in zip(sold.cart.lines, sold.priced.lines, strict=True):
        for one in priced.adjustments:
            if one.stage in _LATE:
                late += -one.amount - _up_to(-one.amount, gone[line.key], line)
    return max(kept.paid_amount - late, 0)


def _offers_left(sold: Sold, kept: Priced | None, gone: Mapping[str, int], policy: Policy) -> dict[str, int]:
    """What each offer of the sale still gives on the goods that stay: by the kept cart, or by quantity."""
    if kept is None:
        return {}
    used = {one.source: one.amount for one in sold.priced.given if _is_offer(one.source)}
    if policy is Policy.RECOMPUTE:
        return {one.source: min(one.amount, used[one.source]) for one in kept.given if one.source in used}
    found: dict[str, int] = {}
    for line, priced in zip(sold.cart.lines, sold.priced.lines, strict=True):
        if gone[line.key] == ten_thousandths(line.quantity):
            continue
        for one in priced.adjustments:
            if one.source in used:
                left = -one.amount - _up_to(-one.amount, gone[line.key], line)
                found[one.source] = found.get(one.source, 0) + left
    return found
