"""The editor: the beginning, and the steps one under the other as cards, each added, changed, moved and taken out by
itself. What runs is not touched before it is published."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.journeys import operations
from dianke.journeys.forms import BeginForm, StepForm
from dianke.journeys.models import MANAGE, PUBLISH, Journey
from dianke.journeys.queries.readiness import Problem, problems_of
from dianke.journeys.queries.wording import ICONS, KINDS, begin_words
from dianke.journeys.rules import editing
from dianke.journeys.rules.plan import Kind, read
from dianke.journeys.views.flow import flow_of
from dianke.journeys.views.rows import TONES, crumbs, journey_or_404
from dianke.web.forms import form_view
from dianke.web.responses import done


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def journey_new(request: Request) -> HttpResponse:
    """Its name and what begins it."""
    form = BeginForm(request.POST or None, actor=request.actor)

    def run(data: dict[str, Any]) -> Journey:
        return operations.draft_journey(values=form.values(), actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("New journey"),
        success="",
        submit=_("On to the steps"),
        template="journeys/begin.html",
        redirect_to=lambda made: reverse("journeys:journey-edit", args=[made.pk]),
        cancel_url=reverse("journeys:journeys"),
        context={"crumb_list": crumbs()},
    )


@require_GET
@requires(MANAGE)
def journey_edit(request: Request, pk: int) -> HttpResponse:
    """The steps, with what is still missing beside each."""
    journey = journey_or_404(request, pk)
    plan = read(journey.draft)
    problems: dict[str, list[Problem]] = {}
    for problem in problems_of(plan):
        problems.setdefault(problem.step, []).append(problem)
    return render(
        request,
        "journeys/edit.html",
        {
            "journey": journey,
            "tone": TONES[journey.state],
            "begins": begin_words(plan),
            "lines": flow_of(plan, problems=dict(problems)),
            "problems": problems.get("", []),
            "kinds": [(kind.value, KINDS[kind], ICONS[kind]) for kind in Kind],
            "may_publish": request.actor.can(PUBLISH),
            "crumb_list": crumbs(journey),
        },
    )


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def journey_begin(request: Request, pk: int) -> HttpResponse:
    """What begins and ends it."""
    journey = journey_or_404(request, pk)
    form = BeginForm(request.POST or None, actor=request.actor, journey=journey)

    def run(data: dict[str, Any]) -> Journey:
        return operations.change_journey(
            journey=journey, values=form.values(), actor=request.actor, now=request.now
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=journey.name,
        success=_("Saved. It runs as before until it is published."),
        template="journeys/begin.html",
        redirect_to=_editor(journey),
        cancel_url=_editor(journey),
        context={"crumb_list": crumbs(journey)},
    )


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def step_new(request: Request, pk: int) -> HttpResponse:
    """A step of `?kind=` at `?where=`."""
    journey = journey_or_404(request, pk)
    kind = request.GET.get("kind", "")
    if kind not in [each.value for each in Kind]:
        raise Http404
    where = request.GET.get("where", editing.START)
    key = editing.new_key(journey.draft)

    def changed(form: StepForm) -> dict[str, Any]:
        return editing.added(journey.draft, where, form.step(key))

    return _step_form(request, journey, Kind(kind), {}, changed)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def step_edit(request: Request, pk: int, key: str) -> HttpResponse:
    """One step."""
    journey = journey_or_404(request, pk)
    data = editing.step_data(journey.draft, key)
    if data is None:
        raise Http404

    def changed(form: StepForm) -> dict[str, Any]:
        return editing.replaced(journey.draft, form.step(key))

    return _step_form(request, journey, Kind(data["kind"]), data, changed)


def _step_form(
    request: Request, journey: Journey, kind: Kind, data_of: dict[str, Any], changed: Any
) -> HttpResponse:
    form = StepForm(
        request.POST if request.method == "POST" else None,
        kind=kind,
        data_of=data_of,
        purpose=journey.draft.get("purpose", "CARE"),
        actor=request.actor,
    )

    def run(data: dict[str, Any]) -> Journey:
        return operations.change_journey(
            journey=journey, values={"draft": changed(form)}, actor=request.actor, now=request.now
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=KINDS[kind],
        success=_("Saved. It runs as before until it is published."),
        template="journeys/begin.html",
        redirect_to=_editor(journey),
        cancel_url=_editor(journey),
        context={"crumb_list": crumbs(journey)},
    )


@require_POST
@requires(MANAGE)
def step_move(request: Request, pk: int, key: str) -> HttpResponse:
    """One place up or down."""
    journey = journey_or_404(request, pk)
    by = -1 if request.POST.get("to") == "up" else 1
    return _put(request, journey, editing.moved(journey.draft, key, by), _("Moved."))


@require_POST
@requires(MANAGE)
def step_remove(request: Request, pk: int, key: str) -> HttpResponse:
    """Take it out."""
    journey = journey_or_404(request, pk)
    return _put(request, journey, editing.removed(journey.draft, key), _("Taken out."))


def _put(request: Request, journey: Journey, draft: dict[str, Any], text: str) -> HttpResponse:
    operations.change_journey(journey=journey, values={"draft": draft}, actor=request.actor, now=request.now)
    return done(request, text, to=_editor(journey))


def _editor(journey: Journey) -> str:
    return reverse("journeys:journey-edit", args=[journey.pk])
