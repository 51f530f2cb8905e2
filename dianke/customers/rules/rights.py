"""What the law says about requests of customers, as calculation: by when one must be answered, what outlives a person.

Terms: the Personal Information Protection Law (个人信息保护法) lets people see, copy, take along, correct and erase
their data (art. 44 to 50). It names no number of days for an answer; fifteen working days are the practice of
GB/T 35273. Engineering inputs, not legal advice. Who counts as a child stands in `dates.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORKING_DAYS = 15
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


def pseudonym(customer_id: int) -> str | Promise:
    """What stands for an erased person on documents and in ledgers."""
    return _("Erased customer #%(number)s") % {"number": customer_id}


def without_contact_data(text: str) -> str:
    """The text with phone and document numbers and mail addresses hidden: what outlives a person must not name it."""
    return _NUMBERS.sub(HIDDEN, _ADDRESSES.sub(HIDDEN, text))
