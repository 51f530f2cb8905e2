"""The rules as tables."""

from __future__ import annotations

from datetime import date, time

import pytest

from dianke.core.actor import Grant, RowScope
from dianke.stores.rules import (
    DayKind,
    Exceptional,
    Share,
    Span,
    first_not_held,
    first_uncovered_day,
    fullest_total,
    hours_on,
    week_clash,
)

SATURDAY = date(2026, 11, 21)


def span(text: str) -> Span:
    opens, _, closes = text.partition("-")
    return Span(time.fromisoformat(opens), time.fromisoformat(closes))


WEEKLY = [(5, span("10:00-12:00")), (5, span("13:00-22:00")), (6, span("10:00-21:00"))]
CLOSED = Exceptional(DayKind.CLOSED, None, "盘点", is_own=True)
FAIR = Exceptional(DayKind.SPECIAL_HOURS, span("08:00-23:00"), "店庆", is_own=True)
EVERYBODY_CLOSED = Exceptional(DayKind.CLOSED, None, "年会", is_own=False)
NAMED = Exceptional(DayKind.HOLIDAY, None, "双十一", is_own=False)


@pytest.mark.parametrize(
    ("exceptions", "national", "hours", "kind", "name"),
    [
        ([], "", ["10:00–12:00", "13:00–22:00"], DayKind.REGULAR, ""),
        ([], "国庆节", ["10:00–12:00", "13:00–22:00"], DayKind.HOLIDAY, "国庆节"),
        ([CLOSED], "国庆节", [], DayKind.CLOSED, "盘点"),
        ([FAIR], "", ["08:00–23:00"], DayKind.SPECIAL_HOURS, "店庆"),
        ([EVERYBODY_CLOSED], "", [], DayKind.CLOSED, "年会"),
        # The store's own mark is stronger than the one for everybody, whichever comes first.
        ([EVERYBODY_CLOSED, FAIR], "", ["08:00–23:00"], DayKind.SPECIAL_HOURS, "店庆"),
        ([FAIR, EVERYBODY_CLOSED], "", ["08:00–23:00"], DayKind.SPECIAL_HOURS, "店庆"),
        ([NAMED], "国庆节", ["10:00–12:00", "13:00–22:00"], DayKind.HOLIDAY, "双十一"),
    ],
)
def test_hours_of_a_day_follow_own_mark_then_everybodys_then_the_week(
    exceptions, national, hours, kind, name
):
    found = hours_on(SATURDAY, weekly=WEEKLY, exceptions=exceptions, national_name=national)
    assert [str(each) for each in found.spans] == hours
    assert (found.kind, found.name, found.is_open) == (kind, name, bool(hours))


def test_a_weekday_without_hours_is_closed():
    assert not hours_on(date(2026, 11, 20), weekly=WEEKLY, exceptions=()).is_open


@pytest.mark.parametrize(
    ("weekly", "clash"),
    [
        ([], None),
        ([(0, "09:00-18:00")], None),
        ([(0, "09:00-12:00"), (0, "12:00-18:00")], None),
        ([(0, "09:00-12:01"), (0, "12:00-18:00")], (0, 0)),
        ([(0, "12:00-18:00"), (0, "09:00-12:01")], (0, 0)),
        ([(0, "09:00-18:00"), (0, "09:00-18:00")], (0, 0)),
        ([(0, "18:00-02:00"), (1, "02:00-10:00")], None),
        ([(0, "18:00-02:01"), (1, "02:00-10:00")], (0, 1)),
        ([(6, "18:00-03:00"), (0, "02:00-10:00")], (6, 0)),
        ([(6, "18:00-02:00"), (0, "02:00-10:00")], None),
        ([(day, "00:00-00:00") for day in range(7)], None),
        ([(0, "09:00-09:00")], None),
        ([(0, "09:00-09:00"), (1, "08:00-12:00")], (0, 1)),
        ([(0, "18:00-02:00"), (0, "09:00-12:00"), (0, "11:00-13:00")], (0, 0)),
    ],
)
def test_opening_hours_clash_within_a_day_past_midnight_and_over_the_week_end(weekly, clash):
    found = week_clash((day, span(text)) for day, text in weekly)
    assert (found and (found.first_day, found.second_day)) == clash


MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("shares", "total", "day"),
    [
        ([], 0, None),
        ([Share(6000, MAY, None)], 6000, MAY),
        ([Share(6000, MAY, None), Share(4000, JUNE, None)], 10_000, JUNE),
        ([Share(6000, MAY, JUNE), Share(6000, JUNE, None)], 6000, MAY),
        ([Share(6000, MAY, JULY), Share(6000, JUNE, None)], 12_000, JUNE),
        ([Share(3333, MAY, None), Share(3333, MAY, None), Share(3334, MAY, None)], 10_000, MAY),
    ],
)
def test_the_fullest_day_of_shares_is_found(shares, total, day):
    assert fullest_total(shares) == (total, day)


def grant(stores: set[int] | None, *permissions: str, scope: RowScope = RowScope.STORE) -> Grant:
    return Grant("X", frozenset(permissions), scope, None if stores is None else frozenset(stores))


@pytest.mark.parametrize(
    ("grants", "wanted", "stores", "scope", "lacking"),
    [
        ([grant({1}, "a", "b")], {"a", "b"}, {1}, RowScope.STORE, None),
        ([grant({1}, "a")], {"a", "b"}, {1}, RowScope.STORE, "b"),
        ([grant({1}, "a")], {"a"}, {2}, RowScope.STORE, "a"),
        ([grant({1}, "a"), grant({2}, "a")], {"a"}, {1, 2}, RowScope.STORE, None),
        # Held at one store and another permission at the other is not both at both.
        ([grant({1}, "a", "b"), grant({2}, "a")], {"a", "b"}, {1, 2}, RowScope.STORE, "b"),
        ([grant({1}, "a")], {"a"}, None, RowScope.STORE, "a"),
        ([grant(None, "a", scope=RowScope.ALL)], {"a"}, None, RowScope.ALL, None),
        ([grant(None, "a", scope=RowScope.ALL)], {"a"}, {7}, RowScope.OWN, None),
        # Reaching the rows of a store is not reaching everything.
        ([grant({1}, "a")], {"a"}, {1}, RowScope.ALL, "a"),
        ([], set(), {1}, RowScope.OWN, None),
        ([], {"a"}, {1}, RowScope.OWN, "a"),
    ],
)
def test_a_role_may_be_given_only_where_all_of_it_is_held(grants, wanted, stores, scope, lacking):
    reached = None if stores is None else frozenset(stores)
    assert first_not_held(wanted, scope=scope, store_ids=reached, grants=grants) == lacking


@pytest.mark.parametrize(
    ("stretches", "gap"),
    [
        ([], MAY),
        ([(MAY, None)], None),
        ([(date(2025, 1, 1), None)], None),
        ([(JUNE, None)], MAY),
        ([(MAY, JUNE)], JUNE),
        ([(MAY, JUNE), (JUNE, None)], None),
        ([(JULY, None), (MAY, JUNE)], JUNE),
        ([(MAY, JULY), (date(2026, 5, 15), JUNE)], JULY),
        ([(date(2025, 1, 1), date(2026, 2, 1)), (JUNE, None)], MAY),
    ],
)
def test_the_first_day_without_a_keeper_is_found(stretches, gap):
    assert first_uncovered_day(stretches, start=MAY) == gap
