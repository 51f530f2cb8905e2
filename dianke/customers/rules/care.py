"""On which days of the coming weeks which birthdays and anniversaries fall, as keys a database can be asked for.

A date that comes round is stored as it was given (calendar, month, day, leap month). Instead of computing the next
day of a million of them, the coming days are translated into the stored dates celebrated on them: one for the solar
calendar and a handful for the lunar one. The rules of leap months, short months and the 29th of February stand in
`core.lunar` alone; the translation asks it for every date there can be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from dianke.core.lunar import (
    FIRST_YEAR,
    LAST_YEAR,
    LunarDate,
    SolarDate,
    celebrated_in,
    celebrated_in_solar_year,
    lunar_year_of,
)
from dianke.core.period import Period, PeriodWithoutEnd

SOLAR, LUNAR = "SOLAR", "LUNAR"
#: A celebration comes again after 353 days at the earliest (a lunar year of 354 days, the 30th on the 29th). Whatever
#: comes sooner is the same celebration under a corrected date.
LEAST_DAYS_BETWEEN = 300


class StoredDay(NamedTuple):
    """A date as it is stored."""

    calendar: str
    month: int
    day: int
    is_leap: bool


@dataclass(frozen=True, slots=True)
class Celebration:
    """That `stored` is celebrated `on` a day; `year` is of its own calendar."""

    stored: StoredDay
    on: date
    year: int


_SOLAR_DATES = tuple(
    SolarDate(month, day)
    for month, length in enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), 1)
    for day in range(1, length + 1)
)
_LUNAR_DATES = tuple(
    LunarDate(month, day, is_leap)
    for month in range(1, 13)
    for day in range(1, 31)
    for is_leap in ((False, True) if 1 < month < 12 else (False,))
)


@lru_cache(maxsize=32)
def celebrations(first: date, to: date) -> tuple[Celebration, ...]:
    """Every storable date that is celebrated on a day of `[first, to)`, by day; a date can be there twice when the
    period spans a year. Days outside the known lunar years have solar dates only."""
    found = []
    for year in range(first.year, to.year + 1):
        for solar in _SOLAR_DATES:
            day = celebrated_in_solar_year(year, solar)
            if first <= day < to:
                found.append(Celebration(StoredDay(SOLAR, solar.month, solar.day, False), day, year))
    for year in _lunar_years(first, to):
        for lunar in _LUNAR_DATES:
            day = celebrated_in(year, lunar)
            if first <= day < to:
                found.append(Celebration(StoredDay(LUNAR, lunar.month, lunar.day, lunar.is_leap), day, year))
    return tuple(sorted(found, key=lambda each: (each.on, each.stored)))


def _lunar_years(first: date, to: date) -> Iterable[int]:
    """Lunar years that touch `[first, to)` and are known."""
    last = to - timedelta(days=1)
    if last < first or last.year < FIRST_YEAR + 1 or first.year > LAST_YEAR:
        return ()
    return range(
        lunar_year_of(max(first, date(FIRST_YEAR + 1, 1, 1))),
        lunar_year_of(min(last, date(LAST_YEAR, 12, 31))) + 1,
    )


def in_period(period: Period[date]) -> tuple[Celebration, ...]:
    """`celebrations` of a bounded period. Raises `PeriodWithoutEnd`."""
    if period.to is None:
        raise PeriodWithoutEnd()
    return celebrations(period.from_, period.to)


def celebrated_on(stored: LunarDate | SolarDate, day: date) -> int | None:
    """The year, of its own calendar, in which a date is celebrated on `day`; None when it is not celebrated then."""
    if isinstance(stored, SolarDate):
        return day.year if celebrated_in_solar_year(day.year, stored) == day else None
    year = lunar_year_of(day)
    return year if celebrated_in(year, stored) == day else None
