"""The lunar calendar as people use it: birthdays and festivals that come round every year.

A lunar birthday is kept as month, day, leap month and the words it was given in, never as a converted date,
because the solar date differs every year. This module reads and writes such dates and says on which days
they are celebrated; the same door serves solar birthdays, of which only the 29th of February needs a
rule.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import isleap, monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _
from lunar_python import LunarYear

from dianke.core.errors import InvalidInput
from dianke.core.period import Period, PeriodWithoutEnd

# Lunar years for which the almanacs are published; the tests compare leap months and New Years with them.
FIRST_YEAR, LAST_YEAR = 1900, 2100


class NotALunarDate(InvalidInput):
    code = "not_a_lunar_date"
    message = _("“%(text)s” is not a lunar date. Write month and day, for example 8-15.")


class NoSuchLunarDay(InvalidInput):
    code = "no_such_lunar_day"
    message = _("The lunar calendar has no month %(month)s day %(day)s. Months go to 12 and days to 30.")


class NoSuchLeapMonth(InvalidInput):
    code = "no_such_leap_month"
    message = _(
        "There is no leap month %(month)s between 1900 and 2100. Check whether it was the ordinary month."
    )


class NotInThisLunarYear(InvalidInput):
    code = "not_in_this_lunar_year"
    message = _("The lunar year %(year)s has no %(day)s. Check the year, the leap month and the day.")


class LunarCalendarEnds(InvalidInput):
    code = "lunar_calendar_ends"
    message = _("The lunar calendar is only known from %(first)s to %(last)s. Choose a year in between.")


class NoSuchSolarDay(InvalidInput):
    code = "no_such_solar_day"
    message = _("There is no day %(day)s in month %(month)s. Correct the date.")


@dataclass(frozen=True, slots=True)
class LunarDate:
    """A day of the lunar year. `text` is what was written down, kept as evidence, and no part of equality."""

    month: int
    day: int
    is_leap: bool = False
    text: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not (1 <= self.month <= 12 and 1 <= self.day <= 30):
            raise NoSuchLunarDay(month=self.month, day=self.day)
        if self.is_leap and self.month in (1, 12):
            raise NoSuchLeapMonth(month=self.month)

    def format(self, locale: str = "zh_Hans") -> str:
        """ "农历闰四月初三" (農曆 in traditional Chinese), "lunar 8-15", "lunar leap 4-3" elsewhere."""
        if not locale.lower().startswith("zh"):
            return f"lunar {'leap ' if self.is_leap else ''}{self.month}-{self.day}"
        spoken = (
            f"农历{'闰' if self.is_leap else ''}{_MONTH_NAMES[self.month - 1]}月{_DAY_NAMES[self.day - 1]}"
        )
        is_traditional = any(mark in locale.lower() for mark in ("hant", "tw", "hk", "mo"))
        return spoken.translate(_TO_TRADITIONAL) if is_traditional else spoken


@dataclass(frozen=True, slots=True)
class SolarDate:
    """A day of the solar year, without its year; the 29th of February is one."""

    month: int
    day: int

    def __post_init__(self) -> None:
        if not (1 <= self.month <= 12 and 1 <= self.day <= monthrange(2000, self.month)[1]):
            raise NoSuchSolarDay(month=self.month, day=self.day)


class LunarDay(NamedTuple):
    """One certain day: the lunar year it lies in, and its place there."""

    year: int
    month: int
    day: int
    is_leap: bool


class _Month(NamedTuple):
    month: int
    is_leap: bool
    length: int
    first: date


@lru_cache(maxsize=256)
def _months(year: int) -> tuple[_Month, ...]:
    """The 12 or 13 months of a lunar year. Cached: the library takes milliseconds to work a year out."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise LunarCalendarEnds(first=FIRST_YEAR, last=LAST_YEAR)
    return tuple(
        _Month(
            month=abs(month.getMonth()),
            is_leap=month.getMonth() < 0,
            length=month.getDayCount(),
            # A Julian day begins at noon; the civil day 1970-01-01 is the one around Julian day 2440588.
            first=date(1970, 1, 1) + timedelta(days=int(month.getFirstJulianDay() + 0.5) - 2440588),
        )
        for month in LunarYear.fromYear(year).getMonths()
        if month.getYear() == year
    )


def leap_month_of(year: int) -> int | None:
    """The month that comes twice in that lunar year, or None: 2025 -> 6."""
    return next((month.month for month in _months(year) if month.is_leap), None)


def lunar_year_of(day: date) -> int:
    """The lunar year of a solar date: 2025-01-28 is still in 2024, New Year 2025 was the day after."""
    for year in (day.year, day.year - 1):
        if FIRST_YEAR <= year <= LAST_YEAR:
            months = _months(year)
            if months[0].first <= day < months[-1].first + timedelta(days=months[-1].length):
                return year
    raise LunarCalendarEnds(first=FIRST_YEAR, last=LAST_YEAR)


def lunar_of(day: date) -> LunarDay:
    """The lunar day of a solar date."""
    year = lunar_year_of(day)
    month = next(month for month in reversed(_months(year)) if month.first <= day)
    return LunarDay(year, month.month, (day - month.first).days + 1, month.is_leap)


def lunar_date_of(day: date) -> LunarDate:
    """The yearly lunar date of a solar birth date, for the person who knows only that one."""
    lunar = lunar_of(day)
    plain = LunarDate(lunar.month, lunar.day, lunar.is_leap)
    return LunarDate(plain.month, plain.day, plain.is_leap, plain.format())


def solar_of(year: int, day: LunarDate) -> date:
    """The solar date of exactly this lunar day in a lunar year; NotInThisLunarYear when that year has
    none.
    """
    for month in _months(year):
        if (month.month, month.is_leap) == (day.month, day.is_leap) and day.day <= month.length:
            return month.first + timedelta(days=day.day - 1)
    raise NotInThisLunarYear(year=year, day=day.format())


def celebrated_in(year: int, day: LunarDate) -> date:
    """The solar date on which a lunar date is celebrated in a lunar year: always exactly one.

    A leap-month date is celebrated in the leap month where the year has it, else in the ordinary month of
    that number; the 30th of a month with 29 days on the 29th.
    """
    months = [month for month in _months(year) if month.month == day.month]
    month = next((month for month in months if month.is_leap == day.is_leap), months[0])
    return month.first + timedelta(days=min(day.day, month.length) - 1)


def celebrated_in_solar_year(year: int, day: SolarDate) -> date:
    """The date of a solar birthday in a year: 29 February falls on 28 February in common years.

    The 28th and not the 1st of March: the birthday stays in its month and a greeting is never late.
    """
    if (day.month, day.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return date(year, day.month, day.day)


def next_occurrence(day: LunarDate | SolarDate, on_or_after: date) -> date:
    """The first celebration on or after a date."""
    if isinstance(day, SolarDate):
        this_year = celebrated_in_solar_year(on_or_after.year, day)
        if this_year >= on_or_after:
            return this_year
        return celebrated_in_solar_year(on_or_after.year + 1, day)
    year = lunar_year_of(on_or_after)
    this_year = celebrated_in(year, day)
    return this_year if this_year >= on_or_after else celebrated_in(year + 1, day)


def occurrences(day: LunarDate | SolarDate, period: Period[date]) -> list[date]:
    """Every celebration within a bounded period, in order, one per lunar (or solar) year.

    A solar year may hold the same lunar date twice or not at all; who gives once a year counts by
    `lunar_year_of` the date, not by its solar year.
    """
    if period.to is None:
        raise PeriodWithoutEnd()
    if isinstance(day, SolarDate):
        years = range(period.from_.year, period.to.year + 1)
        dates = [celebrated_in_solar_year(year, day) for year in years]
    else:
        last = period.to - timedelta(days=1)
        dates = [
            celebrated_in(year, day) for year in range(lunar_year_of(period.from_), lunar_year_of(last) + 1)
        ]
    return [celebrated for celebrated in dates if period.contains(celebrated)]


_DIGITS = "一二三四五六七八九十"
_MONTH_NAMES = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")
_DAY_NAMES = (
    *(f"初{digit}" for digit in _DIGITS),
    *(f"十{digit}" for digit in _DIGITS[:9]),
    "二十",
    *(f"廿{digit}" for digit in _DIGITS[:9]),
    "三十",
)
_MONTHS_SPOKEN = {name: number for number, name in enumerate(_MONTH_NAMES, 1)} | {
    "一": 1,
    "元": 1,
    "端": 1,
    "十一": 11,
    "十二": 12,
}
_DAYS_SPOKEN = (
    {name: number for number, name in enumerate(_DAY_NAMES, 1)}
    | {digit: number for number, digit in enumerate(_DIGITS, 1)}
    | {f"二十{digit}": 20 + number for number, digit in enumerate(_DIGITS[:9], 1)}
    | {f"念{digit}": 20 + number for number, digit in enumerate(_DIGITS[:9], 1)}
    | {"廿": 20, "卅": 30}
)
_FESTIVALS = {
    "春节": (1, 1),
    "大年初一": (1, 1),
    "元宵": (1, 15),
    "元宵节": (1, 15),
    "端午": (5, 5),
    "端午节": (5, 5),
    "七夕": (7, 7),
    "七夕节": (7, 7),
    "中元节": (7, 15),
    "中秋": (8, 15),
    "中秋节": (8, 15),
    "重阳": (9, 9),
    "重阳节": (9, 9),
    "腊八": (12, 8),
    "腊八节": (12, 8),
    "除夕": (12, 30),
    "大年三十": (12, 30),
}
_TO_SIMPLIFIED = str.maketrans("農曆陰舊閏臘節陽號", "农历阴旧闰腊节阳号")
_TO_TRADITIONAL = str.maketrans("农历闰腊", "農曆閏臘")
_WRITTEN = re.compile(
    r"(?:农历|阴历|旧历|夏历|农|阴)?"
    r"(?:(?:\d{4}|[零〇一二三四五六七八九]{4}|[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥])年|\d{4}[-./])?"
    r"(?:农历|阴历)?"
    r"(?P<leap>闰?)"
    r"(?:(?P<month>[一二三四五六七八九十正元端冬腊]{1,2}|\d{1,2})月"
    r"(?P<day>[初一二三四五六七八九十廿念卅]{1,3}|\d{1,2})"
    r"|(?P<month_number>\d{1,2})[-./](?P<day_number>\d{1,2}))[日号]?"
)


def parse(text: str, *, field: str | None = None) -> LunarDate:
    """A lunar date as people write it, its words kept: 农历八月十五, 闰四月初三, 8-15, 閏4月3日, 除夕.

    A year before it is read over (the words stay in `text`). Raises NotALunarDate, NoSuchLunarDay or
    NoSuchLeapMonth.
    """
    shown = text.strip()
    plain = "".join(unicodedata.normalize("NFKC", text).split()).translate(_TO_SIMPLIFIED)
    bare = plain.removeprefix("农历").removeprefix("阴历")
    if bare in _FESTIVALS:
        month, day = _FESTIVALS[bare]
        return LunarDate(month, day, False, shown)
    written = _WRITTEN.fullmatch(plain)
    if written is None:
        raise NotALunarDate(text=shown, field=field)
    month_text, day_text = (
        written["month"] or written["month_number"],
        written["day"] or written["day_number"],
    )
    month_read = int(month_text) if month_text.isdecimal() else _MONTHS_SPOKEN.get(month_text)
    day_read = int(day_text) if day_text.isdecimal() else _DAYS_SPOKEN.get(day_text)
    if month_read is None or day_read is None:
        raise NotALunarDate(text=shown, field=field)
    try:
        return LunarDate(month_read, day_read, bool(written["leap"]), shown)
    except InvalidInput as error:
        error.field = field
        raise
