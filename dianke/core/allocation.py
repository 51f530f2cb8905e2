"""Splitting whole units in proportion, so that the parts add up to exactly the whole.

The one place where the product does this: `Money.allocate` splits amounts with it, the ledger splits points, sessions
and partial reversals.
"""

from __future__ import annotations

from collections.abc import Sequence


def allocate_units(total: int, weights: Sequence[int]) -> list[int]:
    """`total` units over `weights` (not negative; all zero count the same), one part each.

    Method of the largest remainder (Hamilton): every part gets the whole units of its exact quota, and the units
    left over go one each to the largest remainders, the earlier position first where they are equal. A negative
    total is split as its positive and then negated, so a refund mirrors its sale. Raises ValueError for units over
    nobody or a negative weight.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("no weight may be negative")
    if not weights:
        if total:
            raise ValueError("units can only be split over at least one part")
        return []
    shares = weights if any(weights) else [1] * len(weights)
    whole = sum(shares)
    quotas = [divmod(abs(total) * share, whole) for share in shares]
    parts = [quotient for quotient, _remainder in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda position: -quotas[position][1])
    for position in by_remainder[: abs(total) - sum(parts)]:
        parts[position] += 1
    return parts if total >= 0 else [-part for part in parts]
