"""On which days a recurring task falls. Days only; the time of day and the zone belong to the task."""

from __future__ import annotations

import enum
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from dianke.core.business_dates import is_workday
from dianke.core.errors import InvalidInput
from dianke.core.lunar import LunarDate, SolarDate, occurrences
from dianke.core.period import Period


class Frequency(enum.StrEnum):
    DAILY = "DAILY"
    WORKDAYS = "WORKDAYS"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"
    LUNAR_YEARLY = "LUNAR_YEARLY"


class WeekdaysMissing(InvalidInput):
    code = "weekdays_missing"
    message = _("Choose at least one day of the week.")
    default_field = "weekdays"


class MonthDayMissing(InvalidInput):
    code = "month_day_missing"
    message = _("Say on which day of the month, 1 to 31. In shorter months the last day is taken.")
    default_field = "day"


class YearDayMissing(InvalidInput):
    code = "year_day_missing"
    message = _("Say month and day, such as 3-8, or for the lunar year 8-15.")
    default_field = "yearly_on"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A pattern. `weekdays` (0 Monday) belong to WEEKLY, `day` to MONTHLY, `month`, `day` and `is_leap_month` to the
    yearly ones."""

    frequency: Frequency
    weekdays: frozenset[int] = frozenset()
    month: int | None = None
    day: int | None = None
    is_leap_month: bool = False

    def check(self) -> None:
        """Raise what is missing or impossible."""
        if self.frequency is Frequency.WEEKLY and not (
            self.weekdays and self.weekdays <= frozenset(range(7))
        ):
            raise WeekdaysMissing
        if self.frequency is Frequency.MONTHLY and not (self.day and 1 <= self.day <= 31):
            raise MonthDayMissing
        if self.frequency in (Frequency.YEARLY, Frequency.LUNAR_YEARLY):
            _day_of_year(self)


def _day_of_year(pattern: Recurrence) -> LunarDate | SolarDate:
    if not pattern.month or not pattern.day:
        raise YearDayMissing
    if pattern.frequency is Frequency.LUNAR_YEARLY:
        return LunarDate(pattern.month, pattern.day, pattern.is_leap_month)
    return SolarDate(pattern.month, pattern.day)


def days_of(pattern: Recurrence, first: date, last: date) -> list[date]:
    """The days of the pattern from `first` to `last`, both included, in order.

    MONTHLY on a day a month does not have falls on its last day; a lunar day 30 of a short month on the 29th, a leap
    month's day in the ordinary month of years without it (`core.lunar`); 29 February on the 28th of common years.
    """
    if last < first:
        return []
    if pattern.frequency in (Frequency.YEARLY, Frequency.LUNAR_YEARLY):
        return occurrences(_day_of_year(pattern), Period(first, last + timedelta(days=1)))
    span = (first + timedelta(days=step) for step in range((last - first).days + 1))
    return [day for day in span if _falls_on(pattern, day)]


def _falls_on(pattern: Recurrence, day: date) -> bool:
    match pattern.frequency:
        case Frequency.DAILY:
            return True
        case Frequency.WORKDAYS:
            return is_workday(day)
        case Frequency.WEEKLY:
            return day.weekday() in pattern.weekdays
        case _:
            return day.day == min(pattern.day or 0, monthrange(day.year, day.month)[1])


def next_days(pattern: Recurrence, after: date, count: int) -> list[date]:
    """The next `count` days after a day: what the form shows so that one sees what one chose."""
    found: list[date] = []
    first, step = after + timedelta(days=1), timedelta(days=800 if count > 1 else 400)
    for _window in range(6):
        found += days_of(pattern, first, first + step)
        if len(found) >= count:
            break
        first += step + timedelta(days=1)
    return found[:count]


def due_to_make(
    pattern: Recurrence,
    *,
    starts_on: date,
    ends_on: date | None,
    made_through: date | None,
    lead_days: int,
    today: date,
) -> list[date]:
    """The occurrences whose tasks are to be made today: those up to `lead_days` ahead that are not made yet.

    After a pause or a stopped machine the missed ones are not made up for, but for the last of them if it is not
    older than a day: thirty opening checks of last month help nobody.
    """
    first = starts_on if made_through is None else max(starts_on, made_through + timedelta(days=1))
    last = today + timedelta(days=lead_days)
    if ends_on is not None:
        last = min(last, ends_on)
    found = days_of(pattern, first, last)
    missed = [day for day in found if day < today]
    coming = [day for day in found if day >= today]
    late = missed[-1:] if missed and missed[-1] >= today - timedelta(days=1) else []
    return late + coming
