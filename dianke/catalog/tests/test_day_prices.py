"""The board of the day: who sets it for whom, how it is corrected, what it makes of a ring, what is promised."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from dianke.catalog.models import DayPrice, DayPriceLock
from dianke.catalog.operations import day_prices
from dianke.catalog.operations.day_prices import (
    AlreadyCorrected,
    BoardEmpty,
    BoardOfTwo,
    BoardOutOfReach,
    BoardTimeWrong,
    BuyBackAboveSell,
    CorrectionReasonMissing,
    DayPriceWrong,
    LockReferenceTaken,
    LockTimeWrong,
    MetalTwice,
    MetalUnknown,
    NothingToFollow,
    Quote,
)
from dianke.catalog.queries.day_prices import LockOver, board, history, piece_price, piece_prices
from dianke.catalog.rules.jewelry import DayPriceMissing, FinenessWrong, LockDoesNotFit
from dianke.catalog.tests.price_cast import make_goods, make_piece
from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.events.models import Event
from dianke.stores.tests.cast import make_cast

pytestmark = pytest.mark.django_db
GOLD = Quote("GOLD", 999, 102_000, 95_000)
MORNING = timedelta(hours=1)


@pytest.fixture
def cast(db, now):
    return make_cast(now)


@pytest.fixture
def ring(cast, now):
    return make_goods(now).ring


@pytest.fixture
def set_board(now):
    def given(*quotes: Quote, actor=SYSTEM, at: datetime = now, **more) -> list[DayPrice]:
        return day_prices.set_board(quotes=quotes, actor=actor, now=at, **more)

    return given


def shown(store, at) -> dict[tuple[str, int], int]:
    return {(row.metal, row.fineness): row.sell_amount for row in board(store, at)}


def test_the_nearest_board_counts_for_each_metal(cast, now, set_board):
    set_board(GOLD, Quote("GOLD", 750, 76_500), Quote("PLATINUM", 950, 26_800))
    set_board(Quote("GOLD", 999, 101_500), Quote("GOLD", 750, 76_000), region=cast.east)
    set_board(Quote("GOLD", 999, 101_000), region=cast.city)
    set_board(Quote("GOLD", 999, 100_000), store=cast.lake)
    assert shown(cast.lake, now) == {("GOLD", 999): 100_000, ("GOLD", 750): 76_000, ("PLATINUM", 950): 26_800}
    assert shown(cast.road, now) == {("GOLD", 999): 101_500, ("GOLD", 750): 76_000, ("PLATINUM", 950): 26_800}
    assert shown(cast.harbour, now)["GOLD", 999] == shown(None, now)["GOLD", 999] == 102_000


def test_a_store_follows_the_wider_board_again(cast, now, set_board):
    set_board(GOLD)
    set_board(Quote("GOLD", 999, 100_000), store=cast.lake)
    set_board(Quote("GOLD", 999, None), store=cast.lake, at=now + MORNING)
    assert shown(cast.lake, now)["GOLD", 999] == 100_000
    assert shown(cast.lake, now + MORNING)["GOLD", 999] == 102_000


def test_a_board_may_be_prepared_and_counts_from_its_moment(cast, now, set_board):
    set_board(GOLD)
    tomorrow = now + timedelta(days=1)
    set_board(Quote("GOLD", 999, 103_000), from_at=tomorrow)
    assert shown(cast.lake, tomorrow - timedelta(microseconds=1))["GOLD", 999] == 102_000
    assert shown(cast.lake, tomorrow)["GOLD", 999] == 103_000


def test_the_board_says_whether_it_is_of_today(cast, now, set_board):
    set_board(GOLD)
    assert [row.is_of_today for row in board(cast.lake, now)] == [True]
    assert [row.is_of_today for row in board(cast.lake, now + timedelta(days=1))] == [False]


def test_a_board_is_read_by_its_index_with_two_queries(cast, now, set_board, django_assert_num_queries):
    set_board(GOLD, Quote("SILVER", 925, 900))
    with django_assert_num_queries(2):
        board(cast.lake, now)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        from dianke.catalog.queries.day_prices import _BOARD

        cursor.execute("EXPLAIN " + _BOARD, {"scopes": ["store:1", ""], "at": now})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert plan.count("day_price_board") >= 3


def test_a_correction_is_a_row_of_its_own_and_the_wrong_price_stays(cast, now, set_board):
    (wrong,) = set_board(Quote("GOLD", 999, 10_200), store=cast.lake)
    put = {"day_price": wrong, "sell_amount": 102_000, "actor": cast.actor("manager"), "now": now + MORNING}
    with pytest.raises(CorrectionReasonMissing):
        day_prices.correct_day_price(reason=" ", **put)
    right = day_prices.correct_day_price(reason="少输了一个零", **put)
    assert shown(cast.lake, now) == {("GOLD", 999): 102_000}
    told = [(row.day_price, row.is_corrected) for row in history("GOLD", 999, store=cast.lake)]
    assert told == [(right, False), (wrong, True)]
    with pytest.raises(AlreadyCorrected):
        day_prices.correct_day_price(reason="x", **put)
    event = Event.objects.get(kind="catalog.day_price_corrected")
    assert event.data["changes"]["sell_amount"] == ["10200", "102000"]


def test_the_history_is_of_one_scope_and_period(cast, now, set_board):
    for day in range(5):
        set_board(Quote("GOLD", 999, 100_000 + day), at=now + timedelta(days=day))
    set_board(Quote("GOLD", 999, 1), store=cast.lake)
    rows = history("GOLD", 999, from_at=now + timedelta(days=1), to_at=now + timedelta(days=3))
    assert [row.day_price.sell_amount for row in rows] == [100_002, 100_001]
    assert len(history("GOLD", 999, limit=2)) == 2


def test_prices_of_the_day_are_never_rewritten(cast, now, set_board):
    (row,) = set_board(GOLD)
    for change in (
        lambda: DayPrice.objects.filter(pk=row.pk).update(sell_amount=1),
        lambda: DayPrice.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


@pytest.mark.parametrize(
    "values",
    [
        {"sell_amount": None},
        {"sell_amount": 0},
        {"buy_back_amount": 102_001},
        {"fineness": 0},
        {"scope": "store:1"},
        {"metal": "SILVER", "corrects": True, "reason": "x"},
        {"corrects": True},
    ],
)
def test_the_database_refuses_a_board_that_cannot_be(cast, now, set_board, values):
    (row,) = set_board(GOLD)
    given = {"metal": "GOLD", "fineness": 999, "currency": "CNY", "sell_amount": 102_000, "set_at": now}
    given |= {"from_at": row.from_at} | values
    if given.pop("corrects", False):
        given["corrects"] = row
    with pytest.raises(IntegrityError), transaction.atomic():
        DayPrice.objects.create(**given)


@pytest.mark.parametrize(
    ("quotes", "more", "error"),
    [
        ([], {}, BoardEmpty),
        ([Quote("IRON", 999, 1)], {}, MetalUnknown),
        ([Quote("GOLD", 1001, 1)], {}, FinenessWrong),
        ([Quote("GOLD", 999, 0)], {}, DayPriceWrong),
        ([Quote("GOLD", 999, None)], {}, NothingToFollow),
        ([Quote("GOLD", 999, 100, 101)], {}, BuyBackAboveSell),
        ([GOLD, GOLD], {}, MetalTwice),
        ([GOLD], {"hours": -1}, BoardTimeWrong),
        ([GOLD], {"hours": 24 * 32}, BoardTimeWrong),
        ([GOLD], {"store": "lake", "region": "east"}, BoardOfTwo),
    ],
)
def test_a_wrong_board_is_refused_by_name_and_nothing_is_written(cast, now, set_board, quotes, more, error):
    given = {name: getattr(cast, value) for name, value in more.items() if name != "hours"}
    if "hours" in more:
        given["from_at"] = now + timedelta(hours=more["hours"])
    with pytest.raises(error):
        set_board(*quotes, **given)
    assert not DayPrice.objects.exists()


def test_everybody_sets_the_board_of_the_stores_they_lead(cast, now, set_board):
    manager, regional, owner = (cast.actor(name) for name in ("manager", "region", "owner"))
    set_board(GOLD, store=cast.lake, actor=manager)
    set_board(GOLD, region=cast.city, actor=regional)
    set_board(GOLD, actor=owner)
    for actor, place in (
        (manager, {"store": cast.road}),
        (manager, {"region": cast.city.parent}),
        (manager, {}),
        (regional, {"store": cast.harbour}),
        (regional, {}),
    ):
        with pytest.raises(BoardOutOfReach):
            set_board(GOLD, actor=actor, **place)
    with pytest.raises(PermissionRefused):
        set_board(GOLD, store=cast.lake, actor=cast.actor("clerk"))


def test_boards_of_other_stores_are_not_shown(cast, now, set_board):
    mine, theirs, all_of_us = (
        set_board(GOLD, **place)[0] for place in ({"store": cast.lake}, {"store": cast.harbour}, {})
    )
    seen = set(DayPrice.objects.visible_to(cast.actor("clerk")))
    assert (mine in seen, theirs in seen, all_of_us in seen) == (True, False, True)


# --- pieces and promises ---------------------------------------------------------------------------------------------
def test_a_ring_follows_the_board_of_the_store_that_sells_it(cast, now, ring, set_board):
    set_board(GOLD)
    set_board(Quote("GOLD", 999, 100_000), store=cast.lake)
    assert piece_price(ring, cast.harbour, now).amount == 1_124_675
    assert piece_price(ring, cast.lake, now).amount == 1_104_205
    with pytest.raises(DayPriceMissing):
        piece_price(ring, cast.lake, now - timedelta(days=1))


def test_many_pieces_cost_two_queries_and_those_without_price_are_none(
    cast, now, ring, set_board, django_assert_num_queries
):
    set_board(GOLD)
    fixed = make_piece(ring.variant, "R2", now, price_amount=128_800)
    other = make_piece(ring.variant, "R3", now, fineness=750)
    bare = make_piece(ring.variant, "R4", now, metal="NONE", fineness=0)
    with django_assert_num_queries(2):
        found = piece_prices([ring, fixed, other, bare], cast.lake, now)
    assert {pk: price and price.amount for pk, price in found.items()} == {
        ring.pk: 1_124_675,
        fixed.pk: 128_800,
        other.pk: None,
        bare.pk: None,
    }


@pytest.fixture
def promise(cast, now):
    def given(reference: str = "sales.quote:1", *, days: int = 3, at: datetime = now, **more) -> DayPriceLock:
        wanted = {
            "metal": "GOLD",
            "fineness": 999,
            "store": cast.lake,
            "actor": cast.actor("manager"),
            **more,
        }
        return day_prices.lock_price(reference=reference, until=now + timedelta(days=days), now=at, **wanted)

    return given


def test_a_locked_price_holds_while_the_board_goes_on(cast, now, ring, set_board, promise):
    set_board(GOLD)
    lock = promise()
    later = now + timedelta(days=1)
    set_board(Quote("GOLD", 999, 110_000), at=later)
    assert piece_price(ring, cast.lake, later, lock).amount == 1_124_675
    assert piece_price(ring, cast.lake, later).amount > 1_124_675
    with pytest.raises(LockOver):
        piece_price(ring, cast.lake, now + timedelta(days=3), lock)
    with pytest.raises(LockDoesNotFit):
        piece_price(make_piece(ring.variant, "R2", now, fineness=750), cast.lake, later, lock)


def test_a_released_lock_holds_no_more_and_is_released_once(cast, now, ring, set_board, promise):
    set_board(GOLD)
    lock = promise()
    release = {"lock": lock, "actor": cast.actor("manager")}
    freed = day_prices.release_lock(now=now + MORNING, **release)
    with pytest.raises(LockOver):
        piece_price(ring, cast.lake, now + MORNING, freed)
    assert day_prices.release_lock(now=now + 2 * MORNING, **release).released_at == now + MORNING
    assert Event.objects.filter(kind="catalog.day_price_released").count() == 1


def test_locking_again_is_a_no_op_and_other_terms_are_refused(now, set_board, promise):
    set_board(GOLD, Quote("GOLD", 750, 70_000))
    lock = promise()
    set_board(Quote("GOLD", 999, 110_000), at=now + MORNING)
    assert promise(at=now + 2 * MORNING) == lock
    assert DayPriceLock.objects.get().sell_amount == 102_000
    assert Event.objects.filter(kind="catalog.day_price_locked").count() == 1
    for other in ({"days": 4}, {"fineness": 750}):
        with pytest.raises(LockReferenceTaken):
            promise(**other)
    with pytest.raises(LockTimeWrong):
        promise("other", days=0)
    with pytest.raises(DayPriceMissing):
        promise("other", metal="SILVER", fineness=925)


def test_a_promise_is_never_rewritten(cast, now, set_board, promise):
    set_board(GOLD)
    lock = promise()
    for change in (
        lambda: DayPriceLock.objects.filter(pk=lock.pk).update(sell_amount=1),
        lambda: DayPriceLock.objects.filter(pk=lock.pk).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
