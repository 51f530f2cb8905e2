"""A second connection, a place where reactions leave marks, and waiting for the horizon."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection

from dianke.core.actor import SYSTEM
from dianke.events.operations import operation, record


@operation(None)
def ring_bell(*, subject="shop.bell:1", data=None, actor, now):
    """An operation for tests: leaves the event `shop.bell_rung`."""
    return record("shop.bell_rung", subject, actor=actor, now=now, data=data)


@pytest.fixture
def ring(now):
    """Record one event and commit it."""
    return lambda subject="shop.bell:1", **data: ring_bell(subject=subject, data=data, actor=SYSTEM, now=now)


@pytest.fixture
def second_connection(transactional_db) -> Iterator[psycopg.Connection]:
    """A connection to the test database beside Django's, in no transaction yet."""
    with psycopg.connect(**connection.get_connection_params()) as second:
        yield second


@pytest.fixture
def settle() -> Callable[[], None]:
    """Wait until every event committed so far may be read: other tests on the same server hold the
    horizon, and the longest of them (query budgets of every page) runs for minutes on a slow machine."""

    def wait() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
            (goal,) = cursor.fetchone()
            deadline = time.monotonic() + 600
            while time.monotonic() < deadline:
                cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %s::text::xid8", [goal])
                if cursor.fetchone()[0]:
                    return
                time.sleep(0.02)
        raise AssertionError("another transaction stayed open for ten minutes")

    return wait


@pytest.fixture
def marks(transactional_db) -> Iterator[Callable[[], list[int]]]:
    """A table reactions write to: `marks()` gives the event ids in it, in the order they were written."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS test_marks (n bigserial, reaction text, event_id bigint)")

    def read(reaction: str | None = None) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT event_id FROM test_marks WHERE %s::text IS NULL OR reaction = %s ORDER BY n",
                [reaction, reaction],
            )
            return [row[0] for row in cursor.fetchall()]

    yield read
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE test_marks")
