"""What a session is worth and what a use earns. docs/algorithms/prepaid.md, "Sessions"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dianke.core.allocation import allocate_units


def split_paid(paid: int, items: Sequence[tuple[int, int]]) -> list[int]:
    """What was paid over the paid items, (sessions, single price) each, by their single prices (largest remainder):
    a session of a dear service is worth more. Items without price count by their sessions."""
    weights = [count * unit for count, unit in items]
    if not any(weights):
        weights = [count for count, _unit in items]
    return allocate_units(paid, weights)


def earned(value_left: int, sessions_left: int, count: int) -> int:
    """What `count` of the sessions left earn: the value left is spread over the sessions left, the units that do not
    divide go to the earliest ones. The last session takes everything that is left, whatever was undone before.
    Raises ValueError for more than are left."""
    if not 0 < count <= sessions_left:
        raise ValueError("more sessions than are left")
    whole, over = divmod(value_left, sessions_left)
    return count * whole + min(count, over)


@dataclass(frozen=True, slots=True)
class Left:
    """An item and what is left of it."""

    item_id: int
    is_gifted: bool
    sessions: int
    value: int


@dataclass(frozen=True, slots=True)
class Use:
    """So many sessions of an item and what they earn."""

    item_id: int
    count: int
    value: int


def use(items: Sequence[Left], count: int) -> tuple[list[Use], int]:
    """Take `count` sessions of one service from the items of a card that hold it: paid ones first, gifted ones last.
    Second result: how many are missing."""
    taken = []
    for item in sorted(items, key=lambda item: (item.is_gifted, item.item_id)):
        part = min(item.sessions, count)
        if part > 0:
            value = 0 if item.is_gifted else earned(item.value, item.sessions, part)
            taken.append(Use(item.item_id, part, value))
            count -= part
    return taken, count
