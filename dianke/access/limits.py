"""How often something may be tried: counted in PostgreSQL per key and clock window, shared by all processes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dianke.access.models import RateCount
from dianke.core.errors import TemporarilyUnavailable


class TooManyTries(TemporarilyUnavailable):
    """The allowance of this window is used up."""

    code = "too_many_tries"
    status = 429
    message = _("Too many tries in a short time. Wait %(minutes)s minutes and try again.")


_COUNT = """
INSERT INTO access_ratecount AS c (key, window_at, count) VALUES (%s, %s, 1)
ON CONFLICT (key, window_at) DO UPDATE SET count = c.count + 1
RETURNING count
"""


def window_of(now: datetime, per: timedelta) -> datetime:
    """Start of the clock window of length `per` that `now` lies in."""
    seconds = int(per.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def consume(key: str, *, limit: int, per: timedelta, now: datetime) -> int:
    """Count one use of `key`; returns how many are left in this window.

    Raises `TooManyTries` beyond `limit`. One upsert decides, so parallel requests cannot share the last one.
    Outside a transaction the count stays even if what follows fails, which is what guessing deserves.
    """
    window = window_of(now, per)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [key, window])
        (count,) = cursor.fetchone()
    if count > limit:
        left = window + per - now
        raise TooManyTries(minutes=max(1, -(-int(left.total_seconds()) // 60)))
    return int(limit - count)


def forget_windows(*, before: datetime) -> int:
    """Remove counts of windows that began before; returns how many."""
    deleted, _by_model = RateCount.objects.filter(window_at__lt=before).delete()
    return deleted
