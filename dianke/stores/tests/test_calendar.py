"""Stories of opening hours and the business calendar."""

from __future__ import annotations

from datetime import date, time

import pytest

from dianke.core.actor import PermissionRefused
from dianke.events.models import Event
from dianke.stores import operations
from dianke.stores.models import CalendarDay
from dianke.stores.operations import calendar as of_calendar
from dianke.stores.queries import calendar_of, week_of
from dianke.stores.rules import DayKind

SATURDAY = date(2026, 11, 21)
NINE, NOON, SIX, TWO = time(9), time(12), time(18), time(2)


@pytest.fixture
def manager(cast, now):
    return {"actor": cast.actor("manager"), "now": now}


@pytest.fixture
def owner(cast, now):
    return {"actor": cast.actor("owner"), "now": now}


def test_hours_replace_the_week_and_saving_them_again_is_nothing_new(cast, manager):
    weekly = [(day, NINE, SIX) for day in range(6)]
    operations.set_opening_hours(store=cast.lake, weekly=weekly, **manager)
    events = Event.objects.count()
    operations.set_opening_hours(store=cast.lake, weekly=list(reversed(weekly)), **manager)
    assert Event.objects.count() == events
    operations.set_opening_hours(store=cast.lake, weekly=[(0, NINE, NOON), (0, NOON, TWO)], **manager)
    assert [(row.weekday, row.opens, row.closes) for row in cast.lake.opening_hours.all()] == [
        (0, NINE, NOON),
        (0, NOON, TWO),
    ]


def test_hours_that_overlap_are_refused_with_their_days(cast, manager):
    with pytest.raises(of_calendar.HoursOverlap) as clash:
        operations.set_opening_hours(store=cast.lake, weekly=[(0, SIX, NOON), (1, NINE, SIX)], **manager)
    text = str(clash.value)
    assert "18:00–12:00" in text
    assert "09:00–18:00" in text
    with pytest.raises(of_calendar.TooManySpans):
        operations.set_opening_hours(
            store=cast.lake, weekly=[(0, time(h), time(h, 30)) for h in (9, 10, 11)], **manager
        )


def test_marks_of_the_store_are_stronger_than_those_of_all(cast, manager, owner):
    operations.set_opening_hours(store=cast.lake, weekly=[(5, NINE, SIX)], **manager)
    operations.mark_day(store=None, day=SATURDAY, kind="CLOSED", name="年会", **owner)
    assert not calendar_of(cast.lake, SATURDAY, 1)[SATURDAY].is_open
    mark = operations.mark_day(
        store=cast.lake, day=SATURDAY, kind="SPECIAL_HOURS", opens=NOON, closes=SIX, name="店庆", **manager
    )
    assert [str(span) for span in calendar_of(cast.lake, SATURDAY, 1)[SATURDAY].spans] == ["12:00–18:00"]
    assert not calendar_of(cast.road, SATURDAY, 1)[SATURDAY].is_open
    operations.clear_day(marked=mark, **manager)
    assert calendar_of(cast.lake, SATURDAY, 1)[SATURDAY].name == "年会"


def test_a_second_mark_of_the_day_replaces_the_first(cast, manager):
    operations.mark_day(
        store=cast.lake, day=SATURDAY, kind="SPECIAL_HOURS", opens=NINE, closes=NOON, **manager
    )
    operations.mark_day(store=cast.lake, day=SATURDAY, kind="CLOSED", opens=NINE, closes=NOON, **manager)
    mark = CalendarDay.objects.get()
    assert (mark.kind, mark.opens, mark.closes) == ("CLOSED", None, None)


def test_special_hours_need_both_times(cast, manager):
    with pytest.raises(of_calendar.SpecialHoursMissing):
        operations.mark_day(store=cast.lake, day=SATURDAY, kind="SPECIAL_HOURS", opens=NINE, **manager)


def test_a_manager_marks_the_own_store_only(cast, manager, owner):
    with pytest.raises(PermissionRefused):
        operations.mark_day(store=cast.road, day=SATURDAY, kind="CLOSED", **manager)
    with pytest.raises(of_calendar.AllStoresOutOfReach):
        operations.mark_day(store=None, day=SATURDAY, kind="CLOSED", **manager)
    everybodys = operations.mark_day(store=None, day=SATURDAY, kind="CLOSED", **owner)
    with pytest.raises(of_calendar.AllStoresOutOfReach):
        operations.clear_day(marked=everybodys, **manager)
    with pytest.raises(PermissionRefused):
        operations.set_opening_hours(store=cast.road, weekly=[], **manager)


def test_public_holidays_are_named_and_do_not_close_the_shop(cast, manager):
    operations.set_opening_hours(store=cast.lake, weekly=[(day, NINE, SIX) for day in range(7)], **manager)
    national_day = calendar_of(cast.lake, date(2026, 10, 1), 1)[date(2026, 10, 1)]
    assert national_day.kind is DayKind.HOLIDAY
    assert national_day.is_open
    assert national_day.name


def test_a_month_of_a_store_costs_two_queries(cast, manager, django_assert_num_queries):
    operations.mark_day(store=cast.lake, day=SATURDAY, kind="CLOSED", **manager)
    with django_assert_num_queries(2):  # the week's hours; the marked days
        calendar_of(cast.lake, date(2026, 11, 1), 35)
    assert [each.is_today for each in week_of(cast.lake, SATURDAY)] == [True] + [False] * 6
