"""What becomes of entries when somebody is erased."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from dianke.clienteling.models import Entry
from dianke.events.operations import step


@step
def erase_reasons(customer_ids: Collection[int], now: datetime) -> int:
    """Why somebody was to be contacted goes (it tells birthdays and purchases); that it happened stays."""
    return Entry.objects.filter(customer__in=customer_ids).update(reasons=[], parts=[])
