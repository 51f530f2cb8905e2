"""The channel somebody answers on: the worked table, and what is too little."""

from __future__ import annotations

import re

import pytest

from dianke.insight.rules.answering import Counted, answers_on
from dianke.insight.tests.test_insight_documentation import VALUE, table


def counted(channel: str, cell: str) -> Counted | None:
    """From "4 of 6"."""
    numbers = [int(number) for number in re.findall(r"\d+", cell)]
    return Counted(channel, numbers[1], numbers[0]) if numbers else None


def test_the_worked_table_is_as_told() -> None:
    rows = table(VALUE, "| text messages | letters")
    assert len(rows) == 6
    for texts, letters, ends, told in rows:
        channels = [one for one in (counted("SMS", texts), counted("EMAIL", letters)) if one]
        found = answers_on(channels)
        assert (found.channel if found else "–") == told, (texts, letters)
        enough = [one for one in channels if one.is_enough]
        assert ", ".join(f"{one.assured:.1f}" for one in enough) == ends.strip("–")


@pytest.mark.parametrize(
    ("messages", "answers", "is_told"),
    [(2, 2, False), (3, 1, False), (3, 2, True), (9, 2, False), (5, 2, True), (6, 2, False), (3, 3, True)],
)
def test_little_is_not_told(messages: int, answers: int, is_told: bool) -> None:
    assert (answers_on([Counted("SMS", messages, answers)]) is not None) is is_told


def test_nobody_was_asked() -> None:
    assert answers_on([]) is None


def test_what_is_too_little_is_no_rival() -> None:
    found = answers_on([Counted("EMAIL", 2, 2), Counted("SMS", 10, 4), Counted("CALL", 3, 1)])
    assert found == Counted("SMS", 10, 4)
