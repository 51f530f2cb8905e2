"""What a reaction is, and the table of all of them.

A reaction is an idempotent function `def react(event: Event, *, now: datetime) -> None`, called at least
once for every event of its kinds, each time in a transaction of its own together with the note that it is
done. It calls operations as the system (`event.as_cause()`). It is short: whatever takes long or talks to a
network is handed to a job, because a running reaction holds back what others may read. The table stands in
`config/reactions.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Literal

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from dianke.events.models import Event
from dianke.events.rules import kind_matches

Text = str | Promise
React = Callable[..., None]
DEFAULT_TABLE = "dianke.config.reactions.REACTIONS"


class ReactionTableBroken(Exception):
    """A programming error in `config/reactions.py`: a code twice, no kinds, a function that does not
    exist."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """One row of the table.

    `code` is stable: the reaction's place in the log is kept under it. `kinds` are event kinds, `"room.*"` or
    `"*"`. `run` is `"package.module:function"`. With `ordered`, later events of the same main subject wait
    behind one that fails. `starts` says where a reaction that is new in a database begins to read; `label` what it
    does, for the screen of failed reactions.
    """

    code: str
    kinds: tuple[str, ...]
    run: str
    ordered: bool = False
    starts: Literal["now", "beginning"] = "now"
    label: Text = ""

    def wants(self, event: Event) -> bool:
        return kind_matches(event.kind, self.kinds)

    def function(self) -> React:
        """The function behind `run`. Raises `ReactionTableBroken`."""
        module, _colon, name = self.run.partition(":")
        try:
            found: React = getattr(import_module(module), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise ReactionTableBroken(f"reaction {self.code}: {self.run} does not exist") from error
        return found

    def react(self, event: Event, *, now: datetime) -> None:
        """Call the function."""
        self.function()(event, now=now)


def listed_reactions() -> Sequence[Reaction]:
    """The table as it stands."""
    table: Sequence[Reaction] = import_string(getattr(settings, "DIANKE_REACTIONS", DEFAULT_TABLE))
    return table


def reaction_label(code: str) -> str:
    """What a reaction does, in words; the code of one that is no longer in the table."""
    return next((str(row.label or code) for row in listed_reactions() if row.code == code), code)


def all_reactions() -> tuple[Reaction, ...]:
    """The table, checked. Raises `ReactionTableBroken`."""
    table = listed_reactions()
    codes = [reaction.code for reaction in table]
    for reaction in table:
        if codes.count(reaction.code) > 1:
            raise ReactionTableBroken(f"reaction {reaction.code} stands twice")
        if not reaction.kinds:
            raise ReactionTableBroken(f"reaction {reaction.code} wants no kinds")
        reaction.function()
    return tuple(table)
