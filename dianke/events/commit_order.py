"""Reading the log in an order that cannot miss a late commit.

An id is handed out when a row is written, but the row is seen when its transaction commits; a reader that
remembers the last id it saw skips whatever commits late. Here a row stands at `(era, xid, id)`, and only rows
of transactions older than every transaction still running are read: of those, none can appear any more. The
proof is in docs/algorithms/event-log.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from dianke.events.models import Event

ERA_LOCK = 0x65726173  # any number nobody else locks


class Position(NamedTuple):
    """A place in the log. Compares in reading order; the place of an event is behind all before it."""

    era: int
    xid: int
    event_id: int


BEGINNING = Position(0, 0, 0)

_CURRENT_ERA = "(SELECT coalesce(max(number), 1) FROM events_era)"

COLUMNS = (
    "id, kind, operation, recorded_at, actor_kind, actor_id, user_id, store_id, subjects, data, request_id"
)
_FIELDS = COLUMNS.split(", ")
Loads = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """An event at its position."""

    position: Position
    event: Event


def read_after(position: Position, *, limit: int, loads: Loads = json.loads) -> list[Entry]:
    """The next committed events behind `position`, in order, at most `limit`.

    Whatever is returned, no event at or before the last of it can appear later. `loads` reads `data`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT era, xid::text::bigint, {COLUMNS}"  # noqa: S608  constants only
            " FROM events_committed_after(%s, %s::text::xid8, %s, %s)",
            [position.era, str(position.xid), position.event_id, limit],
        )
        return [_entry(row, loads) for row in cursor.fetchall()]


def read_between(after: Position, last: Position, *, loads: Loads = json.loads) -> list[Entry]:
    """Every event behind `after` up to and with `last`, in order; for ranges known to be complete."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT era, xid::text::bigint, {COLUMNS} FROM events_event"  # noqa: S608  constants only
            " WHERE (era, xid, id) > (%s, %s::text::xid8, %s) AND (era, xid, id) <= (%s, %s::text::xid8, %s)"
            " ORDER BY era, xid, id",
            [after.era, str(after.xid), after.event_id, last.era, str(last.xid), last.event_id],
        )
        return [_entry(row, loads) for row in cursor.fetchall()]


def _entry(row: tuple[Any, ...], loads: Loads) -> Entry:
    era, xid, *values = row
    values[9] = loads(values[9])
    return Entry(Position(era, xid, values[0]), Event.from_db("default", _FIELDS, values))


def read_own() -> list[Entry]:
    """Events of the transaction under way, which nobody else can see yet: for tests that never commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT era, xid::text::bigint, {COLUMNS} FROM events_event"  # noqa: S608  constants only
            f" WHERE era = {_CURRENT_ERA} AND xid = pg_current_xact_id() ORDER BY id"
        )
        return [_entry(row, json.loads) for row in cursor.fetchall()]


def head() -> Position:
    """The last event that may be read now; `BEGINNING` for an empty log."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT era, xid::text::bigint, id FROM events_committed_last()")
        row = cursor.fetchone()
    return Position(*row) if row else BEGINNING


def current_place() -> Position:
    """Behind everything that has ended, before everything that has not: where a reader starting now
    begins."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_CURRENT_ERA}, pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        era, xid = cursor.fetchone()
    return Position(era, xid, 0)


def find_event(*, event_id: int, recorded_at: datetime) -> Event | None:
    """One event by its key, from one partition."""
    return Event.objects.filter(pk=event_id, recorded_at=recorded_at).first()


def ensure_era() -> int:
    """The era events are written in; a new one begins when the database has moved to another cluster.

    Transaction numbers start anew in another cluster, so events written there would sort before what is
    already delivered and sealed. To be called before anything is written: at start and after migrating.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ERA_LOCK])
        cursor.execute("SELECT system_identifier::text FROM pg_control_system()")
        (cluster,) = cursor.fetchone()
        cursor.execute("SELECT number, system_identifier FROM events_era ORDER BY number DESC LIMIT 1")
        number, known = cursor.fetchone() or (0, None)
        if known == cluster and not _is_ahead_of_cluster(cursor, number):
            return int(number)
        number += 1
        cursor.execute(
            "INSERT INTO events_era (number, system_identifier) VALUES (%s, %s)", [number, cluster]
        )
        # A constant default costs nothing when events are written; a look-up would.
        cursor.execute(f"ALTER TABLE events_event ALTER COLUMN era SET DEFAULT {int(number)}")
        return int(number)


def _is_ahead_of_cluster(cursor: Any, era: int) -> bool:
    """Whether the log holds a transaction this cluster has not reached yet."""
    cursor.execute(
        "SELECT EXISTS (SELECT FROM events_event"
        " WHERE era = %s AND xid > greatest(pg_snapshot_xmax(pg_current_snapshot()), pg_current_xact_id()))",
        [era],
    )
    return bool(cursor.fetchone()[0])
