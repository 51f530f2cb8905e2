"""Customers' goods come back to the right customer; services use up what they use, open bottles first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from dianke.catalog.models import Consumable
from dianke.core.actor import SYSTEM
from dianke.customers.tests.cast import make_customer
from dianke.inventory import operations as stock
from dianke.inventory.models import CustodyItem, Movement, OpenedUnit, OpenLife
from dianke.inventory.operations.consuming import Used, UseOutOfRange, use_up
from dianke.inventory.operations.custody import (
    AlreadyReturned,
    CustodyItemNotFound,
    CustodyTagTaken,
    CustodyTextMissing,
    WrongCustomer,
    give_back,
    take_in,
)
from dianke.inventory.queries import verify
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


def keep(shop: Shop, customer, **more) -> CustodyItem:
    usual = {"store": shop.lake, "tag": "K-001", "description": "银手镯", "actor": SYSTEM, "now": shop.now}
    return take_in(customer=customer, **(usual | more))


def test_goods_of_a_customer_go_back_to_that_customer_only(shop: Shop, people: People):
    wang, li = make_customer("王小明", "13812345678"), make_customer("李雷", "13912345678")
    item = keep(shop, wang, actor=people["lin"], weight_mg=12_500)
    assert item.place.kind == "CUSTODY"
    with pytest.raises(WrongCustomer):
        give_back(item=item, customer=li, actor=people["lin"], now=shop.now)
    with pytest.raises(CustodyItemNotFound):
        give_back(item=item, customer=wang, actor=people["road_clerk"], now=shop.now)
    item = give_back(item=item, customer=wang, actor=people["zhao"], now=shop.now)
    assert item.returned_by_id == people["zhao"].user_id
    with pytest.raises(AlreadyReturned):
        give_back(item=item, customer=wang, actor=people["lin"], now=shop.now)


def test_who_was_merged_meanwhile_still_gets_the_goods(shop: Shop):
    kept = make_customer("王小明", "13812345678")
    item = keep(shop, make_customer("王小明", "13812345678", merged_into=kept))
    assert give_back(item=item, customer=kept, actor=SYSTEM, now=shop.now).returned_at == shop.now


def test_a_tag_is_on_one_thing_at_a_time(shop: Shop):
    wang = make_customer("王小明", "13812345678")
    item = keep(shop, wang)
    with pytest.raises(CustodyTagTaken):
        keep(shop, wang, description="金戒指")
    give_back(item=item, customer=wang, actor=SYSTEM, now=shop.now)
    assert keep(shop, wang, description="金戒指").pk != item.pk
    with pytest.raises(CustodyTextMissing):
        keep(shop, wang, tag="K-002", description=" ")


def test_our_own_article_in_for_repair_is_held_but_never_valued(shop: Shop):
    ring = shop.piece("ZJ-0001")
    shop.receive(shop.ring, 1, 3000, piece_id=ring.pk)
    shop.sell(shop.ring, 1, piece_id=ring.pk)
    wang = make_customer("王小明", "13812345678")
    item = keep(shop, wang, variant_id=shop.ring.pk, piece_id=ring.pk)
    assert shop.holder(ring) == item.place
    shop.assert_cost(shop.ring, 0, 0)
    with pytest.raises(stock.PieceElsewhere):
        shop.sell(shop.ring, 1, piece_id=ring.pk)
    item = give_back(item=item, customer=wang, actor=SYSTEM, now=shop.now)
    assert shop.holder(ring).kind == "CUSTOMER"
    assert [item.document_in.number[:2], item.document_out.number[:2]] == ["JC", "QH"]


# --- services ------------------------------------------------------------------------------------------------
def serve(shop: Shop, reference: str, *, actual: dict[int, str] | None = None, **more) -> Used:
    usual = {"store": shop.lake, "service": shop.hand, "actor": SYSTEM, "now": shop.now}
    given = {pk: D(quantity) for pk, quantity in (actual or {}).items()}
    return use_up(reference=reference, actual=given, **(usual | more))


@pytest.fixture
def oil(shop: Shop) -> Consumable:
    """Half a bottle of cream for each performance."""
    return Consumable.objects.create(service=shop.hand, variant=shop.cream, quantity=D("0.4"))


def test_a_service_uses_its_standard_and_costs_when_it_is_performed(shop: Shop, oil: Consumable):
    shop.receive(shop.cream, 2, 50, batch_code="B1")
    used = serve(shop, "s1")
    assert used.posted is not None
    shop.assert_on_hand(shop.cream, "1.6")
    shop.assert_cost(shop.cream, "1.6", 80)
    assert serve(shop, "s1").posted is None
    shop.assert_on_hand(shop.cream, "1.6")
    bottle = OpenedUnit.objects.get()
    assert (bottle.left, bottle.batch.code, bottle.ended_at) == (D("0.6"), "B1", None)


def test_open_bottles_are_used_up_first_and_old_ones_are_poured_away(shop: Shop, oil: Consumable):
    OpenLife.objects.create(variant=shop.cream, days=30)
    shop.receive(shop.cream, 3, 50, batch_code="B1")
    for number in range(4):
        serve(shop, f"s{number}")
    assert sorted(OpenedUnit.objects.filter(ended_at=None).values_list("left", flat=True)) == [D("0.4")]
    later = shop.now + timedelta(days=31)
    serve(shop, "late", now=later)
    shop.assert_on_hand(shop.cream, "0.6")  # 3 less four uses, less 0.4 poured away, less one use
    reasons = Movement.objects.filter(document__reference="late").order_by("line")
    assert [(m.reason, m.quantity) for m in reasons] == [
        ("AS_STANDARD", D("0.4")),
        ("POURED_AWAY", D("0.4")),
    ]
    assert OpenedUnit.objects.get(ended_at=None).left == D("0.6")


def test_what_was_really_taken_is_held_against_the_standard(shop: Shop, oil: Consumable):
    shop.receive(shop.cream, 2, 50, batch_code="B1")
    shop.receive(shop.scarf, 1, 20)
    used = serve(shop, "s1", actual={shop.cream.pk: "0.7", shop.scarf.pk: "1"})
    told = {use.variant: (use.reason, use.is_unusual) for use in used.uses}
    assert told == {shop.cream.pk: ("MORE", True), shop.scarf.pk: ("NOT_PLANNED", True)}
    shop.assert_on_hand(shop.cream, "1.3")
    shop.assert_on_hand(shop.scarf, 0)
    assert serve(shop, "s2", actual={shop.cream.pk: "0"}).posted is None
    with pytest.raises(UseOutOfRange):
        serve(shop, "s3", times=Decimal(0))


def test_more_than_there_is_is_refused_and_nothing_is_opened(shop: Shop, oil: Consumable):
    shop.receive(shop.cream, 1, 50, batch_code="B1")
    with pytest.raises(stock.StockTooLow):
        serve(shop, "s1", times=D(3))
    assert not OpenedUnit.objects.exists()
    shop.assert_on_hand(shop.cream, 1)
