"""The eight ready journeys as they stand: on or off, how they are set, who is in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from dianke.core.actor import Actor
from dianke.journeys.models import Journey, Passage, Passed, State
from dianke.journeys.rules.care import AFTER, CARES, GIFT, Care, Settings


@dataclass(frozen=True, slots=True)
class Card:
    """A ready journey; `journey` is None while it was never on."""

    care: Care
    journey: Journey | None
    going: int = 0
    sent: int = 0

    @property
    def is_on(self) -> bool:
        return self.journey is not None and self.journey.state in (State.RUNNING, State.PAUSED)

    @property
    def is_paused(self) -> bool:
        return self.journey is not None and self.journey.state == State.PAUSED


def cards(actor: Actor) -> list[Card]:
    """All of them, in their order. Three statements."""
    found = {row.care: row for row in Journey.objects.visible_to(actor).exclude(care="")}
    ids = [row.pk for row in found.values()]
    going = _counts(Passage.objects.going().filter(journey__in=ids), "journey_id")
    sent = _counts(
        Passed.objects.filter(passage__journey__in=ids, outcome=Passed.Outcome.SENT), "passage__journey_id"
    )
    return [
        Card(
            care,
            row := found.get(code),
            going.get(row.pk, 0) if row else 0,
            sent.get(row.pk, 0) if row else 0,
        )
        for code, care in CARES.items()
    ]


def _counts(rows: Any, by: str) -> Mapping[int, int]:
    return dict(rows.order_by().values_list(by).annotate(n=Count("pk")))


def settings_of(care: Care, journey: Journey | None) -> Settings:
    """How it is set; as it comes while it was never on."""
    if journey is None:
        return Settings()
    steps = {one["key"]: one for one in journey.draft.get("steps", [])}
    trigger = journey.draft.get("trigger", {})
    days = steps.get(AFTER, {}).get("days", 0) if care.days_wait else trigger.get("days", 0)
    return Settings(
        days=days if care.days is not None else None,
        at=trigger.get("at", ""),
        channels=tuple(journey.draft.get("channels", [])),
        coupon_kind_id=steps.get(GIFT, {}).get("coupon_kind_id"),
        festivals=tuple(trigger.get("festivals", [])),
        control_bp=journey.draft.get("control_bp", 0),
        has_task="task" in steps,
    )
