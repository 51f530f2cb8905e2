"""A new database begins with `baseline.sql`: the tables as all migrations up to now leave them, in one file.

Applying all migrations one by one to nothing takes a minute, nearly all of it for Django's picture of the models
at each step; the file takes seconds. Only an empty database is begun so; the migrations that came later than the file
follow as usual, and so does everything else that `migrate` does. `bin/baseline` writes the file anew;
`tests/test_baseline.py` proves that it is what the migrations make.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

FILE = Path(__file__).with_name("baseline.sql")
#: Rows that migrations write. Whatever else a new database holds is filled after `migrate`, by signal.
FILLED = ("customers_processingactivity", "wallets_term")
#: Partitions of months: made for the present month, not for that of the file.
_MONTHS = ("events_event_y2*", "events_subject_y2*")
_THESE_MONTHS = """
SELECT events_make_month((date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month')::date)
FROM generate_series(0, 3) AS n
"""
# What a dump says of itself, of the session it wants (`lay` has its own), and what only psql understands.
_NOISE = re.compile(
    r"-- (?:Name|Data for Name|Dumped|PostgreSQL|TOC)\b|--$|$|\\(?:un)?restrict |SELECT pg_catalog\.set_config\("
    r"|SET (?:\w+_timeout|client_\w+|standard_conforming_strings|check_function_bodies|xmloption|row_security"
    r"|default_tablespace|default_table_access_method) ="
)


def lay(url: str, script: bytes = b"") -> bool:
    """Begins the database at `url` with the file (or `script`), in one transaction. False, and nothing is changed,
    when it is not empty, its tables would not go to the schema `public`, or the server does not understand it."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        if connection.execute(_IS_EMPTY).fetchone() != (True,):
            return False
        with contextlib.suppress(psycopg.errors.SyntaxError, psycopg.errors.UndefinedObject):
            with connection.transaction():
                connection.execute("SET LOCAL check_function_bodies = false")
                connection.execute("SET LOCAL lock_timeout = 0")
                connection.execute("SET LOCAL statement_timeout = 0")
                connection.execute("SET LOCAL search_path = ''")
                # Without parameters everything goes to the server as one script.
                connection.execute(script or FILE.read_bytes())
                connection.execute("SET LOCAL search_path = public")
                connection.execute(_THESE_MONTHS)
            return True
    return False


_IS_EMPTY = """
SELECT coalesce(current_schema(), '') = 'public'
   AND NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S'))
"""


def text_of(url: str, programs: Path) -> str:
    """The file's content, from a database that all migrations were applied to and nothing else was done in."""

    def dump(*options: str) -> list[str]:
        command = [
            str(programs / "pg_dump"),
            f"--dbname={url}",
            "--no-owner",
            "--no-privileges",
            "--no-comments",
        ]
        done = subprocess.run(  # noqa: S603 - the server's own program
            [*command, *options], check=True, capture_output=True, text=True, encoding="utf-8"
        )
        return [line for line in done.stdout.splitlines() if not _NOISE.match(line)]

    tables = dump("--schema-only", *(f"--exclude-table={name}" for name in _MONTHS))
    rows = dump("--data-only", "--inserts", *(f"--table=public.{name}" for name in FILLED))
    with psycopg.connect(url) as connection:
        applied = connection.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
    marks = [f"    ('{app}', '{name}', now())" for app, name in applied]
    return "\n".join(
        [
            "-- Written by bin/baseline; not to be changed by hand.",
            *tables,
            *rows,
            "INSERT INTO public.django_migrations (app, name, applied) VALUES",
            ",\n".join(marks) + ";",
            "",
        ]
    )


def migrated_text() -> str:
    """What the migrations of this version make of an empty database, as the file says it. Takes a minute or two."""
    with tempfile.TemporaryDirectory(prefix="dianke-baseline-") as data:
        os.environ |= {"DIANKE_DATA": data, "DIANKE_TEST": "1"}
        from dianke.core.database.places import server_programs, server_user
        from dianke.core.testing import throwaway_cluster

        with throwaway_cluster() as server:
            url = empty_database(server, "migrated")
            os.environ["DATABASE_URL"] = url
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dianke.config.settings")
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", interactive=False, verbosity=0)
            programs = server_programs(server_user())
            # PostgreSQL words a few expressions anew when it reads its own dump, once.
            again = empty_database(server, "laid")
            lay(again, text_of(url, programs).encode())
            return text_of(again, programs)


def empty_database(server: str, name: str) -> str:
    """Makes an empty database of that name, in place of the one there is; its address."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
        )
    return make_conninfo(server, dbname=name)


def main() -> int:
    """The command behind `bin/baseline`."""
    FILE.write_text(migrated_text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
