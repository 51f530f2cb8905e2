"""What a campaign may cost at most, worked out before anything is sent: a message by the part, a coupon by what it can
take off. Minor units; a fraction of one counts as a whole for the sum of a batch, never for each person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Any


def coupon_value(terms: Mapping[str, Any]) -> int | None:
    """What a coupon takes off at most in minor units; None when its terms set no bound (goods, or a share without a
    cap): such a coupon cannot be held to a budget."""
    rule = terms.get("rule", {})
    kind = rule.get("kind")
    value = rule.get("amount") if kind == "CASH" else rule.get("max_amount")
    return int(value) if value is not None else None


def message_cost(price: Decimal, parts: int) -> Decimal:
    """Of one message in minor units, exact: `price` is in major units (yuan) for a part."""
    return price * 100 * max(parts, 1)


def how_many_fit(costs: Sequence[Decimal], left: int | None) -> tuple[int, int]:
    """(how many from the front fit into what is left, what they come to in whole minor units). None: no budget."""
    so_far = Decimal(0)
    for place, cost in enumerate(costs):
        if left is not None and whole(so_far + cost) > left:
            return place, whole(so_far)
        so_far += cost
    return len(costs), whole(so_far)


def whole(amount: Decimal) -> int:
    """In whole minor units, upwards: a budget is never overdrawn by rounding."""
    return int(amount.to_integral_value(ROUND_CEILING))
