"""Whatever is done in whatever order, wallets are equal to a plain model after every step, and what is owed between
entities is even. `DIANKE_FUZZ=full` runs 300 examples of 50 steps."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

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
from dianke.ledger.queries import verify as verify_ledger
from dianke.wallets import operations as wallets
from dianke.wallets import queries
from dianke.wallets.models import Wallet
from dianke.wallets.tests.people import House, make_house

FULL = os.environ.get("DIANKE_FUZZ") == "full"
people = st.sampled_from(("lin", "wang"))
places = st.sampled_from(("lake", "harbour"))
yuan = st.integers(1, 400)
BONUS_DAYS = 20


@dataclass
class Pocket:
    """One top-up of one wallet: yuan of principal and bonus, in fen; the day its bonus ends."""

    principal: int
    bonus: int
    ends: float
    paid: int = 0


#: (customer, entity) → pocket, principal and bonus taken from it.
Taken = dict[tuple[str, str], list[tuple[Pocket, int, int]]]


@dataclass
class Plain:
    """The whole room in thirty lines: pockets per (customer, entity), who is frozen, what was sold for."""

    pockets: dict[tuple[str, str], list[Pocket]] = field(default_factory=dict)
    frozen: set[tuple[str, str]] = field(default_factory=set)
    owed: dict[tuple[str, str], int] = field(default_factory=dict)

    def sums(self, key: tuple[str, str]) -> tuple[int, int]:
        own = self.pockets.get(key, [])
        return sum(p.principal for p in own), sum(p.bonus for p in own)

    def spend(self, who: str, at: str, amount: int, day: float) -> Taken | None:
        """What is taken from which pocket, bonus first; None when it is not enough."""
        keys = [key for key in ((who, at), (who, other(at))) if key not in self.frozen]
        taken: Taken = {}
        left = amount
        for key in keys:
            own = self.pockets.get(key, [])
            for pocket in sorted(own, key=lambda p: p.ends):
                part = min(pocket.bonus if pocket.ends > day else 0, left)
                if part:
                    taken.setdefault(key, []).append((pocket, 0, part))
                    left -= part
            for pocket in own:
                part = min(pocket.principal, left)
                if part:
                    taken.setdefault(key, []).append((pocket, part, 0))
                    left -= part
        if left:
            return None
        for key, parts in taken.items():
            for pocket, principal, bonus in parts:
                pocket.principal -= principal
                pocket.bonus -= bonus
            if key[1] != at:
                pair = (key[1], at)
                self.owed[pair] = self.owed.get(pair, 0) + sum(p + b for _pocket, p, b in parts)
        return taken


def other(place: str) -> str:
    return "harbour" if place == "lake" else "lake"


class Machine(RuleBasedStateMachine):
    @initialize()
    def open_house(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.house: House = make_house(NOW)
        self.offer = self.house.offer((100, 20), bonus_days=BONUS_DAYS, is_repeating=True)
        self.plain = Plain()
        self.day = 0.0
        self.sales: list[dict[str, Any]] = []

    def teardown(self) -> None:
        if hasattr(self, "atomic"):
            assert queries.verify() == []
            assert verify_ledger() == []
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def customer(self, who: str) -> Any:
        return getattr(self.house, who)

    def store(self, at: str) -> Any:
        return getattr(self.house, at)

    def wallet(self, who: str, at: str) -> Wallet | None:
        return Wallet.objects.select_related("principal", "bonus", "promotional").filter(
            customer=self.customer(who), legal_entity=self.store(at).legal_entity
        ).first()  # fmt: skip

    @rule(who=people, at=places, paid=yuan, with_offer=st.booleans())
    def top_up(self, who: str, at: str, paid: int, with_offer: bool) -> None:
        work = {"customer": self.customer(who), "store": self.store(at)}
        if with_offer:
            work["offer"] = self.offer
        if (who, at) in self.plain.frozen:
            with pytest.raises(wallets.Frozen), transaction.atomic():
                self.house.top_up(paid, **work)
            return
        self.house.top_up(paid, **work)
        bonus = paid // 100 * 20 * 100 if with_offer else 0
        pocket = Pocket(paid * 100, bonus, self.day + BONUS_DAYS, paid * 100)
        self.plain.pockets.setdefault((who, at), []).append(pocket)

    @rule(who=people, at=places, amount=yuan)
    def spend(self, who: str, at: str, amount: int) -> None:
        taken = self.plain.spend(who, at, amount * 100, self.day)
        if taken is None:
            with pytest.raises((wallets.ValueTooLow, wallets.Frozen)), transaction.atomic():
                self.house.spend(amount, [self.customer(who)], store=self.store(at))
            return
        reference = self.house.spend(amount, [self.customer(who)], store=self.store(at))
        self.sales.append({"reference": reference, "taken": taken, "at": at, "day": self.day})

    @precondition(lambda self: self.sales)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        """In two halves, the second of which settles. Only while none of its bonus has expired: the story of grace is
        told elsewhere."""
        sale = data.draw(st.sampled_from(self.sales))
        parts = [part for parts in sale["taken"].values() for part in parts]
        if any(bonus and pocket.ends <= self.day for pocket, _principal, bonus in parts):
            return
        self.sales.remove(sale)
        store = self.store(sale["at"])
        for share in (Fraction(1, 2), Fraction(1)):
            self.house.give_back(sale["reference"], share, store=store)
        for key, own in sale["taken"].items():
            for pocket, principal, bonus in own:
                pocket.principal += principal
                pocket.bonus += bonus
            if key[1] != sale["at"]:
                self.plain.owed[key[1], sale["at"]] -= sum(p + b for _pocket, p, b in own)

    @rule(who=people, at=places)
    def freeze_or_unfreeze(self, who: str, at: str) -> None:
        wallet, key = self.wallet(who, at), (who, at)
        if wallet is None:
            return
        act = wallets.unfreeze if key in self.plain.frozen else wallets.freeze
        act(subject=wallet, reason="测试", actor=SYSTEM, now=self.house.now)
        self.plain.frozen ^= {key}

    @rule(who=people, at=places)
    def transfer(self, who: str, at: str) -> None:
        """Everything that has not expired goes to the other."""
        wallet, target = self.wallet(who, at), "wang" if who == "lin" else "lin"
        if wallet is None:
            return
        given = {
            "wallet": wallet, "to_customer": self.customer(target), "store": self.store(at), "reason": "转",
        }  # fmt: skip
        own = self.plain.pockets.get((who, at), [])
        going = [(p, p.principal, p.bonus if p.ends > self.day else 0) for p in own]
        refused = {(who, at), (target, at)} & self.plain.frozen or not any(p + b for _o, p, b in going)
        if refused:
            with pytest.raises((wallets.Frozen, wallets.NothingToTransfer)), transaction.atomic():
                wallets.transfer_wallet(**self.house.usual(given))
            return
        wallets.transfer_wallet(**self.house.usual(given))
        for pocket, principal, bonus in going:
            if principal + bonus:
                arrived = Pocket(principal, bonus, pocket.ends, pocket.paid)
                self.plain.pockets.setdefault((target, at), []).append(arrived)
                pocket.principal -= principal
                pocket.bonus -= bonus
        # A sale paid before from here comes back to here: to the old pocket, as the ledger's lots do.

    @rule(who=people, at=places)
    def refund(self, who: str, at: str) -> None:
        """By principal left; bonus lapses with it."""
        wallet, key = self.wallet(who, at), (who, at)
        if wallet is None:
            return
        given = {"wallet": wallet, "store": self.store(at), "payment_kind": "CASH", "reason": "退"}
        principal, _bonus = self.plain.sums(key)
        if key in self.plain.frozen or not principal:
            with pytest.raises((wallets.Frozen, wallets.NothingToRefund)), transaction.atomic():
                wallets.refund_wallet(**self.house.usual(given))
            return
        assert wallets.refund_wallet(**self.house.usual(given)).amount == principal
        for pocket in self.plain.pockets[key]:
            pocket.principal = 0
            if pocket.ends > self.day:
                pocket.bonus = 0

    @rule(days=st.integers(1, 15))
    def time_passes(self, days: int) -> None:
        self.house.later(days=days)
        self.day += days

    @rule()
    def expire(self) -> None:
        for entity in (self.house.silk, self.house.ocean):
            wallets.expire_bonus(legal_entity=entity, actor=SYSTEM, now=self.house.now)
        for own in self.plain.pockets.values():
            for pocket in own:
                if pocket.ends <= self.day:
                    pocket.bonus = 0

    @invariant()
    def equal(self) -> None:
        if not hasattr(self, "plain"):
            return
        for who in ("lin", "wang"):
            for at in ("lake", "harbour"):
                wallet = self.wallet(who, at)
                found = queries.balances_as_of(wallet) if wallet else {"PRINCIPAL": 0, "BONUS": 0}
                assert (found["PRINCIPAL"], found["BONUS"]) == self.plain.sums((who, at)), (who, at)
        dues = {(due.owes_id, due.owed_id): due for due in queries.dues_between()}
        assert all(due.is_even for due in dues.values())
        for (owes, owed), amount in self.plain.owed.items():
            pair = (self.store(owes).legal_entity_id, self.store(owed).legal_entity_id)
            assert (dues[pair].owed_amount if pair in dues else 0) == amount


@pytest.mark.django_db
def test_wallets_are_equal_to_the_plain_model_whatever_happens():
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=300 if FULL else 8,
            stateful_step_count=50 if FULL else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
