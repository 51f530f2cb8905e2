"""Past sales of another system come in whole and once, into books and reports; anything wrong keeps all out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dianke.core.actor import SYSTEM
from dianke.core.errors import NotAllowed
from dianke.events.models import Event
from dianke.ledger.queries import verify as verify_ledger
from dianke.sales.models import Order, Turnover
from dianke.sales.operations.day_close import close_day
from dianke.sales.operations.history import (
    BroughtIn,
    PastLine,
    PastSale,
    PastSaleDiffers,
    PastSaleWrong,
    bring_in_sales,
)
from dianke.sales.queries import proof
from dianke.sales.tests.counter import Counter, books, make_counter


@pytest.fixture
def counter(db: None, now) -> Counter:
    return make_counter(now)


def past(counter: Counter, *, days: int = 40, uuid: UUID | None = None, **more: Any) -> PastSale:
    """Two scarves for 180.00 and a fee of 20.00, by card and cash."""
    lines = (
        PastLine("围巾", D(2), 200_00, 180_00, counter.scarf.pk, tax_rate_bp=1300, cost=D("80.00")),
        PastLine("包装费", D(1), 20_00, 20_00, kind="FEE"),
    )
    values: dict[str, Any] = {
        "lines": lines,
        "payments": (("CARD", 150_00), ("CASH", 50_00)),
        "number": "OLD-1",
    } | more
    return PastSale(uuid or uuid4(), counter.now - timedelta(days=days), **values)


def bring(counter: Counter, *sales: PastSale, actor: Any = SYSTEM) -> BroughtIn:
    return bring_in_sales(store=counter.store, sales=sales, actor=actor, now=counter.now)


def test_they_stand_in_papers_books_and_reports_and_come_in_once(counter: Counter):
    member = counter.member()
    sales = [past(counter, days=40, customer_id=member.pk), past(counter, days=40), past(counter, days=9)]
    assert bring(counter, *sales) == BroughtIn(3, 0)
    assert books() == {
        "cash stores.store": 150_00,
        "clearing sales.tender:CARD": 450_00,
        "revenue": 3 * (200_00 - 20_71),
        "tax_payable": 3 * 20_71,
    }
    numbers = list(Order.objects.order_by("number").values_list("number", flat=True))
    assert [number[-4:] for number in numbers] == ["0001", "0002", "0001"]
    rows = Turnover.objects.filter(order__customer=member)
    assert sum(row.amount for row in rows) == 200_00
    assert sum(row.cost for row in rows) == 80
    events = Event.objects.filter(kind__startswith="sales.")
    assert [(event.kind, event.data["count"]) for event in events] == [("sales.history_brought_in", 3)]
    assert (proof.verify(), verify_ledger()) == ([], [])
    assert bring(counter, *sales, past(counter, days=3)) == BroughtIn(1, 3)
    # a sale of today takes the next number of its own day, a return of a past one is a return
    counter.give_back(Order.objects.get(customer=member), ("1", 1))
    assert proof.verify() == []


def test_one_that_is_wrong_keeps_all_of_them_out(counter: Counter, now):
    good = past(counter)
    line = good.lines[0]
    close_day(
        store=counter.store,
        business_date=counter.store.business_date(now - timedelta(days=2)),
        actor=SYSTEM,
        now=now,
    )
    wrong = {
        "还没过去": replace(good, uuid=uuid4(), occurred_at=now),
        "已日结": replace(good, uuid=uuid4(), occurred_at=now - timedelta(days=2)),
        "编号重复": good,
        "没有明细": past(counter, lines=(), payments=()),
        "付款合计": past(counter, payments=(("CARD", 1),)),
        "不是收到的钱": past(counter, payments=(("WALLET", 200_00),)),
        "充值": past(counter, lines=(replace(line, kind="TOP_UP"),), payments=(("CARD", 180_00),)),
        "商品不存在": past(counter, lines=(replace(line, variant_id=10**9),), payments=(("CARD", 180_00),)),
        "顾客不存在": past(counter, customer_id=10**9),
        "员工不存在": past(counter, seller_id=10**9),
        "分成": past(counter, lines=(replace(line, people=((1, 9_999),)),), payments=(("CARD", 180_00),)),
    }
    for why, sale in wrong.items():
        with pytest.raises(PastSaleWrong, match=why):
            bring(counter, good, sale)
    assert not Order.objects.exists()
    bring(counter, good)
    with pytest.raises(PastSaleDiffers):
        bring(counter, replace(good, number="OLD-2"))


def test_it_wants_the_right_and_takes_as_many_statements_for_a_hundred_as_for_one(
    counter: Counter, make_actor
):
    with pytest.raises(NotAllowed):
        bring(counter, past(counter), actor=make_actor("CLERK", store_ids={counter.store.pk}))

    def count(number: int) -> int:
        with CaptureQueriesContext(connection) as found:
            bring(counter, *(past(counter, days=20 + n % 5) for n in range(number)))
        return len(found)

    count(1)
    assert count(100) == count(2)
