"""What happens to goods, told step by step; the costs are the worked table of docs/algorithms/costing.md."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dianke.inventory import operations as stock
from dianke.inventory.models import Anchor, Balance, Document, Movement, Place, Reservation
from dianke.inventory.tests.shop import TODAY, D, Shop

pytestmark = pytest.mark.django_db


def test_the_worked_table_of_costs(shop: Shop):
    shop.receive(shop.scarf, 10, 20)
    shop.assert_cost(shop.scarf, 10, 200)
    shop.receive(shop.scarf, 20, 26)
    shop.assert_cost(shop.scarf, 30, 720)
    sale = shop.sell(shop.scarf, 7)
    assert sale.values == (D(-168),)
    shop.assert_cost(shop.scarf, 23, 552)
    receipt = shop.receive(shop.scarf, 10, 33)
    shop.assert_cost(shop.scarf, 33, 882)
    shop.give_back(sale, 2)  # at the 24 they left for, not at the average of now
    shop.assert_cost(shop.scarf, 35, 930)
    document = Document.objects.get(pk=receipt.document_id)
    freight = stock.add_landed_cost(
        receipt=document,
        amount=D(70),
        reference="freight",
        business_date=TODAY,
        actor=shop_actor(),
        now=shop.now,
    )
    assert shop.entries(freight) == [("LANDED", "0", "70", "0")]
    shop.assert_cost(shop.scarf, 35, 1000)
    last = shop.sell(shop.scarf, 35)
    assert last.values == (D(-1000),)
    shop.assert_cost(shop.scarf, 0, 0)
    late = stock.add_landed_cost(
        receipt=document,
        amount=D(30),
        reference="duty",
        business_date=TODAY,
        actor=shop_actor(),
        now=shop.now,
    )
    assert shop.entries(late) == [("LANDED", "0", "0", "30")]


def shop_actor():
    from dianke.core.actor import SYSTEM

    return SYSTEM


def test_a_third_that_cannot_be_written_leaves_no_residue(shop: Shop):
    shop.receive(shop.scarf, 3, "3.333333")
    assert shop.sell(shop.scarf, 1).values == (D("-3.333333"),)
    assert shop.sell(shop.scarf, 1).values == (D("-3.333333"),)
    shop.receive(shop.scarf, 2, 5)
    shop.assert_cost(shop.scarf, 3, "13.333333")
    shop.sell(shop.scarf, 1)
    shop.assert_cost(shop.scarf, 2, "8.888889")
    shop.sell(shop.scarf, 2)
    shop.assert_cost(shop.scarf, 0, 0)


def test_goods_sold_before_they_came_are_squared_when_they_come(shop: Shop, now):
    stock.set_negative_policy(policy="ALLOW", place=shop.shelf(), category=None, actor=shop_actor(), now=now)
    shop.receive(shop.scarf, 2, 5)
    sale = shop.sell(shop.scarf, 5)
    assert sale.values == (D(-25),)
    assert [(s.place_id, s.quantity) for s in sale.shortfalls] == [(shop.shelf().pk, D(-3))]
    shop.assert_cost(shop.scarf, -3, -15)
    receipt = shop.receive(shop.scarf, 10, 7)
    assert shop.entries(receipt) == [("RECEIPT", "10", "70", "0"), ("DIFFERENCE", "0", "-6", "6")]
    shop.assert_cost(shop.scarf, 7, 49)
    shop.reverse(receipt)
    shop.assert_cost(shop.scarf, -3, -15)
    shop.assert_on_hand(shop.scarf, -3)


def test_goods_of_one_entity_move_without_value_and_to_another_at_a_price(shop: Shop):
    shop.receive(shop.scarf, 10, 20)
    moved = shop.move(shop.scarf, 4, shop.shelf(shop.road))
    assert moved.values == (D(0),)
    shop.assert_cost(shop.scarf, 10, 200)
    shop.assert_on_hand(shop.scarf, 6)
    shop.assert_on_hand(shop.scarf, 4, shop.shelf(shop.road))
    shop.move(shop.scarf, 5, shop.shelf(shop.harbour), cost=150)
    shop.assert_cost(shop.scarf, 5, 100)
    shop.assert_cost(shop.scarf, 5, 150, shop.harbour.legal_entity)


def test_a_document_under_the_same_reference_moves_nothing_twice(shop: Shop):
    first = shop.receive(shop.scarf, 10, 20, reference="delivery 7")
    again = shop.receive(shop.scarf, 10, 20, reference="delivery 7")
    assert (again.is_repeat, again.document_id, again.number) == (True, first.document_id, "RK-HZ01-26-00001")
    assert again.movement_ids == first.movement_ids
    assert again.values == first.values == (D(200),)
    shop.assert_on_hand(shop.scarf, 10)
    with pytest.raises(stock.ReferenceTaken, match="delivery 7"):
        shop.receive(shop.scarf, 11, 20, reference="delivery 7")


def test_more_than_there_is_is_refused_by_name(shop: Shop):
    shop.receive(shop.scarf, 3, 20)
    with pytest.raises(stock.StockTooLow) as refused:
        shop.sell(shop.scarf, 4)
    assert refused.value.params["available"] == "3"
    assert refused.value.params["product"] == "羊绒围巾 红"
    assert refused.value.params["place"] == "店面"
    shop.assert_on_hand(shop.scarf, 3)


def test_a_reversal_restores_what_was(shop: Shop):
    shop.receive(shop.scarf, 10, 20)
    before = shop.cost(shop.scarf)
    receipt = shop.receive(shop.scarf, 3, "7.77")
    shop.reverse(receipt)
    assert shop.cost(shop.scarf) == before
    sale = shop.sell(shop.scarf, 4)
    shop.reverse(sale)
    assert shop.cost(shop.scarf) == before
    shop.assert_on_hand(shop.scarf, 10)
    with pytest.raises(stock.AlreadyReversed):
        shop.reverse(sale)
    with pytest.raises(stock.OriginReversed):
        shop.give_back(sale, 1)


def test_a_receipt_whose_goods_are_gone_is_not_taken_back(shop: Shop):
    receipt = shop.receive(shop.scarf, 10, 20)
    shop.sell(shop.scarf, 1)
    with pytest.raises(stock.StockTooLow):
        shop.reverse(receipt)


def test_a_receipt_taken_back_after_prices_moved_leaves_no_stock_worth_less_than_nothing(shop: Shop):
    dear = shop.receive(shop.scarf, 10, 5)
    shop.receive(shop.scarf, 10, 1)
    shop.sell(shop.scarf, 9)
    back = shop.reverse(dear)
    assert shop.entries(back) == [("REVERSAL", "-10", "-30", "-20")]
    shop.assert_cost(shop.scarf, 1, 3)


def test_no_more_comes_back_than_was_sold(shop: Shop):
    shop.receive(shop.scarf, 10, 20)
    sale = shop.sell(shop.scarf, 3)
    shop.give_back(sale, 2, store=shop.road, place=shop.shelf(shop.road))
    with pytest.raises(stock.ReturnTooMuch) as refused:
        shop.give_back(sale, 2)
    assert refused.value.params["available"] == "1"
    with pytest.raises(stock.HasReturns):
        shop.reverse(sale)


def test_returns_of_parts_add_up_to_what_was_issued(shop: Shop):
    shop.receive(shop.scarf, 3, "3.333334")
    sale = shop.sell(shop.scarf, 3)
    assert sale.values == (D("-10.000002"),)
    shop.receive(shop.scarf, 1, 9)
    values = [shop.give_back(sale, 1).values[0] for _part in range(3)]
    assert sum(values) == D("10.000002")


def test_batches_leave_earliest_expiry_first(shop: Shop):
    shop.receive(shop.cream, 3, 10, batch_code="B-late", expires_on=date(2027, 9, 1))
    shop.receive(shop.cream, 2, 10, batch_code="B-soon", expires_on=date(2027, 1, 1))
    sale = shop.sell(shop.cream, 4)
    taken = Movement.objects.filter(document=sale.document_id).order_by("line")
    assert [(m.batch.code, m.quantity) for m in taken] == [("B-soon", D(2)), ("B-late", D(2))]
    with pytest.raises(stock.StockTooLow, match="B-late"):
        shop.sell(shop.cream, 2)
    with pytest.raises(stock.BatchMissing):
        shop.adjust(shop.cream, 1)


def test_a_piece_has_one_holder_and_is_at_one_place(shop: Shop):
    ring = shop.piece("R1")
    shop.receive(shop.ring, 1, 5000, piece_id=ring.pk)
    assert shop.holder(ring) == shop.shelf()
    with pytest.raises(stock.PieceElsewhere, match="R1"):
        shop.sell(shop.ring, 1, piece_id=ring.pk, place=shop.shelf(shop.road), store=shop.road)
    with pytest.raises(stock.PieceElsewhere):
        shop.receive(shop.ring, 1, 5000, piece_id=ring.pk)
    sale = shop.sell(shop.ring, 1, piece_id=ring.pk)
    assert shop.holder(ring).kind == Place.Kind.CUSTOMER
    shop.give_back(sale, 1, store=shop.road)
    assert shop.holder(ring) == shop.shelf(shop.road)
    shop.assert_cost(shop.ring, 1, 5000)
    with pytest.raises(stock.PieceMissing):
        shop.sell(shop.ring, 1)


def test_a_piece_missing_here_is_found_there(shop: Shop):
    ring = shop.piece("R1")
    shop.receive(shop.ring, 1, 5000, piece_id=ring.pk)
    shop.adjust(shop.ring, -1, piece_id=ring.pk)
    assert shop.holder(ring).kind == Place.Kind.LOSS
    shop.adjust(shop.ring, 1, piece_id=ring.pk, store=shop.road)
    assert shop.holder(ring) == shop.shelf(shop.road)


def test_of_services_nothing_is_kept(shop: Shop):
    with pytest.raises(stock.NotStocked, match="手部护理"):
        shop.receive(shop.hand, 1, 1)


def test_what_is_kept_for_somebody_is_sold_to_nobody_else(shop: Shop, now):
    shop.receive(shop.scarf, 5, 20)
    wanted = [stock.Wanted("order:1", shop.scarf.pk, shop.shelf(), D(4))]
    shop.do(stock.reserve, wanted=wanted, expires_at=now + timedelta(days=1))
    shop.do(stock.reserve, wanted=wanted, expires_at=now + timedelta(days=1))  # a retry
    with pytest.raises(stock.StockTooLow) as refused:
        shop.sell(shop.scarf, 2)
    assert refused.value.params["available"] == "1"
    with pytest.raises(stock.StockTooLow):
        shop.do(
            stock.reserve,
            wanted=[stock.Wanted("order:2", shop.scarf.pk, shop.shelf(), D(2))],
            expires_at=None,
        )
    shop.sell(shop.scarf, 4, reservation="order:1")
    shop.assert_on_hand(shop.scarf, 1)
    balance = Balance.objects.get(variant=shop.scarf, place=shop.shelf())
    assert (balance.reserved, balance.available) == (0, 1)
    with pytest.raises(stock.ReservationEnded):
        shop.do(stock.reserve, wanted=wanted, expires_at=None)


def test_reservations_run_out_and_are_released(shop: Shop, now):
    shop.receive(shop.scarf, 5, 20)
    wanted = [stock.Wanted(f"order:{n}", shop.scarf.pk, shop.shelf(), D(2)) for n in (1, 2)]
    shop.do(stock.reserve, wanted=wanted, expires_at=now + timedelta(hours=1))
    assert stock.release_expired(actor=shop_actor(), now=now) == 0
    assert shop.do(stock.release, references=["order:1"]) == 1
    assert shop.do(stock.release, references=["order:1"]) == 0
    assert stock.release_expired(actor=shop_actor(), now=now + timedelta(hours=2)) == 1
    assert not Reservation.objects.filter(released_at=None).exists()
    shop.sell(shop.scarf, 5)


def test_a_reserved_piece_is_kept(shop: Shop):
    ring = shop.piece("R1")
    shop.receive(shop.ring, 1, 5000, piece_id=ring.pk)
    wanted = [stock.Wanted("order:1", shop.ring.pk, shop.shelf(), D(1), piece_id=ring.pk)]
    shop.do(stock.reserve, wanted=wanted, expires_at=None)
    with pytest.raises(stock.PieceReserved):
        shop.sell(shop.ring, 1, piece_id=ring.pk)
    shop.sell(shop.ring, 1, piece_id=ring.pk, reservation="order:1")


def test_a_category_may_be_short_where_its_place_may_not(shop: Shop, now):
    settle = {"actor": shop_actor(), "now": now}
    shop.receive(shop.scarf, 1, 20)
    stock.set_negative_policy(policy="WARN", place=None, category=shop.category, **settle)
    assert shop.sell(shop.scarf, 2).shortfalls
    ring = shop.piece("R1")
    with pytest.raises(stock.PieceElsewhere):  # pieces never
        shop.sell(shop.ring, 1, piece_id=ring.pk)


def test_a_rule_for_a_place_goes_before_one_for_all_places(shop: Shop, now):
    settle = {"actor": shop_actor(), "now": now}
    stock.set_negative_policy(policy="ALLOW", place=None, category=shop.category, **settle)
    shop.sell(shop.scarf, 1)
    stock.set_negative_policy(policy="BLOCK", place=shop.shelf(), category=shop.category, **settle)
    with pytest.raises(stock.StockTooLow):  # short already, and no shorter
        shop.sell(shop.scarf, 1)
    shop.sell(shop.scarf, 1, place=shop.warehouse)
    stock.set_negative_policy(policy="", place=shop.shelf(), category=shop.category, **settle)
    shop.sell(shop.scarf, 1)
    shop.assert_on_hand(shop.scarf, -2)


def test_of_a_batch_that_nobody_has_none_is_sold(shop: Shop):
    with pytest.raises(stock.StockTooLow, match="面霜"):
        shop.sell(shop.cream, 1)


def test_what_is_dated_before_a_count_leaves_the_count_standing(shop: Shop, now):
    shop.receive(shop.scarf, 10, 20, now=now - timedelta(days=2), business_date=TODAY - timedelta(days=2))
    Anchor.objects.create(place=shop.shelf(), variant=shop.scarf, at=now - timedelta(days=1))
    sale = shop.sell(shop.scarf, 3, occurred_at=now - timedelta(days=1, hours=2))
    shop.assert_on_hand(shop.scarf, 10)
    shop.assert_cost(shop.scarf, 10, 200)
    assert sale.values == (D(-60),)
    made = Movement.objects.filter(document=sale.document_id).order_by("line")
    assert [(m.from_place.kind, m.to_place.kind, m.occurred_at) for m in made] == [
        ("STOCK", "CUSTOMER", now - timedelta(days=1, hours=2)),
        ("GAIN", "STOCK", now - timedelta(days=1)),
    ]
    shop.reverse(sale)
    shop.assert_on_hand(shop.scarf, 10)
    shop.assert_cost(shop.scarf, 10, 200)


def test_a_locked_period_takes_no_more_documents(shop: Shop, now):
    yesterday = TODAY - timedelta(days=1)
    shop.receive(shop.scarf, 10, 20, business_date=yesterday)
    entity = shop.lake.legal_entity
    stock.lock_period(legal_entity=entity, locked_through=yesterday, actor=shop_actor(), now=now)
    with pytest.raises(stock.StockPeriodLocked, match="云裳"), locked_savepoint():
        shop.receive(shop.scarf, 1, 20, business_date=yesterday)
    with (
        pytest.raises(stock.StockPeriodLocked, match="云裳"),
        locked_savepoint(),
    ):  # costs of the other entity
        shop.move(
            shop.scarf, 1, shop.shelf(shop.harbour), store=shop.harbour, cost=1, business_date=yesterday
        )
    with pytest.raises(stock.LockNotLater):
        stock.lock_period(legal_entity=entity, locked_through=yesterday, actor=shop_actor(), now=now)
    with pytest.raises(stock.DayNotOver):
        stock.lock_period(legal_entity=entity, locked_through=TODAY, actor=shop_actor(), now=now)
    stock.reopen_period(legal_entity=entity, reason="补单", actor=shop_actor(), now=now)
    shop.receive(shop.scarf, 1, 20, business_date=yesterday)


def locked_savepoint():
    from django.db import transaction

    return transaction.atomic()


def test_nothing_that_cannot_be_meant_is_posted(shop: Shop):
    with pytest.raises(stock.QuantityOutOfRange):
        shop.receive(shop.scarf, "0.00001", 1)
    with pytest.raises(stock.QuantityOutOfRange):
        shop.receive(shop.scarf, -1, 1)
    with pytest.raises(stock.CostOutOfRange):
        shop.receive(shop.scarf, 1, -1)
    for day in (TODAY + timedelta(days=2), date(1999, 12, 31)):
        with pytest.raises(stock.DateOutOfRange):
            shop.receive(shop.scarf, 1, 1, business_date=day)
    with pytest.raises(stock.NothingMoved):
        stock.receive(**shop.usual({"goods": []}))
    with pytest.raises(stock.ReasonMissing):
        shop.adjust(shop.scarf, 1, reason=" ")


def test_posting_takes_the_same_statements_for_one_line_and_for_fifty(
    shop: Shop, django_assert_max_num_queries, django_assert_num_queries
):
    goods = [stock.Goods(shop.scarf.pk, Decimal(1), Decimal(n)) for n in range(1, 51)]
    with django_assert_num_queries(6):  # places, two for posting, the event, the savepoint of the test
        shop.receive(shop.scarf, 1, 1)
    with django_assert_num_queries(6):
        stock.receive(**shop.usual({"goods": goods}))
    shop.assert_on_hand(shop.scarf, 51)
