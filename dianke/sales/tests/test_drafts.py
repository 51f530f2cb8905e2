"""Quotes and drafts put right: another customer at that customer's prices, other terms, another salesperson; and what
is refused once it is an order."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal as D

import pytest
from django.db import DatabaseError, transaction

from dianke.access.models import User
from dianke.core.actor import SYSTEM
from dianke.inventory.models import Balance
from dianke.inventory.tests.floor_staff import hiring
from dianke.loyalty.models import Level
from dianke.loyalty.operations import review_member
from dianke.sales import operations as sales
from dianke.sales.models import LinePerson, Order, OrderChange
from dianke.sales.queries.basket import Item, OrderTerms
from dianke.sales.tests.counter import Counter, make_counter


@pytest.fixture
def counter(db: None, now: datetime) -> Counter:
    return make_counter(now)


def change(counter: Counter, order: Order, **more: object) -> Order:
    """As it is, but for `more`."""
    order = Order.objects.get(pk=order.pk)
    usual = {
        "customer": order.customer,
        "terms": OrderTerms(order.due_date, order.deposit_kind, order.deposit_amount),
        "note": order.note,
        "actor": SYSTEM,
        "now": counter.now,
    }
    return sales.change_draft(order=order, **(usual | more))


def test_another_customer_of_a_quote_pays_that_customers_prices(counter: Counter) -> None:
    counter.programme()
    Level.objects.filter(code="vip").update(discount_bp=1000)
    plain, vip = counter.member("王小明"), counter.member("贵宾")
    counter.sell((counter.scarf, 12), payments=[("CASH", 1200_00)], customer=vip)
    review_member(customer_id=vip.pk, actor=SYSTEM, now=counter.now)
    quote = counter.order(
        Item("l1", counter.scarf.pk, D(2), discount_amount=10_00, reason="老邻居"),
        Item("l2", None, kind="FEE", name="运费", amount=30_00, data={"fee": "DELIVERY"}),
        customer=plain,
        channel="QUOTE",
    )
    assert quote.total_amount == 220_00
    with pytest.raises(sales.PriceChanged):
        change(counter, quote, customer=vip, expected_amount=220_00)
    assert Order.objects.get(pk=quote.pk).customer_id == plain.pk
    changed = change(counter, quote, customer=vip)
    assert (changed.customer_id, changed.revision) == (vip.pk, 2)
    assert changed.total_amount == 200_00, "the level pays 90 %, what was taken off by hand stays off"
    fee = changed.lines.get(kind="FEE")
    assert (fee.name, fee.paid_amount, fee.data) == ("运费", 30_00, {"fee": "DELIVERY"})
    back = change(counter, changed, customer=None)
    assert (back.customer_id, back.total_amount) == (None, 220_00)


def test_terms_of_a_quote_change_without_touching_its_prices(counter: Counter) -> None:
    quote = counter.order((counter.scarf, 2), customer=counter.member(), channel="QUOTE")
    counter.scarf.price_amount = 500_00
    counter.scarf.save(update_fields=["price_amount"])
    day = counter.store.business_date(counter.now)
    terms = OrderTerms(
        day + timedelta(days=20), "EARNEST", 40_00, ((day, 40_00), (day + timedelta(days=30), 160_00))
    )
    changed = change(counter, quote, terms=terms, note="周末送，四楼无电梯")
    assert (changed.total_amount, changed.revision) == (200_00, 1)
    assert (changed.due_date, changed.deposit_kind, changed.deposit_amount) == (
        terms.due_date,
        "EARNEST",
        40_00,
    )
    assert changed.note == "周末送，四楼无电梯"
    assert list(changed.instalments.values_list("amount", flat=True)) == [40_00, 160_00]
    kept = OrderChange.objects.get(order=quote, kind="TERMS")
    assert kept.data["changes"]["deposit"] == [["", 0], ["EARNEST", 40_00]]
    assert "四楼" not in str(kept.data), "what is noted of a customer stands in one place"
    change(counter, changed, terms=terms)
    assert OrderChange.objects.filter(order=quote, kind="TERMS").count() == 1, (
        "nothing changed, nothing is noted"
    )


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        (OrderTerms(deposit_kind="EARNEST", deposit_amount=201_00), sales.DepositTooMuch),
        (OrderTerms(deposit_amount=1_00), sales.DepositTooMuch),
        (OrderTerms(due_date=date(2001, 1, 1)), sales.DueDatePast),
        (OrderTerms(instalments=((date(2040, 1, 1), 199_00),)), sales.InstalmentsWrong),
    ],
)
def test_terms_that_cannot_be_are_refused(
    counter: Counter, terms: OrderTerms, error: type[Exception]
) -> None:
    quote = counter.order((counter.scarf, 2), channel="QUOTE")
    with pytest.raises(error):
        change(counter, quote, terms=terms)


def test_kept_goods_stay_kept_for_the_new_customer(counter: Counter) -> None:
    quote = counter.order((counter.hat, 3), terms=OrderTerms(is_reserved=True), channel="QUOTE")
    change(counter, quote, customer=counter.member())
    assert Balance.objects.get(variant=counter.hat, place=counter.shop.shelf()).reserved == 3


def test_all_of_it_was_sold_by_somebody_of_the_store(counter: Counter) -> None:
    hire = hiring(counter.shop, counter.now)
    hire("amei", "CLERK", counter.shop.lake)
    hire("southerner", "CLERK", counter.shop.harbour)
    ids = dict(User.objects.values_list("username", "pk"))
    quote = counter.order((counter.scarf, 1), (counter.hat, 1), channel="QUOTE")
    with pytest.raises(sales.SellerUnknown):
        change(counter, quote, seller_id=ids["southerner"])
    change(counter, quote, seller_id=ids["amei"])
    people = LinePerson.objects.filter(line__order=quote)
    assert set(people.values_list("user_id", "share_bp")) == {(ids["amei"], 10_000)}
    assert people.count() == 2


def test_an_order_keeps_its_customer_and_terms(counter: Counter) -> None:
    order = counter.order((counter.scarf, 1), customer=counter.member("王小明"))
    other = counter.member("别人")
    with pytest.raises(sales.OrderNotDraft):
        change(counter, order, customer=other)
    with pytest.raises(sales.OrderNotDraft):
        change(counter, order, note="改一下")
    # Nor by any other way: the database keeps it.
    with pytest.raises(DatabaseError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(customer=other)
    quote = counter.order((counter.scarf, 1), channel="QUOTE")
    with pytest.raises(DatabaseError), transaction.atomic():
        Order.objects.filter(pk=quote.pk).update(customer=other, state="APPROVED")


def test_a_draft_that_was_paid_for_keeps_its_customer(counter: Counter) -> None:
    draft = counter.order(
        (counter.scarf, 1), customer=counter.member(), channel="QUOTE", payments=[("CASH", 10_00)]
    )
    with pytest.raises(sales.DraftHasMoney):
        change(counter, draft, customer=counter.member("别人"))
