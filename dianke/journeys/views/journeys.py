"""Journeys: the list, the page of one with who is where, one person's way, and what is done to it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.intervals import Withheld
from dianke.journeys import operations
from dianke.journeys.models import MANAGE, PUBLISH, VIEW, Journey, Passage, State
from dianke.journeys.queries.monitor import Monitor, monitor_of
from dianke.journeys.queries.preview import present_count
from dianke.journeys.queries.readiness import problems_of
from dianke.journeys.queries.wording import KINDS, Names, begin_words, reason_words
from dianke.journeys.rules.plan import Plan, read
from dianke.journeys.views.flow import flow_of
from dianke.journeys.views.listings import JourneyListing, PassageListing
from dianke.journeys.views.rows import OUTCOME_TONES, PASSAGE_TONES, TONES, crumbs, journey_or_404
from dianke.messaging.models import Channel
from dianke.web.components import Stat
from dianke.web.differences import bought_words, finding_words, withheld_words
from dianke.web.formats import number
from dianke.web.list_views import list_view
from dianke.web.responses import done

journey_list = list_view(JourneyListing, "journeys/journeys.html")
people_list = list_view(PassageListing, "web/list.html")


def _running_plan(journey: Journey) -> Plan:
    version = journey.versions.filter(number=journey.version).first()
    return version.read if version else read(journey.draft)


@require_GET
@requires(VIEW)
def journey_page(request: Request, pk: int) -> HttpResponse:
    """What it does and how it goes."""
    journey = journey_or_404(request, pk)
    plan = _running_plan(journey)
    latest = journey.versions.filter(number=journey.version).first()
    return render(
        request,
        "journeys/journey.html",
        {
            "journey": journey,
            "tone": TONES[journey.state],
            "begins": begin_words(plan),
            "crumb_list": crumbs(),
            "is_changed": latest is not None and latest.plan != journey.draft,
            "may_manage": request.actor.can(MANAGE),
            "may_publish": request.actor.can(PUBLISH),
            **_monitor(journey, plan),
        },
    )


@require_GET
@requires(VIEW)
def journey_monitor(request: Request, pk: int) -> HttpResponse:
    """The part of the page that is asked for again while it runs."""
    journey = journey_or_404(request, pk)
    plan = _running_plan(journey)
    return render(request, "journeys/monitor.html", {"journey": journey, **_monitor(journey, plan)})


def _monitor(journey: Journey, plan: Plan) -> dict[str, Any]:
    found = monitor_of(journey, goal_days=plan.goal_days)
    base = f"{reverse('journeys:people')}?journey={journey.pk}"
    return {
        "monitor": found,
        "is_live": journey.state == State.RUNNING,
        "lines": flow_of(plan, at=dict(found.steps)),
        "people_url": base,
        "stat_list": [
            Stat(pgettext("journey", "Entered"), number(found.entered), url=base),
            Stat(_("On the way"), number(found.going), url=f"{base}&state=GOING"),
            Stat(pgettext("messages", "Sent"), number(found.sent)),
            Stat(pgettext("journey", "Left out"), number(found.skipped)),
            Stat(pgettext("journey", "Through"), number(found.done), url=f"{base}&state=DONE"),
            Stat(pgettext("journey", "Left"), number(found.left), url=f"{base}&state=LEFT"),
            Stat(_("Bought"), number(found.bought), note=_bought_note(found, plan)),
        ],
        "finding": _finding(found),
        "exits": [(reason_words(code), count) for code, count in found.exits.items()],
        "reasons": [(reason_words(code), count) for code, count in found.reasons.items()],
    }


def _bought_note(found: Monitor, plan: Plan) -> str:
    if not found.control:
        return _("within %(days)s days") % {"days": plan.goal_days}
    share = 100 * found.bought / found.treated if found.treated else 0
    kept = 100 * found.bought_control / found.control
    return _("%(share)s%%, of those kept back %(kept)s%%") % {"share": f"{share:.1f}", "kept": f"{kept:.1f}"}


def _finding(found: Monitor) -> str:
    """What it brought against those kept back, in one sentence; nothing where nobody is."""
    lift = found.lift
    if lift is Withheld.NO_CONTROL:
        return ""
    if isinstance(lift, Withheld):
        return withheld_words(lift)
    return finding_words(bought_words(lift) if lift.is_clear else "")


@require_GET
@requires(VIEW)
def passage_page(request: Request, pk: int) -> HttpResponse:
    """One person's way, step by step, and why."""
    row = get_object_or_404(
        Passage.objects.visible_to(request.actor).select_related("journey", "version", "customer"), pk=pk
    )
    plan = row.version.read
    names = Names(plan)
    steps = []
    for passed in row.passed.order_by("at", "pk"):
        step = plan.step(passed.step)
        steps.append(
            {
                "passed": passed,
                "label": KINDS[step.kind] if step else "",
                "text": names.of(step) if step else "",
                "tone": OUTCOME_TONES.get(passed.outcome, ""),
                "reason": reason_words(passed.reason) if passed.reason else "",
                "channel": Channel(passed.channel).label if passed.channel else "",
            }
        )
    here = plan.step(row.step) if row.state == Passage.State.GOING else None
    return render(
        request,
        "journeys/passage.html",
        {
            "row": row,
            "tone": PASSAGE_TONES[row.state],
            "steps": steps,
            "reason": reason_words(row.reason) if row.reason else "",
            "here": {"label": KINDS[here.kind], "text": names.of(here)} if here else None,
            "begins": begin_words(plan),
            "crumb_list": crumbs(row.journey),
        },
    )


# --- what is done to it ----------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires(PUBLISH)
def journey_publish(request: Request, pk: int) -> HttpResponse:
    """What publishing does, with the number of those who fulfil the beginning already; then it is published."""
    journey = journey_or_404(request, pk)
    if request.method == "POST":
        journey = operations.publish_journey(
            journey=journey,
            with_present=request.POST.get("with_present") == "on",
            actor=request.actor,
            now=request.now,
        )
        return _done(request, journey, _("“%(name)s” is published and runs."))
    plan = read(journey.draft)
    return render(
        request,
        "journeys/publish.html",
        {
            "journey": journey,
            "begins": begin_words(plan),
            "problems": problems_of(plan),
            "present": present_count(journey, plan, now=request.now),
            "going": journey.passages.going().count(),
            "crumb_list": crumbs(journey),
        },
    )


@require_POST
@requires(MANAGE)
def journey_pause(request: Request, pk: int) -> HttpResponse:
    """Nothing goes out for the moment."""
    journey = operations.pause_journey(
        journey=journey_or_404(request, pk), actor=request.actor, now=request.now
    )
    return _done(request, journey, _("“%(name)s” is paused. What still waited to go out is called back."))


@require_POST
@requires(MANAGE)
def journey_resume(request: Request, pk: int) -> HttpResponse:
    """Go on."""
    journey = operations.resume_journey(
        journey=journey_or_404(request, pk), actor=request.actor, now=request.now
    )
    return _done(request, journey, _("“%(name)s” goes on."))


@require_POST
@requires(MANAGE)
def journey_stop(request: Request, pk: int) -> HttpResponse:
    """Everybody leaves."""
    journey = operations.stop_journey(
        journey=journey_or_404(request, pk), actor=request.actor, now=request.now
    )
    return _done(request, journey, _("“%(name)s” is stopped. Everybody has left it."))


def _done(request: Request, journey: Journey, text: str) -> HttpResponse:
    url = reverse("journeys:journey", args=[journey.pk])
    return done(request, text % {"name": journey.name}, to=url)
