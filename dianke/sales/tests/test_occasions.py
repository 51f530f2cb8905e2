"""Offers for the month of the birthday and for the first purchase: who pays less, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.customers.operations.merges import merge_customers
from dianke.customers.tests.cast import make_customer
from dianke.promotions import operations as promotions
from dianke.sales.models import Order
from dianke.sales.queries import till_members
from dianke.sales.queries.pricing import price
from dianke.sales.tests.counter import Counter, make_counter

pytestmark = pytest.mark.django_db
FULL, LESS = 100_00, 80_00
BIRTHDAY, FIRST = {"is_birthday_month": True}, {"is_first_purchase": True}


@pytest.fixture
def counter(now: datetime) -> Counter:
    return make_counter(now)


def offer(counter: Counter, audience: dict[str, Any]) -> None:
    who = {"actor": SYSTEM, "now": counter.now}
    terms = {"rule": {"kind": "PERCENT_OFF", "pays_bp": 8000}, "audience": audience}
    values = {"name": "八折", "starts_at": counter.now - timedelta(hours=1), "terms": terms}
    promotions.start_promotion(promotion=promotions.draft_promotion(values=values, **who), **who)


def born(counter: Counter, month: int, name: str = "寿星") -> Customer:
    return make_customer(name, store=counter.store, now=counter.now, birthday=(1990, month, 3))


def costs(counter: Counter, customer: Customer | None) -> int:
    sale = counter.basket((counter.scarf, 1), customer=customer)
    return price(sale=sale, business_date=counter.now.date(), at=counter.now).paid_amount


def buys(counter: Counter, customer: Customer) -> Order:
    return counter.sell((counter.scarf, 1), customer=customer, payments=[("CASH", costs(counter, customer))])


def test_in_the_month_of_the_birthday_one_pays_less(counter: Counter) -> None:
    offer(counter, BIRTHDAY)
    month = counter.now.month
    assert costs(counter, born(counter, month)) == LESS
    assert costs(counter, born(counter, month % 12 + 1, "别月")) == FULL
    assert costs(counter, counter.member()) == FULL
    assert costs(counter, None) == FULL


def test_the_first_purchase_costs_less_and_the_second_does_not(counter: Counter) -> None:
    offer(counter, FIRST)
    customer = counter.member()
    order = buys(counter, customer)
    assert order.total_amount == LESS
    assert costs(counter, customer) == FULL
    assert costs(counter, None) == FULL


def test_a_draft_is_no_purchase_and_one_of_a_merged_profile_is(counter: Counter) -> None:
    offer(counter, FIRST)
    customer, other = counter.member(), counter.member("王晓明")
    counter.order((counter.scarf, 1), customer=customer)
    bought = Order.objects.filter(customer=customer)
    bought.update(state=Order.State.DRAFT)
    assert costs(counter, customer) == LESS
    buys(counter, other)
    merge_customers(kept=customer, joined=other, actor=SYSTEM, now=counter.now)
    assert costs(counter, customer) == FULL


def test_the_till_is_told_and_without_such_offers_nothing_is_asked(counter: Counter) -> None:
    customer = born(counter, counter.now.month)
    told = till_members.detail_of(customer, counter.store, SYSTEM, counter.now)
    assert told["occasions"] == {"is_birthday_month": True, "is_first_purchase": True}
    buys(counter, customer)
    told = till_members.detail_of(customer, counter.store, SYSTEM, counter.now)
    assert told["occasions"] == {"is_birthday_month": True, "is_first_purchase": False}
    with CaptureQueriesContext(
        connection,
    ) as asked:
        costs(counter, customer)
    assert not [one for one in asked if "customers_importantdate" in one["sql"]]
