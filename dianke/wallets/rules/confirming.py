"""Codes a customer's phone shows to agree: six digits that change every minute, from a secret of the merchant.

Nothing is stored until one is used, so the page of the phone only reads. That one works once is a unique row.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

SLOT_SECONDS = 60
DIGITS = 6
#: A code is still taken while the next one shows, so that nobody races a clock.
SLOTS_BACK = 1


def slot_of(now: datetime) -> int:
    """The minute a code is for."""
    return int(now.timestamp()) // SLOT_SECONDS


def code_for(secret: bytes, customer_id: int, slot: int) -> str:
    """The digits of one customer in one minute: a keyed hash, cut as RFC 4226 cuts it."""
    digest = hmac.new(secret, f"{customer_id}.{slot}".encode(), hashlib.sha256).digest()
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def slot_that_fits(secret: bytes, customer_id: int, code: str, now: datetime) -> int | None:
    """The slot whose code it is, the newest first; None when it is not one of those that still count."""
    digits = "".join(code.split())
    newest = slot_of(now)
    for slot in range(newest, newest - SLOTS_BACK - 1, -1):
        if hmac.compare_digest(code_for(secret, customer_id, slot).encode(), digits.encode()):
            return slot
    return None
