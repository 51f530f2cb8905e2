"""Pure rules of delivering events: when to try again, which kinds a reaction wants, how an error is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

# Waits before the second, third ... try; after the last the delivery is given up and waits for a person.
BACK_OFF: tuple[timedelta, ...] = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)


def next_try_at(
    try_count: int, *, now: datetime, schedule: Sequence[timedelta] = BACK_OFF
) -> datetime | None:
    """When to try again after `try_count` failed tries; None when it is time to give up."""
    if try_count < 1:
        raise ValueError("next_try_at is asked after a failed try")
    return now + schedule[try_count - 1] if try_count <= len(schedule) else None


def kind_matches(kind: str, patterns: Sequence[str]) -> bool:
    """Whether `kind` is wanted: a pattern is a kind, `"room.*"`, or `"*"` for all."""
    return any(
        pattern == "*" or pattern == kind or (pattern.endswith(".*") and kind.startswith(pattern[:-1]))
        for pattern in patterns
    )
