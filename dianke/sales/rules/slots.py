"""Windows of a delivery day: what is left of one, which days come into question, when something is late. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

#: How far ahead deliveries are planned.
MOST_DAYS_AHEAD = 180
#: When messages that can wait are sent, by the clock of the store.
AWAKE_FROM, AWAKE_TO = time(8), time(21)


@dataclass(frozen=True, slots=True)
class Window:
    """A window on a day. `taken` counts what is planned for it."""

    slot_id: int
    day: date
    from_time: time
    to_time: time
    capacity: int
    taken: int

    @property
    def left(self) -> int:
        """Never below zero: a window may have been made smaller after it was filled."""
        return max(0, self.capacity - self.taken)

    @property
    def is_full(self) -> bool:
        return self.left == 0


def bits_of(weekdays: Iterable[int]) -> int:
    """Days of the week (0 is Monday) as one number.

    >>> bits_of([0, 2])
    5
    """
    found = 0
    for day in weekdays:
        found |= 1 << day
    return found


def weekdays_of(bits: int) -> list[int]:
    """The other way round.

    >>> weekdays_of(5)
    [0, 2]
    """
    return [day for day in range(7) if bits & 1 << day]


def is_late(*, is_open: bool, day: date, to_time: time | None, local_now: datetime) -> bool:
    """Whether something that is still to be done should have been: its day is over, or its window of today.
    `local_now` is the clock of the store."""
    if not is_open or day > local_now.date():
        return False
    if day < local_now.date():
        return True
    return to_time is not None and local_now.time() > to_time


def first_free(windows: Sequence[Window], *, after: datetime) -> Window | None:
    """The earliest window with room that has not ended by the clock of the store."""
    ordered = sorted(windows, key=lambda each: (each.day, each.from_time))
    for each in ordered:
        is_over = (each.day, each.to_time) <= (after.date(), after.time())
        if not each.is_full and not is_over:
            return each
    return None


def told_at(local_now: datetime, *, is_urgent: bool = False) -> datetime:
    """When somebody is told: at once, or in the morning of what happened at night."""
    if is_urgent or AWAKE_FROM <= local_now.time() < AWAKE_TO:
        return local_now
    day = local_now if local_now.time() < AWAKE_FROM else local_now + timedelta(days=1)
    return day.replace(hour=AWAKE_FROM.hour, minute=0, second=0, microsecond=0)
