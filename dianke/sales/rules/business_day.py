"""Which moment a sale belongs to when the clock of the till and the clock of the server disagree.

Both times are kept. A sale made online happened when the server saw it; one made offline when the till says, corrected
by how far its clock was off when it sent the sale. More than five minutes are told to a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput

SKEW_LIMIT = timedelta(minutes=5)
#: A column of 32 bits holds it, and no clock is further off in earnest.
MOST_SKEW = 2**31 - 1


class DayNotBegun(InvalidInput):
    code = "business_day_not_begun"
    message = _("%(day)s has not begun at this store. Close the present day, %(today)s, or one before it.")
    default_field = "business_date"


@dataclass(frozen=True, slots=True)
class Moment:
    """`occurred_at` is the time that counts, `skew_seconds` how far the device's clock was ahead of the server's."""

    occurred_at: datetime
    skew_seconds: int
    is_skewed: bool


def moment_of(
    *, device_at: datetime | None, sent_at: datetime | None, received_at: datetime, is_offline: bool = True
) -> Moment:
    """When a sale happened: `device_at` by the device, which sent it at `sent_at` by the same clock; the server
    received it at `received_at`.

    Without `sent_at` nothing is known about the clock, and it is believed. Never later than it was received.
    """
    skew = timedelta() if sent_at is None else sent_at - received_at
    seconds = max(-MOST_SKEW, min(MOST_SKEW, round(skew / timedelta(seconds=1))))
    if device_at is None or not is_offline:
        return Moment(received_at, seconds, abs(skew) > SKEW_LIMIT)
    believed = min(device_at - skew, received_at)
    ahead = device_at - received_at > SKEW_LIMIT  # sold in the future: wrong whatever it says of itself
    return Moment(believed, seconds, abs(skew) > SKEW_LIMIT or (sent_at is None and ahead))


def check_day(day: date, today: date) -> None:
    """A day is closed when it has begun; it may go on after. Raises `DayNotBegun`."""
    if day > today:
        raise DayNotBegun(day=day.isoformat(), today=today.isoformat())
