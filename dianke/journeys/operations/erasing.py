"""What a journey knows of somebody who is erased: they leave, and the day it was about is forgotten."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from dianke.events.operations import step
from dianke.journeys.models import Known, Passage


@step
def forget_people(customer_ids: Collection[int], now: datetime) -> int:
    """How many passages were concerned."""
    Known.objects.filter(customer__in=customer_ids).delete()
    rows = Passage.objects.filter(customer__in=customer_ids)
    rows.going().update(
        state=Passage.State.LEFT, reason="gone", ended_at=now, handed_at=None, message_id=None
    )
    return rows.update(anchor=None)
