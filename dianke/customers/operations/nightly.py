"""Matching everybody with everybody, at night: what is sure becomes one profile, what is likely waits for a person.

The profiles are read in pieces, compared by the engine outside any transaction, and what it found is kept in batches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dianke.core.actor import Actor
from dianke.customers.models import Customer, MatchPair, PairState
from dianke.customers.operations.matching import keep_pair, link_sure_pairs
from dianke.customers.queries.duplicates import IN_USE
from dianke.customers.queries.matching import told_apart
from dianke.customers.queries.snapshots import record_of
from dianke.events.operations import operation, record, unchanged
from dianke.matching.model import Model
from dianke.matching.scoring import score

PIECE = 5000  # profiles opened at once
BATCH = 500  # pairs kept in one transaction
#: Nobody looks through more in a day; the rest comes when these are done. The likeliest first.
MOST_WAITING = 20_000
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class BulkRun:
    """What a night brought: profiles compared, pairs kept for review, profiles joined."""

    profiles: int
    pairs: int
    joined: int


def match_in_bulk(*, actor: Actor, now: datetime, on_progress: Progress | None = None) -> BulkRun:
    """Compare all profiles in use; pairs somebody told apart are left alone. Runs as the system."""
    import pyarrow as pa

    from dianke.matching.bulk import match_all, table_of

    pieces = [table_of(record_of(heads).values()) for heads in _heads()]
    if not pieces:
        return BulkRun(0, 0, 0)
    found = match_all(pa.concat_tables(pieces), apart=told_apart(), on_progress=on_progress)
    rows = found.pairs.select(["left", "right", "decision"]).to_pylist()
    kept = joined = 0
    for start in range(0, min(len(rows), MOST_WAITING), BATCH):
        batch = rows[start : min(start + BATCH, MOST_WAITING)]
        pairs = keep_found_pairs(pairs=_ids(batch), model=found.model, actor=actor, now=now)
        kept += len(pairs)
        joined += link_sure_pairs(pairs, actor=actor, now=now, model=found.model)
    return BulkRun(found.records, kept, joined)


def _heads() -> list[list[int]]:
    pks = list(Customer.objects.heads().filter(state__in=IN_USE).order_by("pk").values_list("pk", flat=True))
    return [pks[start : start + PIECE] for start in range(0, len(pks), PIECE)]


def _ids(rows: Sequence[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(int(row["left"]), int(row["right"])) for row in rows]


@operation("customers.review_matches")
def keep_found_pairs(
    *, pairs: Sequence[tuple[int, int]], model: Model, actor: Actor, now: datetime
) -> list[MatchPair]:
    """Keep a batch of pairs the engine found, newly scored with its reasons; gives those that wait now."""
    wanted = {pk for pair in pairs for pk in pair}
    unmerged = Customer.objects.heads().filter(pk__in=wanted, state__in=IN_USE)
    records = record_of(list(unmerged.values_list("pk", flat=True)))
    kept = [
        keep_pair(
            records[left],
            records[right],
            score(records[left], records[right], model),
            version=model.version,
            now=now,
        )
        for left, right in pairs
        if left in records and right in records
    ]
    waiting = [pair for pair in kept if pair.state == PairState.WAITING]
    if not waiting:
        unchanged()
        return []
    record(
        "customers.pairs_found",
        f"customers.matching:{now:%Y-%m-%d}",
        actor=actor,
        now=now,
        data={"count": len(waiting)},
    )
    return waiting
