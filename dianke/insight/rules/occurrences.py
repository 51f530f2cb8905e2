"""When a report goes out next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`frequency`: DAILY, WEEKLY on `weekday` (1 Monday), MONTHLY on `month_day`; from `hour` on."""

    frequency: str
    weekday: int
    month_day: int
    hour: int

    def falls_on(self, day: date) -> bool:
        if self.frequency == "WEEKLY":
            return day.isoweekday() == self.weekday
        return self.frequency == "DAILY" or day.day == self.month_day


def next_after(at: datetime, rhythm: Rhythm, zone: ZoneInfo) -> datetime:
    """The first occurrence later than `at`, in UTC."""
    day = at.astimezone(zone).date()
    while True:
        found = datetime.combine(day, time(rhythm.hour), zone)
        if rhythm.falls_on(day) and found > at:
            return found.astimezone(UTC)
        day += timedelta(days=1)
