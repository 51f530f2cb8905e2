"""Taking back, told as stories: every balance returns to where it was, whatever the parts."""

from __future__ import annotations

from decimal import Decimal as D
from uuid import uuid4

import pytest

from dianke.core.actor import SYSTEM
from dianke.sales import operations as sales
from dianke.sales.models import Order
from dianke.sales.queries.basket import Item, Tendered
from dianke.sales.queries.returning import ReturnTooMuch, preview_return
from dianke.sales.tests.counter import Counter, books, make_counter


@pytest.fixture
def counter(db: None, now) -> Counter:
    return make_counter(now)


def test_a_full_return_leaves_nothing_behind(counter: Counter):
    order = counter.sell(
        (counter.scarf, 2), (counter.hat, 1), payments=[("WECHAT", 100_00), ("CASH", 150_00)]
    )
    back = counter.give_back(order)
    assert back.number == "TH-HZ01-261121-0001"
    assert books() == {}
    counter.shop.assert_on_hand(counter.scarf, 100)
    counter.shop.assert_on_hand(counter.hat, 100)
    order = Order.objects.get()
    assert (order.earned_amount, order.paid_amount, order.returned_amount) == (0, 0, 250_00)


def test_parts_add_up_to_the_whole(counter: Counter):
    order = counter.sell((counter.socks, 3), payments=[("CASH", 29_97)])
    amounts = [counter.give_back(Order.objects.get(), ("l1", 1)).refund_amount for _n in range(3)]
    assert sum(amounts) == 29_97
    assert books() == {}
    counter.shop.assert_on_hand(counter.socks, 100)
    with pytest.raises(ReturnTooMuch):
        counter.give_back(order, ("l1", 1))


def test_money_goes_back_the_way_it_came_with_cash_last(counter: Counter):
    order = counter.sell((counter.scarf, 2), payments=[("CASH", 120_00), ("WECHAT", 80_00)])
    counter.give_back(order, ("l1", 1))
    assert list(order.refunds.order_by("pk").values_list("tender__code", "amount")) == [
        ("WECHAT", 80_00),
        ("CASH", 20_00),
    ]
    assert books()["cash stores.store"] == 100_00


def test_the_same_return_sent_again_is_answered_with_what_stands(counter: Counter):
    order = counter.sell((counter.scarf, 2), payments=[("CASH", 200_00)])
    uuid = uuid4()
    first = counter.give_back(order, ("l1", 1), uuid=uuid)
    again = counter.give_back(order, ("l1", 1), uuid=uuid)
    assert again.pk == first.pk
    assert books()["cash stores.store"] == 100_00
    with pytest.raises(sales.ReturnDiffers):
        counter.give_back(order, ("l1", 2), uuid=uuid)


def test_nothing_else_goes_back_than_the_preview_showed(counter: Counter, now):
    order = counter.sell((counter.scarf, 2), payments=[("CASH", 200_00)])
    shown = preview_return(order, counter.items(order, ("l1", 1)), now=now).refund
    counter.give_back(order, ("l1", 1), expected_refund=shown)
    with pytest.raises(sales.PreviewOvertaken):
        counter.give_back(order, ("l1", 1), expected_refund=99_00)


def test_broken_goods_do_not_come_back_onto_the_shelf(counter: Counter, now):
    order = counter.sell((counter.scarf, 1), payments=[("CASH", 100_00)])
    line = order.lines.get()
    sales.return_goods(
        order=order,
        uuid=uuid4(),
        items=(sales.ReturnItem(line.pk, D(1), is_restocked=False),),
        reason="破损",
        actor=SYSTEM,
        now=now,
    )
    counter.shop.assert_on_hand(counter.scarf, 99)
    assert books() == {}


def test_a_bundle_comes_back_with_its_parts_and_a_service_keeps_what_it_used(counter: Counter):
    order = counter.sell((counter.set, 2), (counter.care, 1), payments=[("CASH", 240_00 + 168_00)])
    counter.give_back(order, ("l1", 1))
    counter.shop.assert_on_hand(counter.scarf, 99)
    counter.shop.assert_on_hand(counter.hat, 99)
    counter.give_back(order, ("l1", 1), ("l2", 1))
    counter.shop.assert_on_hand(counter.scarf, 100)
    counter.shop.assert_on_hand(counter.bottle, D("99.5"))
    assert books() == {}


def test_an_exchange_for_something_dearer_takes_only_the_difference(counter: Counter):
    order = counter.sell((counter.hat, 1), payments=[("WECHAT", 50_00)])
    instead = counter.basket((counter.scarf, 1), payments=[("CASH", 50_00)])
    back = counter.give_back(order, exchange=instead)
    assert (back.kind, back.refund_amount, back.exchange_amount) == ("EXCHANGE", 50_00, 50_00)
    new = back.exchange
    assert sorted(new.payments.values_list("tender__code", "amount")) == [
        ("CASH", 50_00),
        ("EXCHANGE", 50_00),
    ]
    assert books() == {
        "cash stores.store": 50_00,
        "clearing sales.tender:WECHAT": 50_00,
        "revenue": 88_50,
        "tax_payable": 11_50,
    }


def test_nobody_pays_with_goods_nobody_gave_back(counter: Counter):
    with pytest.raises(sales.TenderUnknown):
        counter.sell((counter.scarf, 1), payments=[("EXCHANGE", 100_00)])


def test_an_exchange_for_something_cheaper_refunds_the_difference(counter: Counter):
    order = counter.sell((counter.scarf, 1), payments=[("CASH", 100_00)])
    instead = counter.basket((counter.hat, 1), expected_amount=50_00)
    back = counter.give_back(order, exchange=instead)
    assert (back.refund_amount, back.exchange_amount) == (100_00, 50_00)
    assert books() == {"cash stores.store": 50_00, "revenue": 44_25, "tax_payable": 5_75}
    # and what was taken instead comes back too: as cash
    counter.give_back(back.exchange)
    assert books() == {}


def test_a_return_after_an_exchange_goes_on_where_it_was(counter: Counter):
    order = counter.sell((counter.scarf, 2), payments=[("CASH", 200_00)])
    counter.give_back(order, ("l1", 1), exchange=counter.basket((counter.hat, 2)))
    counter.give_back(Order.objects.get(pk=order.pk), ("l1", 1))
    assert books()["cash stores.store"] == 100_00


def test_a_discount_by_hand_goes_back_with_its_line(counter: Counter):
    line = Item("a", counter.scarf.pk, D(3), discount_amount=10_00, reason="老客户")
    order = counter.sell(line, payments=[("CASH", 290_00)])
    amounts = [counter.give_back(Order.objects.get(pk=order.pk), ("a", 1)).refund_amount for _n in range(3)]
    assert amounts == [96_66, 96_67, 96_67]
    assert books() == {}


def test_prices_by_hand_need_the_permission(counter: Counter, make_actor):
    from dianke.core.actor import PermissionRefused

    clerk = make_actor("CLERK")
    line = Item("a", counter.scarf.pk, unit_amount=80_00, reason="议价")
    with pytest.raises(PermissionRefused):
        counter.sell(line, payments=[("CASH", 80_00)], actor=clerk)


def test_a_fallback_tender_takes_over_when_the_window_of_the_channel_is_over(counter: Counter, now):
    from datetime import timedelta

    order = counter.sell((counter.scarf, 1), payments=[("CARD", 100_00)])
    counter.give_back(order, now=now + timedelta(days=200))
    assert list(order.refunds.values_list("tender__code", flat=True)) == ["CASH"]
    assert books() == {"cash stores.store": -100_00, "clearing sales.tender:CARD": 100_00}


def test_a_payment_counts_once(counter: Counter, now):
    order = counter.order((counter.scarf, 1))
    payment = Tendered(uuid4(), "CASH", 60_00, tendered_amount=60_00)
    for _n in range(2):
        sales.add_payment(order=order, payment=payment, actor=SYSTEM, now=now)
    assert books() == {"cash stores.store": 60_00, "deposit order": 60_00}
    with pytest.raises(sales.PaymentDiffers):
        sales.add_payment(
            order=order, payment=Tendered(payment.uuid, "WECHAT", 60_00, reference="x"), actor=SYSTEM, now=now
        )
    with pytest.raises(sales.PaidAlready):
        counter.pay(order, "WECHAT", 50_00)
