"""Which sale a line that takes back belongs to: the same buyer, item and unit price, not later; the latest such sale
first, then the one before it, as far as they have anything left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

#: Buyer, item, unit price: what a sale and what takes it back have in common.
Key = tuple[str, str, Decimal]


@dataclass(slots=True)
class Sold:
    """A line of an order: how much of it is still kept, and what was paid for what is kept (minor units)."""

    id: int
    key: Key
    at: datetime
    quantity: Decimal
    kept_quantity: Decimal
    paid_amount: int
    kept_amount: int

    def take(self, quantity: Decimal) -> int:
        """Give back so much; the amount for it. The last part is worth what is left, so parts make the whole."""
        amount = self.kept_amount
        if quantity < self.kept_quantity:
            exact = self.paid_amount * quantity / self.quantity
            amount = min(amount, int(exact.quantize(Decimal(1), ROUND_HALF_UP)))
        self.kept_quantity -= quantity
        self.kept_amount -= amount
        return amount


@dataclass(frozen=True, slots=True)
class Back:
    """A line that takes back `quantity` (above zero)."""

    id: int
    key: Key
    at: datetime
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Match:
    """So much of a sale was taken back by a line, for `amount`."""

    back_id: int
    sold_id: int
    quantity: Decimal
    amount: int


def match(backs: Iterable[Back], sold: Iterable[Sold]) -> list[Match]:
    """Match lines, the earliest first. Who has no name has no sale: key[0] "" matches nothing. `sold` is used up."""
    waiting: dict[Key, list[Sold]] = defaultdict(list)
    for line in sorted(sold, key=lambda line: (line.at, line.id)):
        waiting[line.key].append(line)
    found: list[Match] = []
    for back in sorted(backs, key=lambda back: (back.at, back.id)):
        if back.key[0]:
            found.extend(_of(back, waiting.get(back.key, ())))
    return found


def _of(back: Back, sold: Sequence[Sold]) -> Iterable[Match]:
    left = back.quantity
    for line in reversed(sold):
        if not left:
            return
        if line.at <= back.at and line.kept_quantity > 0:
            quantity = min(left, line.kept_quantity)
            left -= quantity
            yield Match(back.id, line.id, quantity, line.take(quantity))
