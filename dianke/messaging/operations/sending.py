"""From the outbox to the carrier: claimed in batches, handed over one by one, settled when a worker died.

A batch is claimed in one transaction, which asks the rules once more, reserves the day of each person and writes
down what is about to be said. Then, for every message, one small row (`Handover.position`) moves on before the
carrier gets it. If the worker is killed, those before the position were answered, those after it were not begun, and
the one at it is in doubt: the carrier is asked, and where it cannot be, the message goes again under the same
identity, by which the other end knows it. docs/algorithms/messaging.md tells what that guarantees and what it cannot.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from dianke.core.actor import SYSTEM
from dianke.core.json_bytes import encoded
from dianke.core.prepared import prepared
from dianke.messaging.operations.answers import finish_batch, look_into_unknown, settle_batches
from dianke.messaging.operations.claiming import Claimed, claim_batch
from dianke.messaging.operations.handed import look_into_handed
from dianke.messaging.queries.carriers import InUse, connections_of, in_use
from dianke.messaging.rules.carriers import TAKEN, Answer, CarrierUnreachable, Foreseeing, Item, Session
from dianke.messaging.rules.settling import as_kept

logger = logging.getLogger("dianke.messages")
LEASE = timedelta(minutes=5)
RENEW_AFTER = timedelta(minutes=1)
Clock = Callable[[], datetime]

_MOVE_ON = """
UPDATE messaging_handover SET position = %(next)s
WHERE id = %(id)s AND position = %(next)s - 1 AND finished_at IS NULL
"""
_MOVE_ON_WITH_MORE = """
UPDATE messaging_handover SET position = %(next)s, lease_until = %(lease)s, answers = answers || %(answers)s::jsonb
WHERE id = %(id)s AND position = %(next)s - 1 AND finished_at IS NULL
"""


class LeaseLost(Exception):
    """Another worker settled this batch: this one was away for too long and must stop at once."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run did."""

    batches: int = 0
    messages: int = 0


def send_due(channel: str, *, clock: Clock, most_batches: int = 10_000) -> Sent:
    """Send what is due on a channel until nothing is left, over as many connections as the carrier is set to. Several
    workers may run at once."""
    used = in_use(channel)
    if used is None:
        return Sent()
    settle_batches(channel=channel, actor=SYSTEM, now=clock())
    look_into_unknown(channel=channel, used=used, actor=SYSTEM, now=clock())
    look_into_handed(channel, used=used, actor=SYSTEM, now=clock())
    # In an open transaction there is one connection to the database, and what it wrote nobody else sees.
    lanes = 1 if connection.in_atomic_block else connections_of(used)
    if lanes == 1:
        return _lane(channel, used, clock, most_batches)
    with ThreadPoolExecutor(lanes - 1, thread_name_prefix="messages") as others:
        beside = [others.submit(_beside, channel, used, clock, most_batches) for _number in range(lanes - 1)]
        done = [_lane(channel, used, clock, most_batches), *(each.result() for each in beside)]
    return Sent(sum(each.batches for each in done), sum(each.messages for each in done))


def _beside(channel: str, used: InUse, clock: Clock, most_batches: int) -> Sent:
    """A lane in a thread of its own, whose connection to the database ends with it."""
    try:
        return _lane(channel, used, clock, most_batches)
    finally:
        connection.close()


def _lane(channel: str, used: InUse, clock: Clock, most_batches: int) -> Sent:
    """One connection to the carrier: batch after batch, each claimed when the one before is done."""
    batches = messages = 0

    def claim() -> Claimed | None:
        return claim_batch(channel=channel, carrier=used.carrier, lease=LEASE, actor=SYSTEM, now=clock())

    first = claim()
    if first is None:
        return Sent()
    try:
        with used.carrier.session(used.access, now=clock()) as session:
            claimed: Claimed | None = first
            while claimed is not None:
                hand_over(claimed, session, clock=clock)
                batches, messages = batches + 1, messages + len(claimed.items)
                if batches >= most_batches:
                    break
                claimed = claim()
    except CarrierUnreachable as error:
        logger.warning("%s: %s was not reached: %s", channel, used.carrier.code, error)
        finish_batch(handover_id=first.handover_id, answers=_unreached(first), actor=SYSTEM, now=clock())
    return Sent(batches, messages)


def _unreached(claimed: Claimed) -> dict[int, Answer]:
    from dianke.messaging.rules.carriers import Outcome

    return {item.id: Answer(Outcome.LATER, detail="unreachable") for item in claimed.items}


def hand_over(claimed: Claimed, session: Session, *, clock: Clock) -> None:
    """Give every message of a batch to the carrier and write down what it answered. Raises `LeaseLost`."""
    answers: dict[int, Answer] = {}
    last: dict[str, Any] = {}
    foreseeing = session if isinstance(session, Foreseeing) else None
    following: Sequence[Item | None] = [*claimed.items[1:], None]
    renewed = clock()
    with _quick_commits(), prepared() as cursor:
        for place, (item, next_item) in enumerate(zip(claimed.items, following, strict=True), start=1):
            now = clock()
            if last or now - renewed >= RENEW_AFTER:
                renewed = now
                _move_on(cursor, claimed.handover_id, place, last, now + LEASE)
            else:
                _move_on(cursor, claimed.handover_id, place)
            if foreseeing is not None:
                foreseeing.foresee(next_item)
            answer = session.send(item)
            answers[item.id] = answer
            last = {} if answer is TAKEN or answer == TAKEN else {str(item.id): as_kept(answer)}
    finish_batch(handover_id=claimed.handover_id, answers=answers, actor=SYSTEM, now=clock())


def _move_on(
    cursor: CursorWrapper,
    handover_id: UUID,
    place: int,
    answers: Mapping[str, Any] | None = None,
    lease: datetime | None = None,
) -> None:
    """Nearly always only the position: a row of which no indexed column changes is the cheapest the server writes."""
    values: dict[str, Any] = {"next": place, "id": handover_id}
    if lease is not None:
        values |= {"lease": lease, "answers": encoded(answers or {}).decode()}
    cursor.execute(_MOVE_ON if lease is None else _MOVE_ON_WITH_MORE, values)
    if cursor.rowcount != 1:
        raise LeaseLost


@contextmanager
def _quick_commits() -> Iterator[None]:
    """The position survives the death of this process as soon as the server has it; waiting for the disk at every
    message would protect it against a power cut of the database only, at the price of most of the speed."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")
