"""Sales told as stories: after every step every balance of the ledger is as it must be."""

from __future__ import annotations

from decimal import Decimal as D
from uuid import uuid4

import pytest

from dianke.core.actor import SYSTEM
from dianke.inventory.models import Document
from dianke.sales import operations as sales
from dianke.sales.models import Order, OrderException
from dianke.sales.queries.basket import Item, Tendered
from dianke.sales.tests.counter import Counter, books, make_counter


@pytest.fixture
def counter(db: None, now) -> Counter:
    return make_counter(now)


def test_a_cash_sale_takes_goods_and_money_and_gives_a_number(counter: Counter):
    order = counter.sell((counter.scarf, 2), (counter.hat, 1), payments=[("CASH", 250_00)])
    assert order.number == "XS-HZ01-261121-0001"
    assert order.state == "CLOSED"
    assert order.paid_amount == order.earned_amount == 250_00
    # 13 % inside 200.00 and 50.00: 23.01 and 5.75
    assert books() == {"cash stores.store": 250_00, "revenue": 221_24, "tax_payable": 28_76}
    counter.shop.assert_on_hand(counter.scarf, 98)
    lines = list(order.lines.order_by("position"))
    assert [(line.paid_amount, line.tax_amount, line.cost) for line in lines] == [
        (200_00, 23_01, D(80)),
        (50_00, 5_75, D(20)),
    ]
    assert list(lines[0].issues.values_list("quantity", "value")) == [(D(2), D(80))]


def test_cash_gives_change_and_several_tenders_share_the_total(counter: Counter):
    cash = Tendered(uuid4(), "CASH", 100_00, tendered_amount=100_00)
    order = counter.sell((counter.scarf, 1), (counter.hat, 1), payments=[("WECHAT", 80_00), cash])
    by_wechat, by_cash = order.payments.order_by("position")
    assert (by_wechat.amount, by_cash.amount, by_cash.tendered_amount, by_cash.change_amount) == (
        80_00,
        70_00,
        100_00,
        30_00,
    )
    assert books()["cash stores.store"] == 70_00
    assert books()["clearing sales.tender:WECHAT"] == 80_00


def test_numbers_have_no_gaps_and_count_per_day(counter: Counter, now):
    counter.sell((counter.socks, 1), payments=[("CASH", 9_99)])
    with pytest.raises(sales.NotPaidInFull):
        counter.sell((counter.socks, 1), payments=[("CASH", 5_00)])
    second = counter.sell((counter.socks, 1), payments=[("CASH", 9_99)])
    assert second.number.endswith("-0002")


def test_a_service_uses_up_goods_and_a_bundle_takes_its_parts(counter: Counter):
    order = counter.sell((counter.care, 2), (counter.set, 3), payments=[("CASH", 336_00 + 360_00)])
    counter.shop.assert_on_hand(counter.bottle, 99)
    counter.shop.assert_on_hand(counter.scarf, 97)
    counter.shop.assert_on_hand(counter.hat, 97)
    care, bundle = order.lines.order_by("position")
    assert (care.kind, care.cost, bundle.kind, bundle.cost) == ("SERVICE", D(30), "BUNDLE", D(180))
    assert sorted(
        Document.objects.filter(reference__startswith=order.key).values_list("kind", flat=True)
    ) == [
        "CONSUMPTION",
        "SALE",
    ]


def test_the_same_sale_sent_again_is_answered_with_what_stands(counter: Counter, now):
    sale = counter.basket((counter.scarf, 1), payments=[("CASH", 100_00)])
    first = sales.place_sale(sale=sale, actor=SYSTEM, now=now)
    again = sales.place_sale(sale=sale, actor=SYSTEM, now=now)
    assert again.pk == first.pk
    assert Order.objects.count() == 1
    other = counter.basket((counter.hat, 1), payments=[("CASH", 50_00)], uuid=sale.uuid)
    with pytest.raises(sales.SaleDiffers):
        sales.place_sale(sale=other, actor=SYSTEM, now=now)
    assert books()["cash stores.store"] == 100_00


def test_nobody_pays_another_total_than_was_shown(counter: Counter):
    with pytest.raises(sales.PriceChanged):
        counter.sell((counter.scarf, 1), payments=[("CASH", 90_00)], expected_amount=90_00)
    assert not Order.objects.exists()
    assert not books()


def test_an_offline_sale_is_accepted_at_the_price_it_was_sold_for(counter: Counter):
    line = Item("a", counter.scarf.pk, D(1), sold_amount=88_00)
    order = counter.sell(line, payments=[("CASH", 88_00)], is_offline=True, expected_amount=88_00)
    assert order.total_amount == 88_00
    (kept,) = order.lines.all()
    assert [(a.stage, a.amount) for a in kept.adjustments.all()] == [("CLIENT", -12_00)]
    found = OrderException.objects.get()
    assert (found.kind, found.amount) == ("PRICE", 12_00)


def test_an_offline_sale_of_goods_that_are_gone_is_kept_for_looking_at(counter: Counter):
    gone = counter.product("绝版", 30_00)
    order = counter.sell((counter.scarf, 1), (gone, 1), payments=[("CASH", 130_00)], is_offline=True)
    counter.shop.assert_on_hand(counter.scarf, 99)
    assert books()["cash stores.store"] == 130_00
    found = OrderException.objects.get(order=order)
    assert (found.kind, found.data) == ("STOCK", {"line": 2, "why": "stock_too_low"})


def test_an_online_sale_of_goods_that_are_gone_is_refused(counter: Counter):
    from dianke.inventory.operations import StockTooLow

    gone = counter.product("绝版", 30_00)
    with pytest.raises(StockTooLow):
        counter.sell((gone, 1), payments=[("CASH", 30_00)])
    assert not Order.objects.exists()


def test_people_share_a_line_and_the_shares_are_the_whole(counter: Counter, now):
    from dianke.access.models import User

    a = User.objects.create(username="a", name="A", created_at=now)
    b = User.objects.create(username="b", name="B", created_at=now)
    line = Item("a", counter.scarf.pk, D(1), people=((a.pk, 6000), (b.pk, 4000)))
    order = counter.sell(line, payments=[("CASH", 100_00)])
    assert sorted(order.lines.get().people.values_list("share_bp", flat=True)) == [4000, 6000]
    wrong = Item("a", counter.scarf.pk, D(1), people=((a.pk, 6000), (b.pk, 3000)))
    with pytest.raises(sales.SharesWrong):
        counter.sell(wrong, payments=[("CASH", 100_00)])
