"""Scores of recency, frequency and money, and the groups they lead to: pure. docs/algorithms/metrics.md

A score is one fifth of the customers: 1 + floor(5 · customers with less / customers). Equal values have the same score,
whatever order they come in; where most have one order, most have the score 1 and nobody has 2 or 3.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

BEST = 5

#: By recency, the groups for 1 to 5 of frequency and money together (their mean, halves up).
GROUPS: dict[int, tuple[str, str, str, str, str]] = {
    5: ("PROMISING", "PROMISING", "PROMISING", "CHAMPION", "CHAMPION"),
    4: ("PROMISING", "PROMISING", "PROMISING", "LOYAL", "CHAMPION"),
    3: ("SLIPPING", "ATTENTION", "ATTENTION", "LOYAL", "LOYAL"),
    2: ("DORMANT", "SLIPPING", "SLIPPING", "AT_RISK", "AT_RISK"),
    1: ("LOST", "DORMANT", "DORMANT", "CANT_LOSE", "CANT_LOSE"),
}
#: Who bought once, lately, is new, however much it was.
NEW, NEW_FROM = "NEW", 4


def scores(values: Sequence[Any]) -> list[int]:
    """The score of each value among all of them."""
    ordered = sorted(values)
    return [1 + BEST * bisect_left(ordered, value) // len(ordered) for value in values]


def bounds(values: Sequence[Any]) -> list[Any]:
    """The least value that has score 2, 3, 4, 5, or more; None where nobody has. `score_by` gives the same scores."""
    found: dict[int, Any] = {}
    for value, score in zip(values, scores(values), strict=True):
        for reached in range(2, score + 1):
            found[reached] = min(found.get(reached, value), value)
    return [found.get(reached) for reached in range(2, BEST + 1)]


def score_by(limits: Sequence[Any], value: Any) -> int:
    """The score by bounds that were worked out over everybody."""
    known = [limit for limit in limits if limit is not None]
    return 1 + bisect_right(known, value)


def mean_of(frequency: int, money: int) -> int:
    return (frequency + money + 1) // 2


def group_of(recency: int, frequency: int, money: int, order_count: int) -> str:
    """The group of customers (`models.ValueGroup`)."""
    if order_count == 1 and recency >= NEW_FROM:
        return NEW
    return GROUPS[recency][mean_of(frequency, money) - 1]
