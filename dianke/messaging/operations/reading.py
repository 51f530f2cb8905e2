"""The customer opens the inbox: what lies there is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dianke.core.actor import Actor
from dianke.events.operations import operation, record, unchanged
from dianke.messaging.models import Channel, Message, State


@operation(None)
def read_inbox(*, customer_ids: Sequence[int], head_id: int, actor: Actor, now: datetime) -> int:
    """Everything in it is read; how much was new. The customer acts for their own profile only."""
    rows = Message.objects.filter(
        customer__in=customer_ids, channel=Channel.PORTAL, state__in=(State.SENT, State.DELIVERED)
    )
    count = rows.update(state=State.READ, read_at=now)
    if not count:
        unchanged()
        return 0
    record(
        "messaging.inbox_read", f"customers.customer:{head_id}", actor=actor, now=now, data={"count": count}
    )
    return count
