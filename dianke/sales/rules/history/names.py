"""What goods are called, where the lines of a code do not agree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dianke.sales.rules.history.classes import Terms

#: What of the lines must bear a name, beside the most frequent, to be the newer name of the goods.
RECENT_SHARE = 4


@dataclass(frozen=True, slots=True)
class Said:
    """A description of a code: in how many lines, and when last."""

    name: str
    count: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Chosen:
    """The name, and how it was found: SINGLE, CASE (a spelling in capitals won), RECENT (a newer name), FREQUENT, or
    CODE (nothing sensible was said: the code stands for it)."""

    name: str
    why: str


def is_sensible(name: str, terms: Terms) -> bool:
    """A name has letters, and is no remark."""
    return not terms.is_no_name(name) and any(letter.isalpha() for letter in name)


def name_of(code: str, said: Iterable[Said], terms: Terms) -> Chosen:
    """Among the sensible descriptions, those in capitals only if there are any (remarks are typed, names come from the
    price list): the one said last, if at least a quarter as many lines bear it as the most frequent; else that one."""
    sensible = [each for each in said if is_sensible(each.name, terms)]
    if not sensible:
        return Chosen(code, "CODE")
    if len(sensible) == 1:
        return Chosen(sensible[0].name, "SINGLE")
    capitals = [each for each in sensible if each.name == each.name.upper()]
    among = capitals or sensible
    if len(among) == 1:
        return Chosen(among[0].name, "CASE")
    most = max(among, key=lambda each: (each.count, each.last, each.name))
    latest = max(among, key=lambda each: (each.last, each.count, each.name))
    if latest is not most and latest.count * RECENT_SHARE >= most.count:
        return Chosen(latest.name, "RECENT")
    return Chosen(most.name, "FREQUENT")
