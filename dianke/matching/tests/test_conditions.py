from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dianke.matching.comparisons import CUSTOMERS
from dianke.matching.conditions import (
    Alike,
    All,
    BeginsWith,
    Both,
    Crossed,
    Differ,
    Edits,
    Longer,
    Near,
    OneIs,
    OneLacks,
    Otherwise,
    Same,
    Shared,
    Some,
    Within,
)
from dianke.matching.likeness import edits, likeness

TEXTS = st.text("abcn王明", max_size=8)
CONDITIONS = (
    Same("a"),
    Differ("a"),
    Crossed("a", "b"),
    Shared("many"),
    Edits("a", 1),
    Edits("a", 1, "b"),
    Alike("a", 0.8),
    Alike("a", 0.8, "b"),
    Within("a", "b"),
    BeginsWith("a"),
    Near("number", 1),
    Longer("a", 2),
    Both("a", "明"),
    OneIs("a", "明"),
    OneLacks("a"),
    Otherwise(),
    All(Same("a"), Same("b")),
    Some(Same("a"), OneLacks("b")),
)
SCHEMA = pa.schema(
    [("a", pa.string()), ("b", pa.string()), ("number", pa.int32()), ("many", pa.list_(pa.string()))]
)
prepared = st.fixed_dictionaries(
    {
        "a": st.none() | st.text("ab明", min_size=1, max_size=3),
        "b": st.none() | st.text("ab明", min_size=1, max_size=3),
        "number": st.none() | st.integers(0, 3),
        "many": st.none() | st.lists(st.sampled_from("xyz"), min_size=1, max_size=2).map(tuple),
    }
)


@given(TEXTS, TEXTS)
@settings(max_examples=300, deadline=None)
def test_edits_and_likeness_are_those_of_the_database(left, right):
    with duckdb.connect() as connection:
        theirs = connection.execute(
            "SELECT damerau_levenshtein(?, ?), jaro_winkler_similarity(?, ?)", [left, right, left, right]
        ).fetchall()[0]
    assert edits(left, right) == theirs[0]
    assert likeness(left, right) == pytest.approx(theirs[1], abs=1e-12)


@given(prepared, prepared)
@settings(max_examples=150, deadline=None)
def test_every_condition_says_the_same_in_python_and_in_sql_and_in_either_order(left, right):
    with duckdb.connect() as connection:
        connection.register("left_row", pa.Table.from_pylist([left], schema=SCHEMA))
        connection.register("right_row", pa.Table.from_pylist([right], schema=SCHEMA))
        columns = ", ".join(f"coalesce({condition.sql()}, false)" for condition in CONDITIONS)
        theirs = connection.execute(f"SELECT {columns} FROM left_row l, right_row r").fetchall()[0]
    ours = tuple(condition.holds(left, right) for condition in CONDITIONS)
    assert ours == theirs
    assert ours == tuple(condition.holds(right, left) for condition in CONDITIONS)


def test_the_last_level_of_every_comparison_takes_what_is_left():
    assert all(comparison.levels[-1].condition == Otherwise() for comparison in CUSTOMERS)


def test_levels_of_a_comparison_have_different_codes():
    for comparison in CUSTOMERS:
        codes = [level.code for level in comparison.levels]
        assert len(codes) == len(set(codes))
