"""REL-4: whatever is done in whatever order, the ledger is equal to the plain model after every step, can say at the
end what it was at every moment before, and is proven sound. `DIANKE_FUZZ=full` runs 500 examples of 50 steps.
"""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from django.db import connection, transaction
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
from dianke.ledger import operations as ledger
from dianke.ledger import queries
from dianke.ledger.models import Account, Lot, Transaction
from dianke.ledger.tests.books import Books
from dianke.ledger.tests.model import Model

customers = st.sampled_from((1, 2))
amounts = st.integers(1, 120)
FULL = os.environ.get("DIANKE_FUZZ") == "full"


class LedgerMachine(RuleBasedStateMachine):
    @initialize()
    def open_books(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now: datetime = NOW
        self.number = 0
        self.model = Model()
        self.past: list[tuple[datetime, dict[str, int], dict[int, int]]] = []
        self.shops = {n: Books(NOW, holder=f"customers.account:{n}") for n in (1, 2)}
        one = self.shops[1]
        self.accounts: dict[str, Account] = {
            "cash": one.cash, "revenue": one.revenue, "issued": one.issued, "redeemed": one.redeemed,
            "expired": one.expired,
        } | {f"{letter}{n}": account for n, shop in self.shops.items()
             for letter, account in (("W", shop.principal), ("P", shop.points))}  # fmt: skip
        debtor = Books(NOW, holder="customers.account:3", points_floor=-(10**9))
        self.accounts["debtor"] = debtor.points
        self.ids: dict[str, int] = {}
        self.debts: dict[str, int] = {}

    def act(self, work, answer: str, **arguments) -> None:
        """Do it on the real ledger and compare with what the model answered."""
        day = (self.now + timedelta(hours=8)).date()
        try:
            with transaction.atomic():
                done = self.shops[1].do(work, **{"now": self.now, "business_date": day} | arguments)
        except ledger.BalanceTooLow:
            assert answer == "low"
        except ledger.AlreadyReversed:
            assert answer == "done"
        else:
            assert answer == (
                "nothing" if isinstance(done, ledger.Reversed) and done.posted is None else "ok"
            )
            if answer == "ok" and isinstance(done, ledger.Posted):
                assert not done.is_repeat
                self.ids[done.reference] = done.transaction_id

    def reference(self) -> str:
        self.number += 1
        return f"tx {self.number}"

    def post(self, **changes: int) -> None:
        reference = self.reference()
        entries = [ledger.Entry(self.accounts[name], amount) for name, amount in changes.items()]
        self.act(
            ledger.post, self.model.post(reference, changes), kind="x", reference=reference, entries=entries
        )

    @rule(who=customers, amount=amounts)
    def top_up(self, who: int, amount: int) -> None:
        self.post(**{f"W{who}": amount, "cash": amount})

    @rule(who=customers, amount=amounts)
    def sell(self, who: int, amount: int) -> None:
        self.post(**{f"W{who}": -amount, "revenue": amount})

    @rule(giver=customers, amount=amounts)
    def transfer(self, giver: int, amount: int) -> None:
        self.post(**{f"W{giver}": -amount, f"W{3 - giver}": amount})

    @rule(who=customers, amount=amounts, days=st.none() | st.integers(1, 6))
    def earn(self, who: int, amount: int, days: int | None) -> None:
        reference, expires_at = self.reference(), None if days is None else self.now + timedelta(days=days)
        self.act(ledger.grant_lot, self.model.grant(reference, f"P{who}", amount, expires_at), kind="x",
                 reference=reference, account=self.accounts[f"P{who}"], counter=self.accounts["issued"],
                 quantity=amount, expires_at=expires_at)  # fmt: skip

    @rule(who=customers, amount=amounts)
    def redeem(self, who: int, amount: int) -> None:
        reference = self.reference()
        self.act(ledger.draw_lots, self.model.spend(reference, f"P{who}", amount, self.now), kind="x",
                 reference=reference, account=self.accounts[f"P{who}"], counter=self.accounts["redeemed"],
                 quantity=amount)  # fmt: skip

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), share=st.sampled_from((None, Fraction(1, 3), Fraction(1, 2), Fraction(3, 4), Fraction(1))),
          grace=st.sampled_from((0, 2)))  # fmt: skip
    def refund(self, data: st.DataObject, share: Fraction | None, grace: int) -> None:
        of, reference = data.draw(st.sampled_from(sorted(self.ids))), self.reference()
        answer = self.model.undo(of, reference, share or Fraction(1), self.now, grace)
        arguments = {"transaction": self.ids[of], "reference": reference, "grace_days": grace}
        if share is None:
            self.act(ledger.reverse, answer, **arguments)
        else:
            self.act(ledger.reverse_part, answer, **arguments, share=share)

    @rule(amount=amounts, earns=st.booleans())
    def earn_or_owe(self, amount: int, earns: bool) -> None:
        """The debtor may spend what is not there; its lots and debts are left to the proof at the end."""
        reference, counter = self.reference(), "issued" if earns else "redeemed"
        changes = {"debtor": amount if earns else -amount, counter: amount}
        entries = [ledger.Entry(self.accounts[name], v, may_owe=True) for name, v in changes.items()]
        self.act(
            ledger.post, self.model.post(reference, changes), kind="x", reference=reference, entries=entries
        )
        self.debts[reference] = self.ids.pop(reference)

    @precondition(lambda self: self.debts)
    @rule(data=st.data())
    def undo_earning_or_owing(self, data: st.DataObject) -> None:
        of, reference = data.draw(st.sampled_from(sorted(self.debts))), self.reference()
        changes, _moves = self.model.posted[of]
        self.model.post(reference, {name: -amount for name, amount in changes.items()})
        self.act(ledger.reverse, "ok", transaction=self.debts.pop(of), reference=reference, may_owe=True)

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def try_again(self, data: st.DataObject) -> None:
        reference = data.draw(st.sampled_from(sorted(self.ids)))
        changes, _moves = self.model.posted[reference]
        entries = [ledger.Entry(self.accounts[name], amount) for name, amount in changes.items()]
        stands = Transaction.objects.get(pk=self.ids[reference])
        again = self.shops[1].do(ledger.post, now=self.now, business_date=stands.business_date, kind="x",
                                 reference=reference, entries=entries)  # fmt: skip
        assert (again.transaction_id, again.is_repeat) == (stands.pk, True)

    @rule(days=st.integers(1, 4))
    def close_the_day(self, days: int) -> None:
        self.past.append((self.now, dict(self.model.balances), self.lots()))
        self.now += timedelta(days=days)
        self.model.expire(self.now)
        self.shops[1].expire(now=self.now, business_date=date(2027, 1, 1))
        if len(self.past) % 2:
            ledger.fold_balances(actor=SYSTEM, now=self.now)

    def lots(self) -> dict[int, int]:
        return dict(Lot.objects.exclude(remaining=0).values_list("pk", "remaining"))

    @invariant()
    def equals_the_model(self) -> None:
        real = queries.balances(self.accounts.values())
        assert {name: real[a.pk] for name, a in self.accounts.items()} == {
            name: self.model.balances[name] for name in self.accounts
        }
        held = (
            Lot.objects.exclude(account=self.accounts["debtor"])
            .order_by("pk")
            .values_list("account_id", "remaining", "expires_at")
        )
        assert list(held) == [(self.accounts[who].pk, left, at) for who, left, at in self.model.lots]

    def teardown(self) -> None:
        if not hasattr(self, "atomic"):
            return
        try:
            for moment, balances, lots in self.past:
                real = queries.balances(self.accounts.values(), moment)
                assert {name: real[a.pk] for name, a in self.accounts.items()} == {
                    name: balances.get(name, 0) for name in self.accounts
                }
                then = [
                    lot for a in self.accounts.values() if a.has_lots for lot in queries.lots_of(a, moment)
                ]
                assert {lot.id: lot.remaining for lot in then} == lots
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            assert queries.verify() == []
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)


@pytest.mark.django_db
def test_the_ledger_equals_the_model_whatever_is_done():
    """The machine asserts after every step; what it is judged by stands in its rules and invariants."""
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=500 if FULL else 12,
            stateful_step_count=50 if FULL else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
