"""What rooms put onto the page of a customer: figures at a glance, sections of their own, and the one next step.

Sales adds what was spent, loyalty the points, service the open tickets; customers itself registers what it
knows through the same door. A room registers from its `ready()`; what an actor may not see is not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise

from dianke.customers.queries.profile import Profile
from dianke.web.components import Stat

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Value:
    """A figure above the timeline. `of(profile)` answers it written out, or None where there is nothing to say."""

    code: str
    permission: str
    of: Callable[[Profile], Stat | None]
    order: int = 100


@dataclass(frozen=True, slots=True)
class Section:
    """A card of the page. `context(profile)` gives what `template` shows as `section`, or None to leave it out;
    `place` is the column."""

    code: str
    label: Text
    template: str
    permission: str
    context: Callable[[Profile], Mapping[str, Any] | None]
    order: int = 100
    place: Literal["main", "side"] = "side"


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next with a customer, and why. The heaviest of all suggestions is shown; `opens` "dialog" for
    a form."""

    text: Text
    reason: Text
    url: str
    icon: str = "bulb"
    opens: str = ""
    weight: int = 0


Suggest = Callable[[Profile], Step | None]

_values: dict[str, Value] = {}
_sections: dict[str, Section] = {}
_steps: dict[str, tuple[str, Suggest]] = {}
_steps_of_frozen: set[str] = set()


def register_value(value: Value) -> None:
    """Adds a figure; the same code again replaces it."""
    _values[value.code] = value


def register_section(section: Section) -> None:
    """Adds a card; the same code again replaces it."""
    _sections[section.code] = section


def register_next_step(code: str, permission: str, suggest: Suggest, *, is_for_frozen: bool = False) -> None:
    """Adds a suggestion; the same code again replaces it. Only one `is_for_frozen` is asked about customers nothing may
    be done with: those who asked for erasure, were erased or removed."""
    _steps[code] = (permission, suggest)
    (_steps_of_frozen.add if is_for_frozen else _steps_of_frozen.discard)(code)


def _is_own(code: str) -> bool:
    """What customers itself registers stands on the page at once; what other rooms know of a customer comes right
    after it, so that the page is as quick with every room as with none."""
    return code.startswith("customers.")


def values_of(profile: Profile, *, own: bool) -> list[Stat]:
    """The figures the actor may see, in order: the room's own or those of other rooms."""
    ordered = sorted(_values.values(), key=lambda value: (value.order, value.code))
    found = [
        value.of(profile)
        for value in ordered
        if _is_own(value.code) is own and profile.actor.can(value.permission)
    ]
    return [stat for stat in found if stat is not None]


def has_more(profile: Profile) -> bool:
    """Whether another room has anything the actor may see; asks nobody."""
    registered: list[Value | Section] = [*_values.values(), *_sections.values()]
    return any(not _is_own(each.code) and profile.actor.can(each.permission) for each in registered)


def sections_of(profile: Profile, place: str, *, own: bool) -> list[tuple[Section, Mapping[str, Any]]]:
    """The cards of a column the actor may see, with what they show: the room's own or those of other rooms."""
    ordered = sorted(_sections.values(), key=lambda section: (section.order, section.code))
    found = []
    for section in ordered:
        is_wanted = section.place == place and _is_own(section.code) is own
        if is_wanted and profile.actor.can(section.permission):
            shown = section.context(profile)
            if shown is not None:
                found.append((section, shown))
    return found


def next_step_of(profile: Profile) -> Step | None:
    """The one suggestion that matters most; None when there is none."""
    suggested = [
        suggest(profile)
        for code, (permission, suggest) in _steps.items()
        if profile.actor.can(permission) and (code in _steps_of_frozen) == profile.is_frozen
    ]
    return max((step for step in suggested if step), key=lambda step: step.weight, default=None)
