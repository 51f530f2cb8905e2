"""The worked tables of docs/algorithms/stocktake.md are what the rules of counting say."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from dianke.inventory.rules.counting import (
    Book,
    Look,
    Moved,
    Tolerance,
    Verdict,
    assess,
    doubt,
    on_hand_after,
    place_back_dated,
    worth,
)

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "algorithms" / "stocktake.md").read_text(encoding="utf-8")


def table(section: str) -> list[list[str]]:
    """The first table of a section, as rows of cells without its head."""
    text = PAGE.split(f"## {section}")[1].split("\n## ")[0]
    block = re.findall(r"^\|[-:| ]+\|\n((?:\|.*\n)+)", text, re.M)[0]
    return [[cell.strip() for cell in row.strip().strip("|").split("|")] for row in block.splitlines()]


def clock(text: str) -> datetime:
    hour, minute = text.split(":")
    return datetime(2026, 11, 21, int(hour), int(minute), tzinfo=UTC)


def moves(text: str) -> tuple[Moved, ...]:
    return tuple(
        Moved(Decimal(quantity), clock(at)) for quantity, at in re.findall(r"([+-]\d+) at (\d\d:\d\d)", text)
    )


def steps(text: str) -> list[Decimal]:
    return [Decimal(part) for part in text.split(" → ")]


DAY = {row[0]: row for row in table("1. Each line")}


@pytest.mark.parametrize("line", DAY)
def test_the_day_at_the_lake_is_counted_as_told(line: str) -> None:
    _line, _what, snapshot, moved, looks, expected, variance, verdict, after = DAY[line]
    book = Book(Decimal(snapshot), moves(moved))
    taken = re.findall(r"(\d+) at (\d\d:\d\d) by (\d)", looks)
    seen = [Look(Decimal(counted), book.at(clock(at)), int(who)) for counted, at, who in taken]
    assert [look.expected for look in seen] == steps(expected)
    assert [look.variance for look in seen] == steps(variance)
    found = assess(seen, Tolerance())
    assert found.verdict == verdict
    if after:
        posted = book.on_hand + (found.variance or 0)
        assert posted == Decimal(after) == on_hand_after(seen[-1].counted, book.after(clock(taken[-1][1])))


def test_every_verdict_is_told() -> None:
    assert {row[7] for row in DAY.values()} == {
        Verdict.SETTLED,
        Verdict.RECOUNT,
        Verdict.DISPUTED,
    }


@pytest.mark.parametrize("row", table("2. Blind"))
def test_what_moved_meanwhile_explains_a_variance_as_told(row: list[str]) -> None:
    counted, begun, at, moved, low, high, variance, explained = row
    seen, expected = counted.split(" of ")
    range_ = doubt(moves(moved), begun_at=clock(begun), counted_at=clock(at))
    assert range_ == (Decimal(low), Decimal(high))
    look = Look(Decimal(seen), Decimal(expected), 1, range_)
    assert (look.variance, look.is_explained) == (Decimal(variance), explained == "yes")


def test_the_worth_of_a_count_is_the_one_told() -> None:
    rows = table("3. What a second")
    for _line, variance, cost, value in rows:
        assert Decimal(variance) * Decimal(cost) == Decimal(value)
    found = worth((Decimal(variance), Decimal(cost)) for _line, variance, cost, _value in rows)
    told = re.search(
        r"Surplus ([\d.]+), shortage ([\d.]+), net ([\d.]+), compared with the limit: ([\d.]+)", PAGE
    )
    assert told is not None
    assert [found.surplus, found.shortage, found.net, found.gross] == [
        Decimal(x.rstrip(".")) for x in told.groups()
    ]


@pytest.mark.parametrize("row", table("4. A posted count"))
def test_a_late_document_leaves_what_was_counted(row: list[str]) -> None:
    _arrives, belongs, movement, at_count, before, after = row
    found = place_back_dated(Decimal(movement), clock(belongs), [clock("09:40")])
    assert found.adjustment == Decimal(at_count)
    assert Decimal(before) + found.quantity + found.adjustment == Decimal(after)
