"""What is bought together, who buys alike, and what somebody will soon need again: recommendations one can explain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from dianke.insight.rules.recommending.baskets import Baskets, Floats, Integers

#: As many intervals of the person's own as weigh like what everybody does.
OWN_INTERVALS = 2.0


@dataclass(frozen=True, slots=True)
class Pairs:
    """(k,) each, strongest first: `then` is bought with `item` in `together` baskets.

    `support` is the share of all baskets with both, `confidence` the share of those with `item` that hold `then`,
    `lift` how many times more often than if they had nothing to do with each other (Agrawal, Imieliński, Swami 1993).
    """

    item: Integers
    then: Integers
    together: Integers
    support: Floats
    confidence: Floats
    lift: Floats


def pairs_of(of: Baskets, least_together: int = 5, least_lift: float = 1.0) -> Pairs:
    """Both directions of every pair in at least `least_together` baskets with a lift above `least_lift`."""
    baskets = max(of.rows.shape[0], 1)
    counts = np.asarray(of.rows.sum(axis=0)).ravel()
    both = sparse.coo_matrix(of.rows.T @ of.rows)
    lift = both.data * baskets / (counts[both.row] * counts[both.col])
    found = np.flatnonzero((both.row != both.col) & (both.data >= least_together) & (lift > least_lift))
    order = found[np.lexsort((both.col[found], both.row[found], -lift[found]))]
    together, item = both.data[order], both.row[order].astype(np.int64)
    return Pairs(
        item=item,
        then=both.col[order].astype(np.int64),
        together=together.astype(np.int64),
        support=together / baskets,
        confidence=together / counts[item],
        lift=lift[order],
    )


@dataclass(frozen=True, slots=True)
class Alike:
    """`people` (n, k), most alike first, -1 where there are fewer; `likeness` (n, k) from 0 to 1."""

    people: Integers
    likeness: Floats


def similar_customers(asked: Any, everybody: Any, count: int, itself: Integers) -> Alike:
    """Who of `everybody` (p, items) CSR bought most like each of `asked` (n, items) CSR; `itself` (n,) is left out.

    The cosine of histories, items weighted by the logarithm of their rarity: what all buy tells nothing. Needs 8 n p
    bytes: ask for a few of a large shop at once.
    """
    holders = np.asarray((everybody > 0).sum(axis=0)).ravel()
    rarity = np.log((1 + everybody.shape[0]) / (1 + holders))
    left, right = (_unit(history.sqrt().multiply(rarity).tocsr()) for history in (asked, everybody))
    likeness = np.asarray((left @ right.T).todense())
    likeness[np.arange(len(itself)), itself] = -1.0
    order = np.argsort(-likeness, axis=1, kind="stable")[:, :count]
    found = np.take_along_axis(likeness, order, axis=1)
    return Alike(np.where(found > 0, order, -1), np.maximum(found, 0.0))


@dataclass(frozen=True, slots=True)
class Due:
    """(k,) each: the person's next purchase of the item is expected on `day`; `interval` days after the last, from
    `times` purchases of the person's own."""

    person: Integers
    item: Integers
    day: Floats
    interval: Floats
    times: Integers


def due_again(of: Baskets, least_people: int = 5) -> Due:
    """When people buy items again that at least `least_people` people bought again.

    The median of everybody's intervals of the item and the person's own mean, as 2 to the number of own intervals.
    """
    lines = of.rows.tocoo()
    order = np.lexsort((of.day[lines.row], lines.col, of.person[lines.row]))
    person, item, day = (
        of.person[lines.row][order],
        lines.col[order].astype(np.int64),
        of.day[lines.row][order],
    )
    again = np.flatnonzero((person[1:] == person[:-1]) & (item[1:] == item[:-1])) + 1
    gap = (day[again] - day[again - 1]).astype(np.float64)
    usual = np.full(of.rows.shape[1], np.nan)
    by_item = again[np.argsort(item[again], kind="stable")]
    several, start = np.unique(item[by_item], return_index=True)
    gaps = (day[by_item] - day[by_item - 1]).astype(np.float64)
    if not len(several):
        nobody, never = np.empty(0, dtype=np.int64), np.empty(0)
        return Due(nobody, nobody, never, never, nobody)
    for one, part, who in zip(
        several, np.split(gaps, start[1:]), np.split(person[by_item], start[1:]), strict=True
    ):
        if len(np.unique(who)) >= least_people:
            usual[one] = np.median(part)
    ends = np.flatnonzero(np.append((person[1:] != person[:-1]) | (item[1:] != item[:-1]), True))
    group = np.searchsorted(ends, again)
    intervals = np.bincount(group, minlength=len(ends)).astype(np.float64)
    total = np.bincount(group, weights=gap, minlength=len(ends))
    expected = (OWN_INTERVALS * usual[item[ends]] + total) / (OWN_INTERVALS + intervals)
    told = np.isfinite(expected)
    return Due(
        person=person[ends][told],
        item=item[ends][told],
        day=(day[ends] + expected)[told],
        interval=expected[told],
        times=(intervals[told] + 1).astype(np.int64),
    )


def _unit(rows: Any) -> Any:
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return sparse.diags(np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)) @ rows
