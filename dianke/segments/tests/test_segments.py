"""Segments as people use them: made, changed, kept as a list, refreshed, compared, explained, refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict

from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.customers.models import Customer, State
from dianke.customers.operations.merges import merge_customers, unmerge
from dianke.customers.tests.cast import make_customer
from dianke.customers.views.listings import CustomerListing
from dianke.events.models import Event
from dianke.insight.models import ContactPreference
from dianke.segments import operations
from dianke.segments.models import Segment, SegmentCount, SegmentMember
from dianke.segments.operations.refreshing import is_due
from dianke.segments.operations.segments import (
    NameMissing,
    NoRules,
    NotYours,
    PutAway,
    ScheduleWithoutList,
    StoresNotYours,
)
from dianke.segments.queries import counting
from dianke.segments.queries.compiling import checked
from dianke.segments.queries.members import count_of, is_in, members, overlaps, rules_of, segments_kept
from dianke.segments.queries.wording import Wording
from dianke.segments.rules.language import LanguageUnknown, RulesTooDeep, RuleUnreadable, TooManyRules, read
from dianke.segments.rules.starts import STARTS, starts_for
from dianke.segments.rules.values import FieldNotYours, FieldUnknown, NotDays, ValueMissing
from dianke.stores.tests.cast import Cast

pytestmark = pytest.mark.django_db
WOMEN = {"all": [{"field": "profile.gender", "op": "in", "value": ["F"]}]}
SILVER = {"all": [{"field": "profile.level", "op": "in", "value": ["银卡"]}]}


def who(actor: Any, now: datetime) -> dict[str, Any]:
    return {"actor": actor, "now": now}


@pytest.fixture
def people(cast: Cast, now: datetime) -> dict[str, Customer]:
    return {
        "rose": make_customer("玫瑰", gender="F", level="银卡", store=cast.lake),
        "iris": make_customer("鸢尾", gender="F", store=cast.harbour),
        "oak": make_customer("橡树", gender="M", level="银卡", store=cast.lake),
        "gone": make_customer("离开", gender="F", state=State.ERASED),
    }


def make(cast: Cast, now: datetime, by: str = "owner", **values: Any) -> Segment:
    return operations.make_segment(
        values={"name": "女客", "rules": WOMEN} | values, **who(cast.actor(by), now)
    )


def test_a_segment_is_worked_out_when_it_is_made(cast, now, people):
    segment = make(cast, now)
    assert segment.member_count == 2
    assert SegmentCount.objects.get().count == 2
    assert set(members(segment, actor=SYSTEM, at=now)) == {people["rose"], people["iris"]}
    assert Event.objects.filter(kind="segments.segment_made").count() == 1


def test_whom_one_may_not_see_is_neither_counted_nor_listed(cast, now, people):
    segment = make(cast, now, is_shared=True)
    manager = cast.actor("manager")  # of the lake
    assert count_of(segment, actor=manager, at=now) == 1
    assert list(members(segment, actor=manager, at=now)) == [people["rose"]]


def test_a_list_keeps_whom_it_held_until_it_is_taken_anew(cast, now, people):
    segment = make(cast, now)
    segment = operations.convert_segment(segment=segment, kind="SNAPSHOT", **who(cast.actor("owner"), now))
    Customer.objects.filter(pk=people["oak"].pk).update(gender="F")
    assert count_of(segment, actor=SYSTEM, at=now) == 2
    segment = operations.refresh_segment(segment=segment, **who(cast.actor("owner"), now))
    assert count_of(segment, actor=SYSTEM, at=now) == 3
    assert Event.objects.get(kind="segments.segment_refreshed").data["came"] == 1


def test_a_member_of_a_list_stays_through_a_merge_and_its_undoing(cast, now, people):
    segment = make(cast, now)
    segment = operations.convert_segment(segment=segment, kind="SNAPSHOT", **who(cast.actor("owner"), now))
    merge = merge_customers(kept=people["oak"], joined=people["rose"], **who(cast.actor("owner"), now))
    assert set(members(segment, actor=SYSTEM, at=now)) == {people["oak"], people["iris"]}
    assert is_in(people["rose"].pk, segment, at=now)
    unmerge(merge=merge, **who(cast.actor("owner"), now))
    assert set(members(segment, actor=SYSTEM, at=now)) == {people["rose"], people["iris"]}
    assert not is_in(people["oak"].pk, segment, at=now)


def test_who_left_goes_and_who_came_is_added(cast, now, people):
    segment = make(cast, now)
    Customer.objects.filter(pk=people["iris"].pk).update(gender="M")
    later = now + timedelta(days=1)
    row = operations.refresh_due(segment=segment, **who(SYSTEM, later))
    assert row.member_count == 1
    assert segments_kept(people["iris"].pk, [segment.pk]) == set()
    assert segments_kept(people["rose"].pk, [segment.pk]) == {segment.pk}
    assert list(SegmentCount.objects.order_by("on").values_list("count", flat=True)) == [2, 1]


def test_lists_are_taken_by_their_schedule():
    monday, first = date(2026, 11, 23), date(2026, 12, 1)
    due = {
        schedule: [is_due(Segment(kind="SNAPSHOT", schedule=schedule), day) for day in (monday, first)]
        for schedule in ("", "DAILY", "WEEKLY", "MONTHLY")
    }
    assert due == {
        "": [False, False],
        "DAILY": [True, True],
        "WEEKLY": [True, False],
        "MONTHLY": [False, True],
    }
    assert is_due(Segment(kind="DYNAMIC"), monday)


def test_put_away_and_brought_back(cast, now, people):
    segment = make(cast, now)
    owner = who(cast.actor("owner"), now)
    operations.archive_segment(segment=segment, **owner)
    with pytest.raises(PutAway):
        operations.change_segment(segment=segment, values={"name": "别名"}, **owner)
    assert operations.restore_segment(segment=segment, **owner).archived_at is None
    assert operations.change_segment(segment=segment, values={"name": "别名"}, **owner).name == "别名"


def test_who_may_what(cast, now, people):
    mine = make(cast, now, by="manager")
    assert mine.store_ids == [cast.lake.pk]  # of one's own stores
    assert not Segment.objects.visible_to(cast.actor("clerk")).exists()
    with pytest.raises(PermissionRefused):
        make(cast, now, by="clerk")
    with pytest.raises(StoresNotYours):
        make(cast, now, by="manager", store_ids=[cast.harbour.pk])
    shared = make(cast, now, is_shared=True)
    assert set(Segment.objects.visible_to(cast.actor("clerk"))) == {shared}
    with pytest.raises(NotYours):
        operations.change_segment(segment=shared, values={"name": "我的"}, **who(cast.actor("manager"), now))
    copy = operations.copy_segment(segment=shared, name="我的", **who(cast.actor("manager"), now))
    assert copy.store_ids == [cast.lake.pk]
    assert not copy.is_shared


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"name": " "}, NameMissing),
        ({"rules": {"all": []}}, NoRules),
        ({"schedule": "DAILY"}, ScheduleWithoutList),
        ({"rules": {"some": []}}, RuleUnreadable),
        ({"rules": {"field": "nothing", "op": "in", "value": ["F"]}}, FieldUnknown),
        ({"rules": {"field": "profile.gender", "op": "in", "value": []}}, ValueMissing),
        ({"rules": {"field": "visits.seen", "op": "last", "value": "bald"}}, NotDays),
        ({"rules": {"all": [WOMEN["all"][0]] * 41}}, TooManyRules),
        ({"rules": {"all": [{"all": [{"all": [{"all": [{"all": [{"all": []}]}]}]}]}]}}, RulesTooDeep),
    ],
)
def test_what_is_wrong_is_named(cast, now, values, error):
    with pytest.raises(error):
        make(cast, now, **values)


def test_rules_of_a_later_language_are_refused():
    with pytest.raises(LanguageUnknown):
        read(WOMEN, language=2)


def test_what_one_may_not_ask_about_is_refused(cast, now):
    margin = {"all": [{"field": "metrics.margin", "op": "gte", "value": 100}]}
    with pytest.raises(FieldNotYours):
        checked(read(margin), now=now, actor=cast.actor("clerk"))


def test_where_people_answer_is_asked_of_what_the_night_told(cast, now, people):
    rows = [("rose", "SMS"), ("iris", "EMAIL")]
    for name, channel in rows:
        ContactPreference.objects.create(
            customer_id=people[name].pk, channel=channel, message_count=6, answer_count=4
        )

    def found(op, *channels):
        rules = {"all": [{"field": "metrics.answers", "op": op, "value": list(channels)}]}
        segment = make(cast, now, name=f"{op}{channels}", rules=rules)
        return set(members(segment, actor=SYSTEM, at=now))

    assert found("in", "SMS") == {people["rose"]}
    assert found("in", "SMS", "EMAIL") == {people["rose"], people["iris"]}
    assert people["rose"] not in found("not_in", "SMS")
    rules = read({"all": [{"field": "metrics.answers", "op": "in", "value": ["SMS"]}]})
    with pytest.raises(FieldNotYours):
        checked(rules, now=now, actor=cast.actor("clerk"))


def test_what_is_typed_is_a_parameter(now, people):
    evil = "'; DROP TABLE segments_segment; --"
    rules = checked(read({"all": [{"field": "profile.campaign", "op": "contains", "value": evil}]}), now=now)
    part = counting.statement(rules, SYSTEM)
    assert evil not in part.sql
    assert evil in part.params
    assert counting.count(rules, SYSTEM) == 0


def test_overlaps_count_each_way_to_be_in_some(cast, now, people):
    women, silver = make(cast, now), make(cast, now, name="银卡", rules=SILVER)
    found = overlaps([women, silver], actor=SYSTEM, at=now)
    assert found == {
        frozenset({women.pk}): 1,
        frozenset({silver.pk}): 1,
        frozenset({women.pk, silver.pk}): 1,
    }


def test_why_says_what_the_person_has(cast, now, people):
    tree = {"all": [*WOMEN["all"], {"field": "visits.seen", "op": "last", "value": 30}]}
    segment = make(cast, now, rules=tree)
    rules = rules_of(segment, now=now)
    found = counting.explain(rules, [people["rose"].pk, people["oak"].pk])
    assert [row.holds for row in found[people["rose"].pk]] == [True, True]
    assert [row.holds for row in found[people["oak"].pk]] == [False, True]
    said = Wording(cast.actor("owner")).why(rules, found[people["rose"].pk])
    assert said[0]["text"] == "性别为女"
    assert said[0]["own"] == "女"
    assert said[1]["text"] == "最近到店在最近 30 天内"


def test_a_tree_is_a_sentence(now):
    tree = {
        "all": [
            *WOMEN["all"],
            {"any": [{"field": "metrics.orders", "op": "gte", "value": 2}, *SILVER["all"]]},
            {"field": "bought", "op": "bought", "value": {"days": 90, "measure": "amount", "least": 50000}},
        ]
    }
    rules = checked(read(tree), now=now)
    text = Wording().sentence(rules.root)
    assert text == "性别为女，且（订单不少于 2 次，或等级为银卡），且最近 90 天买过满 ¥500"


def test_a_list_of_customers_can_be_filtered_by_a_segment(cast, now, people):
    mine = make(cast, now)
    listing = CustomerListing(cast.actor("owner"), now)
    asked = QueryDict(f"segment={mine.pk}")
    assert set(listing.rows(listing.state(asked))) == {people["rose"], people["iris"]}
    clerk = CustomerListing(cast.actor("clerk"), now)
    assert not clerk.rows(clerk.state(asked)).exists()  # not shared with them


def test_ready_made_segments_hold_and_come_once(cast, now, people):
    drafts = [(start.code, str(start.name), str(start.note), start.rules) for start in STARTS]
    owner = who(cast.actor("owner"), now)
    assert len(operations.start_segments(drafts=drafts, **owner)) == len(STARTS)
    assert operations.start_segments(drafts=drafts, **owner) == []
    assert {start.code for start in starts_for({"jewelry"})} < {start.code for start in STARTS}


def test_members_of_a_segment_are_rows_and_no_more(cast, now, people):
    segment = make(cast, now)
    assert set(SegmentMember.objects.values_list("segment_id", "customer_id")) == {
        (segment.pk, people["rose"].pk),
        (segment.pk, people["iris"].pk),
    }
