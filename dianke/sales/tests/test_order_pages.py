"""The pages of orders: who opens them, what they offer whom, and that they write what they showed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from dianke.access.models import User
from dianke.access.queries import actor_for
from dianke.catalog.models import Unit
from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.customers.queries.profile import profile_at
from dianke.inventory.tests.floor_staff import hiring
from dianke.sales import operations as sales
from dianke.sales.models import Order, Payment, Refund, SaleReturn, Stage, Tender
from dianke.sales.providers import order_panels, pages
from dianke.sales.queries.basket import Item, OrderTerms
from dianke.sales.tenders import port
from dianke.sales.tenders.gateway import SimulatedGateway
from dianke.sales.tests.counter import Counter, make_counter
from dianke.sales.views.orders_listing import OrderListing
from dianke.stores.models import Store

pytestmark = pytest.mark.django_db
D = Decimal


@dataclass
class Desk:
    """`sold` went over the counter, `waiting` is placed with a deposit, `quote` is a draft; all of one customer."""

    counter: Counter
    customer: Customer
    sold: Order
    waiting: Order
    quote: Order

    clients: dict[str, Client]

    def client(self, username: str) -> Client:
        return self.clients[username]

    def actor(self, username: str) -> Any:
        return actor_for(User.objects.get(username=username), now=self.counter.now)


@pytest.fixture
def desk(db: None, now: datetime) -> Desk:
    counter = make_counter(now)
    customer = counter.member("阿卜杜热西提·买买提艾力")
    terms = OrderTerms(
        due_date=counter.store.business_date(now) + timedelta(days=9),
        deposit_kind="EARNEST",
        deposit_amount=60_00,
    )
    hire = hiring(counter.shop, now)
    places = {
        "manager": ("STORE_MANAGER", "lake"),
        "clerk": ("CLERK", "lake"),
        "southerner": ("STORE_MANAGER", "harbour"),
    }
    return Desk(
        counter,
        customer,
        counter.sell((counter.scarf, 2), (counter.socks, 3), payments=[("CASH", 229_97)], customer=customer),
        counter.order(
            (counter.scarf, 2),
            (counter.hat, 1),
            terms=terms,
            payments=[("CASH", 60_00)],
            customer=customer,
            channel="BACK_OFFICE",
        ),
        counter.order((counter.hat, 1), customer=customer, channel="QUOTE"),
        {name: hire(name, role, getattr(counter.shop, place)) for name, (role, place) in places.items()},
    )


def url(name: str, *args: object) -> str:
    return reverse(f"sales:{name}", args=args)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def every_page(desk: Desk) -> dict[str, str]:
    waiting, sold, quote = desk.waiting.pk, desk.sold.pk, desk.quote.pk
    plain = {name: url(name) for name in ("orders", "order-new", "returns")}
    of_waiting = ("order", "order-lines", "order-due-date", "order-cancel", "order-pay", "order-deliver")
    return {
        **plain,
        **{name: url(name, waiting) for name in (*of_waiting, "order-history")},
        "sold": url("order", sold),
        "quote": url("order", quote),
        "order-submit": url("order-submit", quote),
        "return-new": url("return-new", sold),
    }


def test_every_page_opens_for_the_manager_and_those_of_returns_not_for_the_clerk(desk: Desk) -> None:
    manager, clerk = desk.client("manager"), desk.client("clerk")
    for name, address in every_page(desk).items():
        assert manager.get(address).status_code == 200, name
        expected = 403 if name == "return-new" else 200
        assert clerk.get(address).status_code == expected, name


def test_orders_of_another_city_are_nowhere(desk: Desk) -> None:
    stranger = desk.client("southerner")
    assert desk.waiting.number not in text_of(stranger.get(url("orders")))
    for name in ("order", "order-pay", "order-history", "order-cancel"):
        assert stranger.get(url(name, desk.waiting.pk)).status_code == 404


def test_the_list_finds_what_is_open_unpaid_late_and_whose_it_is(desk: Desk) -> None:
    late = desk.counter.now + timedelta(days=20)
    listing = OrderListing(desk.actor("manager"), late)

    def found(query: str) -> set[str]:
        return {row.number for row in listing.result(listing.state(QueryDict(query))).page.items}

    assert found("stage=quote") == {desk.quote.number}
    assert (
        found("stage=unpaid") == found("stage=overdue") == found("stage=under_way") == {desk.waiting.number}
    )
    assert found("stage=done") == {desk.sold.number}
    assert found(f"customer={desk.customer.member_number}") == found("")
    assert found(f"q={desk.sold.number[-9:]}") >= {desk.sold.number}
    assert found("customer=没有这个人") == set()
    result = listing.result(listing.state(QueryDict("stage=unpaid")))
    assert result.totals["due"] == D("190.00")
    assert listing.result(listing.state(QueryDict(""))).totals == {}


def test_the_page_offers_only_what_may_be_done_now(desk: Desk) -> None:
    clerk, manager = desk.client("clerk"), desk.client("manager")
    page = text_of(manager.get(url("order", desk.waiting.pk)))
    for name in ("order-pay", "order-deliver", "order-lines", "order-cancel", "order-due-date"):
        assert url(name, desk.waiting.pk) in page, name
    assert url("return-new", desk.waiting.pk) not in page
    # With a deposit that would have to go back a clerk does not cancel, and goods sold are no clerk's to take back.
    assert url("order-cancel", desk.waiting.pk) not in text_of(clerk.get(url("order", desk.waiting.pk)))
    sold = text_of(manager.get(url("order", desk.sold.pk)))
    assert url("return-new", desk.sold.pk) in sold
    assert url("order-pay", desk.sold.pk) not in sold
    assert url("return-new", desk.sold.pk) not in text_of(clerk.get(url("order", desk.sold.pk)))


def test_a_new_order_is_priced_as_it_is_typed_and_placed_as_it_was_shown(desk: Desk) -> None:
    counter, clerk = desk.counter, desk.client("clerk")
    uuid = str(uuid4())
    typed = {
        "uuid": uuid,
        "store": counter.store.pk,
        "customer": desk.customer.pk,
        "line": ["l1"],
        "v-l1": counter.scarf.pk,
        "q-l1": "3",
    }
    seen = clerk.post(url("order-new"), typed | {"act": "split", "parts": "3"})
    assert seen.status_code == 200
    assert not Order.objects.filter(uuid=uuid).exists()
    assert [row["amount"] for row in seen.context["instalments"]] == ["100.00", "100.00", "100.00"]
    assert seen.context["total_amount"] == 300_00
    days = [row["day"] for row in seen.context["instalments"]]
    terms = {"deposit_kind": "PREPAYMENT", "deposit_amount": "100", "is_reserved": "on"}
    rows = {"i-day": days, "i-amount": ["100", "100", "99"]}
    wrong = clerk.post(url("order-new"), typed | terms | rows | {"act": "place", "expected": "30000"})
    assert wrong.status_code == 422
    assert wrong.context["lines"][0]["row"].quantity == "3"
    rows["i-amount"][2] = "100"
    stale = clerk.post(url("order-new"), typed | terms | rows | {"act": "place", "expected": "29000"})
    assert stale.status_code == 422
    done = clerk.post(url("order-new"), typed | terms | rows | {"act": "place", "expected": "30000"})
    order = Order.objects.get(uuid=uuid)
    assert done.url == url("order", order.pk)
    assert (order.total_amount, order.deposit_amount, order.state) == (300_00, 100_00, "APPROVED")
    assert order.customer_id == desk.customer.pk
    assert sum(order.instalments.values_list("amount", flat=True)) == 300_00
    # The answer got lost and the page is sent again: no second order.
    clerk.post(url("order-new"), typed | terms | rows | {"act": "place", "expected": "30000"})
    assert Order.objects.filter(uuid=uuid).count() == 1


def test_goods_are_added_by_code_and_price_by_hand_is_the_managers(desk: Desk) -> None:
    counter = desk.counter
    base = {"store": counter.store.pk, "code": counter.hat.code}
    added = desk.client("clerk").post(url("order-new"), base)
    assert [row.variant_id for row in added.context["sheet"].rows] == [counter.hat.pk]
    assert 'name="d-l1"' not in text_of(added)
    by_hand = base | {
        "line": ["l1"],
        "v-l1": counter.hat.pk,
        "q-l1": "1",
        "code": "",
        "d-l1": "5",
        "r-l1": "老顾客",
    }
    shown = desk.client("manager").post(url("order-new"), by_hand)
    assert shown.context["total_amount"] == 45_00
    assert "老顾客" in text_of(shown)
    refused = desk.client("clerk").post(url("order-new"), by_hand | {"act": "place", "uuid": str(uuid4())})
    assert refused.status_code in (403, 422)


def test_a_quote_becomes_an_order_and_its_lines_change(desk: Desk) -> None:
    clerk = desk.client("clerk")
    page = text_of(clerk.get(url("order-lines", desk.quote.pk)))
    assert f'value="{desk.counter.hat.pk}"' in page
    changed = {"act": "place", "line": ["l1"], "v-l1": desk.counter.hat.pk, "q-l1": "2", "expected": "10000"}
    clerk.post(url("order-lines", desk.quote.pk), changed)
    clerk.post(url("order-submit", desk.quote.pk), {"reason": ""})
    order = Order.objects.get(pk=desk.quote.pk)
    assert (order.state, order.total_amount, order.revision) == ("APPROVED", 100_00, 2)


def test_payments_of_the_page_give_change_and_are_taken_once(desk: Desk) -> None:
    clerk, key = desk.client("clerk"), str(uuid4())
    pay = {"tender": "CASH", "amount": "200", "key": key}
    for _turn in range(2):
        assert clerk.post(url("order-pay", desk.waiting.pk), pay).status_code == 303
    payment = Payment.objects.get(uuid=key)
    assert (payment.amount, payment.change_amount) == (190_00, 10_00)
    card = {"tender": "WECHAT", "amount": "10", "key": str(uuid4())}
    assert clerk.post(url("order-pay", desk.waiting.pk), card).status_code == 422


def test_an_online_payment_waits_until_the_channel_confirms(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = SimulatedGateway(confirms=False)
    monkeypatch.setitem(port._adapters, "gateway", gateway)
    Tender.objects.filter(code="GATEWAY").update(is_active=True)
    clerk, key = desk.client("clerk"), str(uuid4())
    clerk.post(url("order-pay", desk.waiting.pk), {"tender": "GATEWAY", "amount": "190", "key": key})
    payment = Payment.objects.get(uuid=key)
    assert payment.state == "PENDING"
    assert "<svg" in text_of(clerk.get(url("payment", payment.pk)))
    assert url("payment-ask", payment.pk) in text_of(clerk.get(url("order", desk.waiting.pk)))
    gateway.confirm(key)
    clerk.post(url("payment-ask", payment.pk))
    payment.refresh_from_db()
    assert payment.state == "TAKEN"
    assert Order.objects.get(pk=desk.waiting.pk).due_amount == 0


def test_cancelling_says_first_what_becomes_of_earnest_money(desk: Desk) -> None:
    manager = desk.client("manager")
    theirs, ours = manager.get(url("order-cancel", desk.waiting.pk)).context["ways"]
    assert (theirs["lost"], theirs["back"], ours["lost"], ours["back"]) == ("¥50.00", "¥10.00", "", "¥60.00")
    manager.post(url("order-cancel", desk.waiting.pk), {"whose": "customer", "reason": "不要了"})
    order = Order.objects.get(pk=desk.waiting.pk)
    assert (order.state, order.forfeited_amount) == ("CANCELLED", 50_00)


def test_goods_are_handed_over_in_parts_and_the_order_closes(desk: Desk) -> None:
    clerk = desk.client("clerk")
    desk.counter.pay(desk.waiting, "CASH", 190_00)
    scarf, hat = desk.waiting.lines.order_by("position")
    part = {"key": str(uuid4()), f"q-{scarf.pk}": "1", f"q-{hat.pk}": ""}
    assert clerk.post(url("order-deliver", desk.waiting.pk), part | {f"q-{hat.pk}": "x"}).status_code == 422
    clerk.post(url("order-deliver", desk.waiting.pk), part)
    clerk.post(url("order-deliver", desk.waiting.pk), part)
    scarf.refresh_from_db()
    assert scarf.fulfilled_quantity == 1
    rest = {"key": str(uuid4()), f"q-{scarf.pk}": "1", f"q-{hat.pk}": "1"}
    clerk.post(url("order-deliver", desk.waiting.pk), rest)
    assert Order.objects.get(pk=desk.waiting.pk).state == "CLOSED"


def test_stages_show_what_stands_in_the_way_and_who_went_through_them(desk: Desk) -> None:
    Store.objects.filter(pk=desk.counter.store.pk).update(trade="FURNITURE")
    clerk, page = desk.client("clerk"), url("order", desk.waiting.pk)
    clerk.post(url("order-stage", desk.waiting.pk), {"stage": "MEASURE", "note": ""})
    board = clerk.get(page).context["board"]
    assert board.next.stage.code == "DRAWING"
    assert not board.next.why_not
    assert [entry.user.name for entry in board.entries] == ["clerk"]
    blocked = {each.stage.code: each.why_not for each in board.ahead}
    assert "¥190.00" in blocked["DELIVERY"]
    assert (
        clerk.post(url("order-stage", desk.waiting.pk), {"stage": "DELIVERY", "note": ""}).status_code == 422
    )
    assert Stage.objects.filter(trade="FURNITURE").count() + 1 == len(clerk.get(page).context["steps"])


def test_the_return_does_what_its_preview_showed(desk: Desk) -> None:
    desk.counter.programme()
    manager, address = desk.client("manager"), url("return-new", desk.sold.pk)
    scarf = desk.sold.lines.get(key="l1")
    typed = {"uuid": str(uuid4()), f"b-{scarf.pk}": "1", f"s-{scarf.pk}": "1", "reason": "不合适"}
    seen = manager.post(address, typed)
    assert not SaleReturn.objects.exists()
    assert seen.context["plan"].refund == 100_00
    stale = manager.post(address, typed | {"act": "confirm", "expected_refund": "9900"})
    assert stale.status_code == 422
    assert manager.post(address, typed | {f"b-{scarf.pk}": "9", "act": "confirm"}).status_code == 422
    done = manager.post(address, typed | {"act": "confirm", "expected_refund": "10000"})
    made = SaleReturn.objects.get()
    assert done.url == url("return", made.pk)
    assert made.effects == seen.context["plan"].effects
    page = text_of(manager.get(done.url))
    assert "¥100.00" in page
    assert desk.sold.number in page
    desk.counter.shop.assert_on_hand(desk.counter.scarf, 99)


def test_an_exchange_asks_for_the_difference_only(desk: Desk) -> None:
    manager, address = desk.client("manager"), url("return-new", desk.sold.pk)
    scarf = desk.sold.lines.get(key="l1")
    typed = {
        "uuid": str(uuid4()),
        f"b-{scarf.pk}": "1",
        f"s-{scarf.pk}": "1",
        "reason": "换款",
        "exchange": "1",
        "line": ["l1"],
        "v-l1": desk.counter.hat.pk,
        "q-l1": "3",
    }
    assert manager.post(address, typed).context["balance"]["to_pay"] == "¥50.00"
    confirm = typed | {"act": "confirm", "expected_refund": "10000"}
    assert manager.post(address, confirm).status_code == 422
    manager.post(address, confirm | {"tender": "CASH"})
    made = SaleReturn.objects.get()
    assert made.exchange is not None
    assert (made.kind, made.exchange_amount, made.exchange.total_amount) == ("EXCHANGE", 100_00, 150_00)
    assert manager.get(url("return", made.pk)).status_code == 200


def test_a_refund_the_channel_refuses_is_given_another_way(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = SimulatedGateway()
    monkeypatch.setitem(port._adapters, "gateway", gateway)
    Tender.objects.filter(code="GATEWAY").update(is_active=True)
    counter = desk.counter
    order = counter.order((counter.hat, 1), customer=desk.customer)
    payment = counter.pay(order, "GATEWAY", 50_00)
    sales.run_payment(payment=payment, actor=SYSTEM, now=counter.now)
    order = sales.fulfil(order=order, uuid=uuid4(), actor=SYSTEM, now=counter.now)
    counter.give_back(order)
    refund = Refund.objects.get(order=order)
    manager = desk.client("manager")
    gateway.faults.append("refuse")
    manager.post(url("refund-retry", refund.pk))
    refund.refresh_from_db()
    assert refund.state == "FAILED"
    assert url("refund-redirect", refund.pk) in text_of(manager.get(url("order", order.pk)))
    manager.post(url("refund-redirect", refund.pk))
    refund.refresh_from_db()
    assert (refund.state, refund.tender.code) == ("DONE", "CASH")


def test_the_customers_page_and_the_search_know_the_orders(
    desk: Desk, django_assert_num_queries: Any
) -> None:
    actor = desk.actor("manager")
    profile = profile_at(actor, desk.customer.pk, now=desk.counter.now)
    assert profile is not None
    with django_assert_num_queries(3):  # what they spent, the latest orders, whether levels are sold
        spent, last = order_panels._spent(profile), order_panels._last_visit(profile)
        section = order_panels._section(profile)
    assert spent is not None
    assert last is not None
    assert section is not None
    assert spent.value == "¥479.97"
    assert len(section["rows"]) == 3
    with django_assert_num_queries(1):
        hits = pages._orders(actor, desk.sold.number[-10:].lower(), 6)
    assert desk.sold.number in [str(hit.label) for hit in hits]
    assert pages._orders(desk.actor("southerner"), desk.sold.number, 6) == []


def test_the_page_costs_the_same_with_many_lines(desk: Desk, django_assert_max_num_queries: Any) -> None:
    counter = desk.counter
    items = [Item(f"l{n}", counter.hat.pk, D(1)) for n in range(12)]
    long = counter.order(*items, customer=desk.customer)
    manager = desk.client("manager")
    manager.get(url("order", long.pk))
    for order in (desk.waiting, long):
        with django_assert_max_num_queries(30):
            manager.get(url("order", order.pk))


def test_what_comes_back_is_handed_over_or_given_up_is_told_with_its_unit(desk: Desk) -> None:
    desk.counter.scarf.product.unit = Unit.objects.get(code="METRE")
    desk.counter.scarf.product.save()
    manager = desk.client("manager")
    back = text_of(manager.get(url("return-new", desk.sold.pk)))
    line = desk.sold.lines.get(position=1)
    assert re.search(
        rf'for="b-{line.pk}">[^<]*\(米\)</label>.*?<span class="t-2 od-unit" aria-hidden="true">米</span>',
        back,
    )
    deliver = text_of(manager.get(url("order-deliver", desk.waiting.pk)))
    assert "2\u00a0米" in deliver
    assert '<span class="num">× 2\u00a0米</span>' in text_of(manager.get(url("order-close", desk.waiting.pk)))
