"""Intervals of differences against published tables and another program."""

from __future__ import annotations

from statistics import mean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.core.intervals import newcombe, welch, wilson


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [  # Newcombe 1998, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_differences_of_shares_are_those_published(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = newcombe(first, second)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_wilson_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody"):
        wilson(0, 0, 1.96)


def test_welch_is_that_of_scipy() -> None:
    from scipy.stats import ttest_ind

    one, two = [0, 0, 12_000, 4_500, 0, 30_000], [0, 8_000, 0, 0, 1_000]
    found = welch(_sums(one), _sums(two))
    expected = ttest_ind(one, two, equal_var=False).confidence_interval(0.95)
    assert found is not None
    assert found.value == pytest.approx(mean(one) - mean(two))
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def _sums(values: list[int]) -> tuple[int, int, int]:
    return len(values), sum(values), sum(value * value for value in values)


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=30), st.integers(0, 10**12))
def test_welch_loses_nothing_to_large_sums(values: list[int], lifted: int) -> None:
    moved = [value + lifted for value in values]
    found, same = welch(_sums(moved), _sums(values)), welch(_sums(values), _sums(values))
    if variance(values) == 0:
        assert found is None
    else:
        assert found is not None
        assert same is not None
        assert found.high - found.low == pytest.approx(same.high - same.low, rel=1e-6)


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_an_interval_of_shares_holds_its_difference_and_turns_round(
    one: int, two: int, data: st.DataObject
) -> None:
    first = (data.draw(st.integers(0, one)), one)
    second = (data.draw(st.integers(0, two)), two)
    found, turned = newcombe(first, second), newcombe(second, first)
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((-turned.high, -turned.low))
