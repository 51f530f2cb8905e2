"""A posted count stands at the instant of its looks, batch by batch; and what a store has begun stays its entity's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from dianke.catalog.models import Variant
from dianke.core.actor import SYSTEM
from dianke.inventory import operations as stock
from dianke.inventory.models import Anchor, Balance, Batch, CostEntry, CountSession, Document, Movement, Place
from dianke.inventory.operations.count_closing import CountOvertaken, post_count, submit_count
from dianke.inventory.operations.counting import Scan, enter_counts, open_count
from dianke.inventory.queries import on_hand_at, valuation, verify
from dianke.inventory.tests.people import People, make_people
from dianke.inventory.tests.shop import TODAY, D, Shop
from dianke.stores.models import StockPlace, Store
from dianke.stores.operations import change_store
from dianke.stores.operations.entity_bonds import StoreBoundToEntity


@pytest.fixture
def people(shop: Shop, now: datetime) -> People:
    return make_people(shop, now)


@pytest.fixture(autouse=True)
def books_are_proven(db: None) -> Iterator[None]:
    yield
    assert verify() == []


def look(
    session: CountSession, what: Any, quantity: int, who: Any, at: datetime, key: str, now: datetime
) -> None:
    """`what`: a variant, or one of its batches."""
    named = {"variant_id": what.pk}
    if isinstance(what, Batch):
        named = {"variant_id": what.variant_id, "batch_id": what.pk}
    scan = Scan(key, D(quantity), True, counted_at=at, **named)
    assert enter_counts(session=session, scans=[scan], actor=who, now=now).refused == {}


def counted(
    shop: Shop, people: People, looks: list[tuple[Any, int, datetime]], *, now: datetime, opened_at: datetime
) -> CountSession:
    """A session that two people agree on, posted at `now`; both looks of a thing are of the same instant."""
    session = open_count(store=shop.lake, actor=people["lin"], now=opened_at)
    for who in ("lin", "zhao"):
        for what, quantity, at in looks:
            if who == "lin" or session.lines.filter(verdict="RECOUNT", **_named(what)).exists():
                look(session, what, quantity, people[who], at, f"{who} {what.pk}{type(what).__name__}", now)
        session = submit_count(session=session, actor=people[who], now=now)
        if session.state == CountSession.State.SUBMITTED:
            break
    return post_count(session=session, actor=people["manager"], now=now)


def _named(what: Any) -> dict[str, Any]:
    return {"batch": what} if isinstance(what, Batch) else {"variant": what}


def held(batch: Batch, place: Place) -> Decimal:
    return Balance.objects.get(batch=batch, place=place).quantity


# --- batches -------------------------------------------------------------------------------------------------
def test_each_batch_stands_at_the_instant_of_its_own_look(shop: Shop, people: People, now: datetime):
    start = now - timedelta(hours=5)
    for code in ("早", "晚"):
        more = {"batch_code": code, "expires_on": date(2027, 3, 1), "occurred_at": start - timedelta(days=1)}
        shop.receive(shop.cream, 10, 8, now=start, **more)
    early, late = shop.batch("早"), shop.batch("晚")
    first, second = now - timedelta(hours=3), now - timedelta(hours=1)
    counted(shop, people, [(early, 9, first), (late, 10, second)], now=now, opened_at=start)
    assert set(Anchor.objects.values_list("batch__code", "at")) == {("早", first), ("晚", second)}
    # A till that was offline between the two looks: of one batch before its look, of the other after it.
    between = now - timedelta(hours=2)
    for number, batch in enumerate((early, late)):
        shop.sell(
            shop.cream, 1, batch_id=batch.pk, occurred_at=between, now=now + timedelta(hours=1),
            reference=f"offline {number}",
        )  # fmt: skip
    assert held(early, shop.shelf()) == 8  # nine were counted, one is sold since
    assert held(late, shop.shelf()) == 10  # ten were counted after it: one more had been there


def test_a_movement_of_the_very_instant_of_a_look_belongs_before_it(
    shop: Shop, people: People, now: datetime
):
    seen = now - timedelta(hours=1)
    shop.receive(shop.scarf, 5, 20, occurred_at=now - timedelta(days=1), now=now - timedelta(days=1))
    counted(shop, people, [(shop.scarf, 5, seen)], now=now, opened_at=now - timedelta(hours=2))
    later = now + timedelta(hours=1)
    shop.sell(shop.scarf, 1, occurred_at=seen, now=later)
    shop.assert_on_hand(shop.scarf, 5)
    shop.sell(shop.scarf, 1, occurred_at=seen + timedelta(microseconds=1), now=later)
    shop.assert_on_hand(shop.scarf, 4)


# --- the instant of a look -----------------------------------------------------------------------------------
def there(shop: Shop, at: datetime, variant: Variant | None = None) -> Decimal:
    found = on_hand_at([(variant or shop.scarf).pk], place_ids=[shop.shelf().pk], at=at)
    return next(iter(found.values()))


def test_from_the_look_on_the_books_say_what_was_counted(shop: Shop, people: People, now: datetime):
    seen, instant = now - timedelta(hours=3), timedelta(microseconds=1)
    shop.receive(shop.scarf, 10, 20, occurred_at=now - timedelta(days=1), now=now - timedelta(days=1))
    session = open_count(store=shop.lake, actor=people["lin"], now=now - timedelta(hours=4))
    look(session, shop.scarf, 8, people["lin"], seen, "a", now)
    session = submit_count(session=session, actor=people["lin"], now=now)
    shop.sell(shop.scarf, 1, occurred_at=now - timedelta(hours=2), now=now)
    look(session, shop.scarf, 8, people["zhao"], seen, "b", now)
    session = submit_count(session=session, actor=people["zhao"], now=now)
    post_count(session=session, actor=people["manager"], now=now)
    assert [there(shop, at) for at in (seen - instant, seen, now - timedelta(hours=1), now)] == [10, 8, 7, 7]
    (posted,) = Movement.objects.filter(document=session.document or CountSession.objects.get().document)
    assert (posted.occurred_at, posted.quantity) == (seen, 2)
    assert CostEntry.objects.get(movement=posted).occurred_at == seen
    assert posted.document.occurred_at == now


@pytest.mark.parametrize(("is_locked", "dated"), [(False, date(2026, 11, 20)), (True, TODAY)])
def test_a_look_is_dated_on_its_own_day_unless_that_is_locked(
    shop: Shop, people: People, now: datetime, is_locked: bool, dated: date
):
    yesterday = now - timedelta(days=1)
    shop.receive(shop.scarf, 10, 20, occurred_at=yesterday - timedelta(hours=2), now=yesterday,
                 business_date=date(2026, 11, 20))  # fmt: skip
    session = open_count(store=shop.lake, actor=people["lin"], now=yesterday - timedelta(hours=1))
    for who in ("lin", "zhao"):
        look(session, shop.scarf, 7, people[who], yesterday, who, now)
        session = submit_count(session=session, actor=people[who], now=now)
    if is_locked:
        entity = shop.lake.legal_entity
        stock.lock_period(legal_entity=entity, locked_through=date(2026, 11, 20), actor=SYSTEM, now=now)
    post_count(session=session, actor=people["manager"], now=now)
    (posted,) = Movement.objects.filter(reason="COUNT")
    assert (posted.business_date, CostEntry.objects.get(movement=posted).business_date) == (dated, dated)
    (row,) = valuation(as_of=date(2026, 11, 20), actor=SYSTEM, legal_entity_ids=[shop.lake.legal_entity_id])
    assert row.quantity == (10 if is_locked else 7)


def test_what_one_count_found_is_not_found_again_by_another_that_looked_later(
    shop: Shop, people: People, now: datetime
):
    """Two sessions over the same shelf: the one that looked first posts last of all lookers' submissions."""
    start = now - timedelta(hours=4)
    shop.receive(shop.scarf, 10, 20, occurred_at=start - timedelta(days=1), now=start)
    first = open_count(store=shop.lake, name="甲", actor=people["lin"], now=start)
    second = open_count(store=shop.lake, name="乙", actor=people["sun"], now=start)
    for who in ("lin", "zhao"):
        look(first, shop.scarf, 8, people[who], start + timedelta(hours=1), who, now)
        first = submit_count(session=first, actor=people[who], now=now)
    for who in ("sun", "zhao"):
        look(second, shop.scarf, 8, people[who], start + timedelta(hours=2), who, now)
        second = submit_count(session=second, actor=people[who], now=now)
    post_count(session=first, actor=people["manager"], now=now)
    shop.assert_on_hand(shop.scarf, 8)
    with pytest.raises(CountOvertaken), transaction.atomic():
        post_count(session=second, actor=people["manager"], now=now)
    second = submit_count(session=second, actor=people["sun"], now=now)
    assert second.lines.get().variance == 0
    post_count(session=second, actor=people["manager"], now=now)
    shop.assert_on_hand(shop.scarf, 8)


# --- who takes a document back -------------------------------------------------------------------------------
def test_a_receipt_of_a_purchase_is_taken_back_by_purchasing_only(shop: Shop, now: datetime):
    bought = shop.receive(shop.scarf, 10, 20, reference="purchasing.receipt:7")
    by_hand = shop.receive(shop.scarf, 5, 20)
    undo = {"reason": "输错", "business_date": TODAY, "actor": SYSTEM, "now": now}
    document = Document.objects.get(pk=bought.document_id)
    assert stock.owner_of(document) is not None
    with pytest.raises(stock.BelongsToAnother) as refused:
        stock.reverse_document(document=document, **undo)
    assert refused.value.params["owner"] == stock.owner_of(document)
    plain = Document.objects.get(pk=by_hand.document_id)
    assert stock.owner_of(plain) is None
    stock.reverse_document(document=plain, **undo)
    shop.reverse(bought)  # the step its owner uses
    shop.assert_on_hand(shop.scarf, 0)


def test_what_a_sale_moved_is_taken_back_by_the_sale_only(shop: Shop, now: datetime):
    shop.receive(shop.scarf, 10, 20)
    sale = Document.objects.get(pk=shop.sell(shop.scarf, 1).document_id)
    with pytest.raises(stock.BelongsToAnother):
        stock.reverse_document(document=sale, reason="x", business_date=TODAY, actor=SYSTEM, now=now)


# --- stores and their entity ---------------------------------------------------------------------------------
def test_a_store_where_goods_moved_stays_with_its_entity(shop: Shop, now: datetime):
    ocean = shop.harbour.legal_entity
    shop.receive(shop.scarf, 1, 20, store=shop.road, place=shop.shelf(shop.road))
    shop.sell(shop.scarf, 1, store=shop.road, place=shop.shelf(shop.road))
    with pytest.raises(StoreBoundToEntity, match="云裳") as refused:
        change_store(store=shop.road, values={"legal_entity": ocean}, actor=SYSTEM, now=now)
    assert refused.value.params["store"] == "武林路"
    assert Store.objects.get(pk=shop.road.pk).legal_entity_id == shop.lake.legal_entity_id
    change_store(
        store=shop.road,
        values={"legal_entity": shop.lake.legal_entity, "city": "杭州市"},
        actor=SYSTEM,
        now=now,
    )


def test_the_database_keeps_it_there_too(shop: Shop):
    shop.receive(shop.scarf, 1, 20)
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE stores_store SET legal_entity_id = %s WHERE id = %s",
            [shop.harbour.legal_entity_id, shop.lake.pk],
        )
    assert refused.value.__cause__.sqlstate == "23001"


def test_an_untouched_store_moves_with_its_places(shop: Shop, now: datetime):
    ocean = shop.harbour.legal_entity
    fresh = Store.objects.create(
        code="HZ09", name="错店", short_name="错店", trade="GENERAL", legal_entity=shop.lake.legal_entity,
        region=shop.lake.region, opened_on=date(2026, 1, 1),
    )  # fmt: skip
    StockPlace.objects.create(store=fresh, name="店面")
    shop.at(fresh)
    change_store(store=fresh, values={"legal_entity": ocean}, actor=SYSTEM, now=now)
    fresh.refresh_from_db()
    assert set(Place.objects.filter(store=fresh).values_list("legal_entity", flat=True)) == {ocean.pk}
    shop.places.pop(fresh.pk)
    shop.receive(shop.scarf, 2, 30, store=fresh, place=shop.shelf(fresh))
    shop.assert_cost(shop.scarf, 2, 60, ocean)
