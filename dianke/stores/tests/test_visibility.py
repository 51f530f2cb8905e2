"""Who sees what: grants from postings, and rows narrowed by them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dianke.access.models import User
from dianke.core.actor import ANONYMOUS, RowScope
from dianke.stores import operations
from dianke.stores.models import (
    CalendarDay,
    Holding,
    LegalEntity,
    Partner,
    Posting,
    Region,
    Register,
    Staff,
    StockPlace,
    Store,
)
from dianke.stores.queries import context_words, grants_of, grants_of_many, store_names, users_at
from dianke.stores.tests.cast import role_named

#: Person -> codes of the stores they reach.
REACH = {
    "admin": {"HZ01", "HZ02", "SZ01"},
    "owner": {"HZ01", "HZ02", "SZ01"},
    "auditor": {"HZ01", "HZ02", "SZ01"},
    "region": {"HZ01", "HZ02"},  # 杭州 lies within 华东
    "manager": {"HZ01"},
    "clerk": {"HZ01"},
    "southerner": {"SZ01"},
    "shen": {"HZ01", "HZ02"},  # partner of 云裳, which owns both
}
STAFF = {
    "owner": {"admin", "owner", "auditor", "region", "manager", "clerk", "neighbour", "southerner", "shen"},
    "region": {"region", "manager", "clerk", "neighbour"},
    "manager": {"manager", "clerk"},
    "clerk": {"manager", "clerk"},
    "southerner": {"southerner"},
    "shen": {"shen", "manager", "clerk", "neighbour"},
}


@pytest.mark.parametrize("username", REACH)
def test_rows_of_stores_follow_the_postings(cast, username):
    actor = cast.actor(username)
    assert set(Store.objects.visible_to(actor).values_list("code", flat=True)) == REACH[username]
    for model in (Register, StockPlace):
        found = model.objects.visible_to(actor).values_list("store__code", flat=True)
        assert set(found) == REACH[username]


@pytest.mark.parametrize("username", STAFF)
def test_people_are_seen_at_the_stores_one_reaches_and_oneself_always(cast, username):
    actor = cast.actor(username)
    assert set(Staff.objects.visible_to(actor).values_list("user__username", flat=True)) == STAFF[username]
    posted = set(Posting.objects.visible_to(actor).values_list("staff__user__username", flat=True))
    assert posted <= STAFF[username]


def test_entities_regions_and_shares_are_narrowed_too(cast, now):
    regions = {"owner": {"华东", "杭州", "华南"}, "region": {"华东", "杭州"}, "southerner": {"华南"}}
    for username, names in regions.items():
        actor = cast.actor(username)
        assert set(Region.objects.visible_to(actor).values_list("name", flat=True)) == names
    for username, names in {"manager": {"云裳"}, "southerner": {"海蓝"}, "auditor": {"云裳", "海蓝"}}.items():
        actor = cast.actor(username)
        assert set(LegalEntity.objects.visible_to(actor).values_list("short_name", flat=True)) == names
    for username, count in {"owner": 1, "auditor": 1, "shen": 1, "manager": 0, "region": 0}.items():
        actor = cast.actor(username)
        assert Holding.objects.visible_to(actor).count() == count
        assert Partner.objects.visible_to(actor).count() == count


def test_marks_of_other_stores_stay_theirs(cast, system, now):
    for store in (cast.lake, cast.harbour, None):
        operations.mark_day(store=store, day=now.date(), kind="CLOSED", actor=system, now=now)
    seen = CalendarDay.objects.visible_to(cast.actor("manager"))
    assert {mark.store_id for mark in seen} == {cast.lake.pk, None}


def test_nobody_signed_in_sees_nothing(cast):
    for model in (Store, Staff, Register, StockPlace, LegalEntity, Region, Posting, Holding, Partner):
        assert not model.objects.visible_to(ANONYMOUS).exists()


def test_grants_begin_and_end_with_the_merchants_day(cast, system, now):
    clerk = cast["clerk"]
    tomorrow = now.date() + timedelta(days=1)
    operations.end_posting(posting=clerk.postings.get(), to_date=tomorrow, actor=system, now=now)
    before_midnight = now.replace(hour=15, minute=59)
    assert grants_of(clerk.user, now=before_midnight)
    assert grants_of(clerk.user, now=before_midnight + timedelta(minutes=1)) == []


def test_a_grant_says_role_rows_and_stores(cast, now):
    (grant,) = grants_of(cast["clerk"].user, now=now)
    assert (grant.role, grant.scope, grant.store_ids) == ("CLERK", RowScope.OWN, frozenset({cast.lake.pk}))
    (grant,) = grants_of(cast["owner"].user, now=now)
    assert (grant.scope, grant.store_ids) == (RowScope.ALL, None)


def test_grants_cost_the_same_however_many_postings_and_people(cast, system, now, django_assert_num_queries):
    who = {"actor": system, "now": now}
    with django_assert_num_queries(2):  # the merchant's zone; postings with their roles
        grants_of(cast["clerk"].user, now=now)
    for region in (cast.south, cast.city):
        operations.post_staff(
            staff=cast["clerk"],
            role=role_named("REGIONAL_MANAGER"),
            region=region,
            from_date=now.date(),
            **who,
        )
    with django_assert_num_queries(4):  # and the stores with region and entity; the tree of regions
        grants_of(cast["clerk"].user, now=now)
    with django_assert_num_queries(5):  # and the people asked for
        found = grants_of_many(User.objects.all(), now=now)
    assert len(found[cast["clerk"].user_id]) == 3
    assert found[cast["owner"].user_id] == grants_of(cast["owner"].user, now=now)


def test_access_is_told_who_works_where_and_which_words_everybody_knows(cast):
    assert users_at({cast.road.pk}) == {cast["neighbour"].user_id}
    assert cast["region"].user_id in users_at(None)
    assert {"云裳美业", "西湖店", "西湖"} <= set(context_words())


def test_closed_stores_leave_the_switcher(cast, system, now):
    who = {"actor": system, "now": now}
    operations.end_posting(posting=cast["southerner"].postings.get(), to_date=now.date(), **who)
    operations.close_store(store=cast.harbour, closed_on=now.date(), **who)
    assert list(store_names(None).values()) == ["西湖", "武林路"]
    assert store_names({cast.harbour.pk, cast.road.pk}) == {cast.road.pk: "武林路"}
