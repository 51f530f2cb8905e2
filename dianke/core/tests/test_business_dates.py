"""Business dates follow the store's clock, its closing hour and China's calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from dianke.core.business_dates import (
    ClosingHourTooLate,
    DayDoesNotExist,
    UnknownZone,
    business_date,
    business_day_period,
    business_period,
    calendar_known_through,
    holiday_name,
    is_workday,
    workday,
    zone_named,
)
from dianke.core.period import InstantWithoutZone, Period

SHANGHAI, LONDON, LOS_ANGELES = "Asia/Shanghai", "Europe/London", "America/Los_Angeles"
ZONES = st.sampled_from(
    [SHANGHAI, LONDON, LOS_ANGELES, "America/Havana", "Australia/Lord_Howe", "Asia/Kolkata"]
)
CLOSINGS = st.sampled_from([time(0), time(0, 30), time(1), time(1, 30), time(2), time(2, 30), time(6)])


def at(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("local", "closing", "day"),
    [
        ("2025-06-06 01:59:59", time(2), date(2025, 6, 5)),
        ("2025-06-06 02:00:00", time(2), date(2025, 6, 6)),
        ("2025-06-06 23:59:59", time(2), date(2025, 6, 6)),
        ("2025-06-06 00:00:00", time(0), date(2025, 6, 6)),
        ("2025-01-01 00:30:00", time(2), date(2024, 12, 31)),
    ],
)
def test_hours_after_midnight_belong_to_the_day_before(local: str, closing: time, day: date) -> None:
    assert business_date(at(local, SHANGHAI), SHANGHAI, closing) == day
    assert business_date(at(local, SHANGHAI).astimezone(UTC), ZoneInfo(SHANGHAI), closing) == day


def test_a_day_in_shanghai_is_a_stretch_of_utc() -> None:
    assert business_day_period(date(2025, 6, 6), SHANGHAI, time(2)) == Period(
        datetime(2025, 6, 5, 18, tzinfo=UTC), datetime(2025, 6, 6, 18, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("day", "zone", "closing", "hours"),
    [
        (date(2025, 3, 30), LONDON, time(0), 23),
        (date(2025, 10, 26), LONDON, time(0), 25),
        (date(2025, 3, 9), LOS_ANGELES, time(0), 23),
        (date(2025, 11, 2), LOS_ANGELES, time(0), 25),
        # Closing at two in London: the clock changes at one, so it falls into the business day before.
        (date(2025, 3, 29), LONDON, time(2), 23),
        (date(2025, 3, 30), LONDON, time(2), 24),
        (date(2025, 10, 25), LONDON, time(2), 25),
        (date(2025, 7, 1), LONDON, time(2), 24),
        (date(2025, 6, 6), SHANGHAI, time(2), 24),
        # Shanghai had summer time until 1991.
        (date(1990, 4, 15), SHANGHAI, time(0), 23),
    ],
)
def test_a_day_is_as_long_as_the_clock_makes_it(day: date, zone: str, closing: time, hours: int) -> None:
    assert business_day_period(day, zone, closing).duration == timedelta(hours=hours)


def test_a_closing_hour_that_the_clock_jumps_over_is_the_jump() -> None:
    # London leaps from 01:00 to 02:00, Los Angeles from 02:00 to 03:00.
    assert business_day_period(date(2025, 3, 30), LONDON, time(1, 30)).from_ == datetime(
        2025, 3, 30, 1, tzinfo=UTC
    )
    assert business_day_period(date(2025, 3, 9), LOS_ANGELES, time(2)).from_ == datetime(
        2025, 3, 9, 10, tzinfo=UTC
    )
    assert business_day_period(date(2025, 3, 9), LOS_ANGELES, time(2, 45)).from_ == datetime(
        2025, 3, 9, 10, tzinfo=UTC
    )


def test_a_closing_hour_that_comes_twice_is_the_first() -> None:
    # At 01:00 UTC London's clock goes back from 02:00 to 01:00; 01:30 was first at 00:30 UTC.
    closing = time(1, 30)
    assert business_day_period(date(2025, 10, 26), LONDON, closing).from_ == datetime(
        2025, 10, 26, 0, 30, tzinfo=UTC
    )
    for minute, day in [(29, 25), (31, 26), (61, 26), (89, 26), (91, 26)]:
        moment = datetime(2025, 10, 26, tzinfo=UTC) + timedelta(minutes=minute)
        assert business_date(moment, LONDON, closing) == date(2025, 10, day)


def test_the_day_that_samoa_left_out_has_no_hours() -> None:
    with pytest.raises(DayDoesNotExist):
        business_day_period(date(2011, 12, 30), "Pacific/Apia")
    last = business_day_period(date(2011, 12, 29), "Pacific/Apia").to
    assert last == business_day_period(date(2011, 12, 31), "Pacific/Apia").from_
    assert last is not None
    assert business_date(last, "Pacific/Apia") == date(2011, 12, 31)


def test_a_period_of_dates_becomes_one_of_instants() -> None:
    month = business_period(Period(date(2025, 3, 1), date(2025, 4, 1)), LONDON, time(2))
    assert month.duration == timedelta(days=31) - timedelta(hours=1)
    assert business_period(Period(date(2025, 3, 1)), SHANGHAI).to is None


@given(st.integers(0, 35 * 365 * 86_400), ZONES, CLOSINGS)
def test_a_moment_lies_in_the_day_it_is_booked_on(seconds: int, zone: str, closing: time) -> None:
    moment = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert business_day_period(business_date(moment, zone, closing), zone, closing).contains(moment)


@given(st.dates(date(2000, 1, 1), date(2035, 1, 1)), ZONES, CLOSINGS)
def test_days_follow_each_other_without_gap(day: date, zone: str, closing: time) -> None:
    today = business_day_period(day, zone, closing)
    tomorrow = business_day_period(day + timedelta(days=1), zone, closing)
    assert today.to == tomorrow.from_
    assert timedelta(hours=22) < today.duration < timedelta(hours=26)
    assert business_date(today.from_, zone, closing) == day
    assert business_date(tomorrow.from_ - timedelta(microseconds=1), zone, closing) == day


def test_what_is_no_zone_hour_or_moment_is_refused_by_name() -> None:
    with pytest.raises(UnknownZone):
        zone_named("Asia/Beijing")
    with pytest.raises(UnknownZone):
        zone_named("../../etc/passwd")
    with pytest.raises(ClosingHourTooLate):
        business_day_period(date(2025, 6, 6), SHANGHAI, time(22))
    with pytest.raises(InstantWithoutZone):
        business_date(datetime(2025, 6, 6), SHANGHAI)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("day", "works", "holiday", "made_up_for"),
    [
        (date(2025, 1, 27), True, None, None),  # ordinary Monday
        (date(2025, 1, 26), True, None, "春节"),  # Sunday worked for the Spring Festival
        (date(2025, 1, 25), False, None, None),  # ordinary Saturday
        (date(2025, 1, 28), False, "春节", None),  # New Year's Eve, free since 2025
        (date(2025, 2, 4), False, "春节", None),
        (date(2025, 2, 5), True, None, None),
        (date(2025, 2, 8), True, None, "春节"),  # Saturday worked
        (date(2025, 4, 4), False, "清明节", None),
        (date(2025, 5, 1), False, "劳动节", None),
        (date(2025, 6, 2), False, "端午节", None),
        (date(2025, 10, 6), False, "中秋节", None),
        (date(2025, 10, 11), True, None, "国庆节"),
        (date(2024, 1, 1), False, "元旦", None),
        (date(2024, 10, 1), False, "国庆节", None),
    ],
)
def test_china_works_by_the_announced_calendar(
    day: date, works: bool, holiday: str | None, made_up_for: str | None
) -> None:
    answer = workday(day)
    assert (answer.is_workday, answer.is_known) == (works, True)
    assert is_workday(day) == works
    with override("zh-hans"):
        assert (holiday_name(day) and str(holiday_name(day))) == holiday
        assert (answer.made_up_for and str(answer.made_up_for)) == made_up_for


def test_a_year_not_announced_yet_counts_weekdays_and_says_so() -> None:
    beyond = date(calendar_known_through().year + 3, 10, 1)
    for offset in range(7):
        answer = workday(beyond + timedelta(days=offset))
        assert answer.is_workday == (answer.day.weekday() < 5)
        assert (answer.is_known, answer.holiday) == (False, None)
    assert not workday(date(1999, 10, 1)).is_known
