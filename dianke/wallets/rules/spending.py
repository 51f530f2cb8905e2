"""Which lots of which wallets pay for something. docs/algorithms/prepaid.md, "Spending"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dianke.core.allocation import allocate_units

PRINCIPAL, BONUS, PROMOTIONAL = "PRINCIPAL", "BONUS", "PROMOTIONAL"
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "BONUS_FIRST": (PROMOTIONAL, BONUS, PRINCIPAL),
    "PRINCIPAL_FIRST": (PRINCIPAL, BONUS, PROMOTIONAL),
}
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Purseful:
    """What is left of a lot: `amount` in fen, more than nothing."""

    wallet_id: int
    bucket: str
    lot_id: int
    amount: int
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """So much from one lot, in the order taken."""

    wallet_id: int
    bucket: str
    lot_id: int
    amount: int


@dataclass(frozen=True, slots=True)
class Choice:
    """`short`: what nothing could pay."""

    taken: tuple[Taken, ...]
    short: int


def in_order(lots: Sequence[Purseful], order: str) -> list[Purseful]:
    """The lots of one wallet as `order` empties them: within a bucket the earliest expiry first, then the oldest."""
    if order == "EARLIEST_EXPIRY":
        rank = {bucket: n for n, bucket in enumerate(_ORDERS["BONUS_FIRST"])}
        return sorted(lots, key=lambda lot: (lot.expires_at or _NEVER, rank[lot.bucket], lot.lot_id))
    rank = {bucket: n for n, bucket in enumerate(_ORDERS[order])}
    return sorted(lots, key=lambda lot: (rank[lot.bucket], lot.expires_at or _NEVER, lot.lot_id))


def choose(lots: Sequence[Purseful], amount: int, *, wallets: Sequence[int], order: str) -> Choice:
    """Pay `amount` out of the wallets, one after the other as named. PRO_RATA takes from the buckets of a wallet in
    proportion to what is in them (largest remainder; principal before bonus before promotional where equal)."""
    taken: list[Taken] = []
    for wallet_id in wallets:
        own = [lot for lot in lots if lot.wallet_id == wallet_id]
        part = min(amount, sum(lot.amount for lot in own))
        if part <= 0:
            continue
        is_even = order == "PRO_RATA"
        taken += _in_proportion(own, part) if is_even else _one_by_one(in_order(own, order), part)
        amount -= part
    return Choice(tuple(taken), amount)


def _in_proportion(lots: Sequence[Purseful], amount: int) -> list[Taken]:
    buckets = (PRINCIPAL, BONUS, PROMOTIONAL)
    held = [sum(lot.amount for lot in lots if lot.bucket == bucket) for bucket in buckets]
    parts = allocate_units(amount, held)
    return [
        each
        for bucket, part in zip(buckets, parts, strict=True)
        for each in _one_by_one(in_order([lot for lot in lots if lot.bucket == bucket], "BONUS_FIRST"), part)
    ]


def _one_by_one(lots: Sequence[Purseful], amount: int) -> list[Taken]:
    taken = []
    for lot in lots:
        part = min(lot.amount, amount)
        if part > 0:
            taken.append(Taken(lot.wallet_id, lot.bucket, lot.lot_id, part))
            amount -= part
    return taken
