"""Which recommender is used: all are asked for each person's last basket, without having seen it; the best is kept.

Learning: baskets but everybody's last teach the candidates, the last basket of those who have two or more judges them
by Recall@10, then the winner learns from all. Where too few came twice, everybody gets what is popular lately.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dianke.insight.rules.recommending.baskets import (
    Baskets,
    Flags,
    Floats,
    Integers,
    Purchases,
    baskets_of,
    histories,
)
from dianke.insight.rules.recommending.linear import (
    Linear,
    learn_again,
    learn_bm25,
    learn_ease,
    learn_next_basket,
    learn_popular,
    learn_recent,
)
from dianke.insight.rules.recommending.measuring import Measured, best, measured

#: History of this many days ago counts half.
HALF_LIFE = 120.0
#: Below so many people with two baskets nothing personal is learnt.
LEAST_RETURNING = 100
#: At most so many people judge.
MOST_JUDGES = 2_000
TEN = 10
_AT_ONCE = 500

Learn = Callable[[Baskets, int], Linear]
LEARNERS: dict[str, Learn] = {
    "POPULAR": lambda of, _day: learn_popular(of),
    "RECENT": learn_recent,
    "AGAIN": lambda of, _day: learn_again(of),
    "BM25": lambda of, _day: learn_bm25(of),
    "EASE": lambda of, _day: learn_ease(of),
    "NEXT_BASKET": lambda of, _day: learn_next_basket(of, HALF_LIFE),
}


@dataclass(frozen=True, slots=True)
class Learnt:
    """The recommender in use and how all did; `tested` is empty where too few came twice (`returning` people)."""

    model: Linear
    tested: dict[str, Measured]
    returning: int


@dataclass(frozen=True, slots=True)
class Recommended:
    """(n, k) each, best first: `items`, -1 where none is left; `because` is the bought item that speaks most for it
    (itself when it is recommended again), -1 where only its popularity does."""

    items: Integers
    scores: Floats
    because: Integers


def learn(purchases: Purchases, *, day: int) -> Learnt:
    """The recommender that best told last baskets, taught by all purchases before `day`; deterministic."""
    return _learn(purchases, day, judged)


def learn_unowned(purchases: Purchases, *, day: int) -> Learnt:
    """The recommender that best told what people bought for the first time, for trades where nobody buys a piece twice.

    Its recommendations are to be asked with what is owned in `refused`.
    """
    return _learn(purchases, day, judged_on_unowned)


def recommend(
    model: Linear,
    history: Any,
    count: int = TEN,
    *,
    offered: Flags | None = None,
    refused: Flags | None = None,
) -> Recommended:
    """For histories (n, items) CSR, as `histories_of_people` gives them with `HALF_LIFE`.

    `offered` (items,) is what may be recommended at all (in stock, on sale); `refused` (n, items) what not to whom:
    owned already, contraindicated, declined.
    """
    items, scores, because = [], [], []
    for start in range(0, history.shape[0], _AT_ONCE):
        rows = history[start : start + _AT_ONCE]
        score = model.scores(rows)
        if offered is not None:
            score[:, ~offered] = -np.inf
        if refused is not None:
            score[refused[start : start + _AT_ONCE]] = -np.inf
        told = best(score, count)
        items.append(told)
        scores.append(np.where(told >= 0, np.take_along_axis(score, np.maximum(told, 0), axis=1), np.nan))
        because.append(_because(model, rows, told))
    if not items:
        empty = np.empty((0, count), dtype=np.int64)
        return Recommended(empty, np.empty((0, count)), empty)
    return Recommended(np.concatenate(items), np.concatenate(scores), np.concatenate(because))


def last_basket_histories(of: Baskets, asked: Integers) -> Any:
    """(n, items) CSR: what the people of the baskets `asked` (n,) had bought before them."""
    return histories(of, of.first[asked], asked, of.day[asked], HALF_LIFE)


def judged(known: Baskets, judges: Integers, name: str) -> Measured:
    """A candidate on the baskets `judges` (n,), people's last ones, taught by all that are nobody's last."""
    return measured(best(_asked(known, judges, name), TEN), known.rows[judges])


def judged_on_unowned(known: Baskets, judges: Integers, name: str) -> Measured:
    """The same on what the person had not bought before, with all that was refused."""
    owned = last_basket_histories(known, judges) > 0
    scores = _asked(known, judges, name)
    scores[owned.toarray()] = -np.inf
    baskets = known.rows[judges]
    return measured(best(scores, TEN), baskets - baskets.multiply(owned))


def taught_by(known: Baskets) -> Baskets:
    """All baskets but the last of those who have two or more."""
    last = known.last()
    keep = np.ones(len(known.person), dtype=np.bool_)
    keep[last] = known.first[last] == last
    return known.only(keep)


def _learn(purchases: Purchases, day: int, test: Callable[[Baskets, Integers, str], Measured]) -> Learnt:
    early = purchases.days < day
    known = baskets_of(
        Purchases(purchases.customers[early], purchases.days[early], purchases.bought[early], purchases.items)
    )
    last = known.last()
    judges = last[known.first[last] < last]
    returning = len(judges)
    if returning < LEAST_RETURNING:
        return Learnt(learn_recent(known, day), {}, returning)
    judges = judges[np.linspace(0, returning - 1, min(returning, MOST_JUDGES)).astype(np.int64)]
    results = {name: test(known, judges, name) for name in LEARNERS}
    chosen = max(results, key=lambda name: results[name].recall)
    return Learnt(LEARNERS[chosen](known, day), results, returning)


def _asked(known: Baskets, judges: Integers, name: str) -> Floats:
    """Scores (n, items) of a candidate for the baskets `judges` (n,).

    What is popular lately is asked as of the day of each basket: it would otherwise know the season to come.
    """
    taught = taught_by(known)
    if name == "RECENT":
        days, place = np.unique(known.day[judges], return_inverse=True)
        return np.array([learn_recent(taught, int(one)).base for one in days])[place]
    return LEARNERS[name](taught, int(known.day.max())).scores(last_basket_histories(known, judges))


def _because(model: Linear, history: Any, items: Integers) -> Integers:
    """The bought item with the largest share in each score, (n, k)."""
    place = np.full(history.shape[1], -1)
    place[model.kept] = np.arange(len(model.kept))
    because = np.full(items.shape, -1, dtype=np.int64)
    roots = history.sqrt().tocsr()
    for row in range(len(items)):
        bought = roots.indices[roots.indptr[row] : roots.indptr[row + 1]]
        strength = roots.data[roots.indptr[row] : roots.indptr[row + 1]]
        if not len(bought):
            continue
        wanted = items[row]
        share = model.own * strength[:, None] * (bought[:, None] == wanted[None, :])
        known, asked = place[bought] >= 0, (wanted >= 0) & (place[wanted] >= 0)
        if known.any() and asked.any():
            weights = model.weights[np.ix_(place[bought[known]], place[wanted[asked]])]
            share[np.ix_(known, asked)] += strength[known, None] * weights
        most = share.argmax(axis=0)
        speaks = (share[most, np.arange(len(wanted))] > 0) & (wanted >= 0)
        because[row, speaks] = bought[most[speaks]]
    return because
