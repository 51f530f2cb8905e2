"""What a till may sell without the server, whether a sale kept to it, and which numbers of a till are missing.

Nothing is refused here: a sale that was paid stands. What is wrong with it is a `Problem` for a person to examine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput


class LimitsWrong(InvalidInput):
    code = "offline_limits_wrong"
    message = _("Enter whole amounts from zero; warn before or when selling stops, after at most 720 hours.")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one grant allows: so many sales, so much altogether and per sale (minor units), points, coupons and
    stored value; the till warns after `warn_hours` and stops after `block_hours`."""

    sale_count: int = 500
    total_amount: int = 5_000_000
    sale_amount: int = 500_000
    points_count: int = 0
    coupon_count: int = 0
    wallet_amount: int = 0
    warn_hours: int = 4
    block_hours: int = 24

    def check(self) -> None:
        """Raises `LimitsWrong`."""
        amounts = (self.total_amount, self.sale_amount, self.wallet_amount, self.points_count)
        if not (
            all(0 <= amount < 10**13 for amount in amounts)
            and 0 <= self.sale_count <= 1_000_000
            and 0 <= self.coupon_count <= 1_000_000
            and 1 <= self.block_hours <= 720
            and 0 <= self.warn_hours <= self.block_hours
        ):
            raise LimitsWrong


@dataclass(frozen=True, slots=True)
class OfflineSale:
    """What counts against the limits: the total of the sale (minor units), points and coupons used, stored value
    spent, and when it was sold by the time that counts."""

    amount: int
    occurred_at: datetime
    points: int = 0
    coupons: int = 0
    wallet_amount: int = 0


@dataclass(frozen=True, slots=True)
class Used:
    """What was sold under a grant before."""

    sale_count: int = 0
    total_amount: int = 0
    points_count: int = 0
    coupon_count: int = 0
    wallet_amount: int = 0

    def after(self, sale: OfflineSale) -> Used:
        return Used(
            self.sale_count + 1,
            self.total_amount + sale.amount,
            self.points_count + sale.points,
            self.coupon_count + sale.coupons,
            self.wallet_amount + sale.wallet_amount,
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """`kind` is a kind of exception: LIMIT or GRANT. `data` says which limit, what it was and what came."""

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


def over_limits(limits: Limits, used: Used, sale: OfflineSale) -> list[Problem]:
    """Which limits the sale goes beyond, given what was used before it."""
    after = used.after(sale)
    compared = (
        ("sale_count", limits.sale_count, after.sale_count),
        ("total_amount", limits.total_amount, after.total_amount),
        ("sale_amount", limits.sale_amount, sale.amount),
        ("points_count", limits.points_count, after.points_count if sale.points else 0),
        ("coupon_count", limits.coupon_count, after.coupon_count if sale.coupons else 0),
        ("wallet_amount", limits.wallet_amount, after.wallet_amount if sale.wallet_amount else 0),
    )
    return [
        Problem("LIMIT", {"limit": name, "allowed": allowed, "was": was})
        for name, allowed, was in compared
        if was > allowed
    ]


def outside_period(
    sale: OfflineSale, *, issued_at: datetime, expires_at: datetime, revoked_at: datetime | None
) -> list[Problem]:
    """Sold before the limits were given, after they ended, or after they were withdrawn."""
    found = []
    if sale.occurred_at < issued_at - timedelta(minutes=5):
        found.append("NOT_YET")
    if sale.occurred_at >= expires_at:
        found.append("ENDED")
    if revoked_at is not None and sale.occurred_at >= revoked_at:
        found.append("WITHDRAWN")
    return [Problem("GRANT", {"reason": reason}) for reason in found]


# --- numbers of a device ---------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Journal:
    """Up to `highest` everything arrived but the ranges in `gaps` (first and last number of each, in order)."""

    highest: int = 0
    gaps: tuple[tuple[int, int], ...] = ()

    @property
    def contiguous(self) -> int:
        """Everything up to this number arrived."""
        return self.gaps[0][0] - 1 if self.gaps else self.highest

    @property
    def arrived_count(self) -> int:
        return self.highest - sum(last - first + 1 for first, last in self.gaps)

    def has(self, number: int) -> bool:
        return 1 <= number <= self.highest and not any(first <= number <= last for first, last in self.gaps)

    def noting(self, number: int) -> Journal:
        """With one number more; the same when it was there."""
        if number < 1 or self.has(number):
            return self
        if number > self.highest:
            missing = ((self.highest + 1, number - 1),) if number > self.highest + 1 else ()
            return Journal(number, self.gaps + missing)
        return Journal(self.highest, tuple(_without(self.gaps, number)))


def _without(gaps: Sequence[tuple[int, int]], number: int) -> Iterable[tuple[int, int]]:
    for first, last in gaps:
        if not first <= number <= last:
            yield first, last
            continue
        if first < number:
            yield first, number - 1
        if number < last:
            yield number + 1, last
