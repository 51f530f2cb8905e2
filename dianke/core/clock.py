"""When jobs of the clock are due: at an hour of the shops' day, whatever the zone of the queue."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings


def daily(at: str) -> str:
    """Cron for every day at `at` (`3:15`) in the time zone of the installation; the queue reads cron in UTC. Where
    clocks change it is an hour later for half of the year: the hour of winter counts.

    Raises `ValueError` for what is no time of day.
    """
    here = time.fromisoformat(at.zfill(5))
    winter = datetime.combine(date(2026, 1, 1), here, ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)
    return f"{winter.minute} {winter.hour} * * *"
