"""Whatever is done in whatever order, stock is equal to the plain model after every step, can say at the end what it
was at every moment before, and is proven right. `DIANKE_FUZZ=full` runs 300 examples of 50 steps.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from conftest import NOW
from dianke.core.actor import SYSTEM
from dianke.inventory import operations as stock
from dianke.inventory import queries
from dianke.inventory.models import Balance, CostState, Place
from dianke.inventory.tests.shop import D, make_shop

FULL = os.environ.get("DIANKE_FUZZ") == "full"
quantities = st.decimals("0.0001", "12", places=4)
costs = st.decimals("0", "99", places=4)
places = st.integers(0, 3)
goods = st.integers(0, 1)
Moves = list[tuple[int, int, int, Decimal]]  # (goods, from, to, quantity); -1 is the outside


class StockMachine(RuleBasedStateMachine):
    """Places: 0 shelf, 1 warehouse (both 云裳, west lake), 2 road (云裳, may be short), 3 harbour (海蓝)."""

    @initialize()
    def open_shop(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now: datetime = NOW
        self.shop = make_shop(NOW)
        shop = self.shop
        self.goods = [shop.scarf, shop.more("帽子")]
        self.places = [shop.shelf(), shop.warehouse, shop.shelf(shop.road), shop.shelf(shop.harbour)]
        self.stores = [shop.lake, shop.lake, shop.road, shop.harbour]
        stock.set_negative_policy(policy="ALLOW", place=self.places[2], category=None, actor=SYSTEM, now=NOW)
        self.model: Counter[tuple[int, int]] = Counter()
        self.posted: list[tuple[stock.Posted, Moves]] = []
        self.sold: list[tuple[stock.Posted, int, int, list[Decimal]]] = []
        self.past: list[tuple[datetime, dict[tuple[int, int], Decimal]]] = []

    def act(self, work, moves: Moves, error=stock.StockTooLow) -> stock.Posted | None:
        """Do it, and expect to be refused exactly when a place that may not be short would be."""
        after = self.model.copy()
        for what, of, to, quantity in moves:
            after[what, of] -= quantity
            after[what, to] += quantity
        short = any(after[key] < min(self.model[key], 0) or (after[key] < 0 and after[key] < self.model[key])
                    for key in after if key[1] in (0, 1, 3))  # fmt: skip
        try:
            with transaction.atomic():
                done = work()
        except error:
            assert short
            return None
        assert not short
        self.model = after
        self.posted.append((done, moves))
        return done

    @rule(what=goods, at=places, quantity=quantities, cost=costs)
    def receive(self, what: int, at: int, quantity: Decimal, cost: Decimal) -> None:
        more = {"store": self.stores[at], "place": self.places[at], "now": self.now}
        self.act(
            lambda: self.shop.receive(self.goods[what], quantity, cost, **more), [(what, -1, at, quantity)]
        )

    @rule(what=goods, at=places, quantity=quantities)
    def sell(self, what: int, at: int, quantity: Decimal) -> None:
        more = {"store": self.stores[at], "place": self.places[at], "now": self.now, "occurred_at": self.now}
        done = self.act(
            lambda: self.shop.sell(self.goods[what], quantity, **more), [(what, at, -1, quantity)]
        )
        if done is not None:
            self.sold.append((done, what, len(self.posted) - 1, [quantity]))

    @precondition(lambda self: self.sold)
    @rule(data=st.data(), at=places, part=st.sampled_from((Decimal("0.5"), Decimal(1))))
    def give_back(self, data: st.DataObject, at: int, part: Decimal) -> None:
        done, what, number, left = data.draw(st.sampled_from(self.sold))
        if self.posted[number][1] == [] or not left[0]:
            return
        quantity = max(round(left[0] * part, 4), D("0.0001"))
        more = {"store": self.stores[at], "place": self.places[at], "now": self.now, "occurred_at": self.now}
        back = self.act(lambda: self.shop.give_back(done, quantity, **more), [(what, -1, at, quantity)])
        if back is not None:
            left[0] -= quantity
            self.posted.pop()
            self.posted[number] = (done, [(what, -1, -1, D(0))])  # with a return it is not reversed any more

    @rule(what=goods, of=places, to=places, quantity=quantities, price=costs)
    def move(self, what: int, of: int, to: int, quantity: Decimal, price: Decimal) -> None:
        if of == to:
            return
        cost = price if 3 in (of, to) else None
        more = {"store": self.stores[of], "of": self.places[of], "cost": cost, "now": self.now}
        self.act(
            lambda: self.shop.move(self.goods[what], quantity, self.places[to], occurred_at=self.now, **more),
            [(what, of, to, quantity)],
        )

    @rule(what=goods, at=places, quantity=quantities, sign=st.sampled_from((1, -1)))
    def adjust(self, what: int, at: int, quantity: Decimal, sign: int) -> None:
        more = {"store": self.stores[at], "place": self.places[at], "now": self.now}
        ends = (-1, at) if sign > 0 else (at, -1)
        self.act(
            lambda: self.shop.adjust(self.goods[what], sign * quantity, **more), [(what, *ends, quantity)]
        )

    @precondition(lambda self: self.posted)
    @rule(data=st.data(), at_once=st.booleans())
    def reverse(self, data: st.DataObject, at_once: bool) -> None:
        number = len(self.posted) - 1 if at_once else data.draw(st.integers(0, len(self.posted) - 1))
        done, moves = self.posted[number]
        if not moves or moves[0][1] == moves[0][2]:
            return
        before = self.costs()
        back = self.act(
            lambda: self.shop.reverse(done, now=self.now), [(what, to, of, q) for what, of, to, q in moves]
        )
        if back is not None:
            self.posted.pop()
            self.posted[number] = (done, [])
        else:
            assert self.costs() == before

    @rule(days=st.integers(1, 3))
    def let_time_pass(self, days: int) -> None:
        self.past.append((self.now, {key: q for key, q in self.model.items() if key[1] >= 0}))
        self.now += timedelta(days=days)

    def costs(self) -> list[tuple[int, int, Decimal, Decimal]]:
        rows = CostState.objects.order_by("legal_entity", "variant")
        return list(rows.values_list("legal_entity", "variant", "quantity", "value"))

    @invariant()
    def equals_the_model(self) -> None:
        if not hasattr(self, "atomic"):
            return
        real = {
            (self.index(variant), self.place(place)): quantity
            for variant, place, quantity in Balance.objects.values_list("variant_id", "place_id", "quantity")
            if quantity
        }
        assert real == {key: quantity for key, quantity in self.model.items() if quantity and key[1] >= 0}

    def index(self, variant_id: int) -> int:
        return [each.pk for each in self.goods].index(variant_id)

    def place(self, place_id: int) -> int:
        return [each.pk for each in self.places].index(place_id)

    def teardown(self) -> None:
        if not hasattr(self, "atomic"):
            return
        try:
            ids, places = [each.pk for each in self.goods], [each.pk for each in self.places]
            for moment, then in self.past:
                found = queries.on_hand_at(ids, place_ids=places, at=moment)
                told = {(self.index(v), self.place(p)): q for (v, p), q in found.items() if q}
                assert told == {key: q for key, q in then.items() if q}
            stock.fold_closings(legal_entity=self.shop.lake.legal_entity, actor=SYSTEM, now=self.now)
            assert queries.verify() == []
            assert not Balance.objects.filter(quantity__lt=0).exclude(place=self.places[2]).exists()
            assert Place.objects.filter(kind=Place.Kind.STOCK).count() == 4
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)


@pytest.mark.django_db
def test_stock_equals_the_model_whatever_is_done():
    """The machine asserts after every step; what it is judged by stands in its rules and invariants."""
    run_state_machine_as_test(
        StockMachine,
        settings=settings(
            max_examples=300 if FULL else 10,
            stateful_step_count=50 if FULL else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
