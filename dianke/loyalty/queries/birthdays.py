"""Whether a day is somebody's birthday, for rules that ask; nothing is read when none asks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from dianke.core.lunar import FIRST_YEAR, LAST_YEAR, LunarDate, lunar_date_of
from dianke.customers.models import DateKind, ImportantDate
from dianke.customers.rules.care import celebrated_on
from dianke.loyalty.queries.context import Context


@dataclass(frozen=True, slots=True)
class Birthday:
    is_today: bool = False
    is_this_month: bool = False


def birthday_of(context: Context, day: date) -> Birthday:
    """For a profile on a day, where some rule asks. At most one statement."""
    if not any(rule.birthday for rule in context.rules):
        return Birthday()
    return birthday_on(context.customer_ids, day)


def birthday_on(customer_ids: Collection[int], day: date) -> Birthday:
    """For a profile on a day; a lunar birthday has its lunar month. One statement."""
    row = (
        ImportantDate.objects.filter(customer__in=customer_ids, kind=DateKind.BIRTHDAY, archived_at=None)
        .order_by("-pk")
        .first()
    )
    if row is None:
        return Birthday()
    recurring = row.recurring
    if not isinstance(recurring, LunarDate):
        return Birthday(celebrated_on(recurring, day) is not None, recurring.month == day.month)
    if not FIRST_YEAR < day.year < LAST_YEAR:
        return Birthday()
    return Birthday(celebrated_on(recurring, day) is not None, lunar_date_of(day).month == recurring.month)
