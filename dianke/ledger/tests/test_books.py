"""Closing and reopening periods, correcting by hand, folding balances; and who may."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction

from dianke.access.permissions import RoleCode
from dianke.core.actor import PermissionRefused
from dianke.events.models import Event
from dianke.ledger import operations as ledger
from dianke.ledger import queries
from dianke.ledger.models import Account, BalanceSnapshot
from dianke.ledger.tests.books import Books

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1)


def test_a_closed_period_takes_no_posting_and_says_which_date_to_use(books: Books, make_actor, now: datetime):
    accountant = make_actor("ACCOUNTANT")
    books.post("october", (books.cash, 100), (books.revenue, 100), business_date=date(2026, 10, 31))
    ledger.close_period(closed_before=NOVEMBER, actor=accountant, now=now)
    with pytest.raises(ledger.PeriodClosed, match="2026-11-01") as refused, transaction.atomic():
        books.post("late", (books.cash, 5), (books.revenue, 5), business_date=date(2026, 10, 31))
    assert refused.value.status == 409
    books.post("late", (books.cash, 5), (books.revenue, 5), business_date=NOVEMBER)
    assert queries.balance(books.cash, date(2026, 10, 31)) == 100

    assert ledger.reopen_period(reason="receipt found", actor=accountant, now=now) == NOVEMBER
    books.post("later", (books.cash, 7), (books.revenue, 7), business_date=date(2026, 10, 31))
    assert queries.balance(books.cash, date(2026, 10, 31)) == 107
    kinds = list(
        Event.objects.filter(kind__startswith="ledger.").order_by("id").values_list("kind", flat=True)
    )
    assert kinds == ["ledger.period_closed", "ledger.period_reopened"]


def test_a_reversal_of_a_closed_sale_is_posted_in_the_open_period(books: Books, system, now: datetime):
    sale = books.post("october", (books.cash, 100), (books.revenue, 100), business_date=date(2026, 10, 31))
    ledger.close_period(closed_before=NOVEMBER, actor=system, now=now)
    books.reverse(sale.transaction_id, "refund")
    assert queries.balance(books.cash, date(2026, 10, 31)) == 100
    assert queries.balance(books.cash) == 0


def test_periods_close_in_order_once_they_are_over(system, now: datetime):
    ledger.close_period(closed_before=NOVEMBER, actor=system, now=now)
    for earlier in (NOVEMBER, date(2026, 10, 1)):
        with pytest.raises(ledger.PeriodNotAfterLast):
            ledger.close_period(closed_before=earlier, actor=system, now=now)
    with pytest.raises(ledger.PeriodNotOver):
        ledger.close_period(closed_before=date(2026, 11, 22), actor=system, now=now)
    with pytest.raises(ledger.ReasonMissing):
        ledger.reopen_period(reason=" ", actor=system, now=now)
    ledger.reopen_period(reason="x", actor=system, now=now)
    with pytest.raises(ledger.NothingToReopen):
        ledger.reopen_period(reason="x", actor=system, now=now)


def test_a_correction_by_hand_leaves_its_reason_and_one_event(books: Books, make_actor, now: datetime):
    given = {"counter": books.issued, "amount": 25, "reason": "promised by phone", "reference": "approval:3"}
    call = {"business_date": date(2026, 11, 21), "actor": make_actor("OWNER"), "now": now}
    posted = ledger.adjust_balance(account=books.points, expires_at=now + timedelta(days=9), **given, **call)
    assert (
        ledger.adjust_balance(account=books.points, **given, **call).transaction_id == posted.transaction_id
    )
    books.assert_balances(points=25, issued=25)
    books.assert_lots((25, now + timedelta(days=9)))
    event = Event.objects.get(kind="ledger.balance_adjusted")
    assert event.subjects == [f"ledger.account:{books.points.pk}", "customers.account:1"]
    assert event.data["reason"] == "promised by phone"
    with pytest.raises(ledger.ReasonMissing):
        ledger.adjust_balance(account=books.points, **{**given, "reason": ""}, **call)


@pytest.mark.parametrize("role", [RoleCode.STORE_MANAGER, RoleCode.CLERK, RoleCode.AUDITOR, RoleCode.PARTNER])
def test_only_heads_and_accountants_touch_the_books_by_hand(
    books: Books, make_actor, now: datetime, role: RoleCode
):
    actor = make_actor(role)
    with pytest.raises(PermissionRefused):
        ledger.close_period(closed_before=NOVEMBER, actor=actor, now=now)
    with pytest.raises(PermissionRefused):
        ledger.reopen_period(reason="x", actor=actor, now=now)
    with pytest.raises(PermissionRefused):
        ledger.adjust_balance(account=books.cash, counter=books.revenue, amount=1, reason="x", reference="x",
                              business_date=NOVEMBER, actor=actor, now=now)  # fmt: skip


def test_accounts_are_seen_by_those_who_may_and_only_of_their_stores(books: Books, make_actor):
    here, there = books.open("cash", store_id=1), books.open("cash", store_id=2)
    assert set(Account.objects.visible_to(make_actor("ACCOUNTANT"))) == {here, there}
    assert set(Account.objects.visible_to(make_actor("ACCOUNTANT", store_ids={1}))) == {here}
    assert not Account.objects.visible_to(make_actor("CLERK")).exists()


def test_folding_changes_no_balance_and_leaves_less_to_sum(books: Books, system, now: datetime):
    for n in range(5):
        books.post(f"sale {n}", (books.cash, 10), (books.revenue, 10))
    assert ledger.fold_balances(actor=system, now=now) == 2
    assert ledger.fold_balances(actor=system, now=now) == 0
    books.post("sale 5", (books.cash, 10), (books.revenue, 10))
    books.assert_balances(cash=60, revenue=60)
    assert BalanceSnapshot.objects.get(account=books.cash).balance == 50
    assert ledger.fold_balances(actor=system, now=now) == 2
    books.assert_balances(cash=60, revenue=60)
    assert not BalanceSnapshot.objects.filter(account=books.principal).exists()
