"""The inbox on the member card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dianke.messaging.models import OUT, Channel, Message, State

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Letter:
    id: int
    subject: str
    text: str
    at: datetime | None
    is_new: bool


def _rows(customer_ids: Sequence[int]) -> Any:
    return Message.objects.filter(customer__in=customer_ids, channel=Channel.PORTAL, state__in=OUT)


def inbox_of(customer_ids: Sequence[int]) -> list[Letter]:
    """What lies in it, newest first."""
    rows = _rows(customer_ids).select_related("key").order_by("-sent_at", "-pk")[:MOST_SHOWN]
    return [
        Letter(
            row.pk, row.words.get("subject", ""), row.words.get("text", ""), row.sent_at, row.read_at is None
        )
        for row in rows
    ]


def counts_of(customer_ids: Sequence[int]) -> tuple[int, int]:
    """(all, unread)."""
    states = list(_rows(customer_ids).values_list("state", flat=True)[:1000])
    return len(states), sum(state != State.READ for state in states)
