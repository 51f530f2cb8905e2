"""Old gold in part payment."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from dianke.catalog.models import DayPrice
from dianke.catalog.rules.jewelry import WeightWrong
from dianke.core.actor import SYSTEM
from dianke.sales import operations as sales
from dianke.sales.models import OldGold
from dianke.sales.operations.selling import TenderUnknown
from dianke.sales.queries import verify
from dianke.sales.queries.old_gold import NotBought, PriceReasonMissing
from dianke.sales.tests.counter import Counter, books, make_counter


@pytest.fixture
def counter(db: None, now) -> Counter:
    made = make_counter(now)
    DayPrice.objects.create(
        metal="GOLD",
        fineness=999,
        currency="CNY",
        sell_amount=600_00,
        buy_back_amount=500_00,
        from_at=now - timedelta(hours=2),
        set_at=now - timedelta(hours=2),
    )
    return made


def take(counter: Counter, order, **values):
    tested = sales.Tested(**({"metal": "GOLD", "fineness": 999, "weight_mg": 2_000} | values))
    return sales.take_old_gold(
        order=order,
        uuid=values.pop("uuid", uuid4()),
        description="旧戒指",
        tested=tested,
        actor=SYSTEM,
        now=counter.now,
    )


def test_old_gold_pays_a_part_and_lies_in_the_store(counter: Counter):
    """2 g of 750 at 500.00 for 999, 1 % lost: 2 × 0.99 × 750/999 × 500.00 = 743.24."""
    sales.set_delivery_rules(
        store=counter.store, values={"old_gold_loss_bp": 100}, actor=SYSTEM, now=counter.now
    )
    order = counter.order((counter.scarf, 10))
    made = take(counter, order, fineness=750)
    assert (made.amount, made.loss_bp, made.price_amount, made.day_price_id is not None) == (
        743_24,
        100,
        500_00,
        True,
    )
    assert made.number.startswith("JJ-")
    assert books() == {"old_metal sales.tender:OLD_GOLD": 743_24, "deposit order": 743_24}
    tested = sales.Tested("GOLD", 750, 2_000)
    who = {"actor": SYSTEM, "now": counter.now}
    again = sales.take_old_gold(order=order, uuid=made.uuid, description="旧戒指", tested=tested, **who)
    assert (again.pk, OldGold.objects.count()) == (made.pk, 1)
    order.refresh_from_db()
    counter.pay(order, "CASH", order.due_amount)
    order = sales.fulfil(order=order, uuid=uuid4(), actor=SYSTEM, now=counter.now)
    assert (order.state, verify()) == ("CLOSED", [])
    # what comes back of it is money: the metal may be melted by then
    back = counter.give_back(order)
    assert {refund.tender.code for refund in back.refunds.all()} == {"CASH"}
    assert verify() == []


def test_another_price_needs_a_reason_and_counts_for_the_tested_fineness(counter: Counter):
    order = counter.order((counter.scarf, 10))
    with pytest.raises(PriceReasonMissing):
        take(counter, order, price_amount=300_00)
    made = take(counter, order, fineness=585, price_amount=300_00, reason="老顾客")
    assert (made.amount, made.day_price_id, made.price_fineness) == (600_00, None, 585)


def test_it_counts_for_no_more_than_is_due_and_comes_no_other_way(counter: Counter):
    order = counter.order((counter.scarf, 1))
    with pytest.raises(sales.OldGoldTooMuch):
        take(counter, order)
    with pytest.raises(WeightWrong):
        take(counter, order, weight_mg=0)
    with pytest.raises(NotBought):
        take(counter, order, metal="SILVER", fineness=925)
    with pytest.raises(TenderUnknown):
        counter.pay(order, "OLD_GOLD", 50_00)
    with pytest.raises(TenderUnknown):
        counter.sell((counter.scarf, 1), payments=[("OLD_GOLD", 100_00)])
