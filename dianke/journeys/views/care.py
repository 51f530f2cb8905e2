"""Care: the eight ready journeys on one page, each turned on by one click."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.journeys import operations
from dianke.journeys.forms import CareForm
from dianke.journeys.models import MANAGE, PUBLISH, VIEW, Journey
from dianke.journeys.operations.care import CareUnknown, turn_on_care
from dianke.journeys.queries.care import Card, cards, settings_of
from dianke.journeys.queries.preview import DAYS, preview_of
from dianke.journeys.queries.wording import Names, begin_words
from dianke.journeys.rules.care import CARES, Care, plan_of, text_of
from dianke.journeys.rules.plan import Kind, Plan, read
from dianke.messaging.models import Channel
from dianke.messaging.queries.variables import exampled
from dianke.messaging.queries.wording import LANGUAGE
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.responses import done


def _care(code: str) -> Care:
    if code not in CARES:
        raise CareUnknown
    return CARES[code]


def _journey(request: Request, code: str) -> Journey | None:
    return Journey.objects.visible_to(request.actor).filter(care=code).first()


def _crumbs() -> list[Crumb]:
    return [Crumb(pgettext("place", "Care"), reverse("journeys:care"))]


@require_GET
@requires(VIEW)
def care_page(request: Request) -> HttpResponse:
    """All of them: on or off, how they are set, who is in them."""
    found = cards(request.actor)
    rows = [{"card": card, "when": _when(card)} for card in found]
    return render(
        request,
        "journeys/care.html",
        {
            "rows": rows,
            "on_count": sum(card.is_on for card in found),
            # Care is for the customers of every store.
            "may_publish": request.actor.can(PUBLISH) and request.actor.stores_for(PUBLISH) is None,
            "may_manage": request.actor.can(MANAGE) and request.actor.stores_for(MANAGE) is None,
        },
    )


def _plan(care: Care, journey: Journey | None) -> Plan:
    if journey is not None:
        return read(journey.draft)
    return read(plan_of(care, settings_of(care, None), {}))


def _when(card: Card) -> str:
    plan = _plan(card.care, card.journey)
    channels = pgettext("between channels", ", ").join(str(Channel(code).label) for code in plan.channels)
    return f"{begin_words(plan)} · {plan.trigger.at:%H:%M} · {channels}"


@require_POST
@requires(PUBLISH)
def care_on(request: Request, code: str) -> HttpResponse:
    """Turn it on as it is set; one that is paused goes on."""
    care = _care(code)
    turn_on_care(
        code=code,
        settings=settings_of(care, _journey(request, code)),
        actor=request.actor,
        now=request.now,
    )
    return done(request, _("“%(name)s” is on.") % {"name": care.name}, to=reverse("journeys:care"))


@require_POST
@requires(MANAGE)
def care_off(request: Request, code: str) -> HttpResponse:
    """Turn it off: nothing more goes out, whoever is on the way leaves."""
    care = _care(code)
    journey = _journey(request, code)
    if journey is not None:
        operations.stop_journey(journey=journey, actor=request.actor, now=request.now)
    return done(request, _("“%(name)s” is off.") % {"name": care.name}, to=reverse("journeys:care"))


@require_http_methods(["GET", "POST"])
@requires(PUBLISH)
def care_settings(request: Request, code: str) -> HttpResponse:
    """Days, hour, channels, coupon; saving it turns it on."""
    care = _care(code)
    form = CareForm(
        request.POST or None,
        care=care,
        settings=settings_of(care, _journey(request, code)),
        actor=request.actor,
    )

    def run(data: dict[str, Any]) -> Journey:
        return turn_on_care(code=code, settings=form.settings(), actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=care.name,
        submit=_("Save and turn on"),
        success=_("“%(name)s” is on.") % {"name": care.name},
        redirect_to=reverse("journeys:care"),
        cancel_url=reverse("journeys:care"),
        context={"crumb_list": _crumbs()},
    )


@require_GET
@requires(VIEW)
def care_preview(request: Request, code: str) -> HttpResponse:
    """Who would get it in the coming days, and what they would read."""
    care = _care(code)
    journey = _journey(request, code)
    plan = _plan(care, journey)
    found = preview_of(plan, journey.store_ids if journey else [], actor=request.actor, now=request.now)
    return render(
        request,
        "journeys/care_preview.html",
        {
            "care": care,
            "preview": found,
            "days": DAYS,
            "texts": _texts(care, plan),
            "crumb_list": _crumbs(),
        },
    )


def _texts(care: Care, plan: Plan) -> list[dict[str, Any]]:
    """What is said on each channel: the templates once there are some, before that the words they are made of."""
    names = Names(plan)
    said = next((step.texts for step in plan.steps if step.kind == Kind.MESSAGE), {})
    with_gift = any(step.kind == Kind.COUPON for step in plan.steps)
    found: list[dict[str, Any]] = []
    for channel in plan.channels:
        row = names.templates.get(said.get(channel, 0))
        with override(LANGUAGE):
            subject, body = text_of(care, channel, with_gift=with_gift)
        found.append(
            {
                "channel": Channel(channel).label,
                "subject": exampled(row.subject if row else subject),
                "body": exampled(row.body if row else body),
                "template": row,
            }
        )
    return found
