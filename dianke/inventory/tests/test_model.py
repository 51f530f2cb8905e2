"""Whatever is done in whatever order (receipts, sales, returns, moves, transfers that come short, adjustments, counts,
later costs, documents dated back, reversals), stock is equal to the plain model after every step, can say at the end
what it was at every moment before, and is proven right: on hand is the fold of movements, its value that of costs.
`DIANKE_FUZZ=full` runs 300 examples of 50 steps.
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
from dianke.inventory.models import Balance, CostState, CountSession, Document, Place
from dianke.inventory.operations.count_closing import post_count, submit_count
from dianke.inventory.operations.counting import Scan, enter_counts, open_count
from dianke.inventory.operations.transfers import (
    Arrival,
    Planned,
    plan_transfer,
    receive_transfer,
    ship_transfer,
)
from dianke.inventory.rules.transfers import Missing
from dianke.inventory.tests.people import make_people
from dianke.inventory.tests.shop import TODAY, D, make_shop

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
        self.past: list[tuple[datetime, Counter[tuple[int, int]]]] = []
        self.people = make_people(shop, NOW)
        self.anchors: list[tuple[int, int, datetime]] = []
        self.receipts: list[tuple[stock.Posted, int]] = []
        self.numbers = 0

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
        done = self.act(
            lambda: self.shop.receive(self.goods[what], quantity, cost, **more), [(what, -1, at, quantity)]
        )
        if done is not None:
            self.receipts.append((done, len(self.posted) - 1))

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

    @precondition(lambda self: self.receipts)
    @rule(data=st.data(), amount=st.decimals("0.01", "50", places=2))
    def add_later_cost(self, data: st.DataObject, amount: Decimal) -> None:
        done, number = data.draw(st.sampled_from(self.receipts))
        if not self.posted[number][1]:
            return  # reversed
        self.numbers += 1
        stock.add_landed_cost(
            receipt=Document.objects.select_related("store").get(pk=done.document_id),
            amount=amount,
            reference=f"freight {self.numbers}",
            business_date=TODAY,
            actor=SYSTEM,
            now=self.now,
        )

    @rule(
        what=goods, of=places, to=places, quantity=quantities, part=st.sampled_from(("0", "0.5", "1")),
        damaged=st.booleans(), missing=st.sampled_from(Missing), price=costs,
    )  # fmt: skip
    def transfer(self, what, of, to, quantity, part, damaged, missing, price) -> None:  # type: ignore[no-untyped-def]
        """Planned, shipped and received; what does not come good is damaged, lost, or never left."""
        if of == to:
            return
        good = round(quantity * Decimal(part), 4)
        spoilt = quantity - good if damaged else D(0)
        is_less = good + spoilt < quantity
        back = quantity - good if is_less and missing is Missing.NOT_SENT else D(0)

        def work() -> stock.Posted:
            usual = {"actor": SYSTEM, "now": self.now}
            planned = plan_transfer(
                from_place=self.places[of],
                to_place=self.places[to],
                goods=[Planned(self.goods[what].pk, quantity, unit_price=price)],
                pricing="FIXED" if 3 in (of, to) else "",
                is_reserved=False,
                **usual,
            )
            sent = ship_transfer(transfer=planned, **usual)
            came = Arrival(good, spoilt, missing if is_less else None)
            received = receive_transfer(transfer=sent, arrivals={1: came}, **usual)
            return stock.Posted(received.shipment_id, "", "", is_repeat=False)

        # All of it has to be there when it leaves, also what turns out to be there still.
        if self.act(work, [(what, of, -1, quantity), (what, -1, to, good)]) is not None:
            self.posted.pop()  # transfers are called off, not reversed
            self.model[what, of] += back
            self.model[what, -1] -= back

    @rule(what=goods, at=st.integers(0, 1), counted=quantities, sold=st.booleans())
    def count(self, what: int, at: int, counted: Decimal, sold: bool) -> None:
        """Two people see the same at one instant; an hour later it is posted, and perhaps some was sold meanwhile."""
        seen, later = self.now, self.now + timedelta(hours=1)
        store, place, variant = self.stores[at], self.places[at], self.goods[what]
        session = open_count(store=store, place=place, actor=self.people["lin"], now=seen)
        left = min(self.model[what, at], counted, D(1))
        at_look = self.model.copy()
        if sold and left > 0:
            more = {"store": store, "place": place, "occurred_at": later, "now": later}
            self.act(lambda: self.shop.sell(variant, left, **more), [(what, at, -1, left)])
        for who in ("lin", "zhao"):
            scan = Scan(who, counted, True, variant_id=variant.pk, place_id=place.pk, counted_at=seen)
            enter_counts(session=session, scans=[scan], actor=self.people[who], now=later)
            session = submit_count(session=session, actor=self.people[who], now=later)
            if session.state == CountSession.State.SUBMITTED:
                break
        post_count(session=session, actor=self.people["manager"], now=later)
        variance = counted - at_look[what, at]
        self.model[what, at] += variance
        at_look[what, at] = counted
        self.past.append((seen, at_look))
        self.anchors.append((what, at, seen))
        self.now = later + timedelta(seconds=1)

    @precondition(lambda self: self.past)
    @rule(data=st.data(), what=goods, at=places, quantity=quantities, cost=costs, is_sale=st.booleans())
    def post_late(self, data, what, at, quantity, cost, is_sale) -> None:  # type: ignore[no-untyped-def]
        """A document that belongs to a moment before: it changes what was there from then on, up to the next count."""
        moment = data.draw(st.sampled_from(self.past))[0]
        more = {
            "store": self.stores[at], "place": self.places[at], "occurred_at": moment, "now": self.now,
        }  # fmt: skip
        stands = min((t for w, p, t in self.anchors if (w, p) == (what, at) and t >= moment), default=None)
        change = -quantity if is_sale else quantity
        moves = [] if stands else [(what, at, -1, quantity) if is_sale else (what, -1, at, quantity)]
        act = (lambda: self.shop.sell(self.goods[what], quantity, **more)) if is_sale else (
            lambda: self.shop.receive(self.goods[what], quantity, cost, **more)
        )  # fmt: skip
        if self.act(act, moves) is None:
            return
        self.posted[-1] = (
            self.posted[-1][0],
            [],
        )  # taken back it would be dated now, and not be as if it never was
        for then, model in self.past:
            if then >= moment and (stands is None or then < stands):
                model[what, at] += change

    @rule(days=st.integers(1, 3))
    def let_time_pass(self, days: int) -> None:
        self.past.append((self.now, self.model.copy()))
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
                assert told == {key: q for key, q in then.items() if q and key[1] >= 0}
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
