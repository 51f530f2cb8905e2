"""Counting while selling goes on: what a line should have held at the moment it was counted, and what follows.

Whoever counts looks at one shelf at one instant, and the shop sells before and after it. So every look (`Look`) is
held against what the books say of that same instant, and what is posted is the difference between the two: whatever
moved later stays as it is on top. The worked tables that the tests use stand in docs/algorithms/stocktake.md.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

ZERO = Decimal(0)
#: From the basket to the till: what is sold so soon after a look may have left the shelf before it.
BASKET_TIME = timedelta(minutes=5)
#: After so many looks that do not agree a line is decided, not counted again.
MOST_LOOKS = 3
_WHOLE = Decimal(10_000)


# --- what the books say --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Moved:
    """`quantity` came to the place (+) or left it (-)."""

    quantity: Decimal
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Book:
    """One line of a count by the books: `snapshot` on hand when the session began, and what has moved besides,
    whenever that became known: a sale of an offline till that arrives late still counts at its own time."""

    snapshot: Decimal
    moved: tuple[Moved, ...] = ()

    def at(self, instant: datetime) -> Decimal:
        """What should have been there at an instant of the session: snapshot and movements up to it."""
        return self.snapshot + sum((one.quantity for one in self.moved if one.occurred_at <= instant), ZERO)

    @property
    def on_hand(self) -> Decimal:
        """What the books say now."""
        return self.snapshot + sum((one.quantity for one in self.moved), ZERO)

    def after(self, instant: datetime) -> Decimal:
        """What has moved since; on hand less this is what `at` says, which is how the database computes it."""
        return sum((one.quantity for one in self.moved if one.occurred_at > instant), ZERO)


def doubt(
    moved: Iterable[Moved], *, begun_at: datetime, counted_at: datetime, grace: timedelta = BASKET_TIME
) -> tuple[Decimal, Decimal]:
    """How far a look may be wrong, down and up, because goods moved while it was taken: what moved between its first
    and its last part may have been seen before or after, what is sold right behind it may have lain in a basket."""
    low = high = ZERO
    for one in moved:
        if (
            begun_at < one.occurred_at <= counted_at
        ):  # in the books of the look, perhaps not on the shelf of it
            low, high = low - max(one.quantity, ZERO), high - min(one.quantity, ZERO)
        elif counted_at < one.occurred_at <= counted_at + grace:  # on the shelf of it already, perhaps
            low, high = low + min(one.quantity, ZERO), high + max(one.quantity, ZERO)
    return low, high


# --- what was seen -------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Look:
    """One person's count of a line: what was `counted`, what was `expected` at that instant, and the `doubt`.
    `is_impossible`: more has left since than was counted, where stock cannot be short."""

    counted: Decimal
    expected: Decimal
    by: int
    doubt: tuple[Decimal, Decimal] = (ZERO, ZERO)
    is_impossible: bool = False

    @property
    def variance(self) -> Decimal:
        return self.counted - self.expected

    @property
    def is_explained(self) -> bool:
        """Whether what moved meanwhile would explain the variance."""
        low, high = self.doubt
        return self.variance != 0 and low <= self.variance <= high


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How much a first look may differ without a second: `quantity` in stock units or `share_bp` of what was
    expected, whichever is more. Pieces have none."""

    quantity: Decimal = ZERO
    share_bp: int = 0

    def allowed(self, expected: Decimal) -> Decimal:
        return max(self.quantity, abs(expected) * self.share_bp / _WHOLE)


class Verdict(enum.StrEnum):
    """Where a line of a count stands."""

    UNCOUNTED = "UNCOUNTED"
    SETTLED = "SETTLED"
    RECOUNT = "RECOUNT"
    DISPUTED = "DISPUTED"


class Reason(enum.StrEnum):
    """Why it stands there."""

    NOBODY_LOOKED = "NOBODY_LOOKED"
    AS_EXPECTED = "AS_EXPECTED"
    WITHIN_TOLERANCE = "WITHIN_TOLERANCE"
    CONFIRMED = "CONFIRMED"
    ABOVE_TOLERANCE = "ABOVE_TOLERANCE"
    MOVED_MEANWHILE = "MOVED_MEANWHILE"
    LOOKS_DIFFER = "LOOKS_DIFFER"
    CONTRADICTED = "CONTRADICTED"


@dataclass(frozen=True, slots=True)
class Assessed:
    """The verdict of a line; `variance` is what would be posted for it, none while nobody has looked."""

    verdict: Verdict
    reason: Reason
    variance: Decimal | None = None


def assess(looks: Sequence[Look], tolerance: Tolerance) -> Assessed:
    """Where a line stands after `looks`, in their order.

    A look within tolerance settles it. Above, another person has to look: it is settled once two people found the
    same variance (each against the books of the own instant, so that sales in between do not part them). After
    `MOST_LOOKS` that do not agree the last stands as disputed, for somebody to decide. A look that what was sold
    since has shown to be wrong never stands.
    """
    if not looks:
        return Assessed(Verdict.UNCOUNTED, Reason.NOBODY_LOOKED)
    last = looks[-1]
    if last.is_impossible:
        return Assessed(Verdict.RECOUNT, Reason.CONTRADICTED, last.variance)
    allowed = tolerance.allowed(last.expected)
    if abs(last.variance) <= allowed:
        reason = Reason.WITHIN_TOLERANCE if last.variance else Reason.AS_EXPECTED
        return Assessed(Verdict.SETTLED, reason, last.variance)
    others = [look for look in looks[:-1] if look.by != last.by]
    if any(look.variance == last.variance for look in others):
        return Assessed(Verdict.SETTLED, Reason.CONFIRMED, last.variance)
    if len(looks) >= MOST_LOOKS:
        return Assessed(Verdict.DISPUTED, Reason.LOOKS_DIFFER, last.variance)
    if others:
        return Assessed(Verdict.RECOUNT, Reason.LOOKS_DIFFER, last.variance)
    reason = Reason.MOVED_MEANWHILE if last.is_explained else Reason.ABOVE_TOLERANCE
    return Assessed(Verdict.RECOUNT, reason, last.variance)


def may_look(person: int, earlier: Iterable[int]) -> bool:
    """Whether a person may count a line again that `earlier` people have counted: only who has not."""
    return person not in set(earlier)


# --- what follows --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Worth:
    """What a count differs by, in yuan: `surplus` and `shortage` (both ≥ 0). A surplus here does not make up for a
    shortage there, so `gross` is what a limit is compared with."""

    surplus: Decimal
    shortage: Decimal

    @property
    def net(self) -> Decimal:
        return self.surplus - self.shortage

    @property
    def gross(self) -> Decimal:
        return self.surplus + self.shortage


def worth(lines: Iterable[tuple[Decimal, Decimal]]) -> Worth:
    """Lines as (variance in stock units, unit cost in yuan)."""
    surplus = shortage = ZERO
    for variance, unit_cost in lines:
        value = variance * unit_cost
        surplus, shortage = surplus + max(value, ZERO), shortage - min(value, ZERO)
    return Worth(surplus, shortage)


def needs_approval(found: Worth, limit: Decimal | None) -> bool:
    """From `limit` on a second person has to agree; None: never."""
    return limit is not None and found.gross >= limit


def on_hand_after(counted: Decimal, moved_since: Decimal) -> Decimal:
    """What a posted line leaves: what was counted, and on top what has moved since it was."""
    return counted + moved_since


# --- what comes too late -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class BackDated:
    """A movement that belongs before a posted count. It is posted at its own time; at the count (`adjusted_at`) the
    opposite is posted, so that what was counted stands. No `adjusted_at`: no count stands behind it."""

    quantity: Decimal
    occurred_at: datetime
    adjustment: Decimal = ZERO
    adjusted_at: datetime | None = None


def place_back_dated(quantity: Decimal, occurred_at: datetime, anchors: Iterable[datetime]) -> BackDated:
    """`anchors` are the instants of posted counts of the same goods at the same place. Only the first at or after the
    movement matters: once what it counted stands again, later counts are not touched."""
    behind = [at for at in anchors if at >= occurred_at]
    if not behind:
        return BackDated(quantity, occurred_at)
    return BackDated(quantity, occurred_at, -quantity, min(behind))
