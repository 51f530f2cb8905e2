"""Campaigns beside each other, and results as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.marketing.models import STARTED, VIEW, Campaign
from dianke.marketing.queries.results import CampaignResult, result_of, results_of
from dianke.marketing.queries.wording import amount, group_name
from dianke.marketing.rules.evaluation import Arm
from dianke.marketing.views.results import COSTS, finding, finding_of, share
from dianke.marketing.views.rows import campaign_or_404, crumbs
from dianke.marketing.views.workbooks import workbook
from dianke.web.listing import as_id

#: So many stand beside each other at most, and so many are offered to choose from.
MOST_COMPARED, MOST_OFFERED = 24, 100


def _offered(request: Request) -> list[Campaign]:
    rows = Campaign.objects.visible_to(request.actor).filter(state__in=STARTED)
    return list(rows.order_by("-starts_at", "-pk")[:MOST_OFFERED])


def _chosen(request: Request, offered: Sequence[Campaign]) -> list[Campaign]:
    """Those of the address (`?c=3&c=7`), else the latest."""
    wanted = {as_id(text) for text in request.GET.getlist("c")}
    return ([row for row in offered if row.pk in wanted] or list(offered))[:MOST_COMPARED]


def beside(campaign: Campaign, found: CampaignResult) -> dict[str, Any]:
    """What a campaign says where it stands among others."""
    result = found.result
    treated = result.treated
    return {
        "campaign": campaign,
        "treated": treated,
        "converted": share(treated.share_converted),
        "sales": amount(treated.sales_amount, campaign.currency),
        "cost": amount(treated.cost_amount, campaign.currency),
        "added": "–" if result.added_sales is None else amount(int(result.added_sales), campaign.currency),
        "roi": share(result.roi),
        "is_proven": result.roi_is_proven,
        "finding": finding_of(found, campaign.currency),
    }


@require_GET
@requires(VIEW)
def compare(request: Request) -> HttpResponse:
    """Chosen campaigns beside each other; every figure is that of the campaign's own page."""
    offered = _offered(request)
    chosen = _chosen(request, offered)
    results = results_of(chosen)
    ids = {row.pk for row in chosen}
    return render(
        request,
        "marketing/compare.html",
        {
            "rows": [beside(campaign, results[campaign.pk]) for campaign in chosen],
            "offered": [{"campaign": row, "is_chosen": row.pk in ids} for row in offered],
            "query": "&".join(f"c={row.pk}" for row in chosen),
            "crumb_list": crumbs(),
            "most": MOST_COMPARED,
            "sees_costs": request.actor.can(COSTS),
        },
    )


@require_GET
@requires(VIEW)
def compare_file(request: Request) -> HttpResponse:
    """The same campaigns as a workbook: one sheet, a row each."""
    chosen = _chosen(request, _offered(request))
    results = results_of(chosen)
    sees_costs = request.actor.can(COSTS)
    heads = [_("Campaign"), _("Begins"), *_heads(sees_costs=sees_costs)[1:], _("Sales it added")]
    rows: list[list[Any]] = []
    for campaign in chosen:
        result = results[campaign.pk].result
        begins = timezone.localtime(campaign.starts_at) if campaign.starts_at else None
        added = None if result.added_sales is None else _major(int(result.added_sales))
        row: list[Any] = [campaign.name, f"{begins:%Y-%m-%d %H:%M}" if begins else ""]
        row += [*_cells("", result.treated, sees_costs=sees_costs)[1:], added]
        if sees_costs:
            row.append(None if result.roi is None else float(result.roi))
        rows.append([*row, finding_of(results[campaign.pk], campaign.currency)])
    heads += [*([_("Return on what was spent")] if sees_costs else []), _("Finding")]
    return workbook(_("Campaigns beside each other"), heads, rows, "campaigns.xlsx")


@require_GET
@requires(VIEW)
def result_file(request: Request, pk: int) -> HttpResponse:
    """The table of a result as a workbook."""
    campaign = campaign_or_404(request, pk)
    result = result_of(campaign).result
    sees_costs = request.actor.can(COSTS)
    arms = [*result.variants, *([result.control] if result.control else [])]
    rows = [
        _cells(group_name("TREATED" if arm.code else "CONTROL", arm.code), arm, sees_costs=sees_costs)
        for arm in arms
    ]
    above = [campaign.name, campaign.words, finding(result, campaign.currency)]
    return workbook(_("Result"), _heads(sees_costs=sees_costs), rows, f"campaign-{pk}.xlsx", above=above)


def _heads(*, sees_costs: bool) -> list[str]:
    return [
        _("Group"),
        pgettext("campaign", "People"),
        pgettext("messages", "Reached"),
        _("Followed the link"),
        pgettext("campaign", "Came"),
        _("Bought"),
        _("Used the coupon"),
        _("Orders"),
        _("Net sales"),
        *([_("Gross profit")] if sees_costs else []),
        _("Messages cost"),
        _("Coupons cost"),
    ]


def _cells(name: str, arm: Arm, *, sees_costs: bool) -> list[Any]:
    counts = [arm.people, arm.reached, arm.clicked, arm.came, arm.converted, arm.redeemed, arm.orders]
    margin = [arm.margin_amount] if sees_costs else []
    amounts = [arm.sales_amount, *margin, arm.message_amount, arm.coupon_amount]
    return [name, *counts, *(_major(each) for each in amounts)]


def _major(minor: int) -> float:
    return minor / 100
