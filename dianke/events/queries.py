"""Reads of the log: the timeline of anything, pages of the operation log, and the proof of the whole.

A timeline walks the links of its subjects newest first and then fetches the events by their key, so its cost
does not depend on how long the log is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection, models
from django.db.models import Q, QuerySet

from dianke.core.actor import Actor
from dianke.core.paging import CursorNotUsable
from dianke.events.models import EPOCH, Event, SubjectLink
from dianke.events.operations import subject_key
from dianke.events.registry import hidden_from
from dianke.events.sealing import Finding, verify

__all__ = [
    "EventPage",
    "Finding",
    "event_at",
    "last_by_people",
    "log_page",
    "parse_reference",
    "timeline",
    "verify",
]

M = TypeVar("M", bound=models.Model)
Subjects = models.Model | str | Iterable[models.Model | str]


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events newest first; the cursors are None where there is nothing further in that direction."""

    events: list[Event]
    next_cursor: str | None
    previous_cursor: str | None = None


def parse_reference(reference: str) -> tuple[datetime, int]:
    """`Event.reference` taken apart: instant and id. Raises `CursorNotUsable`."""
    try:
        micros, event_id = reference.split("-")
        return EPOCH + timedelta(microseconds=int(micros)), int(event_id)
    except (ValueError, OverflowError) as error:
        raise CursorNotUsable from error


def event_at(reference: str, *, actor: Actor) -> Event | None:
    """The event of that reference, if the actor may see it in the log. Raises `CursorNotUsable`."""
    recorded_at, event_id = parse_reference(reference)
    return Event.objects.visible_to(actor).filter(recorded_at=recorded_at, pk=event_id).first()


def timeline(
    subjects: Subjects, *, actor: Actor, before: str | None = None, kinds: Sequence[str] = (), limit: int = 50
) -> EventPage:
    """What happened to a thing, or to several, newest first.

    The caller has made sure that the actor may see the subjects; kinds registered with a permission are left
    out where the actor does not hold it (at the event's store). `before` is the cursor of the page before;
    `kinds` narrows to these. Raises `CursorNotUsable`.
    """
    keys = [subject_key(s) for s in ([subjects] if isinstance(subjects, models.Model | str) else subjects)]
    wanted = Q(kind__in=kinds) if kinds else Q()
    wanted &= ~hidden_from(actor)
    edge = parse_reference(before) if before else None
    found: list[Event] = []
    while keys and len(found) <= limit:
        links = _links(keys, edge, limit + 1)
        by_key = {
            (event.recorded_at, event.pk): event
            for event in Event.objects.filter(
                wanted, recorded_at__in={at for at, _id in links}, pk__in={pk for _at, pk in links}
            )
        }
        found += [by_key[link] for link in links if link in by_key]
        if len(links) <= limit:
            break
        edge = links[-1]
    page = found[:limit]
    return EventPage(page, page[-1].reference if len(found) > limit else None)


def _links(keys: Sequence[str], edge: tuple[datetime, int] | None, limit: int) -> list[tuple[datetime, int]]:
    """The next links of all subjects together, each looked up in its own range of the index."""
    parts = [
        _before(SubjectLink.objects.filter(subject=key), edge, "event_id")
        .order_by("-recorded_at", "-event_id")
        .values_list("recorded_at", "event_id")[:limit]
        for key in dict.fromkeys(keys)
    ]
    if len(parts) == 1:
        return list(parts[0])
    return list(parts[0].union(*parts[1:]).order_by("-recorded_at", "-event_id")[:limit])


def _before(queryset: QuerySet[M], edge: tuple[datetime, int] | None, id_name: str) -> QuerySet[M]:
    if edge is None:
        return queryset
    at, pk = edge
    # The first condition is implied by the second; it is what the index range and the partitions are cut by.
    return queryset.filter(
        Q(recorded_at__lt=at) | Q(recorded_at=at, **{f"{id_name}__lt": pk}), recorded_at__lte=at
    )


def _after(queryset: QuerySet[Event], edge: tuple[datetime, int]) -> QuerySet[Event]:
    at, pk = edge
    return queryset.filter(Q(recorded_at__gt=at) | Q(recorded_at=at, pk__gt=pk), recorded_at__gte=at)


_LAST_BY_PEOPLE = """
SELECT wanted.subject, found.recorded_at, found.user_id
FROM unnest(%s::text[]) AS wanted (subject)
CROSS JOIN LATERAL (
    SELECT e.recorded_at, e.user_id
    FROM events_subject l JOIN events_event e ON e.recorded_at = l.recorded_at AND e.id = l.event_id
    WHERE l.subject = wanted.subject AND e.user_id IS NOT NULL
    ORDER BY l.recorded_at DESC, l.event_id DESC LIMIT 1
) AS found
"""


def last_by_people(subjects: Iterable[str]) -> dict[str, tuple[datetime, int]]:
    """When a person last did something about each of these and the person's id; what the system did is passed over.

    One query, which walks back from the newest event of each subject: for things that people change and nobody
    else, such as settings. The caller has made sure that the actor may know of the subjects.
    """
    keys = sorted(set(subjects))
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LAST_BY_PEOPLE, [keys])
        return {subject: (at, person) for subject, at, person in cursor.fetchall()}


def log_page(events: QuerySet[Event], *, cursor: str | None, limit: int) -> EventPage:
    """One page of the log in the order of time, newest first: one range of the primary key, whatever the page.

    `cursor` is a reference to stand behind, or with `~` before it, one to stand before (paging back).
    """
    backwards = bool(cursor) and str(cursor).startswith("~")
    edge = parse_reference(str(cursor).removeprefix("~")) if cursor else None
    if backwards and edge:
        rows = list(_after(events, edge).order_by("recorded_at", "pk")[: limit + 1])
    else:
        rows = list(_before(events, edge, "pk").order_by("-recorded_at", "-pk")[: limit + 1])
    has_more = len(rows) > limit
    rows = rows[:limit]
    if backwards:
        rows.reverse()
    if not rows:
        return EventPage([], None)
    return EventPage(
        rows,
        rows[-1].reference if has_more or backwards else None,
        f"~{rows[0].reference}" if (has_more if backwards else edge) else None,
    )
