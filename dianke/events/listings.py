"""The two lists of the room: the operation log and the reactions that failed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor, ActorKind
from dianke.core.paging import Page
from dianke.events.models import Delivery, Event
from dianke.events.queries import log_page
from dianke.events.reactions import listed_reactions, reaction_label
from dianke.events.registry import describe, kind_label, kinds, subject_names
from dianke.web import shell
from dianke.web.listing import (
    COUNT_LIMIT,
    Column,
    Filter,
    Kind,
    Listing,
    Result,
    State,
    Text,
    choice_filter,
    date_filter,
    register,
)

ACTORS: dict[str, Text] = {
    ActorKind.USER.value: _("Person"),
    ActorKind.API_KEY.value: _("API key"),
    ActorKind.CUSTOMER.value: _("Customer"),
    ActorKind.SYSTEM.value: _("System"),
    ActorKind.ANONYMOUS.value: _("Nobody signed in"),
}


def actor_name(event: Event) -> str:
    """Who did it: the person's name, else what kind of actor it was."""
    name = getattr(event, "person_name", None)
    return str(name or ACTORS.get(event.actor_kind, event.actor_kind))


def subject_text(event: Event) -> str:
    """What the event is about: names where the list looked them up, else the plain references."""
    return " · ".join(dict.fromkeys(getattr(event, "subject_texts", None) or event.subjects))


def _kind_options(actor: Actor) -> Iterable[tuple[str, Text]]:
    return sorted(((code, kind_label(code)) for code in kinds()), key=lambda option: str(option[1]))


def _person_options(actor: Actor) -> Iterable[tuple[int, Text]]:
    people = get_user_model()._default_manager.order_by("name", "pk")[:500]
    return [(person.pk, str(person)) for person in people]


def _store_options(actor: Actor) -> Iterable[tuple[int, Text]]:
    switch = shell.store_switch(actor)
    return [(store.id, store.name) for store in switch.choices] if switch else []


def _by_number(field: str) -> Any:
    def apply(queryset: QuerySet[Event], value: str) -> QuerySet[Event]:
        return queryset.filter(**{field: int(value)}) if value.isdecimal() else queryset.none()

    return apply


def _about(queryset: Any, value: str) -> QuerySet[Event]:
    found: QuerySet[Event] = queryset.about(value.strip().lower())
    return found


@register
class OperationLog(Listing):
    """Everything that was done, newest first."""

    code = "events.log"
    title = _("Operation log")
    permission = "events.view_log"
    default_sort = "-recorded_at"
    empty = ("history", _("Nothing has been done yet. Every change appears here by itself."), "", "", "")
    opens_drawer = True
    columns = (
        Column(
            "what",
            _("Operation"),
            value=describe,
            link=lambda event: reverse("events:event", args=[event.reference]),
            is_title=True,
        ),
        Column("recorded_at", _("Time"), Kind.INSTANT),
        Column("who", _("Who"), value=actor_name),
        Column("about", _("About"), value=subject_text),
        Column("kind", _("Code"), is_default=False),
        Column("request_id", _("Request number"), is_default=False),
    )
    filters = (
        date_filter("time", _("Time"), lookup="recorded_at", instants=True),
        Filter("person", _("Person"), _by_number("user_id"), _person_options),
        Filter("kind", _("Operation"), lambda rows, value: rows.filter(kind=value), _kind_options),
        Filter("store", _("Store"), _by_number("store_id"), _store_options),
        Filter("subject", _("About (such as stores.store:12)"), _about, kind="text"),
    )

    def queryset(self) -> QuerySet[Event]:
        people = get_user_model()._default_manager.filter(pk=OuterRef("user_id"))
        return Event.objects.visible_to(self.actor).annotate(person_name=Subquery(people.values("name")[:1]))

    def result(self, state: State) -> Result:
        """A page of the log by its key, which stays as fast on the last page as on the first."""
        rows: QuerySet[Event] = self.rows(state)
        page = log_page(rows, cursor=state.cursor, limit=state.size)
        names = subject_names({s for event in page.events for s in event.subjects}, actor=self.actor)
        for event in page.events:
            event.subject_texts = [names[s].text for s in event.subjects]  # type: ignore[attr-defined]
        is_all = state.cursor is None and page.next_cursor is None
        count = len(page.events) if is_all else rows.order_by()[: COUNT_LIMIT + 1].count()
        return Result(Page(page.events, page.next_cursor, page.previous_cursor), count, {})


STATE_TONES = {Delivery.State.WAITING: "wait", Delivery.State.DEAD: "bad", Delivery.State.DISMISSED: "off"}


def error_text(delivery: Delivery) -> str:
    """The error in plain words."""
    if delivery.error:
        return delivery.error
    if delivery.error_code:
        return gettext("A fault in the program. Tell your administrator the code shown with it.")
    return gettext("Waits behind an earlier failure.")


@register
class FailedReactions(Listing):
    """What should have followed from an event and could not."""

    code = "events.failed_reactions"
    title = _("Failed reactions")
    permission = "events.manage_dead_letters"
    default_sort = "-id"
    empty = ("circle-check", _("Nothing has failed. What the system could not do appears here."), "", "", "")
    opens_drawer = True
    can_export = False
    columns = (
        Column(
            "reaction",
            _("What failed"),
            value=lambda row: reaction_label(row.reaction),
            link=lambda row: reverse("events:failed-reaction", args=[row.pk]),
            is_title=True,
        ),
        Column("error", _("Why"), value=error_text),
        Column("try_count", _("Tries"), Kind.NUMBER, sort="try_count"),
        Column("failed_at", _("Last try"), Kind.INSTANT, sort="failed_at"),
        Column("next_at", _("Next try"), Kind.INSTANT, value=lambda row: _next_try(row)),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: STATE_TONES.get(row.state, "")),
    )
    filters = (
        choice_filter("state", _("State"), Delivery.State.choices, quick=True),
        Filter(
            "reaction",
            _("What failed"),
            lambda rows, value: rows.filter(reaction=value),
            lambda actor: [(row.code, reaction_label(row.code)) for row in listed_reactions()],
        ),
    )

    def queryset(self) -> QuerySet[Delivery]:
        return Delivery.objects.visible_to(self.actor).in_trouble()


def _next_try(delivery: Delivery) -> Any:
    return delivery.next_at if delivery.state == Delivery.State.WAITING else None
