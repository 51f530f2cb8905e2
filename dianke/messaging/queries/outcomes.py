"""What became of the messages of a source: for campaigns, journeys and their evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Sum

from dianke.messaging.models import OUT, Message, State


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Numbers of messages by state and, where they did not go out, by reason; `parts` is what carriers bill."""

    by_state: Mapping[str, int]
    by_reason: Mapping[str, int]
    parts: int

    @property
    def total(self) -> int:
        return sum(self.by_state.values())

    @property
    def out(self) -> int:
        """How many went out."""
        return sum(self.by_state.get(state, 0) for state in OUT)


def outcomes(source: str, *, step: str | None = None) -> Outcomes:
    """Of all messages of the source, or of one step of it. One statement."""
    rows = Message.objects.filter(source=source)
    if step is not None:
        rows = rows.filter(step=step)
    by_state: dict[str, int] = {}
    by_reason: dict[str, int] = {}
    parts = 0
    for state, reason, count, segments in (
        rows.values("state", "reason")
        .annotate(n=Count("pk"), parts=Sum("segments"))
        .order_by()
        .values_list("state", "reason", "n", "parts")
    ):
        by_state[state] = by_state.get(state, 0) + count
        if reason and state not in OUT:
            by_reason[reason] = by_reason.get(reason, 0) + count
        if state in OUT or state == State.UNKNOWN:
            parts += segments
    return Outcomes(by_state, by_reason, parts)
