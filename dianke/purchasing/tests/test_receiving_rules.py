"""What a delivery comes to: partly, too much, damaged, wrong; what stays open."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.purchasing.rules.receiving import (
    Delivered,
    Difference,
    Expected,
    Problem,
    order_state,
    problem_of,
    receive,
)

NONE, SHORT, OVER = Difference.NONE, Difference.SHORT, Difference.OVER
DAMAGED, WRONG = Difference.DAMAGED, Difference.WRONG_GOODS


def expected(ordered="10", received="0", replaced="0", closed="0") -> Expected:
    return Expected(D(ordered), D(received), D(replaced), D(closed))


def came(delivered, accepted=None, difference=NONE, note="", **more) -> Delivered:
    return Delivered(D(delivered), D(delivered if accepted is None else accepted), difference, note, **more)


# what was expected, what came → difference, accepted, rejected, over, missing, closed, open
TABLE = [
    (expected(), came(10), (NONE, 10, 0, 0, 0, 0, 0)),
    (expected(), came(6), (SHORT, 6, 0, 0, 4, 0, 4)),
    (expected(received="6"), came(4), (NONE, 4, 0, 0, 0, 0, 0)),
    (expected(), came(6, closes_rest=True), (SHORT, 6, 0, 0, 4, 4, 0)),
    (expected(), came(12, note="供应商多送"), (OVER, 12, 0, 2, 0, 0, 0)),
    (expected(), came(12, 10, OVER), (OVER, 10, 2, 0, 0, 0, 0)),
    (expected(), came(10, 8, DAMAGED), (DAMAGED, 8, 2, 0, 0, 0, 2)),
    (expected(), came(10, 0, DAMAGED, closes_rest=True), (DAMAGED, 0, 10, 0, 0, 10, 0)),
    (expected(received="10", replaced="3"), came(3), (NONE, 3, 0, 0, 0, 0, 0)),
    (expected(closed="4"), came(6), (NONE, 6, 0, 0, 0, 0, 0)),
    (expected(), came(0, closes_rest=True), (SHORT, 0, 0, 0, 10, 10, 0)),
    (expected("0"), came(5, 0, WRONG, is_ordered=False), (WRONG, 0, 5, 0, 0, 0, 0)),
]


@pytest.mark.parametrize(("what", "line", "result"), TABLE)
def test_what_becomes_of_a_line(what, line, result):
    assert problem_of(what, line) is None
    found = receive(what, line)
    assert (
        found.difference,
        found.accepted,
        found.rejected,
        found.over,
        found.missing,
        found.closed,
        found.open_after,
    ) == result


@pytest.mark.parametrize(
    ("what", "line", "problem"),
    [
        (expected(), came(12), Problem.OVER_NO_REASON),
        (expected(received="10"), came(1), Problem.OVER_NO_REASON),
        (expected(), came(12, note="  "), Problem.OVER_NO_REASON),
        (expected(), came(10, 8), Problem.NO_REASON),
        (expected(), came(10, 8, SHORT), Problem.NO_REASON),
        (expected(), came(8, 10), Problem.MORE_ACCEPTED),
        (expected(), came(-1), Problem.NEGATIVE),
        (expected(), came(0), Problem.NOTHING),
        (expected("0"), came(5, is_ordered=False), Problem.NOT_ORDERED),
    ],
)
def test_what_cannot_be_received_as_entered(what, line, problem):
    assert problem_of(what, line) is problem


def test_an_order_is_done_when_nothing_is_to_come():
    assert order_state([expected(), expected()]) == "SENT"
    assert order_state([expected(received="10"), expected()]) == "PARTLY"
    assert order_state([expected(received="10"), expected(received="6", closed="4")]) == "DONE"
    assert order_state([expected(received="10", replaced="1")]) == "PARTLY"


amounts = st.decimals(min_value=0, max_value=1000, places=2)


@given(ordered=amounts, deliveries=st.lists(st.tuples(amounts, st.booleans()), max_size=8))
def test_whatever_comes_in_whatever_parts_nothing_is_counted_twice(ordered, deliveries):
    received, closed, over = D(0), D(0), D(0)
    for quantity, closes in deliveries:
        what = Expected(ordered, received, closed=closed)
        line = Delivered(quantity, quantity, note="说明", closes_rest=closes)
        if problem_of(what, line):
            continue
        found = receive(what, line)
        received, closed, over = received + found.accepted, closed + found.closed, over + found.over
        assert found.open_after == Expected(ordered, received, closed=closed).open
        assert received - over + closed <= ordered
