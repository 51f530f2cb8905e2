"""The list of segments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.segments.models import MANAGE, VIEW, Segment
from dianke.segments.queries.trend import trends
from dianke.segments.queries.uses import uses_of
from dianke.web.listing import Column, Filter, Kind, Listing, Result, State, choice_filter, register

PUT_AWAY = "archived"


@register
class SegmentListing(Listing):
    """Segments one may see, those changed last first."""

    code = "segments.segments"
    title = pgettext_lazy("place", "Segments")
    permission = VIEW
    search_fields = ("name", "note")
    search_hint = _("Name or note")
    default_sort = "-changed_at"
    columns = (
        Column(
            "name",
            pgettext_lazy("of a segment", "Name"),
            is_title=True,
            sort="name",
            link=lambda row: reverse("segments:segment", args=[row.pk]),
        ),
        Column("member_count", pgettext_lazy("of a segment", "People"), Kind.NUMBER, sort="member_count"),
        Column(
            "trend",
            _("Last 30 days"),
            value=lambda row: getattr(row, "shown_trend", ""),
            template="segments/cells/trend.html",
        ),
        Column("kind", pgettext_lazy("of a segment", "Kind")),
        Column("owner", _("Made by"), value=lambda row: str(row.owner or "")),
        Column("uses", _("Used by"), value=lambda row: "、".join(str(text) for text in row.shown_uses)),
        Column("taken_at", _("Worked out"), Kind.INSTANT, sort="taken_at"),
        Column("is_shared", _("Shared"), Kind.YES_NO, is_default=False),
        Column("note", _("Note"), is_default=False),
        Column("changed_at", _("Changed"), Kind.INSTANT, sort="changed_at", is_default=False),
    )
    filters = (
        choice_filter("kind", pgettext_lazy("of a segment", "Kind"), Segment.Kind.choices),
        Filter(
            "mine",
            _("Whose"),
            lambda rows, value: rows,
            lambda actor: (("me", _("Mine")), ("shared", _("Shared"))),
            is_quick=True,
        ),
        Filter(
            "state",
            _("State"),
            lambda rows, value: rows,
            lambda actor: ((PUT_AWAY, pgettext_lazy("state of a segment", "Put away")),),
            is_quick=True,
        ),
    )
    empty = (
        "users-group",
        _("A segment says who is meant: whom to congratulate, whom to win back, who may have what."),
        _("Make the first segment"),
        "segments:starts",
        MANAGE,
    )
    action = None

    def queryset(self) -> QuerySet[Segment]:
        return Segment.objects.visible_to(self.actor).select_related("owner")

    def rows(self, state: State) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().rows(state)
        return rows.exclude(archived_at=None) if state.filters.get("state") else rows.filter(archived_at=None)

    def filter_state(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows

    def filter_mine(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == "me":
            return rows.filter(owner_id=self.actor.user_id or 0)
        return rows.filter(is_shared=True) if value == "shared" else rows

    def result(self, state: State) -> Result:
        """The page with trends and uses of its rows: one query for the trends, a few for each room that uses any."""
        found = super().result(state)
        self._dress(list(found.page.items))
        return found

    def dressed(self, rows: Iterable[Any]) -> Iterable[Any]:
        listed = list(rows)
        self._dress(listed)
        return listed

    def _dress(self, rows: list[Any]) -> None:
        ids = [row.pk for row in rows]
        counted, used = trends(ids, now=self.now), uses_of(ids, self.actor)
        for row in rows:
            row.shown_trend = counted.get(row.pk, [])
            row.shown_uses = used.get(row.pk, [])
