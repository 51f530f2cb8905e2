"""Campaigns where customers are looked after: on their page, in a merge, in their data, in imports that are taken
back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from dianke.core.errors import Text
from dianke.customers.operations.import_undo import register_hold
from dianke.customers.queries.export import register_export
from dianke.customers.queries.export_tables import ExportPart, instant
from dianke.customers.queries.panels import Section, register_section
from dianke.customers.queries.profile import Profile
from dianke.customers.queries.rights import ErasurePart, register_erasure
from dianke.customers.rules.merging import register_account_view
from dianke.marketing.models import VIEW, Campaign, Member
from dianke.marketing.operations.erasing import leave_out
from dianke.marketing.queries.wording import reason_words
from dianke.marketing.views.listings import MEMBER_TONES

SHOWN = 6


def _of_customer(profile: Profile) -> Mapping[str, Any] | None:
    """The latest campaigns a profile took part in."""
    rows = list(
        Member.objects.filter(customer__in=profile.member_ids)
        .select_related("campaign")
        .order_by("-pk")[:SHOWN]
    )
    if not rows:
        return None
    seen = set(
        Campaign.objects.visible_to(profile.actor)
        .filter(pk__in=[row.campaign_id for row in rows])
        .values_list("pk", flat=True)
    )
    for row in rows:
        row.shown_tone = MEMBER_TONES.get(row.state, "")  # type: ignore[attr-defined]
        row.shown_reason = reason_words(row.reason) if row.reason else ""  # type: ignore[attr-defined]
        row.shown_at = row.begun_at or row.due_at  # type: ignore[attr-defined]
    shown = [row for row in rows if row.campaign_id in seen]
    return {"rows": shown, "may_open": True} if shown else None


def _count_for(customer_ids: Collection[int]) -> Mapping[int, Text]:
    rows = Member.objects.filter(customer__in=customer_ids).values("customer_id")
    return {
        row["customer_id"]: ngettext("%(count)s campaign", "%(count)s campaigns", row["n"])
        % {"count": row["n"]}
        for row in rows.annotate(n=Count("pk")).order_by()
    }


def _rows_for(customer_ids: Collection[int]) -> Iterable[dict[str, Any]]:
    rows = Member.objects.filter(customer__in=customer_ids).select_related("campaign").order_by("pk")
    for row in rows:
        yield {
            "campaign": row.campaign.name,
            "group": str(row.get_arm_display()),
            "state": str(row.get_state_display()),
            "since": instant(row.begun_at),
        }


def register() -> None:
    """Called once, when the app is ready."""
    register_section(
        Section(
            "marketing.campaigns",
            pgettext_lazy("place", "Campaigns"),
            "marketing/customer.html",
            VIEW,
            _of_customer,
            order=260,
        )
    )
    register_account_view("marketing.campaigns", pgettext_lazy("place", "Campaigns"), _count_for)
    register_export(
        ExportPart(
            "campaigns",
            pgettext_lazy("place", "Campaigns"),
            {
                "campaign": pgettext_lazy("column", "Campaign"),
                "group": pgettext_lazy("column", "Group"),
                "state": pgettext_lazy("column", "State"),
                "since": pgettext_lazy("column", "Since"),
            },
            _rows_for,
        )
    )
    register_erasure(
        ErasurePart(
            "campaigns",
            _("Campaigns that were still to write to them"),
            leave_out,
            _("That somebody was in a campaign, and what came of it, stays without a name."),
        )
    )
    register_hold("marketing_member", "customer_id")
