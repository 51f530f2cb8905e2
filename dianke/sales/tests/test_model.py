"""Random histories of sales and returns against a plain model of thirty lines: what was paid, what came back,
what is on hand. `DIANKE_FUZZ=full` runs 200 histories of 30 steps.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from decimal import Decimal as D
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dianke.sales.models import Order
from dianke.sales.queries import verify
from dianke.sales.queries.basket import Item
from dianke.sales.queries.pricing import price
from dianke.sales.queries.returning import preview_return
from dianke.sales.tests.counter import Counter, books, make_counter

FULL = os.environ.get("DIANKE_FUZZ") == "full"
EXAMPLES, STEPS = (200, 30) if FULL else (12, 10)
LADDER = {"rule": {"kind": "LADDER", "measure": "AMOUNT", "steps": [{"full": 150_00, "off_amount": 17_01}]}}
TENDERS = ("CASH", "WECHAT", "TRANSFER", "WALLET")


@dataclass
class Plain:
    """The model: money here, goods there, and of each sale what is left of it."""

    money: int = 0
    wallet: int = 0
    goods: dict[int, D] = field(default_factory=dict)
    sales: list[dict[str, Any]] = field(default_factory=list)

    def sell(self, order_id: int, total: int, by_wallet: int, lines: dict[str, tuple[int, int]]) -> None:
        self.money += total - by_wallet
        self.wallet -= by_wallet
        for variant, quantity in lines.values():
            self.goods[variant] -= quantity
        self.sales.append({"id": order_id, "paid": total, "wallet": by_wallet, "lines": dict(lines)})

    def give_back(self, sale: dict[str, Any], key: str, quantity: int, refund: int) -> None:
        """Stored value before cash; all of it when nothing is left."""
        variant, left = sale["lines"][key]
        sale["lines"][key] = (variant, left - quantity)
        self.goods[variant] += quantity
        assert 0 <= refund <= sale["paid"]
        sale["paid"] -= refund
        if not any(left for _variant, left in sale["lines"].values()):
            assert sale["paid"] == 0
        online = 0 if sale["other"] in ("CASH", "TRANSFER") else min(refund, sale["other_left"])
        by_wallet = min(refund - online, sale["wallet"])
        sale["other_left"] -= refund - by_wallet
        sale["wallet"] -= by_wallet
        self.wallet += by_wallet
        self.money -= refund - by_wallet


@pytest.fixture
def counter(db: None, now) -> Counter:
    return make_counter(now)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_history_of_sales_and_returns_is_that_of_the_model(counter: Counter, now, data):
    with transaction.atomic():
        _history(counter, now, data)
        assert verify() == []
        transaction.set_rollback(True)


def _history(counter: Counter, now: Any, data: Any) -> None:
    wang = counter.member()
    counter.top_up(wang, 3000_00, 100_00)
    if data.draw(st.booleans(), label="promotion"):
        counter.promotion(LADDER)
    goods = [counter.scarf, counter.hat, counter.socks]
    plain = Plain(goods={each.pk: D(100) for each in goods})
    start = books()
    for _step in range(STEPS):
        open_sales = [sale for sale in plain.sales if any(left for _v, left in sale["lines"].values())]
        if open_sales and data.draw(st.booleans(), label="give back"):
            _give_back(counter, now, data, plain, data.draw(st.sampled_from(open_sales)))
        else:
            _sell(counter, data, plain, goods, wang)
        found = books()
        money = sum(
            found.get(name, 0) - start.get(name, 0)
            for name in {*found, *start}
            if name.startswith(("cash", "bank", "clearing"))
        )
        held = sum(
            found.get(name, 0) - start.get(name, 0) for name in {*found, *start} if name.startswith("wallet_")
        )
        assert (money, held) == (plain.money, plain.wallet)
        for each in goods:
            counter.shop.assert_on_hand(each, plain.goods[each.pk])


def _sell(counter: Counter, data: Any, plain: Plain, goods: list[Any], wang: Any) -> None:
    chosen = data.draw(
        st.lists(
            st.tuples(st.sampled_from(goods), st.integers(1, 3), st.integers(0, 500)), min_size=1, max_size=3
        )
    )
    items = [
        Item(f"k{n}", each.pk, D(quantity), discount_amount=off)
        for n, (each, quantity, off) in enumerate(chosen)
    ]
    other = data.draw(st.sampled_from(TENDERS[:3]))
    sale = counter.basket(*items, customer=wang)
    total = price(
        sale=sale, business_date=counter.store.business_date(counter.now), at=counter.now
    ).paid_amount
    by_wallet = data.draw(st.integers(0, min(total, 100_00)), label="by wallet")
    payments = [("WALLET", by_wallet)] if by_wallet else []
    payments += [(other, total - by_wallet)] if total > by_wallet else []
    order = counter.sell(*items, payments=payments, customer=wang, uuid=uuid4())
    lines = {item.key: (item.variant_id, int(item.quantity)) for item in items}
    plain.sell(order.pk, total, by_wallet, lines)
    plain.sales[-1] |= {"other": other, "other_left": total - by_wallet}


def _give_back(counter: Counter, now: Any, data: Any, plain: Plain, sale: dict[str, Any]) -> None:
    keys = [key for key, (_variant, left) in sale["lines"].items() if left]
    key = data.draw(st.sampled_from(keys))
    quantity = data.draw(st.integers(1, sale["lines"][key][1]))
    policy = sale.setdefault("policy", data.draw(st.sampled_from(["RECOMPUTE", "PRO_RATA"])))
    order = Order.objects.get(pk=sale["id"])
    shown = preview_return(order, counter.items(order, (key, quantity)), policy=policy, now=now)
    done = counter.give_back(order, (key, quantity), policy=policy)
    assert (done.refund_amount, done.effects) == (shown.refund, dict(shown.effects))
    plain.give_back(sale, key, quantity, done.refund_amount)
