"""What the law says about requests of customers, as calculation: by when one must be answered, who counts as a child.

Terms: the Personal Information Protection Law (个人信息保护法) lets people see, copy, take along, correct and erase
their data (art. 44 to 50) and asks for a guardian's consent below fourteen (art. 31). It names no number of days for an
answer; fifteen working days are the practice of GB/T 35273. Engineering inputs, not legal advice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput
from dianke.core.lunar import LunarDate, celebrated_in, celebrated_in_solar_year, solar_of
from dianke.core.lunar import SolarDate as Solar

WORKING_DAYS = 15
#: Below this age everything about a person is sensitive and needs a guardian's consent.
GUARDED_BELOW = 14
#: Below this age a person is a minor.
MINOR_BELOW = 18
FIRST_BIRTH_YEAR = 1900
HIDDEN = "•••"
#: Seven digits or more (with the marks people write between them), and whatever holds an @ between words.
_NUMBERS = re.compile(r"\+?\d(?:[ \-–—.()（）]?\d){6,}")
_ADDRESSES = re.compile(r"[^\s@<>（）()，。；：]+@[^\s@<>（）()，。；：]+")


def answer_by(received: date, *, is_workday: Callable[[date], bool], days: int = WORKING_DAYS) -> date:
    """The last day for an answer: the `days`-th working day after the day of receipt, which itself does not count."""
    day = received
    while days > 0:
        day += timedelta(days=1)
        days -= is_workday(day)
    return day


def days_left(due: date, today: date, *, is_workday: Callable[[date], bool]) -> int:
    """Working days from tomorrow to `due`; negative for each one since."""
    first, last, sign = (today, due, 1) if due >= today else (due, today, -1)
    count = sum(is_workday(first + timedelta(days=offset)) for offset in range(1, (last - first).days + 1))
    return sign * count


def born_on(
    year: int | None, month: int, day: int, *, is_lunar: bool = False, is_leap: bool = False
) -> date | None:
    """The solar day of birth; None without a year or for one out of reach. A lunar year without that very day (a leap
    month written wrongly) takes the day it would be celebrated on."""
    if year is None or year < FIRST_BIRTH_YEAR:
        return None
    try:
        if not is_lunar:
            return celebrated_in_solar_year(year, Solar(month, day))
        lunar = LunarDate(month, day, is_leap)
        try:
            return solar_of(year, lunar)
        except InvalidInput:
            return celebrated_in(year, lunar)
    except InvalidInput:
        return None


def age_on(born: date, today: date) -> int:
    """Full years; a person is a year older from the day itself."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def is_guarded(born: date | None, today: date) -> bool:
    """Whether a guardian must have agreed: under fourteen. Without a year of birth nobody is taken for a child."""
    return born is not None and age_on(born, today) < GUARDED_BELOW


def is_minor(born: date | None, today: date) -> bool:
    return born is not None and age_on(born, today) < MINOR_BELOW


def may_be_marketed_to(born: date | None, today: date, *, has_guardian: bool) -> bool:
    """Offers and news never go to a child whose guardian has not agreed."""
    return has_guardian or not is_guarded(born, today)


def pseudonym(customer_id: int) -> str | Promise:
    """What stands for an erased person on documents and in ledgers."""
    return _("Erased customer #%(number)s") % {"number": customer_id}


def without_contact_data(text: str) -> str:
    """The text with phone and document numbers and mail addresses hidden: what outlives a person must not name it."""
    return _NUMBERS.sub(HIDDEN, _ADDRESSES.sub(HIDDEN, text))
