"""Whatever is merged and separated in whatever order, the profiles are those of a plain model: a dictionary of who
hangs on whom. `DIANKE_FUZZ=full` runs 300 examples of 40 steps.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from conftest import NOW
from dianke.core.actor import SYSTEM, Actor
from dianke.customers.models import ContactPoint, Customer, MatchPair, Merge, PairState, SourceRecord
from dianke.customers.operations.merges import CannotMerge, SameCustomer, merge_customers, unmerge
from dianke.customers.queries.sides import reach_of
from dianke.customers.tests.cast import make_customer
from dianke.stores.tests.cast import Cast, make_cast

PEOPLE = 7
#: A story is short enough to read as it is; shortening it takes minutes.
AS_FOUND = [Phase.explicit, Phase.generate]
FULL = os.environ.get("DIANKE_FUZZ") == "full"
someone = st.integers(0, PEOPLE - 1)


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class MergeMachine(RuleBasedStateMachine):
    """`hangs_on[n]` is the customer n was joined to; `apart` the pairs somebody told apart."""

    cast: Cast
    owner: Actor

    @initialize()
    def begin(self) -> None:
        self.block = taken_back()
        self.block.__enter__()
        stores = [self.cast.lake, self.cast.road, self.cast.harbour]
        users = [self.cast["clerk"].user, self.cast["neighbour"].user, None]
        self.people = [
            make_customer(f"顾客{n}", f"138000{n + 1}1234", store=stores[n % 3], owner=users[n // 3])
            for n in range(PEOPLE)
        ]
        self.hangs_on: dict[int, int] = {}
        self.apart: set[frozenset[int]] = set()
        self.merges: dict[int, Merge] = {}  # by the one that was joined
        self.own = reach_of([each.pk for each in self.people])
        self.rows = self.what_belongs_to_whom()

    def teardown(self) -> None:
        if hasattr(self, "block"):
            self.block.__exit__(None, None, None)

    # --- the model ---------------------------------------------------------------------------------------------
    def head(self, n: int) -> int:
        while n in self.hangs_on:
            n = self.hangs_on[n]
        return n

    def profile(self, n: int) -> set[int]:
        return {each for each in range(PEOPLE) if self.head(each) == self.head(n)}

    def number(self, pk: int) -> int:
        return next(n for n, each in enumerate(self.people) if each.pk == pk)

    def what_belongs_to_whom(self) -> list[list[tuple[int, int]]]:
        models = (SourceRecord, ContactPoint)
        return [list(model.objects.order_by("pk").values_list("pk", "customer_id")) for model in models]

    # --- what is done ------------------------------------------------------------------------------------------
    @rule(kept=someone, joined=someone)
    def merge(self, kept: int, joined: int) -> None:
        try:
            with transaction.atomic():
                done = merge_customers(
                    kept=self.people[kept], joined=self.people[joined], actor=self.owner, now=NOW
                )
        except SameCustomer:
            assert kept == joined
            return
        except CannotMerge:
            sides = self.profile(kept), self.profile(joined)
            assert any(frozenset({one, other}) in self.apart for one in sides[0] for other in sides[1])
            return
        above, below = self.head(kept), self.head(joined)
        if above != below:
            self.hangs_on[below] = above
            self.merges[below] = done
        assert self.number(done.joined_id) in self.merges

    @rule(data=st.data(), by_hand=st.booleans())
    def separate(self, data: st.DataObject, by_hand: bool) -> None:
        if not self.merges:
            return
        joined = data.draw(st.sampled_from(sorted(self.merges)))
        unmerge(merge=self.merges.pop(joined), actor=self.owner if by_hand else SYSTEM, now=NOW)
        kept = self.hangs_on.pop(joined)
        if by_hand:
            self.apart.add(frozenset({kept, joined}))

    # --- what holds --------------------------------------------------------------------------------------------
    @invariant()
    def profiles_are_those_of_the_model(self) -> None:
        found = dict(Customer.objects.values_list("pk", "merged_into_id"))
        heads = {n: self.number(found[each.pk] or each.pk) for n, each in enumerate(self.people)}
        assert heads == {n: self.head(n) for n in range(PEOPLE)}

    @invariant()
    def nothing_changes_its_owner(self) -> None:
        assert self.what_belongs_to_whom() == self.rows

    @invariant()
    def whoever_serves_one_of_a_profile_and_nobody_else_sees_it(self) -> None:
        heads = {self.head(n) for n in range(PEOPLE)}
        now = reach_of([self.people[n].pk for n in heads])
        for n in heads:
            members = [self.own[self.people[each].pk] for each in self.profile(n)]
            found = now[self.people[n].pk]
            assert found.stores == frozenset().union(*(each.stores for each in members))
            assert found.people == frozenset().union(*(each.people for each in members))

    @invariant()
    def merges_that_stand_are_the_links(self) -> None:
        standing = Merge.objects.filter(undone_at=None).values_list("joined_id", "kept_id")
        assert {self.number(joined): self.number(kept) for joined, kept in standing} == self.hangs_on

    @invariant()
    def what_was_told_apart_is_remembered(self) -> None:
        pairs = MatchPair.objects.filter(state=PairState.DIFFERENT).values_list("left_id", "right_id")
        assert {frozenset({self.number(left), self.number(right)}) for left, right in pairs} == self.apart


@pytest.mark.django_db
def test_profiles_equal_a_plain_model_after_every_merge_and_separation(now):
    cast = make_cast(now)
    MergeMachine.cast, MergeMachine.owner = cast, cast.actor("owner")
    run_state_machine_as_test(
        MergeMachine,
        settings=settings(
            max_examples=300 if FULL else 12,
            stateful_step_count=40 if FULL else 18,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=AS_FOUND,
        ),
    )
    connection.check_constraints()
