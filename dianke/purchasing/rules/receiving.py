"""What a delivery comes to: compared with what was ordered, line by line, and what stays open.

Goods are delivered, then accepted into stock or refused at the door. Too much, damaged or wrong goods need a reason;
too little needs none: the rest stays open until it comes or somebody closes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

_ZERO = Decimal(0)


class Difference(StrEnum):
    """What is not as ordered. SHORT and OVER follow from the quantities; the others are said by who receives."""

    NONE = "NONE"
    SHORT = "SHORT"
    OVER = "OVER"
    DAMAGED = "DAMAGED"
    WRONG_GOODS = "WRONG_GOODS"
    EXPIRED = "EXPIRED"
    OTHER = "OTHER"


#: Faults of the goods: the refused quantity counts against the supplier.
DEFECTS = frozenset({Difference.DAMAGED, Difference.WRONG_GOODS, Difference.EXPIRED, Difference.OTHER})


class Problem(StrEnum):
    """Why a line cannot be received as it was entered."""

    NOTHING = "NOTHING"
    NEGATIVE = "NEGATIVE"
    MORE_ACCEPTED = "MORE_ACCEPTED"
    NO_REASON = "NO_REASON"
    OVER_NO_REASON = "OVER_NO_REASON"
    NOT_ORDERED = "NOT_ORDERED"


@dataclass(frozen=True, slots=True)
class Expected:
    """A line of the order as it stands: ordered, received so far, given back for replacement, and given up."""

    ordered: Decimal
    received: Decimal = _ZERO
    replaced: Decimal = _ZERO
    closed: Decimal = _ZERO

    @property
    def open(self) -> Decimal:
        """What is still to come."""
        return max(self.ordered - self.received + self.replaced - self.closed, _ZERO)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What stands on the loading dock for a line: how much came, how much of it is taken in, what is wrong with the
    rest (or with more than was ordered), and why; `closes_rest` gives up what did not come."""

    delivered: Decimal
    accepted: Decimal
    difference: Difference = Difference.NONE
    note: str = ""
    closes_rest: bool = False
    is_ordered: bool = True


@dataclass(frozen=True, slots=True)
class Received:
    """What becomes of a line. `over` is accepted beyond what was open, `rejected` goes back with the driver, `missing`
    did not come, `open_after` is still to come, `closed` is given up by this receipt."""

    difference: Difference
    accepted: Decimal
    rejected: Decimal
    over: Decimal
    missing: Decimal
    closed: Decimal
    open_after: Decimal


def problem_of(expected: Expected, line: Delivered) -> Problem | None:
    """What is wrong with an entry; None when it can be received."""
    if line.delivered < 0 or line.accepted < 0:
        return Problem.NEGATIVE
    if line.accepted > line.delivered:
        return Problem.MORE_ACCEPTED
    if not line.delivered and not line.closes_rest:
        return Problem.NOTHING
    if not line.is_ordered and line.accepted:
        return Problem.NOT_ORDERED
    if line.accepted < line.delivered and line.difference not in DEFECTS | {Difference.OVER}:
        return Problem.NO_REASON
    if line.accepted > expected.open and not line.note.strip():
        return Problem.OVER_NO_REASON
    return None


def receive(expected: Expected, line: Delivered) -> Received:
    """What becomes of a line without a problem.

    Accepted goods count first against what is open, the rest of them is over. What is refused stays to be delivered,
    unless the rest is given up.
    """
    over = max(line.accepted - expected.open, _ZERO)
    missing = max(expected.open - line.delivered, _ZERO)
    open_after = max(expected.open - line.accepted, _ZERO)
    closed = open_after if line.closes_rest else _ZERO
    difference = line.difference
    if difference is Difference.NONE:
        if over or line.delivered > expected.open:
            difference = Difference.OVER
        elif missing:
            difference = Difference.SHORT
    return Received(
        difference=difference,
        accepted=line.accepted,
        rejected=line.delivered - line.accepted,
        over=over,
        missing=missing,
        closed=closed,
        open_after=open_after - closed,
    )


def order_state(lines: Sequence[Expected]) -> str:
    """DONE when nothing is to come any more, PARTLY when something came, SENT when nothing did."""
    if all(not line.open for line in lines):
        return "DONE"
    return "PARTLY" if any(line.received for line in lines) else "SENT"
