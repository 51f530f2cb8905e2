"""Recommenders that are one matrix: the score of an item is a sum over what somebody bought.

score = base + sqrt(history) × weights + own × sqrt(history). BM25, EASE and the next basket differ in how the weights
are found. Weights are dense, items × items of eight bytes: 5,000 items are 200 MB, and three such while learning. Only
the most bought items up to that number take part; of the others nothing is learnt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

from dianke.insight.rules.recommending.baskets import Baskets, Floats, Integers, histories

MOST_ITEMS = 5_000
#: Of BM25: how soon further purchases of an item stop counting, how much long histories are held down, neighbours kept.
BM25_SATURATION, BM25_LENGTH, BM25_NEIGHBOURS = 1.2, 0.75, 50


@dataclass(frozen=True, slots=True)
class Linear:
    """`kept` (k,) are the items that take part, `weights` (k, k) from bought to recommended, `base` (items,) what is
    there without any history, `own` the weight of having bought the item itself."""

    name: str
    kept: Integers
    weights: Floats
    base: Floats
    own: float

    def scores(self, history: Any) -> Floats:
        """(n, items) dense for histories (n, items) CSR; hand in some hundred rows at once."""
        roots = history.sqrt()
        scores = np.tile(self.base, (history.shape[0], 1))
        if len(self.kept):
            scores[:, self.kept] += roots[:, self.kept] @ self.weights
        if self.own:
            scores += self.own * roots.toarray()
        return np.asarray(scores)


def learn_bm25(of: Baskets, most: int = MOST_ITEMS) -> Linear:
    """Items near each other by who bought them, counts weighted by BM25 (Robertson, Zaragoza 2009)."""
    kept, base = _kept(of, most)
    bought = sparse.csr_matrix(
        (np.ones(len(of.person)), (of.person, np.arange(len(of.person)))),
        shape=(len(of.people), len(of.person)),
    )
    counts = (bought @ of.rows[:, kept]).tocoo()
    length = np.asarray(counts.sum(axis=1)).ravel()
    holders = np.bincount(counts.col, minlength=len(kept))
    rarity = np.log(len(of.people)) - np.log1p(holders)
    norm = 1 - BM25_LENGTH + BM25_LENGTH * length / max(float(length.mean()), 1e-9)
    saturated = counts.data * (BM25_SATURATION + 1) / (BM25_SATURATION * norm[counts.row] + counts.data)
    weighted = sparse.csr_matrix(
        (saturated * rarity[counts.col], (counts.row, counts.col)), shape=counts.shape
    )
    weights = (weighted.T @ weighted).toarray()
    if len(kept) > BM25_NEIGHBOURS:
        least = np.partition(weights, -BM25_NEIGHBOURS, axis=1)[:, -BM25_NEIGHBOURS]
        weights[weights < least[:, None]] = 0
    return Linear("BM25", kept, weights, base * 1e-6, 0.0)


def learn_ease(of: Baskets, ridge: float = 1.0, most: int = MOST_ITEMS) -> Linear:
    """EASE (Steck 2019): each item from the others of its basket, B = I - P / diag(P), P = (X'X + λI)^-1.

    λ is `ridge` times the mean number of baskets an item is in.
    """
    kept, base = _kept(of, most)
    rows = of.rows[:, kept]
    together = (rows.T @ rows).toarray()
    inverse = _inverse(together, ridge)
    weights = inverse / -np.diag(inverse)[None, :]
    np.fill_diagonal(weights, 0.0)
    return Linear("EASE", kept, weights, base * 1e-6, 0.0)


def learn_next_basket(
    of: Baskets, half_life: float, ridge: float = 10.0, own: float = 0.2, most: int = MOST_ITEMS
) -> Linear:
    """What is in the next basket beyond its popularity, from the history up to it, by ridge regression.

    Like EASE a linear model of items by items, but its target lies after its features: it learns what is bought again
    and what is bought afterwards. W = (H'H + λI)^-1 H'(Y - 1 base'), H the square roots of histories, whose weights are
    halved every `half_life` days; λ is `ridge` times the mean of H'H's diagonal. `own` is added for the item itself,
    which the ridge holds down most.
    """
    kept, base = _kept(of, most)
    place = np.arange(len(of.person))
    later = np.flatnonzero(of.first < place)
    history = histories(of, of.first[later], later, of.day[later], half_life).sqrt()[:, kept]
    together = (history.T @ history).toarray()
    ahead = (history.T @ of.rows[later][:, kept]).toarray()
    ahead -= np.outer(np.asarray(history.sum(axis=0)).ravel(), base[kept])
    penalty = ridge * max(float(np.trace(together)) / max(len(kept), 1), 1e-9)
    together[np.diag_indices_from(together)] += penalty
    weights = cho_solve(cho_factor(together, overwrite_a=True), ahead) if len(kept) else ahead
    return Linear("NEXT_BASKET", kept, np.asarray(weights), base, own)


def popularity(of: Baskets) -> Floats:
    """Share of baskets that hold each item, (items,)."""
    return np.asarray(of.rows.sum(axis=0) / max(of.rows.shape[0], 1)).ravel()


def popularity_on(of: Baskets, day: int, half_life: float) -> Floats:
    """The same over baskets before `day`, each worth half per `half_life` days, (items,)."""
    before = of.day < day
    weights = np.where(before, 0.5 ** ((day - of.day) / half_life), 0.0)
    return np.asarray(weights @ of.rows).ravel() / max(float(weights.sum()), 1e-12)


def learn_popular(of: Baskets) -> Linear:
    """The same for everybody: what stands in most baskets."""
    return Linear("POPULAR", np.empty(0, dtype=np.int64), np.empty((0, 0)), popularity(of), 0.0)


def learn_recent(of: Baskets, day: int, half_life: float = 30.0) -> Linear:
    """The same for everybody: what stood in most baskets lately, as of `day`."""
    return Linear(
        "RECENT", np.empty(0, dtype=np.int64), np.empty((0, 0)), popularity_on(of, day, half_life), 0.0
    )


def learn_again(of: Baskets) -> Linear:
    """What the person bought most and last, then what everybody buys."""
    return Linear("AGAIN", np.empty(0, dtype=np.int64), np.empty((0, 0)), popularity(of) * 1e-3, 1.0)


def _kept(of: Baskets, most: int) -> tuple[Integers, Floats]:
    base = popularity(of)
    order = np.argsort(-base, kind="stable")[:most]
    return np.sort(order[base[order] > 0]), base


def _inverse(together: Floats, ridge: float) -> Floats:
    penalty = ridge * max(float(np.trace(together)) / max(len(together), 1), 1e-9)
    together[np.diag_indices_from(together)] += penalty
    return np.asarray(cho_solve(cho_factor(together, overwrite_a=True), np.eye(len(together))))
