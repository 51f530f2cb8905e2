"""What happened with a customer, newest first: the events of everybody in the profile, with the notes written
about them.

Who sees the profile sees its events, except those kept from them by permission. Words of notes are opened here, so that
a search through a timeline reads what people read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.data_keys import DataKeyDestroyed
from dianke.core.names import fold
from dianke.customers.models import CustomerNote
from dianke.events.models import Event
from dianke.events.queries import timeline
from dianke.events.registry import describe, kinds
from dianke.work.queries.people import names_of

Text = str | Promise
PAGE = 30
#: How far back one search reads before it asks whether to go on.
MOST_READ = 600
NOTE_ADDED = "customers.note_added"


@dataclass(frozen=True, slots=True)
class Group:
    """A filter of the timeline: the kinds of events it keeps, by what their codes begin with."""

    code: str
    label: Text
    beginnings: tuple[str, ...]


_groups: dict[str, Group] = {}


def register_group(group: Group) -> None:
    """Adds a filter (orders, visits, messages …) from the `ready()` of the room whose events it keeps."""
    _groups[group.code] = group


def groups() -> Sequence[Group]:
    """All filters in the order they were registered."""
    return list(_groups.values())


register_group(Group("notes", _("Notes"), ("customers.note_",)))
register_group(Group("tasks", _("Tasks"), ("work.",)))
register_group(
    Group(
        "data",
        _("Profile data"),
        (
            "customers.customer",
            "customers.record",
            "customers.contact",
            "customers.address",
            "customers.date",
            "customers.relation",
            "customers.household",
            "customers.merge",
            "customers.profile",
            "customers.file",
            "customers.entry",
        ),
    )
)
register_group(
    Group("consents", _("Consent and rights"), ("customers.consent", "customers.request", "access."))
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One line: the event in words, who did it, and the note that was written."""

    event: Event
    text: str
    who: str
    note: CustomerNote | None = None
    note_text: str = ""


@dataclass(frozen=True, slots=True)
class HappeningPage:
    """Newest first. `next_cursor` is None at the beginning of time."""

    items: Sequence[Happening]
    next_cursor: str | None


def timeline_of(
    member_ids: Iterable[int], *, actor: Actor, group: str = "", text: str = "", before: str | None = None
) -> HappeningPage:
    """A page of what happened with the customers of a profile the actor may see. `text` keeps lines that contain it.

    Raises `CursorNotUsable`.
    """
    subjects = [f"customers.customer:{pk}" for pk in member_ids]
    wanted = _codes(group)
    if group and not wanted:
        return HappeningPage([], None)
    folded = fold(text)
    found: list[Happening] = []
    read, cursor = 0, before
    while True:
        page = timeline(subjects, actor=actor, before=cursor, kinds=wanted, limit=PAGE if not folded else 100)
        lines = _worded(page.events)
        found += [
            line for line in lines if not folded or folded in fold(f"{line.text} {line.note_text} {line.who}")
        ]
        read, cursor = read + len(page.events), page.next_cursor
        if cursor is None or not folded or len(found) >= PAGE or read >= MOST_READ:
            return HappeningPage(found, cursor)


def _codes(group: str) -> list[str]:
    chosen = _groups.get(group)
    return [code for code in kinds() if chosen and code.startswith(chosen.beginnings)]


def _worded(events: Sequence[Event]) -> list[Happening]:
    notes = _notes([event.data.get("note") for event in events if event.kind == NOTE_ADDED])
    names = names_of([event.user_id for event in events])
    found = []
    for event in events:
        note = notes.get(event.data.get("note") or 0) if event.kind == NOTE_ADDED else None
        found.append(
            Happening(
                event=event,
                text=str(note.get_kind_display()) if note else describe(event),
                who=names.get(event.user_id or 0, ""),
                note=note,
                note_text=_opened(note),
            )
        )
    return found


def _notes(ids: Iterable[int | None]) -> Mapping[int, CustomerNote]:
    wanted = [pk for pk in ids if pk]
    return CustomerNote.objects.select_related("key").in_bulk(wanted) if wanted else {}


def _opened(note: CustomerNote | None) -> str:
    if note is None or note.removed_at is not None:
        return ""
    try:
        return note.text or ""
    except DataKeyDestroyed:
        return ""
