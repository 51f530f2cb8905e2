"""Whole units are split without one being lost or made."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.core.allocation import allocate_units

TOTALS = st.integers(-(10**6), 10**6)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (10, [2, 4, 1], [3, 6, 1]),
        (10, [0, 3, 0], [0, 10, 0]),
        (10, [0, 0, 0], [4, 3, 3]),
        (0, [5, 7], [0, 0]),
        (0, [], []),
    ],
)
def test_units_left_over_go_to_the_largest_remainders_first(
    total: int, weights: list[int], parts: list[int]
) -> None:
    assert allocate_units(total, weights) == parts


@given(TOTALS, st.lists(st.integers(0, 1000), min_size=1, max_size=9))
def test_parts_add_up_and_stay_within_one_of_the_exact_share(total: int, weights: list[int]) -> None:
    parts = allocate_units(total, weights)
    assert sum(parts) == total
    shares = weights if any(weights) else [1] * len(weights)
    for part, share in zip(parts, shares, strict=True):
        assert abs(part - Fraction(total * share, sum(shares))) < 1


@given(TOTALS.filter(bool))
def test_units_need_somebody_to_go_to(total: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        allocate_units(total, [])


def test_a_negative_weight_is_refused_even_for_nothing() -> None:
    with pytest.raises(ValueError, match="negative"):
        allocate_units(0, [1, -1])
