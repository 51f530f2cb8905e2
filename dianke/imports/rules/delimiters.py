"""What separates the columns of a text file, weighed over its first lines."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence

CANDIDATES = (",", "\t", ";", "|", "，", "；", "｜", "^", "~")
_LINES = 200
_MOST_COLUMNS = 500


def guess(text: str, *, is_cut: bool = True) -> str:
    """The separator under which most lines have the same number of columns, more than one; a comma when nothing
    separates. `is_cut` says that the text may end within a line."""
    best, best_weight = ",", 0
    for candidate in CANDIDATES:
        if candidate not in text:
            continue
        weight = _weight(columns_of(text, candidate, is_cut=is_cut))
        if weight > best_weight:
            best, best_weight = candidate, weight
    return best


def columns_of(text: str, delimiter: str, *, is_cut: bool = True) -> list[int]:
    """The number of columns of each of the first rows that are not empty."""
    rows = first_rows(text, delimiter, limit=_LINES, is_cut=is_cut)
    return [len(row) for row in rows if any(cell.strip() for cell in row)]


def first_rows(text: str, delimiter: str, *, limit: int, is_cut: bool = True) -> list[list[str]]:
    """The first rows as they are read, the last one left out when it may be cut."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter):
            rows.append(row)
            if len(rows) > limit:
                return rows[:limit]
    except csv.Error:
        return rows  # what could be read until there is enough to weigh
    return rows[:-1] if is_cut and len(rows) > 1 else rows


def _weight(widths: Sequence[int]) -> int:
    """Agreement first, then the number of columns."""
    wide = [width for width in widths if 1 < width <= _MOST_COLUMNS]
    if not wide:
        return 0
    width, count = max(Counter(wide).items(), key=lambda item: (item[1], item[0]))
    agreement = 1000 * count // len(widths)
    return agreement * agreement // 1000 * 100 + min(width, 50) * agreement // 50
