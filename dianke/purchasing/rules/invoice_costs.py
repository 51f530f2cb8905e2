"""What an invoice that may be paid changes of the cost of goods that were taken in at the price of the order.

Goods come in at what the order says. The invoice says what they really cost: the difference belongs to the goods, as
far as they are still there, and is expense for those that are gone. The worked table stands in
docs/algorithms/purchasing.md and in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from dianke.core.money import Money
from dianke.inventory.rules.costing import spread
from dianke.purchasing.rules.amounts import WHOLE_BP, decimal_of

#: A difference of less than a fen comes from rounding amounts to fen and is left alone.
LEAST = Decimal("0.01")
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Billed:
    """A line of the invoice: `total` tax included for `quantity` stock units, of which `covered` came and were kept
    (and are on no earlier invoice), taken in at `unit_cost` yuan."""

    quantity: Decimal
    total: Money
    tax_rate_bp: int
    covered: Decimal
    unit_cost: Decimal


def cost_of(total: Money, tax_rate_bp: int, *, is_tax_deductible: bool, exchange_rate: Decimal) -> Fraction:
    """What an amount costs the entity in its currency, exactly: without tax that comes back."""
    exact = Fraction(total.amount) * Fraction(exchange_rate)
    return exact * WHOLE_BP / (WHOLE_BP + tax_rate_bp) if is_tax_deductible else exact


def covered_of(quantity: Decimal, *, kept: Decimal, billed_before: Decimal) -> Decimal:
    """So much of what an invoice asks for came, was kept, and stands on no earlier invoice."""
    return min(quantity, max(kept - billed_before, _ZERO))


def differences(
    lines: Sequence[Billed], *, extra: Fraction, is_tax_deductible: bool, exchange_rate: Decimal
) -> list[Decimal]:
    """What is to be added to the cost of each line's goods (yuan, six decimals; below zero: they were cheaper).

    `extra` is the cost of what stands on no order (freight): it goes to the goods of the invoice in proportion to what
    they were taken in for; without goods it is none of theirs.
    """
    found = []
    for line in lines:
        asked = cost_of(
            line.total, line.tax_rate_bp, is_tax_deductible=is_tax_deductible, exchange_rate=exchange_rate
        )
        share = asked * Fraction(line.covered) / Fraction(line.quantity)
        difference = decimal_of(share - Fraction(line.unit_cost) * Fraction(line.covered))
        found.append(difference if abs(difference) >= LEAST else _ZERO)
    weights = [decimal_of(Fraction(line.unit_cost) * Fraction(line.covered)) for line in lines]
    if extra and any(weights):
        parts = spread(decimal_of(extra), weights)
        found = [difference + part for difference, part in zip(found, parts, strict=True)]
    return found
