"""What a campaign knows of somebody who is erased: whoever was not written to yet never is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from dianke.events.operations import step
from dianke.marketing.models import Member


@step
def leave_out(customer_ids: Collection[int], now: datetime) -> int:
    """How many of their campaigns were still to come."""
    waiting = Member.objects.filter(customer__in=customer_ids, state=Member.State.PLANNED)
    return waiting.update(state=Member.State.LEFT, reason="gone", planned_amount=0)
