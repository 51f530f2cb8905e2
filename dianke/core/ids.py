"""Row identities that are known before the row is written.

A version 7 UUID (RFC 9562) starts with the time, so an index on it grows at its end like one on a counter,
and a ciphertext can be bound to its row before the database has seen it.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """A new time-ordered id; within one process each is larger than the one before.

    48 bits of Unix milliseconds, 12 bits of the fraction of one (RFC 9562 section 6.2, method 3), 62 random
    bits. If the clock stands still or goes back, the time part counts on from the last one.
    """
    global _last
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    stamp = (milliseconds << 12) | (rest * 4096 // 1_000_000)
    with _lock:
        stamp = _last = max(stamp, _last + 1)
    return compose(stamp >> 12, stamp & 0xFFF, secrets.randbits(62))


def uuid7s(count: int) -> list[uuid.UUID]:
    """`count` ids as `uuid7` makes them, in order: a tenth of the cost each."""
    global _last
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    stamp = (milliseconds << 12) | (rest * 4096 // 1_000_000)
    with _lock:
        first = max(stamp, _last + 1)
        _last = first + count - 1
    noise = memoryview(os.urandom(8 * count)).cast("Q")
    return [
        _made(stamp >> 12 << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | random >> 2)
        for stamp, random in enumerate(noise, first)
    ]


_new, _set, _unknown = object.__new__, object.__setattr__, uuid.SafeUUID.unknown


def _made(number: int) -> uuid.UUID:
    """`uuid.UUID(int=number)` without its questions about the other ways to say one."""
    made = _new(uuid.UUID)
    _set(made, "int", number)
    _set(made, "is_safe", _unknown)
    return made


def compose(milliseconds: int, fraction: int, noise: int) -> uuid.UUID:
    """The version 7 UUID of 48 bits of milliseconds, 12 bits `rand_a` and 62 bits `rand_b`."""
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | noise)
