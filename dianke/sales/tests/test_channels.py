"""Payments and refunds by a channel that is slow, silent or refuses: money is taken once, given back once,
and nothing is booked before the channel confirms."""

from __future__ import annotations

from uuid import uuid4

import pytest

from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.sales import operations as sales
from dianke.sales.models import ChannelRow, Order, Refund, Tender
from dianke.sales.operations.ending import PaymentUnderWay
from dianke.sales.operations.shifts import open_shift
from dianke.sales.queries import verify
from dianke.sales.queries.basket import Tendered
from dianke.sales.queries.day_close import x_report_of_shift
from dianke.sales.rules.reconciling import BillRow
from dianke.sales.tasks import ask_channels
from dianke.sales.tenders import SimulatedGateway, register_adapter
from dianke.sales.tenders.port import Asked, ChannelSilent, Outcome
from dianke.sales.tests.counter import Counter, books, make_counter
from dianke.stores.models import Register


@pytest.fixture
def counter(db: None, now) -> Counter:
    Tender.objects.filter(code="GATEWAY").update(is_active=True)
    return make_counter(now)


@pytest.fixture
def gateway():
    made = SimulatedGateway()
    register_adapter("gateway", made)
    yield made
    register_adapter("gateway", SimulatedGateway())


def start(counter: Counter, order: Order, amount: int = 100_00):
    payment = sales.add_payment(
        order=order, payment=Tendered(uuid4(), "GATEWAY", amount), actor=SYSTEM, now=counter.now
    )
    return sales.run_payment(payment=payment, actor=SYSTEM, now=counter.now)[0]


def test_a_payment_is_booked_when_the_channel_confirms(counter: Counter, gateway, now):
    gateway.confirms = False
    order = counter.order((counter.scarf, 1))
    payment = start(counter, order)
    assert (payment.state, books()) == ("PENDING", {})
    with pytest.raises(sales.PaidAlready):
        counter.pay(order, "CASH", 50_00)
    gateway.confirm(str(payment.uuid))
    assert ask_channels(now) == 1
    assert books() == {"clearing sales.tender:GATEWAY": 100_00, "deposit order": 100_00}
    assert ask_channels(now) == 0


@pytest.mark.parametrize("fault", ["silent_before", "silent_after"])
def test_a_silent_channel_is_asked_before_anything_is_done_again(counter: Counter, gateway, now, fault):
    gateway.faults = [fault]
    order = counter.order((counter.scarf, 1))
    payment = start(counter, order)
    assert (payment.state, books()) == ("UNKNOWN", {})
    ask_channels(now)
    assert books() == {"clearing sales.tender:GATEWAY": 100_00, "deposit order": 100_00}
    assert len(gateway.payments) == 1


def test_what_a_channel_refuses_is_not_paid_and_can_be_paid_otherwise(counter: Counter, gateway, now):
    gateway.faults = ["refuse"]
    order = counter.order((counter.scarf, 1))
    assert start(counter, order).state == "FAILED"
    counter.pay(order, "CASH", 100_00)
    assert books() == {"cash stores.store": 100_00, "deposit order": 100_00}


def test_a_callback_is_heard_once(counter: Counter, gateway, now):
    gateway.confirms = False
    payment = start(counter, counter.order((counter.scarf, 1)))
    gateway.confirm(str(payment.uuid))
    for _n in range(2):
        sales.call_back(adapter="gateway", content={"key": str(payment.uuid)}, actor=SYSTEM, now=now)
    assert books()["deposit order"] == 100_00
    from dianke.sales.tenders.gateway import CallbackNotGenuine

    with pytest.raises(CallbackNotGenuine):
        sales.call_back(adapter="gateway", content={"key": "x"}, actor=SYSTEM, now=now)


def sold_and_taken_back(counter: Counter) -> Refund:
    order = counter.order((counter.scarf, 1))
    start(counter, order)
    order = sales.fulfil(order=order, uuid=uuid4(), actor=SYSTEM, now=counter.now)
    counter.give_back(order)
    return Refund.objects.select_related("order", "payment", "tender").get()


@pytest.mark.parametrize("fault", ["silent_before", "silent_after", "refuse"])
def test_a_refund_waits_for_its_channel_and_is_given_once(counter: Counter, gateway, now, fault):
    refund = sold_and_taken_back(counter)
    assert (refund.state, books()) == ("PENDING", {})
    gateway.faults = [fault]
    ask_channels(now)
    refund.refresh_from_db()
    assert refund.state == ("FAILED" if fault == "refuse" else "PENDING")
    gateway.refunds = {k: a for k, a in gateway.refunds.items() if a.outcome is not Outcome.FAILED}
    ask_channels(now)
    refund.refresh_from_db()
    assert (refund.state, len(gateway.refunds)) == ("DONE", 1)
    assert books() == {}


def test_a_refund_that_fails_is_given_in_cash_without_undoing_anything(counter: Counter, gateway, now):
    refund = sold_and_taken_back(counter)
    gateway.faults = ["refuse"]
    ask_channels(now)
    refund.refresh_from_db()
    done = sales.redirect_refund(refund=refund, actor=SYSTEM, now=now)
    assert (done.state, done.tender.code) == ("DONE", "CASH")
    assert books() == {"cash stores.store": -100_00, "clearing sales.tender:GATEWAY": 100_00}
    with pytest.raises(sales.RefundDone):
        sales.redirect_refund(refund=done, actor=SYSTEM, now=now)


def test_the_bill_of_a_channel_is_compared_row_by_row(counter: Counter, now):
    for number, amount in (("W1", 100_00), ("W2", 100_00), ("W3", 50_00)):
        goods = counter.scarf if amount == 100_00 else counter.hat
        payment = Tendered(uuid4(), "WECHAT", amount, reference=number)
        counter.sell((goods, 1), payments=[payment])
    found = sales.reconcile(
        tender=Tender.objects.get(code="WECHAT"),
        legal_entity=counter.store.legal_entity,
        business_date=counter.store.business_date(now),
        rows=[BillRow("W1", 100_00), BillRow("W2", 99_00), BillRow("W9", 5_00)],
        actor=SYSTEM,
        now=now,
    )
    assert (found.matched, found.amount_differs, found.missing_here, found.missing_there) == (1, 1, 1, 1)
    assert dict(ChannelRow.objects.values_list("reference", "state")) == {
        "W1": "MATCHED",
        "W2": "AMOUNT_DIFFERS",
        "W3": "MISSING_THERE",
        "W9": "MISSING_HERE",
    }


def test_every_adapter_does_once_what_it_is_asked_twice(gateway):
    """The contract of the port, for every adapter there is."""
    from dianke.sales.tenders import AtHand

    for adapter in (AtHand(), gateway):
        asked = Asked("k", 5_00, "CNY", data={"reference": "R"})
        first, again = adapter.start(asked), adapter.start(asked)
        assert first.outcome is again.outcome is Outcome.DONE
        assert first.reference == again.reference
        back = Asked("refund:k", 5_00, "CNY", of_key="k")
        assert adapter.refund(back).outcome is adapter.refund(back).outcome is Outcome.DONE
        assert adapter.query("k").outcome is Outcome.DONE
    gateway.faults = ["silent_before"]
    with pytest.raises(ChannelSilent):
        gateway.start(Asked("other", 1, "CNY"))


def test_a_payment_is_called_off_unless_the_customer_was_quicker(counter: Counter, gateway, now):
    gateway.confirms = False
    first, second = (start(counter, counter.order((counter.scarf, 1))) for _each in range(2))
    gateway.confirm(str(second.uuid))
    calls = [sales.cancel_payment(payment=each, actor=SYSTEM, now=now)[0] for each in (first, second)]
    assert [each.state for each in calls] == ["FAILED", "TAKEN"]
    assert books() == {"clearing sales.tender:GATEWAY": 100_00, "deposit order": 100_00}
    # what was called off is not paid any more, and its order can end
    assert sales.run_payment(payment=calls[0], actor=SYSTEM, now=now)[0].state == "FAILED"
    order = sales.cancel_order(order=first.order, reason="没付", actor=SYSTEM, now=now)
    assert (order.state, verify()) == ("CANCELLED", [])


def test_a_silent_channel_leaves_a_payment_open_when_it_is_called_off(counter: Counter, gateway, now):
    gateway.confirms = False
    payment = start(counter, counter.order((counter.scarf, 1)))
    gateway.faults = ["silent"]
    payment = sales.cancel_payment(payment=payment, actor=SYSTEM, now=now)[0]
    assert payment.state == "UNKNOWN"
    with pytest.raises(PaymentUnderWay):
        sales.cancel_order(order=payment.order, reason="没付", actor=SYSTEM, now=now)
    gateway.confirm(str(payment.uuid))
    ask_channels(now)
    payment.refresh_from_db()
    assert (payment.state, books()["deposit order"]) == ("TAKEN", 100_00)


def test_who_may_not_sell_calls_nothing_off(counter: Counter, gateway, now, make_actor):
    gateway.confirms = False
    payment = start(counter, counter.order((counter.scarf, 1)))
    with pytest.raises(PermissionRefused):
        sales.cancel_payment(payment=payment, actor=make_actor("ACCOUNTANT"), now=now)
    assert gateway.payments[str(payment.uuid)].outcome is Outcome.PENDING


def test_an_order_called_off_is_no_sale_of_the_shift(counter: Counter, gateway, now):
    """What the till does for a channel: order, payment, then the goods leave; or nothing of it stays."""
    register = Register.objects.create(store=counter.store, name="前台", code="1")
    shift = open_shift(register=register, pieces={10_000: 1}, actor=SYSTEM, now=now)
    at_till = {"register": register, "shift_id": shift.pk}
    paid = counter.order((counter.scarf, 1), **at_till)
    payment = sales.add_payment(
        order=paid, payment=Tendered(uuid4(), "GATEWAY", 100_00), actor=SYSTEM, now=now, **at_till
    )
    sales.run_payment(payment=payment, actor=SYSTEM, now=now)
    paid = sales.fulfil(order=paid, uuid=uuid4(), actor=SYSTEM, now=now)
    off = counter.order((counter.scarf, 1), **at_till)
    sales.cancel_order(order=off, reason="没付", actor=SYSTEM, now=now)
    figures = x_report_of_shift(shift, now=now, sees_expected=True).figures
    assert paid.state == "CLOSED"
    assert (figures["sales"]["count"], figures["sales"]["paid"]) == (1, 100_00)
    assert figures["tenders"]["GATEWAY"]["in"] == 100_00
    assert verify() == []
