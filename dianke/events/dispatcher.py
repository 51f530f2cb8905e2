"""Delivers every committed event, at least once, to every reaction that wants it.

Each reaction has a place in the log of its own. One delivery is one transaction: move the place forward
(only if it still is where we read from, and nobody else holds it), run the reaction, commit. A reaction that
fails is noted in `Delivery` and tried again later, so one bad event never stops the log. Any number of
dispatchers may run.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.utils import timezone, translation

from dianke.core.errors import DiankeError
from dianke.events.commit_order import (
    BEGINNING,
    Entry,
    Position,
    current_place,
    ensure_era,
    find_event,
    head,
    read_after,
)
from dianke.events.models import Delivery, Event, ReactionPosition
from dianke.events.operations import give_up_delivery
from dianke.events.partitions import ensure_coming_months
from dianke.events.reactions import Reaction, all_reactions
from dianke.events.rules import next_try_at

logger = logging.getLogger(__name__)
Clock = Callable[[], datetime]

BATCH = 500
RETRIES_PER_TURN = 100
IDLE_FIRST, IDLE_LAST = 0.2, 1.0  # seconds between looks at a quiet log
AFTER_FAULT = 3.0  # seconds before going on when the database is away
UNEXPECTED = "unexpected"


class TakenOver(Exception):
    """Another dispatcher holds or has moved this reaction's place; not an error, only not ours now."""


class Dispatcher:
    """Delivers what is due. `clock` gives the `now` reactions receive."""

    def __init__(
        self, reactions: Sequence[Reaction] | None = None, *, clock: Clock = timezone.now, batch: int = BATCH
    ) -> None:
        self.reactions = tuple(all_reactions() if reactions is None else reactions)
        self.clock = clock
        self.batch = batch

    def turn(self) -> int:
        """One round over all reactions and all retries that are due. Returns how many reactions ran."""
        return self.deliver_new() + self.retry_due()

    # --- new events ----------------------------------------------------------------------------------------
    def deliver_new(self) -> int:
        """One batch of new events for each reaction that is behind."""
        end = head()
        read: dict[Position, list[Entry]] = {}  # reactions mostly stand at the same place: read it once
        done = 0
        for reaction, place in self._places():
            if place >= end:
                continue
            if place not in read:
                read[place] = read_after(place, limit=self.batch)
            try:
                done += self._deliver_batch(reaction, place, read[place])
            except TakenOver:
                continue
        return done

    def _places(self) -> list[tuple[Reaction, Position]]:
        """Where each reaction stands; one that is new is given its place."""
        rows = {
            row.code: Position(row.era, row.xid, row.event_id)
            for row in ReactionPosition.objects.filter(code__in=[r.code for r in self.reactions])
        }
        if any(reaction.code not in rows for reaction in self.reactions):
            ensure_places(self.reactions)
            return self._places()
        return [(reaction, rows[reaction.code]) for reaction in self.reactions]

    def _deliver_batch(self, reaction: Reaction, place: Position, entries: Sequence[Entry]) -> int:
        done = 0
        for entry in entries:
            if reaction.wants(entry.event):
                self._deliver(reaction, place, entry)
                place = entry.position
                done += 1
        if entries and place < entries[-1].position:
            # The rest is of no interest: step over it at once.
            with transaction.atomic():
                _move(reaction, place, entries[-1].position)
        return done

    def _deliver(self, reaction: Reaction, place: Position, entry: Entry) -> None:
        """One event to one reaction, with the note that it is done, in one transaction."""
        now = self.clock()
        try:
            with transaction.atomic():
                _move(reaction, place, entry.position)
                if reaction.ordered and _is_held_up(reaction, entry.event.subject):
                    _set_aside(reaction, entry, now=now)
                else:
                    reaction.react(entry.event, now=now)
        except TakenOver:
            raise
        except Exception as error:
            logger.warning("reaction %s failed on event %s", reaction.code, entry.event.pk, exc_info=error)
            with transaction.atomic():
                _move(reaction, place, entry.position)
                delivery = _set_aside(reaction, entry, now=now)
                _note_failure(delivery, entry.event, error, now=now)

    # --- events that failed before -------------------------------------------------------------------------
    def retry_due(self) -> int:
        """Try again what is due, oldest first. Returns how many reactions ran."""
        done = 0
        while done < RETRIES_PER_TURN and self._retry_one():
            done += 1
        return done

    def _retry_one(self) -> bool:
        now = self.clock()
        by_code = {reaction.code: reaction for reaction in self.reactions}
        ordered = [reaction.code for reaction in self.reactions if reaction.ordered]
        delivery: Delivery | None = None
        event: Event | None = None
        try:
            with transaction.atomic():
                delivery = _next_due(list(by_code), ordered, now=now)
                if delivery is None:
                    return False
                event = find_event(event_id=delivery.event_id, recorded_at=delivery.event_recorded_at)
                if event is not None:
                    by_code[delivery.reaction].react(event, now=now)
                delivery.delete()
        except Exception as error:
            if delivery is None or event is None:
                raise
            logger.warning(
                "reaction %s failed again on event %s", delivery.reaction, event.pk, exc_info=error
            )
            with transaction.atomic():
                same = Delivery.objects.select_for_update(skip_locked=True).filter(
                    pk=delivery.pk, state=Delivery.State.WAITING, try_count=delivery.try_count
                )
                # Gone when another dispatcher was quicker: then this failure counts for nothing.
                if again := same.first():
                    _note_failure(again, event, error, now=now)
        return True


def _move(reaction: Reaction, place: Position, to: Position) -> None:
    """Move the reaction's place, if it still is `place` and free. Raises `TakenOver`.

    The commit need not wait for the disk: lost with the place would be whatever the reaction wrote, and both
    are done again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH mine AS (SELECT code FROM events_reactionposition"
            " WHERE code = %s AND (era, xid, event_id) = (%s, %s, %s) FOR UPDATE SKIP LOCKED)"
            " UPDATE events_reactionposition AS place SET era = %s, xid = %s, event_id = %s"
            " FROM mine WHERE place.code = mine.code"
            " RETURNING set_config('synchronous_commit', 'off', true)",
            [reaction.code, *place, *to],
        )
        if cursor.fetchone() is None:
            raise TakenOver


def _is_held_up(reaction: Reaction, subject: str) -> bool:
    return Delivery.objects.filter(
        reaction=reaction.code, subject=subject, state__in=[Delivery.State.WAITING, Delivery.State.DEAD]
    ).exists()


def _set_aside(reaction: Reaction, entry: Entry, *, now: datetime) -> Delivery:
    """Keep the event for later, due at once: an ordered one still waits for those before it."""
    return Delivery.objects.create(
        reaction=reaction.code,
        subject=entry.event.subject,
        era=entry.position.era,
        xid=entry.position.xid,
        event_id=entry.position.event_id,
        event_recorded_at=entry.event.recorded_at,
        next_at=now,
    )


def _next_due(codes: list[str], ordered: list[str], *, now: datetime) -> Delivery | None:
    """The next delivery to try, locked; of ordered reactions only the first of each subject."""
    found = Delivery.objects.raw(
        "SELECT * FROM events_delivery AS due"
        " WHERE state = 'WAITING' AND next_at <= %s AND reaction = ANY(%s)"
        " AND NOT (reaction = ANY(%s) AND EXISTS (SELECT FROM events_delivery AS earlier"
        "   WHERE earlier.reaction = due.reaction AND earlier.subject = due.subject"
        "   AND earlier.state IN ('WAITING', 'DEAD')"
        "   AND (earlier.era, earlier.xid, earlier.event_id) < (due.era, due.xid, due.event_id)))"
        " ORDER BY next_at, era, xid, event_id LIMIT 1 FOR UPDATE SKIP LOCKED",
        [now, codes, ordered],
    )
    return next(iter(found), None)


def _note_failure(delivery: Delivery, event: Event, error: Exception, *, now: datetime) -> None:
    delivery.try_count += 1
    delivery.failed_at = now
    delivery.error_code, delivery.error = told(error)
    next_at = next_try_at(delivery.try_count, now=now)
    if next_at is None:
        delivery.state = Delivery.State.DEAD
    else:
        delivery.next_at = next_at
    delivery.save()
    if next_at is None and not event.kind.startswith("events."):
        give_up_delivery(delivery=delivery, actor=event.as_cause(), now=now)


def told(error: Exception) -> tuple[str, str]:
    """Code and sentence of an error to keep. A fault of the program is named by type and place, never by its
    message, which may hold personal data."""
    if isinstance(error, DiankeError):
        with translation.override(settings.LANGUAGE_CODE):
            return error.code, str(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{UNEXPECTED}:{type(error).__name__} {place}"[:200], ""


def ensure_places(reactions: Sequence[Reaction]) -> None:
    """Give each reaction that is new in this database its place: here and now, or before the first event."""
    here = current_place()
    ReactionPosition.objects.bulk_create(
        [
            ReactionPosition(code=reaction.code, era=place.era, xid=place.xid, event_id=place.event_id)
            for reaction in reactions
            for place in [BEGINNING if reaction.starts == "beginning" else here]
        ],
        ignore_conflicts=True,
    )


def run_dispatcher(stop: threading.Event, *, reactions: Sequence[Reaction] | None = None) -> None:
    """Deliver until `stop` is set; for a thread or process of the worker. Outlives a restart of the
    database."""
    dispatcher = Dispatcher(reactions)
    idle = IDLE_FIRST
    is_ready = False
    try:
        while not stop.is_set():
            try:
                if not is_ready:
                    ensure_era()
                    ensure_coming_months(dispatcher.clock())
                    ensure_places(dispatcher.reactions)
                    is_ready = True
                idle = IDLE_FIRST if dispatcher.turn() else min(idle * 1.5, IDLE_LAST)
            except Exception:
                logger.warning("the dispatcher stopped short and goes on in a moment", exc_info=True)
                close_old_connections()
                idle = AFTER_FAULT
            if idle > IDLE_FIRST or not dispatcher.reactions:
                stop.wait(idle)
    finally:
        connection.close()
