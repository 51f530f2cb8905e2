"""Journeys where customers are looked after: on their page, in erasure, in imports that are taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from dianke.core.errors import Text
from dianke.customers.operations.import_undo import register_hold
from dianke.customers.queries.export import register_export
from dianke.customers.queries.export_tables import ExportPart, instant
from dianke.customers.queries.panels import Section, register_section
from dianke.customers.queries.profile import Profile
from dianke.customers.queries.rights import ErasurePart, register_erasure
from dianke.customers.rules.merging import register_account_view
from dianke.journeys.models import VIEW, Journey, Passage
from dianke.journeys.operations.erasing import forget_people
from dianke.journeys.queries.wording import reason_words
from dianke.journeys.views.rows import PASSAGE_TONES

SHOWN = 4


def _section(profile: Profile) -> Mapping[str, Any] | None:
    """The latest journeys of a profile."""
    rows = list(
        Passage.objects.filter(
            customer__in=profile.member_ids,
            journey__in=Journey.objects.visible_to(profile.actor).values("pk"),
        )
        .select_related("journey")
        .order_by("-pk")[:SHOWN]
    )
    if not rows:
        return None
    return {
        "rows": [
            {
                "row": row,
                "tone": PASSAGE_TONES.get(row.state, ""),
                "reason": reason_words(row.reason) if row.reason else "",
            }
            for row in rows
        ]
    }


def _count_for(customer_ids: Collection[int]) -> Mapping[int, Text]:
    rows = Passage.objects.filter(customer__in=customer_ids).values("customer_id")
    return {
        row["customer_id"]: ngettext("%(count)s journey", "%(count)s journeys", row["n"])
        % {"count": row["n"]}
        for row in rows.annotate(n=Count("pk")).order_by()
    }


def _rows_for(customer_ids: Collection[int]) -> Iterable[dict[str, Any]]:
    rows = Passage.objects.filter(customer__in=customer_ids).select_related("journey").order_by("pk")
    for row in rows:
        yield {
            "journey": row.journey.name,
            "entered_at": instant(row.entered_at),
            "state": str(row.get_state_display()),
            "ended_at": instant(row.ended_at),
        }


def register() -> None:
    """Called once, when the app is ready."""
    register_section(
        Section(
            "journeys.journeys",
            pgettext_lazy("place", "Journeys and care"),
            "journeys/panel.html",
            VIEW,
            _section,
            order=265,
        )
    )
    register_account_view("journeys.journeys", pgettext_lazy("place", "Journeys and care"), _count_for)
    register_export(
        ExportPart(
            "journeys",
            pgettext_lazy("place", "Journeys and care"),
            {
                "journey": gettext_lazy("Journey"),
                "entered_at": gettext_lazy("Entered on"),
                "state": gettext_lazy("State"),
                "ended_at": gettext_lazy("Ended on"),
            },
            _rows_for,
        )
    )
    register_erasure(
        ErasurePart(
            "journeys",
            gettext_lazy("The way through journeys that is still ahead, and the days it was about"),
            forget_people,
            gettext_lazy("That somebody was in a journey, and what it did, stays without a name."),
        )
    )
    for table in ("journeys_passage", "journeys_known"):
        register_hold(table, "customer_id")
