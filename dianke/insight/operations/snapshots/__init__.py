"""Snapshots in columns: what was sold, by whom and to whom, as Parquet files that DuckDB and Spark read.

A refresh reads from the log which orders were touched since the snapshot's position and makes the months anew in
which they read otherwise; everything else stays the file it is. A snapshot brought up to date and one built anew from
the same state of the database are the same bytes (`verify`). docs/algorithms/metrics.md
"""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import connection, transaction

from dianke.events.commit_order import head
from dianke.insight.operations.snapshots import manifest as manifests
from dianke.insight.operations.snapshots.building import MADE_BY, Builder, of_months, part_of
from dianke.insight.operations.snapshots.manifest import Manifest, Piece
from dianke.insight.operations.snapshots.statements import (
    Touched,
    is_known,
    months_of_sales,
    store_ids,
    touched_after,
)
from dianke.insight.rules.shape import TABLES

#: More orders than this are read by whole months: that is quicker than by one after the other.
MOST_ORDERS = 100_000
#: A log is kept for half a year at least; a snapshot that has not been looked at for so long is built anew.
OLDEST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Taken:
    """A snapshot that stands, and what was done for it. `touched` is None when it was built anew."""

    manifest: Manifest
    touched: Touched | None

    @property
    def is_full(self) -> bool:
        return self.touched is None


def refresh(*, now: datetime, is_full: bool = False, place: Path | None = None) -> Taken:
    """Bring the snapshot up to the state of the database, or build it anew. It is put in place at once, at the end:
    until then, and if anything fails, the one before stands."""
    place = place or manifests.home()
    place.mkdir(parents=True, exist_ok=True)
    with _alone(place), _one_view():
        return _refreshed(place, now, is_full=is_full)


def verify(*, now: datetime) -> list[str]:
    """Bring the snapshot up to date, build another from the same state beside it, and tell every difference."""
    place = manifests.home()
    place.mkdir(parents=True, exist_ok=True)
    with _alone(place), _one_view(), tempfile.TemporaryDirectory(dir=place) as folder:
        # Together in one view of the database: nothing can be sold in between.
        ours = _refreshed(place, now, is_full=False).manifest
        other = _refreshed(Path(folder), now, is_full=True).manifest
    named = {(piece.table, piece.part): piece for piece in ours.pieces}
    wanted = {(piece.table, piece.part): piece for piece in other.pieces}
    return [
        f"{table} {part}: {_told(named.get((table, part)))}, should be {_told(wanted.get((table, part)))}"
        for table, part in sorted(named.keys() | wanted.keys())
        if _digest(named.get((table, part))) != _digest(wanted.get((table, part)))
    ]


def _digest(piece: Piece | None) -> str:
    return piece.digest if piece else ""


def _told(piece: Piece | None) -> str:
    return f"{piece.row_count} rows ({piece.digest[:12]})" if piece else "no file"


def _refreshed(place: Path, now: datetime, *, is_full: bool) -> Taken:
    standing = manifests.read(place)
    position = head()
    touched = None
    if standing is not None and not is_full and _goes_on_from(standing, now):
        touched = touched_after(standing.position)
    if standing is None or touched is None or touched.is_reshaped:
        touched, pieces = None, _built(place)
    else:
        pieces = _changed(place, standing, touched)
    before = tuple(sorted({piece.name for piece in standing.pieces} if standing else set()))
    made = Manifest(position, MADE_BY, now.isoformat(), tuple(pieces), before)
    manifests.put(place, made)
    return Taken(made, touched)


def _goes_on_from(standing: Manifest, now: datetime) -> bool:
    return (
        standing.made_by == MADE_BY
        and now - datetime.fromisoformat(standing.taken_at) < OLDEST
        and is_known(standing.position)
    )


def _built(place: Path) -> list[Piece]:
    stores, months = store_ids(), months_of_sales()
    with Builder(place) as builder:
        pieces = [builder.whole(table) for table in TABLES.values() if not table.day]
        for table in of_months():
            found = (builder.month(table, month, stores) for month in months)
            pieces += [piece for piece in found if piece is not None]
    return pieces


def _changed(place: Path, standing: Manifest, touched: Touched) -> list[Piece]:
    pieces = {(piece.table, piece.part): piece for piece in standing.pieces}
    is_many = len(touched.orders) > MOST_ORDERS
    with Builder(place) as builder:
        for table in TABLES.values():
            if not table.day and not touched.rooms.isdisjoint(table.rooms):
                piece = builder.whole(table)
                pieces[table.name, piece.part] = piece
        for table in of_months():
            found: dict[str, Piece | None] = {}
            if touched.orders and not is_many:
                found = builder.changed(table, list(touched.orders), standing.of(table.name))
            months = months_of_sales() if is_many else _months(touched.days)
            stores = store_ids() if months else []
            found |= {part_of(month): builder.month(table, month, stores) for month in months}
            for part, fresh in found.items():
                if fresh is None:
                    pieces.pop((table.name, part), None)
                else:
                    pieces[table.name, part] = fresh
    return [pieces[key] for key in sorted(pieces)]


def _months(days: tuple[date, date] | None) -> list[date]:
    """The first days of the months these days lie in."""
    if days is None:
        return []
    month, found = days[0].replace(day=1), []
    while month <= days[1]:
        found.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return found


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Two processes at once would write over each other; the second waits."""
    with (place / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _one_view() -> Iterator[None]:
    """Everything is read as it was at one instant. Inside a transaction under way its own view has to do."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            # While a month is packed the server waits for us; it writes nothing, so it is in nobody's way.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield
