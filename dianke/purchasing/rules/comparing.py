"""What suppliers ask, made comparable: per stock unit, without tax that comes back, with packs and minimums; and how a
price moved over time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from dianke.core.money import Money
from dianke.purchasing.rules.amounts import (
    QUANTITY_PLACES,
    WHOLE_BP,
    decimal_of,
    line_total,
    unit_cost,
    whole_packs,
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A price of a supplier: `price` for a pack of `pack_quantity` stock units, tax included, for orders of at least
    `minimum_quantity` stock units, in the period `[from_date, to_date)`. `rating` is 1 to 5, None where nobody
    rated."""

    price_id: int
    supplier_id: int
    supplier: str
    price: Money
    pack_quantity: Decimal = Decimal(1)
    minimum_quantity: Decimal = Decimal(0)
    tax_rate_bp: int = 0
    is_tax_deductible: bool = False
    lead_days: int = 0
    rating: int | None = None
    from_date: date | None = None
    to_date: date | None = None

    @property
    def unit_price(self) -> Decimal:
        """What one stock unit costs, without tax that comes back, in the offer's currency."""
        return unit_cost(
            pack_quantity=self.pack_quantity,
            price=self.price,
            tax_rate_bp=self.tax_rate_bp,
            is_tax_deductible=self.is_tax_deductible,
        )

    def quantity_for(self, needed: Decimal) -> Decimal:
        """What has to be ordered to have `needed`: at least the minimum, in whole packs."""
        return whole_packs(max(needed, self.minimum_quantity), self.pack_quantity)

    def cost_for(self, needed: Decimal) -> Fraction:
        """What is paid to have `needed`, without tax that comes back, exactly."""
        paid = (
            Fraction(self.quantity_for(needed)) * Fraction(self.price.amount) / Fraction(self.pack_quantity)
        )
        return paid * WHOLE_BP / (WHOLE_BP + self.tax_rate_bp) if self.is_tax_deductible else paid

    def is_in_force(self, day: date) -> bool:
        return (self.from_date is None or self.from_date <= day) and (
            self.to_date is None or day < self.to_date
        )


@dataclass(frozen=True, slots=True)
class Compared:
    """An offer for a needed quantity. `effective_unit_price` is what each unit that is needed costs: packs and minimums
    that bring more than is needed make it higher than `unit_price`. `above_cheapest_bp` is how much it lies above the
    cheapest of the same currency, in basis points."""

    offer: Offer
    order_quantity: Decimal
    total: Money
    unit_price: Decimal
    effective_unit_price: Decimal
    above_cheapest_bp: int


def compare(offers: Iterable[Offer], *, needed: Decimal) -> list[Compared]:
    """Offers for a needed quantity (> 0), currency by currency, the cheapest first. Of a supplier with several prices
    (by quantity) all are listed: buying more can cost less."""
    priced = [(offer, offer.cost_for(needed)) for offer in offers]
    cheapest: dict[str, Fraction] = {}
    for offer, cost in priced:
        currency = offer.price.currency
        cheapest[currency] = min(cheapest.get(currency, cost), cost)
    priced.sort(key=lambda pair: (pair[0].price.currency, pair[1], pair[0].unit_price, pair[0].supplier_id))
    found = []
    for offer, cost in priced:
        least = cheapest[offer.price.currency]
        quantity = offer.quantity_for(needed)
        found.append(
            Compared(
                offer=offer,
                order_quantity=quantity,
                total=line_total(quantity=quantity, pack_quantity=offer.pack_quantity, price=offer.price),
                unit_price=offer.unit_price,
                effective_unit_price=decimal_of(cost / Fraction(needed)),
                above_cheapest_bp=int((cost - least) * WHOLE_BP / least) if least else 0,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class PricePoint:
    """What one supplier asked (or was paid) per stock unit on a day, in one currency."""

    day: date
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class PriceTrend:
    """`change_bp` is last against first in basis points, None with fewer than two points or a first of zero."""

    first: PricePoint | None
    last: PricePoint | None
    lowest: Decimal | None
    highest: Decimal | None
    change_bp: int | None


def trend(points: Sequence[PricePoint]) -> PriceTrend:
    """How a price moved. Points of one day: the later in the sequence counts as the later."""
    if not points:
        return PriceTrend(None, None, None, None, None)
    ordered = sorted(points, key=lambda point: point.day)
    first, last = ordered[0], ordered[-1]
    prices = [point.unit_price for point in ordered]
    change = change_bp(first.unit_price, last.unit_price) if len(ordered) > 1 else None
    return PriceTrend(first, last, min(prices), max(prices), change)


def change_bp(before: Decimal, after: Decimal) -> int | None:
    """`after` against `before` in basis points, rounded; None when there was no price before."""
    if not before:
        return None
    return int(decimal_of((Fraction(after) - Fraction(before)) / Fraction(before) * WHOLE_BP, Decimal(1)))


def rounded_quantity(quantity: Decimal) -> Decimal:
    """A quantity in the four places of the stock."""
    return decimal_of(Fraction(quantity), QUANTITY_PLACES)
