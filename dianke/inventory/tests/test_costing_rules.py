"""The arithmetic of costs, by itself: tables, and whatever order things come in."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dianke.inventory.rules import costing
from dianke.inventory.rules.costing import CostState, EntryKind

D = Decimal
quantities = st.decimals("0.0001", "500", places=4)
values = st.decimals("0", "90000", places=6)


def test_an_average_is_value_over_quantity():
    state, _changes = costing.receive(CostState(), D(3), D(10))
    assert state == CostState(D(3), D(10), D("3.333333"))
    state, (change,) = costing.issue(state, D(1))
    assert (change.value, state.value) == (D("-3.333333"), D("6.666667"))
    state, (change,) = costing.issue(state, D(2))
    assert (change.value, state) == (D("-6.666667"), CostState(D(0), D(0), D("3.333334")))


def test_short_goods_go_on_at_the_last_average_and_are_squared():
    state = CostState(D(0), D(0), D(5))
    state, _changes = costing.issue(state, D(3))
    assert state == CostState(D(-3), D(-15), D(5))
    part, changes = costing.receive(state, D(2), D(14))
    assert [(c.kind, c.value, c.expense) for c in changes] == [
        (EntryKind.RECEIPT, D(14), D(0)),
        (EntryKind.DIFFERENCE, D(-4), D(4)),
    ]
    assert part == CostState(D(-1), D(-5), D(5))
    whole, _changes = costing.receive(state, D(3), D(21))
    assert whole == CostState(D(0), D(0), D(7))


def test_later_costs_go_to_what_is_left():
    state = CostState(D(4), D(40), D(10))
    state, (change,) = costing.add_landed_cost(state, D(10), D(15))
    assert (change.value, change.expense, state.value) == (D(6), D(9), D(46))
    _state, (change,) = costing.add_landed_cost(state, D(10), D(-200))
    assert (change.value, change.expense) == (D(-46), D(-154))


def test_what_is_spread_adds_up():
    assert costing.spread(D(10), [D(1), D(1), D(1)]) == [D("3.333334"), D("3.333333"), D("3.333333")]
    assert costing.spread(D("-0.000001"), [D("0.5"), D(1)]) == [D(0), D("-0.000001")]


def test_halves_are_rounded_away_from_zero_both_ways():
    from fractions import Fraction

    half = Fraction(5, 10_000_000)
    assert (costing.money(half), costing.money(-half)) == (D("0.000001"), D("-0.000001"))
    assert costing.money(Fraction(-1, 10**9)) == 0


moves = st.one_of(
    st.tuples(st.just("receive"), quantities, values),
    st.tuples(st.just("found"), quantities, st.just(D(0))),
    st.tuples(st.just("issue"), quantities, st.just(D(0))),
    st.tuples(st.just("landed"), quantities, st.decimals("-5000", "5000", places=6)),
    st.tuples(st.just("undo"), st.just(D(0)), st.just(D(0))),
)


@given(st.lists(moves, max_size=25))
def test_whatever_happens_entries_add_up_and_no_goods_are_worth_less_than_nothing(history):
    state, quantity, value, done = CostState(), D(0), D(0), []
    for what, amount, cost in history:
        if what == "undo" and not done:
            continue
        if what == "undo":
            of = done.pop()
            outcome = costing.take_back(
                state, -sum(c.quantity for c in of), -sum(c.value for c in of), -sum(c.expense for c in of)
            )
            owed = -sum(c.value + c.expense for c in of)
            assert sum(c.value + c.expense for c in outcome[1]) == owed or state.quantity < 0 or owed > 0
        elif what == "receive":
            outcome = costing.receive(state, amount, cost)
            assert sum(c.value + c.expense for c in outcome[1]) == cost
        elif what == "found":
            outcome = costing.receive_at_average(state, amount)
        elif what == "issue":
            outcome = costing.issue(state, amount)
        else:
            outcome = costing.add_landed_cost(state, amount, cost)
            assert sum(c.value + c.expense for c in outcome[1]) == cost
        state, changes = outcome
        if what != "undo":
            done.append(changes)
        quantity += sum(c.quantity for c in changes)
        value += sum(c.value for c in changes)
        assert (state.quantity, state.value) == (quantity, value)
        assert state.quantity * state.value >= 0
        assert state.quantity or not state.value
        assert changes[-1].average_after == state.average


@given(quantities, values, quantities, values)
def test_taking_back_at_once_restores(first, cost, second, more):
    before, _changes = costing.receive(CostState(), first, cost)
    after, _changes = costing.receive(before, second, more)
    back, _changes = costing.take_back(after, -second, -more)
    assert (back.quantity, back.value) == (before.quantity, before.value)
    issued, (change,) = costing.issue(before, first)
    again, _changes = costing.take_back(issued, first, -change.value)
    assert (again.quantity, again.value) == (before.quantity, before.value)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), values)
def test_parts_that_come_back_add_up_to_what_left(parts, value):
    issued, returned, back = D(sum(parts)), D(0), D(0)
    for part in parts:
        worth = costing.value_of_return(issued, value, returned, back, D(part))
        returned, back = returned + part, back + worth
    assert back == value
