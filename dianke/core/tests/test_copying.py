"""COPY brings every kind of value into the table as it was."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from dianke.core.copying import copy_into, copy_line

pytestmark = pytest.mark.django_db

COLUMNS = ("id", "text", "bytes", "yes", "day", "at", "json", "number", "uuid")
MAKE = """
CREATE TEMP TABLE copied (id int, text text, bytes bytea, yes bool, day date, at timestamptz, json jsonb,
    number numeric, uuid uuid) ON COMMIT DROP
"""


def test_every_kind_of_value_arrives_as_it_was():
    row = (
        1,
        "制表\t换行\n回车\r反斜 \\N",
        b"\x00\xff\\",
        True,
        date(2026, 5, 3),
        datetime(2026, 5, 3, 6, 30, tzinfo=UTC),
        {"名": ["a\tb", 'q"', "\\"]},
        Decimal("1.50"),
        uuid.UUID(int=7),
    )
    with connection.cursor() as cursor:
        cursor.execute(MAKE)
        copy_into("copied", COLUMNS, [copy_line(row), copy_line([2, *[None] * 8])])
        cursor.execute(
            "SELECT id, text, bytes, yes, day, at, json::text, number, uuid FROM copied ORDER BY id"
        )
        found, empty = cursor.fetchall()
    assert found[:6] == row[:6]
    assert found[6] == '{"名": ["a\\tb", "q\\"", "\\\\"]}'
    assert found[7:] == row[7:]
    assert empty == (2, *[None] * 8)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60))
def test_any_text_arrives_as_it_was(text):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS copied")
        cursor.execute(MAKE)
        copy_into("copied", ("id", "text"), [copy_line((1, text))])
        cursor.execute("SELECT text FROM copied")
        assert cursor.fetchone()[0] == text


def test_a_large_batch_goes_in_pieces():
    with connection.cursor() as cursor:
        cursor.execute(MAKE)
        copy_into("copied", ("id", "text"), (copy_line((number, "字" * 1000)) for number in range(3000)))
        cursor.execute("SELECT count(*), min(length(text)) FROM copied")
        assert cursor.fetchone() == (3000, 1000)
