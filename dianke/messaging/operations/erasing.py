"""What becomes of messages when somebody is erased."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from dianke.events.operations import step
from dianke.messaging.models import WAITING, Contacted, Message, State


@step
def erase_messages(customer_ids: Collection[int], now: datetime) -> int:
    """What waits does not go; words and addresses leave every row, that something was sent stays."""
    rows = Message.objects.filter(customer__in=customer_ids)
    rows.filter(state__in=WAITING).update(state=State.SUPPRESSED, reason="gone")
    rows.filter(state=State.HANDED).update(due_at=now)  # taken back from the employee by the next run
    count = rows.update(given=None, said=None, contact_id=None, detail="")
    Contacted.objects.filter(customer__in=customer_ids).update(days=[])
    return count
