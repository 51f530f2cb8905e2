"""Which day a moment belongs to for a store, and which days are working days.

A store that closes at two in the morning books the hours after midnight on the day before; its business date
follows from the store's zone and closing hour. A business day is a stretch of instants without gap or
overlap to its neighbours, 23 or 25 hours long when the clocks change. China's working days follow the
public holidays and the make-up days (调休) that the State Council announces for each year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chinese_calendar import constants
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput
from dianke.core.period import InstantWithoutZone, Period

MIDNIGHT = time(0)
NOON = time(12)


class UnknownZone(InvalidInput):
    code = "unknown_zone"
    message = _("There is no time zone “%(zone)s”. Choose one like Asia/Shanghai or Europe/London.")


class ClosingHourTooLate(InvalidInput):
    code = "closing_hour_too_late"
    message = _(
        "The day cannot close at %(hour)s: that would book the evening on the next day. "
        "Choose an hour after midnight and before noon."
    )


class DayDoesNotExist(InvalidInput):
    code = "day_does_not_exist"
    message = _(
        "%(day)s never happened in %(zone)s: the calendar there was moved. Choose a neighbouring day."
    )


def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name; UnknownZone when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownZone(zone=name) from None


def business_date(instant: datetime, zone: ZoneInfo | str, closing_hour: time = MIDNIGHT) -> date:
    """The business date of an instant: with closing hour 02:00, 01:59 on the 6th belongs to the 5th.

    `instant` carries any zone (InstantWithoutZone else); `closing_hour` is local and before noon.
    """
    if instant.utcoffset() is None:
        raise InstantWithoutZone()
    store_zone = zone_named(zone) if isinstance(zone, str) else zone
    moment = instant.astimezone(UTC)
    day = moment.astimezone(store_zone).date()
    # Compared with the days' beginnings, not with the clock: on the night the clock is set back it shows the
    # hour before closing twice, and the day would begin, end and begin again.
    while moment < _beginning(day, store_zone, closing_hour):
        day -= timedelta(days=1)
    while moment >= _beginning(day + timedelta(days=1), store_zone, closing_hour):
        day += timedelta(days=1)
    return day


def business_day_period(day: date, zone: ZoneInfo | str, closing_hour: time = MIDNIGHT) -> Period[datetime]:
    """The instants (UTC) of one business date. 23 or 25 hours long where the clocks change within it."""
    return business_period(Period(day, day + timedelta(days=1)), zone, closing_hour)


def business_period(
    dates: Period[date], zone: ZoneInfo | str, closing_hour: time = MIDNIGHT
) -> Period[datetime]:
    """The instants (UTC) of a period of business dates: what to filter `…_at` columns by. Open stays open."""
    store_zone = zone_named(zone) if isinstance(zone, str) else zone
    from_ = _beginning(dates.from_, store_zone, closing_hour)
    if dates.to is None:
        return Period(from_)
    to = _beginning(dates.to, store_zone, closing_hour)
    if to == from_:
        raise DayDoesNotExist(day=dates.from_.isoformat(), zone=store_zone.key)
    return Period(from_, to)


@lru_cache(maxsize=4096)
def _beginning(day: date, zone: ZoneInfo, closing_hour: time) -> datetime:
    """The first instant (UTC) of a business date: when the local clock first reaches the closing hour.

    Where the clock shows that hour twice, it is the first time. Where it jumps over it, it is the jump.
    """
    if closing_hour >= NOON:
        raise ClosingHourTooLate(hour=closing_hour.isoformat("minutes"))
    local = datetime.combine(day, closing_hour.replace(tzinfo=None, fold=0), tzinfo=zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    return _jump(local, zone)


def _jump(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant of the jump that leaves out the clock time `local`."""
    after = local.astimezone(UTC)
    before = local.replace(fold=1).astimezone(UTC)
    old_offset = before.astimezone(zone).utcoffset()
    # The zone database does not tell its jumps; they lie on whole seconds, so halving the interval finds it.
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == old_offset:
            low = middle
        else:
            high = middle
    return (before + timedelta(seconds=high)).replace(microsecond=0)


# The names as chinesecalendar gives them, to be shown in the reader's language.
_HOLIDAY_NAMES: dict[str, str | Promise] = {
    "New Year's Day": _("New Year's Day"),
    "Spring Festival": _("Spring Festival"),
    "Tomb-sweeping Day": _("Tomb-sweeping Day"),
    "Labour Day": _("Labour Day"),
    "Dragon Boat Festival": _("Dragon Boat Festival"),
    "National Day": _("National Day"),
    "Mid-autumn Festival": _("Mid-autumn Festival"),
    "Anti-Fascist 70th Day": _("70th anniversary of the victory over fascism"),
}
_FIRST_KNOWN_YEAR = min(constants.holidays).year
_LAST_KNOWN_YEAR = max(constants.holidays).year


@dataclass(frozen=True, slots=True)
class Workday:
    """What the Chinese calendar says of a date.

    `holiday` is the festival of a day off by law or by exchange; `made_up_for` the festival for which a
    weekend is worked. `is_known` is False where the State Council's notice for that year is not in the
    data (before 2004, or a year not announced yet): then only Saturday and Sunday are taken for free
    days, and whoever shows or plans with the answer should say so.
    """

    day: date
    is_workday: bool
    holiday: str | Promise | None
    made_up_for: str | Promise | None
    is_known: bool


def workday(day: date) -> Workday:
    is_known = _FIRST_KNOWN_YEAR <= day.year <= _LAST_KNOWN_YEAR
    is_weekend = day.weekday() >= 5
    # A make-up day can lie in the last days of a year for the New Year of the next one, so both are looked up
    # even outside the known years.
    holiday = _name(constants.holidays.get(day))
    made_up_for = _name(constants.workdays.get(day))
    is_working = made_up_for is not None or (holiday is None and not is_weekend)
    return Workday(day, is_working, holiday, made_up_for, is_known)


def is_workday(day: date) -> bool:
    """Whether offices in mainland China work on that date; see `workday` for how sure that is."""
    return workday(day).is_workday


def holiday_name(day: date) -> str | Promise | None:
    """The festival for which the date is free (translated when shown), or None on any other day."""
    return workday(day).holiday


def calendar_known_through() -> date:
    """The last date for which holidays and make-up days are in the data."""
    return date(_LAST_KNOWN_YEAR, 12, 31)


def _name(holiday: str | None) -> str | Promise | None:
    # A festival that a newer edition of the data adds is shown by its English name until it is translated.
    return None if holiday is None else _HOLIDAY_NAMES.get(holiday, holiday)
