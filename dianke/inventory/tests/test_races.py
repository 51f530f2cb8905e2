"""Many at once, on real connections: nothing is sold twice, posted twice or reversed twice, and nothing deadlocks.
`DIANKE_RACES=full` races two hundred times for the last one and lets eight write for a minute, as the whole proof does.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from dianke.core.actor import SYSTEM
from dianke.core.tests.racing import at_once, refusals
from dianke.inventory import operations as stock
from dianke.inventory import queries
from dianke.inventory.models import Document, DocumentCounter
from dianke.inventory.tests.shop import TODAY, D, Shop, make_shop

pytestmark = pytest.mark.django_db(transaction=True)

FULL = os.environ.get("DIANKE_RACES") == "full"
RACES, WRITING_SECONDS = (200, 60) if FULL else (20, 6)


@pytest.fixture
def shop(transactional_db: None, now) -> Shop:
    return make_shop(now)


def sell_after_looking(shop: Shop, both_looked: Barrier) -> Callable[[str], Any]:
    """Look whether there is one, wait until the other has looked too, sell: what a careless till does."""

    def sell(reference: str) -> Any:
        place = shop.shelf().pk
        there = queries.available([shop.scarf.pk], place_ids=[place], actor=SYSTEM)[shop.scarf.pk, place] >= 1
        both_looked.wait(timeout=20)
        return shop.sell(shop.scarf, 1, reference=reference) if there else None

    return sell


def test_where_nothing_blocks_the_last_one_is_sold_twice(shop: Shop, now):
    """The negative control of the next test: the same race at a place that may be short."""
    stock.set_negative_policy(policy="ALLOW", place=shop.shelf(), category=None, actor=SYSTEM, now=now)
    for n in range(RACES // 10):
        shop.receive(shop.scarf, 1 + (n > 0), 20)
        sell = sell_after_looking(shop, Barrier(2))
        results = at_once(partial(sell, f"a {n}"), partial(sell, f"b {n}"))
        assert refusals(results, stock.StockTooLow) == 0
        shop.assert_on_hand(shop.scarf, -1)


def test_the_last_one_is_sold_once(shop: Shop):
    for n in range(RACES):
        shop.receive(shop.scarf, 1, Decimal(n % 7))
        sell = sell_after_looking(shop, Barrier(2))
        results = at_once(partial(sell, f"a {n}"), partial(sell, f"b {n}"))
        assert refusals(results, stock.StockTooLow) == 1
        shop.assert_on_hand(shop.scarf, 0)
    shop.assert_cost(shop.scarf, 0, 0)


def test_a_piece_is_sold_by_one_of_two(shop: Shop):
    for n in range(5):
        ring = shop.piece(f"R{n}")
        shop.receive(shop.ring, 1, 5000, piece_id=ring.pk)
        sell = partial(shop.sell, shop.ring, 1, piece_id=ring.pk)
        results = at_once(partial(sell, reference=f"a {n}"), partial(sell, reference=f"b {n}"))
        assert sum(isinstance(r, (stock.StockTooLow, stock.PieceElsewhere)) for r in results) == 1
        assert sum(isinstance(r, stock.Posted) for r in results) == 1


def test_what_is_left_is_kept_for_one_of_ten(shop: Shop):
    shop.receive(shop.scarf, 3, 20)

    def keep(n: int) -> Any:
        wanted = [stock.Wanted(f"order:{n}", shop.scarf.pk, shop.shelf(), D(2))]
        return shop.do(stock.reserve, wanted=wanted, expires_at=None)

    assert refusals(at_once(*(partial(keep, n) for n in range(10))), stock.StockTooLow) == 9


def test_a_reservation_is_taken_by_one_sale(shop: Shop):
    shop.receive(shop.scarf, 2, 20)
    shop.do(
        stock.reserve,
        wanted=[stock.Wanted("order:1", shop.scarf.pk, shop.shelf(), D(2))],
        expires_at=None,
    )
    sell = partial(shop.sell, shop.scarf, 2, reservation="order:1")
    results = at_once(*(partial(sell, reference=f"sale {n}") for n in range(4)))
    assert refusals(results, stock.StockTooLow) == 3


def test_the_same_reference_from_ten_tills_makes_one_document(shop: Shop):
    shop.receive(shop.scarf, 10, 20)
    results = at_once(*[partial(shop.sell, shop.scarf, 1, reference="sale 1")] * 10)
    assert refusals(results, stock.ReferenceTaken) == 0
    assert len({posted.document_id for posted in results}) == 1
    assert sum(not posted.is_repeat for posted in results) == 1
    shop.assert_on_hand(shop.scarf, 9)


def test_a_document_is_reversed_by_one_of_five(shop: Shop):
    shop.receive(shop.scarf, 10, 20)
    sale = shop.sell(shop.scarf, 3)
    undo = [partial(shop.reverse, sale, reference=f"undo {n}") for n in range(5)]
    assert refusals(at_once(*undo), stock.AlreadyReversed) == 4
    shop.assert_on_hand(shop.scarf, 10)


def test_returns_at_once_give_back_no_more_than_was_sold(shop: Shop):
    shop.receive(shop.scarf, 10, "3.333333")
    sale = shop.sell(shop.scarf, 3)
    back = [partial(shop.give_back, sale, 1, reference=f"back {n}") for n in range(6)]
    assert refusals(at_once(*back), stock.ReturnTooMuch) == 3
    shop.assert_on_hand(shop.scarf, 10)
    shop.assert_cost(shop.scarf, 10, "33.33333")


def test_receipts_and_sales_at_once_keep_quantity_value_and_numbers(shop: Shop):
    shop.receive(shop.scarf, 200, 20)

    def receive(n: int) -> None:
        for i in range(10):
            shop.receive(shop.scarf, 2, 21 + n, reference=f"in {n}/{i}")

    def sell(n: int) -> None:
        for i in range(10):
            shop.sell(shop.scarf, 3, reference=f"out {n}/{i}")

    works = [partial(receive, n) for n in range(3)] + [partial(sell, n) for n in range(3)]
    assert at_once(*works) == [None] * 6
    shop.assert_on_hand(shop.scarf, 200 + 60 - 90)
    assert DocumentCounter.objects.get(kind="RECEIPT").last == 31
    assert queries.verify() == []


def test_crossing_transfers_wait_for_each_other_and_never_for_ever(shop: Shop):
    left, right = shop.shelf(), shop.shelf(shop.road)
    shop.receive(shop.scarf, 100, 20)
    shop.receive(shop.scarf, 100, 20, store=shop.road)

    def transfers(of: Any, to: Any, name: str) -> None:
        for n in range(25):
            shop.move(shop.scarf, 1, to, of, reference=f"{name} {n}")

    assert at_once(partial(transfers, left, right, "a"), partial(transfers, right, left, "b")) == [None, None]
    shop.assert_on_hand(shop.scarf, 100, left)


def test_locking_a_period_waits_for_who_is_posting_and_stops_who_comes_later(shop: Shop, now):
    yesterday = TODAY - timedelta(days=1)
    half_way = Barrier(2)

    def post_slowly() -> stock.Posted:
        def work(**usual: Any) -> stock.Posted:
            goods = [stock.Goods(shop.scarf.pk, D(1), D(5))]
            posted = stock.post_receipt(
                store=shop.lake, goods=goods, reference="in time", business_date=yesterday, **usual
            )
            half_way.wait(timeout=20)
            with connection.cursor() as cursor:  # until the locking operation queues
                cursor.execute("SELECT pg_sleep(0.3)")
            return posted

        return shop.do(work)

    def lock() -> Any:
        half_way.wait(timeout=20)
        return stock.lock_period(
            legal_entity=shop.lake.legal_entity, locked_through=yesterday, actor=SYSTEM, now=now
        )

    posted, locked = at_once(post_slowly, lock)
    assert locked.last_document_id == posted.document_id
    with pytest.raises(stock.StockPeriodLocked):
        shop.receive(shop.scarf, 1, 5, business_date=yesterday)


def test_folding_month_ends_while_others_post_misses_nothing(shop: Shop, now):
    october = TODAY.replace(month=10)

    def receive(n: int) -> None:
        for i in range(8):
            shop.receive(shop.scarf, 1, 5, reference=f"in {n}/{i}", business_date=october)

    def fold() -> None:
        for _n in range(8):
            stock.fold_closings(legal_entity=shop.lake.legal_entity, actor=SYSTEM, now=now)

    assert at_once(partial(receive, 1), partial(receive, 2), fold) == [None] * 3
    assert queries.verify() == []
    (row,) = queries.valuation(
        as_of=TODAY.replace(month=10, day=31), actor=SYSTEM, legal_entity_ids=[shop.lake.legal_entity_id]
    )
    assert (row.quantity, row.value) == (16, 80)


def writers(shop: Shop, seconds: float, variants: int) -> tuple[int, int]:
    """Eight at once over the same few goods, receiving, selling, moving, giving back, reversing and reserving in any
    order of lines; how many documents were posted and how many refused."""
    goods = [shop.scarf, *(shop.more(f"货{n}") for n in range(variants))]
    shelves = [shop.shelf(), shop.warehouse, shop.shelf(shop.road)]
    for each in goods:
        for shelf in shelves:
            shop.receive(each, 20, 10, place=shelf)
    end = time.monotonic() + seconds

    def write(number: int) -> tuple[int, int]:
        chance, posted, refused, n = random.Random(number), 0, 0, 0
        while time.monotonic() < end:
            n += 1
            reference = f"w{number}/{n}"
            try:
                match chance.randrange(6):
                    case 0:
                        some = [
                            stock.Goods(v.pk, D(chance.randint(1, 4)), D(chance.randint(1, 30)), place=p)
                            for v, p in zip(
                                chance.sample(goods, 3), chance.choices(shelves, k=3), strict=True
                            )
                        ]
                        stock.receive(**shop.usual({"goods": some, "reference": reference}))
                    case 1 | 2 | 3:
                        out = [
                            stock.Out(v.pk, D(chance.randint(1, 4)), p)
                            for v, p in zip(
                                chance.sample(goods, 3), chance.choices(shelves, k=3), strict=True
                            )
                        ]
                        usual = shop.usual({"goods": out, "occurred_at": shop.now, "reference": reference})
                        done = shop.do(stock.issue_for_sale, **usual)
                        if chance.random() < 0.3:
                            shop.reverse(done, reference=f"{reference} undo")
                    case 4:
                        of, to = chance.sample(shelves, 2)
                        shop.move(chance.choice(goods), chance.randint(1, 5), to, of, reference=reference)
                    case _:
                        wanted = [
                            stock.Wanted(f"{reference}/{v.pk}", v.pk, chance.choice(shelves), D(1))
                            for v in chance.sample(goods, 3)
                        ]
                        shop.do(stock.reserve, wanted=wanted, expires_at=None)
                        shop.do(stock.release, references=[each.reference for each in wanted])
                posted += 1
            except stock.StockTooLow:
                refused += 1
        return posted, refused

    results = at_once(*(partial(write, number) for number in range(8)))
    broken = [result for result in results if isinstance(result, Exception)]
    if broken:
        raise broken[0]
    return sum(posted for posted, _refused in results), sum(refused for _posted, refused in results)


def test_eight_writers_over_the_same_goods_neither_deadlock_nor_oversell(shop: Shop):
    """Everything at once over three goods, until little is left of any."""
    posted, _refused = writers(shop, WRITING_SECONDS, 2)
    assert posted > 50
    assert Document.objects.count() >= posted // 2
    assert queries.verify() == []
