"""Whatever is sold, used, returned in parts, expires, is merged and separated in whatever order: the points are
those of the plain model after every step, and the books are proven. `DIANKE_FUZZ=full` runs 200 examples of 40
steps.
"""

from __future__ import annotations

import os
from datetime import timedelta

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
from dianke.customers.models import Customer
from dianke.ledger import queries as books
from dianke.ledger.models import Account
from dianke.loyalty import tasks
from dianke.loyalty.operations import PointsTooFew
from dianke.loyalty.queries.context import holder_of
from dianke.loyalty.rules.terms import ProgrammeTerms
from dianke.loyalty.tests.model import Model
from dianke.loyalty.tests.shop import Shop

who = st.sampled_from((1, 2))
FULL = os.environ.get("DIANKE_FUZZ") == "full"


class Points(RuleBasedStateMachine):
    @initialize(grace=st.sampled_from((0, 3)))
    def open_shop(self, grace: int) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.shop = Shop(NOW).open(pending_days=2, expiry="MONTHS", expiry_count=1, return_grace_days=grace)
        self.terms = ProgrammeTerms.read(self.shop.programme)
        self.people = {1: self.shop.customer("王"), 2: self.shop.customer("李")}
        self.model = Model(grace)
        for owner, customer in self.people.items():  # so that accounts are in the order of their owners
            self.shop.give(customer, 5)
            day = self.terms.day_of(NOW)
            self.model.add(owner, 5, self.terms.expires_at(day))

    def teardown(self) -> None:
        if hasattr(self, "atomic"):
            assert books.verify() == []
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    @rule(owner=who, paid=st.integers(1, 90_00), used=st.integers(0, 60))
    def sell(self, owner: int, paid: int, used: int) -> None:
        now = self.shop.now
        day = self.terms.day_of(now)
        reference = f"sales.order:{len(self.model.sales) + 1}"
        done = self.model.sell(
            reference, owner, paid, used, self.terms.releases_at(now), self.terms.expires_at(day), now
        )
        if done:
            self.shop.sell(self.people[owner], paid, redeemed=used, reference=reference)
        else:
            with pytest.raises(PointsTooFew), transaction.atomic():
                self.shop.sell(self.people[owner], paid, redeemed=used, reference=reference)

    @precondition(lambda self: any(sale.left for sale in self.model.sales.values()))
    @rule(data=st.data(), share=st.sampled_from((0, 1, 2, 3)))
    def take_back(self, data: st.DataObject, share: int) -> None:
        reference = data.draw(st.sampled_from([ref for ref, sale in self.model.sales.items() if sale.left]))
        left = self.model.sales[reference].left * share // 4
        preview = self.shop.preview(reference, _1=left)
        self.model.take_back(reference, left, self.shop.now)
        plan = self.shop.take_back(reference, _1=left)
        assert (preview.clawed_back, preview.given_back, preview.short, preview.owed) == (
            plan.clawed_back,
            plan.given_back,
            plan.short,
            plan.owed,
        )

    @rule(hours=st.sampled_from((1, 30, 24 * 3, 24 * 31)))
    def wait(self, hours: int) -> None:
        self.shop.now += timedelta(hours=hours)

    @rule(days=st.sampled_from((0, 3, 31)))
    def nights(self, days: int) -> None:
        self.shop.now += timedelta(days=days)
        tasks.release_all(self.shop.now)
        self.model.release(self.shop.now)
        tasks.expire_all(self.shop.now)
        self.model.expire(self.shop.now)

    @rule()
    def merge_or_separate(self) -> None:
        self.model.are_one = not self.model.are_one
        head = self.people[1] if self.model.are_one else None
        Customer.objects.filter(pk=self.people[2].pk).update(merged_into=head)

    @invariant()
    def points_are_those_of_the_model(self) -> None:
        if not hasattr(self, "shop"):
            return
        for owner, customer in self.people.items():
            accounts = {row.code: row for row in Account.objects.filter(holder=holder_of(customer.pk))}
            balances = books.balances(accounts.values())
            for code, is_pending in (("customer_points", False), ("points_pending", True)):
                account = accounts.get(code)
                held = balances[account.pk] if account else 0
                assert held == self.model.balance(owner, is_pending), (owner, code)
            assert self.shop.points(customer) == self.model.spendable(owner, self.shop.now)
        self.shop.books()


@pytest.mark.django_db
def test_points_are_those_of_a_plain_model():
    run_state_machine_as_test(
        Points,
        settings=settings(
            max_examples=200 if FULL else 20,
            stateful_step_count=40 if FULL else 30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
