"""The lines of a draft as what was asked for: to be priced anew for somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dianke.customers.models import Customer
from dianke.sales.models import Order, OrderLine
from dianke.sales.queries.basket import Item

#: What an item says in fields of its own, and what pricing finds out.
_OF_ITEM = ("reason", "session_card_id", "day_price")


def is_of_another(order: Order, customer: Customer | None) -> bool:
    """Whether the order's customer and this one are not the same profile."""
    heads = [each.head_id if each is not None else None for each in (order.customer, customer)]
    return heads[0] != heads[1]


def items_of(lines: Sequence[OrderLine]) -> tuple[Item, ...]:
    """What was set by hand and who sold it stays so; all else is the engine's to say."""
    return tuple(_item(line) for line in sorted(lines, key=lambda line: line.position))


def _item(line: OrderLine) -> Item:
    by_hand = [step for step in line.adjustments.all() if step.reason == "manual_line"]
    item = Item(
        line.key,
        line.variant_id,
        line.quantity,
        piece_id=line.piece_id,
        tax_rate_bp=line.tax_rate_bp,
        discount_amount=-sum(step.amount for step in by_hand),
        reason=next((str(step.values.get("reason", "")) for step in by_hand), ""),
        people=tuple((each.user_id, each.share_bp) for each in line.people.all()),
        data={name: value for name, value in line.data.items() if name not in _OF_ITEM},
    )
    if line.variant_id is not None:
        return item
    return replace(item, kind=line.kind, name=line.name, amount=line.list_amount)
