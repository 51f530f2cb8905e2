"""The arithmetic of orders as tables: positions, shares, refunds, deposits, states, bills."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.sales.rules.forfeiting import forfeited
from dianke.sales.rules.positions import Position, part_of, step_of, tax_within
from dianke.sales.rules.reconciling import BillRow, Ours, compare
from dianke.sales.rules.refunds import Source, plan
from dianke.sales.rules.states import LIFE, is_further, may_be_cancelled, may_be_changed, may_go
from dianke.sales.rules.tendering import ChangeTooMuch, Given, PaymentAmountWrong, settle


@pytest.mark.parametrize(
    ("position", "deposit", "owed"),
    [
        (Position(), 0, 0),
        (Position(paid=80), 80, 0),
        (Position(paid=80, earned=100), 0, 20),
        (Position(paid=30, forfeited=20), 10, 0),
        (Position(paid=100, earned=100), 0, 0),
    ],
)
def test_what_is_paid_and_not_earned_is_held_and_the_other_way_round_is_owed(position, deposit, owed):
    assert (position.deposit, position.receivable) == (deposit, owed)


@given(
    amount=st.integers(0, 10**9),
    parts=st.lists(st.integers(1, 10_000), min_size=1, max_size=8),
)
def test_any_parts_add_up_to_the_whole(amount, parts):
    whole, done, given_back = D(sum(parts)) / 100, D(0), 0
    for each in parts:
        step = step_of(amount, done, D(each) / 100, whole)
        assert step >= 0
        given_back += step
        done += D(each) / 100
    assert given_back == amount
    assert part_of(amount, whole, whole) == amount


@pytest.mark.parametrize(
    ("amount", "rate", "tax"),
    [(200_00, 1300, 23_01), (50_00, 1300, 5_75), (100, 0, 0), (-100_00, 1300, -11_50)],
)
def test_the_tax_inside_an_amount(amount, rate, tax):
    assert tax_within(amount, rate) == tax


def test_money_goes_back_by_rank_then_the_last_payment_first():
    sources = [
        Source(1, 1, "CASH", 120, 0),
        Source(2, 2, "WECHAT", 80, 80),
        Source(3, 3, "WECHAT", 50, 80),
        Source(4, 4, "CARD", 30, 70, is_open=False, fallback_code="CASH"),
    ]
    parts = plan(200, sources)
    assert [(p.payment_id, p.tender_code, p.amount) for p in parts] == [
        (3, "WECHAT", 50),
        (2, "WECHAT", 80),
        (4, "CASH", 30),
        (1, "CASH", 40),
    ]
    assert [p.is_fallback for p in parts] == [False, False, True, False]
    assert sum(p.amount for p in plan(10_000, sources)) == 280


@pytest.mark.parametrize(
    ("kind", "deposit", "agreed", "total", "fault", "lost"),
    [
        ("EARNEST", 30, 30, 100, True, 20),
        ("EARNEST", 30, 30, 100, False, 0),
        ("EARNEST", 10, 10, 100, True, 10),
        ("EARNEST", 80, 15, 100, True, 15),
        ("PREPAYMENT", 50, 50, 100, True, 0),
        ("", 50, 0, 100, True, 0),
    ],
)
def test_what_of_a_deposit_is_lost(kind, deposit, agreed, total, fault, lost):
    assert forfeited(kind=kind, deposit=deposit, agreed=agreed, total=total, is_customers_fault=fault) == lost


def test_only_cash_gives_change():
    taken = settle(150, [Given(80), Given(100, gives_change=True)])
    assert [(t.amount, t.tendered, t.change) for t in taken] == [(80, 80, 0), (70, 100, 30)]
    with pytest.raises(ChangeTooMuch):
        settle(150, [Given(200)])
    with pytest.raises(PaymentAmountWrong):
        settle(150, [Given(0)])
    with pytest.raises(PaymentAmountWrong):
        settle(150, [Given(150, True, tendered=100)])


def test_states_go_forward_and_what_left_is_not_changed():
    assert may_go("APPROVED", "IN_PRODUCTION")
    assert not may_go("PLACED", "READY")
    assert not may_go("CLOSED", "READY")
    assert not may_go("INSTALLED", "READY")
    assert [state for state in LIFE if may_be_changed(state)] == [
        "DRAFT",
        "PLACED",
        "APPROVED",
        "IN_PRODUCTION",
        "READY",
    ]
    assert may_be_cancelled("SHIPPED")
    assert not may_be_cancelled("DELIVERED")
    assert is_further("PLACED", "READY")
    assert not is_further("READY", "PLACED")


def test_rows_of_a_bill_match_once_and_never_a_refund_with_a_payment():
    ours = [
        Ours("payment", 1, "A", 10),
        Ours("payment", 2, "A", 20),
        Ours("refund", 1, "A", -10),
        Ours("payment", 3, "C", 5),
    ]
    bill = [BillRow("A", 20), BillRow("A", 11), BillRow("A", -10), BillRow("B", 7)]
    found = {(m.reference, m.state, m.what, m.our_id) for m in compare(bill, ours)}
    assert found == {
        ("A", "MATCHED", "payment", 2),
        ("A", "AMOUNT_DIFFERS", "payment", 1),
        ("A", "MATCHED", "refund", 1),
        ("B", "MISSING_HERE", "", None),
        ("C", "MISSING_THERE", "payment", 3),
    }
