"""What to propose to whom, worked out for everybody at once: what is due again, what the recommender that proved best
says of goods somebody does not have, what goes with what they bought, and what people have who buy alike.

Each proposal carries the count that explains it, and nothing is proposed on less than a least number of cases.
docs/algorithms/recommendations.md
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import sparse

from dianke.insight.rules.holding import AHEAD, PATIENCE
from dianke.insight.rules.recommending import (
    HALF_LIFE,
    Baskets,
    Learnt,
    Pairs,
    Purchases,
    baskets_of,
    due_again,
    histories_of_people,
    learn_unowned,
    pairs_of,
    recommend,
    similar_customers,
)
from dianke.insight.rules.recommending.baskets import Flags, Integers
from dianke.insight.rules.recommending.linear import Linear

#: Kept per person, and per product of what goes with it.
MOST, MOST_PAIRS = 12, 10
#: Only the most bought goods take part, and people who bought within a year, the latest first.
MOST_ITEMS, MOST_PEOPLE, LATEST_DAYS = 5_000, 100_000, 365
#: A reason needs so many people who have the one and so many of them who have the other.
LEAST_WITH, LEAST_BOTH = 5, 3
#: People who buy alike: so many are looked at, and at most so many compared with each other.
ALIKE, MOST_COMPARED, LEAST_LIKENESS = 20, 5_000, 0.1
DUE, TOGETHER, LIKE = "DUE", "TOGETHER", "ALIKE"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Row:
    """`person`, `item`, `because` are the numbers they have in `Purchases`; `because` -1: nothing single. Counts as in
    `models.Proposal`."""

    person: int
    item: int
    kind: str
    because: int = -1
    part: int = 0
    whole: int = 0
    interval: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """How the proposals came about: the recommender in use ("" where too few came twice to choose one), how all did on
    the last baskets, people who came twice, people something is proposed to, pairs."""

    chosen: str
    tested: dict[str, dict[str, float]]
    returning: int
    people: int = 0
    pairs: int = 0


def told(learnt: Learnt, people: int, pairs: int) -> dict[str, Any]:
    tested = {name: asdict(one) for name, one in learnt.tested.items()}
    return asdict(Told(learnt.model.name if tested else "", tested, learnt.returning, people, pairs))


class Proposing:
    """Everything that was learnt from purchases up to and with `day`; `offered` (items,) may be proposed."""

    def __init__(self, purchases: Purchases, *, day: int, offered: Flags) -> None:
        self.day, self.offered = day, offered
        self.baskets = baskets_of(purchases)
        self.learnt = learn_unowned(purchases, day=day + 1)
        self.pairs = strongest(pairs_of(self.baskets))
        self.owned = owned_of(self.baskets)
        self._holders = np.asarray(self.owned.sum(axis=0)).ravel()
        self._both = (self.owned.T @ self.owned).tocsr()
        self._with = _as_recommender(self.pairs, purchases.items)
        self._pair_counts = {
            (int(item), int(then)): (int(part), round(part / share))
            for item, then, part, share in zip(
                self.pairs.item, self.pairs.then, self.pairs.together, self.pairs.confidence, strict=True
            )
        }
        self._people_counts: dict[tuple[int, int], tuple[int, int]] = {}
        self._due = self._due_rows()

    def rows(self) -> Iterator[list[Row]]:
        """The proposals of each person who bought lately, best first; nobody without any."""
        last = self.baskets.day[self.baskets.last()]
        asked = np.flatnonzero(last > self.day - LATEST_DAYS)
        asked = np.sort(asked[np.argsort(-last[asked], kind="stable")][:MOST_PEOPLE])
        compared = len(self.baskets.people) <= MOST_COMPARED and not self.learnt.tested
        everybody = histories_of_people(
            self.baskets, np.arange(len(self.baskets.people)), self.day, HALF_LIFE
        )
        for start in range(0, len(asked), _AT_ONCE):
            people = asked[start : start + _AT_ONCE]
            history = everybody[people]
            found = [self._due.get(int(person), []) for person in people]
            if self.learnt.tested:
                _join(found, self._learnt_rows(people, history))
            _join(found, self._pair_rows(people, history))
            if compared:
                _join(found, self._alike_rows(people, history, everybody))
            yield from (rows[:MOST] for rows in found if rows)

    def _due_rows(self) -> dict[int, list[Row]]:
        due = due_again(self.baskets)
        late = self.day - due.day
        is_now = (late >= -AHEAD) & (late <= np.maximum(due.interval, PATIENCE)) & self.offered[due.item]
        found: dict[int, list[Row]] = {}
        for at in np.flatnonzero(is_now)[np.argsort(due.day[is_now], kind="stable")]:
            person = int(due.person[at])
            row = Row(
                person, int(due.item[at]), DUE, -1, int(due.times[at]), 0, max(round(due.interval[at]), 1)
            )
            found.setdefault(person, []).append(row)
        return found

    def _learnt_rows(self, people: Integers, history: Any) -> list[list[Row]]:
        """What the chosen recommender says, where the purchase that speaks for it has cases enough."""
        said = recommend(
            self.learnt.model, history, 2 * MOST, offered=self.offered, refused=self._refused(people)
        )
        return [
            [
                row
                for item, because in zip(said.items[at], said.because[at], strict=True)
                if item >= 0 and because >= 0
                if (row := self._explained(int(person), int(item), int(because))) is not None
            ]
            for at, person in enumerate(people)
        ]

    def _explained(self, person: int, item: int, because: int) -> Row | None:
        if (pair := self._pair_counts.get((because, item))) is not None:
            return Row(person, item, TOGETHER, because, *pair)
        if (because, item) not in self._people_counts:
            counted = int(self._both[because, item]), int(self._holders[because])
            self._people_counts[because, item] = counted
        both, whole = self._people_counts[because, item]
        if both < LEAST_BOTH or whole < LEAST_WITH:
            return None
        return Row(person, item, LIKE, because, both, whole)

    def _pair_rows(self, people: Integers, history: Any) -> list[list[Row]]:
        """What is bought together with what they have, the strongest by how lately and often they bought that."""
        refused = self._refused(people)
        said = recommend(self._with, history, MOST, offered=self.offered, refused=refused)
        return [
            [
                Row(
                    int(person),
                    int(item),
                    TOGETHER,
                    int(because),
                    *self._pair_counts[int(because), int(item)],
                )
                for item, because, score in zip(
                    said.items[at], said.because[at], said.scores[at], strict=True
                )
                if item >= 0 and because >= 0 and score > 0
            ]
            for at, person in enumerate(people)
        ]

    def _alike_rows(self, people: Integers, history: Any, everybody: Any) -> list[list[Row]]:
        """What most of those have who buy alike."""
        alike = similar_customers(history, everybody, ALIKE, people)
        found: list[list[Row]] = []
        for at, person in enumerate(people):
            near = alike.people[at][alike.likeness[at] >= LEAST_LIKENESS]
            if len(near) < LEAST_WITH:
                found.append([])
                continue
            has = self.owned[person].toarray().ravel() > 0
            counts = np.asarray(self.owned[near].sum(axis=0)).ravel() * (self.offered & ~has)
            best = np.argsort(-counts, kind="stable")[:MOST]
            rows = [Row(int(person), int(item), LIKE, -1, int(counts[item]), len(near)) for item in best]
            found.append([row for row in rows if row.part >= LEAST_BOTH])
        return found

    def _refused(self, people: Integers) -> Flags:
        return np.asarray(self.owned[people].toarray() > 0)


def strongest(pairs: Pairs, most: int = MOST_PAIRS) -> Pairs:
    """The `most` pairs of each item, by lift."""
    order = np.lexsort((np.arange(len(pairs.item)), pairs.item))
    starts = np.searchsorted(pairs.item[order], pairs.item[order], side="left")
    keep = np.sort(order[np.arange(len(order)) - starts < most])
    return Pairs(*(getattr(pairs, name)[keep] for name in Pairs.__slots__))


def _as_recommender(pairs: Pairs, items: int) -> Linear:
    """What is bought together as weights: the share of the times the one was bought that the other was too."""
    kept = np.unique(np.concatenate([pairs.item, pairs.then]))
    weights = np.zeros((len(kept), len(kept)))
    weights[np.searchsorted(kept, pairs.item), np.searchsorted(kept, pairs.then)] = pairs.confidence
    return Linear("TOGETHER", kept, weights, np.zeros(items), own=0.0)


def owned_of(of: Baskets) -> Any:
    """(people, items) CSR of ones: who ever bought what."""
    count = len(of.person)
    whose = sparse.csr_matrix((np.ones(count), (of.person, np.arange(count))), shape=(len(of.people), count))
    owned = (whose @ of.rows).tocsr()
    owned.data[:] = 1
    return owned


def most_bought(items: Integers, most: int = MOST_ITEMS) -> Integers:
    """The goods that take part, of those bought (n,), sorted."""
    found, counts = np.unique(items, return_counts=True)
    return np.sort(found[np.argsort(-counts, kind="stable")][:most])


def _join(found: list[list[Row]], more: list[list[Row]]) -> None:
    """Behind what stands, each item once."""
    for at, rows in enumerate(more):
        seen = {row.item for row in found[at]}
        found[at] = [*found[at], *(row for row in rows if row.item not in seen)]
