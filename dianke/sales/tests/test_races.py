"""Many at once, on real connections: the last piece, the one coupon, the wallet for one purchase go to
exactly one of twenty; the same sale sent twenty times is one sale. `DIANKE_RACES=full` repeats each race
twenty times.
"""

from __future__ import annotations

import os
from functools import partial
from uuid import uuid4

import pytest

from dianke.core.actor import SYSTEM
from dianke.core.tests.racing import at_once, refusals
from dianke.inventory import operations as stock
from dianke.promotions.models import Coupon
from dianke.promotions.operations.taking import CouponUsed
from dianke.sales import operations as sales
from dianke.sales.models import Order, OrderException
from dianke.sales.queries.basket import Tendered
from dianke.sales.queries.pricing import CouponNotUsable
from dianke.sales.tests.counter import Counter, books, make_counter
from dianke.wallets.operations import ValueTooLow

pytestmark = pytest.mark.django_db(transaction=True)
RACES = 20 if os.environ.get("DIANKE_RACES") == "full" else 2
MANY = 20
TWENTY_OFF = {"rule": {"kind": "CASH", "amount": 20_00}, "threshold_amount": 100_00}


@pytest.fixture
def counter(transactional_db: None, now) -> Counter:
    return make_counter(now)


def test_the_last_piece_is_sold_once(counter: Counter):
    for n in range(RACES):
        rare = counter.product(f"孤品{n}", 60_00)
        counter.shop.receive(rare, 1, 20)
        results = at_once(
            *[partial(counter.sell, (rare, 1), payments=[("CASH", 60_00)]) for _n in range(MANY)]
        )
        assert refusals(results, stock.StockTooLow) == MANY - 1
        counter.shop.assert_on_hand(rare, 0)
    assert books()["cash stores.store"] == RACES * 60_00


def test_where_nothing_blocks_the_last_piece_is_sold_twenty_times(counter: Counter, now):
    """The negative control: the same race at a place that may be short."""
    stock.set_negative_policy(
        policy="ALLOW", place=counter.shop.shelf(), category=None, actor=SYSTEM, now=now
    )
    rare = counter.product("孤品", 60_00)
    counter.shop.receive(rare, 1, 20)
    results = at_once(*[partial(counter.sell, (rare, 1), payments=[("CASH", 60_00)]) for _n in range(MANY)])
    assert refusals(results, stock.StockTooLow) == 0
    counter.shop.assert_on_hand(rare, 1 - MANY)


def test_one_coupon_is_used_by_one_of_twenty(counter: Counter):
    wang = counter.member()
    for _n in range(RACES):
        coupon = counter.coupon(wang, TWENTY_OFF)
        sell = partial(
            counter.sell,
            (counter.scarf, 1),
            payments=[("CASH", 80_00)],
            customer=wang,
            coupon_ids=(coupon.pk,),
        )
        results = at_once(*[sell for _n in range(MANY)])
        sold = [result for result in results if isinstance(result, Order)]
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, CouponUsed | CouponNotUsable):
                raise result
        assert len(sold) == 1
        assert Coupon.objects.get(pk=coupon.pk).state == "USED"


def test_offline_the_same_coupon_is_taken_by_all_and_nineteen_are_looked_at(counter: Counter):
    """The negative control: paid sales of tills without connection are never refused, so all of them stand."""
    wang = counter.member()
    coupon = counter.coupon(wang, TWENTY_OFF)
    sell = partial(
        counter.sell,
        (counter.scarf, 1),
        payments=[("CASH", 80_00)],
        customer=wang,
        coupon_ids=(coupon.pk,),
        is_offline=True,
    )
    results = at_once(*[sell for _n in range(MANY)])
    assert all(isinstance(result, Order) for result in results)
    assert OrderException.objects.values("order").distinct().count() == MANY - 1


def test_a_wallet_for_one_purchase_pays_one_of_twenty(counter: Counter):
    wang = counter.member()
    for _n in range(RACES):
        counter.top_up(wang, 100_00)
        sell = partial(counter.sell, (counter.scarf, 1), payments=[("WALLET", 100_00)], customer=wang)
        results = at_once(*[sell for _n in range(MANY)])
        assert refusals(results, ValueTooLow) == MANY - 1
        assert "wallet_principal customers.customer" not in books()


def test_the_same_sale_sent_twenty_times_is_one_sale(counter: Counter, now):
    for n in range(RACES):
        sale = counter.basket((counter.scarf, 1), payments=[("CASH", 100_00)])
        results = at_once(
            *[partial(sales.place_sale, sale=sale, actor=SYSTEM, now=now) for _n in range(MANY)]
        )
        assert refusals(results, sales.SaleDiffers) == 0
        assert len({order.pk for order in results}) == 1
        counter.shop.assert_on_hand(counter.scarf, 99 - n)
    assert books()["cash stores.store"] == RACES * 100_00


def test_different_sales_at_once_get_different_numbers(counter: Counter, now):
    """The negative control of the last test: twenty UUIDs are twenty sales, numbered without a gap."""
    results = at_once(
        *[partial(counter.sell, (counter.scarf, 1), payments=[("CASH", 100_00)]) for _n in range(MANY)]
    )
    assert refusals(results, sales.SaleDiffers) == 0
    assert sorted(int(order.number[-4:]) for order in results) == list(range(1, MANY + 1))


def test_a_payment_sent_twenty_times_is_taken_once(counter: Counter, now):
    order = counter.order((counter.scarf, 1))
    payment = Tendered(uuid4(), "CASH", 60_00)
    results = at_once(
        *[
            partial(sales.add_payment, order=order, payment=payment, actor=SYSTEM, now=now)
            for _n in range(MANY)
        ]
    )
    assert refusals(results, sales.PaymentDiffers) == 0
    assert books() == {"cash stores.store": 60_00, "deposit order": 60_00}


def test_the_same_goods_come_back_once(counter: Counter, now):
    order = counter.sell((counter.scarf, 1), payments=[("CASH", 100_00)])
    from dianke.sales.queries.returning import ReturnTooMuch

    items = counter.items(order)
    give = [
        partial(
            sales.return_goods,
            order=order,
            uuid=uuid4(),
            items=items,
            reason="不合适",
            actor=SYSTEM,
            now=now,
        )
        for _n in range(MANY)
    ]
    assert refusals(at_once(*give), ReturnTooMuch) == MANY - 1
    assert books() == {}
    counter.shop.assert_on_hand(counter.scarf, 100)
