"""Birthdays and anniversaries: on which days they fall, whom one sees, and a task for each once a (lunar) year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from dianke.core.actor import SYSTEM
from dianke.core.lunar import LunarDate, SolarDate, occurrences
from dianke.core.period import Period
from dianke.customers.models import (
    CareOccasion,
    CareRule,
    Customer,
    DateKind,
    ImportantDate,
    Relation,
    SourceRecord,
    Tag,
)
from dianke.customers.models.life import day_key, day_key_of
from dianke.customers.operations import care
from dianke.customers.queries.care import DateNotFound, Wanted, today_of_actor, upcoming
from dianke.customers.rules.care import celebrated_on, celebrations
from dianke.customers.tasks import make_all_care_tasks
from dianke.customers.tests.cast import make_customer
from dianke.stores.tests.cast import Cast
from dianke.work.models import Task

TODAY = date(2026, 11, 21)
WEEK = Period(TODAY, TODAY + timedelta(days=7))


def names(days) -> dict[str, list[str]]:
    return {f"{day.on:%m-%d}": [each.head.name for each in day.occasions] for day in days}


def rule(**values) -> CareRule:
    given = {"name": "生日", "title": "生日祝福", "kind": "BIRTHDAY", "days_before": 3, **values}
    return care.make_care_rule(values=given, actor=SYSTEM, now=datetime(2026, 11, 1, tzinfo=UTC))


def run(now: datetime) -> int:
    return make_all_care_tasks(now)


# --- the calculation -----------------------------------------------------------------------------------------
@given(
    first=st.dates(date(1950, 1, 1), date(2090, 1, 1)),
    length=st.integers(1, 60),
    month=st.integers(1, 12),
    day=st.integers(1, 30),
    is_leap=st.booleans(),
)
def test_the_translated_days_are_those_the_calendar_gives_for_each_date(
    first, length, month, day, is_leap
) -> None:
    period = Period(first, first + timedelta(days=length))
    found = celebrations(period.from_, period.to)
    lunar = LunarDate(month, day, is_leap and 1 < month < 12)
    assert [
        each.on for each in found if each.stored == ("LUNAR", lunar.month, lunar.day, lunar.is_leap)
    ] == occurrences(lunar, period)
    solar = SolarDate(month, min(day, 29) if month == 2 else day)
    assert [
        each.on for each in found if each.stored == ("SOLAR", solar.month, solar.day, False)
    ] == occurrences(solar, period)


@pytest.mark.parametrize(
    ("stored", "on", "year"),
    [
        (SolarDate(2, 29), date(2027, 2, 28), 2027),  # no 29th: the day before
        (SolarDate(2, 29), date(2028, 2, 29), 2028),
        (LunarDate(8, 15), date(2026, 9, 25), 2026),
        (LunarDate(6, 1, is_leap=True), date(2026, 7, 14), 2026),  # no leap month: the ordinary one
        (LunarDate(6, 1, is_leap=True), date(2025, 7, 25), 2025),  # 2025 has a leap sixth month
        (LunarDate(12, 20), date(2026, 2, 7), 2025),  # still the old lunar year
        (LunarDate(8, 15), date(2026, 9, 26), None),
    ],
)
def test_a_date_is_celebrated_on_its_day_in_the_year_of_its_own_calendar(stored, on, year) -> None:
    assert celebrated_on(stored, on) == year


# --- the list ------------------------------------------------------------------------------------------------
def test_the_week_shows_solar_and_lunar_days_in_order(cast: Cast) -> None:
    make_customer("王今天", store=cast.lake, birthday=(1990, 11, 21))
    make_customer("李农历", store=cast.lake, lunar_birthday=(1985, 10, 15, False))  # 23 November 2026
    make_customer("赵以后", store=cast.lake, birthday=(1990, 11, 28))
    days = upcoming(cast.actor("manager"), WEEK)
    assert names(days) == {"11-21": ["王今天"], "11-23": ["李农历"]}
    assert days[0].occasions[0].years == 36
    assert days[1].occasions[0].is_lunar


def test_one_sees_the_dates_of_whom_one_may_see(cast: Cast) -> None:
    make_customer("湖边", store=cast.lake, birthday=(1990, 11, 22), owner=cast["clerk"].user)
    make_customer("别家", store=cast.road, birthday=(1990, 11, 22))
    make_customer("伙伴的", store=cast.lake, partner=cast.partner, birthday=(1990, 11, 22))
    seen = {name: names(upcoming(cast.actor(name), WEEK)) for name in ("clerk", "neighbour", "qiu", "owner")}
    assert seen["clerk"] == {"11-22": ["湖边"]} or "别家" not in str(seen["clerk"])
    assert seen["neighbour"] == {"11-22": ["别家"]}
    assert "伙伴的" not in seen["qiu"]["11-22"]
    assert len(seen["owner"]["11-22"]) == 3


def test_filters_narrow_by_kind_store_and_person(cast: Cast) -> None:
    mine = make_customer("湖边", store=cast.lake, birthday=(1990, 11, 22), owner=cast["clerk"].user)
    record = SourceRecord.objects.get(customer=mine)
    ImportantDate.objects.create(customer=mine, record=record, kind="WEDDING", month=11, day=24)
    make_customer("别家", store=cast.road, birthday=(1990, 11, 22))
    actor = cast.actor("owner")
    assert names(upcoming(actor, WEEK, Wanted(kinds=("WEDDING",)))) == {"11-24": ["湖边"]}
    assert names(upcoming(actor, WEEK, Wanted(store_id=cast.road.pk))) == {"11-22": ["别家"]}
    owned = upcoming(actor, WEEK, Wanted(owner_id=cast["clerk"].user.pk))
    assert names(owned) == {"11-22": ["湖边"], "11-24": ["湖边"]}


def test_a_merged_profile_shows_its_birthday_once(cast: Cast) -> None:
    head = make_customer("王小美", store=cast.lake, birthday=(1990, 11, 22))
    make_customer("王小美", store=cast.road, birthday=(1990, 11, 22), merged_into=head)
    days = upcoming(cast.actor("manager"), WEEK)
    assert [(each.head.pk) for each in days[0].occasions] == [head.pk]


def test_the_erased_the_removed_and_archived_dates_are_not_shown(cast: Cast) -> None:
    for state in ("ERASED", "REMOVED", "ERASING"):
        make_customer(state, store=cast.lake, birthday=(1990, 11, 22), state=state)
    kept = make_customer("改过", store=cast.lake, birthday=(1990, 11, 22))
    ImportantDate.objects.filter(customer=kept).update(archived_at=cast.now)
    assert upcoming(cast.actor("manager"), WEEK) == []


def test_a_full_day_is_cut_and_says_so(cast: Cast) -> None:
    for number in range(4):
        make_customer(f"客{number}", store=cast.lake, birthday=(1990, 11, 22))
    (day,) = upcoming(cast.actor("manager"), WEEK, limit=3)
    assert (len(day.occasions), day.is_more) == (3, True)
    (rest,) = upcoming(cast.actor("manager"), WEEK, limit=3, offset=3)
    assert (len(rest.occasions), rest.is_more) == (1, False)


def test_the_list_costs_the_same_however_many_there_are(cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as counted:
            upcoming(cast.actor("manager"), Period(TODAY, TODAY + timedelta(days=31)))
        return len(counted)

    make_customer("一", store=cast.lake, birthday=(2015, 11, 22))
    before = queries()
    for day in range(1, 20):
        make_customer("多", store=cast.lake, birthday=(2015, 12, day), owner=cast["clerk"].user)
    assert queries() == before


def shapes(cast: Cast) -> None:
    """Dates of every kind there is a rule for, of customers of two stores."""
    make_customer("平年的闰日", store=cast.lake, birthday=(1992, 2, 29))
    make_customer("闰六月初一", store=cast.lake, lunar_birthday=(1987, 6, 1, True))
    make_customer("六月初一", store=cast.road, lunar_birthday=(1985, 6, 1, False))
    make_customer("腊月三十", store=cast.lake, lunar_birthday=(1980, 12, 30, False))
    head = make_customer("合并的", store=cast.lake)
    make_customer("合并的", store=cast.road, birthday=(1990, 2, 10), merged_into=head)


@pytest.mark.parametrize("reaches_much", [True, False])
def test_however_much_is_reached_leap_days_leap_months_and_merged_dates_are_found(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, reaches_much: bool
) -> None:
    shapes(cast)
    monkeypatch.setattr("dianke.customers.queries.care._begins_with_days", lambda *about: reaches_much)
    seen = [names(upcoming(cast.actor("owner"), Period(first, first + timedelta(days=31)))) for first in (
        date(2027, 2, 1), date(2028, 2, 1), date(2025, 7, 1), date(2026, 7, 1)
    )]  # fmt: skip
    assert seen == [
        {
            "02-05": ["腊月三十"],
            "02-10": ["合并的"],
            "02-28": ["平年的闰日"],
        },  # its twelfth month has 29 days
        {"02-10": ["合并的"], "02-29": ["平年的闰日"]},
        {"07-25": ["闰六月初一"]},
        {"07-14": ["闰六月初一", "六月初一"]},
    ]
    both = upcoming(cast.actor("manager"), Period(date(2026, 7, 1), date(2026, 8, 1)))
    assert names(both) == {"07-14": ["闰六月初一"]}


@pytest.mark.parametrize("reaches_much", [True, False])
def test_a_window_over_a_year_shows_a_date_each_time_it_comes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, reaches_much: bool
) -> None:
    make_customer("王小美", store=cast.lake, birthday=(1990, 11, 22))
    monkeypatch.setattr("dianke.customers.queries.care._begins_with_days", lambda *about: reaches_much)
    days = upcoming(cast.actor("owner"), Period(TODAY, TODAY + timedelta(days=370)))
    assert [(day.on, day.occasions[0].years) for day in days] == [
        (date(2026, 11, 22), 36),
        (date(2027, 11, 22), 37),
    ]


def test_the_database_reads_the_key_of_a_day_as_we_do_and_finds_it_by_index(cast: Cast) -> None:
    shapes(cast)
    rows = list(ImportantDate.objects.annotate(key=day_key()))
    assert [row.key for row in rows] == [
        day_key_of(row.calendar, row.month, row.day, row.is_leap) for row in rows
    ]
    assert sorted(row.key for row in rows) == [210, 229, 2601, 3230, 4601]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = ImportantDate.objects.alias(key=day_key()).filter(key__in=[229, 2601], archived_at=None).explain()
    assert "important_date_by_key" in plan


def test_today_names_ones_own_customers_first_and_counts_the_others(cast: Cast, now: datetime) -> None:
    for number in range(10):
        make_customer(f"客{number}", store=cast.lake, birthday=(1990, 11, 21))
    head = make_customer("合并的", store=cast.lake, birthday=(1990, 11, 21))
    make_customer("合并的", store=cast.lake, birthday=(1990, 11, 21), merged_into=head)
    manager = cast.actor("manager")
    with CaptureQueriesContext(connection) as counted:
        shown, more_count = today_of_actor(manager, now)
    assert (len(shown), more_count) == (8, 3)
    assert len(counted) == 4  # which day it is here, own ones, all, and their rows
    mine = make_customer("我的", store=cast.lake, birthday=(1990, 11, 21), owner=cast["manager"].user)
    shown, more_count = today_of_actor(cast.actor("manager"), now)
    assert ([each.head for each in shown], more_count) == ([mine], 0)


# --- tasks by rule -------------------------------------------------------------------------------------------
def test_the_night_makes_a_task_some_days_before_for_the_person_in_charge(cast: Cast, now: datetime) -> None:
    customer = make_customer(
        "王小美", store=cast.lake, lunar_birthday=(1990, 10, 15, False), owner=cast["clerk"].user
    )
    made_by = rule(note="送一张面膜券")
    assert run(now) == 1
    task = Task.objects.get()
    assert task.title == "生日祝福: 王小美"
    assert "农历十月十五（11月23日）" in task.note
    assert "送一张面膜券" in task.note
    assert (task.owner, task.store, task.subject) == (
        cast["clerk"].user,
        cast.lake,
        f"customers.customer:{customer.pk}",
    )
    occasion = CareOccasion.objects.get()
    assert (occasion.rule, occasion.year, occasion.celebrated_on) == (made_by, 2026, date(2026, 11, 23))


def test_every_further_night_of_the_year_makes_nothing_more(cast: Cast, now: datetime) -> None:
    make_customer("王小美", store=cast.lake, birthday=(1990, 11, 23))
    rule()
    assert [run(now + timedelta(days=day)) for day in range(4)] == [1, 0, 0, 0]
    assert run(now + timedelta(days=364)) == 1  # the next year


def test_a_night_that_was_missed_is_caught_up(cast: Cast, now: datetime) -> None:
    make_customer("王小美", store=cast.lake, birthday=(1990, 11, 21))
    rule(days_before=7)
    assert run(now) == 1


def test_changing_a_birthday_mints_no_second_task(cast: Cast, now: datetime) -> None:
    customer = make_customer("王小美", store=cast.lake, birthday=(1990, 11, 23))
    rule()
    assert run(now) == 1
    record = SourceRecord.objects.get(customer=customer)
    ImportantDate.objects.filter(customer=customer).update(archived_at=now)
    ImportantDate.objects.create(customer=customer, record=record, month=12, day=24)
    assert run(now + timedelta(days=33)) == 0
    # A solar day of the new year that is the lunar day of the old one.
    ImportantDate.objects.filter(customer=customer).update(archived_at=now)
    ImportantDate.objects.create(customer=customer, record=record, month=1, day=20)
    assert run(datetime(2027, 1, 18, 6, tzinfo=UTC)) == 0
    assert run(datetime(2028, 1, 18, 6, tzinfo=UTC)) == 1


def test_merging_two_records_mints_no_second_task(cast: Cast, now: datetime) -> None:
    first = make_customer("王小美", store=cast.lake, birthday=(1990, 11, 23))
    second = make_customer("王小美", store=cast.lake, birthday=(1990, 11, 24))
    rule()
    Customer.objects.filter(pk=second.pk).update(state="REVIEW")  # only active ones are cared for
    assert run(now) == 1
    Customer.objects.filter(pk=second.pk).update(state="ACTIVE")
    Customer.objects.filter(pk=first.pk).update(merged_into=second)
    assert run(now) == 0


def test_two_children_have_a_task_each(cast: Cast, now: datetime) -> None:
    customer = make_customer("王小美", store=cast.lake)
    record = SourceRecord.objects.get(customer=customer)
    for label, day in (("大宝", 22), ("小宝", 23)):
        ImportantDate.objects.create(
            customer=customer, record=record, kind=DateKind.CHILD, label=label, month=11, day=day
        )
    rule(kind="CHILD", title="宝宝生日")
    assert run(now) == 2


def test_rules_keep_to_their_store_and_tag(cast: Cast, now: datetime) -> None:
    make_customer("湖边", store=cast.lake, birthday=(1990, 11, 22), tags=["贵宾"])
    make_customer("没标签", store=cast.lake, birthday=(1990, 11, 22))
    make_customer("别家", store=cast.road, birthday=(1990, 11, 22), tags=["贵宾"])
    rule(store=cast.lake, tag=Tag.objects.get(name="贵宾"))
    run(now)
    assert [task.title for task in Task.objects.all()] == ["生日祝福: 湖边"]


def test_nobody_is_cared_for_against_their_wish(cast: Cast, now: datetime) -> None:
    make_customer("不要打扰", store=cast.lake, birthday=(1990, 11, 22), consents={("CARE", "ANY"): False})
    child = make_customer("小朋友", store=cast.lake, birthday=(2016, 11, 22))
    rule()
    assert run(now) == 0
    (day,) = upcoming(cast.actor("manager"), WEEK)
    assert all(each.is_held_back for each in day.occasions)
    mother = make_customer("妈妈", store=cast.lake)
    Relation.objects.create(customer=child, other=mother, kind="GUARDIAN", since=now)
    assert run(now) == 1


def test_a_partners_customer_is_not_named_in_a_task_of_the_store(cast: Cast, now: datetime) -> None:
    customer = make_customer("沈的客人", store=cast.lake, partner=cast.partner, birthday=(1990, 11, 22))
    rule()
    run(now)
    assert Task.objects.get().title == f"生日祝福: {customer.member_number}"


def test_batches_go_through_all_of_them(cast: Cast, now: datetime) -> None:
    for number in range(5):
        make_customer(f"客{number}", store=cast.lake, birthday=(1990, 11, 22))
    made = rule()
    after, rounds = care.make_care_tasks(rule=made, limit=2, actor=SYSTEM, now=now), 1
    while after:
        after = care.make_care_tasks(rule=made, after=after, limit=2, actor=SYSTEM, now=now)
        rounds += 1
    assert (Task.objects.count(), rounds) == (5, 3)


def test_a_paused_rule_rests(cast: Cast, now: datetime) -> None:
    make_customer("王小美", store=cast.lake, birthday=(1990, 11, 22))
    made = rule()
    care.pause_care_rule(rule=made, actor=SYSTEM, now=now)
    assert run(now) == 0
    care.resume_care_rule(rule=made, actor=SYSTEM, now=now)
    assert run(now) == 1


def test_a_rule_needs_a_title_and_a_span_it_can_tell_years_apart_in(cast: Cast) -> None:
    with pytest.raises(care.CareTitleMissing):
        rule(title=" ")
    with pytest.raises(care.DaysBeforeOutOfRange):
        rule(days_before=46)


def test_a_task_made_by_hand_is_made_once(cast: Cast, now: datetime) -> None:
    customer = make_customer("王小美", store=cast.lake, birthday=(1990, 11, 22), owner=cast["clerk"].user)
    row = ImportantDate.objects.get(customer=customer)
    who = {"actor": cast.actor("clerk"), "now": now}
    first = care.plan_care(date_row=row, on=date(2026, 11, 22), **who)
    assert care.plan_care(date_row=row, on=date(2026, 11, 22), **who) == first
    with pytest.raises(care.OccasionPassed):
        care.plan_care(date_row=row, on=date(2026, 11, 23), **who)
    with pytest.raises(DateNotFound):
        care.plan_care(date_row=row, on=date(2026, 11, 22), actor=cast.actor("neighbour"), now=now)
    (day,) = upcoming(cast.actor("clerk"), WEEK)
    assert day.occasions[0].task_id == first.pk
