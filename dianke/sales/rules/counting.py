"""Counting a drawer: which notes and coins there are, what they add up to, what was over or short.

Amounts are minor units of the currency, seen from the drawer. The worked table is in `docs/algorithms/day-close.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput

MOST_PIECES = 100_000

#: Notes and coins in use, the largest first, in minor units. What is not listed may be counted by any piece.
PIECES: Mapping[str, tuple[int, ...]] = {
    "CNY": (10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "HKD": (100_000, 50_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10),
    "MOP": (100_000, 50_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10),
    "TWD": (200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 100),
    "USD": (10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 25, 10, 5, 1),
    "EUR": (50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
}


class PieceUnknown(InvalidInput):
    code = "cash_piece_unknown"
    message = _("There is no note or coin of %(piece)s in %(currency)s. Count only what is in use.")
    default_field = "pieces"


class PieceCountWrong(InvalidInput):
    code = "cash_piece_count_wrong"
    message = _("The number of notes and coins of a kind is a whole number from 0 to %(most)s.")
    default_field = "pieces"


class LeftTooMuch(InvalidInput):
    code = "cash_left_too_much"
    message = _("You cannot leave more in the drawer than was counted. Enter at most what you counted.")
    default_field = "left_amount"


def total_of(pieces: Mapping[int, int], currency: str) -> int:
    """What notes and coins (value → how many) add up to. Raises `PieceUnknown`, `PieceCountWrong`."""
    known = PIECES.get(currency)
    for value, count in pieces.items():
        if value <= 0 or (known is not None and value not in known):
            raise PieceUnknown(piece=value, currency=currency)
        if not 0 <= count <= MOST_PIECES:
            raise PieceCountWrong(most=MOST_PIECES)
    return sum(value * count for value, count in pieces.items())


def expected_cash(carried: int, takings: int, movements: Iterable[int]) -> int:
    """What should be in the drawer: carried over, cash payments less cash refunds, everything else that moved."""
    return carried + takings + sum(movements)


@dataclass(frozen=True, slots=True)
class Opening:
    """How a counted float comes about: `from_safe` was fetched (below zero: put away), `difference` over or short."""

    from_safe: int
    difference: int


def opening_of(*, carried: int, counted: int, from_safe: int | None = None) -> Opening:
    """What happened to the drawer before a shift began with `counted`.

    Whoever does not say what was fetched is taken to have filled up from the safe; money that is missing against what
    was left is short, never put away: a shortage cannot hide in the safe.
    """
    fetched = max(0, counted - carried) if from_safe is None else from_safe
    return Opening(fetched, counted - carried - fetched)


@dataclass(frozen=True, slots=True)
class Closing:
    """`difference`: over (above zero) or short. `to_safe` leaves the drawer, `left` stays for the next shift."""

    difference: int
    to_safe: int
    left: int


def closing_of(*, expected: int, counted: int, left: int) -> Closing:
    """How a counted shift ends. Raises `LeftTooMuch`."""
    if not 0 <= left <= counted:
        raise LeftTooMuch
    return Closing(counted - expected, counted - left, left)


def unsettled(*, carried: int, takings: int, movements: Iterable[int], left: int) -> int:
    """Cash of a closed shift that arrived after its count (below zero: refunds): by that much the over or short that
    was posted is wrong."""
    return expected_cash(carried, takings, movements) - left
