"""When to try again, and which kinds a pattern means."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dianke.events.rules import BACK_OFF, kind_matches, next_try_at

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("try_count", "wait"),
    [(1, 5 * SECOND), (2, 30 * SECOND), (3, 2 * MINUTE), (4, 10 * MINUTE), (5, HOUR), (6, 6 * HOUR)],
)
def test_waits_grow_by_the_schedule(now, try_count, wait):
    assert next_try_at(try_count, now=now) == now + wait


def test_after_the_schedule_a_delivery_is_given_up(now):
    assert next_try_at(len(BACK_OFF) + 1, now=now) is None


def test_schedule_is_asked_only_after_a_failure(now):
    with pytest.raises(ValueError, match="failed try"):
        next_try_at(0, now=now)


@pytest.mark.parametrize(
    ("kind", "patterns", "is_wanted"),
    [
        ("stores.store_opened", ("stores.store_opened",), True),
        ("stores.store_opened", ("stores.*",), True),
        ("stores.store_opened", ("*",), True),
        ("stores.store_opened", ("work.*", "stores.store_opened"), True),
        ("stores.store_opened", ("stores.store",), False),
        ("storeshed.door_opened", ("stores.*",), False),
        ("stores.store_opened", (), False),
    ],
)
def test_pattern_means_a_kind_a_room_or_everything(kind, patterns, is_wanted):
    assert kind_matches(kind, patterns) is is_wanted
