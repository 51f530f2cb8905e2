"""Shifts told as stories: after every step the drawer, the safe and the books say the same."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from dianke.core.actor import PermissionRefused
from dianke.events.models import Event
from dianke.sales.models import CashCount, CashMovement, DrawerOpening, Shift
from dianke.sales.operations import cash, shifts
from dianke.sales.operations.drawers import ShiftNotOpen, ShiftOfAnotherRegister
from dianke.sales.operations.shifts import FloatMissing
from dianke.sales.queries import verify
from dianke.sales.queries.day_close import x_report_of_shift
from dianke.sales.queries.shifts import drawer_of, running_shift
from dianke.sales.rules.counting import LeftTooMuch, PieceUnknown
from dianke.sales.rules.day_figures import at
from dianke.sales.tests.till import FLOAT, Till, books, make_till
from dianke.work.models import Approval, Task
from dianke.work.operations import decide, request_approval, set_policy
from dianke.work.operations.policies import ApprovalNeeded

pytestmark = pytest.mark.django_db


@pytest.fixture
def till(db: None, now) -> Till:
    return make_till(now)


def test_a_shift_begins_with_a_float_from_the_safe(till: Till):
    shift = till.open()
    assert (shift.state, shift.float_amount, shift.carried_amount) == ("OPEN", 30_000, 0)
    assert shift.business_date.isoformat() == "2026-11-21"
    till.assert_books(drawer=30_000, safe=-30_000)
    count = CashCount.objects.get()
    assert (count.kind, count.pieces, count.total_amount) == (
        "OPENING",
        {"10000": 2, "1000": 8, "100": 20},
        30_000,
    )
    assert running_shift(till.first.pk) == shift


def test_a_register_has_one_shift_that_runs(till: Till):
    till.open()
    with pytest.raises(shifts.ShiftRuns) as refused:
        till.open(by="manager")
    assert "李想" in str(refused.value)
    till.open(till.second, by="manager")  # another register is another drawer


def test_a_day_at_the_drawer_ends_with_what_was_counted(till: Till):
    shift = till.open()
    till.sell(shift, 12_000)
    till.sell(shift, 8_000, ("CASH", 3_000), ("WECHAT", 5_000))
    till.move(shift, "FROM_BANK", 10_000, "换零钱")
    till.move(shift, "EXPENSE", 2_500, "买水")
    till.drop(shift, 20_000)
    assert drawer_of(shift).expected == 32_500
    shift = till.close(shift, 32_500)
    assert (shift.state, shift.expected_amount, shift.counted_amount, shift.difference_amount) == (
        "CLOSED",
        32_500,
        32_500,
        0,
    )
    assert shift.left_amount == 30_000
    till.assert_books(
        drawer=30_000,
        safe=-30_000 + 20_000 + 2_500,
        bank=-10_000,
        expense=2_500,
        clearing=5_000,
        revenue=20_000,
    )
    assert [(m.kind, m.amount) for m in shift.movements.order_by("pk")] == [
        ("FROM_SAFE", 30_000),
        ("FROM_BANK", 10_000),
        ("EXPENSE", -2_500),
        ("TO_SAFE", -20_000),
        ("TO_SAFE", -2_500),
    ]


@pytest.mark.parametrize(("counted", "difference"), [(41_950, -50), (42_100, 100)])
def test_over_and_short_are_posted_and_want_a_reason(till: Till, counted, difference):
    shift = till.open()
    till.sell(shift, 12_000)
    with pytest.raises(shifts.DifferenceUnexplained):
        till.close(shift, counted)
    shift = till.close(shift, counted, reason="找零出错")
    assert (shift.difference_amount, shift.reason) == (difference, "找零出错")
    till.assert_books(
        drawer=30_000,
        safe=counted - 60_000,
        revenue=12_000,
        cash_difference=-difference,
    )


def test_the_manager_is_told_of_much_money_over_or_short(till: Till):
    shift = till.open()
    till.close(shift, 25_000, left=25_000, reason="不知道")
    task = Task.objects.get()
    assert (task.kind, task.store, task.subject) == ("till", till.lake, f"sales.shift:{shift.pk}")
    assert "50.00" in task.title


def test_the_count_is_blind_and_can_be_repeated(till: Till, now):
    shift = till.open()
    till.sell(shift, 12_000)
    seen_by_clerk = x_report_of_shift(shift, now=now, sees_expected=False)
    assert seen_by_clerk.expected_cash is None
    assert "cash" not in seen_by_clerk.figures
    assert "CASH" not in seen_by_clerk.figures.get("tenders", {})
    shift = till.count(shift, 40_000)
    assert (shift.state, shift.expected_amount, shift.difference_amount) == ("COUNTED", None, None)
    shift = till.count(shift, 42_000)
    assert list(shift.counts.order_by("pk").values_list("total_amount", flat=True)) == [
        30_000,
        40_000,
        42_000,
    ]
    shift = shifts.close_shift(shift=shift, left_amount=0, **till.usual({}))
    assert shift.difference_amount == 0


def test_a_counted_shift_can_sell_on(till: Till):
    shift = till.count(till.open(), 30_000)
    with pytest.raises(ShiftNotOpen):
        till.move(shift, "EXPENSE", 100)
    shift = shifts.resume_shift(shift=shift, **till.usual({}))
    assert (shift.state, shift.counted_amount) == ("OPEN", None)
    till.sell(shift, 1_000)
    assert till.close(shift, 31_000).difference_amount == 0


def test_money_is_taken_in_an_open_shift_of_its_own_register(till: Till):
    shift = till.open()
    with pytest.raises(ShiftOfAnotherRegister):
        till.sell(shift, 100, register=till.second)
    with pytest.raises(ShiftOfAnotherRegister):
        till.sell(shift, 100, register=None)
    till.count(shift, 30_000)
    with pytest.raises(ShiftNotOpen):
        till.sell(shift, 100)
    assert books() == {"drawer": 30_000, "safe": -30_000}


def test_a_closed_shift_stays_closed(till: Till):
    shift = till.close(till.open(), 30_000)
    assert shifts.close_shift(shift=shift, left_amount=0, **till.usual({})).left_amount == 30_000
    for attempt in (
        lambda: till.count(shift, 1),
        lambda: shifts.resume_shift(shift=shift, **till.usual({})),
        lambda: till.drop(shift, 1),
        lambda: cash.open_drawer(shift=shift, reason="换零", **till.usual({})),
    ):
        with pytest.raises(ShiftNotOpen):
            attempt()


def test_more_cannot_stay_than_was_counted(till: Till):
    with pytest.raises(LeftTooMuch):
        till.close(till.open(), 30_000, left=30_001)


def test_the_next_shift_begins_with_what_was_left(till: Till):
    till.close(till.open(), 30_000)
    shift = till.open(by="manager")
    assert (shift.carried_amount, shift.movements.count()) == (30_000, 0)
    till.assert_books(drawer=30_000, safe=-30_000)


def test_what_is_missing_over_night_is_short_and_not_hidden_in_the_safe(till: Till):
    till.close(till.open(), 30_000)
    with pytest.raises(shifts.DifferenceUnexplained):
        till.open(pieces={10_000: 2})
    shift = till.open(pieces={10_000: 2}, reason="早上就少了")
    assert [(m.kind, m.amount) for m in shift.movements.all()] == [("OPENING_DIFFERENCE", -10_000)]
    till.assert_books(drawer=20_000, safe=-30_000, cash_difference=10_000)


def test_a_drawer_is_handed_over_counted_once(till: Till):
    till.cast.hire("second", "赵晓", "CLERK", store=till.lake)
    shift = till.open()
    till.sell(shift, 5_000)
    successor = till.cast["second"].user
    new = shifts.hand_over_shift(
        shift=shift, pieces={10_000: 3, 5_000: 1}, successor=successor, **till.usual({})
    )
    shift.refresh_from_db()
    assert (shift.state, shift.difference_amount, shift.left_amount) == ("CLOSED", 0, 35_000)
    assert (new.state, new.opened_by, new.taken_over_from, new.float_amount) == (
        "OPEN",
        successor,
        shift,
        35_000,
    )
    till.assert_books(drawer=35_000, safe=-30_000, revenue=5_000)
    assert till.close(new, 35_000).difference_amount == 0


def test_only_who_runs_registers_there_takes_over(till: Till):
    shift = till.open()
    for name, error in (
        ("neighbour", shifts.SuccessorUnable),
        ("auditor", shifts.SuccessorUnable),
        ("clerk", shifts.SuccessorSame),
    ):
        with pytest.raises(error):
            shifts.hand_over_shift(
                shift=shift, pieces=FLOAT, successor=till.cast[name].user, **till.usual({})
            )
    assert Shift.objects.get().state == "OPEN"


@pytest.mark.parametrize("name", ["neighbour", "auditor"])
def test_registers_of_other_stores_are_not_opened(till: Till, name):
    with pytest.raises(PermissionRefused):
        till.open(by=name)


def test_a_register_that_is_off_is_not_opened(till: Till):
    type(till.second).objects.filter(pk=till.second.pk).update(is_active=False)
    with pytest.raises(shifts.RegisterOff):
        till.open(till.second)


def test_play_money_is_refused(till: Till):
    with pytest.raises(PieceUnknown):
        till.open(pieces={3_333: 1})


# --- cash in and out -------------------------------------------------------------------------------------------------
def test_the_same_movement_sent_twice_moves_once(till: Till):
    shift = till.open()
    first = till.move(shift, "EXPENSE", 500, reference="a")
    assert till.move(shift, "EXPENSE", 500, reference="a") == first
    with pytest.raises(cash.CashReferenceTaken):
        till.move(shift, "EXPENSE", 501, reference="a")
    till.assert_books(drawer=29_500, safe=-30_000, expense=500)


@pytest.mark.parametrize(
    ("kind", "amount", "reason", "error"),
    [
        ("EXPENSE", 0, "水", cash.CashAmountWrong),
        ("EXPENSE", -5, "水", cash.CashAmountWrong),
        ("EXPENSE", 100, "  ", cash.CashReasonMissing),
        ("DIFFERENCE", 100, "水", cash.CashKindWrong),
        ("TO_SAFE", 100, "水", cash.CashKindWrong),
        ("EXPENSE", 30_001, "水", cash.NotSoMuchInDrawer),
    ],
)
def test_a_movement_that_cannot_be_is_refused(till: Till, kind, amount, reason, error):
    shift = till.open()
    with pytest.raises(error):
        till.move(shift, kind, amount, reason)
    assert shift.movements.count() == 1


def test_above_the_limit_a_second_person_agrees_first(till: Till, now):
    who = {"actor": till.actor("owner"), "now": now}
    set_policy(operation="sales.move_cash", limit=Decimal(100), **who)
    shift = till.open()
    till.move(shift, "EXPENSE", 9_999, "买水")
    with pytest.raises(ApprovalNeeded):
        till.move(shift, "EXPENSE", 10_000, "搬家")
    approval = request_approval(
        operation="sales.move_cash",
        arguments={
            "shift": shift.pk,
            "kind": "EXPENSE",
            "amount": 10_000,
            "reason": "搬家",
            "reference": "b",
        },
        reason="司机要现金",
        **till.usual({}),
    )
    decide(
        approval=approval,
        is_approved=True,
        sha256=approval.sha256,
        note="",
        actor=till.actor("manager"),
        now=now,
    )
    assert Approval.objects.get().outcome == "APPROVED"
    till.assert_books(drawer=30_000 - 9_999 - 10_000, safe=-30_000, expense=19_999)


def test_a_drawer_opened_without_a_sale_is_on_record(till: Till, now):
    shift = till.open()
    cash.open_drawer(shift=shift, reason="换零钱", **till.usual({}))
    event = Event.objects.get(kind="sales.drawer_opened")
    assert (event.user_id, event.store_id) == (till.cast["clerk"].user.pk, till.lake.pk)
    assert DrawerOpening.objects.get().reason == "换零钱"
    assert at(x_report_of_shift(shift, now=now, sees_expected=True).figures, "openings") == 1
    with pytest.raises(cash.CashReasonMissing):
        cash.open_drawer(shift=shift, reason="", **till.usual({}))


# --- what the database holds -----------------------------------------------------------------------------------------
def refused(sql: str, *values: object) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_counts_and_movements_are_never_changed(till: Till):
    shift = till.open()
    cash.open_drawer(shift=shift, reason="换零", **till.usual({}))
    for table in ("sales_cashcount", "sales_cashmovement", "sales_draweropening"):
        refused(f"DELETE FROM {table}")
    refused("UPDATE sales_cashcount SET total_amount = 1")
    refused("UPDATE sales_cashmovement SET amount = 1")
    refused("DELETE FROM sales_shift")
    refused("UPDATE sales_shift SET float_amount = 1")
    till.close(shift, 30_000)
    refused("UPDATE sales_shift SET left_amount = 0")
    refused("UPDATE sales_shift SET state = 'COUNTED'")


def test_a_movement_has_the_direction_of_its_kind(till: Till, now):
    shift = till.open()
    with pytest.raises(IntegrityError), transaction.atomic():
        CashMovement.objects.create(
            shift=shift,
            kind="EXPENSE",
            amount=5,
            reference="x",
            business_date=shift.business_date,
            made_at=now + timedelta(hours=1),
        )


def test_nothing_counted_is_asked_about_before_a_shift_begins_at_zero(till: Till):
    for forgotten in ({}, {10_000: 0}):
        with pytest.raises(FloatMissing):
            till.open(pieces=forgotten)
    assert not Shift.objects.exists()
    shift = till.open(pieces={}, is_empty=True)
    assert (shift.float_amount, drawer_of(shift).expected) == (0, 0)
    assert verify() == []
