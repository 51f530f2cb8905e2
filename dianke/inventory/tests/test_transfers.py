"""Transfers told as stories, with stock and costs after every step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from dianke.core.actor import SYSTEM
from dianke.events.models import Event
from dianke.inventory import operations as stock
from dianke.inventory.models import Place, Reservation, Transfer
from dianke.inventory.operations.transfers import (
    Arrival,
    ArrivalUnclear,
    Planned,
    TransferClosed,
    TransferEmpty,
    TransferGoesNowhere,
    TransferNotFound,
    TransferNotHere,
    TransferPriceMissing,
    cancel_transfer,
    plan_transfer,
    receive_transfer,
    ship_transfer,
)
from dianke.inventory.queries import verify
from dianke.inventory.rules.transfers import Beyond, Missing, Passes, Pricing
from dianke.inventory.tests.people import People, make_people
from dianke.inventory.tests.shop import D, Shop


@pytest.fixture
def people(shop: Shop, now: datetime) -> People:
    return make_people(shop, now)


@pytest.fixture(autouse=True)
def books_are_proven(db: None) -> Iterator[None]:
    """After every story the balances, holders and costs are what the movements add up to."""
    yield
    assert verify() == []


def plan(shop: Shop, quantity: Any = 10, *, to: Place | None = None, **more: Any) -> Transfer:
    goods = more.pop("goods", [Planned(shop.scarf.pk, D(str(quantity)))])
    return plan_transfer(
        from_place=shop.shelf(),
        to_place=to or shop.shelf(shop.road),
        goods=goods,
        **({"actor": SYSTEM, "now": shop.now} | more),
    )


def transit(shop: Shop, store: Any = None) -> Place:
    return shop.outside("TRANSIT", store)


def test_goods_are_kept_leave_are_under_way_and_arrive(shop: Shop, people: People):
    shop.receive(shop.scarf, 15, 20)
    transfer = plan(shop, 10, actor=people["lin"])
    with pytest.raises(stock.StockTooLow):
        shop.sell(shop.scarf, 6)
    shop.assert_on_hand(shop.scarf, 15)

    transfer = ship_transfer(transfer=transfer, actor=people["lin"], now=shop.now)
    shop.assert_on_hand(shop.scarf, 5)
    shop.assert_on_hand(shop.scarf, 10, transit(shop))
    assert transfer.state == "SHIPPED"
    assert str(transfer).startswith("DC-HZ01-26-")

    transfer = receive_transfer(
        transfer=transfer, arrivals={1: Arrival(D(10))}, actor=people["road_clerk"], now=shop.now
    )
    shop.assert_on_hand(shop.scarf, 0, transit(shop))
    shop.assert_on_hand(shop.scarf, 10, shop.shelf(shop.road))
    shop.assert_cost(shop.scarf, 15, 300)
    assert transfer.state == "RECEIVED"
    assert Reservation.objects.get().taken_at is not None


def test_some_are_missing_and_some_are_damaged(shop: Shop, people: People):
    shop.receive(shop.scarf, 10, 20)
    transfer = ship_transfer(transfer=plan(shop, 10), actor=people["lin"], now=shop.now)
    with pytest.raises(ArrivalUnclear, match="少收 3"):
        receive_transfer(
            transfer=transfer, arrivals={1: Arrival(D(6), D(1))}, actor=people["road_clerk"], now=shop.now
        )
    transfer = receive_transfer(
        transfer=transfer,
        arrivals={1: Arrival(D(6), D(1), missing=Missing.LOST)},
        actor=people["road_clerk"],
        now=shop.now,
    )
    shop.assert_on_hand(shop.scarf, 6, shop.shelf(shop.road))
    shop.assert_on_hand(shop.scarf, 0, transit(shop))
    shop.assert_cost(shop.scarf, 6, 120)
    line = transfer.lines.get()
    assert (line.good, line.damaged, line.missing, line.beyond) == (D(6), D(1), "LOST", "")
    event = Event.objects.get(kind="inventory.transfer_received")
    assert (event.data["arrived"], event.data["damaged"], event.data["lost"]) == ("6", "1", "3")


def test_what_never_left_is_back_on_the_senders_shelf_and_what_came_beyond_leaves_it(shop: Shop):
    shop.receive(shop.scarf, 20, 20)
    transfer = ship_transfer(transfer=plan(shop, 10), actor=SYSTEM, now=shop.now)
    receive_transfer(
        transfer=transfer,
        arrivals={1: Arrival(D(8), missing=Missing.NOT_SENT)},
        actor=SYSTEM,
        now=shop.now,
    )
    shop.assert_on_hand(shop.scarf, 12)
    other = ship_transfer(transfer=plan(shop, 5), actor=SYSTEM, now=shop.now)
    with pytest.raises(ArrivalUnclear, match="多收 2"):
        receive_transfer(transfer=other, arrivals={1: Arrival(D(7))}, actor=SYSTEM, now=shop.now)
    receive_transfer(
        transfer=other, arrivals={1: Arrival(D(7), beyond=Beyond.SENT_MORE)}, actor=SYSTEM, now=shop.now
    )
    shop.assert_on_hand(shop.scarf, 5)
    shop.assert_on_hand(shop.scarf, 15, shop.shelf(shop.road))
    shop.assert_cost(shop.scarf, 20, 400)


def test_it_is_called_off_before_anything_left_and_half_way(shop: Shop, people: People):
    shop.receive(shop.scarf, 10, 20)
    planned = cancel_transfer(transfer=plan(shop, 10), reason="改计划", actor=people["lin"], now=shop.now)
    assert planned.state == "CANCELLED"
    shop.sell(shop.scarf, 1)

    transfer = ship_transfer(transfer=plan(shop, 9), actor=people["lin"], now=shop.now)
    with pytest.raises(TransferNotHere):
        cancel_transfer(transfer=transfer, reason="", actor=people["road_clerk"], now=shop.now)
    transfer = cancel_transfer(
        transfer=transfer,
        reason="车坏了",
        arrivals={1: Arrival(D(7), D(2))},
        actor=people["lin"],
        now=shop.now,
    )
    assert (transfer.state, transfer.reason) == ("RETURNED", "车坏了")
    shop.assert_on_hand(shop.scarf, 7)
    shop.assert_on_hand(shop.scarf, 0, transit(shop))
    shop.assert_cost(shop.scarf, 7, 140)
    with pytest.raises(TransferClosed):
        receive_transfer(transfer=transfer, arrivals={1: Arrival(D(9))}, actor=SYSTEM, now=shop.now)


def test_everything_comes_back_as_it_was_sent_unless_somebody_says_otherwise(shop: Shop):
    shop.receive(shop.scarf, 10, 20)
    transfer = ship_transfer(transfer=plan(shop, 10), actor=SYSTEM, now=shop.now)
    cancel_transfer(transfer=transfer, reason="", actor=SYSTEM, now=shop.now)
    shop.assert_on_hand(shop.scarf, 10)
    shop.assert_cost(shop.scarf, 10, 200)


def test_less_leaves_than_was_planned_and_a_line_stays_at_home(shop: Shop):
    shop.receive(shop.scarf, 10, 20)
    second = shop.more("手套")
    shop.receive(second, 3, 5)
    goods = [Planned(shop.scarf.pk, D(10)), Planned(second.pk, D(3))]
    transfer = plan(shop, goods=goods)
    transfer = ship_transfer(transfer=transfer, quantities={1: D(4), 2: D(0)}, actor=SYSTEM, now=shop.now)
    shop.sell(shop.scarf, 6)
    shop.sell(second, 3)
    with pytest.raises(ArrivalUnclear, match="还没有清点"):
        receive_transfer(transfer=transfer, arrivals={}, actor=SYSTEM, now=shop.now)
    receive_transfer(transfer=transfer, arrivals={1: Arrival(D(4))}, actor=SYSTEM, now=shop.now)
    shop.assert_on_hand(shop.scarf, 4, shop.shelf(shop.road))
    with pytest.raises(TransferEmpty):
        ship_transfer(
            transfer=plan(shop, 1, is_reserved=False), quantities={1: D(0)}, actor=SYSTEM, now=shop.now
        )


def test_between_companies_goods_are_sold_at_a_price_on_receipt(shop: Shop):
    ocean = shop.harbour.legal_entity
    shop.receive(shop.scarf, 10, 20)
    transfer = plan(shop, 10, to=shop.shelf(shop.harbour), pricing=Pricing.COST_PLUS, markup_bp=1000)
    transfer = ship_transfer(transfer=transfer, actor=SYSTEM, now=shop.now)
    assert transfer.lines.get().unit_price == D(22)
    shop.assert_on_hand(shop.scarf, 10, transit(shop))
    shop.assert_cost(shop.scarf, 10, 200)
    receive_transfer(
        transfer=transfer,
        arrivals={1: Arrival(D(8), D(1), missing=Missing.LOST)},
        actor=SYSTEM,
        now=shop.now,
    )
    shop.assert_cost(shop.scarf, 0, 0)
    shop.assert_cost(shop.scarf, 8, 176, ocean)


def test_what_passed_on_shipment_is_the_receivers_loss(shop: Shop):
    ocean = shop.harbour.legal_entity
    shop.receive(shop.scarf, 10, 20)
    transfer = plan(
        shop,
        to=shop.shelf(shop.harbour),
        goods=[Planned(shop.scarf.pk, D(10), unit_price=D("25.5"))],
        pricing=Pricing.FIXED,
        passes=Passes.ON_SHIPMENT,
    )
    transfer = ship_transfer(transfer=transfer, actor=SYSTEM, now=shop.now)
    shop.assert_on_hand(shop.scarf, 10, transit(shop, shop.harbour))
    shop.assert_cost(shop.scarf, 0, 0)
    shop.assert_cost(shop.scarf, 10, 255, ocean)
    receive_transfer(
        transfer=transfer, arrivals={1: Arrival(D(7), missing=Missing.LOST)}, actor=SYSTEM, now=shop.now
    )
    shop.assert_cost(shop.scarf, 7, "178.5", ocean)
    shop.assert_cost(shop.scarf, 0, 0)


def test_what_passed_on_shipment_is_sold_back_when_it_is_called_off(shop: Shop):
    shop.receive(shop.scarf, 10, 20)
    transfer = plan(shop, to=shop.shelf(shop.harbour), passes=Passes.ON_SHIPMENT)
    transfer = ship_transfer(transfer=transfer, actor=SYSTEM, now=shop.now)
    cancel_transfer(transfer=transfer, reason="", actor=SYSTEM, now=shop.now)
    shop.assert_cost(shop.scarf, 10, 200)
    shop.assert_cost(shop.scarf, 0, 0, shop.harbour.legal_entity)


def test_a_piece_goes_under_its_own_tag(shop: Shop):
    ring = shop.piece("ZJ-0001")
    shop.receive(shop.ring, 1, 3000, piece_id=ring.pk)
    transfer = plan(shop, goods=[Planned(shop.ring.pk, D(1), piece_id=ring.pk)])
    with pytest.raises(stock.PieceReserved):
        shop.sell(shop.ring, 1, piece_id=ring.pk)
    transfer = ship_transfer(transfer=transfer, actor=SYSTEM, now=shop.now)
    assert shop.holder(ring) == transit(shop)
    receive_transfer(transfer=transfer, arrivals={1: Arrival(D(1))}, actor=SYSTEM, now=shop.now)
    assert shop.holder(ring) == shop.shelf(shop.road)


def test_a_second_receipt_finds_the_transfer_closed(shop: Shop):
    shop.receive(shop.scarf, 10, 20)
    transfer = ship_transfer(transfer=plan(shop, 10), actor=SYSTEM, now=shop.now)
    receive_transfer(transfer=transfer, arrivals={1: Arrival(D(10))}, actor=SYSTEM, now=shop.now)
    with pytest.raises(TransferClosed):
        receive_transfer(transfer=transfer, arrivals={1: Arrival(D(10))}, actor=SYSTEM, now=shop.now)
    shop.assert_on_hand(shop.scarf, 10, shop.shelf(shop.road))


def test_others_neither_see_nor_touch_a_transfer(shop: Shop, people: People):
    shop.receive(shop.scarf, 10, 20)
    transfer = plan(shop, 10, actor=people["lin"])
    assert Transfer.objects.visible_to(people["road_clerk"]).count() == 1
    assert Transfer.objects.visible_to(people["harbour_clerk"]).count() == 0
    with pytest.raises(TransferNotFound):
        ship_transfer(transfer=transfer, actor=people["harbour_clerk"], now=shop.now)
    with pytest.raises(TransferNotHere):
        ship_transfer(transfer=transfer, actor=people["road_clerk"], now=shop.now)
    with pytest.raises(TransferNotHere):
        plan(shop, 1, actor=people["harbour_clerk"])


def test_a_transfer_goes_from_shelf_to_shelf_at_a_price_where_it_is_sold(shop: Shop):
    with pytest.raises(TransferGoesNowhere):
        plan(shop, 1, to=shop.shelf())
    with pytest.raises(TransferGoesNowhere):
        plan(shop, 1, to=shop.outside("LOSS"))
    with pytest.raises(TransferEmpty):
        plan(shop, goods=[])
    with pytest.raises(TransferPriceMissing):
        plan(shop, 1, to=shop.shelf(shop.harbour), pricing=Pricing.FIXED)


def test_goods_arrive_later_than_they_left(shop: Shop):
    shop.receive(shop.scarf, 10, 20)
    transfer = ship_transfer(transfer=plan(shop, 10), actor=SYSTEM, now=shop.now)
    later = shop.now + timedelta(days=2)
    transfer = receive_transfer(transfer=transfer, arrivals={1: Arrival(D(10))}, actor=SYSTEM, now=later)
    assert (transfer.shipped_at, transfer.closed_at) == (shop.now, later)
    assert transfer.receipt is not None
    assert transfer.receipt.store == shop.road
