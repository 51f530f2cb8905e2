"""The file a new database begins with is what the migrations make, and leaves nothing else to be done."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest

from dianke.config import baseline
from dianke.core.database.places import server_programs, server_user

SERVER = "DIANKE_TEST_CLUSTER"


@pytest.fixture
def laid(db):
    """A database that began with the file."""
    url = baseline.empty_database(os.environ[SERVER], "laid")
    assert baseline.lay(url)
    yield url
    with psycopg.connect(os.environ[SERVER], autocommit=True) as connection:
        connection.execute("DROP DATABASE laid WITH (FORCE)")


def test_a_database_that_began_with_the_file_says_of_itself_what_the_file_says(laid):
    assert baseline.text_of(laid, server_programs(server_user())) == baseline.FILE.read_text(encoding="utf-8")


def test_a_database_that_began_with_the_file_has_somewhere_to_write_events(laid):
    with psycopg.connect(laid) as connection:
        (months,) = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relname LIKE 'events\\_event\\_y2%' AND relkind = 'r'"
        ).fetchone()
    assert months == 4


def test_a_database_with_anything_in_it_is_left_alone(laid):
    with psycopg.connect(laid, autocommit=True) as connection:
        connection.execute("DROP TABLE web_savedview CASCADE")
    assert not baseline.lay(laid)
    with psycopg.connect(laid) as connection:
        assert connection.execute("SELECT to_regclass('web_savedview')").fetchone() == (None,)


def test_a_file_the_server_does_not_understand_changes_nothing(db, tmp_path, monkeypatch):
    file = tmp_path / "baseline.sql"
    file.write_text("CREATE TABLE public.begun (id int); CREATE TABLE public.of_tomorrow (id int) BY MAGIC;")
    monkeypatch.setattr(baseline, "FILE", file)
    url = baseline.empty_database(os.environ[SERVER], "laid")
    assert not baseline.lay(url)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('begun')").fetchone() == (None,)


@pytest.mark.slow
def test_the_file_is_what_the_migrations_make():
    """When this fails after a new migration: bin/baseline."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIANKE_TEST")}
    code = "import sys; from dianke.config.baseline import migrated_text; sys.stdout.write(migrated_text())"
    environment["PYTHONUTF8"] = "1"
    made = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True, timeout=600
    )
    assert made.stdout == baseline.FILE.read_text(encoding="utf-8")
