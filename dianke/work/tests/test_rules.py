"""Tables: who gets a task and why, on which days it comes again, when a second person is asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.core.lunar import lunar_of
from dianke.work.rules.approvals import Policy, canonical, digest, is_intact, policy_for, version_of
from dianke.work.rules.assignment import Candidate, Reason, Rule, Strategy, Wanted, choose, fits_task, judge
from dianke.work.rules.mentions import mentioned
from dianke.work.rules.recurrence import (
    Frequency,
    MonthDayMissing,
    Recurrence,
    WeekdaysMissing,
    YearDayMissing,
    days_of,
    due_to_make,
    next_days,
)
from dianke.work.rules.snoozing import Snooze, snooze_until

JINGAN, XUHUI = 1, 2
SHANGHAI, EAST = 10, 11
AQUA = 7
MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)


def person(pk, name, *, store=JINGAN, skills=(), load=0, days_ago=None, on_shift=None):
    return Candidate(
        user_id=pk,
        name=name,
        store_ids=frozenset({store}),
        region_ids=frozenset({SHANGHAI, EAST}),
        skill_ids=frozenset(skills),
        open_count=load,
        last_assigned_at=None if days_ago is None else MONDAY - timedelta(days=days_ago),
        on_shift=on_shift,
    )


LI = person(1, "李", skills=[AQUA], load=8, days_ago=1, on_shift=True)
ZHOU = person(2, "周", skills=[AQUA], load=3, days_ago=0, on_shift=False)
OUYANG = person(3, "欧阳", load=0, days_ago=5)
SUN = person(4, "孙", store=XUHUI, skills=[AQUA], load=0)
ALL = [LI, ZHOU, OUYANG, SUN]

AT_JINGAN = Wanted(
    kind="followup", store_id=JINGAN, store_name="静安店", region_ids=frozenset({SHANGHAI, EAST})
)
AQUA_AT_JINGAN = Wanted(
    kind="followup",
    store_id=JINGAN,
    store_name="静安店",
    region_ids=frozenset({SHANGHAI, EAST}),
    skill_id=AQUA,
    skill_name="水光",
)


def rule(strategy=Strategy.LEAST_LOAD, pk=1, **more):
    return Rule(id=pk, name=f"规则{pk}", strategy=strategy, **more)


@pytest.mark.parametrize(
    ("wanted", "rules", "expected", "reasons"),
    [
        # the fewest open tasks among those at the store
        (AT_JINGAN, [rule()], "欧阳", ["rule", "store", "fewest"]),
        # a skill of the task, or of the rule, narrows first
        (AQUA_AT_JINGAN, [rule()], "周", ["rule", "store", "skill", "fewest"]),
        (AT_JINGAN, [rule(skill_id=AQUA, skill_name="水光")], "周", ["rule", "store", "skill", "fewest"]),
        # in turn: who waited longest, whatever the load
        (AQUA_AT_JINGAN, [rule(Strategy.ROUND_ROBIN)], "李", ["rule", "store", "skill", "turn"]),
        # only people on shift; of whom nobody knows counts as there
        (AQUA_AT_JINGAN, [rule(only_on_shift=True)], "李", ["rule", "store", "skill", "on_shift", "fewest"]),
        (AT_JINGAN, [rule(only_on_shift=True)], "欧阳", ["rule", "store", "fewest"]),
        # a rule of another store, kind, region or skill is passed over
        (
            AT_JINGAN,
            [rule(store_id=XUHUI), rule(Strategy.ROUND_ROBIN, pk=2)],
            "欧阳",
            ["rule", "store", "turn"],
        ),
        (AT_JINGAN, [rule(kind="care")], None, []),
        (AT_JINGAN, [rule(region_id=99)], None, []),
        (AQUA_AT_JINGAN, [rule(skill_id=8)], None, []),
        (
            AT_JINGAN,
            [rule(region_id=SHANGHAI, region_name="上海")],
            "欧阳",
            ["rule", "store", "region", "fewest"],
        ),
        # the first rule that finds somebody decides
        (AT_JINGAN, [rule(skill_id=99), rule(pk=2)], "欧阳", ["rule", "store", "fewest"]),
        # whoever looks after the subject, if they work there
        (
            Wanted(store_id=JINGAN, store_name="静安店", subject_owner_id=1),
            [rule(Strategy.OWNER_OF_SUBJECT)],
            "李",
            ["rule", "store", "looks_after"],
        ),
        (Wanted(store_id=JINGAN, subject_owner_id=4), [rule(Strategy.OWNER_OF_SUBJECT)], None, []),
        (
            Wanted(store_id=JINGAN),
            [rule(Strategy.OWNER_OF_SUBJECT), rule(pk=2)],
            "欧阳",
            ["rule", "store", "fewest"],
        ),
        # a named person gets it wherever they work
        (AT_JINGAN, [rule(Strategy.FIXED, person_id=4)], "孙", ["rule", "named"]),
        (AT_JINGAN, [rule(Strategy.FIXED, person_id=77), rule(pk=2)], "欧阳", ["rule", "store", "fewest"]),
        # a task without a store can go to anybody
        (Wanted(), [rule()], "孙", ["rule", "fewest"]),
        (AT_JINGAN, [], None, []),
    ],
)
def test_who_gets_the_task_and_why(wanted, rules, expected, reasons):
    choice = choose(wanted, rules, ALL)
    assert (choice.name if choice else None) == expected
    assert [reason.code for reason in choice.reasons] == reasons if choice else reasons == []


def test_the_reasons_are_told_in_words():
    choice = choose(AQUA_AT_JINGAN, [rule()], ALL)
    assert [reason.text for reason in choice.reasons] == [
        "规则「规则1」",
        "门店 静安店",
        "技能 水光",
        "手头最少（3 件）",
    ]
    assert [Reason.from_json(reason.as_json()) for reason in choice.reasons] == list(choice.reasons)


@pytest.mark.parametrize(
    ("candidate", "why_not"),
    [(SUN, "other_store"), (OUYANG, "no_skill"), (ZHOU, "off_shift"), (LI, None)],
)
def test_who_is_passed_over_is_told_why(candidate, why_not):
    verdict = judge(rule(only_on_shift=True), AQUA_AT_JINGAN, candidate)
    assert (verdict.why_not.code if verdict.why_not else None) == why_not


@given(st.permutations(ALL))
def test_the_order_of_the_candidates_does_not_matter(candidates):
    assert choose(AQUA_AT_JINGAN, [rule()], candidates) == choose(AQUA_AT_JINGAN, [rule()], ALL)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=6))
def test_nobody_with_less_to_do_is_passed_over(loads):
    people = [person(pk, str(pk), load=load) for pk, load in enumerate(loads, 1)]
    choice = choose(AT_JINGAN, [rule()], people)
    assert loads[choice.user_id - 1] == min(loads)


def test_empty_conditions_fit_every_task():
    assert fits_task(rule(), Wanted())


# --- recurrence ---
@pytest.mark.parametrize(
    ("pattern", "first", "last", "expected"),
    [
        (Recurrence(Frequency.DAILY), "2026-11-21", "2026-11-23", ["2026-11-21", "2026-11-22", "2026-11-23"]),
        # the 1st of May and its exchange: 26 April is worked, 1 to 5 May are off (2025)
        (
            Recurrence(Frequency.WORKDAYS),
            "2025-04-25",
            "2025-05-06",
            ["2025-04-25", "2025-04-27", "2025-04-28", "2025-04-29", "2025-04-30", "2025-05-06"],
        ),
        (
            Recurrence(Frequency.WEEKLY, frozenset({0, 4})),
            "2026-11-16",
            "2026-11-29",
            ["2026-11-16", "2026-11-20", "2026-11-23", "2026-11-27"],
        ),
        (
            Recurrence(Frequency.MONTHLY, day=31),
            "2026-01-01",
            "2026-04-30",
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"],
        ),
        (Recurrence(Frequency.MONTHLY, day=15), "2026-11-16", "2026-12-31", ["2026-12-15"]),
        (
            Recurrence(Frequency.YEARLY, month=2, day=29),
            "2027-01-01",
            "2028-12-31",
            ["2027-02-28", "2028-02-29"],
        ),
        # the Mid-Autumn festival of three years
        (
            Recurrence(Frequency.LUNAR_YEARLY, month=8, day=15),
            "2025-01-01",
            "2027-12-31",
            ["2025-10-06", "2026-09-25", "2027-09-15"],
        ),
        # New Year's Eve: the 29th where the month is short
        (
            Recurrence(Frequency.LUNAR_YEARLY, month=12, day=30),
            "2025-01-01",
            "2026-12-31",
            ["2025-01-28", "2026-02-16"],
        ),
        # born in a leap month: in the ordinary month of years without it; 2025 has a leap 6th
        (
            Recurrence(Frequency.LUNAR_YEARLY, month=6, day=1, is_leap_month=True),
            "2025-01-01",
            "2026-12-31",
            ["2025-07-25", "2026-07-14"],
        ),
        (Recurrence(Frequency.DAILY), "2026-11-21", "2026-11-20", []),
    ],
)
def test_the_days_of_a_pattern(pattern, first, last, expected):
    days = days_of(pattern, date.fromisoformat(first), date.fromisoformat(last))
    assert [str(day) for day in days] == expected


def test_a_lunar_day_comes_once_in_every_lunar_year():
    days = next_days(Recurrence(Frequency.LUNAR_YEARLY, month=1, day=15), date(2026, 1, 1), 5)
    assert [(lunar_of(day).month, lunar_of(day).day) for day in days] == [(1, 15)] * 5
    assert [lunar_of(day).year for day in days] == [2026, 2027, 2028, 2029, 2030]


@pytest.mark.parametrize(
    ("pattern", "error"),
    [
        (Recurrence(Frequency.WEEKLY), WeekdaysMissing),
        (Recurrence(Frequency.WEEKLY, frozenset({7})), WeekdaysMissing),
        (Recurrence(Frequency.MONTHLY), MonthDayMissing),
        (Recurrence(Frequency.MONTHLY, day=32), MonthDayMissing),
        (Recurrence(Frequency.YEARLY, month=3), YearDayMissing),
        (Recurrence(Frequency.LUNAR_YEARLY), YearDayMissing),
    ],
)
def test_a_pattern_without_its_day_is_refused(pattern, error):
    with pytest.raises(error):
        pattern.check()


@pytest.mark.parametrize(
    ("made_through", "lead_days", "ends_on", "expected"),
    [
        (None, 0, None, ["2026-11-20", "2026-11-21"]),  # begun on the 1st: only the last missed one
        ("2026-11-20", 0, None, ["2026-11-21"]),
        ("2026-11-21", 0, None, []),
        ("2026-11-20", 2, None, ["2026-11-21", "2026-11-22", "2026-11-23"]),
        ("2026-11-10", 0, None, ["2026-11-20", "2026-11-21"]),  # ten days off: not ten tasks
        ("2026-11-20", 5, "2026-11-22", ["2026-11-21", "2026-11-22"]),
        ("2026-11-20", 0, "2026-11-19", []),
    ],
)
def test_which_tasks_are_to_be_made_today(made_through, lead_days, ends_on, expected):
    days = due_to_make(
        Recurrence(Frequency.DAILY),
        starts_on=date(2026, 11, 1),
        ends_on=date.fromisoformat(ends_on) if ends_on else None,
        made_through=date.fromisoformat(made_through) if made_through else None,
        lead_days=lead_days,
        today=date(2026, 11, 21),
    )
    assert [str(day) for day in days] == expected


def test_a_yearly_task_missed_long_ago_is_not_made_late():
    pattern = Recurrence(Frequency.YEARLY, month=3, day=8)
    days = due_to_make(
        pattern,
        starts_on=date(2026, 1, 1),
        ends_on=None,
        made_through=None,
        lead_days=0,
        today=date(2026, 11, 21),
    )
    assert days == []


# --- the small ones ---
NOON = datetime(2026, 11, 21, 14, 30, tzinfo=ZoneInfo("Asia/Shanghai"))  # a Saturday


@pytest.mark.parametrize(
    ("choice", "due", "expected"),
    [
        (Snooze.HOUR, None, "2026-11-21 15:30"),
        (Snooze.TOMORROW, None, "2026-11-22 10:00"),
        (Snooze.TOMORROW, NOON.replace(hour=18, minute=0), "2026-11-22 18:00"),
        (Snooze.MONDAY, None, "2026-11-23 10:00"),
        (Snooze.WEEK, NOON - timedelta(days=3), "2026-11-28 14:30"),
    ],
)
def test_to_when_one_tap_puts_off(choice, due, expected):
    assert f"{snooze_until(choice, NOON, due=due):%Y-%m-%d %H:%M}" == expected


def test_next_monday_on_a_monday_is_a_week_ahead():
    assert snooze_until(Snooze.MONDAY, NOON + timedelta(days=2)).day == 30


PEOPLE = {"王芳": 1, "王芳华": 2, "李晓雯": 3, "Anna Li": 4}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@王芳 看一下", [1]),
        ("@王芳华你好", [2]),
        ("@李晓雯@王芳 一起", [3, 1]),
        ("请 ＠李晓雯 跟进", [3]),
        ("@Anna Li, please", [4]),
        ("@李晓雯 再 @李晓雯", [3]),
        ("王芳 在吗", []),
        ("mail a@b.cn", []),
        ("@", []),
    ],
)
def test_who_is_called_by_name(text, expected):
    assert mentioned(text, PEOPLE) == expected


# --- policies ---
GENERAL = Policy(1, "op", limit=Decimal(500))
OWN = Policy(2, "op", store_id=9)


@pytest.mark.parametrize(
    ("policies", "store_id", "amount", "expected"),
    [
        ([], None, None, None),
        ([GENERAL], None, Decimal(499), None),
        ([GENERAL], None, Decimal(500), 1),
        ([GENERAL], 3, Decimal(500), 1),
        ([GENERAL], 3, None, 1),  # what has no amount is above every limit
        ([GENERAL, OWN], 9, Decimal(1), 2),
        ([GENERAL, Policy(2, "op", store_id=9, is_active=False)], 9, Decimal(900), None),
        ([Policy(1, "op", is_active=False)], None, None, None),
        ([Policy(1, "other")], None, None, None),
    ],
)
def test_when_a_second_person_is_asked(policies, store_id, amount, expected):
    found = policy_for(policies, "op", store_id=store_id, amount=amount)
    assert (found.id if found else None) == expected


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_what_is_hashed_is_found_intact_and_any_change_is_not(arguments):
    text = canonical(arguments)
    sha256 = digest("stores.close_store", text)
    assert is_intact("stores.close_store", text, sha256)
    assert not is_intact("stores.open_store", text, sha256)
    assert not is_intact("stores.close_store", text + " ", sha256)


def test_the_hash_is_the_one_anybody_can_compute():
    # printf 'a.b\n{"x":1}' | sha256sum
    assert digest("a.b", '{"x":1}') == "713c2446c26d1049cd8c05949cb157e075a64bed85ce84aff3f6940e3df47301"


def test_equal_states_have_one_version():
    assert version_of({"a": 1, "b": 2}) == version_of({"b": 2, "a": 1}) != version_of({"a": 1, "b": 3})
