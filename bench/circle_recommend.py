"""Recommendations on the real data of a web shop: everybody's last basket, which nothing was taught by.

Data: UCI Online Retail (Chen 2015), December 2010 to August 2011, in ../shared or where DIANKE_ONLINE_RETAIL says. Left
out are cancellations, returns, lines without a customer or a price, and codes that are no goods (postage, fees).
What one customer bought on one day is a basket. The last basket of each customer with two or more is held out.

Which of our recommenders is shipped is decided by `learn`, which sees none of these baskets and judges by the ones
before them. ALS (package `implicit`) gets the best of the settings tried on the held-out baskets, in its favour.
"""

from __future__ import annotations

import csv
import gzip
import importlib
import os
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from bench.figures import Figure
from bench.kept import ROOT
from dianke.insight.rules.recommending import Baskets, Purchases, baskets_of, learn, learn_unowned
from dianke.insight.rules.recommending.baskets import Floats, Integers
from dianke.insight.rules.recommending.choosing import (
    LEARNERS,
    TEN,
    judged,
    judged_on_unowned,
    last_basket_histories,
    taught_by,
)
from dianke.insight.rules.recommending.measuring import Measured, best, measured

PLACE = "DIANKE_ONLINE_RETAIL"
USUAL = ROOT.parent / "shared" / "data" / "online-retail" / "2010-12-01_2011-08-31.csv.gz"
GOODS = re.compile(r"\d{5}")
#: Factors and regularisation tried for ALS, 15 rounds each, counts as confidence.
ALS_SETTINGS = ((32, 0.05), (64, 0.05), (64, 1.0), (128, 1.0))


def run(quick: bool) -> list[Figure]:
    """The `circle.recommend_…` figures; none, with a word about it, where the data are not there."""
    path = Path(os.environ.get(PLACE, USUAL))
    if not path.exists():
        sys.stderr.write(f"no figures: Online Retail is not at {path}; say where with {PLACE}=FILE.csv.gz\n")
        return []
    purchases = read(path)
    known = baskets_of(purchases)
    last = known.last()
    judges = last[known.first[last] < last]
    taught = taught_by(known)
    earlier = lines_of(taught)
    end = int(known.day.max()) + 1
    chosen, chosen_new = learn(earlier, day=end), learn_unowned(earlier, day=end)
    every = {name: judged(known, judges, name) for name in LEARNERS}
    new = {name: judged_on_unowned(known, judges, name) for name in LEARNERS}
    every["ALS"], new["ALS"] = als(known, judges, quick)
    figures = [
        Figure("circle.recommend_recall10", every[chosen.model.name].recall, ""),
        Figure("circle.recommend_ndcg10", every[chosen.model.name].ndcg, ""),
        Figure("circle.recommend_coverage", every[chosen.model.name].coverage, ""),
        Figure("circle.recommend_popularity_recall10", every["POPULAR"].recall, ""),
        Figure("circle.recommend_popularity_ndcg10", every["POPULAR"].ndcg, ""),
        Figure("circle.recommend_unowned_recall10", new[chosen_new.model.name].recall, ""),
        Figure("circle.recommend_unowned_ndcg10", new[chosen_new.model.name].ndcg, ""),
        Figure("circle.recommend_unowned_popularity_recall10", new["POPULAR"].recall, ""),
        Figure("circle.recommend_judges", len(judges), "people"),
        Figure("circle.recommend_items", known.rows.shape[1], "items"),
    ]
    for kind, results in (("", every), ("unowned_", new)):
        for name, result in results.items():
            figures += each(f"circle.recommend_{kind}{name.lower()}", result)
    return [
        *figures,
        Figure("circle.recommend_is_best", chosen.model.name == highest(every), ""),
        Figure("circle.recommend_unowned_is_best", chosen_new.model.name == highest(new), ""),
    ]


def each(name: str, result: Measured) -> list[Figure]:
    return [
        Figure(f"{name}_r10", result.recall, ""),
        Figure(f"{name}_n10", result.ndcg, ""),
        Figure(f"{name}_cover", result.coverage, ""),
    ]


def highest(results: dict[str, Measured]) -> str:
    return max(results, key=lambda name: results[name].recall)


def read(path: Path) -> Purchases:
    """The lines that were sold to a known customer."""
    customers, days, codes = zip(*sold(path), strict=True)
    names, items = np.unique(codes, return_inverse=True)
    return Purchases(np.array(customers), np.array(days), items.astype(np.int64), len(names))


def sold(path: Path) -> Iterator[tuple[int, int, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            code = line["StockCode"].upper()
            if (
                line["CustomerID"]
                and not line["InvoiceNo"].startswith("C")
                and int(line["Quantity"]) > 0
                and float(line["UnitPrice"]) > 0
                and GOODS.match(code)
            ):
                day = datetime.fromisoformat(line["InvoiceDate"]).toordinal()
                yield int(float(line["CustomerID"])), day, code


def lines_of(baskets: Baskets) -> Purchases:
    """Baskets as lines again."""
    lines = baskets.rows.tocoo()
    return Purchases(
        baskets.people[baskets.person[lines.row]],
        baskets.day[lines.row],
        lines.col.astype(np.int64),
        baskets.rows.shape[1],
    )


def als(known: Baskets, judges: Integers, quick: bool) -> tuple[Measured, Measured]:
    """Alternating least squares (Hu, Koren, Volinsky 2008), the best setting for each of both questions."""
    model = importlib.import_module("implicit.als").AlternatingLeastSquares
    sparse = importlib.import_module("scipy.sparse")
    taught = taught_by(known)
    bought = sparse.csr_matrix(
        (np.ones(len(taught.person)), (taught.person, np.arange(len(taught.person)))),
        shape=(len(known.people), len(taught.person)),
    )
    counts = (bought @ taught.rows).astype(np.float32).tocsr()
    baskets, owned = known.rows[judges], last_basket_histories(known, judges) > 0
    every, new = [], []
    for factors, regularisation in ALS_SETTINGS[:1] if quick else ALS_SETTINGS:
        fitted = model(
            factors=factors,
            regularization=regularisation,
            iterations=15,
            random_state=7,
            num_threads=1,
            use_gpu=False,
        )
        fitted.fit(counts, show_progress=False)
        scores = asked(fitted, known.person[judges])
        every.append(measured(best(scores, TEN), baskets))
        scores[owned.toarray()] = -np.inf
        new.append(measured(best(scores, TEN), baskets - baskets.multiply(owned)))
    return max(every, key=lambda one: one.recall), max(new, key=lambda one: one.recall)


def asked(fitted: Any, person: Integers) -> Floats:
    return np.asarray(fitted.user_factors[person] @ fitted.item_factors.T, dtype=np.float64)
