"""COPY brings every kind of value into the table as it was."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from dianke.core.copying import Same, copy_into, update_from
from dianke.core.encrypted_fields import Ciphertext

pytestmark = pytest.mark.django_db

COLUMNS = ("id", "text", "bytes", "yes", "day", "at", "json", "number", "uuid")
MAKE = """
CREATE TEMP TABLE copied (id int, text text, bytes bytea, yes bool, day date, at timestamptz, json jsonb,
    number numeric, uuid uuid) ON COMMIT DROP
"""
ROW = (
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


def columns_of(*rows: tuple) -> dict[str, list]:
    return dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))


def copied() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, text, bytes, yes, day, at, json::text, number, uuid FROM copied ORDER BY id"
        )
        return cursor.fetchall()


@pytest.fixture
def table():
    with connection.cursor() as cursor:
        cursor.execute(MAKE)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    "columns",
    [
        columns_of(ROW),
        {name: Same(value) for name, value in zip(COLUMNS, ROW, strict=True)},
    ],
    ids=["column by column", "the same in every row"],
)
def test_every_kind_of_value_arrives_as_it_was(columns):
    copy_into("copied", 1, columns)
    (found,) = copied()
    assert found[:6] == ROW[:6]
    assert found[6] == '{"名": ["a\\tb", "q\\"", "\\\\"]}'
    assert found[7:] == ROW[7:]


@pytest.mark.usefixtures("table")
def test_nothing_arrives_as_nothing_beside_something():
    copy_into("copied", 2, columns_of(ROW, (2, *[None] * 8)))
    _full, empty = copied()
    assert empty == (2, *[None] * 8)


@pytest.mark.usefixtures("table")
def test_a_column_of_nothing_arrives_as_nothing():
    copy_into("copied", 2, columns_of((1, *[None] * 8), (2, *[None] * 8)))
    assert copied() == [(1, *[None] * 8), (2, *[None] * 8)]


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("value", [Ciphertext(b"\x01\xff"), memoryview(b"\x01\xff")])
def test_bytes_of_other_types_arrive_as_their_bytes(value):
    copy_into("copied", 2, {"id": [1, 2], "bytes": [value, b"\\"]})
    copy_into("copied", 1, {"id": [3], "bytes": Same(value)})
    assert [bytes(row[2]) for row in copied()] == [b"\x01\xff", b"\\", b"\x01\xff"]


@pytest.mark.usefixtures("table")
def test_a_value_of_an_unknown_type_is_refused():
    with pytest.raises(TypeError, match="COPY takes no object"):
        copy_into("copied", 1, {"id": [1], "text": [object()]})


@pytest.mark.usefixtures("table")
def test_a_column_of_another_length_is_refused_and_nothing_is_written():
    with pytest.raises(ValueError, match="text has 1 values for 2 rows"):
        copy_into("copied", 2, {"id": [1, 2], "text": ["one"]})
    assert copied() == []


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60), min_size=1
    )
)
def test_any_text_arrives_as_it_was(texts):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS copied")
        cursor.execute(MAKE)
    copy_into("copied", len(texts), {"id": list(range(len(texts))), "text": texts})
    assert [row[1] for row in copied()] == texts


@pytest.mark.usefixtures("table")
def test_a_large_batch_goes_in_pieces():
    copy_into("copied", 12_000, {"id": list(range(12_000)), "text": Same("字" * 100)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT id), min(length(text)) FROM copied")
        assert cursor.fetchone() == (12_000, 12_000, 100)


@pytest.mark.usefixtures("table")
def test_rows_are_changed_by_their_key_and_the_others_stay():
    copy_into("copied", 3, {"id": [1, 2, 3], "text": ["a", "b", "c"], "yes": Same(False)})
    update_from("copied", 2, {"id": [3, 1], "text": ["新\t", None], "yes": [True, False]})
    assert [row[:4:3] + row[1:2] for row in copied()] == [
        (1, False, None),
        (2, False, "b"),
        (3, True, "新\t"),
    ]
    update_from("copied", 1, {"id": [2], "text": ["B"]})  # a second time in one transaction
    assert [row[1] for row in copied()] == [None, "B", "新\t"]
