"""Segments in the list of customers: a filter, and the saved views that use it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from django.db.models import QuerySet
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.errors import DiankeError, Text
from dianke.customers.views.listings import CustomerListing, register_filter
from dianke.segments.models import VIEW, Segment
from dianke.segments.queries.members import fitting, kept_members, rules_of
from dianke.segments.queries.uses import register_uses
from dianke.web.listing import Filter, as_id
from dianke.web.models import SavedView

CODE = "segment"


def _options(actor: Actor) -> list[tuple[int, str]]:
    if not actor.can(VIEW):
        return []
    return list(Segment.objects.visible_to(actor).in_use().order_by("name").values_list("pk", "name")[:200])


def _narrow(listing: CustomerListing, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Rows of the list in a segment that the actor may see; of one that is gone, or whose rules no longer hold,
    nobody."""
    segment = Segment.objects.visible_to(listing.actor).filter(pk=as_id(value)).first()
    if segment is None:
        return rows.none()
    if segment.is_snapshot:
        return rows.filter(pk__in=kept_members(segment, actor=listing.actor).order_by().values("pk"))
    try:
        rules = rules_of(segment, now=listing.now)
    except DiankeError:
        return rows.none()
    found: QuerySet[Any] = fitting(rows, rules)  # type: ignore[arg-type]
    return found.filter(store_id__in=segment.store_ids) if segment.store_ids else found


def _saved_views(segment_ids: Collection[int], actor: Actor) -> Mapping[int, Sequence[Text]]:
    wanted = {str(pk): pk for pk in segment_ids}
    rows = SavedView.objects.visible_to(actor).filter(
        list_code=CustomerListing.code, query__contains=f"{CODE}="
    )
    found: dict[int, list[Text]] = {}
    for name, query in rows.values_list("name", "query"):
        for value in parse_qs(query).get(CODE, []):
            if value in wanted:
                found.setdefault(wanted[value], []).append(name)
    return found


def register() -> None:
    """Called once, when the apps are ready."""
    register_filter(
        Filter(CODE, pgettext_lazy("of a customer", "Segment"), lambda rows, value: rows, _options), _narrow
    )
    register_uses(_saved_views)
