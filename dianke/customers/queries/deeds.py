"""What customers did and what was done with them, as rows with a moment: they opened their card, were called, brought
something back, read a message. Rooms declare theirs here; who asks about the last time (segments) reads all of them
without knowing the room.
"""

from __future__ import annotations

from dataclasses import dataclass

from dianke.core.errors import Text


@dataclass(frozen=True, slots=True)
class Deed:
    """Rows `t` of `table` (with `more` joined) that fit `where`; `key` is the customer, `moment` when it was: an
    instant, or a business date where `is_day`. All of it is part of statements: declared text, never what somebody
    typed. An index on the customer or the moment makes it quick. `permission` is what it takes to ask."""

    code: str
    label: Text
    table: str
    moment: str
    permission: str = ""
    where: str = "TRUE"
    more: str = ""
    key: str = "t.customer_id"
    is_day: bool = False


_deeds: dict[str, Deed] = {}


def register_deeds(*deeds: Deed) -> None:
    """Adds deeds; the same code again replaces."""
    _deeds.update({each.code: each for each in deeds})


def known_deeds() -> list[Deed]:
    """In the order in which they were declared."""
    return list(_deeds.values())
