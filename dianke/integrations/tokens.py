"""Access tokens of vendors: asked for once, kept until shortly before they end, asked for anew by one at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from dianke.integrations.http import Reply, Unanswered

EARLY = timedelta(minutes=5)
Place = tuple[str, str, str]


class TokenRefused(Exception):
    """There is no token: the secret is wrong, this server's address is not on the list of the account, or no answer
    came. No message was handed over."""


@dataclass(slots=True)
class _Kept:
    lock: Lock = field(default_factory=Lock)
    token: str = ""
    ends_at: datetime | None = None


_kept: dict[Place, _Kept] = {}
_all = Lock()


def kept_token(place: Place, fetch: Callable[[], Reply], *, now: datetime, ended: str = "") -> str:
    """The token of a place (server, account, secret); another one than `ended`. However many ask, one request is made.
    Raises `NotReached`, `TokenRefused`."""
    with _all:
        kept = _kept.setdefault(place, _Kept())
    with kept.lock:
        if kept.token and kept.token != ended and kept.ends_at is not None and now < kept.ends_at:
            return kept.token
        try:
            reply = fetch()
        except Unanswered as error:
            raise TokenRefused(str(error)) from error
        token = reply.data.get("access_token")
        if not isinstance(token, str) or not token:
            raise TokenRefused(str(reply.data.get("errcode", reply.status)))
        kept.token = token
        kept.ends_at = now + timedelta(seconds=int(reply.data.get("expires_in", 0))) - EARLY
        return token


class TokenOf(Protocol):
    def __call__(self, *, ended: str = "") -> str: ...


def asked(token_of: TokenOf, ask: Callable[[str], Reply], *, ended_codes: Collection[object]) -> Reply:
    """The answer to `ask(token)`; a token that ended is replaced and asked with once more. Raises `NotReached`,
    `Unanswered`, `TokenRefused`."""
    token = token_of()
    reply = ask(token)
    return ask(token_of(ended=token)) if reply.data.get("errcode") in ended_codes else reply
