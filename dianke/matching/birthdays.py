"""A birthday for comparing: as it was given, and as the same day reads in the other calendar.

Many were born on the 15th of the eighth lunar month and tell it to one shop as such, to the next as "15 August",
to the third as the solar date of their identity card. With the other calendar's reading beside the own one, all
three can be recognised.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from dianke.core.errors import InvalidInput
from dianke.core.lunar import LunarDate, lunar_of, solar_of
from dianke.matching.conditions import Value

COLUMNS = (
    "birth_calendar",
    "birth_year",
    "birth_day",  # month * 100 + day
    "birth_text",  # YYYYMMDD, with 0000 where no year was told; None without month and day
    "birth_turned",  # YYYYDDMM, where the day may be a month
    "birth_day_converted",  # month * 100 + day in the other calendar; None without year
    "birth_year_converted",
)
_NONE: dict[str, Value] = dict.fromkeys(COLUMNS)
# What programs and clerks fill in when nobody knows.
_PLACEHOLDERS = frozenset(((1900, 101), (1970, 101), (1901, 101), (2000, 101), (1, 101)))


@lru_cache(maxsize=2_000)
def birth_parts(year: int | None, month: int, day: int, calendar: str, is_leap: bool) -> dict[str, Value]:
    """The columns of a birthday; all None for the dates that stand for "not known". Not to be changed."""
    if (year, month * 100 + day) in _PLACEHOLDERS:
        return _NONE
    converted = _converted(year, month, day, calendar, is_leap) if year else None
    return {
        "birth_calendar": calendar,
        "birth_year": year,
        "birth_day": month * 100 + day,
        "birth_text": f"{year or 0:04}{month:02}{day:02}",
        "birth_turned": f"{year or 0:04}{day:02}{month:02}" if day <= 12 and day != month else None,
        "birth_day_converted": converted[1] * 100 + converted[2] if converted else None,
        "birth_year_converted": converted[0] if converted else None,
    }


def _converted(year: int, month: int, day: int, calendar: str, is_leap: bool) -> tuple[int, int, int] | None:
    try:
        if calendar == "LUNAR":
            solar = solar_of(year, LunarDate(month, day, is_leap))
            return solar.year, solar.month, solar.day
        lunar = lunar_of(date(year, month, day))
        return lunar.year, lunar.month, lunar.day
    except (InvalidInput, ValueError):
        return None  # a day that never was, or before the almanacs begin
