"""What a person holds that must not leave with them: each room says what it knows and moves it.

`work` registers open tasks, later rooms customers, opportunities, bookings. A release of staff names who takes
over; every registered kind is moved in the transaction of the release.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from dianke.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of thing people hold. `count(user_id)`; `move(from_user_id, to_user_id, actor, now)` returns how many
    it moved and runs inside the operation that releases the person."""

    code: str
    label: str | Promise
    count: Callable[[int], int]
    move: Callable[[int, int, Actor, datetime], int]


_holdings: dict[str, Holding] = {}


def register(holding: Holding) -> None:
    """Called from the `ready()` of the room that knows the kind."""
    _holdings[holding.code] = holding


def held_by(user_id: int) -> list[tuple[Holding, int]]:
    """Everything the person holds, by kind, without the kinds they hold none of."""
    counted = [(holding, holding.count(user_id)) for holding in _holdings.values()]
    return [(holding, count) for holding, count in counted if count]


def move_all(*, from_user_id: int, to_user_id: int, actor: Actor, now: datetime) -> dict[str, int]:
    """Move everything; `{code: how many}`."""
    return {code: holding.move(from_user_id, to_user_id, actor, now) for code, holding in _holdings.items()}
