"""Matching the rows of a channel's bill with our payments and refunds: by number, then amounts compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BillRow:
    """A row of the bill; a refund has an amount below zero."""

    reference: str
    amount: int


@dataclass(frozen=True, slots=True)
class Ours:
    """A payment or a refund (`what`) of ours; a refund below zero."""

    what: str
    id: int
    reference: str
    amount: int


@dataclass(frozen=True, slots=True)
class Match:
    reference: str
    state: str
    channel_amount: int | None = None
    our_amount: int | None = None
    what: str = ""
    our_id: int | None = None


def compare(bill: Sequence[BillRow], ours: Sequence[Ours]) -> list[Match]:
    """Every row of both sides once. Under one number the same amounts match first, then what is left in its order; a
    payment and a refund never match each other."""
    mine: dict[tuple[str, bool], list[Ours]] = defaultdict(list)
    for each in ours:
        mine[each.reference, each.amount >= 0].append(each)
    found: list[Match] = []
    later: list[BillRow] = []
    for row in bill:
        waiting = mine[row.reference, row.amount >= 0]
        same = next((each for each in waiting if each.amount == row.amount), None)
        if same is None:
            later.append(row)
            continue
        waiting.remove(same)
        found.append(Match(row.reference, "MATCHED", row.amount, same.amount, same.what, same.id))
    for row in later:
        waiting = mine[row.reference, row.amount >= 0] if row.reference else []
        if waiting:
            other = waiting.pop(0)
            found.append(
                Match(row.reference, "AMOUNT_DIFFERS", row.amount, other.amount, other.what, other.id)
            )
        else:
            found.append(Match(row.reference, "MISSING_HERE", row.amount))
    found += [
        Match(each.reference, "MISSING_THERE", None, each.amount, each.what, each.id)
        for waiting in mine.values()
        for each in waiting
    ]
    return sorted(found, key=lambda match: (match.reference, match.state, match.our_id or 0))
