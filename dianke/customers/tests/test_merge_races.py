"""Several people at the same moment, on real connections: no circles, chains or deadlocks, one decision per pair."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import IntegrityError, transaction

from dianke.core.actor import SYSTEM
from dianke.core.errors import DiankeError
from dianke.core.tests.racing import at_once
from dianke.customers.models import Customer, MatchPair, Merge, PairState
from dianke.customers.operations.locking import ProfilesBusy
from dianke.customers.operations.merges import merge_customers, unmerge
from dianke.customers.operations.pairs import PairDecided, decide_pair
from dianke.customers.tests.cast import make_customer

pytestmark = pytest.mark.django_db(transaction=True)


def join(kept, joined, now):
    return merge_customers(kept=kept, joined=joined, actor=SYSTEM, now=now)


def unexpected(results, *known: type[DiankeError]) -> list[object]:
    return [each for each in results if isinstance(each, Exception) and not isinstance(each, known)]


def links() -> dict[int, int]:
    return dict(Customer.objects.exclude(merged_into=None).values_list("pk", "merged_into_id"))


def test_without_the_locks_only_the_guard_at_the_end_refuses_a_circle(now):
    """The negative control: what two careless writers do."""
    a, b = make_customer("甲一"), make_customer("乙一")

    @transaction.atomic
    def careless() -> None:
        Customer.objects.filter(pk=a.pk).update(merged_into=b)
        Customer.objects.filter(pk=b.pk).update(merged_into=a)

    with pytest.raises(IntegrityError, match="merged itself"):
        careless()


def test_two_merges_in_opposite_order_make_one_profile(now):
    for n in range(15):
        a, b = make_customer(f"甲{n}"), make_customer(f"乙{n}")
        results = at_once(partial(join, a, b, now), partial(join, b, a, now))
        assert unexpected(results) == []
        assert len({each.pk for each in results}) == 1  # the second finds it done
        assert len({Customer.objects.get(pk=each.pk).head_id for each in (a, b)}) == 1


def test_a_ring_of_merges_at_once_makes_one_profile_without_chains(now):
    for _round in range(5):
        ring = [make_customer(f"环{n}") for n in range(5)]
        works = [partial(join, one, other, now) for one, other in zip(ring, ring[1:] + ring[:1], strict=True)]
        assert unexpected(at_once(*works), ProfilesBusy) == []
        heads = {Customer.objects.get(pk=each.pk).head_id for each in ring}
        assert len(heads) == 1
        assert not heads & set(links())


def test_merging_and_separating_at_once_end_in_a_sound_profile(now):
    for n in range(8):
        a, b, c = (make_customer(f"{name}{n}") for name in "甲乙丙")
        first = join(a, b, now)
        results = at_once(
            partial(join, c, a, now),
            partial(unmerge, merge=first, actor=SYSTEM, now=now),
            partial(join, b, c, now),
        )
        assert unexpected(results, ProfilesBusy) == []
        standing = dict(Merge.objects.filter(undone_at=None).values_list("joined_id", "kept_id"))

        def root(pk: int, standing: dict[int, int] = standing) -> int:
            while pk in standing:
                pk = standing[pk]
            return pk

        for each in (a, b, c):
            assert Customer.objects.get(pk=each.pk).head_id == root(each.pk)


def test_of_two_decisions_on_a_pair_one_holds(now):
    for n in range(8):
        a, b = make_customer(f"甲{n}"), make_customer(f"乙{n}")
        pair = MatchPair.objects.create(
            left=a, right=b, probability=0.8, weight=2, model_version="test", found_at=now
        )
        decide = partial(decide_pair, pair=pair, actor=SYSTEM, now=now)
        results = at_once(partial(decide, verdict="SAME"), partial(decide, verdict="DIFFERENT"))
        assert unexpected(results, PairDecided) == []
        assert sum(isinstance(each, PairDecided) for each in results) == 1
        pair.refresh_from_db()
        is_joined = Customer.objects.get(pk=a.pk).head_id == Customer.objects.get(pk=b.pk).head_id
        assert is_joined == (pair.state == PairState.LINKED)
