"""What a benchmark reports: a name, a number and its unit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`name` is `"group.what_is_measured"`; `unit` such as "1/s", "s", "MB" or "" for a ratio."""

    name: str
    value: float
    unit: str
