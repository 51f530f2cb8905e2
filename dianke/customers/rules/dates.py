"""Days that come round every year, as people give them: 1990-3-5, 3月5日, 农历八月十五, 闰四月初三, 1990年农历八月十五;
and what follows from a day of birth: how old somebody is, who counts as a child.

A lunar day stays lunar (month, day, leap month and the words it was given in); only the year may be missing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core import lunar
from dianke.core.errors import InvalidInput

#: Below this age everything about a person is sensitive and a guardian has to agree (个人信息保护法 art. 28 and 31).
GUARDED_BELOW = 14
#: Below this age a person is a minor (民法典 art. 17).
MINOR_BELOW = 18
FIRST_BIRTH_YEAR = 1900
OLDEST = 120  # years a person may be on the day of entry


class NotADate(InvalidInput):
    code = "not_a_date"
    message = _("“%(text)s” is not a date. Write it like 1990-3-5, or 3-5 without the year.")


class NoSuchDay(InvalidInput):
    code = "no_such_day"
    message = _("There is no such day: %(text)s. Check month and day.")


class DateInFuture(InvalidInput):
    code = "date_in_future"
    message = _("%(text)s is still to come. Check the year.")


class TooLongAgo(InvalidInput):
    code = "date_too_long_ago"
    message = _("%(text)s is more than %(years)s years ago. Check the year.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateEntry:
    """One such day. `kind` is a DateKind, `calendar` "SOLAR" or "LUNAR", `year` of that calendar or None, `text` the
    words as given."""

    month: int
    day: int
    year: int | None = None
    kind: str = "BIRTHDAY"
    calendar: str = "SOLAR"
    is_leap: bool = False
    label: str = ""
    text: str = ""

    @classmethod
    def parse(
        cls,
        text: str,
        *,
        kind: str = "BIRTHDAY",
        label: str = "",
        calendar: str = "",
        field: str | None = None,
    ) -> DateEntry:
        """What a person wrote. `calendar` "LUNAR" reads plain numbers as lunar ones.

        Raises `NotADate`, `NoSuchDay` and the errors of `core.lunar.parse`.
        """
        shown = " ".join(text.split())[:40]
        plain = unicodedata.normalize("NFKC", "".join(text.split())).translate(_SIMPLIFIED)
        is_lunar = calendar == "LUNAR" or any(word in plain for word in _LUNAR_WORDS)
        year = None
        if found := _YEAR.match(plain):
            year = int(found[1])
        if is_lunar:
            day = lunar.parse(plain, field=field)
            return cls(
                kind=kind,
                calendar="LUNAR",
                year=year,
                month=day.month,
                day=day.day,
                is_leap=day.is_leap,
                label=label,
                text=shown,
            )
        written = _SOLAR.fullmatch(plain)
        if written is None:
            # 八月十五, without saying which calendar: nobody spells a solar day so.
            try:
                if re.search(r"\d", plain):
                    raise NotADate(text=shown, field=field)
                day = lunar.parse(plain)
            except lunar.NotALunarDate:
                raise NotADate(text=shown, field=field) from None
            return cls(
                kind=kind,
                calendar="LUNAR",
                month=day.month,
                day=day.day,
                is_leap=day.is_leap,
                label=label,
                text=shown,
            )
        year_text = written["year"] or written["packed_year"]
        month, day_of_month = (
            int(written["month"] or written["packed_month"]),
            int(written["day"] or written["packed_day"]),
        )
        try:
            date(int(year_text) if year_text else 2000, month, day_of_month)
        except ValueError:
            raise NoSuchDay(text=shown, field=field) from None
        return cls(
            kind=kind,
            year=int(year_text) if year_text else None,
            month=month,
            day=day_of_month,
            label=label,
            text=shown,
        )

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> DateEntry:
        """The inverse of `to_json`."""
        return cls(**plain)

    def to_json(self) -> dict[str, Any]:
        """As records keep it."""
        return dict(zip(self.__slots__, _values_of(self), strict=True))

    @property
    def key(self) -> tuple[str, int | None, int, int, bool]:
        """What makes two entries the same day."""
        return (self.calendar, self.year, self.month, self.day, self.is_leap)

    def age_on(self, today: date) -> int | None:
        """Full years at `today`; None without a year. See `born_on`."""
        return None if self.born is None else age_on(self.born, today)

    def is_guarded_on(self, today: date) -> bool:
        """Whether whose birthday this is needs a guardian at `today`."""
        return _is_guarded_on(self, today)

    @property
    def born(self) -> date | None:
        """The solar day of birth, if this is a birthday with its year."""
        is_lunar = self.calendar == "LUNAR"
        return born_on(self.year, self.month, self.day, is_lunar=is_lunar, is_leap=self.is_leap)

    def checked(self, *, today: date, field: str | None = None) -> DateEntry:
        """The same day if it can be. Raises `NoSuchDay`, `DateInFuture`, `TooLongAgo` and lunar errors."""
        shown = self.text or f"{self.year or ''}-{self.month}-{self.day}".lstrip("-")
        try:
            if self.calendar == "LUNAR":
                lunar.LunarDate(self.month, self.day, self.is_leap)
                if (
                    self.year is not None
                    and lunar.FIRST_YEAR <= self.year <= lunar.LAST_YEAR
                    and self.is_leap
                ):
                    lunar.solar_of(self.year, lunar.LunarDate(self.month, min(self.day, 29), True))
            else:
                date(self.year or 2000, self.month, self.day)
        except ValueError:
            raise NoSuchDay(text=shown, field=field) from None
        except InvalidInput as error:
            error.field = field
            raise
        if self.year is not None:
            age = self.age_on(today)
            if self.year > today.year or (age is not None and age < 0):
                raise DateInFuture(text=shown, field=field)
            if self.year < today.year - OLDEST:
                raise TooLongAgo(text=shown, years=OLDEST, field=field)
        return self


_values_of = attrgetter(*DateEntry.__slots__)


@lru_cache(maxsize=65_536)  # a file names the same days again and again
def _is_guarded_on(day: DateEntry, today: date) -> bool:
    return is_guarded(day.born, today)


@lru_cache(maxsize=65_536)  # as above
def born_on(
    year: int | None, month: int, day: int, *, is_lunar: bool = False, is_leap: bool = False
) -> date | None:
    """The solar day of birth; None without a year or for one out of reach. A lunar year without that very day (a leap
    month written wrongly) takes the day it would be celebrated on."""
    if year is None or year < FIRST_BIRTH_YEAR:
        return None
    try:
        if not is_lunar:
            return lunar.celebrated_in_solar_year(year, lunar.SolarDate(month, day))
        lunar_day = lunar.LunarDate(month, day, is_leap)
        try:
            return lunar.solar_of(year, lunar_day)
        except InvalidInput:
            return lunar.celebrated_in(year, lunar_day)
    except InvalidInput:
        return None


def age_on(born: date, today: date) -> int:
    """Full years; a person is a year older from the day itself."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def is_guarded(born: date | None, today: date) -> bool:
    """Whether a guardian must have agreed: under fourteen. Without a year of birth nobody is taken for a child."""
    return born is not None and age_on(born, today) < GUARDED_BELOW


def is_minor(born: date | None, today: date) -> bool:
    """Under eighteen. Without a year of birth nobody is taken for one."""
    return born is not None and age_on(born, today) < MINOR_BELOW


_SIMPLIFIED = str.maketrans("農曆陰舊閏臘節陽號", "农历阴旧闰腊节阳号")
_LUNAR_WORDS = ("农历", "阴历", "旧历", "夏历", "闰", "初", "腊月", "正月", "冬月", "除夕")
_YEAR = re.compile(r"(?:农历|阴历|公历|阳历)?(\d{4})(?:年|[-./])")
_SOLAR = re.compile(
    r"(?:公历|阳历|新历)?(?:(?P<year>\d{4})(?:年|[-./]))?(?P<month>\d{1,2})(?:月|[-./])(?P<day>\d{1,2})[日号]?"
    r"(?:T?00:00(?::00)?)?"
    r"|(?P<packed_year>(?:19|20)\d\d)(?P<packed_month>\d\d)(?P<packed_day>\d\d)"
)
