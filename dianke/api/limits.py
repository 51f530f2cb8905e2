"""Rate limits: a token bucket per caller, kept in PostgreSQL so that every web process shares it.

A bucket holds `burst` tokens and refills at `per_second`; a request takes one. One upsert decides, so two
processes cannot both take the last token.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from dianke.api.models import Bucket
from dianke.core.errors import DiankeError
from dianke.core.prepared import prepared


class TooManyRequests(DiankeError):
    """The caller used up its allowance."""

    code = "too_many_requests"
    status = 429
    message = _("Too many requests. Try again in %(retry_after)s seconds.")


@dataclass(frozen=True, slots=True)
class Limit:
    """`burst` requests at once, refilled by `per_second`."""

    burst: int
    per_second: float


DEFAULT = Limit(burst=120, per_second=20.0)
ANONYMOUS = Limit(burst=30, per_second=1.0)

_AVAILABLE = "least(%(burst)s, b.tokens + extract(epoch FROM clock_timestamp() - b.updated_at) * %(rate)s)"
_TAKE = f"""
INSERT INTO api_bucket AS b (key, tokens, is_granted, updated_at)
VALUES (%(key)s, %(burst)s - 1, true, clock_timestamp())
ON CONFLICT (key) DO UPDATE SET
  is_granted = {_AVAILABLE} >= 1,
  tokens = {_AVAILABLE} - CASE WHEN {_AVAILABLE} >= 1 THEN 1 ELSE 0 END,
  updated_at = clock_timestamp()
RETURNING is_granted, tokens
"""  # noqa: S608 (only constants are put together)


def take(key: str, limit: Limit = DEFAULT) -> int:
    """Take a token from the bucket `key`; returns whole tokens left.

    Raises `TooManyRequests` with `retry_after` in seconds.
    """
    with prepared() as cursor:
        cursor.execute(_TAKE, {"key": key, "burst": float(limit.burst), "rate": limit.per_second})
        is_granted, left = cursor.fetchone()
    if not is_granted:
        raise TooManyRequests(retry_after=max(1, math.ceil((1 - left) / limit.per_second)))
    return int(left)


def forget_old(now: datetime) -> int:
    """Remove buckets nobody used for a day; returns how many."""
    return Bucket.objects.filter(updated_at__lt=now - timedelta(days=1)).delete()[0]
