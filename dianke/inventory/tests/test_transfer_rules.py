"""Transfers: every unit that was sent is accounted for, and nobody is asked for less than the truth."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.inventory.rules.transfers import (
    STEPS,
    Arrival,
    Beyond,
    Goes,
    Missing,
    Part,
    Passes,
    Pricing,
    ProblemCode,
    State,
    as_sent,
    may_become,
    owner_under_way,
    settle,
    totals,
    unit_price,
)


def d(value: int | str) -> Decimal:
    return Decimal(value)


@pytest.mark.parametrize(
    ("arrival", "parts"),
    [
        (Arrival(d(10)), [(Goes.ARRIVED, 10)]),
        (Arrival(d(8), missing=Missing.LOST), [(Goes.ARRIVED, 8), (Goes.LOST, 2)]),
        (Arrival(d(8), missing=Missing.NOT_SENT), [(Goes.ARRIVED, 8), (Goes.BACK, 2)]),
        (Arrival(d(7), d(3)), [(Goes.ARRIVED, 7), (Goes.DAMAGED, 3)]),
        (
            Arrival(d(6), d(1), missing=Missing.LOST),
            [(Goes.ARRIVED, 6), (Goes.DAMAGED, 1), (Goes.LOST, 3)],
        ),
        (Arrival(d(0), missing=Missing.LOST), [(Goes.LOST, 10)]),
        (Arrival(d(12), beyond=Beyond.SENT_MORE), [(Goes.ARRIVED, 10), (Goes.EXTRA_FROM_SENDER, 2)]),
        (Arrival(d(11), beyond=Beyond.FOUND), [(Goes.ARRIVED, 10), (Goes.EXTRA_FOUND, 1)]),
        (
            Arrival(d(9), d(3), beyond=Beyond.SENT_MORE),
            [(Goes.ARRIVED, 7), (Goes.DAMAGED, 3), (Goes.EXTRA_FROM_SENDER, 2)],
        ),
    ],
)
def test_ten_that_were_sent_end_up_where_they_are(arrival: Arrival, parts: list[tuple[Goes, int]]) -> None:
    found, problems = settle({1: d(10)}, {1: arrival})
    assert problems == []
    assert found == [Part(1, goes, d(quantity)) for goes, quantity in parts]


@pytest.mark.parametrize(
    ("arrival", "code"),
    [
        (Arrival(d(8)), ProblemCode.WHY_LESS),
        (Arrival(d(8), beyond=Beyond.FOUND), ProblemCode.WHY_LESS),
        (Arrival(d(11)), ProblemCode.WHY_MORE),
        (Arrival(d(11), missing=Missing.LOST), ProblemCode.WHY_MORE),
        (Arrival(d(-1)), ProblemCode.BELOW_ZERO),
        (Arrival(d(11), d(-1)), ProblemCode.BELOW_ZERO),
    ],
)
def test_a_difference_without_its_reason_is_asked_for(arrival: Arrival, code: ProblemCode) -> None:
    parts, problems = settle({1: d(10), 2: d(1)}, {1: arrival, 2: Arrival(d(1))})
    assert parts == []
    assert [(one.line, one.code) for one in problems] == [(1, code)]


def test_a_line_nobody_looked_at_is_no_shortage_and_a_strange_one_is_refused() -> None:
    parts, problems = settle({1: d(10)}, {7: Arrival(d(1))})
    assert parts == []
    assert {(one.line, one.code) for one in problems} == {
        (7, ProblemCode.UNKNOWN_LINE),
        (1, ProblemCode.NOT_CHECKED),
    }


def test_of_a_single_piece_no_second_one_comes() -> None:
    came = {1: Arrival(d(2), beyond=Beyond.FOUND)}
    assert settle({1: d(1)}, came, pieces=frozenset({1}))[1][0].code is ProblemCode.PIECE_IS_ONE
    assert settle({1: d(1)}, {1: Arrival(d(0), d(1))}, pieces=frozenset({1}))[0] == [
        Part(1, Goes.DAMAGED, d(1))
    ]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("wanted", State)
def test_a_transfer_ends_once(state: State, wanted: State) -> None:
    allowed = {
        (State.PLANNED, State.SHIPPED),
        (State.PLANNED, State.CANCELLED),
        (State.SHIPPED, State.RECEIVED),
        (State.SHIPPED, State.RETURNED),
    }
    assert may_become(state, wanted) == ((state, wanted) in allowed)
    assert set(STEPS) == set(State)


def test_what_is_under_way_is_the_senders_unless_it_passed_on_shipment() -> None:
    assert owner_under_way(1, 2, Passes.ON_RECEIPT) == 1
    assert owner_under_way(1, 2, Passes.ON_SHIPMENT) == 2


@pytest.mark.parametrize(
    ("pricing", "more", "price"),
    [
        (Pricing.COST, {}, "12.345679"),
        (Pricing.COST_PLUS, {"markup_bp": 1000}, "13.580247"),
        (Pricing.COST_PLUS, {"markup_bp": 0}, "12.345679"),
        (Pricing.FIXED, {"fixed": d("15.5")}, "15.500000"),
        (Pricing.FIXED, {"fixed": d("15.5"), "markup_bp": 1000}, "15.500000"),
    ],
)
def test_the_price_between_entities(pricing: Pricing, more: dict[str, object], price: str) -> None:
    assert unit_price(pricing, average_cost=d("12.345679"), **more) == d(price)  # type: ignore[arg-type]


def test_a_fixed_price_has_to_be_named() -> None:
    with pytest.raises(ValueError, match="fixed price"):
        unit_price(Pricing.FIXED, average_cost=d(1))


quantity = st.integers(0, 40).map(Decimal)
arrival = st.builds(
    Arrival, quantity, quantity, st.sampled_from([*Missing, None]), st.sampled_from([*Beyond, None])
)


@given(st.dictionaries(st.integers(1, 6), st.tuples(st.integers(1, 30).map(Decimal), arrival), min_size=1))
def test_nothing_that_was_sent_is_unaccounted_for(lines: dict[int, tuple[Decimal, Arrival]]) -> None:
    sent = {line: one for line, (one, _came) in lines.items()}
    came = {line: one for line, (_sent, one) in lines.items()}
    parts, problems = settle(sent, came)
    assert bool(problems) != bool(parts)
    assert all(part.quantity > 0 for part in parts)
    for line in sent if parts else ():
        of_line = [part for part in parts if part.line == line]
        from_transit = totals(of_line)
        assert (
            from_transit.arrived + from_transit.damaged + from_transit.lost + from_transit.back == sent[line]
        )
        assert from_transit.arrived + from_transit.extra <= came[line].good
        if came[line].damaged <= sent[line]:
            assert from_transit.arrived + from_transit.extra == came[line].good


def test_as_sent_leaves_no_difference() -> None:
    sent = {1: d(3), 2: d("1.25")}
    parts, _problems = settle(sent, as_sent(sent))
    assert totals(parts).is_as_sent
    assert totals(parts).arrived == d("4.25")
