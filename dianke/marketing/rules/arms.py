"""Who is kept back and who gets which variant: decided by a keyed hash of the person, never by a die.

The hash of (salt, person) is the same however often it is asked, so a person who is in control stays in control when a
campaign is paused, resumed, or run again as a copy of its series (which keeps the salt). Nobody who does not know the
salt can foresee it. A person is the head of a profile when it becomes a member: merges later change no arm.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from uuid import UUID

WHOLE = 10_000


def bucket(person: UUID, *, salt: str, of: str) -> int:
    """0 … 9,999, evenly; another, independent draw for each `of`. The remainder of 64 bits by 10,000 favours no bucket
    by more than one in 10^15."""
    digest = hmac.digest(f"{salt}/{of}".encode(), person.bytes, hashlib.sha256)
    return int.from_bytes(digest[:8], "big") % WHOLE


def is_control(person: UUID, *, salt: str, control_bp: int) -> bool:
    """Whether the person is kept back. A larger share keeps back everybody a smaller one did."""
    return bucket(person, salt=salt, of="control") < control_bp


def variant_of(person: UUID, *, salt: str, weights: Sequence[int]) -> int:
    """The place of the variant in `weights`; shares follow the weights.

    Raises `ValueError` without any weight above zero.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights")
    drawn = bucket(person, salt=salt, of="variant")
    upto = 0
    for place, weight in enumerate(weights):
        upto += weight
        if drawn * whole < upto * WHOLE:
            return place
    raise AssertionError("a bucket lies below the whole")
