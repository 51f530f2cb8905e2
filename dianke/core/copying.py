"""Writing many rows with COPY: PostgreSQL's text format, made column by column and without model instances.

    copy_into("customers_customer", 2, {"id": [1, 2], "name": ["王小明", "李雷"], "channel": Same("IMPORT")})

A column is turned into text as a whole, because asking each of its values what it is would cost more than the rest of
an import; what is the same in every row is turned into text once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice, repeat
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections

from dianke.core.json_bytes import encoded


class Same(NamedTuple):
    """A column with one value in every row."""

    value: Any


Column = Sequence[Any] | Same

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": None})
_NULL = "\\N"
_ROWS = 5_000  # sent at once


def copy_into(
    table: str, count: int, columns: Mapping[str, Column], *, using: str = DEFAULT_DB_ALIAS
) -> None:
    """Write `count` rows in the present transaction.

    Values may be None, text, numbers, booleans, dates and instants, UUIDs, bytes; mappings and lists become JSON. NUL
    characters, which PostgreSQL cannot hold, are left out. Raises `ValueError` when a column has another length and
    `TypeError` for other values.
    """
    if count:
        copy_lines(table, list(columns), lines_of(count, columns), using=using)


def lines_of(count: int, columns: Mapping[str, Column]) -> Iterator[str]:
    """The rows as COPY reads them, for `copy_lines`: perhaps made long before, or in another process.

    Raises as `copy_into`.
    """
    texts = [_column(name, column, count) for name, column in columns.items()]
    return map("\t".join, zip(*texts, strict=True))


def copy_lines(
    table: str, names: Iterable[str], lines: Iterable[str], *, using: str = DEFAULT_DB_ALIAS
) -> None:
    """Write rows of `lines_of` in the present transaction. A text may hold several rows, a line each; `names` are their
    columns."""
    connection = connections[using]
    quoted = connection.ops.quote_name
    columns = ", ".join(map(quoted, names))
    lines = iter(lines)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {quoted(table)} ({columns}) FROM STDIN") as copy,
    ):
        while rows := list(islice(lines, _ROWS)):
            rows.append("")
            copy.write("\n".join(rows))


def update_from(
    table: str, count: int, columns: Mapping[str, Column], *, using: str = DEFAULT_DB_ALIAS
) -> None:
    """Set the columns of `count` rows that are known by the first column: one COPY and one UPDATE for all of them."""
    if not count:
        return
    connection = connections[using]
    quoted = connection.ops.quote_name
    key, *changed = map(quoted, columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE changed_rows ON COMMIT DROP AS"  # noqa: S608 - names are ours
            f" SELECT {', '.join([key, *changed])} FROM {quoted(table)} WITH NO DATA"
        )
        copy_into("changed_rows", count, columns, using=using)
        sets = ", ".join(f"{name} = changed_rows.{name}" for name in changed)
        cursor.execute(
            f"UPDATE {quoted(table)} SET {sets} FROM changed_rows WHERE {quoted(table)}.{key} = changed_rows.{key}"  # noqa: S608
        )
        cursor.execute("DROP TABLE changed_rows")


def _column(name: str, column: Column, count: int) -> Iterable[str]:
    if isinstance(column, Same):
        return repeat(_text(column.value), count)
    if len(column) != count:
        raise ValueError(f"{name} has {len(column)} values for {count} rows")
    return _texts(column)


def _texts(values: Sequence[Any]) -> Iterable[str]:
    kinds = set(map(type, values))
    has_nulls = type(None) in kinds
    kinds.discard(type(None))
    if not kinds:
        return repeat(_NULL, len(values))
    if len(kinds) != 1:
        return list(map(_text, values))
    (kind,) = kinds
    if kind is str:
        # Nearly no text needs an escape, and one look at all of them together tells.
        everything = "".join(filter(None, values))
        if everything.isprintable() and "\\" not in everything:
            return [_NULL if value is None else value for value in values] if has_nulls else values
        return list(map(_text, values))
    write = _WRITERS.get(kind)
    if write is None:
        return list(map(_text, values))
    if kind in _REPEATED:
        write = lru_cache(maxsize=None)(write)
    if has_nulls:
        return [_NULL if value is None else write(value) for value in values]
    return list(map(write, values))


def _bytes(value: bytes) -> str:
    return "\\\\x" + value.hex()


#: How values of one kind are written; what most rows of a column share is written once.
_WRITERS: dict[type, Callable[[Any], str]] = {
    int: str,
    UUID: attrgetter("hex"),
    bytes: _bytes,
    bool: lambda value: "t" if value else "f",
    datetime: datetime.isoformat,
    date: date.isoformat,
}
_REPEATED = frozenset({datetime, date})


def _text(value: Any) -> str:
    kind = type(value)
    if kind is str:
        text: str = value
        return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)
    if value is None:
        return _NULL
    if kind is int:
        return str(value)
    if kind is UUID:
        return str(value.hex)
    if kind is bytes:
        return f"\\\\x{value.hex()}"
    if kind is bool:
        return "t" if value else "f"
    if isinstance(value, date):  # datetimes are dates
        return str(value.isoformat())
    if isinstance(value, (bytes, memoryview)):  # also those of an encrypted field
        return f"\\\\x{value.hex()}"
    if isinstance(value, (dict, list, tuple)):
        return encoded(value).decode().translate(_ESCAPES)
    if isinstance(value, (str, float, Decimal)):
        return str(value).translate(_ESCAPES)
    raise TypeError(f"COPY takes no {kind.__name__}")
