"""Paused, resumed, stopped: from that moment on nothing more is handed over, and what still waits in the outbox is
called back in the same transaction."""

from __future__ import annotations

from datetime import datetime

from dianke.core.actor import Actor
from dianke.events.operations import operation, record, step, unchanged
from dianke.journeys.models import MANAGE, Journey, Passage, State
from dianke.journeys.operations.advancing import call_back
from dianke.journeys.operations.entering import remember_segment
from dianke.journeys.operations.locking import JourneyNotRunning, locked, require_reach
from dianke.journeys.rules.plan import Begin
from dianke.messaging.operations.enqueueing import cancel_source


@operation(MANAGE)
def pause_journey(*, journey: Journey, actor: Actor, now: datetime) -> Journey:
    """Nothing goes out and nobody enters until it goes on; waits go on. Raises `JourneyNotRunning`."""
    journey = _of_mine(journey, actor)
    if journey.state == State.PAUSED:
        unchanged()
        return journey
    _require(journey, State.RUNNING)
    count = _recall(journey, actor, now)
    _put(journey, State.PAUSED, "journeys.journey_paused", actor, now, count)
    return journey


@operation(MANAGE)
def resume_journey(*, journey: Journey, actor: Actor, now: datetime) -> Journey:
    """Go on: what came about meanwhile lets nobody in, and what is too late by now is left out. Raises
    `JourneyNotRunning`."""
    journey = _of_mine(journey, actor)
    if journey.state == State.RUNNING:
        unchanged()
        return journey
    _require(journey, State.PAUSED)
    journey.admits_since = journey.scanned_at = now
    journey.save(update_fields=["admits_since", "scanned_at"])
    version = journey.versions.get(number=journey.version)
    if version.read.trigger.kind == Begin.SEGMENT:
        remember_segment(journey, now=now)
    _put(journey, State.RUNNING, "journeys.journey_resumed", actor, now)
    return journey


@operation(MANAGE)
def stop_journey(*, journey: Journey, actor: Actor, now: datetime) -> Journey:
    """Everybody leaves. Coupons that were given stay good. Raises `JourneyNotRunning`."""
    journey = _of_mine(journey, actor)
    if journey.state == State.STOPPED:
        unchanged()
        return journey
    _require(journey, State.RUNNING, State.PAUSED)
    count = _recall(journey, actor, now)
    left = journey.passages.going().update(
        state=Passage.State.LEFT, reason="stopped", ended_at=now, handed_at=None, message_id=None
    )
    _put(journey, State.STOPPED, "journeys.journey_stopped", actor, now, count, left)
    return journey


# --- steps -----------------------------------------------------------------------------------------------------------
def _of_mine(journey: Journey, actor: Actor) -> Journey:
    journey = locked(journey)
    require_reach(journey.store_ids, actor)
    return journey


def _require(journey: Journey, *states: State) -> None:
    if journey.state not in states:
        raise JourneyNotRunning(name=journey.name, state=journey.get_state_display())


@step
def _recall(journey: Journey, actor: Actor, now: datetime) -> int:
    """Messages of every version that still has people at one."""
    count = 0
    waiting = journey.passages.going().filter(handed_at__isnull=False).values("version")
    for version in journey.versions.filter(pk__in=waiting):
        count += cancel_source(source=version.source, actor=actor.as_system(), now=now)
        call_back(version)
    return count


@step
def _put(
    journey: Journey, state: State, kind: str, actor: Actor, now: datetime, count: int = 0, left: int = 0
) -> None:
    journey.state = state
    journey.save(update_fields=["state"])
    record(
        kind,
        journey,
        actor=actor,
        now=now,
        data={"name": journey.name, "called_back": count, "left": left},
    )
