"""JSON in one form: compact, keys in order, UTF-8. What is hashed or sealed is encoded here and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATETIME


def encoded(value: Any, default: Callable[[Any], Any] | None = None) -> bytes:
    """The value as JSON; `default` makes something else of what JSON cannot hold, or it raises `TypeError`."""
    try:
        return orjson.dumps(value, default, _OPTIONS)
    except TypeError:
        # Whole numbers beyond 64 bits, keys that are no text, enumerations: rare, and the standard library takes them.
        return json.dumps(
            value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=default
        ).encode()
