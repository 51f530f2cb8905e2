"""Today: the page people open first. Rooms give it sections; each answers before being asked.

A section says who it is for and builds its content from the actor and the time; one that has nothing to say
returns None and is not shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dianke.core.actor import Actor


@dataclass(frozen=True, slots=True)
class SectionContent:
    """What a section shows: a template and its context."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """`build(actor, now)` returns the content or None. `order` sorts; `is_side` puts it into the side column."""

    code: str
    permission: str
    build: Callable[[Actor, datetime], SectionContent | None]
    order: int = 100
    is_side: bool = False


@dataclass(frozen=True, slots=True)
class BuiltSection:
    """A section with the content it has for one actor now."""

    section: Section
    content: SectionContent


class SectionTaken(Exception):
    """Two different sections use one code."""


_sections: dict[str, Section] = {}


def register(section: Section) -> None:
    """Adds a section. Registering it again does nothing; another under its code is a mistake."""
    if _sections.setdefault(section.code, section) != section:
        raise SectionTaken(f"Today section {section.code} is registered twice.")


def sections_for(actor: Actor, now: datetime) -> list[BuiltSection]:
    """The sections that have something to say to `actor` at `now`, in their order."""
    built = []
    for section in sorted(_sections.values(), key=lambda section: (section.order, section.code)):
        if actor.can(section.permission):
            content = section.build(actor, now)
            if content is not None:
                built.append(BuiltSection(section, content))
    return built
