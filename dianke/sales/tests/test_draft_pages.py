"""The pages of quotes and of what comes next: customer and terms changed in the back office and over HTTP, the quote on
paper, and which button stands first on an order."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from dianke.core.actor import SYSTEM
from dianke.inventory.tests.floor_staff import hiring
from dianke.sales import operations as sales
from dianke.sales.models import Delivery, Order
from dianke.sales.operations.deliveries import Carried, Destination
from dianke.sales.operations.delivery_settings import SettingOutOfRange
from dianke.sales.queries.basket import Item, OrderTerms
from dianke.sales.queries.quotes import quote_html, valid_until
from dianke.sales.tests.counter import Counter, make_counter
from dianke.stores.models import Store

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter(now: datetime) -> Counter:
    return make_counter(now)


@pytest.fixture
def clients(counter: Counter) -> dict[str, Client]:
    hire = hiring(counter.shop, counter.now)
    places = {
        "manager": ("STORE_MANAGER", counter.shop.lake),
        "clerk": ("CLERK", counter.shop.lake),
        "southerner": ("STORE_MANAGER", counter.shop.harbour),
    }
    return {name: hire(name, role, place) for name, (role, place) in places.items()}


def url(name: str, *args: object) -> str:
    return reverse(f"sales:{name}", args=args)


def main_of(client: Client, order: Order) -> Any:
    found = client.get(url("order", order.pk)).context["main"]
    return found.code if found else None


# --- customer and terms of a quote -----------------------------------------------------------------------------------
def test_the_page_of_a_quote_changes_its_customer_and_terms(
    counter: Counter, clients: dict[str, Client]
) -> None:
    first, second = counter.member("王小明"), counter.member("阿卜杜热西提·买买提艾力")
    quote = counter.order((counter.scarf, 2), customer=first, channel="QUOTE")
    clerk, address = clients["clerk"], url("order-draft", quote.pk)
    assert address in clerk.get(url("order", quote.pk)).content.decode()
    assert clerk.get(address).context["customer"] == first
    assert clerk.post(address, {"customer": first.pk, "drop_customer": "1"}).context["customer"] is None
    seen = clerk.post(address, {"customer": first.pk, "pick": second.pk})
    assert (seen.context["customer"], seen.context["total_amount"]) == (second, 200_00)
    day = counter.store.business_date(counter.now) + timedelta(days=20)
    typed = {
        "customer": second.pk,
        "due_date": f"{day:%Y-%m-%d}",
        "deposit_kind": "EARNEST",
        "deposit_amount": "40",
        "note": "四楼无电梯",
        "seller": "",
        "act": "place",
        "expected": "20000",
    }
    assert clerk.post(address, typed | {"deposit_amount": "201"}).status_code == 422
    assert clerk.post(address, typed | {"expected": "19900"}).status_code == 422
    assert Order.objects.get(pk=quote.pk).customer_id == first.pk
    assert clerk.post(address, typed).status_code == 303
    changed = Order.objects.get(pk=quote.pk)
    assert (changed.customer_id, changed.due_date, changed.deposit_amount) == (second.pk, day, 40_00)
    assert changed.note == "四楼无电梯"
    assert clients["southerner"].get(address).status_code == 404


def test_what_is_an_order_offers_no_change_of_its_customer(
    counter: Counter, clients: dict[str, Client]
) -> None:
    order = counter.order((counter.scarf, 2), customer=counter.member())
    clerk, address = clients["clerk"], url("order-draft", order.pk)
    assert address not in clerk.get(url("order", order.pk)).content.decode()
    assert clerk.get(address).status_code == 409
    assert clerk.post(address, {"act": "place", "note": "x"}).status_code == 409


# --- the quote on paper ----------------------------------------------------------------------------------------------
def test_a_quote_is_printed_with_its_terms_until_it_is_an_order(
    counter: Counter, clients: dict[str, Client]
) -> None:
    day = counter.store.business_date(counter.now)
    terms = OrderTerms(day + timedelta(days=20), "EARNEST", 40_00, ((day, 40_00), (day, 160_00)))
    quote = counter.order(
        (counter.scarf, 2), customer=counter.member("王小明"), channel="QUOTE", terms=terms, note="四楼无电梯"
    )
    text = quote_html(quote, language="zh-hans")
    last = valid_until(quote)
    assert last == day + timedelta(days=15)
    for wanted in ("王小明", quote.number, "¥200.00", "¥40.00", "¥160.00", "四楼无电梯", f"{last:%Y-%m-%d}"):
        assert wanted in text, wanted
    clerk, address = clients["clerk"], url("order-quote", quote.pk)
    assert address in clerk.get(url("order", quote.pk)).content.decode()
    paper = clerk.get(address)
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")
    assert clients["southerner"].get(address).status_code == 404
    sales.submit_order(order=quote, actor=SYSTEM, now=counter.now)
    assert clerk.get(address).status_code == 404


# --- the button that stands first ------------------------------------------------------------------------------------
def planned(counter: Counter, order: Order, kind: str) -> Delivery:
    return sales.plan_delivery(
        order=order,
        uuid=uuid4(),
        kind=kind,
        items=[Carried(line.pk, line.quantity) for line in order.lines.all()],
        day=counter.store.business_date(counter.now) + timedelta(days=1),
        slot=None,
        crew=None,
        to=Destination(receiver="王小明", phone="13900000000", street="虎丘路 1 号", district="320508"),
        actor=SYSTEM,
        now=counter.now,
    )


def test_the_next_real_step_stands_first(counter: Counter, clients: dict[str, Client]) -> None:
    manager = clients["manager"]
    terms = OrderTerms(deposit_kind="EARNEST", deposit_amount=20_00)
    order = counter.order((counter.scarf, 1), customer=counter.member(), channel="QUOTE", terms=terms)
    assert main_of(manager, order) == "submit"
    order = sales.submit_order(order=order, actor=SYSTEM, now=counter.now)
    assert main_of(manager, order) == "pay"
    counter.pay(order, "CASH", 100_00)
    assert main_of(manager, order) == "deliver"
    trip = planned(counter, order, "DELIVERY")
    assert main_of(manager, order) == "trip"
    assert manager.get(url("order", order.pk)).context["main"].url == url("delivery", trip.pk)
    # A closed order asks for nothing.
    sold = counter.sell((counter.scarf, 1), payments=[("CASH", 100_00)])
    assert main_of(manager, sold) is None


def test_furniture_is_not_closed_before_it_is_installed(counter: Counter, clients: dict[str, Client]) -> None:
    Store.objects.filter(pk=counter.store.pk).update(trade="FURNITURE")
    manager = clients["manager"]
    order = counter.order((counter.scarf, 1), customer=counter.member(), payments=[("CASH", 20_00)])
    assert main_of(manager, order) == "stage", "measured first, the balance comes later"

    def enter(*stages: str) -> None:
        for stage in stages:
            sales.enter_stage(order=order, stage=stage, actor=SYSTEM, now=counter.now)

    enter("MEASURE", "DRAWING")
    assert main_of(manager, order) == "pay", "the factory waits for the drawing"
    counter.pay(order, "CASH", 80_00)
    enter("BALANCE", "DELIVERY")
    assert main_of(manager, order) == "deliver"
    sales.fulfil(order=order, uuid=uuid4(), actor=SYSTEM, now=counter.now)
    enter("INSTALLATION")
    assert main_of(manager, order) == "plan", "an installation can be planned"
    planned(counter, order, "INSTALLATION")
    assert main_of(manager, order) == "trip"
    page = manager.get(url("order", order.pk))
    assert url("order-close", order.pk) in page.content.decode(), "closing stays in the menu"


def test_nothing_is_taken_back_of_what_was_only_topped_up(
    counter: Counter, clients: dict[str, Client]
) -> None:
    customer = counter.member()
    order = counter.sell(
        Item("l1", kind="TOP_UP", name="储值", amount=100_00),
        payments=[("WECHAT", 100_00)],
        customer=customer,
    )
    page = clients["manager"].get(url("order", order.pk)).content.decode()
    assert url("return-new", order.pk) not in page
    assert page.count(reverse("customers:customer", args=[customer.pk])) == 2, (
        "the way to its refund stands there"
    )
    assert clients["manager"].get(url("return-new", order.pk)).status_code == 409


def test_how_long_a_quote_holds_is_for_the_store_to_say(counter: Counter):
    order = counter.order((counter.scarf, 1), channel="QUOTE")
    priced = counter.store.business_date(counter.now)
    assert valid_until(order) == priced + timedelta(days=15)
    rules = {"quote_days": 7}
    sales.set_delivery_rules(store=counter.store, values=rules, actor=SYSTEM, now=counter.now)
    assert valid_until(order) == priced + timedelta(days=7)
    with pytest.raises(SettingOutOfRange):
        sales.set_delivery_rules(store=counter.store, values={"quote_days": 0}, actor=SYSTEM, now=counter.now)
