"""The arithmetic of a drawer, with the worked tables of docs/algorithms/day-close.md."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.sales.rules.counting import (
    Closing,
    LeftTooMuch,
    Opening,
    PieceCountWrong,
    PieceUnknown,
    closing_of,
    expected_cash,
    opening_of,
    total_of,
    unsettled,
)


@pytest.mark.parametrize(
    ("pieces", "currency", "total"),
    [
        ({10_000: 3, 1_000: 5, 100: 7, 10: 4}, "CNY", 35_740),
        ({}, "CNY", 0),
        ({10_000: 0}, "CNY", 0),
        ({25: 4}, "USD", 100),
        ({37: 2}, "THB", 74),
    ],
)
def test_notes_and_coins_add_up(pieces, currency, total):
    assert total_of(pieces, currency) == total


@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        ({25: 1}, PieceUnknown),
        ({0: 1}, PieceUnknown),
        ({-100: 1}, PieceUnknown),
        ({100: -1}, PieceCountWrong),
        ({100: 10**6}, PieceCountWrong),
    ],
)
def test_what_is_no_money_is_refused(pieces, error):
    with pytest.raises(error):
        total_of(pieces, "CNY")


@pytest.mark.parametrize(
    ("carried", "counted", "from_safe", "result"),
    [
        (0, 30_000, None, Opening(30_000, 0)),  # the first float
        (30_000, 30_000, None, Opening(0, 0)),
        (30_000, 50_000, None, Opening(20_000, 0)),  # filled up
        (30_000, 29_900, None, Opening(0, -100)),  # short over night, not put away
        (30_000, 29_900, -100, Opening(-100, 0)),  # said to have been put away
        (30_000, 50_000, 15_000, Opening(15_000, 5_000)),
    ],
)
def test_a_float_comes_from_the_shift_before_and_the_safe(carried, counted, from_safe, result):
    assert opening_of(carried=carried, counted=counted, from_safe=from_safe) == result


@pytest.mark.parametrize(
    ("expected", "counted", "left", "result"),
    [
        (80_000, 80_000, 30_000, Closing(0, 50_000, 30_000)),
        (80_000, 79_950, 30_000, Closing(-50, 49_950, 30_000)),
        (80_000, 80_100, 0, Closing(100, 80_100, 0)),
    ],
)
def test_a_count_is_over_or_short_and_the_rest_goes_into_the_safe(expected, counted, left, result):
    assert closing_of(expected=expected, counted=counted, left=left) == result


@pytest.mark.parametrize("left", [-1, 101])
def test_no_more_can_stay_than_is_there(left):
    with pytest.raises(LeftTooMuch):
        closing_of(expected=100, counted=100, left=left)


_amounts = st.integers(0, 10**9)


@given(
    _amounts,
    _amounts,
    st.lists(st.integers(-(10**6), 10**6)),
    _amounts,
    st.data(),
    st.integers(-(10**6), 10**6),
)
def test_a_closed_drawer_is_settled_whatever_came_late(carried, takings, movements, counted, data, late):
    left = data.draw(st.integers(0, counted))
    closing = closing_of(expected=expected_cash(carried, takings, movements), counted=counted, left=left)
    after = [*movements, closing.difference, -closing.to_safe]
    assert unsettled(carried=carried, takings=takings, movements=after, left=left) == 0
    # what arrives late is what is unsettled, and posting it back settles it
    assert unsettled(carried=carried, takings=takings + late, movements=after, left=left) == late
    assert unsettled(carried=carried, takings=takings + late, movements=[*after, -late], left=left) == 0
