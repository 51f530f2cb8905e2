"""Merging links and journals; separating takes along exactly what came. 林 leads the lake store, 黄 the harbour's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.customers.models import (
    Collaborator,
    Consent,
    ContactPoint,
    Customer,
    MatchPair,
    Merge,
    PairState,
    Relation,
    RelationKind,
    RequestKind,
    RightsRequest,
    SharedWith,
    SourceRecord,
    State,
)
from dianke.customers.operations.changes import change_customer
from dianke.customers.operations.merges import (
    CannotMerge,
    CustomerNotFound,
    MergeErased,
    MergeErasing,
    MergeNotFound,
    SameCustomer,
    merge_customers,
    unmerge,
)
from dianke.customers.operations.pairs import (
    PairDecided,
    PairNotDecided,
    PairNotFound,
    decide_pair,
    take_back_decision,
)
from dianke.customers.queries.comparing import accounts_of, preview_of
from dianke.customers.tests.cast import make_customer, second_partner
from dianke.events.models import Event
from dianke.ledger import queries as ledger
from dianke.ledger.tests.books import Books


@pytest.fixture
def merge(cast, now):
    """`merge(a, b)`: b becomes part of a, by the owner unless said otherwise."""

    def run(kept, joined, *, by="owner", at=now, **more):
        return merge_customers(kept=kept, joined=joined, actor=cast.actor(by), now=at, **more)

    return run


@pytest.fixture
def part(cast, now):
    def run(done, *, by="owner", at=now):
        return unmerge(merge=done, actor=cast.actor(by), now=at)

    return run


def head(customer: Customer) -> int:
    return Customer.objects.get(pk=customer.pk).head_id


def phones(head: str, count: int) -> list[str]:
    return [f"{head}{n}" for n in range(count)]


def problems(error) -> list[str]:
    return [problem.code for problem in error.value.problems]


def make_pair(one: Customer, other: Customer, now, *, state=PairState.WAITING, probability=0.8) -> MatchPair:
    left, right = sorted((one.pk, other.pk))
    return MatchPair.objects.create(
        left_id=left,
        right_id=right,
        probability=probability,
        weight=2.0,
        parts=[{"comparison": "name", "level": "exact", "weight": 6.5}],
        model_version="test",
        state=state,
        found_at=now,
    )


# --- merging -----------------------------------------------------------------------------------------------------
def test_merging_links_and_leaves_everything_with_the_customer_it_came_with(cast, merge):
    a = make_customer("王小明", "13812345678", store=cast.lake, consents={("MARKETING", "SMS"): True})
    b = make_customer("王小敏", "13912345678", store=cast.lake, consents={("MARKETING", "SMS"): False})
    owners = {
        model: dict(model.objects.values_list("pk", "customer_id"))
        for model in (ContactPoint, SourceRecord, Consent)
    }
    done = merge(a, b)
    assert (head(a), head(b)) == (a.pk, a.pk)
    assert (done.kept_id, done.joined_id, done.moved, done.why) == (a.pk, b.pk, [b.pk], "HAND")
    assert owners == {model: dict(model.objects.values_list("pk", "customer_id")) for model in owners}
    event = Event.objects.get(kind="customers.customers_merged")
    assert event.subjects == [f"customers.customer:{a.pk}", f"customers.customer:{b.pk}"]
    assert event.data == {"merge": done.pk, "why": "HAND", "joined": b.pk, "moved": [b.pk]}
    assert "王" not in str(done.before)


def test_the_profile_shows_what_survives_of_all_records_and_is_found_by_either_name(cast, merge, part, now):
    a = make_customer("王女士", "13812345678", store=cast.lake)
    b = make_customer("王美丽", "13912345678", store=cast.lake, now=now - timedelta(days=9))
    done = merge(a, b)
    a.refresh_from_db()
    assert a.name == "王美丽"
    assert list(Customer.objects.heads().filter(search_words__found_by="wml")) == [a]
    assert list(Customer.objects.heads().filter(search_words__found_by=b.member_number)) == [a]
    part(done)
    a.refresh_from_db()
    assert a.name == "王女士"
    assert list(Customer.objects.heads().filter(search_words__found_by="wml")) == [b]


def test_either_may_be_named_by_anybody_in_its_profile_and_no_chain_arises(cast, merge):
    a, b, c, d = (make_customer(name, store=cast.lake) for name in ("甲一", "乙一", "丙一", "丁一"))
    merge(a, b)
    merge(c, d)
    done = merge(b, d)
    assert {head(each) for each in (a, b, c, d)} == {a.pk}
    assert (done.kept_id, done.joined_id, done.moved) == (a.pk, c.pk, [c.pk, d.pk])


def test_merging_again_changes_nothing_and_gives_the_merge_that_stands(cast, merge):
    a, b, c = (make_customer(name, store=cast.lake) for name in ("甲一", "乙一", "丙一"))
    first = merge(a, b)
    second = merge(a, c)
    assert merge(b, a) == first
    assert merge(c, b) == second
    assert Event.objects.filter(kind="customers.customers_merged").count() == 2
    with pytest.raises(SameCustomer):
        merge(a, a)


@pytest.mark.parametrize(
    ("left", "right", "code"),
    [
        ({"unionid": "o1", "is_verified": True}, {"unionid": "o2", "is_verified": True}, "identities_differ"),
        ({"kind": "COMPANY"}, {"kind": "PERSON"}, "kinds_differ"),
        ({}, {"state": State.ERASING}, "erasure_pending"),
        ({}, {"state": State.ERASED}, "erased"),
        ({}, {"state": State.REMOVED}, "removed"),
        (
            {"phones": [f"1390000000{n}" for n in range(6)]},
            {"phones": [f"1380000000{n}" for n in range(1, 6)]},
            "too_many_values",
        ),
    ],
)
def test_what_forbids_a_merge_is_told_and_nothing_is_written(cast, merge, left, right, code):
    a, b = make_customer("甲一", store=cast.lake, **left), make_customer("乙一", store=cast.lake, **right)
    with pytest.raises(CannotMerge) as error:
        merge(a, b)
    assert problems(error) == [code]
    assert (head(a), head(b)) == (a.pk, b.pk)
    assert not Merge.objects.exists()


def test_an_open_request_of_erasure_blocks_merging(cast, merge, now):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.lake)
    RightsRequest.objects.create(
        customer=b, kind=RequestKind.ERASURE, channel="PORTAL", received_at=now, due_at=now
    )
    with pytest.raises(CannotMerge) as error:
        merge(a, b)
    assert problems(error) == ["erasure_pending"]


def test_identities_are_compared_over_everybody_in_both_profiles(cast, merge):
    a, c = make_customer("甲一", store=cast.lake), make_customer("丙一", store=cast.lake)
    merge(a, make_customer("乙一", unionid="o1", is_verified=True, store=cast.lake))
    merge(c, make_customer("丁一", unionid="o2", is_verified=True, store=cast.lake))
    with pytest.raises(CannotMerge) as error:
        merge(a, c)
    assert problems(error) == ["identities_differ"]


def test_two_who_are_married_are_not_one(cast, merge, now):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.lake)
    married = Relation.objects.create(customer=a, other=b, kind=RelationKind.SPOUSE, since=now)
    with pytest.raises(CannotMerge) as error:
        merge(b, a)
    assert problems(error) == ["related"]
    Relation.objects.filter(pk=married.pk).update(ended_at=now)
    assert merge(b, a).kept == b


def test_a_profile_holds_at_most_twenty_records(cast, merge):
    a = make_customer("甲一", store=cast.lake)
    for n in range(19):
        make_customer(f"并入{n}", store=cast.lake, merged_into=a)
    with pytest.raises(CannotMerge) as error:
        merge(a, make_customer("乙一", store=cast.lake))
    assert problems(error) == ["too_many_members"]


# --- who may, who sees -----------------------------------------------------------------------------------------------
def test_only_who_may_merge_and_sees_both_can_merge(cast, merge):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.harbour)
    with pytest.raises(PermissionRefused):
        merge(a, b, by="clerk")
    with pytest.raises(CustomerNotFound):
        merge(a, b, by="manager")
    assert merge(a, b, by="owner").kept == a


def test_whoever_served_the_joined_one_goes_on_seeing_the_profile_until_they_part(cast, merge, part):
    a = make_customer("甲一", store=cast.lake, owner=cast["clerk"].user)
    b = make_customer("乙一", store=cast.harbour, owner=cast["southerner"].user)
    seen = Customer.objects.visible_to(cast.actor("southerner")).heads()
    done = merge(a, b)
    assert list(seen.all()) == [a]
    part(done)
    assert list(seen.all()) == [b]
    assert not Collaborator.objects.exists()
    assert not SharedWith.objects.exists()


def test_a_separation_takes_no_sight_from_whom_another_part_of_the_profile_gives_it(cast, merge, part):
    a = make_customer("甲一", store=cast.lake)
    b, c = (make_customer(name, store=cast.harbour) for name in ("乙一", "丙一"))
    first = merge(a, b)
    second = merge(a, c)
    part(first)
    assert a in Customer.objects.visible_to(cast.actor("southerner"))
    part(second)
    assert a not in Customer.objects.visible_to(cast.actor("southerner"))


def test_sight_lent_through_a_merge_on_top_is_given_back_too(cast, merge, part):
    a, b = make_customer("甲一", store=cast.road), make_customer("乙一", store=cast.harbour)
    c = make_customer("丙一", store=cast.lake)
    first = merge(a, b)
    merge(c, a)
    assert set(SharedWith.objects.filter(customer=c).values_list("store_id", flat=True)) == {
        cast.road.pk,
        cast.harbour.pk,
    }
    part(first)
    assert list(SharedWith.objects.values_list("customer_id", "store_id")) == [(c.pk, cast.road.pk)]


def test_two_partners_customers_never_become_one(cast, merge):
    mine = make_customer("甲一", store=cast.lake, partner=cast.partner)
    theirs = make_customer("乙一", store=cast.lake, partner=second_partner())
    with pytest.raises(CannotMerge) as error:
        merge(mine, theirs)
    assert problems(error) == ["partners_differ"]


def test_a_rule_never_opens_a_partners_customer_to_others(cast, merge, now):
    kept, common = (
        make_customer("甲一", store=cast.lake, partner=cast.partner),
        make_customer("乙一", store=cast.lake),
    )
    with pytest.raises(CannotMerge) as error:
        merge_customers(kept=kept, joined=common, why="RULE", actor=SYSTEM, now=now)
    assert problems(error) == ["partner_decides"]
    assert merge(kept, common).why == "HAND"


# --- separating -------------------------------------------------------------------------------------------------------
def test_what_came_meanwhile_stays_with_the_customer_it_was_recorded_for(cast, merge, part, now):
    a, b = make_customer("王小明", store=cast.lake), make_customer("王小敏", store=cast.lake)
    done = merge(a, b)
    change_customer(customer=b, changes={"occupation": "教师"}, actor=cast.actor("owner"), now=now)
    assert Customer.objects.get(pk=a.pk).occupation == "教师"
    part(done)
    assert [Customer.objects.get(pk=each.pk).occupation for each in (a, b)] == ["教师", ""]
    assert SourceRecord.objects.filter(customer=a).count() == 2


def test_last_seen_goes_back_unless_something_happened_since(cast, merge, part, now):
    early, late = now - timedelta(days=90), now - timedelta(days=2)
    a, b = make_customer("甲一", store=cast.lake, now=early), make_customer("乙一", store=cast.lake, now=late)
    done = merge(a, b)
    assert Customer.objects.get(pk=a.pk).last_seen_at == late
    part(done)
    assert Customer.objects.get(pk=a.pk).last_seen_at == early
    c = make_customer("丙一", store=cast.lake, now=late)
    done = merge(a, c)
    Customer.objects.filter(pk=a.pk).update(last_seen_at=now)
    part(done)
    assert Customer.objects.get(pk=a.pk).last_seen_at == now


def test_a_merge_below_others_is_undone_alone_and_what_was_made_on_top_stays(cast, merge, part):
    a, b, c, d = (make_customer(name, store=cast.lake) for name in ("甲一", "乙一", "丙一", "丁一"))
    low = merge(b, c)
    middle = merge(a, b)
    top = merge(d, a)
    part(middle)
    assert {each.name: head(each) for each in (a, b, c, d)} == {
        "甲一": d.pk,
        "丁一": d.pk,
        "乙一": b.pk,
        "丙一": b.pk,
    }
    part(top)
    assert head(a) == a.pk
    part(low)
    assert [head(each) for each in (b, c)] == [b.pk, c.pk]


def test_undoing_twice_is_one_undoing(cast, merge, part):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.lake)
    done = merge(a, b)
    assert part(part(done)).undone_by == cast["owner"].user
    assert Event.objects.filter(kind="customers.customers_separated").count() == 1


@pytest.mark.parametrize(("state", "error"), [(State.ERASED, MergeErased), (State.ERASING, MergeErasing)])
def test_nothing_is_separated_of_a_profile_that_was_erased_or_is_about_to_be(cast, merge, part, state, error):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.lake)
    done = merge(a, b)
    Customer.objects.filter(pk=b.pk).update(state=state)
    with pytest.raises(error):
        part(done)
    assert head(b) == a.pk


def test_a_merge_out_of_sight_is_not_there(cast, merge, part):
    done = merge(make_customer("甲一", store=cast.harbour), make_customer("乙一", store=cast.harbour))
    with pytest.raises(MergeNotFound):
        part(done, by="manager")


def test_who_separated_two_by_hand_is_remembered_and_no_rule_joins_them_again(cast, merge, part, now):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.lake)
    part(merge(a, b))
    pair = MatchPair.objects.get()
    assert (pair.state, pair.decided_by) == (PairState.DIFFERENT, cast["owner"].user)
    with pytest.raises(CannotMerge) as error:
        merge_customers(kept=a, joined=b, why="RULE", actor=SYSTEM, now=now)
    assert problems(error) == ["told_apart"]
    take_back_decision(pair=pair, actor=cast.actor("owner"), now=now)
    assert merge(a, b).kept == a


def test_a_separation_by_the_system_is_not_remembered_as_a_decision(cast, now):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.lake)
    pair = make_pair(a, b, now)
    done = merge_customers(kept=a, joined=b, why="RULE", pair=pair, actor=SYSTEM, now=now)
    unmerge(merge=done, actor=SYSTEM, now=now)
    assert MatchPair.objects.get().state == PairState.WAITING


# --- accounts of later rooms -----------------------------------------------------------------------------------------
def test_what_a_later_room_keeps_stays_apart_and_separates_again(cast, merge, part, fake_room):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.lake)
    fake_room |= {a.pk: 320, b.pk: 88}
    before, *_profiles = preview_of(a.pk, b.pk, actor=cast.actor("owner"))
    assert [(line.kept, line.joined) for line in before.accounts] == [(("320 points",), ("88 points",))]
    done = merge(a, b)
    members = list(Customer.objects.cluster(a.pk).order_by("pk"))
    (line,) = accounts_of(members, [])
    assert line.kept == ("320 points", "88 points")
    fake_room[b.pk] += 12  # earned meanwhile on b's own account
    part(done)
    assert [accounts_of([each], [])[0].kept for each in (a, b)] == [("320 points",), ("100 points",)]


def test_points_in_the_ledger_are_never_added_into_one_account(cast, merge, part, now):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.lake)
    mine, theirs = (Books(now, holder=f"customers.customer:{each.pk}") for each in (a, b))
    mine.grant("a", 320, now + timedelta(days=300))
    theirs.grant("b", 88, now + timedelta(days=300))
    done = merge(a, b)
    cluster = [
        f"customers.customer:{pk}" for pk in Customer.objects.cluster(a.pk).values_list("pk", flat=True)
    ]
    accounts = [books.points for books in (mine, theirs) if books.holder in cluster]
    assert [ledger.balance(account) for account in accounts] == [320, 88]
    theirs.redeem("gift", 50)
    part(done)
    assert (ledger.balance(mine.points), ledger.balance(theirs.points)) == (320, 38)
    theirs.assert_lots((38, now + timedelta(days=300)))


# --- consent -----------------------------------------------------------------------------------------------------
def test_the_most_restrictive_consent_holds_for_the_one_and_both_histories_stay(cast, merge):
    a = make_customer("甲一", store=cast.lake, consents={("MARKETING", "SMS"): True, ("CARE", "ANY"): True})
    b = make_customer("乙一", store=cast.lake, consents={("MARKETING", "SMS"): False})
    shown, *_profiles = preview_of(a.pk, b.pk, actor=cast.actor("owner"))
    said = [(line.left, line.right, line.after) for line in shown.consents]
    assert said == [(True, False, False), (True, None, True)]
    merge(a, b)
    assert Consent.objects.filter(customer=a).count() == 2
    assert Consent.objects.filter(customer=b).count() == 1


# --- deciding ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def decide(cast, now):
    def run(pair, verdict, *, by="owner", **more):
        return decide_pair(pair=pair, verdict=verdict, actor=cast.actor(by), now=now, **more)

    return run


def test_saying_they_are_the_same_merges_into_the_better_one(cast, decide, now):
    a = make_customer("甲一", store=cast.lake)
    b = make_customer("乙一", store=cast.lake, unionid="o1", is_verified=True)
    pair = decide(make_pair(a, b, now), "SAME")
    assert (pair.state, pair.decided_by) == (PairState.LINKED, cast["owner"].user)
    done = Merge.objects.get()
    assert (done.kept, done.why, done.pair, done.by) == (b, "REVIEW", pair, cast["owner"].user)
    kinds = Event.objects.filter(kind__startswith="customers.").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["customers.customers_merged", "customers.pair_decided"]


def test_the_one_to_keep_can_be_named(cast, decide, now):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.lake)
    decide(make_pair(a, b, now), "SAME", kept=b)
    assert head(a) == b.pk


def test_a_service_agent_decides_pairs_without_being_allowed_to_merge(cast, decide, now):
    cast.hire("agent", "苏青", "SERVICE_AGENT", store=cast.lake)
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.lake)
    with pytest.raises(PermissionRefused):
        merge_customers(kept=a, joined=b, actor=cast.actor("agent"), now=now)
    decide(make_pair(a, b, now), "SAME", by="agent")
    assert head(b) == a.pk
    assert Merge.objects.get().by == cast["agent"].user


def test_not_the_same_is_remembered_for_every_record_of_both_profiles(cast, merge, decide, now):
    a, b, c = (make_customer(name, store=cast.lake) for name in ("甲一", "乙一", "丙一"))
    beside = make_pair(b, c, now)
    decide(make_pair(a, c, now), "DIFFERENT")
    merge(a, b)
    with pytest.raises(CannotMerge) as error:
        decide(beside, "SAME")
    assert problems(error) == ["told_apart"]


def test_pairs_between_the_same_two_profiles_are_settled_together(cast, merge, decide, now):
    a, b, c = (make_customer(name, store=cast.lake) for name in ("甲一", "乙一", "丙一"))
    merge(a, b)
    pairs = [make_pair(a, c, now), make_pair(b, c, now)]
    decide(pairs[0], "DIFFERENT")
    assert [MatchPair.objects.get(pk=pair.pk).state for pair in pairs] == [
        PairState.DIFFERENT,
        PairState.OUTDATED,
    ]
    take_back_decision(pair=pairs[0], actor=cast.actor("owner"), now=now)
    assert {pair.state for pair in MatchPair.objects.all()} == {PairState.WAITING}


def test_merging_settles_the_pairs_inside_the_new_profile_and_no_others(cast, merge, now):
    a, b, c = (make_customer(name, store=cast.lake) for name in ("甲一", "乙一", "丙一"))
    inside, outside = make_pair(a, b, now), make_pair(b, c, now)
    merge(a, b)
    assert [MatchPair.objects.get(pk=pair.pk).state for pair in (inside, outside)] == [
        PairState.OUTDATED,
        PairState.WAITING,
    ]


def test_taking_back_the_same_separates_and_lets_the_pair_wait_again(cast, decide, now):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.lake)
    pair = decide(make_pair(a, b, now), "SAME")
    pair = take_back_decision(pair=pair, actor=cast.actor("owner"), now=now)
    assert (pair.state, pair.decided_at, pair.decided_by) == (PairState.WAITING, None, None)
    assert head(b) == b.pk
    assert decide(pair, "SAME").state == PairState.LINKED


def test_a_pair_settled_by_another_merge_is_not_taken_back(cast, merge, now):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.lake)
    pair = make_pair(a, b, now)
    merge(a, b)
    with pytest.raises(PairNotDecided):
        take_back_decision(pair=pair, actor=cast.actor("owner"), now=now)


def test_the_second_decision_on_a_pair_is_told_so(cast, decide, now):
    pair = make_pair(make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.lake), now)
    decide(pair, "LATER")
    decide(pair, "LATER")
    decide(pair, "DIFFERENT")
    with pytest.raises(PairDecided):
        decide(pair, "SAME")
    assert Event.objects.filter(kind="customers.pair_decided").count() == 2


def test_a_pair_is_there_only_for_who_sees_both(cast, decide, now):
    pair = make_pair(make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.harbour), now)
    with pytest.raises(PairNotFound):
        decide(pair, "SAME", by="manager")
    with pytest.raises(PermissionRefused):
        decide(pair, "SAME", by="clerk")


# --- the preview -----------------------------------------------------------------------------------------------------
def test_the_preview_says_what_is_shown_who_sees_it_and_what_forbids_it(cast, now):
    a = make_customer("王女士", "13812345678", store=cast.lake, owner=cast["clerk"].user)
    b = make_customer(
        "王美丽", "13812345678", phones=["13912345678"], store=cast.road, now=now - timedelta(days=9)
    )
    shown, left, right = preview_of(a.pk, b.pk, actor=cast.actor("owner"))
    lines = {line.code: line for line in shown.lines}
    assert lines["name"].after == ("王美丽",)
    assert lines["PHONE"].after == ("138****5678", "139****5678")
    assert lines["member_number"].after == (a.member_number, b.member_number)
    assert lines["store"].after == (cast.lake.short_name,)
    assert [(seer.name, seer.is_new) for seer in shown.seers] == [
        (cast.lake.short_name, False),
        (cast.road.short_name, True),
        ("李想", False),
    ]
    assert shown.is_possible
    assert (left.customer, right.customer) == (a, b)
    done = merge_customers(kept=a, joined=b, actor=cast.actor("owner"), now=now)
    assert Customer.objects.get(pk=done.kept_id).name == lines["name"].after[0]


def test_comparing_costs_the_same_however_much_the_profiles_hold(cast, merge, django_assert_num_queries):
    def cost(a, b):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(
            connection,
        ) as seen:
            preview_of(a.pk, b.pk, actor=cast.actor("owner"))
        return len(seen)

    plain = cost(
        make_customer("甲一", "13812345670", store=cast.lake), make_customer("乙一", store=cast.lake)
    )
    full = [
        make_customer(
            "丙一",
            phones=[f"1381234567{n}" for n in range(5)],
            store=cast.lake,
            tags=["VIP", "老客"],
            birthday=(1990, 3, 5),
            address=("浙江省", "杭州市", "西湖区", "文三路1号"),
            consents={("MARKETING", "SMS"): True},
        )
        for _n in range(2)
    ]
    for customer in full:
        for n in range(3):
            merge(customer, make_customer(f"并入{n}", store=cast.road, email=f"a{n}@b.cn"))
    assert cost(*full) == plain
