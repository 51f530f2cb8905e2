"""How many a segment held over time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from dianke.segments.models import SegmentCount
from dianke.stores.queries import local_date

DAYS = 30


def trends(segment_ids: Collection[int], *, now: datetime, days: int = DAYS) -> dict[int, list[int]]:
    """Segment → its counts of the last days, oldest first; days without a count are left out. One query."""
    since = local_date(now) - timedelta(days=days)
    rows = SegmentCount.objects.filter(segment__in=list(segment_ids), on__gte=since).order_by("segment", "on")
    found: dict[int, list[int]] = {}
    for segment_id, count in rows.values_list("segment_id", "count"):
        found.setdefault(segment_id, []).append(count)
    return found
