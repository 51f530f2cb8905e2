"""Cash of top-ups and cards that stand alone lies in the drawer of the shift of whoever takes it and is counted."""

from __future__ import annotations

from uuid import uuid4

import pytest

from dianke.customers.tests.cast import make_customer
from dianke.sales.models import CashMovement
from dianke.sales.operations.cash import NotSoMuchInDrawer
from dianke.sales.operations.prepaid_cash import DrawerNotOpen
from dianke.sales.queries import verify
from dianke.sales.queries.day_close import x_report_of_shift
from dianke.sales.queries.shifts import drawer_of
from dianke.sales.tests.till import TODAY, Till, make_till
from dianke.wallets import operations as wallets
from dianke.wallets.models import TopUp
from dianke.wallets.operations.refusals import TopUpUsed
from dianke.wallets.queries import verify as verify_wallets

pytestmark = pytest.mark.django_db


@pytest.fixture
def till(now) -> Till:
    return make_till(now)


def top_up(till: Till, amount: int, *, kind: str = "CASH", by: str = "clerk", key: str = "") -> TopUp:
    customer = make_customer("王小明", store=till.lake, now=till.now)
    return wallets.top_up(
        customer=customer, paid_amount=amount, store=till.lake, payment_kind=kind,
        reference=f"test:{key or uuid4()}", actor=till.actor(by), now=till.now,
    )  # fmt: skip


def test_a_top_up_in_cash_goes_into_the_drawer_of_the_clerks_shift(till: Till):
    shift = till.open()
    top_up(till, 500_00)
    (row,) = CashMovement.objects.filter(kind="PREPAID")
    assert (row.shift_id, row.amount, drawer_of(shift).expected) == (shift.pk, 500_00, 800_00)
    figures = x_report_of_shift(shift, now=till.now, sees_expected=True).figures
    assert figures["drawer"]["PREPAID"] == {"count": 1, "amount": 500_00}
    # what is counted is what was expected, and the day closes over it
    closed = till.close(shift, 800_00)
    assert (closed.expected_amount, closed.counted_amount) == (800_00, 800_00)
    till.close_day(TODAY)
    (report,) = till.z()
    assert report.snapshot["figures"]["drawer"]["PREPAID"]["amount"] == 500_00
    assert (verify(), verify_wallets()) == ([], [])


def test_other_money_and_other_people_leave_the_drawer_alone(till: Till):
    shift = till.open()
    top_up(till, 500_00, kind="WECHAT")
    top_up(till, 200_00, by="manager")
    assert drawer_of(shift).expected == 300_00
    assert not CashMovement.objects.filter(kind="PREPAID").exists()
    assert (verify(), verify_wallets()) == ([], [])


def test_without_an_open_shift_it_is_the_cash_of_the_store(till: Till):
    shift = till.open()
    till.count(shift, 300_00)
    top_up(till, 500_00)
    assert drawer_of(shift).expected == 300_00
    assert (verify(), verify_wallets()) == ([], [])


def test_taken_back_it_leaves_the_drawer_it_went_into(till: Till):
    shift = till.open()
    made = top_up(till, 500_00)
    usual = {"top_up": made, "reason": "录错", "actor": till.actor("manager"), "now": till.now}
    wallets.undo_top_up(**usual)
    assert drawer_of(shift).expected == 300_00
    with pytest.raises(TopUpUsed):
        wallets.undo_top_up(**usual)
    assert drawer_of(shift).expected == 300_00
    assert (verify(), verify_wallets()) == ([], [])


def test_it_is_not_taken_back_out_of_a_drawer_nobody_counts(till: Till):
    shift = till.open()
    made = top_up(till, 500_00)
    till.close(shift, 800_00)
    with pytest.raises(DrawerNotOpen, match=till.first.name):
        wallets.undo_top_up(top_up=made, reason="录错", actor=till.actor("manager"), now=till.now)
    assert verify() == []


def test_a_refund_in_cash_is_paid_out_of_the_drawer_while_there_is_enough(till: Till):
    made = top_up(till, 500_00, kind="WECHAT")
    shift = till.open(by="manager")
    usual = {
        "wallet": made.wallet, "store": till.lake, "payment_kind": "CASH", "reason": "退卡",
        "reference": "test:refund", "actor": till.actor("manager"), "now": till.now,
    }  # fmt: skip
    with pytest.raises(NotSoMuchInDrawer):
        wallets.refund_wallet(**usual)
    till.sell(shift, 400_00)
    wallets.refund_wallet(**usual)
    wallets.refund_wallet(**usual)
    assert drawer_of(shift).expected == 200_00
    assert (verify(), verify_wallets()) == ([], [])
