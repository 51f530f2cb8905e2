"""What will be needed: read from what the stock moved, or asked of whoever provides a forecast."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dianke.core.actor import SYSTEM
from dianke.purchasing import operations
from dianke.purchasing.queries.demand import WeekdayForecaster, provide_forecaster, sold_per_day
from dianke.purchasing.rules.forecasting import Demand
from dianke.purchasing.tests.cast import TODAY, D

pytestmark = pytest.mark.django_db


def at(buyers, ago, store=None):
    moment = buyers.now - timedelta(days=ago)
    return {"store": store or buyers.cast.lake, "business_date": moment.date(), "now": moment}


def test_sales_count_for_their_store_and_day_without_what_came_back_or_was_reversed(buyers):
    shop, scarf = buyers.shop, buyers.scarf
    for store in (buyers.cast.lake, buyers.cast.road):
        shop.receive(scarf, 100, 10, **at(buyers, 20, store))
    monday = shop.sell(scarf, 5, **at(buyers, 5), occurred_at=at(buyers, 5)["now"])
    shop.give_back(monday, 2, **at(buyers, 3))
    wrong = shop.sell(scarf, 50, **at(buyers, 4), occurred_at=at(buyers, 4)["now"])
    shop.reverse(wrong, business_date=at(buyers, 4)["business_date"])
    shop.sell(scarf, 7, **at(buyers, 5, buyers.cast.road), occurred_at=at(buyers, 5)["now"])
    history = sold_per_day([scarf.pk], store_id=buyers.cast.lake.pk, until=TODAY)[scarf.pk]
    assert history.sold == {TODAY - timedelta(days=5): 5, TODAY - timedelta(days=3): -2}
    assert (history.known_from, history.until) == (TODAY - timedelta(days=20), TODAY)


def test_goods_that_never_moved_have_no_forecast(buyers):
    found = WeekdayForecaster().demand(
        store_id=buyers.cast.lake.pk, variant_ids=[buyers.cream.pk], first=TODAY, days=7
    )
    assert not found[buyers.cream.pk].is_known


def test_a_provided_forecast_is_asked_instead(buyers, now):
    class Oracle:
        name = "oracle"

        def demand(self, *, store_id, variant_ids, first, days):
            return {buyers.scarf.pk: Demand(D(3) * days, D(0), "oracle", 365)}

    provide_forecaster(Oracle)
    try:
        plan = operations.make_plan(store=buyers.cast.lake, actor=SYSTEM, now=now)
    finally:
        provide_forecaster(None)
    line = plan.lines.get(variant=buyers.scarf)
    assert plan.forecaster == "oracle"
    # Nothing on the shelf, so nobody is in time: 美源 is cheaper and comes in three days.
    assert (line.supplier, line.suggested_quantity) == (buyers.meiyuan, 30)
    assert "demand_other" in [each["code"] for each in line.explanation]


def test_a_plan_asks_a_constant_number_of_questions(buyers, now, django_assert_max_num_queries):
    for number in range(12):
        goods = buyers.shop.more(f"商品{number}")
        operations.set_price(
            supplier=buyers.meiyuan, variant=goods, price_amount=100, from_date=TODAY, actor=SYSTEM, now=now
        )
        operations.set_supply_rule(
            variant=goods, store=None, values={"safety_quantity": D(5)}, actor=SYSTEM, now=now
        )
    with django_assert_max_num_queries(24):
        plan = operations.make_plan(store=buyers.cast.lake, actor=SYSTEM, now=now)
    assert plan.lines.count() == 12
