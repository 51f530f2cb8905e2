"""The one-time token of a first start that is served to other computers.

Whoever starts the server reads it from the terminal; only its hash lies in the data directory, and the first start
that uses it removes it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from dianke.core.database import data_home


def _path() -> Path:
    return data_home() / "setup-token"


def issue() -> str:
    """A fresh token; an earlier one no longer opens anything."""
    token = secrets.token_urlsafe(24)
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(_hash(token), encoding="ascii")
    return token


def fits(token: str) -> bool:
    """Whether `token` is the one issued last and not used up."""
    try:
        kept = _path().read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return False
    return bool(token) and hmac.compare_digest(kept, _hash(token))


def use_up() -> None:
    """The token opens nothing any more."""
    _path().unlink(missing_ok=True)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
