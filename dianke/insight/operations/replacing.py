"""What a night worked out takes the place of what the last one did: a file by COPY, then only what differs."""

# ruff: noqa: S608  only names of our own columns are put together

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.db import connection
from django.db.models import Model

from dianke.events.operations import step


@step
def replace_rows(model: type[Model], path: Path, columns: Sequence[str], *, keys: int) -> None:
    """COPY into a table of this transaction, then only what is not there any more goes and only what changed is
    written. The key is the first `keys` columns."""
    table, listed = model._meta.db_table, ", ".join(columns)
    key, rest = columns[:keys], columns[keys:]
    given = ", ".join(f"excluded.{name}" for name in rest)
    standing = ", ".join(f"m.{name}" for name in rest)
    same = " AND ".join(f"f.{name} = m.{name}" for name in key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE insight_fresh ON COMMIT DROP AS SELECT {listed} FROM {table} WITH NO DATA"
        )
        with path.open("rb") as file, cursor.copy("COPY insight_fresh FROM STDIN (FORMAT csv)") as copy:
            while block := file.read(1 << 20):
                copy.write(block)
        cursor.execute(
            f"DELETE FROM {table} AS m WHERE NOT EXISTS (SELECT FROM insight_fresh AS f WHERE {same})"
        )
        cursor.execute(
            f"""INSERT INTO {table} AS m ({listed}) SELECT {listed} FROM insight_fresh
            ON CONFLICT ({", ".join(key)}) DO UPDATE SET ({", ".join(rest)}) = ({given})
            WHERE ({standing}) IS DISTINCT FROM ({given})"""
        )
        cursor.execute("DROP TABLE insight_fresh")
