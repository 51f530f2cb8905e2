"""Plans, times, entering and editing: tables without a database."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dianke import journeys
from dianke.journeys.rules import editing
from dianke.journeys.rules.care import CARES, Settings, plan_of
from dianke.journeys.rules.entering import Before, may_enter
from dianke.journeys.rules.festivals import festivals_on
from dianke.journeys.rules.plan import DATED, Kind, PlanWrong, Step, read
from dianke.journeys.rules.times import due_at, instant, is_stale, moments

BEIJING, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
TREE: dict[str, Any] = {
    "trigger": {"kind": "BIRTHDAY"},
    "steps": [
        {"key": "a", "kind": "WAIT", "days": 1},
        {
            "key": "b",
            "kind": "BRANCH",
            "yes": [{"key": "c", "kind": "END"}],
            "no": [{"key": "d", "kind": "BRANCH", "yes": [{"key": "e", "kind": "END"}], "no": []}],
        },
        {"key": "f", "kind": "END"},
    ],
}


@pytest.mark.parametrize(
    ("key", "after"), [("a", "b"), ("b", "f"), ("c", "f"), ("d", "f"), ("e", "f"), ("f", None)]
)
def test_after_a_branch_both_ways_meet(key: str, after: str | None) -> None:
    found = read(TREE).after(key)
    assert (found.key if found else None) == after


def test_an_empty_way_leads_on() -> None:
    plan = read(TREE)
    inner = plan.step("d")
    assert inner is not None
    assert [getattr(plan.arm(inner, yes), "key", None) for yes in (True, False)] == ["e", "f"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"trigger": {"kind": "NEVER"}},
        {"trigger": {"kind": "BIRTHDAY", "days": 46}},
        {"trigger": {"kind": "BIRTHDAY", "at": "25:00"}},
        {"trigger": {"kind": "BIRTHDAY"}, "steps": [{"key": "a", "kind": "FLY"}]},
        {
            "trigger": {"kind": "BIRTHDAY"},
            "steps": [{"key": "a", "kind": "END"}, {"key": "a", "kind": "END"}],
        },
        {"trigger": {"kind": "BIRTHDAY"}, "steps": [{"key": "A b", "kind": "END"}]},
        {"trigger": {"kind": "BIRTHDAY"}, "steps": "x"},
        {"trigger": {"kind": "BIRTHDAY"}, "steps": [{"key": "a", "kind": "WAIT", "days": True}]},
        {"trigger": {"kind": "BIRTHDAY"}, "control_bp": 9_001},
        {"trigger": {"kind": "BIRTHDAY"}, "purpose": "SPAM"},
    ],
)
def test_a_wrong_plan_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(PlanWrong):
        read(wrong)


@pytest.mark.parametrize(
    ("step", "base", "due"),
    [
        (
            {"days": 2},
            "2026-03-06T10:00-05:00",
            "2026-03-08T10:00-04:00",
        ),  # clocks go forward: same hour by the wall
        (
            {"days": 1},
            "2026-03-07T02:30-05:00",
            "2026-03-08T03:30-04:00",
        ),  # an hour that is left out comes later
        (
            {"hours": 3},
            "2026-10-31T23:00-04:00",
            "2026-11-01T01:00-05:00",
        ),  # the hour that comes twice is two hours
        ({"days": 1, "at": time(9)}, "2026-11-21T08:00-05:00", "2026-11-22T09:00-05:00"),
        ({"days": 1, "at": time(9)}, "2026-11-21T10:00-05:00", "2026-11-23T09:00-05:00"),
    ],
)
def test_waits_go_by_the_wall(step: dict[str, Any], base: str, due: str) -> None:
    found = due_at(
        Step("a", Kind.WAIT, **step), base=datetime.fromisoformat(base), anchor=None, zone=NEW_YORK
    )
    assert found == datetime.fromisoformat(due)


def test_until_is_reckoned_from_the_day_it_is_about() -> None:
    base = datetime(2026, 11, 21, tzinfo=UTC)
    step = Step("a", Kind.UNTIL, days=-1, at=time(9, 30))
    assert due_at(step, base=base, anchor=date(2026, 11, 25), zone=BEIJING) == datetime(
        2026, 11, 24, 1, 30, tzinfo=UTC
    )
    assert due_at(step, base=base, anchor=None, zone=BEIJING) == base


def test_days_are_looked_through_once_and_none_is_missed() -> None:
    at, zone = time(9), BEIJING
    since = instant(date(2026, 11, 1), at, zone)
    seen = []
    while since < datetime(2026, 11, 20, tzinfo=UTC):
        until = since + timedelta(hours=7, minutes=13)
        seen += moments(since, until, at, zone)
        since = until
    assert seen == [date(2026, 11, day) for day in range(2, 21)][: len(seen)]
    assert len(seen) >= 18


@pytest.mark.parametrize(("hours", "stale"), [(0, False), (36, False), (36.1, True)])
def test_too_late_is_later_than_it_is_good_for(hours: float, stale: bool) -> None:
    due = datetime(2026, 11, 21, tzinfo=UTC)
    step = Step("a", Kind.MESSAGE, valid_hours=36)
    assert is_stale(step, due=due, now=due + timedelta(hours=hours)) is stale


@pytest.mark.parametrize(
    ("again", "occurrence", "anchor", "days_later", "enters"),
    [
        ({"kind": "EACH"}, "BIRTHDAY:2026", date(2026, 11, 22), 0, False),
        ({"kind": "EACH"}, "BIRTHDAY:2027", date(2027, 11, 22), 365, True),
        ({"kind": "EACH"}, "BIRTHDAY:2027", date(2027, 2, 1), 70, False),  # the other calendar's year
        ({"kind": "NEVER"}, "BIRTHDAY:2027", date(2027, 11, 22), 365, False),
        ({"kind": "DAYS", "days": 400}, "BIRTHDAY:2027", date(2027, 11, 22), 365, False),
        ({"kind": "DAYS", "days": 300}, "BIRTHDAY:2027", date(2027, 11, 22), 365, True),
    ],
)
def test_who_may_enter_again(
    again: dict[str, Any], occurrence: str, anchor: date, days_later: int, enters: bool
) -> None:
    plan = read({"trigger": {"kind": "BIRTHDAY"}, "again": again})
    first = datetime(2026, 11, 22, tzinfo=UTC)
    before = [Before("BIRTHDAY:2026", first, False, date(2026, 11, 22))]
    at = first + timedelta(days=days_later)
    assert may_enter(plan, before, occurrence=occurrence, anchor=anchor, at=at) is enters
    going = [Before("BIRTHDAY:2020", first - timedelta(days=2000), True)]
    assert not may_enter(plan, going, occurrence=occurrence, anchor=anchor, at=at)


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        (date(2027, 2, 6), ["spring"]),
        (date(2026, 9, 25), ["mid_autumn"]),
        (date(2025, 10, 6), ["mid_autumn"]),  # a leap sixth month stood before
        (date(2026, 10, 1), ["national"]),
        (date(2026, 10, 2), []),
    ],
)
def test_festivals_fall_by_their_calendar(day: date, codes: list[str]) -> None:
    every = ["spring", "mid_autumn", "national"]
    assert [festival.code for festival, _year in festivals_on(day, every)] == codes


def test_steps_are_added_moved_and_taken_out() -> None:
    plan = editing.added(TREE, "yes:b", {"key": "s1", "kind": "END"})
    assert [step["key"] for step in plan["steps"][1]["yes"]] == ["s1", "c"]
    assert editing.new_key(plan) == "s2"
    plan = editing.added(plan, "after:c", {"key": "s2", "kind": "END"})
    plan = editing.moved(plan, "s2", -1)
    assert [step["key"] for step in plan["steps"][1]["yes"]] == ["s1", "s2", "c"]
    assert editing.moved(plan, "a", -1) == plan
    plan = editing.replaced(plan, {"key": "b", "kind": "BRANCH", "test": "READ"})
    assert (plan["steps"][1]["test"], len(plan["steps"][1]["yes"])) == ("READ", 3)
    assert [step["key"] for step in editing.removed(plan, "b")["steps"]] == ["a", "f"]
    assert "s1" not in str(TREE)


@pytest.mark.parametrize("code", sorted(CARES))
def test_every_care_is_a_plan_that_can_be_read(code: str) -> None:
    plan = read(plan_of(CARES[code], Settings(coupon_kind_id=1), {"SMS": 1}))
    assert any(step.kind == Kind.MESSAGE for step in plan.walk())
    assert plan.purpose == "MARKETING"


def test_the_form_asks_for_an_hour_only_where_people_are_looked_for_once_a_day() -> None:
    style = (Path(journeys.__file__).parent / "static/journeys/journeys.css").read_text()
    [rule] = [line for line in style.splitlines() if ':has([name="at"])' in line]
    assert set(re.findall(r'\[value="([A-Z_]+)"\]', rule)) == {kind.value for kind in DATED}
