"""Counting while selling, told as the day of docs/algorithms/stocktake.md, and everything that can go wrong with it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dianke.catalog.models import Barcode, Category, Variant
from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.inventory.models import Anchor, CountEntry, CountLine, CountSession, Movement
from dianke.inventory.operations.count_closing import (
    CountOvertaken,
    NothingCounted,
    post_count,
    submit_count,
)
from dianke.inventory.operations.counting import (
    CountClosed,
    CountNotFound,
    CountPlaceUnsuitable,
    Entered,
    Refusal,
    Scan,
    ToleranceOutOfRange,
    cancel_count,
    enter_counts,
    open_count,
)
from dianke.inventory.queries import verify
from dianke.inventory.queries.counting import lines_to_show, progress_of, sees_expected
from dianke.inventory.tests.people import People, make_people
from dianke.inventory.tests.shop import D, Shop
from dianke.inventory.tests.test_stocktake_documentation import DAY
from dianke.work import operations as work
from dianke.work.models import Task

PEOPLE = {"1": "lin", "2": "zhao"}
_keys = itertools.count(1)


@pytest.fixture
def people(shop: Shop, now: datetime) -> People:
    return make_people(shop, now)


@pytest.fixture(autouse=True)
def books_are_proven(db: None) -> Iterator[None]:
    """After every story the balances, holders and costs are what the movements add up to."""
    yield
    assert verify() == []


def clock(shop: Shop, text: str) -> datetime:
    """Today's clock time; the fixture's now is 14:30, the day of the page ends before."""
    hour, minute = text.split(":")
    return shop.now.replace(hour=0, minute=0) + timedelta(hours=int(hour) - 8, minutes=int(minute))


def count(
    session: CountSession, goods: Variant | str, quantity: Any, who: Any, at: datetime, **more: Any
) -> Entered:
    named = {"code": goods} if isinstance(goods, str) else {"variant_id": goods.pk}
    scan = Scan(
        key=more.pop("key", f"k{next(_keys)}"), quantity=D(str(quantity)), counted_at=at, **named, **more
    )
    return enter_counts(session=session, scans=[scan], actor=who, now=at)


def on_line(session: CountSession, goods: Variant) -> CountLine:
    return CountLine.objects.get(session=session, variant=goods)


def test_the_day_at_the_lake_leaves_what_the_page_says(shop: Shop, people: People):
    """Lines A to F and I of the worked table, by the operations, in the order in which they happen."""
    names = [name for name in DAY if name not in "GH"]
    goods = {name: shop.more(name) for name in names}
    start = clock(shop, "09:00")
    for name in names:
        if Decimal(DAY[name][2]):
            shop.receive(goods[name], DAY[name][2], 10, occurred_at=start - timedelta(days=1), now=start)
    session = open_count(store=shop.lake, actor=people["lin"], now=start)

    happens: list[tuple[datetime, Any]] = []
    for name in names:
        _name, what, _snapshot, moved, looks, *_rest = DAY[name]
        known = re.search(r"known at (\d\d:\d\d)", what)
        for quantity, text in re.findall(r"([+-]\d+) at (\d\d:\d\d)", moved):
            at = clock(shop, text)
            move = shop.receive if quantity[0] == "+" else shop.sell
            happens.append(
                (
                    clock(shop, known.group(1)) if known else at,
                    lambda posted, move=move, name=name, quantity=quantity, at=at: move(
                        goods[name], quantity[1:], occurred_at=at, now=posted
                    ),
                )
            )
        for number, (counted, text, who) in enumerate(re.findall(r"(\d+) at (\d\d:\d\d) by (\d)", looks)):
            if number == 0:
                happens.append(
                    (
                        clock(shop, text),
                        lambda at, name=name, counted=counted, who=who: count(
                            session, goods[name], counted, people[PEOPLE[who]], at, is_total=True
                        ),
                    )
                )
    for at, do in sorted(happens, key=lambda pair: pair[0]):
        do(at)

    # The second and third looks happen on paper at their own times; the phones send them when they are asked for.
    late = clock(shop, "10:59")
    for round_ in (1, 2):
        session = submit_count(session=session, actor=people["lin"], now=late)
        assert session.state == "RECOUNTING"
        for name in names:
            taken = re.findall(r"(\d+) at (\d\d:\d\d) by (\d)", DAY[name][4])
            if len(taken) > round_:
                counted, text, who = taken[round_]
                person = people["sun"] if round_ == 2 else people[PEOPLE[who]]
                scan = Scan(
                    key=f"{name}{round_}",
                    quantity=D(counted),
                    variant_id=goods[name].pk,
                    counted_at=clock(shop, text),
                )
                entered = enter_counts(session=session, scans=[scan], actor=person, now=late)
                assert (entered.new, entered.refused) == (1, {})
    session = submit_count(session=session, actor=people["lin"], now=late)
    assert session.state == "SUBMITTED"
    for name in names:
        _name, _what, snapshot, _moved, _looks, expected, variance, verdict, _after = DAY[name]
        line = on_line(session, goods[name])
        assert (line.snapshot, line.verdict) == (D(snapshot), verdict), name
        assert (line.expected, line.variance) == (
            D(expected.split(" → ")[-1]),
            D(variance.split(" → ")[-1]),
        ), name

    session = post_count(session=session, actor=people["manager"], now=clock(shop, "11:00"))
    assert session.document is not None
    assert session.document.number.startswith("PD-HZ01-26-")
    for name in names:
        shop.assert_on_hand(goods[name], DAY[name][8])
    assert (
        Movement.objects.filter(document=session.document).count() == 2
    )  # C and I differ, the others do not
    assert Anchor.objects.filter(place=shop.shelf()).count() == len(names)


def settled(shop: Shop, people: People, quantity: int, counted: int) -> CountSession:
    """A posted count of scarves, seen at 13:30."""
    start = shop.now - timedelta(hours=2)
    shop.receive(shop.scarf, quantity, 20, occurred_at=start - timedelta(days=1), now=start)
    session = open_count(store=shop.lake, actor=people["lin"], now=start)
    for who, minutes in (("lin", 60), ("zhao", 70)):
        count(session, shop.scarf, counted, people[who], start + timedelta(minutes=minutes))
        session = submit_count(session=session, actor=people[who], now=start + timedelta(minutes=minutes))
        if session.state == "SUBMITTED":
            break
    return post_count(session=session, actor=people["manager"], now=shop.now)


def test_what_was_counted_stands_against_documents_that_come_later(shop: Shop, people: People):
    settled(shop, people, 5, 4)
    shop.assert_on_hand(shop.scarf, 4)
    later = shop.now + timedelta(hours=1)
    shop.sell(shop.scarf, 1, occurred_at=shop.now - timedelta(hours=1, minutes=30), now=later)
    shop.assert_on_hand(shop.scarf, 4)
    shop.sell(shop.scarf, 1, occurred_at=shop.now - timedelta(minutes=10), now=later)
    shop.assert_on_hand(shop.scarf, 3)


def test_a_look_from_before_another_count_is_left_aside(shop: Shop, people: People):
    start = shop.now - timedelta(hours=3)
    shop.receive(shop.scarf, 10, 20, occurred_at=start - timedelta(days=1), now=start)
    slow = open_count(store=shop.lake, actor=people["lin"], now=start)
    count(slow, shop.scarf, 9, people["lin"], start + timedelta(minutes=5))
    quick = open_count(store=shop.lake, actor=people["zhao"], now=start)
    for who, minutes in (("zhao", 10), ("sun", 20)):
        count(quick, shop.scarf, 9, people[who], start + timedelta(minutes=minutes))
        quick = submit_count(session=quick, actor=people[who], now=shop.now)
    post_count(session=quick, actor=people["manager"], now=shop.now)
    slow = submit_count(session=slow, actor=people["lin"], now=shop.now)
    assert on_line(slow, shop.scarf).verdict == "SUPERSEDED"
    post_count(session=slow, actor=people["lin"], now=shop.now)
    shop.assert_on_hand(shop.scarf, 9)


# --- entering ------------------------------------------------------------------------------------------------
def test_what_a_phone_sends_twice_counts_once_and_parts_add_up(shop: Shop, people: People):
    shop.receive(shop.scarf, 12, 20, now=shop.now)
    session = open_count(store=shop.lake, actor=people["lin"], now=shop.now)
    scans = [Scan("a", D(7), variant_id=shop.scarf.pk), Scan("b", D(5), variant_id=shop.scarf.pk)]
    first = enter_counts(session=session, scans=scans, actor=people["lin"], now=shop.now)
    again = enter_counts(session=session, scans=scans, actor=people["lin"], now=shop.now)
    assert (first.new, first.repeated, again.new, again.repeated) == (2, 0, 0, 2)
    other = enter_counts(
        session=session,
        scans=[Scan("a", D(3), variant_id=shop.scarf.pk)],
        actor=people["lin"],
        now=shop.now,
    )
    assert other.refused == {"a": Refusal.KEY_TAKEN}
    session = submit_count(session=session, actor=people["lin"], now=shop.now)
    assert on_line(session, shop.scarf).counted == D(12)


def test_a_total_takes_the_place_of_what_was_entered_before(shop: Shop, people: People):
    shop.receive(shop.scarf, 4, 20)
    session = open_count(store=shop.lake, actor=people["lin"], now=shop.now)
    for minute, quantity, is_total in ((1, 9, False), (2, 3, True), (3, 1, False)):
        count(
            session,
            shop.scarf,
            quantity,
            people["lin"],
            shop.now + timedelta(minutes=minute),
            is_total=is_total,
        )
    session = submit_count(session=session, actor=people["lin"], now=shop.now + timedelta(minutes=4))
    assert on_line(session, shop.scarf).counted == D(4)


def test_scans_are_named_by_code_and_refused_one_by_one(shop: Shop, people: People):
    Barcode.objects.create(variant=shop.scarf, value="6901234567892", kind="EAN13", pack_quantity=D(12))
    ring = shop.piece("ZJ-0001")
    other = Category.objects.create(name="别的")
    stranger = shop.more("帽子")
    stranger.product.category = other
    stranger.product.save()
    shop.receive(shop.scarf, 24, 20)
    session = open_count(store=shop.lake, category=shop.category, actor=people["lin"], now=shop.now)
    scans = [
        Scan("box", D(2), code="6901234567892"),
        Scan("tag", code="ZJ-0001"),
        Scan("sku", code="WJ1"),
        Scan("?", code="0000"),
        Scan("hat", variant_id=stranger.pk),
        Scan("cream", variant_id=shop.cream.pk),
        Scan("ring", variant_id=shop.ring.pk),
        Scan("hand", variant_id=shop.hand.pk),
        Scan("half", D("0.00001"), variant_id=shop.scarf.pk),
        Scan("road", variant_id=shop.scarf.pk, place_id=shop.shelf(shop.road).pk),
        Scan("early", variant_id=shop.scarf.pk, counted_at=shop.now - timedelta(minutes=1)),
    ]
    entered = enter_counts(session=session, scans=scans, actor=people["lin"], now=shop.now)
    assert entered.new == 3
    assert entered.refused == {
        "?": Refusal.UNKNOWN_GOODS,
        "hat": Refusal.NOT_IN_SCOPE,
        "cream": Refusal.BATCH_MISSING,
        "ring": Refusal.PIECE_MISSING,
        "hand": Refusal.UNKNOWN_GOODS,
        "half": Refusal.QUANTITY,
        "road": Refusal.NOT_IN_SCOPE,
        "early": Refusal.TOO_EARLY,
    }
    found = {each.key: (each.quantity, each.line.piece_id) for each in CountEntry.objects.all()}
    assert found == {"box": (D(24), None), "tag": (D(1), ring.pk), "sku": (D(1), None)}


def test_a_line_is_counted_again_by_somebody_else_and_only_when_it_is_asked_for(shop: Shop, people: People):
    second = shop.more("手套")
    shop.receive(shop.scarf, 10, 20)
    shop.receive(second, 3, 5)
    session = open_count(store=shop.lake, actor=people["lin"], now=shop.now)
    count(session, shop.scarf, 8, people["lin"], shop.now)
    count(session, second, 3, people["lin"], shop.now)
    session = submit_count(session=session, actor=people["lin"], now=shop.now)
    assert session.state == "RECOUNTING"
    assert progress_of([session])[session.pk].again == 1
    assert count(session, shop.scarf, 8, people["lin"], shop.now, key="x").refused == {
        "x": Refusal.ANOTHER_PERSON
    }
    assert count(session, second, 3, people["zhao"], shop.now, key="y").refused == {
        "y": Refusal.NOT_ASKED_AGAIN
    }
    assert count(session, shop.scarf, 8, people["zhao"], shop.now).new == 1
    session = submit_count(session=session, actor=people["zhao"], now=shop.now)
    assert session.state == "SUBMITTED"
    assert on_line(session, shop.scarf).reason == "CONFIRMED"


def test_what_nobody_counted_stays_or_is_missing_as_is_said(shop: Shop, people: People):
    second = shop.more("手套")
    shop.receive(shop.scarf, 10, 20)
    shop.receive(second, 3, 5)
    for missing, left in ((False, 3), (True, 0)):
        session = open_count(store=shop.lake, actor=people["lin"], now=shop.now)
        count(session, shop.scarf, 10, people["lin"], shop.now)
        session = submit_count(session=session, missing_is_zero=missing, actor=people["lin"], now=shop.now)
        if missing:
            assert session.state == "RECOUNTING"
            count(session, second, 0, people["zhao"], shop.now, is_total=True)
            session = submit_count(session=session, actor=people["zhao"], now=shop.now)
        post_count(session=session, actor=people["manager"], now=shop.now)
        shop.assert_on_hand(second, left)


def test_who_approves_ends_a_dispute(shop: Shop, people: People):
    shop.receive(shop.scarf, 10, 20)
    session = open_count(store=shop.lake, actor=people["lin"], now=shop.now)
    count(session, shop.scarf, 8, people["lin"], shop.now)
    submit_count(session=session, actor=people["lin"], now=shop.now)
    with pytest.raises(PermissionRefused):
        submit_count(session=session, without_recount=True, actor=people["lin"], now=shop.now)
    session = submit_count(session=session, without_recount=True, actor=people["manager"], now=shop.now)
    assert (session.state, on_line(session, shop.scarf).verdict) == ("SUBMITTED", "DISPUTED")
    post_count(session=session, actor=people["manager"], now=shop.now)
    shop.assert_on_hand(shop.scarf, 8)


# --- what one sees -------------------------------------------------------------------------------------------
def test_who_counts_blind_is_told_nothing_and_who_approves_only_afterwards(shop: Shop, people: People):
    ring = shop.piece("ZJ-0001")
    shop.receive(shop.ring, 1, 3000, piece_id=ring.pk)
    shop.receive(shop.scarf, 10, 20)
    session = open_count(store=shop.lake, actor=people["lin"], now=shop.now)
    assert not sees_expected(session, people["lin"])
    assert not sees_expected(session, people["manager"])
    assert [line.piece_id for line in lines_to_show(session, people["lin"])] == [None]
    count(session, shop.scarf, 10, people["lin"], shop.now)
    count(session, "ZJ-0001", 1, people["lin"], shop.now)
    assert lines_to_show(session, people["lin"]).count() == 2
    session = submit_count(session=session, actor=people["lin"], now=shop.now)
    assert not sees_expected(session, people["lin"])
    assert sees_expected(session, people["manager"])
    open_one = open_count(store=shop.lake, is_blind=False, actor=people["lin"], now=shop.now)
    assert sees_expected(open_one, people["lin"])


# --- pieces --------------------------------------------------------------------------------------------------
def test_pieces_are_found_missing_or_on_another_shelf(shop: Shop, people: People):
    rings = {name: shop.piece(name) for name in ("here", "gone", "safe", "sold", "road", "lost")}
    for name, ring in rings.items():
        store = shop.road if name == "road" else shop.lake
        place = shop.warehouse if name == "safe" else shop.shelf(store)
        shop.receive(shop.ring, 1, 100, piece_id=ring.pk, place=place, store=store)
    shop.sell(shop.ring, 1, piece_id=rings["sold"].pk)
    shop.adjust(shop.ring, -1, piece_id=rings["lost"].pk)
    session = open_count(store=shop.lake, place=shop.shelf(), actor=people["lin"], now=shop.now)
    for who in ("lin", "zhao"):
        for name in ("here", "safe", "sold", "road", "lost"):
            count(session, name, 1, people[who], shop.now)
            count(session, name, 1, people[who], shop.now)
        session = submit_count(session=session, missing_is_zero=True, actor=people[who], now=shop.now)
        if session.state == "RECOUNTING" and who == "lin":
            count(session, "gone", 0, people["zhao"], shop.now)
    assert session.state == "SUBMITTED"
    verdicts = {
        line.piece.tag: line.verdict
        for line in CountLine.objects.filter(session=session, piece__isnull=False)
    }
    assert verdicts == {
        "here": "SETTLED",
        "gone": "SETTLED",
        "safe": "SETTLED",
        "sold": "ELSEWHERE",
        "road": "ELSEWHERE",
        "lost": "SETTLED",
    }
    post_count(session=session, actor=people["manager"], now=shop.now)
    assert {name: shop.holder(ring).kind for name, ring in rings.items()} == {
        "here": "STOCK",
        "gone": "LOSS",
        "safe": "STOCK",
        "sold": "CUSTOMER",
        "road": "STOCK",
        "lost": "STOCK",
    }
    assert shop.holder(rings["safe"]) == shop.shelf()
    assert shop.holder(rings["road"]) == shop.shelf(shop.road)
    shop.assert_cost(shop.ring, 4, 400)  # here, safe, lost; and the one of the other store


def test_a_piece_on_the_wrong_shelf_of_a_whole_count_only_changes_its_place(shop: Shop, people: People):
    ring = shop.piece("ZJ-0001")
    shop.receive(shop.ring, 1, 100, piece_id=ring.pk)
    session = open_count(store=shop.lake, actor=people["lin"], now=shop.now)
    for who in ("lin", "zhao"):
        count(session, "ZJ-0001", 1, people[who], shop.now, place_id=shop.warehouse.pk)
        count(session, "ZJ-0001", 0, people[who], shop.now)
        session = submit_count(session=session, actor=people[who], now=shop.now)
    session = post_count(session=session, actor=people["manager"], now=shop.now)
    assert shop.holder(ring) == shop.warehouse
    assert Movement.objects.filter(document=session.document).count() == 1


# --- agreeing and posting ------------------------------------------------------------------------------------
def disputed(shop: Shop, people: People, counted: int = 8) -> CountSession:
    """A submitted count of ten scarves at 20 yuan."""
    shop.receive(shop.scarf, 10, 20)
    session = open_count(store=shop.lake, name="月盘", actor=people["lin"], now=shop.now)
    for who in ("lin", "zhao"):
        count(session, shop.scarf, counted, people[who], shop.now)
        session = submit_count(session=session, actor=people[who], now=shop.now)
        if session.state == "SUBMITTED":
            break
    return session


def test_differences_are_posted_by_who_may_approve_them(shop: Shop, people: People):
    session = disputed(shop, people)
    assert (session.surplus, session.shortage) == (D(0), D(40))
    assert Task.objects.get(kind="stock").is_open
    with pytest.raises(PermissionRefused):
        post_count(session=session, actor=people["lin"], now=shop.now)
    session = post_count(session=session, actor=people["manager"], now=shop.now)
    again = post_count(session=session, actor=people["manager"], now=shop.now)
    assert (session.state, again.document_id) == ("POSTED", session.document_id)
    assert not Task.objects.get(kind="stock").is_open
    shop.assert_on_hand(shop.scarf, 8)
    shop.assert_cost(shop.scarf, 8, 160)


def test_a_count_without_differences_is_posted_by_who_counted_and_still_is_an_anchor(
    shop: Shop, people: People
):
    session = post_count(session=disputed(shop, people, 10), actor=people["lin"], now=shop.now)
    assert (session.state, session.document) == ("POSTED", None)
    assert Anchor.objects.filter(variant=shop.scarf, place=shop.shelf()).count() == 1


@pytest.mark.parametrize(("limit", "is_asked"), [("40.01", False), ("40", True)])
def test_above_the_limit_a_second_person_agrees(shop: Shop, people: People, limit: str, is_asked: bool):
    session = disputed(shop, people)
    work.set_policy(operation="inventory.post_count", limit=D(limit), actor=SYSTEM, now=shop.now)
    if not is_asked:
        assert post_count(session=session, actor=people["manager"], now=shop.now).state == "POSTED"
        return
    with pytest.raises(work.ApprovalNeeded):
        post_count(session=session, actor=people["manager"], now=shop.now)
    assert CountSession.objects.get(pk=session.pk).state == "SUBMITTED"


def test_a_document_that_comes_after_submitting_has_to_be_looked_at(shop: Shop, people: People):
    session = disputed(shop, people)
    shop.sell(
        shop.scarf, 1, occurred_at=shop.now - timedelta(minutes=30), now=shop.now + timedelta(minutes=1)
    )
    later = shop.now + timedelta(minutes=2)
    with pytest.raises(CountOvertaken):
        post_count(session=session, actor=people["manager"], now=later)
    session = submit_count(session=session, actor=people["zhao"], now=later)
    line = on_line(session, shop.scarf)
    assert (line.expected, line.variance, line.verdict) == (D(9), D(-1), "SETTLED")
    post_count(session=session, actor=people["manager"], now=later)
    shop.assert_on_hand(shop.scarf, 8)


def test_a_look_that_sales_have_proved_wrong_is_asked_for_again(shop: Shop, people: People):
    shop.receive(shop.scarf, 2, 20)
    session = open_count(store=shop.lake, actor=people["lin"], now=shop.now)
    count(session, shop.scarf, 0, people["lin"], shop.now, is_total=True)
    later = shop.now + timedelta(minutes=10)
    shop.sell(shop.scarf, 1, occurred_at=later, now=later)
    session = submit_count(session=session, actor=people["lin"], now=later)
    assert on_line(session, shop.scarf).reason == "CONTRADICTED"


def test_sessions_are_opened_called_off_and_closed_to_others(shop: Shop, people: People):
    with pytest.raises(CountPlaceUnsuitable):
        open_count(store=shop.lake, place=shop.shelf(shop.road), actor=people["lin"], now=shop.now)
    with pytest.raises(ToleranceOutOfRange):
        open_count(store=shop.lake, tolerance_bp=10_001, actor=people["lin"], now=shop.now)
    with pytest.raises(PermissionRefused):
        open_count(store=shop.road, actor=people["lin"], now=shop.now)
    shop.receive(shop.scarf, 1, 20)
    session = open_count(store=shop.lake, actor=people["lin"], now=shop.now)
    with pytest.raises(NothingCounted):
        submit_count(session=session, actor=people["lin"], now=shop.now)
    with pytest.raises(CountNotFound):
        enter_counts(session=session, scans=[], actor=people["road_clerk"], now=shop.now)
    cancel_count(session=session, actor=people["lin"], now=shop.now)
    for attempt in (submit_count, post_count):
        with pytest.raises(CountClosed):
            attempt(session=session, actor=people["manager"], now=shop.now)
    with pytest.raises(CountClosed):
        count(session, shop.scarf, 1, people["lin"], shop.now)
