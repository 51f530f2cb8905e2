"""The months of the log: partitions made ahead of time, and which of them are old enough to drop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

MONTHS_AHEAD = 3
SHORTEST_RETENTION = timedelta(days=180)


def retention() -> timedelta | None:
    """How long the log is kept (`settings.DIANKE_LOG_RETENTION_DAYS`); None, the default, for ever.

    Never less than 180 days: the law wants network logs kept that long.
    """
    days = getattr(settings, "DIANKE_LOG_RETENTION_DAYS", None)
    return max(timedelta(days=days), SHORTEST_RETENTION) if days else None


def months(first: date, last: date) -> Iterator[date]:
    """The first days of all months from `first` to `last`."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)


def ensure_months(first: date, last: date) -> list[date]:
    """Make the partitions of these months. Returns those that were made.

    To be called before history is written (imports, demo): what lies in the default partition stays there.
    """
    made = []
    with transaction.atomic(), connection.cursor() as cursor:
        # Two processes that start at once must not both find a month missing.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('events_make_month'))")
        for month in months(first, last):
            cursor.execute("SELECT events_make_month(%s)", [month])
            if cursor.fetchone()[0]:
                made.append(month)
    return made


def ensure_coming_months(now: datetime) -> list[date]:
    """Make this month's partitions and those of the next three."""
    today = now.astimezone(UTC).date()
    return ensure_months(today, today + timedelta(days=31 * MONTHS_AHEAD))


def standing_months() -> list[date]:
    """The months that have a partition, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT right(relid::text, 7) FROM pg_partition_tree('events_event')"
            " WHERE isleaf AND relid::text ~ '_y[0-9]{4}m[0-9]{2}$' ORDER BY 1"
        )
        return [datetime.strptime(row[0], "%Ym%m").date() for row in cursor.fetchall()]  # noqa: DTZ007


def droppable_months(now: datetime) -> list[date]:
    """Months that lie behind the retention as a whole, oldest first; none while no retention is set."""
    kept = retention()
    if kept is None:
        return []
    limit = (now - kept).astimezone(UTC).date()
    return [month for month in standing_months() if (month + timedelta(days=32)).replace(day=1) <= limit]
