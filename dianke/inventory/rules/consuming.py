"""What a service uses up: the standard against what was really taken, and the bottles that stand open.

Goods for services are kept in the unit they are bought in, a bottle, and used in parts of it. A bottle is opened for
the first part and stands open until it is empty or too old; open ones are used up first. What is used costs when it
is used, not when the service is sold, and what is poured away costs too, under a reason of its own.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

ZERO = Decimal(0)
ONE = Decimal(1)
_WHOLE = Decimal(10_000)


# --- standard and actual -------------------------------------------------------------------------------------
class UseReason(enum.StrEnum):
    """How a use compares with its standard."""

    AS_STANDARD = "AS_STANDARD"
    MORE = "MORE"
    LESS = "LESS"
    NOT_PLANNED = "NOT_PLANNED"
    LEFT_OUT = "LEFT_OUT"


@dataclass(frozen=True, slots=True)
class Use:
    """What is taken of one variant, in stock units, and what the standard asks for. `is_unusual`: it differs by more
    than is tolerated, somebody should say why."""

    variant: int
    standard: Decimal
    actual: Decimal
    reason: UseReason
    is_unusual: bool

    @property
    def difference(self) -> Decimal:
        return self.actual - self.standard


def compare(
    standard: Mapping[int, Decimal],
    actual: Mapping[int, Decimal],
    *,
    times: Decimal = ONE,
    tolerance_bp: int = 2_000,
) -> list[Use]:
    """Uses by variant, sorted: `standard` per performance, performed `times`; `actual` replaces the standard for the
    variants it names (zero: none was taken) and adds what was not planned. Raises ValueError below zero."""
    if times <= 0 or any(quantity < 0 for quantity in actual.values()):
        raise ValueError("a service is performed, and uses nothing or something")
    uses = []
    for variant in sorted({*standard, *actual}):
        planned = standard.get(variant, ZERO) * times
        taken = actual.get(variant, planned)
        if not planned and not taken:
            continue
        if taken == planned:
            reason = UseReason.AS_STANDARD
        elif not planned:
            reason = UseReason.NOT_PLANNED
        elif not taken:
            reason = UseReason.LEFT_OUT
        else:
            reason = UseReason.MORE if taken > planned else UseReason.LESS
        is_unusual = abs(taken - planned) > planned * tolerance_bp / _WHOLE
        uses.append(Use(variant, planned, taken, reason, is_unusual))
    return uses


# --- open bottles --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Bottle:
    """An opened unit: `left` of it (0 < left ≤ 1), good before `use_by`. `key` is 0 for one that is opened now."""

    key: int
    batch: int | None
    opened_at: datetime
    left: Decimal
    use_by: datetime | None = None

    def is_good(self, at: datetime) -> bool:
        return self.use_by is None or at < self.use_by


@dataclass(frozen=True, slots=True)
class Closed:
    """Unopened units of a batch: `quantity` of them whole, usable to the end of `expires_on`."""

    batch: int | None
    quantity: Decimal
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """`quantity` is taken out of a bottle (`key` as given; those opened now are numbered -1, -2 … in order)."""

    key: int
    batch: int | None
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Drawn:
    """What using a quantity comes to: `draws` from bottles, `poured_away` what was left in those too old, the bottles
    that stand open then, and what could not be covered."""

    draws: tuple[Draw, ...]
    poured_away: tuple[Draw, ...]
    open: tuple[Bottle, ...]
    short: Decimal

    def by_batch(self) -> dict[int | None, Decimal]:
        """What is used of each batch."""
        found: dict[int | None, Decimal] = {}
        for draw in self.draws:
            found[draw.batch] = found.get(draw.batch, ZERO) + draw.quantity
        return found


def draw(
    quantity: Decimal,
    *,
    bottles: Sequence[Bottle],
    closed: Sequence[Closed],
    at: datetime,
    today: date,
    open_days: int | None = None,
) -> Drawn:
    """Take `quantity` (≥ 0): first from open bottles, the one to be used first before the others; then bottles are
    opened, of the batch that expires first (never one that has expired). An open one past its time is poured away
    whatever is needed. `open_days`: how long one is good once opened (None: as long as its batch).
    """
    if quantity < 0:
        raise ValueError("a quantity not below zero is used")
    poured = tuple(Draw(one.key, one.batch, one.left) for one in bottles if not one.is_good(at))
    good = sorted(
        (one for one in bottles if one.is_good(at)),
        key=lambda one: (one.use_by is None, one.use_by or at, one.opened_at, one.key),
    )
    rest, draws, standing = quantity, [], []
    for bottle in good:
        taken = min(bottle.left, rest)
        if taken:
            draws.append(Draw(bottle.key, bottle.batch, taken))
            rest -= taken
        if bottle.left > taken:
            standing.append(replace(bottle, left=bottle.left - taken))
    usable = sorted(
        (one for one in closed if one.expires_on is None or one.expires_on >= today),
        key=lambda one: (one.expires_on is None, one.expires_on or today, one.batch or 0),
    )
    opened = 0
    for batch in usable:
        units = batch.quantity
        while rest and units > 0:
            opened += 1
            content = min(ONE, units)
            units -= content
            taken = min(content, rest)
            draws.append(Draw(-opened, batch.batch, taken))
            rest -= taken
            if content > taken:
                use_by = None if open_days is None else at + timedelta(days=open_days)
                standing.append(Bottle(-opened, batch.batch, at, content - taken, use_by))
    return Drawn(tuple(draws), poured, tuple(standing), rest)
