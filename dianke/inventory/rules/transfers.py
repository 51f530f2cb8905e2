"""Goods on the way from one store to another: what was sent, what came, and who bears the difference.

Goods leave the shelf of one place, are under way with whoever owns them then, and arrive short, damaged or as sent.
`settle` says for each line where every unit went; nothing sent is ever unaccounted for. Between legal entities the
goods change hands at a price, within one they only change place.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
_UNIT_COST = Decimal("0.000001")
_WHOLE = Decimal(10_000)


class State(enum.StrEnum):
    """The life of a transfer. It ends received, called off before anything left, or brought back from half-way."""

    PLANNED = "PLANNED"
    SHIPPED = "SHIPPED"
    RECEIVED = "RECEIVED"
    CANCELLED = "CANCELLED"
    RETURNED = "RETURNED"


#: From state to state; nothing else.
STEPS: Mapping[State, frozenset[State]] = {
    State.PLANNED: frozenset({State.SHIPPED, State.CANCELLED}),
    State.SHIPPED: frozenset({State.RECEIVED, State.RETURNED}),
    State.RECEIVED: frozenset(),
    State.CANCELLED: frozenset(),
    State.RETURNED: frozenset(),
}


def may_become(state: State, wanted: State) -> bool:
    return wanted in STEPS[state]


class Passes(enum.StrEnum):
    """When goods between legal entities change hands: who owns what is under way, and bears what is lost there."""

    ON_RECEIPT = "ON_RECEIPT"
    ON_SHIPMENT = "ON_SHIPMENT"


def owner_under_way(sender: int, receiver: int, passes: Passes) -> int:
    """Which legal entity owns goods between two stores."""
    return receiver if passes is Passes.ON_SHIPMENT else sender


class Missing(enum.StrEnum):
    """Why less came than was sent."""

    LOST = "LOST"  # gone on the way: the owner's loss
    NOT_SENT = "NOT_SENT"  # never left: it is still with the sender


class Beyond(enum.StrEnum):
    """Why more came than was sent."""

    SENT_MORE = "SENT_MORE"  # the sender wrote down too little: it leaves the sender's stock now
    FOUND = "FOUND"  # nobody misses it


class Goes(enum.StrEnum):
    """Where a part of a line ends up."""

    ARRIVED = "ARRIVED"
    DAMAGED = "DAMAGED"
    LOST = "LOST"
    BACK = "BACK"
    EXTRA_FROM_SENDER = "EXTRA_FROM_SENDER"
    EXTRA_FOUND = "EXTRA_FOUND"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came of a line, in stock units: `good` goes on the shelf, `damaged` does not. `missing` and `beyond` say
    why it is not what was sent."""

    good: Decimal
    damaged: Decimal = ZERO
    missing: Missing | None = None
    beyond: Beyond | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """`quantity` (> 0) of line `line` ends up somewhere."""

    line: int
    goes: Goes
    quantity: Decimal


class ProblemCode(enum.StrEnum):
    """What is wrong with what somebody wrote down at receipt."""

    NOT_CHECKED = "NOT_CHECKED"
    UNKNOWN_LINE = "UNKNOWN_LINE"
    BELOW_ZERO = "BELOW_ZERO"
    WHY_LESS = "WHY_LESS"
    WHY_MORE = "WHY_MORE"
    PIECE_IS_ONE = "PIECE_IS_ONE"


@dataclass(frozen=True, slots=True)
class Problem:
    line: int
    code: ProblemCode
    quantity: Decimal = ZERO


def as_sent(sent: Mapping[int, Decimal]) -> dict[int, Arrival]:
    """Everything came as it was sent."""
    return {line: Arrival(quantity) for line, quantity in sent.items()}


def settle(
    sent: Mapping[int, Decimal], came: Mapping[int, Arrival], *, pieces: frozenset[int] = frozenset()
) -> tuple[list[Part], list[Problem]]:
    """Where every unit of every line went, or what has to be said first; never both.

    `sent` and `came` are by line; `pieces` are the lines of single pieces, of which one was sent and at most that one
    comes. A line nobody looked at is a problem, not a shortage.
    """
    problems = [Problem(line, ProblemCode.UNKNOWN_LINE) for line in sorted(set(came) - set(sent))]
    parts: list[Part] = []
    for line in sorted(sent):
        if line not in came:
            problems.append(Problem(line, ProblemCode.NOT_CHECKED, sent[line]))
            continue
        found = _settle_line(line, sent[line], came[line], line in pieces)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            parts += found
    return ([], problems) if problems else (parts, [])


def _settle_line(line: int, sent: Decimal, came: Arrival, is_piece: bool) -> list[Part] | Problem:
    if came.good < 0 or came.damaged < 0:
        return Problem(line, ProblemCode.BELOW_ZERO)
    beyond = came.good + came.damaged - sent
    if is_piece and beyond > 0:
        return Problem(line, ProblemCode.PIECE_IS_ONE, beyond)
    if beyond > 0 and came.beyond is None:
        return Problem(line, ProblemCode.WHY_MORE, beyond)
    if beyond < 0 and came.missing is None:
        return Problem(line, ProblemCode.WHY_LESS, -beyond)
    # Of what came damaged only what was sent was under way; a damaged surplus never enters the books.
    damaged = min(came.damaged, sent)
    good = min(came.good, sent - damaged)
    parts = [(Goes.ARRIVED, good), (Goes.DAMAGED, damaged)]
    if beyond > 0:
        extra = Goes.EXTRA_FROM_SENDER if came.beyond is Beyond.SENT_MORE else Goes.EXTRA_FOUND
        parts.append((extra, came.good - good))
    else:
        lost = Goes.BACK if came.missing is Missing.NOT_SENT else Goes.LOST
        parts.append((lost, sent - good - damaged))
    return [Part(line, goes, quantity) for goes, quantity in parts if quantity]


# --- between legal entities ----------------------------------------------------------------------------------
class Pricing(enum.StrEnum):
    """How a legal entity asks another for its goods."""

    COST = "COST"
    COST_PLUS = "COST_PLUS"
    FIXED = "FIXED"


def unit_price(
    pricing: Pricing, *, average_cost: Decimal, markup_bp: int = 0, fixed: Decimal | None = None
) -> Decimal:
    """Yuan per stock unit, without tax, six decimals (halves up): the receiver's cost of what it takes over."""
    if pricing is Pricing.FIXED:
        if fixed is None or fixed < 0:
            raise ValueError("a fixed price is asked for")
        return fixed.quantize(_UNIT_COST, ROUND_HALF_UP)
    markup = markup_bp if pricing is Pricing.COST_PLUS else 0
    return (average_cost * (_WHOLE + markup) / _WHOLE).quantize(_UNIT_COST, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a settled transfer, for the head of its page."""

    arrived: Decimal
    damaged: Decimal
    lost: Decimal
    back: Decimal
    extra: Decimal

    @property
    def is_as_sent(self) -> bool:
        return not (self.damaged or self.lost or self.back or self.extra)


def totals(parts: Sequence[Part]) -> Totals:
    def of(*goes: Goes) -> Decimal:
        return sum((part.quantity for part in parts if part.goes in goes), ZERO)

    return Totals(
        of(Goes.ARRIVED),
        of(Goes.DAMAGED),
        of(Goes.LOST),
        of(Goes.BACK),
        of(Goes.EXTRA_FROM_SENDER, Goes.EXTRA_FOUND),
    )
