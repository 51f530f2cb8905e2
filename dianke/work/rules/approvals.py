"""What binds an approval to one change: canonical arguments, their hash, and which policy asks for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import rfc8785


def canonical(arguments: Any) -> str:
    """JSON in the one form RFC 8785 allows, so that equal arguments are equal text."""
    text: str = rfc8785.dumps(arguments).decode()
    return text


def digest(operation: str, text: str) -> str:
    """SHA-256, in hex, over the operation's name and its canonical arguments: neither can be exchanged alone."""
    return hashlib.sha256(f"{operation}\n{text}".encode()).hexdigest()


def is_intact(operation: str, text: str, sha256: str) -> bool:
    """Whether stored arguments are the ones the hash was made of, and still in canonical form."""
    try:
        return digest(operation, text) == sha256 and canonical(json.loads(text)) == text
    except ValueError:
        return False


def version_of(state: Any) -> str:
    """A fingerprint of the state a change was asked for in."""
    return hashlib.sha256(canonical(state).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Policy:
    """A row of the policies. `limit` None asks every time; `store_id` None is for stores without a row of their own."""

    id: int
    operation: str
    store_id: int | None = None
    limit: Decimal | None = None
    is_active: bool = True


def policy_for(
    policies: Iterable[Policy], operation: str, *, store_id: int | None, amount: Decimal | None
) -> Policy | None:
    """The policy that asks for a second person, if any: the store's own row (also one that is switched off) before
    the general one; below the limit nobody is asked. A change without amount counts as above every limit."""
    rows = {policy.store_id: policy for policy in policies if policy.operation == operation}
    found = rows.get(store_id) or rows.get(None)
    if found is None or not found.is_active:
        return None
    if found.limit is not None and amount is not None and amount < found.limit:
        return None
    return found
