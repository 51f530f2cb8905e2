"""What the part "duplicates and merges" registers: labels of its events and the page of the queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.customers.queries.comparing import accounts_of
from dianke.customers.queries.merges import REVIEW, merges_of
from dianke.customers.queries.panels import Section, register_section
from dianke.customers.queries.profile import Profile
from dianke.events.registry import register_kind
from dianke.web import navigation
from dianke.web.navigation import Page, Place

_EVENTS = {
    "customers_merged": _("Profiles merged"),
    "customers_separated": _("Profiles separated"),
    "pair_decided": _("Possible duplicate decided"),
    "decision_taken_back": _("Decision on a possible duplicate taken back"),
}


def _merged(profile: Profile) -> Mapping[str, Any] | None:
    """What this profile consists of, where it is more than one; what later rooms keep for each of them."""
    if not profile.merge_count:
        return None
    members = sorted(profile.members, key=lambda member: (member.pk != profile.head.pk, member.pk))
    return {
        "merges": merges_of(profile.head, profile.actor, profile.merges),
        "accounts": accounts_of(members, []),
        "customer": profile.head,
    }


def register() -> None:
    """Called once, when the app is ready."""
    for code, label in _EVENTS.items():
        register_kind(f"customers.{code}", label)
    register_section(
        Section(
            "customers.merges",
            _("Merged profiles"),
            "customers/matches/section.html",
            "customers.view_customers",
            _merged,
            order=80,
        )
    )
    navigation.register(
        Page(
            "customers.duplicates",
            _("Possible duplicates"),
            "customers:duplicates",
            Place.CUSTOMERS,
            REVIEW,
            "files",
            40,
            words=_("merge same person twice"),
        )
    )
