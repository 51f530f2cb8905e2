"""To when a task is put off by one tap."""

from __future__ import annotations

import enum
from datetime import datetime, time, timedelta


class Snooze(enum.StrEnum):
    HOUR = "HOUR"
    TOMORROW = "TOMORROW"
    MONDAY = "MONDAY"
    WEEK = "WEEK"


def snooze_until(choice: Snooze, now: datetime, *, due: datetime | None = None) -> datetime:
    """`now` and `due` in local time. An hour from now; else the hour it was due at (ten o'clock when it had none) on
    the next day, the next Monday, or the same weekday of next week."""
    if choice is Snooze.HOUR:
        return now + timedelta(hours=1)
    days = {
        Snooze.TOMORROW: 1,
        Snooze.MONDAY: 7 - now.weekday(),
        Snooze.WEEK: 7,
    }[choice]
    at = due.timetz().replace(tzinfo=None) if due is not None else time(10)
    return datetime.combine(now.date() + timedelta(days=days), at, now.tzinfo)
