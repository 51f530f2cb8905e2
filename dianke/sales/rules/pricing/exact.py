"""The arithmetic of the engine: whole minor units and ten-thousandths of a unit of quantity, never a float.

One way to round (halves up, 四舍五入) and one way to split (largest remainder, `core.allocation`). The same functions
stand in static/sales/pricing/exact.js.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from dianke.core.allocation import allocate_units

WHOLE_BP = 10_000
#: Quantities have four decimals; inside the engine they are whole ten-thousandths.
UNIT = 10_000


def half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` rounded, halves up; neither is negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def at_share(amount: int, pays_bp: int) -> int:
    """What is paid of `amount` at `pays_bp` basis points."""
    return half_up(amount * pays_bp, WHOLE_BP)


def part_of(amount: int, part: int, whole: int) -> int:
    """The price of `part` out of `whole` pieces (or ten-thousandths) that cost `amount` together."""
    return amount if part == whole else half_up(amount * part, whole)


def ten_thousandths(quantity: Decimal) -> int:
    """ValueError for more than four decimals or nothing at all."""
    exact = quantity * UNIT
    whole = int(exact)
    if whole != exact or whole <= 0:
        raise ValueError(f"a quantity is above zero and has at most four decimals, not {quantity}")
    return whole


def capped(offs: Mapping[int, int], most: int) -> dict[int, int]:
    """The same discounts, made smaller in proportion so that together they are no more than `most`."""
    if sum(offs.values()) <= most:
        return dict(offs)
    positions = list(offs)
    shares = allocate_units(most, [offs[position] for position in positions])
    return {position: share for position, share in zip(positions, shares, strict=True) if share}


def spread(total: int, positions: Sequence[int], amounts: Sequence[int]) -> dict[int, int]:
    """`total` over the lines at `positions` in proportion to their amounts; never more than the sum of these, so no
    line can fall below zero."""
    weights = [amounts[position] for position in positions]
    return shared(min(total, sum(weights)), positions, weights)


def shared(total: int, positions: Sequence[int], weights: Sequence[int]) -> dict[int, int]:
    """`total` by position, in proportion to the weights; empty when there is nothing to share."""
    if total <= 0:
        return {}
    if len(positions) == 1:
        return {positions[0]: total}
    shares = allocate_units(total, weights)
    return {position: share for position, share in zip(positions, shares, strict=True) if share}
