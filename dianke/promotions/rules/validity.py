"""When a coupon is good: from which day to which, and until when once it was given back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class Validity:
    """Fixed days (`first` to `last`, both included) or `days` days from claiming, beginning `starts_after` days later.
    `grace_days`: so long a coupon is good again that comes back after its end."""

    first: date | None = None
    last: date | None = None
    days: int | None = None
    starts_after: int = 0
    grace_days: int = 0


def midnight(day: date, zone: tzinfo) -> datetime:
    """The instant a day begins on the merchant's clock."""
    return datetime.combine(day, time(), zone)


def period_of(validity: Validity, *, claimed_at: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """From when to when (the first instant it is good no more) a coupon claimed at that instant is good.

    "30 days from claiming" are thirty whole days: claimed on 1 March at any hour it is good through 31 March. One that
    begins later counts from its first day.
    """
    if validity.last is not None:
        begin = midnight(validity.first, zone) if validity.first else claimed_at
        return begin, midnight(validity.last + timedelta(days=1), zone)
    if validity.days is None:
        raise ValueError("a coupon ends some day")
    today = claimed_at.astimezone(zone).date()
    first = today + timedelta(days=validity.starts_after)
    begin = midnight(first, zone) if validity.starts_after else claimed_at
    last = first + timedelta(days=validity.days - (1 if validity.starts_after else 0))
    return begin, midnight(last + timedelta(days=1), zone)


def expiry_when_given_back(
    expires_at: datetime | None, *, grace_days: int, now: datetime, zone: tzinfo
) -> datetime | None:
    """Until when a coupon is good that comes back: its own end while that is still to come, else the end of the last
    day of grace. An end that is not after `now` means it stays expired."""
    if expires_at is None or expires_at > now or grace_days == 0:
        return expires_at
    return midnight(now.astimezone(zone).date() + timedelta(days=grace_days + 1), zone)
