"""Files of a snapshot made from PostgreSQL: a month after the other by COPY, sorted and packed by DuckDB on one thread,
so that equal rows make equal bytes. Memory stays flat however long the history is.
"""

# ruff: noqa: S608  only names of our own tables and files are put together

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
from django.db import connection

from dianke.insight.operations.snapshots.manifest import Piece
from dianke.insight.operations.snapshots.statements import OF_MONTH, OF_ORDERS, WHOLE
from dianke.insight.rules.shape import SHAPE_VERSION, TABLES, Table

ROW_GROUP = 122_880
MADE_BY = f"shape {SHAPE_VERSION}, duckdb {duckdb.__version__}"
WHOLE_PART = "all"


class Builder:
    """Makes files below `place`. What a process that was killed left behind goes when the next one begins."""

    def __init__(self, place: Path) -> None:
        self._files, self._work = place / "files", place / "work"
        shutil.rmtree(self._work, ignore_errors=True)
        for folder in (self._files, self._work):
            folder.mkdir(parents=True, exist_ok=True)
        self._duck = duckdb.connect(
            config={"threads": 1, "memory_limit": "768MB", "temp_directory": str(self._work / "spill")}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._duck.close()
        shutil.rmtree(self._work, ignore_errors=True)

    def whole(self, table: Table) -> Piece:
        """A table that is one file."""
        return self._packed(table, WHOLE_PART, self._read(table, WHOLE[table.name], {}))

    def month(self, table: Table, month: date, stores: Iterable[int]) -> Piece | None:
        """A month of a table; None when nothing happened in it."""
        values = {"stores": list(stores), "first": month, "next": _next(month)}
        piece = self._packed(
            table, part_of(month), self._read(table, OF_MONTH[table.name], values), is_kept=False
        )
        return piece if piece.row_count else None

    def changed(
        self, table: Table, orders: list[int], standing: Mapping[str, Piece]
    ) -> dict[str, Piece | None]:
        """The months that read otherwise now that these orders have changed, with the file of each (None: empty)."""
        new = self._read(table, OF_ORDERS[table.name], {"orders": orders})
        self._duck.execute("CREATE OR REPLACE TEMP TABLE touched (order_id BIGINT)")
        self._duck.execute("INSERT INTO touched SELECT unnest(?::BIGINT[])", [orders])
        self._duck.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT * FROM {new}")
        old = self._standing(table, standing.values())
        self._duck.execute(
            f"CREATE OR REPLACE TEMP TABLE stale AS SELECT * FROM {old} SEMI JOIN touched USING (order_id)"
        )
        months = self._duck.execute(
            f"""SELECT DISTINCT strftime({table.day}, '%Y-%m') FROM (
                (SELECT * FROM fresh EXCEPT ALL SELECT * FROM stale)
                UNION ALL (SELECT * FROM stale EXCEPT ALL SELECT * FROM fresh)) ORDER BY 1"""
        ).fetchall()
        found: dict[str, Piece | None] = {}
        for (part,) in months:
            month = self._standing(table, [standing[part]] if part in standing else [])
            rows = f"""(SELECT * FROM {month} ANTI JOIN touched USING (order_id)
                UNION ALL SELECT * FROM fresh WHERE strftime({table.day}, '%Y-%m') = '{part}')"""
            piece = self._packed(table, part, rows)
            found[part] = piece if piece.row_count else None
        return found

    def _standing(self, table: Table, pieces: Iterable[Piece]) -> str:
        names = [str(self._files / piece.name) for piece in pieces]
        if names:
            return f"read_parquet({names!r})"
        nothing = ", ".join(f"NULL::{kind} AS {name}" for name, kind in table.columns.items())
        return f"(SELECT {nothing} WHERE false)"

    def _read(self, table: Table, statement: str, values: Mapping[str, Any]) -> str:
        """The rows of a statement as DuckDB reads them, by way of a file."""
        path = self._work / f"{table.name}.csv"
        with connection.cursor() as cursor, path.open("wb") as file:
            copying = f"COPY ({statement}) TO STDOUT (FORMAT csv)"
            with cursor.copy(copying, values) if values else cursor.copy(copying) as copy:
                for block in copy:
                    file.write(block)
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in table.columns.items())
        return (
            f"read_csv('{path}', header=false, auto_detect=false, delim=',', quote='\"', escape='\"',"
            f" nullstr='', columns={{{types}}})"
        )

    def _packed(self, table: Table, part: str, rows: str, *, is_kept: bool = True) -> Piece:
        path = self._work / "piece.parquet"
        path.unlink(missing_ok=True)
        columns, key = ", ".join(table.columns), ", ".join(table.key)
        shape = ", ".join(f"{name} {kind}" for name, kind in table.columns.items())
        # By way of a table: what is packed straight from a file or a join is packed otherwise, equal rows or not.
        self._duck.execute(f"CREATE OR REPLACE TEMP TABLE packed ({shape})")
        self._duck.execute(f"INSERT INTO packed SELECT {columns} FROM {rows} ORDER BY {key}")
        (count,) = self._duck.execute(
            f"COPY packed TO '{path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
        ).fetchall()[0]
        self._duck.execute("DROP TABLE packed")
        digest = _digest(path)
        name = f"{table.name}-{part}-{digest[:16]}.parquet"
        if count or is_kept:
            with path.open("rb") as file:
                os.fsync(file.fileno())
            path.replace(self._files / name)
        return Piece(table.name, part, name, count, digest)


def part_of(month: date) -> str:
    return f"{month:%Y-%m}"


def _next(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_months() -> list[Table]:
    """The tables that lie in months."""
    return [table for table in TABLES.values() if table.day]
