"""What a line of an order comes to, and what one unit of it costs the books.

Suppliers sell by the pack: the price is whole minor units (fen) for `pack_quantity` of the stock unit, tax included. So
a screw at 3.5 fen is a box of 100 for 3.50, and nothing is rounded before the line is.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from dianke.core.money import Money

COST_PLACES = Decimal("0.000001")
QUANTITY_PLACES = Decimal("0.0001")
WHOLE_BP = 10_000


def line_total(*, quantity: Decimal, pack_quantity: Decimal, price: Money) -> Money:
    """The price of `quantity` stock units, rounded once: `price` is for a pack of `pack_quantity` units."""
    return price.scaled(Fraction(quantity) / Fraction(pack_quantity))


def tax_in(total: Money, tax_rate_bp: int) -> Money:
    """The tax contained in an amount that includes it: total × r / (1 + r), rounded."""
    return total.scaled(Fraction(tax_rate_bp, WHOLE_BP + tax_rate_bp))


def unit_cost(
    *,
    pack_quantity: Decimal,
    price: Money,
    tax_rate_bp: int = 0,
    is_tax_deductible: bool = False,
    exchange_rate: Decimal = Decimal(1),
) -> Decimal:
    """What one stock unit costs the legal entity, in its currency, six decimals, halves up.

    Tax that the entity gets back (增值税专用发票 of a general taxpayer) is no cost. `exchange_rate` is the price of one
    unit of the order's currency in the entity's.
    """
    exact = Fraction(price.amount) / Fraction(pack_quantity) * Fraction(exchange_rate)
    if is_tax_deductible:
        exact = exact * WHOLE_BP / (WHOLE_BP + tax_rate_bp)
    return decimal_of(exact)


def decimal_of(exact: Fraction, places: Decimal = COST_PLACES) -> Decimal:
    """An exact fraction as a Decimal of so many places, halves away from zero."""
    scale = int(1 / places)
    units = (2 * abs(exact.numerator) * scale + exact.denominator) // (2 * exact.denominator)
    signed = -units if exact < 0 else units
    return (Decimal(signed) / scale).quantize(places, ROUND_HALF_UP)


def whole_packs(quantity: Decimal, pack_quantity: Decimal) -> Decimal:
    """The least multiple of the pack that is at least `quantity`."""
    packs = -(-Fraction(quantity) // Fraction(pack_quantity))
    return decimal_of(Fraction(packs) * Fraction(pack_quantity), QUANTITY_PLACES)
