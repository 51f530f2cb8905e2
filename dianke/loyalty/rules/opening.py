"""What a row of a file says about points: "1,280", "1280.00", "1280分", and the last day they can be used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

MOST = 100_000_000
_POINTS = re.compile(r"(-?\d+)(?:\.0+)?(?:分|积分|points?)?", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?")


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """`points` above zero with the last day they can be used (None: as the programme says)."""

    points: int = 0
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a row: `code` "points" or "day" or "past"."""

    code: str
    field: str


def read(points: str, day: str, *, today: date) -> OpeningRow | Wrong:
    """The row, or what is wrong with it. Nothing entered is no points."""
    text = points.replace(",", "").replace("，", "").replace(" ", "")
    if not text:
        return OpeningRow()
    found = _POINTS.fullmatch(text)
    if found is None or not 0 <= int(found[1]) <= MOST:
        return Wrong("points", "points")
    expires_on = None
    if day:
        written = _DAY.fullmatch(day.strip())
        try:
            expires_on = date(*(int(part) for part in written.groups())) if written else None
        except ValueError:
            expires_on = None
        if expires_on is None:
            return Wrong("day", "points_until")
        if expires_on < today:
            return Wrong("past", "points_until")
    return OpeningRow(int(found[1]), expires_on)
