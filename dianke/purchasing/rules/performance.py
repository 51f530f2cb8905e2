"""How a supplier keeps its word: on time, complete, without defects, and how its prices moved.

Shares are basis points of what was due, weighted as the definition says; a share of nothing is None, not 100 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from dianke.purchasing.rules.amounts import WHOLE_BP, decimal_of

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came in one receipt for one line: the day, what was taken in, what was refused for a fault of the goods."""

    day: date
    accepted: Decimal
    defective: Decimal = _ZERO


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """One line of an order: promised for `expected`, its deliveries, and its unit price with the one before it (None:
    never bought before). `is_closed`: nothing more will come."""

    ordered: Decimal
    expected: date
    deliveries: tuple[Delivery, ...] = ()
    is_closed: bool = False
    unit_price: Decimal = _ZERO
    price_before: Decimal | None = None

    @property
    def accepted(self) -> Decimal:
        return sum((each.accepted for each in self.deliveries), start=_ZERO)

    @property
    def completed_on(self) -> date | None:
        """The day the ordered quantity was there."""
        so_far = _ZERO
        for each in sorted(self.deliveries, key=lambda delivery: delivery.day):
            so_far += each.accepted
            if so_far >= self.ordered:
                return each.day
        return None


@dataclass(frozen=True, slots=True)
class Performance:
    """Basis points, None where nothing was due. `lines` counts those that were due or done by the day looked at."""

    lines: int
    on_time_bp: int | None
    complete_bp: int | None
    defect_bp: int | None
    price_change_bp: int | None
    average_delay_days: Decimal | None

    @property
    def score(self) -> int | None:
        """0 to 100: on time and complete count 40 each, goods without defects 20. None while nothing was due."""
        if self.on_time_bp is None or self.complete_bp is None:
            return None
        sound = WHOLE_BP - (self.defect_bp or 0)
        return (40 * self.on_time_bp + 40 * self.complete_bp + 20 * sound) // WHOLE_BP


def performance(lines: Iterable[OrderedLine], *, today: date, grace_days: int = 0) -> Performance:
    """Over the lines that are closed, complete, or overdue on `today`; what is still in time says nothing yet.

    On time: lines wholly there no later than `grace_days` after the day promised, of all lines. Complete: quantity that
    came (no more than was ordered) of quantity ordered, line by line, averaged, so that many small lines are not hidden
    behind a large one. Defects: quantity refused of quantity that came. Price change: the mean change against the
    purchase before.
    """
    judged = [line for line in lines if line.is_closed or line.completed_on or line.expected < today]
    on_time = [_is_on_time(line, grace_days) for line in judged]
    complete = [Fraction(min(line.accepted, line.ordered)) / Fraction(line.ordered) for line in judged]
    came = sum((each.accepted + each.defective for line in judged for each in line.deliveries), start=_ZERO)
    defective = sum((each.defective for line in judged for each in line.deliveries), start=_ZERO)
    changes = [
        (Fraction(line.unit_price) - Fraction(line.price_before)) / Fraction(line.price_before)
        for line in judged
        if line.price_before
    ]
    delays = [
        max((line.completed_on - line.expected).days, 0) for line in judged if line.completed_on is not None
    ]
    return Performance(
        lines=len(judged),
        on_time_bp=_share(Fraction(sum(on_time)), len(judged)),
        complete_bp=_share(sum(complete, start=Fraction(0)), len(judged)),
        defect_bp=_rounded(Fraction(defective) / Fraction(came) * WHOLE_BP) if came else None,
        price_change_bp=_share(sum(changes, start=Fraction(0)), len(changes)),
        average_delay_days=decimal_of(Fraction(sum(delays), len(delays)), Decimal("0.1")) if delays else None,
    )


def _is_on_time(line: OrderedLine, grace_days: int) -> bool:
    done = line.completed_on
    return done is not None and done <= line.expected + timedelta(days=grace_days)


def _share(part: Fraction, count: int) -> int | None:
    return _rounded(part / count * WHOLE_BP) if count else None


def _rounded(exact: Fraction) -> int:
    return int(decimal_of(exact, Decimal(1)))
