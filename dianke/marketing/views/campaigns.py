"""Campaigns: the steps in which one is made, its page before, while and after it runs, and what is done to it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.marketing import operations
from dianke.marketing.forms import AudienceForm, MessageForm, OfferForm, ScheduleForm
from dianke.marketing.models import MANAGE, VIEW, Campaign, State
from dianke.marketing.operations import needs_second_person
from dianke.marketing.queries.audience import AudienceUnclear, Reach, reach_of
from dianke.marketing.queries.monitor import Monitor, monitor_of
from dianke.marketing.queries.readiness import problems_of
from dianke.marketing.queries.wording import reason_words, summary_of, templates_of
from dianke.marketing.views.listings import CampaignListing, CampaignOrderListing, MemberListing
from dianke.marketing.views.results import result_context
from dianke.marketing.views.rows import TONES, campaign_or_404, crumbs, history_page
from dianke.messaging.models import Channel
from dianke.web import formats
from dianke.web.components import Stat, Step
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.responses import done

campaign_list = list_view(CampaignListing, "marketing/campaigns.html")
member_list = list_view(MemberListing, "marketing/members.html")
order_list = list_view(CampaignOrderListing, "marketing/members.html")
FORMS: dict[str, Any] = {
    "audience": AudienceForm,
    "offer": OfferForm,
    "message": MessageForm,
    "schedule": ScheduleForm,
}


def step_names() -> dict[str, str]:
    return {
        "audience": pgettext("campaign", "To whom"),
        "offer": pgettext("campaign", "What they get"),
        "message": pgettext("campaign", "What they read"),
        "schedule": pgettext("campaign", "When"),
    }


def _steps(current: str) -> list[Step]:
    order = list(FORMS)
    return [
        Step(name, is_done=order.index(code) < order.index(current), is_current=code == current)
        for code, name in step_names().items()
    ]


# --- made in four steps ----------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def campaign_new(request: Request) -> HttpResponse:
    """The first step makes the draft; `?segment=` is already chosen."""
    form = AudienceForm(
        request.POST or None, actor=request.actor, initial={"segment_id": request.GET.get("segment", "")}
    )

    def run(data: dict[str, Any]) -> Campaign:
        return operations.draft_campaign(values=form.values(), actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("New campaign"),
        success="",
        submit=pgettext("campaign", "Next"),
        redirect_to=lambda made: reverse("marketing:campaign-step", args=[made.pk, "offer"]),
        template="marketing/step.html",
        cancel_url=reverse("marketing:campaigns"),
        context={"crumb_list": crumbs(), "step_list": _steps("audience")},
    )


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def campaign_step(request: Request, pk: int, step: str) -> HttpResponse:
    """One step of a draft; saving it leads to the next, the last to the summary."""
    campaign = campaign_or_404(request, pk)
    if step not in FORMS:
        raise Http404
    form = FORMS[step](request.POST or None, actor=request.actor, campaign=campaign)

    def run(data: dict[str, Any]) -> Campaign:
        return operations.change_campaign(
            campaign=campaign,
            values=form.values(),
            variants=form.variants(),
            actor=request.actor,
            now=request.now,
        )

    order = list(FORMS)
    later = order[order.index(step) + 1 :]
    page = reverse("marketing:campaign", args=[pk])
    following = reverse("marketing:campaign-step", args=[pk, later[0]]) if later else page
    return form_view(
        request,
        form=form,
        run=run,
        title=campaign.name,
        success="",
        submit=pgettext("campaign", "Next") if later else _("To the summary"),
        redirect_to=following,
        template="marketing/step.html",
        cancel_url=page,
        context={"crumb_list": crumbs(campaign), "step_list": _steps(step), "campaign": campaign},
    )


@require_GET
@requires(VIEW)
def campaign_reach(request: Request, pk: int) -> HttpResponse:
    """How many are meant now, how many of them may be written to, why the others may not."""
    campaign = campaign_or_404(request, pk)
    problem = ""
    try:
        reach = reach_of(campaign, at=request.now)
    except AudienceUnclear:
        reach, problem = Reach(), _("The segment does not exist any more, or its rules mean nothing now.")
    return render(
        request,
        "marketing/reach.html",
        {
            "problem": problem,
            "reach": reach,
            "kept": reach.reachable * campaign.control_bp // 10_000,
            "written": reach.reachable - reach.reachable * campaign.control_bp // 10_000,
            "channels": [(Channel(code).label, count) for code, count in reach.by_channel.items()],
            "refused": [(reason_words(code), count) for code, count in reach.refused.items()],
            "has_channels": bool(campaign.channels),
        },
    )


# --- the page of one -------------------------------------------------------------------------------------------------
@require_GET
@requires(VIEW)
def campaign_page(request: Request, pk: int) -> HttpResponse:
    """Before it begins: what will happen. Afterwards: how far it is and what it came to."""
    campaign = campaign_or_404(request, pk)
    may = request.actor.can(MANAGE)
    context: dict[str, Any] = {
        "campaign": campaign,
        "tone": TONES.get(campaign.state, ""),
        "may_manage": may,
        "summary": summary_of(campaign),
        "texts": templates_of(campaign, now=request.now),
        "crumb_list": crumbs(),
        "may_change": may and campaign.is_changeable,
        "last_step": campaign.steps.select_related("user").last(),
    }
    if campaign.has_begun:
        context |= _progress(campaign) | result_context(campaign, request.actor)
        return render(request, "marketing/campaign.html", context)
    if campaign.starts_at is not None:
        context["begins"] = formats.moment(campaign.starts_at, request.now)
    context["problems"] = problems_of(campaign, now=request.now)
    context["needs_second"] = campaign.is_changeable and may and needs_second_person(campaign, request.actor)
    return render(request, "marketing/plan.html", context)


@require_GET
@requires(VIEW)
def campaign_progress(request: Request, pk: int) -> HttpResponse:
    """The part of the page that is asked for again while it runs."""
    campaign = campaign_or_404(request, pk)
    return render(request, "marketing/progress.html", {"campaign": campaign} | _progress(campaign))


def _progress(campaign: Campaign) -> dict[str, Any]:
    found = monitor_of(campaign)
    members = reverse("marketing:members")
    base = f"{members}?campaign={campaign.pk}"
    return {
        "monitor": found,
        "is_live": campaign.state == State.RUNNING,
        "progress_stats": [
            Stat(_("People meant"), formats.number(found.people), url=base),
            Stat(
                pgettext("messages", "Sent"),
                formats.number(found.sent),
                note=_note(found),
                url=f"{base}&figure=reached",
            ),
            Stat(
                pgettext("messages", "Arrived"),
                formats.number(found.delivered),
                note=_("%(count)s read") % {"count": formats.number(found.read)} if found.read else "",
            ),
            Stat(_("Followed the link"), formats.number(found.clicked), url=f"{base}&figure=clicked"),
            Stat(_("Kept back"), formats.number(found.kept), url=f"{base}&state=KEPT"),
            Stat(pgettext("campaign", "Left out"), formats.number(found.left), url=f"{base}&state=LEFT"),
            Stat(_("Want no more"), formats.number(found.unsubscribed), url=f"{base}&figure=unsubscribed"),
        ],
        "budget": None
        if campaign.budget_amount is None
        else {"spent": campaign.spent_amount // 100, "of": -(-campaign.budget_amount // 100)},
        "why": [(reason_words(code), count) for code, count in found.reasons.items()],
    }


def _note(found: Monitor) -> str:
    """What is on its way, and what failed."""
    parts = []
    if found.waiting:
        parts.append(_("%(count)s on their way") % {"count": formats.number(found.waiting)})
    if found.failed:
        parts.append(_("%(count)s failed") % {"count": formats.number(found.failed)})
    return " · ".join(parts)


@require_GET
@requires(VIEW)
def campaign_history(request: Request, pk: int) -> HttpResponse:
    """Who did what to it."""
    return history_page(request, campaign_or_404(request, pk))


# --- what is done to it ----------------------------------------------------------------------------------------------
@require_POST
@requires(MANAGE)
def campaign_submit(request: Request, pk: int) -> HttpResponse:
    """Hand it in: it is scheduled, or waits for a second person."""
    campaign = operations.submit_campaign(
        campaign=campaign_or_404(request, pk),
        reason=request.POST.get("reason", ""),
        actor=request.actor,
        now=request.now,
    )
    waits = campaign.state == State.WAITING
    return _done(
        request, campaign, _("A second person is asked.") if waits else _("“%(name)s” is scheduled.")
    )


@require_POST
@requires(MANAGE)
def campaign_take_back(request: Request, pk: int) -> HttpResponse:
    """Make it a draft again."""
    campaign = operations.take_back_campaign(
        campaign=campaign_or_404(request, pk), actor=request.actor, now=request.now
    )
    return _done(request, campaign, _("“%(name)s” is a draft again."))


@require_POST
@requires(MANAGE)
def campaign_pause(request: Request, pk: int) -> HttpResponse:
    """Stop it for the moment."""
    campaign = operations.pause_campaign(
        campaign=campaign_or_404(request, pk), actor=request.actor, now=request.now
    )
    return _done(request, campaign, _("“%(name)s” is paused. What was still waiting is called back."))


@require_POST
@requires(MANAGE)
def campaign_resume(request: Request, pk: int) -> HttpResponse:
    """Go on."""
    campaign = operations.resume_campaign(
        campaign=campaign_or_404(request, pk), actor=request.actor, now=request.now
    )
    return _done(request, campaign, _("“%(name)s” goes on."))


@require_POST
@requires(MANAGE)
def campaign_stop(request: Request, pk: int) -> HttpResponse:
    """End it for good."""
    campaign = operations.stop_campaign(
        campaign=campaign_or_404(request, pk), actor=request.actor, now=request.now
    )
    return _done(request, campaign, _("“%(name)s” is stopped."))


@require_POST
@requires(MANAGE)
def campaign_copy(request: Request, pk: int) -> HttpResponse:
    """A draft like it, of the same series."""
    campaign = campaign_or_404(request, pk)
    copy = operations.copy_campaign(
        campaign=campaign,
        name=_("%(name)s (again)") % {"name": campaign.name[:30]},
        actor=request.actor,
        now=request.now,
    )
    return _done(request, copy, _("Copied. Whoever was kept back stays kept back."))


def _done(request: Request, campaign: Campaign, text: str) -> HttpResponse:
    url = reverse("marketing:campaign", args=[campaign.pk])
    return done(request, text % {"name": campaign.name}, to=url)
