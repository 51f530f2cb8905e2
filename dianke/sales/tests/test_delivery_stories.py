"""Deliveries told as stories: planned in windows with room, carried by crews, brought in parts with proof, failed and
planned anew; what is still to come stays kept."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal as D
from functools import partial
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from PIL import Image, ImageDraw

from dianke.access.models import User
from dianke.core.actor import SYSTEM
from dianke.core.tests.racing import at_once, refusals
from dianke.events.operations import operation, unchanged
from dianke.inventory.models import Balance
from dianke.sales import operations as sales
from dianke.sales.models import Delivery, DeliveryChange, Order, OrderLine
from dianke.sales.operations import deliveries, delivering, delivery_proof
from dianke.sales.operations.fulfilling import PlannedForDelivery
from dianke.sales.queries import deliveries as reads
from dianke.sales.queries import verify
from dianke.sales.queries.basket import OrderTerms
from dianke.sales.tests.counter import Counter, books, make_counter

HOME = sales.Destination(
    "王小明", "13800138000", "文三路 100 号 3 幢 502", "浙江省", "杭州市", "西湖区", "门禁 #1234"
)


def signature() -> bytes:
    """What a finger draws: dark on nothing."""
    image = Image.new("RGBA", (300, 120), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([(20, 90), (120, 20), (260, 80)], fill=(10, 10, 30, 255), width=5)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (640, 480), (120, 90, 60)).save(out, "JPEG")
    return out.getvalue()


class Yard:
    """A counter with a window of two deliveries a day and an order of three scarves that is paid."""

    def __init__(self, counter: Counter) -> None:
        self.counter, self.now, self.store = counter, counter.now, counter.store
        self.today = reads.local_now(self.store, self.now).date()
        self.slot = sales.put_slot(
            store=self.store,
            slot=None,
            name="上午",
            from_time=time(9),
            to_time=time(12),
            capacity=2,
            weekdays=range(7),
            **self.who,
        )
        self.wang = counter.member()

    @property
    def who(self) -> dict[str, Any]:
        return {"actor": SYSTEM, "now": self.now}

    def order(self, quantity: int = 3, paid: int | None = None) -> Order:
        amount = quantity * 100_00 if paid is None else paid
        return self.counter.order(
            (self.counter.scarf, quantity),
            customer=self.wang,
            payments=[("CASH", amount)] if amount else (),
            terms=OrderTerms(is_reserved=True),
        )

    def plan(self, order: Order, quantity: Any = None, **more: Any) -> Delivery:
        line = order.lines.get()
        usual = {
            "uuid": uuid4(),
            "day": self.today + timedelta(days=1),
            "slot": self.slot,
            "to": HOME,
            "items": [sales.Carried(line.pk, D(str(quantity or line.quantity)))],
        }
        return sales.plan_delivery(order=order, **(usual | self.who | more))

    def bring(self, delivery: Delivery, **more: Any) -> Delivery:
        usual = {"taken_by": "王太太", "signature": signature()}
        return sales.deliver(delivery=delivery, **(usual | self.who | more))

    @property
    def reserved(self) -> D:
        shelf = self.counter.shop.shelf()
        return D(Balance.objects.get(variant=self.counter.scarf, place=shelf).reserved)


@operation(None)
def _erase(*, customer: Any, actor: Any, now: Any) -> int:
    unchanged()
    return delivery_proof.erase_deliveries([customer.pk], now)


@pytest.fixture
def yard(db: None, now) -> Yard:
    return Yard(make_counter(now))


def test_a_part_that_is_brought_leaves_the_rest_kept(yard: Yard):
    order = yard.order(3)
    assert yard.reserved == 3
    first = yard.plan(order, 1)
    sales.start_delivery(delivery=first, **yard.who)
    yard.bring(first, photos=[photo()])
    order.refresh_from_db()
    assert (order.state, order.earned_amount) == ("APPROVED", 100_00)
    assert yard.reserved == 2
    yard.counter.shop.assert_on_hand(yard.counter.scarf, 99)
    yard.bring(yard.plan(order, 1))
    assert yard.reserved == 1
    yard.bring(yard.plan(order, 1))
    order.refresh_from_db()
    assert (order.state, order.earned_amount, yard.reserved) == ("CLOSED", 300_00, 0)
    assert "deposit order" not in books()
    assert verify() == []


def test_what_is_planned_cannot_be_planned_or_handed_out_again(yard: Yard):
    order = yard.order(3)
    trip = yard.plan(order, 2)
    with pytest.raises(deliveries.PlannedTooMuch):
        yard.plan(order, 2)
    line = order.lines.get()
    with pytest.raises(PlannedForDelivery):
        sales.fulfil(order=order, uuid=uuid4(), items=[sales.Delivered(line.pk, D(2))], **yard.who)
    # without naming anything only what no delivery carries is handed out
    sales.fulfil(order=order, uuid=uuid4(), **yard.who)
    line.refresh_from_db()
    assert line.fulfilled_quantity == 1
    with pytest.raises(sales.DeliveriesPlanned):
        _change(yard)
    yard.bring(trip)
    line.refresh_from_db()
    assert line.fulfilled_quantity == 3
    # the database says no as well
    other = yard.order(1)
    one = yard.plan(other, 1)
    with pytest.raises(IntegrityError):
        _plan_twice(one)


def _plan_twice(trip: Delivery) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        trip.lines.update(quantity=2)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _change(yard: Yard) -> None:
    order = yard.order(1)
    yard.plan(order, 1, slot=None)
    sales.change_lines(order=order, items=(), **yard.who)


def test_a_window_takes_as_many_as_fit(yard: Yard):
    for _n in range(2):
        yard.plan(yard.order(1))
    third = yard.order(1)
    with pytest.raises(deliveries.SlotFull) as told:
        yard.plan(third)
    assert "上午" in str(told.value)
    day = yard.today + timedelta(days=1)
    sales.set_slot_day(slot=yard.slot, day=day, capacity=3, **yard.who)
    trip = yard.plan(third)
    assert [window.left for _slot, window in reads.windows(yard.store.pk, day)] == [0]
    # called off: its place is free again, and what it carried too
    sales.cancel_delivery(delivery=trip, reason="顾客改期", **yard.who)
    assert [window.left for _slot, window in reads.windows(yard.store.pk, day)] == [1]
    assert yard.plan(third).attempts == 1
    sales.set_slot_day(slot=yard.slot, day=day + timedelta(days=1), capacity=0, **yard.who)
    with pytest.raises(deliveries.SlotFull):
        yard.plan(yard.order(1), day=day + timedelta(days=1))


def test_what_was_not_brought_keeps_its_story_and_comes_another_day(yard: Yard):
    trip = yard.plan(yard.order(2))
    sales.load_delivery(delivery=trip, **yard.who)
    sales.start_delivery(delivery=trip, **yard.who)
    trip = sales.fail_delivery(delivery=trip, reason="NOBODY_THERE", note="电话不通", **yard.who)
    assert (trip.state, trip.reason) == ("FAILED", "NOBODY_THERE")
    with pytest.raises(deliveries.DeliveryNotOpen):
        yard.bring(trip)
    later = yard.today + timedelta(days=3)
    trip = sales.change_delivery(delivery=trip, day=later, slot=yard.slot, crew=None, **yard.who)
    assert (trip.state, trip.attempts, trip.day) == ("PLANNED", 2, later)
    steps = list(DeliveryChange.objects.filter(delivery=trip).values_list("state", "reason", "note"))
    assert [state for state, _r, _n in steps] == ["PLANNED", "LOADED", "UNDER_WAY", "FAILED", "PLANNED"]
    assert steps[3][1:] == ("NOBODY_THERE", "电话不通")
    yard.bring(trip)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=trip.pk).update(day=yard.today)


def test_proof_is_asked_for_and_lies_sealed(yard: Yard, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    sales.set_delivery_rules(store=yard.store, values={"needs_photo": True}, **yard.who)
    trip = yard.plan(yard.order(1))
    with pytest.raises(delivering.SignatureMissing):
        yard.bring(trip, signature=b"")
    with pytest.raises(delivering.TakerMissing):
        yard.bring(trip, taken_by=" ")
    with pytest.raises(delivering.PhotoMissing):
        yard.bring(trip)
    blank = BytesIO()
    Image.new("RGBA", (300, 120), (0, 0, 0, 0)).save(blank, "PNG")
    with pytest.raises(delivery_proof.SignatureBroken), transaction.atomic():
        yard.bring(trip, photos=[photo()], signature=blank.getvalue())
    assert list(tmp_path.rglob("*-*")) == []
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]
    trip = yard.bring(trip, photos=[photo(), photo()])
    proofs = list(trip.proofs.all())
    assert [proof.kind for proof in proofs] == ["SIGNATURE", "PHOTO", "PHOTO"]
    sealed = delivery_proof.place_of(proofs[0]).read_bytes()
    assert b"PNG" not in sealed
    assert delivery_proof.read_proof(proofs[0]).startswith(b"\x89PNG")
    row = Delivery.objects.filter(pk=trip.pk).values_list("street_sealed", "taken_by_sealed").get()
    assert all(b"\xe6" not in bytes(cell)[:3] and "王太太".encode() not in bytes(cell) for cell in row)
    assert (trip.taken_by, trip.address) == ("王太太", "浙江省杭州市西湖区文三路 100 号 3 幢 502")
    _erase(customer=yard.wang, **yard.who)
    trip.refresh_from_db()
    assert (trip.taken_by, trip.street, trip.state) == (None, None, "DELIVERED")
    with pytest.raises(delivery_proof.ProofGone):
        delivery_proof.read_proof(trip.proofs.first())


def test_less_than_planned_can_be_brought_and_the_rest_planned_again(yard: Yard):
    order = yard.order(3)
    line = order.lines.get()
    trip = yard.bring(yard.plan(order, 3), brought={line.pk: D(2)})
    assert trip.lines.get().quantity == 2
    assert reads.plannable(order) == [(line, D(1))]
    with pytest.raises(delivering.NothingBrought):
        yard.bring(yard.plan(order, 1), brought={line.pk: D(0)})


def test_an_installation_finishes_its_order(yard: Yard):
    order = yard.order(1)
    trip = yard.plan(order)
    line = order.lines.get()
    fitting = yard.plan(order, kind="INSTALLATION", items=[sales.Carried(line.pk, D(1))])
    yard.bring(trip)
    order.refresh_from_db()
    assert order.state == "DELIVERED"
    yard.bring(fitting)
    order.refresh_from_db()
    assert order.state == "CLOSED"


def test_nothing_is_brought_that_is_not_paid(yard: Yard):
    order = yard.counter.order((yard.counter.scarf, 1), customer=yard.wang)
    trip = yard.plan(order)
    with pytest.raises(sales.CreditMissing):
        yard.bring(trip)
    trip.refresh_from_db()
    assert trip.state == "PLANNED"


def test_an_order_that_ends_calls_its_deliveries_off(yard: Yard):
    order = yard.order(2, paid=0)
    trip = yard.plan(order)
    sales.cancel_order(order=order, reason="不要了", **yard.who)
    trip.refresh_from_db()
    assert (trip.state, trip.task.cancelled_at) == ("CANCELLED", yard.now)
    assert yard.reserved == 0


def test_the_crew_has_a_task_that_ends_with_the_delivery(yard: Yard):
    owner = User.objects.create(username="driver", name="周师傅", created_at=yard.now)
    crew = sales.put_crew(store=yard.store, crew=None, name="一组", members=[owner], **yard.who)
    trip = yard.plan(yard.order(1))
    assert trip.task.owner is None
    trip = sales.assign_delivery(delivery=trip, crew=crew, **yard.who)
    trip.task.refresh_from_db()
    assert trip.task.owner == owner
    yard.bring(trip)
    trip.task.refresh_from_db()
    assert trip.task.completed_at == yard.now


# --- races -------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
class TestRaces:
    @pytest.fixture
    def yard(self, transactional_db: None, now) -> Yard:
        return Yard(make_counter(now))

    def test_one_delivery_is_brought_once_whoever_says_so(self, yard: Yard):
        trip = yard.plan(yard.order(3))
        at_once(*[partial(yard.bring, trip) for _n in range(6)])
        yard.counter.shop.assert_on_hand(yard.counter.scarf, 97)
        assert trip.proofs.count() == 1

    def test_two_planners_plan_the_same_goods_once(self, yard: Yard):
        order = yard.order(1)
        results = at_once(*[partial(yard.plan, order, slot=None) for _n in range(4)])
        assert refusals(results, deliveries.PlannedTooMuch) == 3
        assert OrderLine.objects.get(order=order).open_quantity == 1

    def test_the_last_place_of_a_window_goes_to_one(self, yard: Yard):
        yard.plan(yard.order(1))
        orders = [yard.order(1) for _n in range(4)]
        results = at_once(*[partial(yard.plan, order) for order in orders])
        assert refusals(results, deliveries.SlotFull) == 3

    def test_where_there_is_enough_of_everything_all_are_planned(self, yard: Yard):
        """The negative control: the same race with goods for all."""
        order = yard.order(4)
        results = at_once(*[partial(yard.plan, order, 1, slot=None) for _n in range(4)])
        assert refusals(results, deliveries.PlannedTooMuch) == 0
