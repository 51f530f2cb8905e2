"""When each of many is written to, where a campaign is spread over hours or days: evenly, in the order given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

#: Everybody of one slot is handed over together.
SLOT = timedelta(minutes=5)


def slots(count: int, *, begins: datetime, over: timedelta) -> Iterator[datetime]:
    """`count` instants in `[begins, begins + over)`, never falling, rounded down to slots of five minutes; all at once
    when `over` is nothing."""
    steps = max(int(over / SLOT), 1)
    for place in range(count):
        yield begins + SLOT * (place * steps // count)
