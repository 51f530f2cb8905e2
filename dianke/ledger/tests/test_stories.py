"""The worked stories of docs/algorithms/ledger.md: every balance after every step."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from django.db import transaction

from dianke.core.actor import SYSTEM
from dianke.ledger import operations as ledger
from dianke.ledger import queries, rules
from dianke.ledger.models import Transaction
from dianke.ledger.tests.books import TODAY, Books

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_sale_paid_from_the_wallet_earns_points_and_its_reversal_puts_everything_back(
    books: Books, now: datetime
):
    books.post("top-up", (books.cash, 1000_00), (books.principal, 1000_00), (books.bonus, 200_00),
               (books.bonus_expense, 200_00))  # fmt: skip
    books.assert_balances(cash=1000_00, principal=1000_00, bonus=200_00, bonus_expense=200_00, revenue=0)

    left = {"principal": 1000_00, "bonus": 200_00}
    paid = rules.spend_in_order(left, 288_00, ("bonus", "principal"))
    assert paid == {"bonus": 200_00, "principal": 88_00}
    sale = books.post("sale", (books.bonus, -paid["bonus"]), (books.principal, -paid["principal"]),
                      (books.revenue, 288_00))  # fmt: skip
    earned = books.grant("sale/points", 88, now + 365 * DAY)
    books.assert_balances(cash=1000_00, principal=912_00, bonus=0, revenue=288_00, points=88, issued=88)

    books.redeem("gift", 30)
    books.assert_balances(points=58, issued=88, redeemed=30)
    books.assert_lots((58, now + 365 * DAY))

    books.reverse(sale.transaction_id, "sale/undo")
    books.assert_balances(cash=1000_00, principal=1000_00, bonus=200_00, revenue=0, points=58)

    with pytest.raises(ledger.BalanceTooLow) as refused:
        books.reverse(earned.transaction_id, "sale/points/undo")
    assert (refused.value.params["available"], refused.value.params["wanted"]) == (58, 88)


def test_points_granted_and_spent_come_back_as_a_debt_that_the_next_grant_settles(now: datetime):
    books = Books(now, points_floor=-(10**12))
    earned = books.grant("sale/points", 88, now + 365 * DAY)
    books.redeem("gift", 30)
    books.reverse(earned.transaction_id, "undo", may_owe=True)
    books.assert_balances(points=-30, issued=0, redeemed=30)
    books.assert_lots((-30, None))
    with pytest.raises(ledger.BalanceTooLow):
        books.redeem("another gift", 1)
    second = books.grant("second sale", 100, now + 30 * DAY)
    books.assert_balances(points=70, issued=100, redeemed=30)
    books.assert_lots((70, now + 30 * DAY))
    books.reverse(second.transaction_id, "second undo", may_owe=True)
    books.assert_balances(points=-30, issued=0, redeemed=30)
    books.assert_lots((-30, None))


def test_spending_takes_the_earliest_expiry_first_then_the_oldest_and_what_never_expires_last(
    books: Books, now: datetime
):
    for reference, quantity, expires_at in (
        ("never", 10, None),
        ("late", 20, now + 90 * DAY),
        ("soon", 30, now + 10 * DAY),
        ("soon too", 40, now + 10 * DAY),
    ):
        books.grant(reference, quantity, expires_at)
    books.redeem("first", 35)
    books.assert_lots((35, now + 10 * DAY), (20, now + 90 * DAY), (10, None))
    books.redeem("second", 60)
    books.assert_lots((5, None))
    books.assert_balances(points=5, issued=100, redeemed=95)


def test_reversal_reopens_exactly_the_lots_it_drew_from(books: Books, now: datetime):
    books.grant("a", 100, now + 10 * DAY)
    books.grant("b", 200, now + 20 * DAY)
    gift = books.redeem("gift", 150)
    books.assert_lots((150, now + 20 * DAY))
    undone = books.reverse(gift.transaction_id, "gift/undo")
    assert undone.late == ()
    books.assert_lots((100, now + 10 * DAY), (200, now + 20 * DAY))
    books.assert_balances(points=300, redeemed=0)


@pytest.mark.parametrize("grace_days", [0, 7])
def test_what_comes_back_into_an_expired_lot_lapses_or_lives_for_the_days_of_grace(
    books: Books, now: datetime, grace_days: int
):
    books.grant("a", 100, now + 10 * DAY)
    gift = books.redeem("gift", 60)
    later = now + 11 * DAY
    (swept,) = books.expire(now=later)
    assert not swept.is_repeat
    books.assert_balances(points=0, expired=40, redeemed=60, issued=100)
    assert books.expire(now=later) == []

    undone = books.reverse(gift.transaction_id, "gift/undo", now=later, grace_days=grace_days)
    books.assert_balances(points=60, redeemed=0, expired=40)
    (late,) = undone.late
    assert (late.quantity, late.usable_until) == (60, later + grace_days * DAY if grace_days else None)
    if grace_days:
        books.assert_lots((60, later + 7 * DAY))
        assert queries.spendable(books.points, now=later) == 60
        assert books.expire(now=later + 6 * DAY) == []
        books.expire(now=later + 7 * DAY)
    else:
        assert queries.spendable(books.points, now=later) == 0
        with pytest.raises(ledger.BalanceTooLow):
            books.redeem("gift again", 1, now=later)
        books.expire(now=later)
    books.assert_balances(points=0, expired=100, redeemed=0, issued=100)
    again = books.reverse(gift.transaction_id, "gift/undo", now=later + 9 * DAY, grace_days=grace_days)
    assert (again.posted.is_repeat, again.late, again.amounts) == (True, undone.late, undone.amounts)


def test_three_partial_refunds_equal_one_full_refund_to_the_last_fen_and_point(books: Books, now: datetime):
    books.post("top-up", (books.cash, 100_00), (books.principal, 100_00))
    books.grant("a", 4, now + 10 * DAY)
    books.grant("b", 6, now + 20 * DAY)
    sale = books.post("sale", (books.principal, -100_00), (books.cash, 1), (books.revenue, 100_01))
    gift = books.redeem("sale/points", 10)
    steps = [
        (Fraction(1, 3), {"principal": 33_33, "cash": 100_01, "revenue": 66_68}, 3, [(3, 20)]),
        (Fraction(2, 3), {"principal": 66_67, "cash": 100_01, "revenue": 33_34}, 6, [(6, 20)]),
        (Fraction(1), {"principal": 100_00, "cash": 100_00, "revenue": 0}, 10, [(4, 10), (6, 20)]),
    ]
    for n, (share, money, points, lots) in enumerate(steps):
        books.do(ledger.reverse_part, transaction=sale.transaction_id, share=share, reference=f"refund {n}")
        books.do(ledger.reverse_part, transaction=gift.transaction_id, share=share, reference=f"points {n}")
        books.assert_balances(**money, points=points, redeemed=10 - points)
        books.assert_lots(*((remaining, now + days * DAY) for remaining, days in lots))
    with pytest.raises(ledger.AlreadyReversed):
        books.reverse(sale.transaction_id, "once more")


def test_a_full_reversal_after_a_partial_refund_takes_back_only_what_is_left(books: Books):
    sale = books.post("sale", (books.cash, 10_00), (books.revenue, 10_00))
    books.do(ledger.reverse_part, transaction=sale.transaction_id, share=Fraction(1, 4), reference="part")
    books.assert_balances(cash=7_50, revenue=7_50)
    books.reverse(sale.transaction_id, "rest")
    books.assert_balances(cash=0, revenue=0)
    for attempt in (books.reverse, lambda pk, ref: books.do(
            ledger.reverse_part, transaction=pk, share=Fraction(1, 2), reference=ref)):  # fmt: skip
        with pytest.raises(ledger.AlreadyReversed):
            attempt(sale.transaction_id, "too much")


def test_a_part_too_small_to_round_up_posts_nothing_yet(books: Books):
    books.grant("a", 2)
    gift = books.redeem("gift", 1)
    none = books.do(
        ledger.reverse_part, transaction=gift.transaction_id, share=Fraction(1, 2), reference="half"
    )
    assert none.posted is None
    books.assert_balances(points=1)
    books.do(ledger.reverse_part, transaction=gift.transaction_id, share=Fraction(1), reference="whole")
    books.assert_balances(points=2)


@pytest.mark.parametrize("share", [Fraction(0), Fraction(4, 3), Fraction(-1, 2)])
def test_a_share_beyond_the_whole_is_refused(books: Books, share: Fraction):
    sale = books.post("sale", (books.cash, 10_00), (books.revenue, 10_00))
    with pytest.raises(ledger.ShareOutOfRange):
        books.do(ledger.reverse_part, transaction=sale.transaction_id, share=share, reference="x")


def test_a_reversal_cannot_be_reversed(books: Books):
    sale = books.post("sale", (books.cash, 10_00), (books.revenue, 10_00))
    undone = books.reverse(sale.transaction_id, "undo")
    with pytest.raises(ledger.IsReversal):
        books.reverse(undone.posted.transaction_id, "undo the undo")


def test_value_received_by_one_legal_entity_and_used_at_another_nets_to_zero_across_them(now: datetime):
    salon, boutique = Books(now, entity=1), Books(now, entity=2)
    owed_to = salon.open("due_to_entity", holder="stores.legalentity:2")
    owed_by = boutique.open("due_from_entity", holder="stores.legalentity:1")
    salon.post("top-up", (salon.cash, 500_00), (salon.principal, 500_00))

    with pytest.raises(ledger.Unbalanced, match=r"#1|#2"):
        salon.post("use elsewhere", (salon.principal, -120_00), (boutique.revenue, 120_00))
    salon.post("use elsewhere", (salon.principal, -120_00), (owed_to, 120_00), (owed_by, 120_00),
               (boutique.revenue, 120_00))  # fmt: skip
    salon.assert_balances(cash=500_00, principal=380_00)
    boutique.assert_balances(cash=0, revenue=120_00)
    assert queries.balance(owed_to) - queries.balance(owed_by) == 0

    salon.post(
        "settle", (salon.cash, -120_00), (owed_to, -120_00), (boutique.cash, 120_00), (owed_by, -120_00)
    )
    salon.assert_balances(cash=380_00, principal=380_00)
    boutique.assert_balances(cash=120_00, revenue=120_00)
    assert queries.balances([owed_to, owed_by]) == {owed_to.pk: 0, owed_by.pk: 0}


def test_every_past_balance_and_trial_balance_can_be_asked_for_again(books: Books, now: datetime):
    books.post("d1", (books.cash, 100), (books.revenue, 100), now=now, business_date=date(2026, 11, 1))
    books.grant("p1", 50, now + 10 * DAY, now=now + DAY, business_date=date(2026, 11, 2))
    gift = books.redeem("g1", 20, now=now + 2 * DAY, business_date=date(2026, 11, 3))
    books.reverse(gift.transaction_id, "g1/undo", now=now + 3 * DAY, business_date=date(2026, 11, 4))
    books.expire(now=now + 10 * DAY, business_date=date(2026, 11, 11))

    assert [queries.balance(books.points, now + n * DAY) for n in (0, 1, 2, 3, 10)] == [0, 50, 30, 50, 0]
    assert [queries.balance(books.points, date(2026, 11, d)) for d in (1, 2, 3, 4, 11)] == [0, 50, 30, 50, 0]
    assert queries.balance(books.points, now + DAY - timedelta(microseconds=1)) == 0
    assert [[lot.remaining for lot in queries.lots_of(books.points, now + n * DAY)] for n in (0, 1, 2, 3, 10)] == [
        [], [50], [30], [50], [],
    ]  # fmt: skip
    for moment in (None, now, now + 2 * DAY, date(2026, 11, 3), now + 10 * DAY):
        rows = queries.trial_balance(moment)
        for unit in {row.unit for row in rows}:
            assert sum(row.balance * row.side for row in rows if row.unit == unit) == 0
    assert {row.code: row.balance for row in queries.trial_balance()} == {
        "cash": 100, "revenue": 100, "points_issued": 50, "points_expired": 50,
    }  # fmt: skip


def test_a_statement_is_paged_by_key_with_the_balance_after_each_posting(books: Books, now: datetime):
    for n in range(1, 8):
        books.post(f"sale {n}", (books.cash, n), (books.revenue, n))
        if n == 3:
            books.do(lambda **_: ledger.fold_balances(actor=SYSTEM, now=now))
    first = queries.statement(books.cash, limit=3)
    assert [(row.amount, row.balance) for row in first] == [(7, 28), (6, 21), (5, 15)]
    books.post("sale 8", (books.cash, 8), (books.revenue, 8))
    second = queries.statement(books.cash, before=first[-1].transaction_id, limit=3)
    assert [(row.amount, row.balance) for row in second] == [(4, 10), (3, 6), (2, 3)]
    assert first[0].reference == "sale 7"


def test_points_that_expire_soon_are_listed_once_per_customer_and_day(books: Books, now: datetime):
    books.grant("a", 10, now + 5 * DAY)
    books.grant("b", 20, now + 5 * DAY)
    books.grant("c", 30, now + 6 * DAY)
    books.grant("d", 40, now + 60 * DAY)
    other = Books(now, holder="customers.account:2")
    other.grant("e", 50, now + 5 * DAY)
    asked = {"code": "customer_points", "unit": "POINTS", "since": now, "until": now + 30 * DAY}
    rows = queries.expiring(**asked)
    assert [(row.holder, row.quantity) for row in rows] == [
        ("customers.account:1", 30), ("customers.account:1", 30), ("customers.account:2", 50),
    ]  # fmt: skip
    page = queries.expiring(**asked, limit=1)
    assert [row.quantity for row in page] == [30, 30]
    assert [row.quantity for row in queries.expiring(**asked, limit=1, after=page[-1].account_id)] == [50]


def test_a_retry_gives_the_first_result_and_different_content_is_refused(books: Books, now: datetime):
    first = books.post("sale", (books.cash, 100), (books.revenue, 100))
    again = books.post("sale", (books.cash, 100), (books.revenue, 100), now=now + DAY)
    assert (again.transaction_id, again.is_repeat, first.is_repeat) == (first.transaction_id, True, False)
    for changed in (101, 99):
        with pytest.raises(ledger.ReferenceTaken):
            books.post("sale", (books.cash, changed), (books.revenue, changed))
    with pytest.raises(ledger.ReferenceTaken):
        books.post("sale", (books.cash, 100), (books.revenue, 100), business_date=TODAY - DAY)
    books.assert_balances(cash=100, revenue=100)
    gift_source = books.grant("points", 100)
    books.redeem("gift", 100)
    assert books.redeem("gift", 100).is_repeat, "although nothing is left to spend"
    assert books.grant("points", 100).transaction_id == gift_source.transaction_id
    books.assert_balances(points=0)


def test_a_batch_posts_all_or_none_and_answers_those_that_stand(books: Books):
    def draft(reference: str, amount: int) -> ledger.Draft:
        entries = [ledger.Entry(books.principal, amount), ledger.Entry(books.cash, amount)]
        return ledger.Draft("test.batch", reference, entries, TODAY)

    def post(*drafts: ledger.Draft) -> list[ledger.Posted]:
        return books.do(
            lambda business_date, **usual: ledger.post_many(**usual), drafts=drafts
        )  # fmt: skip

    post(draft("a", 10))
    assert [p.is_repeat for p in post(draft("b", 5), draft("a", 10), draft("c", -3))] == [False, True, False]
    books.assert_balances(principal=12, cash=12)
    with pytest.raises(ledger.BalanceTooLow) as refused, transaction.atomic():
        post(draft("d", 5), draft("e", -18))
    assert refused.value.params["available"] == 12
    assert not Transaction.objects.filter(reference__in=["d", "e"]).exists()


@pytest.mark.parametrize("count", [2, 60])
def test_posting_takes_one_statement_however_many_entries(
    books: Books, count: int, django_assert_num_queries
):
    accounts = [books.open("revenue", store_id=n) for n in range(count)]
    cash = books.cash
    entries = [ledger.Entry(account, 1) for account in accounts] + [ledger.Entry(cash, count)]

    def post(**usual):
        with django_assert_num_queries(1):
            return ledger.post(kind="x", reference="many", entries=entries, **usual)

    books.do(post)


def test_drawing_lots_takes_four_statements_however_many_lots(
    books: Books, now: datetime, django_assert_num_queries
):
    for n in range(40):
        books.grant(f"lot {n}", 1, now + DAY)
    entries = [ledger.Entry(books.points, -40), ledger.Entry(books.redeemed, 40)]

    def post(**usual):
        with django_assert_num_queries(4):  # lock balances, read lots, look for the reference, post
            return ledger.post(kind="x", reference="many", entries=entries, **usual)

    books.do(post)
    books.assert_lots()


def test_sessions_of_different_packages_never_mix(now: datetime):
    books = Books(now)
    facial, massage = rules.sessions("facial-10"), rules.sessions("massage-5")
    issued = {unit: books.open("sessions_issued", unit) for unit in (facial, massage)}
    used = {unit: books.open("sessions_used", unit) for unit in (facial, massage)}
    mine = {
        unit: books.open("customer_sessions", unit, holder=books.holder, floor=0, has_lots=True)
        for unit in (facial, massage)
    }
    for unit, count in ((facial, 10), (massage, 5)):
        books.grant(f"buy {unit}", count, now + 365 * DAY, account=mine[unit], counter=issued[unit])
    books.redeem("visit", 1, account=mine[facial], counter=used[facial])
    assert queries.balances(mine.values()) == {mine[facial].pk: 9, mine[massage].pk: 5}
    with pytest.raises(ledger.Unbalanced):
        books.redeem("mixed", 1, account=mine[facial], counter=used[massage])
