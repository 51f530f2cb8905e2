"""Many at once, on real connections: nothing is spent twice, posted twice or reversed twice, and nothing deadlocks."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from dianke.core.actor import SYSTEM
from dianke.core.tests.racing import at_once, refusals
from dianke.ledger import operations as ledger
from dianke.ledger import queries
from dianke.ledger.models import Account, Transaction
from dianke.ledger.tests.books import Books

pytestmark = pytest.mark.django_db(transaction=True)


def spend_after_looking(
    books: Books, wallet: Account, amount: int, both_looked: Barrier
) -> Callable[[str], Any]:
    """Look whether there is enough, wait until the other has looked too, spend: what a careless till does."""

    def spend(reference: str) -> ledger.Posted | None:
        enough = queries.balance(wallet) >= amount
        both_looked.wait(timeout=20)
        if not enough:
            return None
        return books.post(reference, (wallet, -amount), (books.revenue, amount))

    return spend


def test_without_a_floor_the_same_value_is_spent_twice(books: Books):
    """The negative control of the next test: the same race on an account that nothing locks."""
    unguarded = books.open("wallet_principal", holder=books.holder)
    books.post("top-up", (books.cash, 100), (unguarded, 100))
    spend = spend_after_looking(books, unguarded, 100, Barrier(2))
    results = at_once(partial(spend, "a"), partial(spend, "b"))
    assert all(isinstance(result, ledger.Posted) for result in results)
    assert queries.balance(unguarded) == -100


def test_with_a_floor_the_same_value_is_spent_once(books: Books):
    for n in range(20):
        books.post(f"top-up {n}", (books.cash, 100), (books.principal, 100))
        spend = spend_after_looking(books, books.principal, 100, Barrier(2))
        results = at_once(partial(spend, f"a {n}"), partial(spend, f"b {n}"))
        assert refusals(results, ledger.BalanceTooLow) == 1
        books.assert_balances(principal=0)
    books.assert_balances(revenue=2000)


def test_of_twenty_redemptions_of_the_same_points_one_is_done_and_nineteen_are_refused(
    books: Books, now: datetime
):
    books.grant("a", 40, now + timedelta(days=5))
    books.grant("b", 60, now + timedelta(days=9))
    results = at_once(*(partial(books.redeem, f"gift {n}", 100) for n in range(20)))
    assert refusals(results, ledger.BalanceTooLow) == 19
    books.assert_balances(points=0, redeemed=100)
    books.assert_lots()


def test_partial_redemptions_at_once_take_each_point_once(books: Books, now: datetime):
    for n in range(6):
        books.grant(f"lot {n}", 10, now + timedelta(days=n + 1))
    results = at_once(*(partial(books.redeem, f"gift {n}", 7) for n in range(10)))
    assert refusals(results, ledger.BalanceTooLow) == 2
    books.assert_balances(points=4, redeemed=56)
    books.assert_lots((4, now + timedelta(days=6)))


def test_the_same_reference_from_ten_tills_makes_one_transaction(books: Books):
    accounts = (books.cash, books.revenue)
    results = at_once(*[lambda: books.post("sale", *((account, 100) for account in accounts))] * 10)
    assert refusals(results, ledger.ReferenceTaken) == 0
    assert len({posted.transaction_id for posted in results}) == 1
    assert sum(not posted.is_repeat for posted in results) == 1
    books.assert_balances(cash=100, revenue=100)


def test_the_same_reference_with_other_content_at_once_is_refused(books: Books):
    accounts = (books.cash, books.revenue)
    results = at_once(
        *(
            lambda amount=n: books.post("sale", *((account, amount) for account in accounts))
            for n in (1, 2, 3, 4)
        )
    )
    assert refusals(results, ledger.ReferenceTaken) == 3
    assert queries.balance(books.cash) in (1, 2, 3, 4)


def test_crossing_transfers_wait_for_each_other_and_never_for_ever(books: Books):
    left, right = (books.open("wallet_principal", holder=f"customers.account:{n}", floor=0) for n in (1, 2))
    books.post("start", (books.cash, 2000), (left, 1000), (right, 1000))

    def transfers(giver: Account, taker: Account, name: str) -> None:
        for n in range(25):
            books.post(f"{name} {n}", (giver, -10), (taker, 10))

    assert at_once(partial(transfers, left, right, "a"), partial(transfers, right, left, "b")) == [None, None]
    assert queries.balances([left, right]) == {left.pk: 1000, right.pk: 1000}


def test_refunds_of_one_sale_at_once_give_back_no_more_than_it_was(books: Books):
    from fractions import Fraction

    sale = books.post("sale", (books.cash, 100), (books.revenue, 100))
    part = partial(books.do, ledger.reverse_part, transaction=sale.transaction_id, share=Fraction(1))
    results = at_once(
        *(partial(part, reference=f"part {n}") for n in range(4)),
        *(partial(books.reverse, sale.transaction_id, f"whole {n}") for n in range(4)),
    )
    assert refusals(results, ledger.AlreadyReversed) == 7
    books.assert_balances(cash=0, revenue=0)


def test_closing_a_period_waits_for_who_is_posting_and_stops_who_comes_later(books: Books, now: datetime):
    october = date(2026, 10, 31)
    accounts = (books.cash, books.revenue)
    half_way, closing_waits = Barrier(2), Barrier(2)

    def post_slowly() -> ledger.Posted:
        def work(**usual: Any) -> ledger.Posted:
            entries = [ledger.Entry(account, 10) for account in accounts]
            posted = ledger.post(kind="x", reference="in time", entries=entries, **usual)
            half_way.wait(timeout=20)
            closing_waits.wait(timeout=20)
            with connection.cursor() as cursor:  # until the closing operation queues for the lock
                cursor.execute("SELECT pg_sleep(0.3)")
            return posted

        return books.do(work, business_date=october)

    def close() -> Any:
        half_way.wait(timeout=20)
        closing_waits.wait(timeout=20)
        return ledger.close_period(closed_before=date(2026, 11, 1), actor=SYSTEM, now=now)

    posted, closed = at_once(post_slowly, close)
    assert closed.last_transaction_id == posted.transaction_id
    with pytest.raises(ledger.PeriodClosed):
        books.post("too late", *((account, 10) for account in accounts), business_date=october)


def test_folding_while_others_post_misses_nothing(books: Books, now: datetime):
    accounts = (books.cash, books.revenue)

    def sell(till: int) -> None:
        for n in range(30):
            books.post(f"sale {till}/{n}", *((account, 1) for account in accounts))

    def fold() -> None:
        for _n in range(30):
            ledger.fold_balances(actor=SYSTEM, now=now)

    assert at_once(*(partial(sell, till) for till in range(4)), fold) == [None] * 5
    books.assert_balances(cash=120, revenue=120)
    assert queries.verify() == []


@pytest.mark.slow
def test_500_transactions_over_80_accounts_of_6_ledgers_each_reversed_twice_at_once(
    books: Books, now: datetime
):
    """REL-3 of the trust page: exactly 500 succeed and 500 are refused, and every balance is zero again."""
    chance = random.Random(20261121)
    ledgers = [Books(now, entity=n) for n in range(1, 7)]
    accounts = {
        shop.entity: [shop.open("wallet_principal", holder=f"customers.account:{n}") for n in range(80)]
        for shop in ledgers
    }

    def pick(shop: Books) -> list[tuple[Account, int]]:
        chosen = chance.sample(accounts[shop.entity], 4)
        amounts = [chance.randint(1, 999) for _ in range(3)]
        return list(zip(chosen, [*amounts, -sum(amounts)], strict=True))

    work = [(shop, f"tx {n}", pick(shop)) for n, shop in enumerate(chance.choices(ledgers, k=500))]

    def post(item: tuple[Books, str, list[tuple[Account, int]]]) -> int:
        with closing(connection):
            shop, reference, entries = item
            return shop.post(reference, *entries).transaction_id

    def undo(item: tuple[int, str]) -> bool:
        with closing(connection):
            try:
                books.reverse(*item)
            except ledger.AlreadyReversed:
                return False
            return True

    with ThreadPoolExecutor(20) as pool:
        posted = list(pool.map(post, work))
    every = [account for group in accounts.values() for account in group]
    assert any(queries.balances(every).values())
    assert queries.verify() == []
    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(undo, [(pk, f"undo {pk} {n}") for pk in posted for n in (1, 2)]))
    assert (outcomes.count(True), outcomes.count(False)) == (500, 500)
    assert set(queries.balances(every).values()) == {0}
    assert Transaction.objects.count() == 1000
