"""The lists of the room: journeys, and who is or was in one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.journeys.models import MANAGE, VIEW, Journey, Passage, State
from dianke.journeys.queries.wording import reason_words
from dianke.journeys.views.rows import PASSAGE_TONES, TONES
from dianke.web.listing import Column, Filter, Kind, Listing, as_id, choice_filter, register


@register
class JourneyListing(Listing):
    """Journeys, the latest first."""

    code = "journeys.journeys"
    title = pgettext_lazy("place", "Journeys")
    permission = VIEW
    search_fields = ("name",)
    search_hint = _("Name or pinyin")
    default_sort = "-created_at"
    columns = (
        Column(
            "name",
            pgettext_lazy("of a journey", "Name"),
            is_title=True,
            sort="name",
            link=lambda row: reverse("journeys:journey", args=[row.pk]),
        ),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: TONES.get(row.state, "")),
        Column("version", _("Version"), Kind.NUMBER),
        Column("going", _("On the way"), Kind.NUMBER, value=lambda row: row.going),
        Column("created_at", _("Made"), Kind.INSTANT, sort="created_at"),
    )
    filters = (choice_filter("state", _("State"), State.choices, quick=True),)
    action = (_("New journey"), "journeys:journey-new", MANAGE, "plus")
    empty = (
        "route",
        _("A journey does step by step, at the right moment, what a good clerk would never forget."),
        _("New journey"),
        "journeys:journey-new",
        MANAGE,
    )

    def queryset(self) -> QuerySet[Journey]:
        going = Count("passages", filter=Q(passages__state=Passage.State.GOING))
        return Journey.objects.visible_to(self.actor).annotate(going=going)

    def search(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.filter(search_words__found_by=text)
        return found


def _due(row: Passage) -> datetime | None:
    return row.due_at if row.state == Passage.State.GOING else None


def _journeys(actor: Actor) -> list[tuple[int, str]]:
    rows = Journey.objects.visible_to(actor).exclude(state=State.DRAFT).order_by("-pk")
    return [(row.pk, row.name) for row in rows[:200]]


@register
class PassageListing(Listing):
    """Who is or was in a journey, of the customers one may see."""

    code = "journeys.people"
    title = _("People in journeys")
    permission = VIEW
    default_sort = "-entered_at"
    columns = (
        Column(
            "customer",
            _("Customer"),
            is_title=True,
            value=lambda row: str(row.customer),
            link=lambda row: reverse("journeys:passage", args=[row.pk]),
        ),
        Column("journey", _("Journey"), value=lambda row: row.journey.name),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: PASSAGE_TONES.get(row.state, "")),
        Column("reason", _("Why"), value=lambda row: reason_words(row.reason) if row.reason else ""),
        Column("arm", _("Group"), is_default=False),
        Column(
            "due_at",
            pgettext_lazy("journey", "Next step"),
            Kind.INSTANT,
            value=_due,
        ),
        Column(
            "entered_at", pgettext_lazy("journey, the moment", "Entered"), Kind.INSTANT, sort="entered_at"
        ),
    )
    filters = (
        Filter("journey", _("Journey"), lambda rows, value: rows.filter(journey=as_id(value)), _journeys),
        choice_filter("state", _("State"), Passage.State.choices, quick=True),
        choice_filter("arm", _("Group"), Passage.Arm.choices),
    )

    def queryset(self) -> QuerySet[Passage]:
        return Passage.objects.visible_to(self.actor).select_related("customer", "journey")
