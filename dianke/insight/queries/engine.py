"""The snapshot that stands, opened for questions. Ibis and DuckDB are loaded when the first one is asked: a server that
is asked nothing does not carry them.
"""

# ruff: noqa: S608  only names of our own tables and files are put together

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Conflict, TemporarilyUnavailable
from dianke.insight.operations.snapshots.manifest import Manifest, home, read
from dianke.insight.rules.shape import TABLES, Table
from dianke.insight.rules.tables import Tables, tables_of

_opened = threading.local()


class NoSnapshot(Conflict):
    code = "no_snapshot"
    message = _(
        "Nothing has been worked out yet. The first figures come by themselves within five minutes of the first sale."
    )


class TookTooLong(TemporarilyUnavailable):
    code = "figures_took_too_long"
    message = _(
        "This takes longer than %(seconds)s seconds. Choose fewer days, or fewer things it is told by."
    )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`engine` is an Ibis backend with a table per name of `rules/shape`."""

    manifest: Manifest
    engine: Any
    tables: Tables

    @property
    def taken_at(self) -> datetime:
        return datetime.fromisoformat(self.manifest.taken_at)

    def rows(self, expression: Any, *, within_seconds: float | None = None) -> list[dict[str, Any]]:
        """Raises `TookTooLong` after `within_seconds`; the engine is free for the next question then."""
        if within_seconds is None:
            found: list[dict[str, Any]] = self.engine.to_pyarrow(expression).to_pylist()
            return found
        import duckdb

        timer = threading.Timer(within_seconds, self.engine.con.interrupt)
        timer.start()
        try:
            return self.rows(expression)
        except duckdb.InterruptException as error:
            raise TookTooLong(seconds=round(within_seconds)) from error
        finally:
            timer.cancel()


def snapshot() -> Snapshot:
    """The one that stands, opened once per thread and kept until another takes its place. Raises `NoSnapshot`."""
    place = home()
    manifest = read(place)
    if manifest is None:
        raise NoSnapshot
    kept: Snapshot | None = getattr(_opened, "snapshot", None)
    if kept is None or kept.manifest != manifest or getattr(_opened, "place", None) != place:
        kept = opened(manifest, place)
        _opened.snapshot, _opened.place = kept, place
    return kept


def opened(manifest: Manifest, place: Path) -> Snapshot:
    import ibis

    engine = ibis.duckdb.connect(memory_limit="1GB", threads=2, temp_directory=str(place / "spill"))
    for table in TABLES.values():
        files = [str(place / "files" / piece.name) for piece in manifest.of(table.name).values()]
        engine.raw_sql(f"CREATE VIEW {table.name} AS {_rows(table, files)}")
    return Snapshot(manifest, engine, tables_of(engine))


def _rows(table: Table, files: list[str]) -> str:
    if files:
        return f"SELECT * FROM read_parquet({files!r})"
    nothing = ", ".join(f"NULL::{kind} AS {name}" for name, kind in table.columns.items())
    return f"SELECT {nothing} WHERE false"


def standing() -> Mapping[str, Any] | None:
    """When it was taken and how much it holds; None where there is none. Opens nothing."""
    manifest = read(home())
    if manifest is None:
        return None
    return {"taken_at": datetime.fromisoformat(manifest.taken_at), "row_count": manifest.row_count}
