"""Writing many rows with COPY: lines of PostgreSQL's text format, made without model instances.

    lines = [copy_line((id, "王小明", sealed, now)) for …]
    copy_into("customers_customer", ("id", "name", "note_sealed", "created_at"), lines)

A line may be made in another process and be sent as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": None})
_CHUNK = 1 << 20


def copy_line(values: Sequence[Any]) -> str:
    """One row in COPY's text format, its end of line included.

    None, text, numbers, booleans, dates and instants, UUIDs, bytes; mappings and lists become JSON. NUL characters,
    which PostgreSQL cannot hold, are left out.
    """
    return "\t".join(map(_field, values)) + "\n"


def copy_into(
    table: str, columns: Sequence[str], lines: Iterable[str], *, using: str = DEFAULT_DB_ALIAS
) -> None:
    """Send lines of `copy_line` to a table, in the present transaction."""
    connection = connections[using]
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {connection.ops.quote_name(table)} ({names}) FROM STDIN") as copy,
    ):
        pending: list[str] = []
        size = 0
        for line in lines:
            pending.append(line)
            size += len(line)
            if size > _CHUNK:
                copy.write("".join(pending))
                pending.clear()
                size = 0
        copy.write("".join(pending))


def _field(value: Any) -> str:
    kind = type(value)
    if kind is str:
        # Nearly all text needs no escape; isprintable() is the cheap way to know for tabs and line ends.
        text: str = value
        return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)
    if value is None:
        return "\\N"
    if kind is int or kind is UUID:
        return str(value)
    if kind is bytes:
        return f"\\\\x{value.hex()}"
    if kind is bool:
        return "t" if value else "f"
    if isinstance(value, date):  # datetimes are dates
        return str(value.isoformat())
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    return str(value).translate(_ESCAPES)
