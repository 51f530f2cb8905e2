"""Scores and groups: ties, bounds, every group reached; the expressions give what the rules say."""

from __future__ import annotations

import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.insight.models import ValueGroup
from dianke.insight.rules import scores as rules
from dianke.insight.rules.worth import grouped, scored, scored_by

VALUES = st.lists(st.integers(-5, 40), min_size=1, max_size=60)


@given(VALUES)
def test_equal_values_have_equal_scores_and_more_is_never_worse(values):
    found = dict(zip(values, rules.scores(values), strict=True))
    assert rules.scores(values) == [found[value] for value in values]
    ordered = sorted(found)
    assert [found[value] for value in ordered] == sorted(found.values())
    assert set(found.values()) <= {1, 2, 3, 4, 5}
    assert found[ordered[0]] == 1


@given(VALUES)
def test_bounds_give_the_scores_they_were_made_of(values):
    limits = rules.bounds(values)
    assert [rules.score_by(limits, value) for value in values] == rules.scores(values)


def test_scores_are_fifths():
    assert rules.scores(list(range(10))) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    # Seven bought once, two twice, one thrice: nobody has two or three.
    assert rules.scores([1] * 7 + [2, 2, 3]) == [1] * 7 + [4, 4, 5]
    assert rules.scores([8]) == [1]


def test_every_group_is_reached_and_known():
    reached = {
        rules.group_of(r, f, m, orders)
        for r in range(1, 6)
        for f in range(1, 6)
        for m in range(1, 6)
        for orders in (1, 4)
    }
    assert reached == set(ValueGroup.values)


@pytest.mark.parametrize(
    ("recency", "frequency", "money", "orders", "group"),
    [
        (5, 5, 5, 9, "CHAMPION"),
        (5, 4, 4, 5, "CHAMPION"),
        (4, 4, 4, 5, "LOYAL"),
        (3, 5, 4, 6, "LOYAL"),
        (5, 1, 5, 1, "NEW"),
        (4, 1, 1, 1, "NEW"),
        (4, 3, 2, 2, "PROMISING"),
        (3, 1, 4, 1, "ATTENTION"),
        (3, 1, 1, 1, "SLIPPING"),
        (2, 5, 5, 8, "AT_RISK"),
        (1, 4, 5, 6, "CANT_LOSE"),
        (2, 1, 1, 1, "DORMANT"),
        (1, 1, 1, 1, "LOST"),
    ],
)
def test_groups_of_the_table(recency, frequency, money, orders, group):
    assert rules.group_of(recency, frequency, money, orders) == group


def test_the_expressions_score_and_group_as_the_rules_do():
    rows = [
        {
            "head_id": n,
            "last_date": n * 7 % 13,
            "order_count": 1 + (n % 9 == 0) * n,
            "spend_amount": n * n % 31,
        }
        for n in range(1, 80)
    ]
    columns = {"recency_score": "last_date", "frequency_score": "order_count", "money_score": "spend_amount"}
    table = ibis.memtable(rows)
    engine = ibis.duckdb.connect()
    found = {row["head_id"]: row for row in engine.to_pyarrow(grouped(scored(table))).to_pylist()}
    for score, column in columns.items():
        wanted = rules.scores([row[column] for row in rows])
        assert [found[row["head_id"]][score] for row in rows] == wanted
    for row in found.values():
        triple = (row["recency_score"], row["frequency_score"], row["money_score"])
        assert row["value_group"] == rules.group_of(*triple, row["order_count"])
    limits = {score: rules.bounds([row[column] for row in rows]) for score, column in columns.items()}
    again = {row["head_id"]: row for row in engine.to_pyarrow(grouped(scored_by(table, limits))).to_pylist()}
    assert again == found
