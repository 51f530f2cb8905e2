"""How often and at what hours somebody may be written to. Pure: days and rules in, an answer with its reason out.

A limit counts calendar days where the person is: “in seven days” is today and the six before. Quiet hours and windows
may span midnight. See docs/algorithms/messaging.md for the worked table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ANY = ""
#: What counts for the limits of the merchant; a message about an order counts only for those of the carriers.
COUNTED = frozenset({"MARKETING", "CARE"})
LONGEST_DAYS = 31


@dataclass(frozen=True, slots=True)
class Hours:
    """`[begins, ends)` of every day; spans midnight when it ends before it begins; the same twice: never."""

    begins: time
    ends: time

    def has(self, at: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` messages in `days` days on `channel` ("": over all) for these purposes."""

    days: int
    count: int
    channel: str = ANY
    purposes: frozenset[str] = COUNTED
    reason: str = "often"


@dataclass(frozen=True, slots=True)
class Window:
    """When messages of these purposes may go out on a channel, from a day on: the rule of a carrier or a law."""

    channel: str
    purposes: frozenset[str]
    hours: Hours
    since: date


@dataclass(frozen=True, slots=True)
class Written:
    """A day somebody was written to."""

    day: date
    channel: str
    purpose: str


def first_over(
    limits: Iterable[Limit], written: Sequence[Written], *, channel: str, purpose: str, day: date
) -> Limit | None:
    """The limit that forbids one more message on that day; None when it may go."""
    for limit in limits:
        if limit.channel not in (ANY, channel) or purpose not in limit.purposes:
            continue
        first = day - timedelta(days=limit.days - 1)
        count = sum(
            first <= each.day <= day
            and each.purpose in limit.purposes
            and limit.channel in (ANY, each.channel)
            for each in written
        )
        if count >= limit.count:
            return limit
    return None


def first_day_free(
    limits: Sequence[Limit], written: Sequence[Written], *, channel: str, purpose: str, day: date
) -> date | None:
    """The first day from `day` on that no limit forbids; None within the longest limit there is none."""
    for ahead in range(LONGEST_DAYS + 1):
        wanted = day + timedelta(days=ahead)
        if first_over(limits, written, channel=channel, purpose=purpose, day=wanted) is None:
            return wanted
    return None


def open_from(at: datetime, zone: ZoneInfo, *, quiet: Hours | None, windows: Iterable[Window]) -> datetime:
    """The first instant from `at` on that lies in every window and in no quiet hour; `at` itself when it does.

    Raises `NeverOpen` when quiet hours leave nothing of the windows.
    """
    local = at.astimezone(zone)
    rules = [window.hours for window in windows if window.since <= local.date()]
    if _is_open(local.time(), quiet, rules):
        return at
    edges = {hours.begins for hours in rules} | ({quiet.ends} if quiet else set())
    found = [
        datetime.combine(local.date() + timedelta(days=ahead), edge, zone)
        for ahead in (0, 1)
        for edge in edges
        if _is_open(edge, quiet, rules)
    ]
    later = [moment for moment in found if moment > at]
    if not later:
        raise NeverOpen
    return min(later)


def _is_open(at: time, quiet: Hours | None, windows: Sequence[Hours]) -> bool:
    return not (quiet and quiet.has(at)) and all(hours.has(at) for hours in windows)


class NeverOpen(ValueError):
    """The quiet hours cover every hour messages may go out in."""
