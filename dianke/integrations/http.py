"""One request to a vendor, told apart by what is known about it: answered, surely not received, or nobody knows."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SECONDS = 10.0
MOST_BYTES = 256 * 1024


class NotReached(Exception):
    """No connection was made: the vendor has seen nothing."""


class Unanswered(Exception):
    """The request was sent and no whole answer came: it may have been carried out."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    data: Mapping[str, Any]


def post(url: str, *, headers: Mapping[str, str], body: bytes) -> Reply:
    """Follows no redirects; an answer that is no JSON object has empty `data`. Raises `NotReached`, `Unanswered`."""
    return _asked("POST", url, headers, body)


def get(url: str) -> Reply:
    """As `post`, for what only reads."""
    return _asked("GET", url, {}, None)


def _asked(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
    parts = urlsplit(url)
    if parts.scheme == "https":
        wire: http.client.HTTPConnection = http.client.HTTPSConnection(
            parts.netloc, timeout=SECONDS, context=ssl.create_default_context()
        )
    else:
        wire = http.client.HTTPConnection(parts.netloc, timeout=SECONDS)
    try:
        try:
            wire.connect()
        except (OSError, http.client.HTTPException) as error:
            raise NotReached(type(error).__name__) from error
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        try:
            wire.request(method, target, body=body, headers=dict(headers))
            answer = wire.getresponse()
            raw = answer.read(MOST_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered(type(error).__name__) from error
    finally:
        wire.close()
    try:
        data = json.loads(raw)
    except ValueError:
        data = {}
    return Reply(answer.status, data if isinstance(data, dict) else {})
