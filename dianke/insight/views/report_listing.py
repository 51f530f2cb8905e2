"""The list of kept reports."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.errors import InvalidInput
from dianke.insight.models import FIGURES, SavedReport
from dianke.insight.rules.reports import read
from dianke.insight.views.report_table import sentence_of
from dianke.insight.views.reports import rhythm_text
from dianke.web.listing import Column, Filter, Kind, Listing, State, register


def _tells(row: SavedReport) -> str:
    try:
        return sentence_of(read(row.spec))
    except InvalidInput:
        return ""


def _rhythm(row: SavedReport) -> str:
    schedule = getattr(row, "schedule", None)
    return rhythm_text(schedule) if schedule else ""


@register
class Reports(Listing):
    """Reports one may open, those changed last first."""

    code = "insight.reports"
    title = pgettext_lazy("place", "Reports")
    permission = FIGURES
    search_fields = ("name", "note")
    search_hint = _("Name or note")
    default_sort = "-changed_at"
    can_export = False
    columns = (
        Column(
            "name",
            pgettext_lazy("of a report", "Name"),
            is_title=True,
            sort="name",
            link=lambda row: reverse("insight:report", args=[row.pk]),
        ),
        Column("tells", _("What it tells"), value=_tells),
        Column("sent", pgettext_lazy("of a report", "Sent"), value=_rhythm),
        Column("owner", _("Made by"), value=lambda row: str(row.owner or "")),
        Column("is_shared", _("Shared with everybody"), Kind.YES_NO, is_default=False),
        Column("note", _("Note"), is_default=False),
        Column("changed_at", _("Changed"), Kind.INSTANT, sort="changed_at"),
    )
    filters = (
        Filter(
            "mine",
            _("Whose"),
            lambda rows, value: rows,
            lambda actor: (("me", _("Mine")), ("others", _("Of colleagues"))),
            is_quick=True,
        ),
        Filter(
            "state",
            _("State"),
            lambda rows, value: rows,
            lambda actor: (("deleted", _("Deleted")),),
            is_quick=True,
        ),
    )
    empty = (
        "report-analytics",
        _("A report answers one question again and again: choose figures, by what, of which days."),
        _("New report"),
        "insight:report-new",
        FIGURES,
    )
    action = (_("New report"), "insight:report-new", FIGURES, "plus")

    def queryset(self) -> QuerySet[SavedReport]:
        return SavedReport.objects.visible_to(self.actor).select_related("owner", "schedule")

    def rows(self, state: State) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().rows(state)
        return rows.exclude(deleted_at=None) if state.filters.get("state") else rows.filter(deleted_at=None)

    def filter_state(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows

    def filter_mine(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        me = self.actor.user_id or 0
        return rows.filter(owner_id=me) if value == "me" else rows.exclude(owner_id=me)
