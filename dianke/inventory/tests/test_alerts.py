"""Alerts that become tasks, once per cause, and stores that help each other out."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.inventory import operations as stock
from dianke.inventory.models import SafetyStock, StockAlert
from dianke.inventory.operations.alerts import (
    BoundsOutOfRange,
    Level,
    LookedThrough,
    look_through_stock,
    set_safety_stock,
)
from dianke.inventory.operations.transfers import Planned, plan_transfer
from dianke.inventory.queries.alerts import reasons_of, suggested_transfers
from dianke.inventory.tests.people import People, make_people
from dianke.inventory.tests.shop import TODAY, D, Shop
from dianke.work.models import Task
from dianke.work.operations import complete_task


@pytest.fixture
def people(shop: Shop, now: datetime) -> People:
    return make_people(shop, now)


def watch(shop: Shop, minimum: int, maximum: int | None = None, **more) -> None:
    set_safety_stock(
        place=more.pop("place", shop.shelf()),
        levels=[
            Level(more.pop("variant", shop.scarf).pk, D(minimum), None if maximum is None else D(maximum))
        ],
        actor=more.pop("actor", SYSTEM),
        now=shop.now,
    )


def look(shop: Shop, *, days: int = 0) -> LookedThrough:
    return look_through_stock(store=shop.lake, actor=SYSTEM, now=shop.now + timedelta(days=days))


def open_tasks() -> list[str]:
    return list(Task.objects.open().filter(kind="stock").order_by("pk").values_list("title", flat=True))


def test_what_is_low_is_one_task_until_it_is_filled_again(shop: Shop):
    shop.receive(shop.scarf, 3, 20)
    watch(shop, 5)
    assert look(shop) == LookedThrough(1, 0, 1)
    assert look(shop) == LookedThrough(0, 0, 1)
    assert len(open_tasks()) == 1
    alert = StockAlert.objects.get()
    assert (alert.kind, alert.quantity, alert.facts["minimum"]) == ("LOW", D(2), "5.0000")

    other = shop.more("手套")
    watch(shop, 2, variant=other)
    look(shop)
    assert len(open_tasks()) == 1
    assert "2" in open_tasks()[0]

    shop.receive(shop.scarf, 10, 20)
    shop.receive(other, 10, 20)
    assert look(shop) == LookedThrough(0, 2, 0)
    assert open_tasks() == []
    assert not StockAlert.objects.open().exists()


def test_a_task_that_is_done_comes_back_only_for_something_new(shop: Shop):
    watch(shop, 5)
    look(shop)
    complete_task(task=Task.objects.open().get(kind="stock"), actor=SYSTEM, now=shop.now)
    look(shop)
    assert open_tasks() == []
    watch(shop, 5, variant=shop.more("手套"))
    look(shop)
    assert len(open_tasks()) == 1


def test_expiry_slow_goods_and_less_than_nothing_are_told_apart(shop: Shop):
    stock.set_negative_policy(policy="ALLOW", place=shop.shelf(), category=None, actor=SYSTEM, now=shop.now)
    shop.receive(shop.cream, 4, 50, batch_code="B1", expires_on=TODAY + timedelta(days=100))
    shop.receive(shop.scarf, 5, 20)
    shop.sell(shop.more("手套"), 2)
    look(shop)
    assert set(StockAlert.objects.open().values_list("kind", flat=True)) == {"NEGATIVE"}
    look(shop, days=91)
    kinds = sorted(StockAlert.objects.open().values_list("kind", "variant__code"))
    assert kinds == [("EXPIRING", "MS1"), ("NEGATIVE", "手套"), ("SLOW", "MS1"), ("SLOW", "WJ1")]
    assert len(open_tasks()) == 3


def test_what_sells_does_not_lie_too_long(shop: Shop):
    shop.receive(shop.scarf, 5, 20)
    later = shop.now + timedelta(days=80)
    shop.sell(shop.scarf, 1, occurred_at=later, now=later, business_date=TODAY + timedelta(days=80))
    look(shop, days=91)
    assert not StockAlert.objects.exists()


def test_the_bounds_are_set_by_who_may_and_make_sense(shop: Shop, people: People):
    with pytest.raises(PermissionRefused):
        watch(shop, 5, actor=people["lin"])
    for minimum, maximum in ((-1, None), (5, 4)):
        with pytest.raises(BoundsOutOfRange):
            watch(shop, minimum, maximum)
    watch(shop, 5, 9)
    watch(shop, 6, 8)
    row = SafetyStock.objects.get()
    assert (row.minimum, row.maximum) == (D(6), D(8))
    set_safety_stock(place=shop.shelf(), levels=[Level(shop.scarf.pk, None)], actor=SYSTEM, now=shop.now)
    assert not SafetyStock.objects.exists()


def test_a_store_with_plenty_helps_one_in_need(shop: Shop, people: People):
    shop.receive(shop.scarf, 20, 20, store=shop.road, place=shop.shelf(shop.road))
    shop.receive(shop.scarf, 50, 20, store=shop.harbour, place=shop.shelf(shop.harbour))
    shop.receive(shop.scarf, 1, 20)
    watch(shop, 5, 25)
    watch(shop, 6, place=shop.shelf(shop.road))
    found = suggested_transfers(actor=SYSTEM, today=TODAY)
    assert [(one.from_place, one.quantity, one.nearness) for one in found] == [
        (shop.shelf(shop.road).pk, D(14), "SAME_REGION"),
        (shop.shelf(shop.harbour).pk, D(10), "OTHER_ENTITY"),
    ]
    assert all(len(reasons_of(one)) == 3 for one in found)
    assert suggested_transfers(actor=people["lin"], today=TODAY) == []

    plan_transfer(
        from_place=shop.shelf(shop.road),
        to_place=shop.shelf(),
        goods=[Planned(shop.scarf.pk, D(14))],
        actor=SYSTEM,
        now=shop.now,
    )
    assert suggested_transfers(actor=SYSTEM, today=TODAY) == []
