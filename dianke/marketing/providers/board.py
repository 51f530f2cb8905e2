"""What campaigns show on the dashboard of customers: those under way, those that ended last, and what they brought."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.insight.queries.board_blocks import Block, register_block
from dianke.marketing.models import OVER, VIEW, Campaign, State
from dianke.marketing.queries.results import results_of
from dianke.marketing.views.comparing import beside
from dianke.marketing.views.results import COSTS
from dianke.marketing.views.rows import TONES

SHOWN = 4


def _campaigns(actor: Actor, now: datetime) -> Mapping[str, Any] | None:
    """Six statements, whatever the number of campaigns; two when there are none."""
    begun = Campaign.objects.visible_to(actor).filter(began_at__isnull=False)
    running = begun.filter(state__in=[State.RUNNING, State.PAUSED]).order_by("-began_at", "-pk")[:SHOWN]
    ended = begun.filter(state__in=OVER).order_by("-ended_at", "-pk")[:SHOWN]
    campaigns = [*running, *ended]
    results = results_of(campaigns) if campaigns else {}
    rows = [
        beside(campaign, results[campaign.pk]) | {"tone": TONES[campaign.state]} for campaign in campaigns
    ]
    return {"rows": rows, "sees_costs": actor.can(COSTS)}


def register() -> None:
    """Called once, when the apps are ready."""
    register_block(
        Block(
            "marketing.campaigns",
            pgettext_lazy("place", "Campaigns"),
            "marketing/board.html",
            VIEW,
            _campaigns,
            5,
        )
    )
