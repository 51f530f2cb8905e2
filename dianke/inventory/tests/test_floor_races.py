"""Two receipts of one transfer, a count against sales, phones that send at the same moment: on real connections."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest

from dianke.core.actor import SYSTEM
from dianke.core.tests.racing import at_once, refusals
from dianke.inventory import operations as stock
from dianke.inventory import queries
from dianke.inventory.models import CountEntry, CountSession, Document, Transfer
from dianke.inventory.operations import transfers
from dianke.inventory.operations.count_closing import CountOvertaken, post_count, submit_count
from dianke.inventory.operations.counting import CountClosed, Scan, enter_counts, open_count
from dianke.inventory.operations.transfers import (
    Arrival,
    Planned,
    TransferClosed,
    cancel_transfer,
    plan_transfer,
    receive_transfer,
    ship_transfer,
)
from dianke.inventory.tests.people import People, make_people
from dianke.inventory.tests.shop import D, Shop, make_shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db: None, now) -> Shop:
    return make_shop(now)


@pytest.fixture
def people(shop: Shop, now) -> People:
    return make_people(shop, now)


def shipped(shop: Shop) -> Transfer:
    shop.receive(shop.scarf, 10, 20)
    transfer = plan_transfer(
        from_place=shop.shelf(),
        to_place=shop.shelf(shop.road),
        goods=[Planned(shop.scarf.pk, D(10))],
        actor=SYSTEM,
        now=shop.now,
    )
    return ship_transfer(transfer=transfer, actor=SYSTEM, now=shop.now)


def test_of_two_receipts_of_one_transfer_one_wins(shop: Shop):
    for _time in range(5):
        transfer = shipped(shop)
        receive = partial(
            receive_transfer, transfer=transfer, arrivals={1: Arrival(D(10))}, actor=SYSTEM, now=shop.now
        )
        assert refusals(at_once(receive, receive, receive), TransferClosed) == 2
    shop.assert_on_hand(shop.scarf, 50, shop.shelf(shop.road))
    assert Document.objects.filter(kind="TRANSFER_RECEIPT").count() == 5
    assert queries.verify() == []


def test_without_the_lock_both_receipts_look_and_only_the_books_stop_the_second(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    """The negative control: both find the transfer under way; what refuses then is the reference of the document."""
    transfer = shipped(shop)
    both_looked = Barrier(2, timeout=20)

    def look(row: Transfer, actor: object) -> Transfer:
        rows = Transfer.objects.select_related("from_place__store", "to_place__store", "shipment")
        found = rows.get(pk=row.pk)
        both_looked.wait()
        return found

    monkeypatch.setattr(transfers, "lock_transfer", look)
    receive = partial(receive_transfer, transfer=transfer, actor=SYSTEM, now=shop.now)
    results = at_once(
        partial(receive, arrivals={1: Arrival(D(10))}),
        partial(receive, arrivals={1: Arrival(D(9), D(1))}),
    )
    assert refusals(results, stock.ReferenceTaken) == 1


def test_receiving_and_calling_off_do_not_both_happen(shop: Shop):
    transfer = shipped(shop)
    results = at_once(
        partial(
            receive_transfer, transfer=transfer, arrivals={1: Arrival(D(10))}, actor=SYSTEM, now=shop.now
        ),
        partial(cancel_transfer, transfer=transfer, reason="", actor=SYSTEM, now=shop.now),
    )
    assert refusals(results, TransferClosed) == 1
    there = shop.quantity(shop.scarf, shop.shelf(shop.road))
    assert {there, shop.quantity(shop.scarf)} == {D(0), D(10)}


def test_a_count_is_posted_among_sales_and_is_right(shop: Shop, people: People):
    """Twelve are sold while the count is posted, whichever comes first: what was counted, less what was sold."""
    shop.receive(shop.scarf, 50, 20)
    session = open_count(store=shop.lake, actor=people["lin"], now=shop.now)
    for who, key in (("lin", "a"), ("zhao", "b")):
        scan = Scan(key, D(47), variant_id=shop.scarf.pk)
        enter_counts(session=session, scans=[scan], actor=people[who], now=shop.now)
        session = submit_count(session=session, actor=people[who], now=shop.now)
    later = shop.now + timedelta(minutes=10)
    results = at_once(
        *(
            partial(shop.sell, shop.scarf, 1, reference=f"s{number}", occurred_at=later, now=later)
            for number in range(6)
        ),
        partial(post_count, session=session, actor=people["manager"], now=later),
        *(
            partial(shop.sell, shop.scarf, 1, reference=f"s{number}", occurred_at=later, now=later)
            for number in range(6, 12)
        ),
    )
    assert refusals(results, CountOvertaken) == 0
    shop.assert_on_hand(shop.scarf, 35)
    assert CountSession.objects.get().state == "POSTED"
    assert queries.verify() == []


def test_a_count_is_posted_once_however_many_press(shop: Shop, people: People):
    shop.receive(shop.scarf, 10, 20)
    session = open_count(store=shop.lake, actor=people["lin"], now=shop.now)
    for who, key in (("lin", "a"), ("zhao", "b")):
        scan = Scan(key, D(8), variant_id=shop.scarf.pk)
        enter_counts(session=session, scans=[scan], actor=people[who], now=shop.now)
        session = submit_count(session=session, actor=people[who], now=shop.now)
    press = partial(post_count, session=session, actor=people["manager"], now=shop.now)
    results = at_once(press, press, press)
    assert refusals(results, CountClosed) == 0
    assert Document.objects.filter(kind="COUNT").count() == 1
    shop.assert_on_hand(shop.scarf, 8)


def test_phones_that_send_at_once_are_all_heard_and_none_twice(shop: Shop, people: People):
    shop.receive(shop.scarf, 10, 20)
    session = open_count(store=shop.lake, actor=people["lin"], now=shop.now)
    goods = [shop.more(f"货{number}") for number in range(5)]
    batches = [[Scan(f"{phone}-{each.pk}", D(1), variant_id=each.pk) for each in goods] for phone in range(4)]
    results = at_once(
        *(
            partial(enter_counts, session=session, scans=scans, actor=people[who], now=shop.now)
            for scans, who in zip(batches * 2, ["lin", "zhao", "sun", "manager"] * 2, strict=True)
        )
    )
    assert refusals(results, CountClosed) == 0
    assert CountEntry.objects.filter(session=session).count() == 20
    session = submit_count(session=session, actor=people["lin"], now=shop.now)
    assert set(session.lines.exclude(variant=shop.scarf).values_list("counted", flat=True)) == {D(4)}
