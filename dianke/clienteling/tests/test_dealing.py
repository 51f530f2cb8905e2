"""Who is given whom: properties of the pure rule over random worlds."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given as of
from hypothesis import strategies as st

from dianke.clienteling.rules.dealing import Candidate, deal

USERS = (1, 2, 3, 4)


@st.composite
def worlds(draw):
    """A store or two, some partners, people of whom each sees some."""
    sees = st.frozensets(st.sampled_from(USERS))
    count = draw(st.integers(0, 40))
    candidates = []
    for number in range(1, count + 1):
        seen = draw(sees)
        candidates.append(
            Candidate(
                customer=number,
                weight=draw(st.integers(30, 120)),
                store=draw(st.sampled_from([1, 2])),
                partner=draw(st.sampled_from([0, 7, 8])),
                promised=draw(st.sampled_from([0, 0, 0, *USERS])),
                owner=draw(st.sampled_from([0, 0, *USERS, 9])),
                sees=seen,
                may=frozenset(draw(st.sets(st.sampled_from(sorted(seen))))) if seen else frozenset(),
            )
        )
    free = {user: draw(st.integers(0, 8)) for user in USERS}
    return candidates, free


@of(worlds())
def test_nobody_gets_somebody_twice_too_many_or_whom_they_may_not_see(world):
    candidates, free = world
    by_id = {one.customer: one for one in candidates}
    dealt = deal(candidates, free, salt="2026-11-21")
    assert len({each.customer for each in dealt}) == len(dealt)
    for user, count in Counter(each.user for each in dealt).items():
        assert count <= free[user]
    for each in dealt:
        one = by_id[each.customer]
        assert each.user in one.sees
        assert each.why != "SHARE" or each.user in one.may


@of(worlds())
def test_whoever_promised_or_looks_after_somebody_comes_before_all_others(world):
    candidates, free = world
    dealt = {each.customer: each for each in deal(candidates, free, salt="s")}
    for one in candidates:
        kept_by = next(
            (user for user in (one.promised, one.owner) if user in free and user in one.sees), None
        )
        if kept_by is None:
            assert one.customer not in dealt or dealt[one.customer].why == "SHARE"
        elif one.customer in dealt:
            assert dealt[one.customer].user == kept_by
        else:  # only for want of a place, and then whoever has one weighs no less
            own = [
                by.customer
                for by in candidates
                if by.customer in dealt and dealt[by.customer].user == kept_by
            ]
            weights = {each.customer: each.weight for each in candidates}
            assert len(own) == free[kept_by]
            assert all(weights[pk] >= one.weight for pk in own)


@of(worlds())
def test_the_same_world_makes_the_same_lists_whatever_the_order_it_is_told_in(world):
    candidates, free = world
    assert deal(candidates, free, salt="s") == deal(list(reversed(candidates)), free, salt="s")


@of(
    st.lists(st.integers(1, 30), min_size=1, max_size=5),
    st.integers(0, 40),
    st.integers(1, 4),
)
def test_every_partners_customers_get_their_share(sizes, places, people):
    """Where everybody sees everybody: no partner gets more than its quota rounded up, each gets one before any gets a
    second, and of two partners the one with more customers never gets fewer."""
    users = frozenset(range(1, people + 1))
    candidates = [
        Candidate(
            customer=100 * partner + number,
            weight=50 + (number * 7) % 40,
            partner=partner,
            sees=users,
            may=users,
        )
        for partner, size in enumerate(sizes, 1)
        for number in range(size)
    ]
    free = {user: places // people + (user <= places % people) for user in users}
    dealt = deal(candidates, free, salt="s")
    total = min(places, len(candidates))
    assert len(dealt) == total
    got = Counter(each.customer // 100 for each in dealt)
    for partner, size in enumerate(sizes, 1):
        assert got[partner] <= ceil(Fraction(total * size, sum(sizes)))
        assert got[partner] >= 1 or total < len(sizes)
    for one, size in enumerate(sizes, 1):
        for other, larger in enumerate(sizes, 1):
            assert size >= larger or got[one] <= got[other] or total < len(sizes)


@of(st.integers(1, 4), st.integers(1, 30))
def test_shared_customers_are_spread_evenly_over_people(people, count):
    users = frozenset(range(1, people + 1))
    candidates = [Candidate(customer=n, weight=50, sees=users, may=users) for n in range(count)]
    got = Counter(each.user for each in deal(candidates, dict.fromkeys(users, 30), salt="s"))
    assert max(got.values()) - min(got.get(user, 0) for user in users) <= 1


@pytest.mark.parametrize(
    ("sizes", "places", "given"), [((16, 4, 0), 10, (8, 2, 0)), ((16, 1, 1), 3, (1, 1, 1))]
)
def test_the_table_of_the_documentation(sizes, places, given):
    users = frozenset({1})
    candidates = [
        Candidate(
            customer=100 * partner + number, weight=90 - partner, partner=partner, sees=users, may=users
        )
        for partner, size in enumerate(sizes)
        for number in range(size)
    ]
    got = Counter(each.customer // 100 for each in deal(candidates, {1: places}, salt="s"))
    assert tuple(got[partner] for partner in range(3)) == given


def test_within_a_partner_the_heaviest_come_first():
    users = frozenset({1})
    candidates = [Candidate(customer=n, weight=n, partner=n % 2, sees=users, may=users) for n in range(1, 21)]
    dealt = deal(candidates, {1: 6}, salt="s")
    by_partner = defaultdict(list)
    for each in dealt:
        by_partner[each.customer % 2].append(each.customer)
    assert by_partner == {0: [20, 18, 16], 1: [19, 17, 15]}
