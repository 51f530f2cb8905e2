"""What exactly is hashed: the bytes of an event and of a block. Changing anything here breaks every seal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import rfc8785

from dianke.events.commit_order import Entry
from dianke.events.models import SealBlock
from dianke.events.sealing.merkle import leaf_hash

FORMAT = 1
GENESIS = bytes(32)
_LARGEST_INTEGER = 2**53 - 1


def exact_loads(text: str) -> Any:
    """JSON whose numbers lose nothing: those RFC 8785 would round are kept as `{"$number": text}`."""

    def integer(digits: str) -> Any:
        return int(digits) if abs(int(digits)) <= _LARGEST_INTEGER else {"$number": digits}

    return json.loads(text, parse_int=integer, parse_float=lambda digits: {"$number": digits})


def instant_text(instant: datetime) -> str:
    """UTC with microseconds, such as `2026-11-21T06:30:00.000000Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def event_bytes(entry: Entry) -> bytes:
    """RFC 8785 of the whole row, its position too. 64-bit integers are text. `data` comes from
    `exact_loads`."""
    event, position = entry.event, entry.position
    return rfc8785.dumps(
        {
            "format": FORMAT,
            "era": position.era,
            "xid": str(position.xid),
            "id": str(event.pk),
            "recorded_at": instant_text(event.recorded_at),
            "kind": event.kind,
            "operation": event.operation,
            "actor_kind": event.actor_kind,
            "actor_id": _text(event.actor_id),
            "user_id": _text(event.user_id),
            "store_id": _text(event.store_id),
            "subjects": list(event.subjects),
            "data": event.data,
            "request_id": event.request_id,
        }
    )


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def event_leaf(entry: Entry) -> bytes:
    """The leaf hash of an event."""
    return leaf_hash(event_bytes(entry))


def block_hash(block: SealBlock) -> bytes:
    """SHA-256 over RFC 8785 of the block's head: the hash before it, what it covers, and its Merkle root."""
    head: dict[str, Any] = {
        "format": FORMAT,
        "number": str(block.number),
        "first": [block.first_era, str(block.first_xid), str(block.first_event_id)],
        "last": [block.last_era, str(block.last_xid), str(block.last_event_id)],
        "event_count": block.event_count,
        "total_count": str(block.total_count),
        "event_ids": [str(event_id) for event_id in block.event_ids],
        "prev_hash": bytes(block.prev_hash).hex(),
        "root": bytes(block.root).hex(),
        "sealed_at": instant_text(block.sealed_at),
    }
    return sha256(rfc8785.dumps(head)).digest()
