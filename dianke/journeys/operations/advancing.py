"""People go on: whose turn it is at a step, a batch and a transaction at a time, with the journey's row locked.

Everything a batch does (coupons, tasks, messages in the outbox, where everybody stands) is one transaction: a worker
that dies leaves all of it or nothing, and nobody has a step twice. What is too late is left out and said so. Whoever
stands at a message stays there until it went out or could not: until then a reason to leave calls it back.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F

from dianke.core.actor import Actor
from dianke.core.copying import update_from
from dianke.events.operations import operation, record, step, unchanged
from dianke.journeys.models import Passage, Passed, State, Version
from dianke.journeys.operations.acting import give_coupons, make_tasks, write_messages
from dianke.journeys.operations.locking import locked
from dianke.journeys.queries.exits import IN_SEGMENT, with_facts
from dianke.journeys.rules.plan import ACTING, Kind, Plan, Step, Test
from dianke.journeys.rules.times import due_at, is_stale
from dianke.messaging.models import OUT, WAITING, Message
from dianke.messaging.operations import cancel
from dianke.stores.queries import merchant_zone

BATCH = 1_000
Outcome = Passed.Outcome
GOING, DONE, LEFT = Passage.State.GOING, Passage.State.DONE, Passage.State.LEFT


@dataclass(slots=True)
class Turn:
    """Somebody at a step, and what becomes of it. `outcome` empty: they stay where they are."""

    row: Any
    step: Step
    outcome: str = ""
    reason: str = ""
    channel: str = ""
    message_id: int | None = None
    coupon_id: int | None = None
    handed: bool = False
    following: Step | None = None
    base: datetime | None = None
    leaves: bool = False


@dataclass(slots=True)
class Batch:
    """What every part of a batch needs."""

    version: Version
    plan: Plan
    actor: Actor
    now: datetime
    zone: ZoneInfo
    turns: list[Turn] = field(default_factory=list)


@operation(None)
def advance(*, version: Version, most: int = BATCH, actor: Actor, now: datetime) -> int:
    """Let a batch of those take their step whose turn has come; of how many. Exits are asked in the statement that
    finds them."""
    journey = locked(version.journey)
    if journey.state != State.RUNNING:
        unchanged()
        return 0
    batch = Batch(version, version.read, actor, now, merchant_zone())
    due = Passage.objects.going().filter(version=version, handed_at=None, due_at__lte=now)
    rows = list(with_facts(due, batch.plan, at=now).order_by("due_at", "pk")[:most])
    if not rows:
        unchanged()
        return 0
    batch.turns = [_turn(batch, row) for row in rows]
    _act(batch)
    _settle(batch)
    _tell(batch, "journeys.people_advanced")
    return len(rows)


@operation(None)
def settle_messages(
    *, version: Version, most: int = BATCH, after: int = 0, actor: Actor, now: datetime
) -> int:
    """Let those go on whose message went out or could not, and call back what still waits for somebody who has a
    reason to leave. The number to go on after, 0 at the end."""
    journey = locked(version.journey)
    if journey.state != State.RUNNING:
        unchanged()
        return 0
    batch = Batch(version, version.read, actor, now, merchant_zone())
    handed = Passage.objects.going().filter(version=version, handed_at__isnull=False, pk__gt=after)
    rows = list(with_facts(handed, batch.plan, at=now).order_by("pk")[:most])
    if not rows:
        unchanged()
        return 0
    messages = Message.objects.in_bulk({row.message_id for row in rows})
    called_back = []
    for row in rows:
        message = messages[row.message_id]
        turn = Turn(row, _step_of(batch.plan, row))
        if message.is_recallable and row.why_left:
            called_back.append(message)
            _leave(turn, row.why_left)
        elif message.state in WAITING or message.state in ("CLAIMED", "UNKNOWN", "HANDED"):
            continue
        else:
            _message_ended(turn, message)
            _go_on(batch, turn)
        batch.turns.append(turn)
    if called_back:
        cancel(messages=called_back, actor=actor.as_system(), now=now)
    if batch.turns:
        _settle(batch)
        _tell(batch, "journeys.messages_settled")
    else:
        unchanged()
    return rows[-1].pk if len(rows) == most else 0


# --- one step --------------------------------------------------------------------------------------------------------
def _step_of(plan: Plan, row: Any) -> Step:
    found = plan.step(row.step)
    if found is None:
        raise AssertionError(f"a version has the steps its people stand at: {row.step}")
    return found


def _turn(batch: Batch, row: Any) -> Turn:
    """What is to be done; messages, coupons and tasks are left to `_act`."""
    turn = Turn(row, _step_of(batch.plan, row))
    kind = turn.step.kind
    if row.why_left:
        _leave(turn, row.why_left)
    elif kind in (Kind.WAIT, Kind.UNTIL):
        turn.outcome = Outcome.WAITED
        _go_on(batch, turn)
    elif kind == Kind.BRANCH:
        is_yes = _answer(turn.step, row)
        turn.outcome = Outcome.YES if is_yes else Outcome.NO
        turn.following, turn.base = batch.plan.arm(turn.step, is_yes), row.due_at
    elif kind == Kind.END:
        turn.outcome = Outcome.ENDED
    elif kind in ACTING and row.arm == Passage.Arm.CONTROL:
        turn.outcome = Outcome.KEPT
        _go_on(batch, turn)
    elif kind in ACTING and is_stale(turn.step, due=row.due_at, now=batch.now):
        skip(batch, turn, "stale")
    return turn


def _answer(step: Step, row: Any) -> bool:
    if step.test == Test.BOUGHT:
        return bool(row.has_bought)
    if step.test == Test.READ:
        return bool(row.has_read)
    if step.test == Test.REDEEMED:
        return bool(row.has_redeemed)
    return bool(getattr(row, IN_SEGMENT.format(step.segment_id)))


def _leave(turn: Turn, reason: str) -> None:
    turn.leaves, turn.reason = True, reason


def _go_on(batch: Batch, turn: Turn) -> None:
    turn.following, turn.base = batch.plan.after(turn.step.key), turn.row.due_at


def skip(batch: Batch, turn: Turn, reason: str) -> None:
    """The step is left out, with the reason, and the person goes on."""
    turn.outcome, turn.reason = Outcome.SKIPPED, reason
    _go_on(batch, turn)


def _message_ended(turn: Turn, message: Message) -> None:
    turn.channel, turn.message_id = message.channel, message.pk
    is_out = message.state in OUT
    turn.outcome = Outcome.SENT if is_out else Outcome.SKIPPED
    turn.reason = "" if is_out else message.reason or message.state.lower()


def _act(batch: Batch) -> None:
    """Steps that do something, all people of a step at once."""
    by_step: dict[str, list[Turn]] = defaultdict(list)
    for turn in batch.turns:
        if not turn.outcome and not turn.leaves:
            by_step[turn.step.key].append(turn)
    for key in sorted(by_step):
        turns = by_step[key]
        kind = turns[0].step.kind
        if kind == Kind.COUPON:
            give_coupons(batch, turns)
        elif kind == Kind.TASK:
            make_tasks(batch, turns)
        else:
            write_messages(batch, turns)
        for turn in turns:
            if turn.outcome and turn.base is None:
                _go_on(batch, turn)


# --- written down ----------------------------------------------------------------------------------------------------
@step
def _settle(batch: Batch) -> None:
    """Where everybody stands now, and what the step did: two statements."""
    turns = batch.turns
    ends = [turn.leaves or (bool(turn.outcome) and turn.following is None) for turn in turns]
    states = [
        str(LEFT if turn.leaves else DONE if end else GOING) for turn, end in zip(turns, ends, strict=True)
    ]
    update_from(
        "journeys_passage",
        len(turns),
        {
            "id": [turn.row.pk for turn in turns],
            "state": states,
            "step": [turn.following.key if turn.following else turn.row.step for turn in turns],
            "due_at": [_next_due(batch, turn) for turn in turns],
            "handed_at": [batch.now if turn.handed else None for turn in turns],
            "message_id": [turn.message_id if turn.handed else None for turn in turns],
            "coupon_id": [turn.coupon_id or turn.row.coupon_id for turn in turns],
            "ended_at": [batch.now if end else None for end in ends],
            "reason": [turn.reason if turn.leaves else "" for turn in turns],
        },
    )
    Passed.objects.bulk_create(
        [
            Passed(
                passage_id=turn.row.pk,
                step=turn.step.key,
                outcome=turn.outcome,
                reason=turn.reason,
                channel=turn.channel,
                message_id=turn.message_id,
                at=batch.now,
            )
            for turn in turns
            if turn.outcome
        ]
    )


def _next_due(batch: Batch, turn: Turn) -> datetime:
    if turn.following is None or turn.base is None:
        due: datetime = turn.row.due_at
        return due
    return due_at(turn.following, base=turn.base, anchor=turn.row.anchor, zone=batch.zone)


@step
def _tell(batch: Batch, kind: str) -> None:
    counts: dict[str, int] = defaultdict(int)
    for turn in batch.turns:
        counts["left" if turn.leaves else str(turn.outcome or "handed").lower()] += 1
    journey = batch.version.journey
    record(
        kind,
        journey,
        actor=batch.actor,
        now=batch.now,
        data={"name": journey.name, "version": batch.version.number, **counts},
    )


@step
def call_back(version: Version) -> int:
    """After the outbox was told: those whose message was called back stand at the step as if it had not been its turn,
    and a later try is another one."""
    recalled = Message.objects.filter(
        source=version.source, state="CANCELLED", reason="source_stopped"
    ).values("pk")
    rows = Passage.objects.going().filter(message_id__in=recalled, version=version)
    return rows.update(handed_at=None, message_id=None, round=F("round") + 1)
