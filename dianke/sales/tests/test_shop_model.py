"""Random days of a whole shop against a plain model: sales, returns and exchanges (to cash, to stored value), top-ups
beside the till, bonus that expires, wallets that change hands, sessions, shifts and day closes. After every step the
drawer, the safe, each customer's stored value, the sessions and the shelf are those of the model; at the end the books
are proven. `DIANKE_FUZZ=full` runs 100 histories of 40 steps.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal as D
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dianke.access.models import User
from dianke.access.queries import actor_for
from dianke.core.actor import SYSTEM
from dianke.inventory.tests.floor_staff import hiring
from dianke.sales.models import Order, Shift
from dianke.sales.operations import day_close, shifts
from dianke.sales.queries import verify
from dianke.sales.queries.basket import Item, Tendered
from dianke.sales.queries.shifts import drawer_of
from dianke.sales.tests.counter import Counter, books, make_counter
from dianke.sales.tests.till import pieces_of
from dianke.stores.models import Register
from dianke.wallets import operations as wallets
from dianke.wallets.models import SessionCard, Wallet
from dianke.wallets.queries import verify as verify_wallets
from dianke.wallets.queries.lots import open_lots
from dianke.wallets.queries.purse import purse_of

FULL = os.environ.get("DIANKE_FUZZ") == "full"
EXAMPLES, STEPS = (100, 40) if FULL else (8, 14)
PRICES = {"scarf": 100_00, "hat": 50_00}
CARD_PRICE, SESSIONS = 300_00, 3


@dataclass
class Sold:
    """A sale of the model: what it cost, what of it stored value paid, how many scarves and hats."""

    pk: int
    total: int
    by_wallet: int
    owner: int
    goods: dict[str, int]


@dataclass
class Plain:
    """The shop as one would note it in an exercise book, in fen."""

    drawer: int = 0
    safe: int = 0
    wechat: int = 0
    wallet: list[int] = field(default_factory=lambda: [0, 0])
    sessions: int = 0
    shelf: dict[str, int] = field(default_factory=lambda: {"scarf": 100, "hat": 100})
    sold: list[Sold] = field(default_factory=list)
    used: list[int] = field(default_factory=list)


class Shop(RuleBasedStateMachine):
    now: Any  # set by the test

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        try:
            self._begin()
        except BaseException:
            self._end()
            raise

    def _begin(self) -> None:
        self.counter: Counter = make_counter(self.now)
        hiring(self.counter.shop, self.now)("manager", "STORE_MANAGER", self.counter.store)
        self.actor = actor_for(User.objects.get(username="manager"), now=self.now)
        self.register = Register.objects.create(store=self.counter.store, name="前台", code="9")
        self.people = [self.counter.member("王小明"), self.counter.member("李雷")]
        self.plain, self.shift, self.numbers = Plain(), None, itertools.count(1)
        self.start = books()
        day = self.now - timedelta(days=1)
        self.offer = wallets.make_offer(
            values={"name": "充送", "currency": "CNY", "starts_at": day, "bonus_days": 2, "is_repeating": True},
            steps=[wallets.StepIn(100_00, 20_00)], stores=[], actor=SYSTEM, now=self.now,
        )  # fmt: skip
        self.kind = wallets.make_card_kind(
            values={"name": "护理卡", "currency": "CNY", "price_amount": CARD_PRICE},
            items=[wallets.ItemIn(self.counter.care.pk, SESSIONS, 0, 100_00)],
            stores=[], actor=SYSTEM, now=self.now,
        )  # fmt: skip

    def teardown(self) -> None:
        try:
            assert (verify(), verify_wallets()) == ([], [])
        finally:
            self._end()

    def _end(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @property
    def clock(self) -> Any:
        return self.counter.now

    @property
    def who(self) -> dict[str, Any]:
        return {"actor": self.actor, "now": self.clock}

    def at_till(self) -> dict[str, Any]:
        return {"register": self.register, "shift_id": self.shift.pk, "actor": self.actor}

    def cash(self, amount: int) -> None:
        """Money in hand, into the drawer while a shift runs."""
        if self.shift is None:
            self.plain.safe += amount
        else:
            self.plain.drawer += amount

    # --- the drawer -------------------------------------------------------------------------------------------------
    @precondition(lambda self: self.shift is None)
    @rule()
    def open(self) -> None:
        self.shift = shifts.open_shift(register=self.register, pieces=pieces_of(200_00), **self.who)
        self.plain.safe -= 200_00
        self.plain.drawer += 200_00

    @precondition(lambda self: self.shift is not None and self.plain.drawer >= 0)
    @rule()
    def close(self) -> None:
        shift = shifts.count_shift(shift=self.shift, pieces=pieces_of(self.plain.drawer), **self.who)
        shift = shifts.close_shift(shift=shift, left_amount=0, **self.who)
        assert shift.expected_amount == self.plain.drawer
        self.plain.safe, self.plain.drawer, self.shift = self.plain.safe + self.plain.drawer, 0, None
        day_close.close_day(
            store=self.counter.store, business_date=self.counter.store.business_date(self.clock), **self.who
        )

    @rule()
    def a_day_goes_by(self) -> None:
        self.counter.now += timedelta(days=1)

    # --- sales ------------------------------------------------------------------------------------------------------
    @precondition(lambda self: self.shift is not None)
    @rule(
        scarves=st.integers(0, 2), hats=st.integers(1, 2), owner=st.integers(0, 1), share=st.integers(0, 100)
    )
    def sell(self, scarves: int, hats: int, owner: int, share: int) -> None:
        goods = {"scarf": scarves, "hat": hats}
        total = sum(PRICES[name] * count for name, count in goods.items())
        customer = self.people[owner]
        spendable = purse_of([customer.pk], store_id=self.counter.store.pk, at=self.clock).spendable_amount
        by_wallet = min(total, spendable) * share // 100
        payments = [("WALLET", by_wallet)] if by_wallet else []
        payments += [("CASH", total - by_wallet)] if total > by_wallet else []
        order = self.counter.sell(*self._items(goods), payments=payments, customer=customer, **self.at_till())
        self._went(order, goods, total, by_wallet, owner)
        self.cash(total - by_wallet)
        self.plain.wallet[owner] -= by_wallet

    def _items(self, goods: dict[str, int]) -> list[Item]:
        variants = {"scarf": self.counter.scarf, "hat": self.counter.hat}
        return [Item(name, variants[name].pk, D(count)) for name, count in goods.items() if count]

    def _went(self, order: Order, goods: dict[str, int], total: int, by_wallet: int, owner: int) -> None:
        for name, count in goods.items():
            self.plain.shelf[name] -= count
        self.plain.sold.append(Sold(order.pk, total, by_wallet, owner, goods))

    def _came(self, sold: Sold) -> Order:
        self.plain.sold.remove(sold)
        for name, count in sold.goods.items():
            self.plain.shelf[name] += count
        return Order.objects.get(pk=sold.pk)

    def _drawer(self) -> Any:
        from dianke.sales.operations.refunding import Drawer

        return Drawer(register=self.register, shift_id=self.shift.pk)

    @precondition(lambda self: self.shift is not None and self.plain.sold)
    @rule(number=st.integers(0, 99))
    def give_back(self, number: int) -> None:
        sold = self.plain.sold[number % len(self.plain.sold)]
        done = self.counter.give_back(self._came(sold), drawer=self._drawer(), **self.who)
        assert done.refund_amount == sold.total
        self.cash(sold.by_wallet - sold.total)
        self.plain.wallet[sold.owner] += sold.by_wallet

    @precondition(lambda self: self.shift is not None and self.plain.sold)
    @rule(number=st.integers(0, 99), scarves=st.integers(0, 3))
    def exchange(self, number: int, scarves: int) -> None:
        """What stored value paid is put into the exchange first; what is left of it goes back where it came from."""
        sold = self.plain.sold[number % len(self.plain.sold)]
        goods = {"scarf": scarves, "hat": 1}
        total = sum(PRICES[name] * count for name, count in goods.items())
        exchanged = min(total, sold.total)
        payments = (Tendered(uuid4(), "CASH", total - exchanged),) if total > exchanged else ()
        customer = self.people[sold.owner]
        instead = self.counter.basket(
            *self._items(goods), payments=payments, customer=customer,
            register=self.register, shift_id=self.shift.pk,
        )  # fmt: skip
        done = self.counter.give_back(self._came(sold), drawer=self._drawer(), exchange=instead, **self.who)
        assert (done.refund_amount, done.exchange_amount) == (sold.total, exchanged)
        to_wallet = max(sold.by_wallet - exchanged, 0)
        self.cash(total - exchanged - (sold.total - exchanged - to_wallet))
        self.plain.wallet[sold.owner] += to_wallet
        for name, count in goods.items():
            self.plain.shelf[name] -= count

    # --- stored value -----------------------------------------------------------------------------------------------
    @rule(
        owner=st.integers(0, 1),
        hundreds=st.integers(1, 3),
        kind=st.sampled_from(["CASH", "WECHAT"]),
        bonus=st.booleans(),
    )
    def top_up(self, owner: int, hundreds: int, kind: str, bonus: bool) -> None:
        wallets.top_up(
            customer=self.people[owner], paid_amount=hundreds * 100_00, store=self.counter.store,
            payment_kind=kind, reference=f"model:{next(self.numbers)}", offer=self.offer if bonus else None, **self.who,
        )  # fmt: skip
        self.plain.wallet[owner] += hundreds * (120_00 if bonus else 100_00)
        if kind == "CASH":
            self.cash(hundreds * 100_00)
        else:
            self.plain.wechat += hundreds * 100_00

    def _lots(self, owner: int) -> list[Any]:
        return open_lots(list(Wallet.objects.filter(customer=self.people[owner])))

    @rule()
    def expire(self) -> None:
        """Only what was given and is over leaves."""
        for owner in (0, 1):
            over = [lot for lot in self._lots(owner) if lot.is_over(self.clock)]
            assert all(lot.bucket == "BONUS" for lot in over)
            self.plain.wallet[owner] -= sum(lot.left for lot in over)
        entity = self.counter.store.legal_entity
        wallets.expire_bonus(legal_entity=entity, actor=SYSTEM, now=self.clock)

    @rule(owner=st.integers(0, 1))
    def transfer(self, owner: int) -> None:
        lots = [lot for lot in self._lots(owner) if lot.left and not lot.is_over(self.clock)]
        if not lots:
            return
        wallets.transfer_wallet(
            wallet=Wallet.objects.get(customer=self.people[owner]), to_customer=self.people[1 - owner],
            store=self.counter.store, reason="转赠", reference=f"model:{next(self.numbers)}", **self.who,
        )  # fmt: skip
        moved = sum(lot.left for lot in lots)
        self.plain.wallet[owner] -= moved
        self.plain.wallet[1 - owner] += moved
        # What such a wallet paid goes back to it, not to who has the value now: that is kept apart here.
        self.plain.sold = [sold for sold in self.plain.sold if not sold.by_wallet or sold.owner != owner]

    # --- sessions ---------------------------------------------------------------------------------------------------
    @rule()
    def sell_card(self) -> None:
        wallets.sell_card(
            customer=self.people[0], kind=self.kind, paid_amount=CARD_PRICE, store=self.counter.store,
            payment_kind="CASH", reference=f"model:{next(self.numbers)}", **self.who,
        )  # fmt: skip
        self.cash(CARD_PRICE)
        self.plain.sessions += SESSIONS

    @precondition(lambda self: self.shift is not None and self.plain.sessions)
    @rule()
    def use_session(self) -> None:
        purse = purse_of([self.people[0].pk], store_id=self.counter.store.pk, at=self.clock)
        card = next(card for card in purse.cards if card.left)
        line = Item(
            "s", self.counter.care.pk, D(1), session_card_id=card.card_id, data={"waiver": "手机没电"}
        )
        order = self.counter.sell(line, customer=self.people[0], **self.at_till())
        self.plain.sessions -= 1
        self.plain.used.append(order.pk)

    @precondition(lambda self: self.shift is not None and self.plain.used)
    @rule()
    def give_session_back(self) -> None:
        order = Order.objects.get(pk=self.plain.used.pop())
        self.counter.give_back(order, drawer=self._drawer(), **self.who)
        self.plain.sessions += 1

    # --- what holds after every step ---------------------------------------------------------------------------------
    @invariant()
    def money_is_where_the_model_has_it(self) -> None:
        found = books()

        def since(name: str) -> int:
            return found.get(name, 0) - self.start.get(name, 0)

        assert since("cash stores.register") == self.plain.drawer
        assert since("cash stores.store") == self.plain.safe
        assert since("clearing tender") == self.plain.wechat
        if self.shift is not None:
            assert drawer_of(Shift.objects.get(pk=self.shift.pk)).expected == self.plain.drawer

    @invariant()
    def customers_have_what_the_model_says(self) -> None:
        for owner in (0, 1):
            assert sum(lot.left for lot in self._lots(owner)) == self.plain.wallet[owner]
        left = sum(card.left for card in purse_of([self.people[0].pk], store_id=None, at=self.clock).cards)
        assert left == self.plain.sessions
        assert SessionCard.objects.count() * SESSIONS == left + len(self.plain.used)

    @invariant()
    def goods_are_on_the_shelf(self) -> None:
        self.counter.shop.assert_on_hand(self.counter.scarf, D(self.plain.shelf["scarf"]))
        self.counter.shop.assert_on_hand(self.counter.hat, D(self.plain.shelf["hat"]))


@pytest.mark.django_db
def test_any_days_of_a_shop_are_those_of_the_model(now: Any) -> None:
    Shop.now = now
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
