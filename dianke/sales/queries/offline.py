"""What is known of the tills of a store: up to where their sales arrived, and which are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dianke.sales.models import DeviceGap, DeviceJournal
from dianke.sales.rules.offline import Journal


@dataclass(frozen=True, slots=True)
class TillState:
    """`next_number` is what the device's next sale is to be called at least; `missing_count` how many numbers below
    it did not arrive."""

    contiguous: int
    highest: int
    missing_count: int
    next_number: int
    skew_seconds: int


def gaps_of(device_id: int) -> list[tuple[int, int]]:
    """First and last number of each run of sales that did not arrive although later ones did."""
    rows = DeviceGap.objects.filter(journal__device=device_id).order_by("first")
    return list(rows.values_list("first", "last"))


def journal_of(device_id: int) -> Journal:
    """As the rules see it; an empty one for a device nothing arrived from."""
    highest = DeviceJournal.objects.filter(device=device_id).values_list("highest", flat=True).first() or 0
    return Journal(highest, tuple(gaps_of(device_id)))


def state_of(device_id: int) -> TillState:
    """In two statements."""
    row = DeviceJournal.objects.filter(device=device_id).first()
    gaps = gaps_of(device_id)
    highest = row.highest if row else 0
    return TillState(
        contiguous=gaps[0][0] - 1 if gaps else highest,
        highest=highest,
        missing_count=_missing(gaps),
        next_number=highest + 1,
        skew_seconds=row.skew_seconds if row else 0,
    )


def _missing(gaps: Sequence[tuple[int, int]]) -> int:
    return sum(last - first + 1 for first, last in gaps)
