"""Segments on the page of a customer: in which, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from dianke.customers.queries.panels import Section, register_section
from dianke.customers.queries.profile import Profile
from dianke.segments.models import VIEW, Segment, SegmentMember

SHOWN = 8


def _section(profile: Profile) -> Mapping[str, Any] | None:
    """Those that held the profile when they were last worked out; why is asked for when it is opened. One query."""
    held = SegmentMember.objects.filter(segment=OuterRef("pk"), customer__in=list(profile.member_ids))
    rows = Segment.objects.visible_to(profile.actor).in_use().filter(Exists(held)).order_by("name")
    found = list(rows[: SHOWN + 1])
    if not found:
        return None
    return {"rows": found[:SHOWN], "has_more": len(found) > SHOWN, "customer_id": profile.head.pk}


def register() -> None:
    """Called once, when the apps are ready."""
    register_section(
        Section(
            "segments.segments",
            _("In these segments"),
            "segments/panels/customer.html",
            VIEW,
            _section,
            order=300,
        )
    )
