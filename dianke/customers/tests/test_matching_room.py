"""What the room does with the engine's verdicts: pairs for review, joining what is sure, never what was told apart."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer, MatchPair, Merge, PairState, State
from dianke.customers.operations.entry import enter_customer
from dianke.customers.operations.matching import link_sure_pairs, note_candidates
from dianke.customers.operations.nightly import match_in_bulk
from dianke.customers.queries.matching import candidates_for, told_apart
from dianke.customers.queries.snapshots import record_of
from dianke.customers.rules.entry import DateEntry, Entry, PhoneEntry
from dianke.customers.tests.cast import make_customer
from dianke.events.models import Event
from dianke.events.testing import deliver_events

PHONE = "13812345678"
STRANGERS = """张建国 李秀英 赵敏 周杰 吴桂花 郑成功 孙悟空 冯小刚 陈道明 褚时健 卫青 蒋欣 沈腾 韩红 杨幂
朱军 秦岚 尤勇 许晴 何炅"""
pytestmark = pytest.mark.django_db


def twice(cast, **more):
    """One person entered twice, with nothing to doubt."""
    told = {"birthday": (1990, 3, 5), "gender": "F", "email": "ou@example.com", "store": cast.lake} | more
    return make_customer("欧阳若曦", PHONE, **told), make_customer("欧阳若曦", PHONE, **told)


def test_a_profile_is_compared_as_one_record_over_everybody_in_it(cast):
    head = make_customer(
        "王小明",
        PHONE,
        store=cast.lake,
        birthday=(1990, 3, 5),
        address=("浙江省", "杭州市", "西湖区", "文三路90号"),
    )
    joined = make_customer(
        "王小明", "13912345678", merged_into=head, contacts={"DOCUMENT": "11010519491231002X"}
    )
    found = record_of([joined.pk])
    record = found[head.pk]
    assert set(record.phones) == {"+8613812345678", "+8613912345678"}
    assert (record.birth.year, record.street, record.city) == (1990, "文三路90号", "杭州市")
    assert record.document
    assert "11010519491231002X" not in record.document
    assert record.member_number == ""


def test_opening_profiles_costs_the_same_for_one_and_for_many(cast, django_assert_num_queries):
    people = [make_customer(f"王{n}", f"138123456{n:02}", store=cast.lake) for n in range(9)]
    for wanted in (people[:1], people):
        with django_assert_num_queries(5):
            assert len(record_of([one.pk for one in wanted])) == len(wanted)


def test_candidates_are_who_shares_a_key_or_a_name_in_whatever_script(cast):
    one = make_customer("张伟", PHONE, store=cast.lake)
    by_phone = make_customer("李四", PHONE, store=cast.lake)
    by_name = make_customer("張偉", "13912345678", store=cast.lake)
    make_customer("赵六", "13712345678", store=cast.lake)
    make_customer("张伟", "13612345678", store=cast.lake, state=State.ERASING)
    assert set(candidates_for(one)) == {by_phone.pk, by_name.pk}


def test_likely_pairs_wait_for_a_person_and_keep_no_values(cast, now):
    one = make_customer("王小明", PHONE, store=cast.lake)
    make_customer("王小敏", PHONE, store=cast.lake, birthday=(1990, 3, 5))
    (pair,) = note_candidates(customer=one, actor=SYSTEM, now=now)
    assert pair.state == PairState.WAITING
    kept = json.dumps(pair.parts, ensure_ascii=False)
    assert not [value for value in ("王", "5678", "1990") if value in kept]
    event = Event.objects.get(kind="customers.candidates_noted")
    assert event.data == {"pairs": [pair.pk]}
    again = note_candidates(customer=one, actor=SYSTEM, now=now + timedelta(minutes=1))
    assert again == [pair]


def test_what_was_told_apart_is_never_proposed_again(cast, now):
    one, other = twice(cast)
    (pair,) = note_candidates(customer=one, actor=SYSTEM, now=now)
    MatchPair.objects.filter(pk=pair.pk).update(state=PairState.DIFFERENT)
    assert note_candidates(customer=one, actor=SYSTEM, now=now) == []
    # Not even when one of them is somebody else's profile by now.
    head = make_customer("欧阳若曦", PHONE, store=cast.lake)
    Customer.objects.filter(pk=other.pk).update(merged_into=head)
    assert note_candidates(customer=one, actor=SYSTEM, now=now) == []
    assert told_apart() == {(one.pk, head.pk)}


def test_what_is_sure_becomes_one_profile_and_can_be_separated(cast, now):
    one, other = twice(cast)
    pairs = note_candidates(customer=one, actor=SYSTEM, now=now)
    assert link_sure_pairs(pairs, actor=SYSTEM, now=now) == 1
    other.refresh_from_db()
    assert other.merged_into == one
    merge = Merge.objects.get()
    assert (merge.why, merge.by, merge.pair_id) == ("RULE", None, pairs[0].pk)


def test_a_family_with_one_number_is_not_joined(cast, now):
    father = make_customer("王建国", PHONE, store=cast.lake, birthday=(1960, 1, 1), gender="M")
    make_customer("王若曦", PHONE, store=cast.lake, birthday=(1990, 3, 5), gender="F")
    pairs = note_candidates(customer=father, actor=SYSTEM, now=now)
    assert link_sure_pairs(pairs, actor=SYSTEM, now=now) == 0
    assert not Merge.objects.exists()


def test_different_verified_identities_are_not_even_a_pair(cast, now):
    one = make_customer("王小明", PHONE, unionid="oA-1", store=cast.lake)
    make_customer("王小明", PHONE, unionid="oB-2", store=cast.lake)
    assert note_candidates(customer=one, actor=SYSTEM, now=now) == []


def test_right_behind_an_entry_the_reaction_looks_and_joins(cast, now):
    make_customer(
        "欧阳若曦",
        "13912345678",
        store=cast.lake,
        birthday=(1990, 3, 5),
        gender="F",
        email="ou@example.com",
        address=("浙江省", "杭州市", "西湖区", "文三路90号"),
    )
    made = enter_customer(
        entry=Entry(
            name="歐陽若曦",
            phones=(PhoneEntry(PHONE),),
            gender="F",
            birthday=DateEntry.parse("1990-3-5"),
        ),
        channel="COUNTER",
        store=cast.lake,
        actor=cast.actor("clerk"),
        now=now,
    )
    assert made.pairs == []
    deliver_events(now=now)
    assert MatchPair.objects.count() == 1


def test_at_night_everybody_is_compared_and_the_sure_ones_joined(cast, now):
    one, other = twice(cast)
    strangers = STRANGERS.split()
    for number, name in enumerate(strangers):
        make_customer(name, f"13{number % 9 + 1}{(number + 3) * 7654321 % 10**8:08}", store=cast.lake)
    run = match_in_bulk(actor=SYSTEM, now=now)
    other.refresh_from_db()
    assert (run.profiles, other.head_id) == (22, one.pk)
    assert run.joined == 1
    again = match_in_bulk(actor=SYSTEM, now=now + timedelta(days=1))
    assert (again.profiles, again.joined) == (21, 0)


def test_who_was_entered_as_somebody_else_is_never_joined_by_rule(now, system):
    """The clerk stood before the customer; a rule only read the names."""
    here = make_customer("罗绮云", "13812345678", birthday=(1990, 3, 5))
    entered = enter_customer(
        entry=Entry(
            name="罗琦云", phones=(PhoneEntry(text="13812345678"),), birthday=DateEntry.parse("1990-3-5")
        ),
        channel="COUNTER",
        store=None,
        as_new=True,
        actor=system,
        now=now,
    )
    (pair,) = entered.pairs
    assert {pair.left_id, pair.right_id} == {here.pk, entered.customer.pk}
    assert link_sure_pairs([pair], actor=system, now=now) == 0
    pair.refresh_from_db()
    assert (pair.state, pair.needs_person) == ("WAITING", True)
