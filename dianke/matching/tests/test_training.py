from __future__ import annotations

import pytest

from bench.dirty_customers import customer_file
from dianke.matching.comparisons import CUSTOMERS
from dianke.matching.model import from_json, to_json
from dianke.matching.training import train


@pytest.mark.slow
def test_training_learns_without_labels_that_the_same_is_worth_more_than_different():
    table, _persons = customer_file(4_000, 5)
    model = train(table, random_pairs=2e5)
    for comparison in CUSTOMERS:
        if comparison.code in ("company", "gender"):
            continue  # four thousand records hold too few of the one, and half the town shares the other
        first = "EXACT" if comparison.code == "name" else comparison.levels[0].code
        best, worst = (comparison.level(code) for code in (first, comparison.levels[-1].code))
        assert model.base_weight(comparison, best) > 5 > 0 > model.base_weight(comparison, worst)
    assert 0.5 < model.rate < 5
    assert from_json(to_json(model)).chances.keys() == model.chances.keys()


def test_the_same_seed_makes_the_same_file():
    table, persons = customer_file(300, 5)
    again, same_persons = customer_file(300, 5)
    other, _persons = customer_file(300, 6)
    assert table.equals(again)
    assert persons == same_persons
    assert not table.equals(other)
