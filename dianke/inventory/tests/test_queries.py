"""What pages and other rooms read: by place and store, at an instant, as of a date; and only what one may see."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dianke.core.actor import SYSTEM
from dianke.inventory import operations as stock
from dianke.inventory import queries
from dianke.inventory.models import Balance, CostClosing, Document, Movement, Place, StockClosing
from dianke.inventory.tests.shop import TODAY, D, Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    shop.receive(shop.scarf, 10, 20)
    shop.receive(shop.scarf, 5, 20, place=shop.warehouse)
    shop.receive(shop.scarf, 3, 30, store=shop.harbour)
    shop.do(
        stock.reserve,
        wanted=[stock.Wanted("order:1", shop.scarf.pk, shop.shelf(), D(4))],
        expires_at=None,
    )
    return shop


def test_on_hand_tells_what_is_where_and_what_is_free(stocked: Shop, django_assert_num_queries):
    shop = stocked
    with django_assert_num_queries(1):
        rows = queries.on_hand([shop.scarf.pk, shop.cream.pk], actor=SYSTEM)
    assert [(r.place_id, r.quantity, r.available) for r in rows] == [
        (shop.shelf().pk, 10, 6),
        (shop.warehouse.pk, 5, 5),
        (shop.shelf(shop.harbour).pk, 3, 3),
    ]
    (row,) = queries.on_hand([shop.scarf.pk], actor=SYSTEM, store_ids=[shop.harbour.pk])
    assert row.quantity == 3
    free = queries.available(
        [shop.scarf.pk], place_ids=[shop.shelf().pk, shop.shelf(shop.road).pk], actor=SYSTEM
    )
    assert list(free.values()) == [6, 0]


def test_distribution_names_stores_most_first(stocked: Shop):
    rows = queries.distribution([stocked.scarf.pk], actor=SYSTEM)
    assert [(r.store, r.quantity, r.available) for r in rows] == [("西湖", 15, 11), ("前海", 3, 3)]


def test_who_is_posted_to_one_store_sees_its_stock_alone(stocked: Shop, make_actor):
    shop = stocked
    clerk = make_actor("CLERK", store_ids={shop.harbour.pk})
    assert [r.quantity for r in queries.on_hand([shop.scarf.pk], actor=clerk)] == [3]
    assert queries.on_hand([shop.scarf.pk], actor=clerk, place_ids=[shop.shelf().pk]) == []
    assert queries.on_hand([shop.scarf.pk], actor=clerk, store_ids=[shop.lake.pk]) == []
    assert [r.store for r in queries.distribution([shop.scarf.pk], actor=clerk)] == ["前海"]
    assert Document.objects.visible_to(clerk).count() == 1
    assert Movement.objects.visible_to(clerk).count() == 1
    assert Balance.objects.visible_to(clerk).count() == 1
    assert {p.legal_entity_id for p in Place.objects.visible_to(clerk)} == {shop.harbour.legal_entity_id}
    rows, _cursor = queries.history(variant_id=shop.scarf.pk, actor=clerk)
    assert [row.change for row in rows] == [3]
    assert queries.valuation(as_of=TODAY, actor=clerk) == []
    nobody = make_actor("MARKETER")
    assert queries.on_hand([shop.scarf.pk], actor=nobody) == []


def test_what_was_there_at_an_instant_is_told_afterwards(shop: Shop, now):
    before = now - timedelta(hours=3)
    shop.receive(shop.scarf, 10, 20, now=before, occurred_at=before)
    shop.sell(shop.scarf, 3, occurred_at=now - timedelta(hours=1))
    shop.sell(shop.scarf, 2)
    place = shop.shelf().pk

    def at(moment):
        return queries.on_hand_at([shop.scarf.pk], place_ids=[place], at=moment)[shop.scarf.pk, place]

    assert [at(before - timedelta(seconds=1)), at(before), at(now - timedelta(hours=1)), at(now)] == [
        0,
        10,
        7,
        5,
    ]


def test_history_pages_newest_first_with_changes_seen_from_the_place(stocked: Shop, now):
    shop = stocked
    shop.move(
        shop.scarf, 2, shop.warehouse, now=now + timedelta(minutes=1), occurred_at=now + timedelta(minutes=1)
    )
    rows, cursor = queries.history(variant_id=shop.scarf.pk, actor=SYSTEM, place_id=shop.shelf().pk, limit=1)
    assert [row.change for row in rows] == [-2]
    rows, cursor = queries.history(
        variant_id=shop.scarf.pk, actor=SYSTEM, place_id=shop.shelf().pk, limit=1, cursor=cursor
    )
    assert ([row.change for row in rows], cursor) == ([10], None)


SEPTEMBER, OCTOBER = date(2026, 9, 30), date(2026, 10, 31)


def values(as_of: date, **more) -> list[tuple]:
    return [(r.place_id, r.quantity, r.value) for r in queries.valuation(as_of=as_of, actor=SYSTEM, **more)]


def test_the_value_as_of_a_date_is_the_same_with_month_ends_and_without(shop: Shop, now):
    shop.receive(shop.scarf, 10, 20, business_date=date(2026, 9, 10))
    shop.sell(shop.scarf, 4, business_date=date(2026, 10, 5))
    shop.receive(shop.scarf, 2, 50, business_date=date(2026, 10, 20), place=shop.warehouse)
    shop.move(shop.scarf, 3, shop.shelf(shop.harbour), cost=120, business_date=date(2026, 11, 3))
    days = [date(2026, 9, 9), SEPTEMBER, date(2026, 10, 10), OCTOBER, date(2026, 11, 2), TODAY]
    before = [(values(day), values(day, by_place=True)) for day in days]
    for entity in (shop.lake.legal_entity, shop.harbour.legal_entity):
        stock.fold_closings(legal_entity=entity, actor=SYSTEM, now=now)
    assert StockClosing.objects.filter(closed_on=OCTOBER).count() == 2
    assert [(values(day), values(day, by_place=True)) for day in days] == before
    assert before[0] == ([], [])
    assert before[1][0] == [(None, 10, 200)]
    assert before[3][0] == [(None, 8, 220)]
    assert before[3][1] == [(shop.shelf().pk, 6, 165), (shop.warehouse.pk, 2, 55)]
    assert before[5][0] == [(None, 5, D("137.5")), (None, 3, 120)]
    # what comes late is seen at once, and folded the next night
    shop.receive(shop.scarf, 1, 8, business_date=date(2026, 9, 20))
    late = [(values(day), values(day, by_place=True)) for day in days]
    assert late[1][0] == [(None, 11, 208)]
    assert stock.fold_closings(legal_entity=shop.lake.legal_entity, actor=SYSTEM, now=now) == 2
    assert [(values(day), values(day, by_place=True)) for day in days] == late
    assert CostClosing.objects.get(closed_on=SEPTEMBER).value == 208


def test_average_costs_are_told_per_entity(stocked: Shop):
    shop = stocked
    lake, harbour = shop.lake.legal_entity_id, shop.harbour.legal_entity_id
    assert queries.costs_of([shop.scarf.pk, shop.cream.pk], legal_entity_id=lake) == {shop.scarf.pk: 20}
    assert queries.costs_of([shop.scarf.pk], legal_entity_id=harbour) == {shop.scarf.pk: 30}
