"""Messages that should have gone long ago."""

from __future__ import annotations

from datetime import datetime, timedelta

from dianke.messaging.models import Message, State
from dianke.messaging.queries.carriers import channels_in_use

LONG = timedelta(minutes=15)


def stuck_since(now: datetime) -> datetime | None:
    """When the oldest of them was due; None when all is well."""
    rows = Message.objects.filter(
        channel__in=channels_in_use(), state__in=(State.QUEUED, State.CLAIMED), due_at__lt=now - LONG
    )
    return rows.order_by("due_at").values_list("due_at", flat=True).first()
