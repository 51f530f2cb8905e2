"""Lunar dates are read, shown and celebrated by the almanac.

The tables are facts of the published almanacs (Hong Kong Observatory, Purple Mountain Observatory).
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.core import lunar
from dianke.core.errors import InvalidInput
from dianke.core.lunar import LunarDate, SolarDate, next_occurrence, occurrences
from dianke.core.period import Period, PeriodWithoutEnd, year_period

LUNAR_DATES = st.builds(LunarDate, st.integers(1, 12), st.integers(1, 30)) | st.builds(
    LunarDate, st.integers(2, 11), st.integers(1, 30), st.just(True)
)
DAYS = st.dates(date(1901, 1, 1), date(2099, 1, 1))


@pytest.mark.parametrize(
    ("year", "month", "day", "is_leap", "solar"),
    [
        # New Years
        (1985, 1, 1, False, date(1985, 2, 20)),
        (2000, 1, 1, False, date(2000, 2, 5)),
        (2020, 1, 1, False, date(2020, 1, 25)),
        (2023, 1, 1, False, date(2023, 1, 22)),
        (2024, 1, 1, False, date(2024, 2, 10)),
        (2025, 1, 1, False, date(2025, 1, 29)),
        (2026, 1, 1, False, date(2026, 2, 17)),
        (2033, 1, 1, False, date(2033, 1, 31)),
        (2034, 1, 1, False, date(2034, 2, 19)),
        # Mid-autumn and Dragon Boat
        (2020, 8, 15, False, date(2020, 10, 1)),
        (2023, 8, 15, False, date(2023, 9, 29)),
        (2024, 8, 15, False, date(2024, 9, 17)),
        (2025, 8, 15, False, date(2025, 10, 6)),
        (2025, 5, 5, False, date(2025, 5, 31)),
        # First days of leap months
        (2020, 4, 1, True, date(2020, 5, 23)),
        (2023, 2, 1, True, date(2023, 3, 22)),
        (2025, 6, 1, True, date(2025, 7, 25)),
        (2033, 11, 1, True, date(2033, 12, 22)),
        # New Year's Eves on the 30th and on the 29th
        (2023, 12, 30, False, date(2024, 2, 9)),
        (2024, 12, 29, False, date(2025, 1, 28)),
    ],
)
def test_the_almanac_is_kept(year: int, month: int, day: int, is_leap: bool, solar: date) -> None:
    assert lunar.solar_of(year, LunarDate(month, day, is_leap)) == solar
    assert lunar.lunar_of(solar) == (year, month, day, is_leap)
    assert lunar.lunar_year_of(solar) == year


@pytest.mark.parametrize(
    ("year", "month"), [(2020, 4), (2021, None), (2023, 2), (2025, 6), (2028, 5), (2033, 11), (1984, 10)]
)
def test_leap_months_stand_where_the_almanac_has_them(year: int, month: int | None) -> None:
    assert lunar.leap_month_of(year) == month


def test_a_day_that_a_year_lacks_is_refused_by_name() -> None:
    with pytest.raises(lunar.NotInThisLunarYear):
        lunar.solar_of(2024, LunarDate(6, 1, is_leap=True))
    with pytest.raises(lunar.NotInThisLunarYear):
        lunar.solar_of(2024, LunarDate(12, 30))


@pytest.mark.parametrize(
    ("born", "year", "celebrated"),
    [
        # Born in leap month six: in 2025 in the leap month, in years without it in the ordinary sixth.
        (LunarDate(6, 1, is_leap=True), 2025, date(2025, 7, 25)),
        (LunarDate(6, 1, is_leap=True), 2024, date(2024, 7, 6)),
        (LunarDate(6, 1), 2025, date(2025, 6, 25)),
        # The thirtieth of a month that has 29 days this year.
        (LunarDate(12, 30), 2024, date(2025, 1, 28)),
        (LunarDate(12, 30), 2023, date(2024, 2, 9)),
        (LunarDate(6, 30, is_leap=True), 2025, date(2025, 8, 22)),
        (LunarDate(4, 30, is_leap=True), 2020, date(2020, 6, 20)),
    ],
)
def test_a_birthday_is_celebrated_once_in_a_lunar_year(born: LunarDate, year: int, celebrated: date) -> None:
    assert lunar.celebrated_in(year, born) == celebrated
    assert lunar.lunar_year_of(celebrated) == year


@pytest.mark.parametrize(
    ("born", "from_", "expected"),
    [
        (LunarDate(8, 15), date(2025, 10, 6), date(2025, 10, 6)),
        (LunarDate(8, 15), date(2025, 10, 7), date(2026, 9, 25)),
        (LunarDate(12, 8), date(2025, 1, 1), date(2025, 1, 7)),
        (LunarDate(12, 8), date(2025, 1, 8), date(2026, 1, 26)),
        (LunarDate(2, 15, is_leap=True), date(2023, 1, 1), date(2023, 4, 5)),
        (LunarDate(2, 15), date(2023, 1, 1), date(2023, 3, 6)),
        (SolarDate(2, 29), date(2023, 1, 1), date(2023, 2, 28)),
        (SolarDate(2, 29), date(2024, 1, 1), date(2024, 2, 29)),
        (SolarDate(2, 29), date(2024, 3, 1), date(2025, 2, 28)),
        (SolarDate(2, 29), date(2025, 2, 28), date(2025, 2, 28)),
        (SolarDate(12, 31), date(2025, 12, 31), date(2025, 12, 31)),
        (SolarDate(1, 1), date(2025, 1, 2), date(2026, 1, 1)),
    ],
)
def test_the_next_celebration_is_found(born: LunarDate | SolarDate, from_: date, expected: date) -> None:
    assert next_occurrence(born, from_) == expected


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2020, [date(2020, 1, 2)]),
        (2021, [date(2021, 1, 20)]),
        (2022, [date(2022, 1, 10), date(2022, 12, 30)]),
        (2023, []),
        (2024, [date(2024, 1, 18)]),
    ],
)
def test_a_solar_year_may_hold_a_lunar_date_twice_or_never(year: int, expected: list[date]) -> None:
    assert occurrences(LunarDate(12, 8), year_period(year)) == expected


def test_solar_birthdays_come_once_in_every_year() -> None:
    leap_day = occurrences(SolarDate(2, 29), Period(date(2023, 1, 1), date(2026, 1, 1)))
    assert leap_day == [date(2023, 2, 28), date(2024, 2, 29), date(2025, 2, 28)]
    with pytest.raises(PeriodWithoutEnd):
        occurrences(SolarDate(2, 29), Period(date(2023, 1, 1)))


@pytest.mark.parametrize(
    ("text", "month", "day", "is_leap"),
    [
        ("农历八月十五", 8, 15, False),
        ("八月十五", 8, 15, False),
        ("農曆八月十五", 8, 15, False),
        ("闰四月初三", 4, 3, True),
        ("閏四月初三", 4, 3, True),
        ("腊月三十", 12, 30, False),
        ("臘月廿九", 12, 29, False),
        ("正月初一", 1, 1, False),
        ("冬月廿一", 11, 21, False),
        ("十一月二十一日", 11, 21, False),
        ("十二月初八", 12, 8, False),
        ("阴历5月5日", 5, 5, False),
        ("8-15", 8, 15, False),
        ("08/15", 8, 15, False),
        ("８．１５", 8, 15, False),
        ("闰4-3", 4, 3, True),
        ("闰6月1", 6, 1, True),
        (" 农历 八月 十五 ", 8, 15, False),
        ("农历1985年八月十五", 8, 15, False),
        ("一九八五年八月十五", 8, 15, False),
        ("乙丑年八月十五", 8, 15, False),
        ("1985-8-15", 8, 15, False),
        ("1985年农历八月十五", 8, 15, False),
        ("除夕", 12, 30, False),
        ("农历中秋节", 8, 15, False),
        ("三月三", 3, 3, False),
        ("二月二", 2, 2, False),
        ("九月廿", 9, 20, False),
    ],
)
def test_people_write_lunar_dates_in_many_ways(text: str, month: int, day: int, is_leap: bool) -> None:
    read = lunar.parse(text)
    assert (read.month, read.day, read.is_leap) == (month, day, is_leap)
    assert read.text == text.strip()
    assert read == LunarDate(month, day, is_leap)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", lunar.NotALunarDate),
        ("明天", lunar.NotALunarDate),
        ("八月", lunar.NotALunarDate),
        ("八月十五六", lunar.NotALunarDate),
        ("初三八月", lunar.NotALunarDate),
        ("8-31", lunar.NoSuchLunarDay),
        ("13-1", lunar.NoSuchLunarDay),
        ("8-0", lunar.NoSuchLunarDay),
        ("闰正月初一", lunar.NoSuchLeapMonth),
        ("闰腊月初一", lunar.NoSuchLeapMonth),
    ],
)
def test_what_is_no_lunar_date_is_refused_by_name(text: str, error: type[InvalidInput]) -> None:
    with pytest.raises(error) as refused:
        lunar.parse(text, field="birthday")
    assert refused.value.field == "birthday"
    assert str(refused.value)


def test_a_lunar_date_is_shown_as_people_say_it() -> None:
    assert LunarDate(8, 15).format() == "农历八月十五"
    assert LunarDate(4, 3, is_leap=True).format("zh-hans") == "农历闰四月初三"
    assert LunarDate(12, 30).format("zh-hant") == "農曆臘月三十"
    assert LunarDate(11, 20).format() == "农历冬月二十"
    assert LunarDate(4, 3, is_leap=True).format("en") == "lunar leap 4-3"
    assert lunar.lunar_date_of(date(2025, 7, 25)).text == "农历闰六月初一"


def test_the_calendar_says_where_it_ends() -> None:
    assert lunar.lunar_year_of(date(1900, 1, 31)) == 1900
    assert lunar.lunar_year_of(date(2101, 1, 28)) == 2100
    for outside in (date(1900, 1, 30), date(2101, 1, 29), date(1700, 1, 1), date(2300, 1, 1)):
        with pytest.raises(lunar.LunarCalendarEnds):
            lunar.lunar_of(outside)


def test_the_29th_of_february_is_a_day_and_the_30th_is_none() -> None:
    assert SolarDate(2, 29).day == 29
    with pytest.raises(lunar.NoSuchSolarDay):
        SolarDate(2, 30)
    with pytest.raises(lunar.NoSuchSolarDay):
        SolarDate(13, 1)


@given(DAYS)
def test_every_day_has_one_lunar_day_and_comes_back_from_it(day: date) -> None:
    year, month, number, is_leap = lunar.lunar_of(day)
    assert lunar.solar_of(year, LunarDate(month, number, is_leap)) == day


@given(DAYS)
def test_the_lunar_day_after_is_the_next_or_a_first(day: date) -> None:
    today, tomorrow = lunar.lunar_of(day), lunar.lunar_of(day + timedelta(days=1))
    assert tomorrow.day == 1 or tomorrow == today._replace(day=today.day + 1)
    assert tomorrow.day != 1 or today.day in (29, 30)


@given(LUNAR_DATES)
def test_what_is_shown_reads_back(day: LunarDate) -> None:
    assert lunar.parse(day.format("zh-hans")) == day
    assert lunar.parse(day.format("zh-hant")) == day


@given(LUNAR_DATES, DAYS)
def test_the_next_celebration_is_the_nearest(born: LunarDate, from_: date) -> None:
    found = next_occurrence(born, from_)
    assert from_ <= found <= from_ + timedelta(days=385)
    assert next_occurrence(born, found) == found
    if found > from_:
        assert occurrences(born, Period(from_, found)) == []
    month = lunar.lunar_of(found)
    assert month.month == born.month
    assert month.day == born.day or (month.day, born.day) == (29, 30)
    assert month.is_leap <= born.is_leap


@given(LUNAR_DATES, DAYS, st.integers(1, 4000))
def test_celebrations_come_once_in_each_lunar_year(born: LunarDate, from_: date, length: int) -> None:
    found = occurrences(born, Period(from_, min(from_ + timedelta(days=length), date(2100, 1, 1))))
    years = [lunar.lunar_year_of(day) for day in found]
    assert years == list(range(years[0], years[0] + len(years))) if years else found == []
    assert found == sorted(found)
