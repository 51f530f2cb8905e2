"""Statements whose plans are kept."""

from __future__ import annotations

import pytest
from django.db import connection

from dianke.core.prepared import prepared

pytestmark = pytest.mark.django_db


def test_a_kept_statement_is_planned_once_whatever_its_values() -> None:
    statement = "SELECT count(*) FROM generate_series(1, %(most)s::int) AS n WHERE n = ANY(%(among)s::int[])"
    connection.ensure_connection()
    connection.connection.execute("DEALLOCATE ALL")
    with prepared() as cursor:
        for most in range(1, 12):
            cursor.execute(statement, {"most": most, "among": [1, most]})
            assert cursor.fetchone() == (len({1, most}),)
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE %(such)s",
            {"such": "%generate_series%"},
        )
        generic, custom = cursor.fetchone()
    assert custom == 0
    assert generic >= 8  # the first ones travel unprepared
