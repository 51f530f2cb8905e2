"""Orders told as stories: deposit, delivery, balance, cancelling; every balance of the ledger after every step."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D
from uuid import uuid4

import pytest

from dianke.core.actor import SYSTEM
from dianke.inventory.models import Balance
from dianke.sales import operations as sales
from dianke.sales.models import Order, OrderChange
from dianke.sales.queries.basket import Item, OrderTerms
from dianke.sales.tests.counter import Counter, books, make_counter


@pytest.fixture
def counter(db: None, now) -> Counter:
    return make_counter(now)


def test_a_deposit_is_owed_until_the_goods_leave(counter: Counter, now):
    terms = OrderTerms(deposit_kind="PREPAYMENT", deposit_amount=80_00)
    order = counter.order((counter.scarf, 2), (counter.hat, 1), terms=terms, payments=[("CASH", 80_00)])
    assert (order.state, order.due_amount) == ("APPROVED", 170_00)
    assert books() == {"cash stores.store": 80_00, "deposit order": 80_00}
    counter.pay(order, "WECHAT", 100_00)
    assert books()["deposit order"] == 180_00
    lines = {line.key: line for line in order.lines.all()}
    with pytest.raises(sales.NotPaidInFull):
        sales.fulfil(order=order, uuid=uuid4(), actor=SYSTEM, now=now)
    # one scarf: 100.00 earned out of the deposit, tax 11.50
    order = sales.fulfil(
        order=order, uuid=uuid4(), items=[sales.Delivered(lines["l1"].pk, D(1))], actor=SYSTEM, now=now
    )
    assert books() == {
        "cash stores.store": 80_00,
        "clearing sales.tender:WECHAT": 100_00,
        "deposit order": 80_00,
        "revenue": 88_50,
        "tax_payable": 11_50,
    }
    counter.shop.assert_on_hand(counter.scarf, 99)
    counter.pay(order, "CASH", 70_00)
    order = sales.fulfil(order=order, uuid=uuid4(), actor=SYSTEM, now=now)
    assert order.state == "CLOSED"
    assert books() == {
        "cash stores.store": 150_00,
        "clearing sales.tender:WECHAT": 100_00,
        "revenue": 221_24,
        "tax_payable": 28_76,
    }
    counter.shop.assert_on_hand(counter.scarf, 98)


def test_a_delivery_reported_twice_happens_once(counter: Counter, now):
    order = counter.order((counter.scarf, 1), payments=[("CASH", 100_00)])
    uuid = uuid4()
    sales.fulfil(order=order, uuid=uuid, actor=SYSTEM, now=now)
    sales.fulfil(order=order, uuid=uuid, actor=SYSTEM, now=now)
    counter.shop.assert_on_hand(counter.scarf, 99)


def test_earnest_money_is_lost_up_to_a_fifth_when_the_customer_withdraws(counter: Counter, now):
    terms = OrderTerms(deposit_kind="EARNEST", deposit_amount=30_00)
    order = counter.order((counter.scarf, 1), terms=terms, payments=[("CASH", 30_00)])
    order = sales.cancel_order(order=order, reason="不要了", actor=SYSTEM, now=now)
    assert (order.state, order.forfeited_amount, order.paid_amount) == ("CANCELLED", 20_00, 20_00)
    assert books() == {"cash stores.store": 20_00, "other_income": 20_00}


def test_a_prepayment_comes_back_the_way_it_came(counter: Counter, now):
    terms = OrderTerms(deposit_kind="PREPAYMENT", deposit_amount=50_00)
    order = counter.order((counter.scarf, 1), terms=terms, payments=[("CASH", 20_00), ("WECHAT", 30_00)])
    order = sales.cancel_order(order=order, reason="不要了", actor=SYSTEM, now=now)
    assert books() == {}
    assert sorted(order.refunds.values_list("tender__code", "amount")) == [("CASH", 20_00), ("WECHAT", 30_00)]


def test_kept_goods_are_kept_until_the_order_ends(counter: Counter, now):
    rare = counter.product("限量", 60_00)
    counter.shop.receive(rare, 1, 20)
    order = counter.order((rare, 1), terms=OrderTerms(is_reserved=True))
    assert Balance.objects.get(variant=rare, place=counter.shop.shelf()).reserved == 1
    from dianke.inventory.operations import StockTooLow

    with pytest.raises(StockTooLow):
        counter.sell((rare, 1), payments=[("CASH", 60_00)])
    counter.pay(order, "CASH", 60_00)
    sales.fulfil(order=order, uuid=uuid4(), actor=SYSTEM, now=now)
    counter.shop.assert_on_hand(rare, 0)
    assert Balance.objects.get(variant=rare, place=counter.shop.shelf()).reserved == 0


def test_lines_change_with_history_before_anything_left(counter: Counter, now):
    order = counter.order((counter.scarf, 2), payments=[("CASH", 40_00)])
    items = (Item("l1", counter.scarf.pk, D(1)), Item("l2", counter.socks.pk, D(2)))
    order = sales.change_lines(order=order, items=items, actor=SYSTEM, now=now)
    assert (order.total_amount, order.revision, order.due_amount) == (119_98, 2, 79_98)
    kept = OrderChange.objects.get(order=order, kind="LINES")
    assert kept.data["before"] == {"lines": [["羊绒围巾 红", "2", 200_00]], "total": 200_00}
    with pytest.raises(sales.TotalBelowPaid):
        sales.change_lines(order=order, items=(Item("l", counter.socks.pk, D(1)),), actor=SYSTEM, now=now)


def test_lines_of_what_was_delivered_do_not_change(counter: Counter, now):
    order = counter.order((counter.scarf, 2), payments=[("CASH", 200_00)])
    line = order.lines.get()
    sales.fulfil(order=order, uuid=uuid4(), items=[sales.Delivered(line.pk, D(1))], actor=SYSTEM, now=now)
    with pytest.raises(sales.LinesDelivered):
        sales.change_lines(order=order, items=(Item("l1", counter.hat.pk),), actor=SYSTEM, now=now)


def test_another_day_is_promised_with_a_reason(counter: Counter, now):
    order = counter.order((counter.scarf, 1))
    day = counter.store.business_date(now) + timedelta(days=9)
    with pytest.raises(sales.WhyMissing):
        sales.change_due_date(order=order, due_date=day, reason=" ", actor=SYSTEM, now=now)
    order = sales.change_due_date(order=order, due_date=day, reason="工厂延期", actor=SYSTEM, now=now)
    assert order.due_date == day
    with pytest.raises(sales.DueDatePast):
        sales.change_due_date(
            order=order, due_date=day - timedelta(days=30), reason="x", actor=SYSTEM, now=now
        )


def test_instalments_come_to_the_total(counter: Counter, now):
    day = counter.store.business_date(now)
    with pytest.raises(sales.InstalmentsWrong):
        counter.order((counter.scarf, 1), terms=OrderTerms(instalments=((day, 40_00), (day, 50_00))))
    order = counter.order((counter.scarf, 1), terms=OrderTerms(instalments=((day, 40_00), (day, 60_00))))
    assert list(order.instalments.values_list("amount", flat=True)) == [40_00, 60_00]


def test_closing_gives_up_the_rest_and_refunds_it(counter: Counter, now):
    order = counter.order((counter.scarf, 2), payments=[("CASH", 200_00)])
    line = order.lines.get()
    sales.fulfil(order=order, uuid=uuid4(), items=[sales.Delivered(line.pk, D(1))], actor=SYSTEM, now=now)
    order = sales.close_order(order=order, reason="断货", actor=SYSTEM, now=now)
    assert (order.state, order.paid_amount, order.earned_amount) == ("CLOSED", 100_00, 100_00)
    assert books() == {"cash stores.store": 100_00, "revenue": 88_50, "tax_payable": 11_50}


def test_furniture_goes_through_its_stages_and_the_balance_comes_before_delivery(counter: Counter, now):
    from dianke.stores.models import Store
    from dianke.work.models import Task
    from dianke.work.operations import complete_task

    Store.objects.filter(pk=counter.store.pk).update(trade="FURNITURE")
    terms = OrderTerms(deposit_kind="EARNEST", deposit_amount=20_00)
    order = counter.order((counter.scarf, 1), terms=terms)

    def enter(stage: str) -> Order:
        return sales.enter_stage(order=order, stage=stage, actor=SYSTEM, now=now)

    with pytest.raises(sales.StageNotReached):
        enter("MEASURE")
    counter.pay(order, "CASH", 20_00)
    enter("MEASURE")
    enter("DRAWING")
    with pytest.raises(sales.StageNotReached):
        enter("FACTORY")
    for task in Task.objects.filter(subject=f"sales.order:{order.pk}", completed_at=None):
        complete_task(task=task, actor=SYSTEM, now=now)
    assert enter("FACTORY").state == "IN_PRODUCTION"
    assert enter("BALANCE").state == "READY"
    with pytest.raises(sales.StageNotReached):
        enter("DELIVERY")
    counter.pay(order, "WECHAT", 80_00)
    assert enter("DELIVERY").state == "SHIPPED"
    sales.fulfil(order=order, uuid=uuid4(), actor=SYSTEM, now=now)
    assert enter("INSTALLATION").state == "DELIVERED"
    for task in Task.objects.filter(subject=f"sales.order:{order.pk}", completed_at=None):
        complete_task(task=task, actor=SYSTEM, now=now)
    assert enter("DONE").state == "INSTALLED"
    closed = sales.close_order(order=order, actor=SYSTEM, now=now)
    assert closed.state == "CLOSED"
    assert books() == {
        "cash stores.store": 20_00,
        "clearing sales.tender:WECHAT": 80_00,
        "revenue": 88_50,
        "tax_payable": 11_50,
    }
