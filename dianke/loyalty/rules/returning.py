"""Where the points come from that a return takes back: what still lies in the lots of that sale (pending or not),
what of them expired unused (asked of nobody), other points of the member, and then as the programme says: a debt,
money, or no return at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dianke.loyalty.rules.terms import ProgrammeTerms

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class HeldLot:
    """A lot of a member: `is_own`, of the sale that is taken back; `is_pending`, not yet spendable."""

    account_id: int
    id: int
    remaining: int
    expires_at: datetime | None
    is_own: bool = False
    is_pending: bool = False

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


@dataclass(slots=True)
class Claw:
    """What is taken: account id -> (quantity, lots first). `lapsed` had expired unused; `short` nothing can give."""

    taken: dict[int, int] = field(default_factory=dict)
    first: dict[int, list[int]] = field(default_factory=dict)
    lapsed: int = 0
    short: int = 0

    @property
    def total(self) -> int:
        return sum(self.taken.values())


def free_of(lots: Iterable[HeldLot], now: datetime) -> dict[int, int]:
    """Account -> what can be taken from it: what has not expired, less what is owed."""
    sums: dict[int, int] = {}
    for lot in lots:
        if not lot.is_expired(now):
            sums[lot.account_id] = sums.get(lot.account_id, 0) + lot.remaining
    return {account_id: max(total, 0) for account_id, total in sums.items()}


def claw(
    wanted: int,
    lots: Sequence[HeldLot],
    *,
    now: datetime,
    lapsed: int = 0,
    given_back: Mapping[int, int] | None = None,
) -> Claw:
    """Take `wanted` points back. `lapsed`: how many of the sale's points expired unused and were not settled by
    an earlier return. `given_back`: what the same return brings back per account. Order: the sale's own pending
    lots, its own spendable ones, what lapsed, other spendable lots (earliest expiry first), other pending ones,
    what comes back.
    """
    plan, free = Claw(), free_of(lots, now)

    def take(lot: HeldLot) -> None:
        nonlocal wanted
        part = min(wanted, lot.remaining, free[lot.account_id])
        if part > 0:
            plan.taken[lot.account_id] = plan.taken.get(lot.account_id, 0) + part
            plan.first.setdefault(lot.account_id, []).append(lot.id)
            free[lot.account_id] -= part
            wanted -= part

    live = [lot for lot in lots if lot.remaining > 0 and not lot.is_expired(now)]
    for lot in sorted(
        (lot for lot in live if lot.is_own), key=lambda lot: (not lot.is_pending, *_order(lot))
    ):
        take(lot)
    stale = sum(lot.remaining for lot in lots if lot.is_own and lot.remaining > 0 and lot.is_expired(now))
    plan.lapsed = min(wanted, lapsed + stale)
    wanted -= plan.lapsed
    for lot in sorted(
        (lot for lot in live if not lot.is_own), key=lambda lot: (lot.is_pending, *_order(lot))
    ):
        take(lot)
    for account_id, quantity in (given_back or {}).items():
        part = min(wanted, quantity)
        if part > 0:
            plan.taken[account_id] = plan.taken.get(account_id, 0) + part
            wanted -= part
    plan.short = wanted
    return plan


def _order(lot: HeldLot) -> tuple[datetime, int]:
    return lot.expires_at or _NEVER, lot.id


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of points that are short: `owed` as a debt, `deducted` points for `amount` off the refund;
    `is_blocked` when the return is refused."""

    owed: int = 0
    deducted: int = 0
    amount: int = 0
    is_blocked: bool = False


def settle(short: int, policy: str, terms: ProgrammeTerms) -> Settled:
    """As the programme says."""
    if not short:
        return Settled()
    if policy == "DEDUCT_CASH":
        return Settled(deducted=short, amount=terms.worth.amount_for_short(short))
    if policy == "BLOCK":
        return Settled(is_blocked=True)
    return Settled(owed=short)
