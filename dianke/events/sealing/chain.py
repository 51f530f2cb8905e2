"""Sealing: committed events in position order, block by block, each block bound to the one before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Conflict
from dianke.core.keys import keyring
from dianke.events.commit_order import BEGINNING, Position, read_after
from dianke.events.models import SealBlock
from dianke.events.sealing.canonical import GENESIS, block_hash, event_leaf, exact_loads
from dianke.events.sealing.checkpoints import append, checkpoint_file, make_checkpoint, newest_genuine
from dianke.events.sealing.merkle import merkle_root

BLOCK_EVENTS = 1000
SEAL_LOCK = 0x5EA1


class SealRefused(Conflict):
    """The chain in the database is not the one the checkpoints attest; going on would bury the evidence."""

    code = "seal_refused"
    message = _(
        "The log in the database does not continue the checkpoints in %(file)s, so nothing more is sealed. "
        "Run “dianke audit verify”. If the database was restored from a backup, "
        "keep that file elsewhere under another name and start again."
    )


@dataclass(frozen=True, slots=True)
class Lag:
    """What is committed and not sealed yet: how many events, and the age of the oldest."""

    event_count: int
    age: timedelta


def last_position(block: SealBlock | None) -> Position:
    """Where the next block begins behind."""
    return Position(block.last_era, block.last_xid, block.last_event_id) if block else BEGINNING


def newest_block() -> SealBlock | None:
    """The end of the chain, without the long columns."""
    return SealBlock.objects.defer("leaves", "event_ids").order_by("-number").first()


def seal(*, now: datetime, limit: int = BLOCK_EVENTS) -> SealBlock | None:
    """Seal the next block and write its checkpoint; None when there is nothing to seal, or another worker is
    at it. Raises `SealRefused`, `KeysMissing`."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEAL_LOCK])
            if not cursor.fetchone()[0]:
                return None
        last = newest_block()
        _catch_up_checkpoints(last)
        block = _next_block(last, now=now, limit=limit)
    if block is not None:
        # After the commit: a checkpoint must never attest what a crash undid. One that a crash left out is
        # written by the next run.
        _write_checkpoint(block)
    return block


def seal_all(*, now: datetime) -> int:
    """Seal until nothing is left. Returns the number of blocks."""
    blocks = 0
    while seal(now=now) is not None:
        blocks += 1
    return blocks


def lag(*, now: datetime) -> Lag:
    """What is waiting to be sealed."""
    place = last_position(newest_block())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(recorded_at) FROM events_event"
            " WHERE (era, xid, id) > (%s, %s::text::xid8, %s)",
            [place.era, str(place.xid), place.event_id],
        )
        event_count, oldest = cursor.fetchone()
    return Lag(event_count, max(now - oldest, timedelta(0)) if oldest else timedelta(0))


def _next_block(last: SealBlock | None, *, now: datetime, limit: int) -> SealBlock | None:
    entries = read_after(last_position(last), limit=limit, loads=exact_loads)
    if not entries:
        return None
    leaves = [event_leaf(entry) for entry in entries]
    first, final = entries[0].position, entries[-1].position
    block = SealBlock(
        number=last.number + 1 if last else 1,
        first_era=first.era,
        first_xid=first.xid,
        first_event_id=first.event_id,
        last_era=final.era,
        last_xid=final.xid,
        last_event_id=final.event_id,
        event_count=len(entries),
        total_count=(last.total_count if last else 0) + len(entries),
        event_ids=[entry.event.pk for entry in entries],
        leaves=b"".join(leaves),
        prev_hash=bytes(last.hash) if last else GENESIS,
        root=merkle_root(leaves),
        sealed_at=now,
    )
    block.hash = block_hash(block)
    block.save(force_insert=True)
    return block


def _catch_up_checkpoints(last: SealBlock | None) -> None:
    """Make sure the file ends at `last`. Raises `SealRefused` when it knows another chain, or a longer one."""
    path = checkpoint_file()
    newest = newest_genuine(path, keyring().seal_key().public_key())
    if newest is not None:
        known = last if last and last.number == newest.block_number else None
        known = known or SealBlock.objects.filter(number=newest.block_number).first()
        if known is None or bytes(known.hash) != newest.hash:
            raise SealRefused(file=str(path))
    if last is not None and (newest is None or newest.block_number < last.number):
        _write_checkpoint(last)


def _write_checkpoint(block: SealBlock) -> None:
    checkpoint = make_checkpoint(
        event_count=block.total_count,
        hash=bytes(block.hash),
        block_number=block.number,
        sealed_at=block.sealed_at,
    )
    append(checkpoint, keyring().seal_key(), checkpoint_file())
