"""What the room's events and rows are called, and what a second person agrees to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.core.money import Money
from dianke.events.changes import plain
from dianke.events.registry import register_kind, register_rows
from dianke.marketing.models import APPROVE, VIEW, Campaign
from dianke.marketing.operations.approving import approve_campaign
from dianke.marketing.operations.drafting import COLUMNS, plain_plan, plans_of
from dianke.marketing.queries.waiting import APPROVE_OPERATION
from dianke.marketing.queries.wording import summary_of
from dianke.work.providers.approvables.rows import found
from dianke.work.registry import Approvable, Line, register_approvable

_EVENTS = {
    "campaign_drafted": gettext_lazy("Campaign “%(name)s” drafted"),
    "campaign_changed": gettext_lazy("Campaign changed"),
    "campaign_copied": gettext_lazy("Campaign “%(name)s” drafted from another"),
    "campaign_submitted": gettext_lazy("Campaign “%(name)s” handed in"),
    "campaign_approved": gettext_lazy("Campaign “%(name)s” approved"),
    "campaign_taken_back": gettext_lazy("Campaign “%(name)s” is a draft again"),
    "campaign_began": gettext_lazy("Campaign “%(name)s” began: %(people)s people, %(control)s kept back"),
    "campaign_joined": gettext_lazy("%(people)s people joined the campaign “%(name)s”"),
    "campaign_handed_over": gettext_lazy("Campaign “%(name)s” handed messages over"),
    "campaign_paused": gettext_lazy("Campaign “%(name)s” paused"),
    "campaign_resumed": gettext_lazy("Campaign “%(name)s” goes on"),
    "campaign_stopped": gettext_lazy("Campaign “%(name)s” stopped"),
    "campaign_finished": gettext_lazy("Campaign “%(name)s” finished"),
}


def _state(arguments: Mapping[str, Any]) -> list[Any]:
    """Everything that was agreed to: a change of any of it needs a new request."""
    campaign: Campaign = arguments["campaign"]
    return [
        *(plain(getattr(campaign, column)) for column in sorted(COLUMNS)),
        *(plain_plan(plan) for plan in plans_of(campaign)),
    ]


def _amount(arguments: Mapping[str, Any]) -> Decimal:
    """What it may cost; one without a budget may cost anything."""
    campaign: Campaign = arguments["campaign"]
    if campaign.budget_amount is None:
        return Decimal(10**9)
    return Money.from_minor(campaign.budget_amount, campaign.currency).amount


def _approval() -> Approvable:
    return Approvable(
        operation=APPROVE_OPERATION,
        label=gettext_lazy("Campaign"),
        permission=APPROVE,
        run=approve_campaign,
        pack=lambda a: {"campaign": a["campaign"].pk},
        unpack=lambda data, lock: {"campaign": found(Campaign, data["campaign"], lock)},
        summary=lambda a: _("Campaign “%(name)s”") % {"name": a["campaign"].name},
        lines=lambda a: [Line(each.label, each.text) for each in summary_of(a["campaign"])],
        state=_state,
        subject=lambda a: f"marketing.campaign:{a['campaign'].pk}",
        store_id=lambda a: a["campaign"].store_ids[0] if len(a["campaign"].store_ids) == 1 else None,
        amount=_amount,
        amount_label=gettext_lazy("yuan of budget"),
        suggested_limit=Decimal(5_000),
        after=lambda campaign: reverse("marketing:campaign", args=[campaign.pk]),
        icon="speakerphone",
    )


def register() -> None:
    """Called once, when the app is ready."""
    for code, label in _EVENTS.items():
        register_kind(f"marketing.{code}", label, permission=VIEW)
    register_rows(
        "marketing.campaign",
        lambda actor: Campaign.objects.visible_to(actor),
        "name",
        noun=gettext_lazy("campaign"),
        url_name="marketing:campaign",
        permission=VIEW,
    )
    register_approvable(_approval())
