"""Measures by dimensions: the numbers of the sales report and the books, on every engine, as far as one may see."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from dianke.access.models import User
from dianke.catalog.models import Category
from dianke.core.actor import SYSTEM, RowScope
from dianke.core.errors import NotAllowed
from dianke.customers.operations.merges import merge_customers
from dianke.insight.operations import snapshots
from dianke.insight.queries.engine import NoSnapshot, snapshot
from dianke.insight.queries.figures import CostsHidden, ask, scope_of
from dianke.insight.rules import measures as layer
from dianke.sales.queries.basket import Item
from dianke.sales.queries.reports import figures as reports
from dianke.sales.rules.report_terms import By, Figures, Span
from dianke.sales.tests.counter import Counter
from dianke.sales.tests.test_reports import busy

TODAY = date(2026, 11, 21)
SPAN = Span(TODAY - timedelta(days=9), TODAY)
#: What an answer and a row of a sales report both have.
SHARED = (
    "orders",
    "returns",
    "list",
    "sold",
    "discounts",
    "returned",
    "net",
    "revenue",
    "quantity",
    "cost",
    "profit",
)


def told(
    counter: Counter, measures: Any, by: Any = (), actor: Any = SYSTEM, span: Span = SPAN, **more: Any
) -> dict:
    found = ask(measures=measures, by=by, span=span, scope=scope_of(actor), actor=actor, **more)
    return {row.keys: row.values for row in found.rows}


def shown(figures: Figures) -> tuple:
    return (
        figures.orders,
        figures.returns,
        figures.list_amount,
        figures.sold_amount,
        figures.discount_amount,
        figures.returned_amount,
        figures.net_amount,
        figures.revenue_amount,
        figures.quantity,
        figures.cost_amount,
        figures.profit_amount,
    )


@pytest.mark.parametrize("seed", [3, 20261121])
def test_every_dimension_says_what_the_sales_report_says(counter: Counter, now, seed):
    busy(counter, seed)
    snapshots.refresh(now=now)
    scope = scope_of(SYSTEM)
    [whole] = told(counter, SHARED).values()
    assert whole == shown(reports.figures_of(scope, SPAN))
    assert whole[SHARED.index("revenue")] == reports.books_of(scope, SPAN).sales
    for by in layer.DIMENSIONS:
        wanted = {(key,): shown(figures) for key, figures in reports.rows_of(by, scope, SPAN).items()}
        assert told(counter, SHARED, [by]) == wanted, by


def test_dimensions_cross_and_filters_keep_their_rows(counter: Counter, now):
    busy(counter, 5)
    snapshots.refresh(now=now)
    crossed = told(counter, ["net"], ["store", "channel", "day"])
    days = told(counter, ["net"], ["day"])
    assert {day: sum(v[0] for k, v in crossed.items() if k[2] == day) for (day,) in days} == {
        day: value for (day,), (value,) in days.items()
    }
    product = str(counter.hat.product_id)
    [kept] = told(counter, ["net"], where={"product": [product]}).values()
    assert kept == told(counter, ["net"], ["product"])[(product,)]


def test_customers_are_profiles_new_when_they_never_ordered_before(counter: Counter, now):
    one, same, other = counter.member("王小明"), counter.member("小明"), counter.member("李小红")
    hat = {"payments": [("CASH", 50_00)]}
    counter.sell((counter.hat, 1), customer=one, now=now - timedelta(days=40), **hat)
    for customer in (same, other, other, None):
        counter.sell((counter.hat, 1), customer=customer, **hat)
    asked = ["customers", "new_customers", "returning_customers", "repeat_rate"]
    snapshots.refresh(now=now)
    assert told(counter, asked) == {(): (2, 2, 0, 5000)}
    merge_customers(kept=one, joined=same, actor=SYSTEM, now=now)
    snapshots.refresh(now=now)
    assert told(counter, asked) == {(): (2, 1, 1, 5000)}
    assert told(counter, ["customers", "repeat_rate"], ["product"]) == {
        (str(counter.hat.product_id),): (2, 5000)
    }


def test_what_was_sold_is_told_by_the_category_of_the_goods(counter: Counter, now):
    counter.sell((counter.hat, 1), (counter.scarf, 1), payments=[("CASH", 150_00)])
    snapshots.refresh(now=now)
    hats = Category.objects.create(name="帽子")
    counter.hat.product.category = hats
    counter.hat.product.save()
    snapshots.refresh(now=now, is_full=True)
    found = ask(measures=["net"], by=["category"], span=SPAN, scope=scope_of(SYSTEM), actor=SYSTEM)
    assert {found.names[By.CATEGORY][row.keys[0]]: row.values[0] for row in found.rows}["帽子"] == 50_00


def test_nothing_sold_is_nothing_and_nothing_taken_is_said(counter: Counter, now):
    with pytest.raises(NoSnapshot):
        told(counter, ["net"])
    snapshots.refresh(now=now)
    assert told(counter, ["net", "average", "margin", "repeat_rate", "items"]) == {
        (): (0, None, None, None, None)
    }
    assert told(counter, ["net"], ["day"]) == {}


def test_people_ask_as_far_as_their_scope_goes(counter: Counter, now, make_actor):
    seller = User.objects.create(username="seller", name="小满", created_at=now)
    other = User.objects.create(username="other", name="小河", created_at=now)
    halves = ((seller.pk, 3_333), (other.pk, 6_667))
    counter.sell(Item("a", counter.scarf.pk, people=halves), payments=[("CASH", 100_00)])
    counter.sell((counter.hat, 1), payments=[("CASH", 50_00)])
    snapshots.refresh(now=now)
    lake, road = {counter.store.pk}, {counter.shop.road.pk}
    manager = make_actor("STORE_MANAGER", user=other, store_ids=lake, scope=RowScope.STORE)
    stranger = make_actor("STORE_MANAGER", user=other, store_ids=road, scope=RowScope.STORE)
    own = make_actor(
        user=seller, store_ids=lake, scope=RowScope.OWN, permissions=frozenset({"insight.view_figures"})
    )
    nobody = make_actor(user=seller, store_ids=lake, permissions=frozenset())
    assert told(counter, ["net"], actor=manager) == {(): (150_00,)}
    assert told(counter, ["net"], actor=stranger) == {(): (0,)}
    assert told(counter, ["net"], actor=own) == {(): (33_33,)}
    with pytest.raises(NotAllowed):
        told(counter, ["net"], actor=nobody)
    with pytest.raises(CostsHidden):
        told(counter, ["profit"], actor=manager)


@pytest.mark.parametrize(
    ("measures", "by", "error"),
    [
        (["gold"], [], layer.UnknownMeasure),
        (["net"], ["moon"], layer.UnknownDimension),
        (["net"], ["tender"], layer.UnknownDimension),
        (["net"], ["day", "store", "channel", "staff"], layer.TooManyDimensions),
    ],
)
def test_what_cannot_be_asked_is_named(measures, by, error):
    with pytest.raises(error):
        layer.question(measures=measures, by=by, span=SPAN, within=layer.Within((1,)))


def test_a_thread_opens_a_snapshot_once(counter: Counter, now):
    snapshots.refresh(now=now)
    first = snapshot()
    assert snapshot() is first
    counter.sell((counter.hat, 1), payments=[("CASH", 50_00)])
    snapshots.refresh(now=now)
    assert snapshot() is not first
