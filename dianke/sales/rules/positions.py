"""Where the money of an order stands. What was paid and not earned is a deposit: we owe goods or money. What
was earned and not paid is owed by the customer. Every posting of an order is the difference of two positions,
so payments, deliveries, returns and refunds in any order end where they must (docs/algorithms/reversal.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Position:
    """Minor units: `paid` was taken less what was given back, `earned` is the worth of what was delivered and kept,
    `forfeited` what of a deposit was lost to us."""

    paid: int = 0
    earned: int = 0
    forfeited: int = 0

    @property
    def balance(self) -> int:
        return self.paid - self.earned - self.forfeited

    @property
    def deposit(self) -> int:
        """What we hold of the customer."""
        return max(self.balance, 0)

    @property
    def receivable(self) -> int:
        """What the customer owes us."""
        return max(-self.balance, 0)

    def after(self, *, paid: int = 0, earned: int = 0, forfeited: int = 0) -> Position:
        """The position these changes lead to."""
        return replace(
            self,
            paid=self.paid + paid,
            earned=self.earned + earned,
            forfeited=self.forfeited + forfeited,
        )


def part_of(amount: int, done: Decimal, whole: Decimal) -> int:
    """What belongs to `done` of `whole`, rounded down; all of it at the end. The part of a step is the
    difference of two of these, so any number of steps adds up to the amount."""
    if done >= whole:
        return amount
    up, down = done.as_integer_ratio()
    whole_up, whole_down = whole.as_integer_ratio()
    return amount * up * whole_down // (down * whole_up)


def step_of(amount: int, before: Decimal, now: Decimal, whole: Decimal) -> int:
    """What belongs to `now` when `before` is done already."""
    return part_of(amount, before + now, whole) - part_of(amount, before, whole)


def tax_within(amount: int, rate_bp: int) -> int:
    """The tax contained in an amount, halves away from zero."""
    if not rate_bp:
        return 0
    whole = 10_000 + rate_bp
    up = 2 * abs(amount) * rate_bp + whole
    tax = up // (2 * whole)
    return tax if amount >= 0 else -tax
