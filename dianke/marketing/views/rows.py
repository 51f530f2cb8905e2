"""What an address names, the way to a page, colours of states, and what happened."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.access.requests import Request
from dianke.events.queries import timeline
from dianke.events.registry import describe
from dianke.marketing.models import Campaign
from dianke.web.components import Crumb, Entry
from dianke.work.queries.people import names_of

HISTORY_ROWS = 50
TONES: Mapping[str, str] = {
    "DRAFT": "",
    "WAITING": "wait",
    "SCHEDULED": "wait",
    "RUNNING": "good",
    "PAUSED": "wait",
    "DONE": "off",
    "STOPPED": "bad",
}


def campaign_or_404(http: Request, pk: int) -> Campaign:
    found: Campaign = get_object_or_404(Campaign.objects.visible_to(http.actor), pk=pk)
    return found


def crumbs(campaign: Campaign | None = None) -> list[Crumb]:
    found = [Crumb(pgettext("place", "Campaigns"), reverse("marketing:campaigns"))]
    if campaign is not None:
        found.append(Crumb(campaign.name, reverse("marketing:campaign", args=[campaign.pk])))
    return found


def history_page(http: Request, campaign: Campaign) -> HttpResponse:
    """Who did what to it."""
    page = timeline(campaign, actor=http.actor, before=http.GET.get("before") or None, limit=HISTORY_ROWS)
    names = names_of([event.user_id for event in page.events])
    entries = [
        Entry(
            at=event.recorded_at,
            title=describe(event),
            actor=_("the system") if event.user_id is None else names.get(event.user_id, ""),
        )
        for event in page.events
    ]
    return render(
        http,
        "marketing/history.html",
        {
            "name": campaign.name,
            "entries": entries,
            "next_cursor": page.next_cursor,
            "crumb_list": crumbs(campaign),
        },
    )
