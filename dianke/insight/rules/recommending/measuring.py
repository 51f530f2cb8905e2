"""How good ten recommendations are, measured on a basket that the recommender has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dianke.insight.rules.recommending.baskets import Floats, Integers


@dataclass(frozen=True, slots=True)
class Measured:
    """`recall` is the mean share of a basket that was recommended, `ndcg` the mean of discounted hits over the best
    possible, `coverage` the share of all items recommended to anybody."""

    recall: float
    ndcg: float
    coverage: float


def best(scores: Floats, count: int) -> Integers:
    """The places of the highest `count` scores, best first, (n, count); equal ones by place; -1 where -inf."""
    count = min(count, scores.shape[1])
    order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    return np.where(np.isneginf(np.take_along_axis(scores, order, axis=1)), -1, order)


def measured(recommended: Integers, baskets: Any) -> Measured:
    """Of `recommended` (n, k), best first, against `baskets` (n, items) CSR; rows with an empty basket are left out.

    NDCG after Järvelin, Kekäläinen (2002): a hit at place i is worth 1 / log2(i + 1), the best is hits first.
    """
    sizes = np.asarray(baskets.sum(axis=1)).ravel()
    rows = np.flatnonzero(sizes > 0)
    asked = recommended[rows]
    at = np.repeat(rows, asked.shape[1])
    hits = np.asarray(baskets[at, np.maximum(asked, 0).ravel()]).reshape(asked.shape) * (asked >= 0)
    worth = 1 / np.log2(np.arange(2, asked.shape[1] + 2))
    possible = np.append(0, np.cumsum(worth))[np.minimum(sizes[rows], asked.shape[1]).astype(np.int64)]
    return Measured(
        recall=float(np.mean(hits.sum(axis=1) / sizes[rows])),
        ndcg=float(np.mean((hits * worth).sum(axis=1) / possible)),
        coverage=len(np.unique(asked[asked >= 0])) / baskets.shape[1],
    )
