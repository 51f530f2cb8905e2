"""The worked tables of docs/algorithms are what the rules compute."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from dianke.insight.rules.holding import due_on, is_due
from dianke.insight.rules.recommending import Purchases, baskets_of, pairs_of
from dianke.insight.rules.recommending.choosing import HALF_LIFE, LEARNERS
from dianke.insight.rules.value.bgnbd import BetaGeometric
from dianke.insight.rules.value.choosing import MODELS, OWN_RATE
from dianke.insight.rules.value.pareto import ParetoNBD
from dianke.insight.rules.value.spending import GammaGamma
from dianke.insight.rules.value.worth import none_within, worth_within

PAGES = Path(__file__).parents[3] / "docs" / "algorithms"
VALUE, RECOMMENDING = (
    (PAGES / name).read_text(encoding="utf-8") for name in ("value-model.md", "recommendations.md")
)
GEOMETRIC = BetaGeometric(0.243, 4.414, 0.793, 2.426)


def table(page: str, heading: str) -> list[list[str]]:
    """The rows under the table whose head begins so."""
    rows = page.split(f"\n{heading}")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def numbers(rows: list[list[str]]) -> np.ndarray:
    return np.array(rows, dtype=float).T


def test_the_four_people_are_as_told():
    rows = table(VALUE, "| x | t | T ")
    x, tx, age, *_told = numbers(rows)
    pareto = ParetoNBD(0.553, 10.578, 0.606, 11.669)
    columns = (x, tx, age)
    overdue = 1 - ((pareto.alpha + tx) / (pareto.alpha + age)) ** (pareto.r + x)
    told = zip(
        GEOMETRIC.alive(*columns),
        GEOMETRIC.expected(39, *columns),
        pareto.alive(*columns),
        pareto.expected(39, *columns),
        none_within(pareto, 39, np.ones(4), *columns),
        overdue,
        strict=True,
    )
    assert [row[3:9] for row in rows] == [[f"{one:.3f}" for one in person] for person in told]
    half = (pareto.alpha + age) * (2 ** (1 / (pareto.r + x)) - 1)
    assert [row[9] for row in rows] == [f"{one:.1f}" for one in half]


def test_their_year_is_as_told():
    rows = table(VALUE, "| x | mean of visits")
    x, mean, *_told = numbers(rows)
    _x, tx, age, *_told = numbers(table(VALUE, "| x | t | T "))
    spend = GammaGamma(6.25, 3.74, 15.44).of(x + 1, mean)
    in_days = ParetoNBD(0.553, 7 * 10.578, 0.606, 7 * 11.669)
    worth = worth_within(in_days, spend, 365, np.ones(4), x, 7 * tx, 7 * age)
    told = zip(spend.mean, worth.nothing, worth.mean, worth.low, worth.high, strict=True)
    assert [row[2:] for row in rows] == [
        [f"{each:.2f}", f"{none:.3f}", f"{value:.2f}", f"{low:.2f}", f"{high:.2f}"]
        for each, none, value, low, high in told
    ]


def test_every_model_is_named():
    assert {row[0].strip("`") for row in table(VALUE, "| name | thinks")} == {*MODELS, OWN_RATE}
    assert [row[0].strip("`") for row in table(RECOMMENDING, "| name | weights")] == list(LEARNERS)
    assert f"every {HALF_LIFE:.0f} days" in RECOMMENDING


def test_the_pair_is_as_told():
    lines = np.array([(1, 1, 0), (1, 1, 1), (2, 2, 0), (2, 2, 1), (3, 3, 2), (1, 11, 3)])
    pairs = pairs_of(baskets_of(Purchases(lines[:, 0], lines[:, 1], lines[:, 2], 4)), least_together=2)
    together, *shares = table(RECOMMENDING, "| pair | together")[0][1:]
    assert int(together) == pairs.together[0]
    assert shares == [f"{one[0]:.2f}" for one in (pairs.support, pairs.confidence, pairs.lift)]


def test_what_is_due_is_as_told():
    for last, interval, due, today, said in table(RECOMMENDING, "| last bought | interval"):
        expected = due_on(date.fromisoformat(last), int(interval))
        assert expected == date.fromisoformat(due)
        assert is_due(expected, int(interval), date.fromisoformat(today)) is (said == "yes"), last
