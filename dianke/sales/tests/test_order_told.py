"""What an order tells: its customer how far it is, each step once; the counter what money an exchange moves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dianke.core.actor import SYSTEM
from dianke.sales import operations as sales
from dianke.sales.queries.returning import preview_return
from dianke.sales.queries.status import status_of
from dianke.sales.tests.counter import Counter, make_counter
from dianke.sales.views.orders_effects import groups_of
from dianke.stores.models import Store

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter(now: datetime) -> Counter:
    return make_counter(now)


def test_a_stage_and_the_state_it_brings_are_one_step(counter: Counter) -> None:
    Store.objects.filter(pk=counter.store.pk).update(trade="FURNITURE")
    order = counter.order((counter.scarf, 1), customer=counter.member(), payments=[("CASH", 100_00)])
    for hours, stage in enumerate(("MEASURE", "BALANCE", "DELIVERY"), 1):
        order = sales.enter_stage(
            order=order, stage=stage, actor=SYSTEM, now=counter.now + timedelta(hours=hours)
        )
    steps = status_of(order).steps
    labels = [str(step.label) for step in steps]
    assert len(labels) == 7, labels  # ordered, confirmed, three stages, delivered, completed
    assert [n for n, step in enumerate(steps) if step.is_now] == [4], "it is at its last stage now"
    assert [n for n, step in enumerate(steps) if step.at is None] == [5, 6]


def test_the_money_of_an_exchange_is_what_is_really_paid_back(counter: Counter) -> None:
    order = counter.sell((counter.scarf, 2), payments=[("CASH", 120_00), ("WECHAT", 80_00)])
    plan = preview_return(order, counter.items(order), now=counter.now)

    def money(exchanged: int) -> list[str]:
        return [row.value for row in groups_of(plan.effects, "CNY", exchanged=exchanged)[0].rows]

    assert sorted(money(0)) == ["¥120.00", "¥80.00"]
    paid_back = [part["amount"] for part in plan.effects["money"]]
    assert money(50_00)[0] == "¥50.00"
    assert money(50_00)[1:] == [f"¥{(paid_back[0] - 50_00) / 100:.2f}", f"¥{paid_back[1] / 100:.2f}"]
    assert money(200_00) == ["¥200.00"], "an even exchange pays nothing back"
