"""By which tenders money goes back: the way it came, the last payment first, each up to what it was; cash last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A payment money can go back to: `left` of it has not been given back. `rank`: the larger goes first (a channel
    before cash). `fallback` is taken when the window of the channel (`is_open` false) is over."""

    payment_id: int
    position: int
    tender_code: str
    left: int
    rank: int
    is_open: bool = True
    fallback_code: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """`tender_code` is by what it goes back; `primary_code` by what it was paid."""

    payment_id: int
    tender_code: str
    primary_code: str
    amount: int

    @property
    def is_fallback(self) -> bool:
        return self.tender_code != self.primary_code


def plan(amount: int, sources: Sequence[Source]) -> list[Part]:
    """The parts of a refund. No payment gives back more than it was; what no payment covers is not in the plan, so the
    caller compares the sums."""
    parts = []
    for source in sorted(sources, key=lambda each: (-each.rank, -each.position)):
        part = min(source.left, amount)
        if part <= 0:
            continue
        amount -= part
        by = source.tender_code if source.is_open else source.fallback_code or source.tender_code
        parts.append(Part(source.payment_id, by, source.tender_code, part))
    return parts


def kept_back(deposit: int, wanted: int) -> int:
    """Of a deposit that is lost by rule, what can be kept."""
    return max(0, min(deposit, wanted))
