"""Pages of the room: the operation log with its details, and the reactions that failed."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.core.actor import Actor
from dianke.events import operations
from dianke.events.commit_order import find_event
from dianke.events.forms import DismissForm
from dianke.events.listings import (
    STATE_TONES,
    FailedReactions,
    OperationLog,
    actor_name,
    error_text,
)
from dianke.events.models import Delivery, Event
from dianke.events.queries import event_at
from dianke.events.reactions import reaction_label
from dianke.events.registry import SubjectName, describe, field_label, subject_names, subject_noun
from dianke.web.components import Crumb, Fact
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.responses import done

log = list_view(OperationLog)
failed_reactions = list_view(FailedReactions)


@require_GET
@requires("events.view_log")
def event(request: HttpRequest, reference: str) -> HttpResponse:
    """One event with all it says: who, when, about what, values before and after."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = event_at(reference, actor=actor)
    if found is None:
        raise Http404
    context = event_context(found, actor=actor) | {
        "title": describe(found),
        "crumb_list": [Crumb(OperationLog.title, reverse("events:log"))],
    }
    return render(request, "events/event.html", context)


def event_context(found: Event, *, actor: Actor) -> dict[str, Any]:
    """What `events/event_facts.html` shows of an event."""
    person = _person_name(found)
    names = subject_names(found.subjects, actor=actor)
    return {
        "event": found,
        "facts": [Fact(_("Who"), person or actor_name(found))],
        "subjects": [_named(subject, names[subject]) for subject in found.subjects],
        "changes": [
            {"field": field_label(found.subject, field), "before": _shown(pair[0]), "after": _shown(pair[1])}
            for field, pair in found.changes.items()
            if isinstance(pair, list) and len(pair) == 2
        ],
        "values": [
            Fact(_("Code"), found.kind),
            *(Fact(name, _shown(value)) for name, value in found.data.items() if name != "changes"),
        ],
    }


def _person_name(found: Event) -> str:
    from django.contrib.auth import get_user_model

    if found.user_id is None:
        return ""
    person = get_user_model()._default_manager.filter(pk=found.user_id).first()
    return str(person) if person else ""


def _named(subject: str, name: SubjectName) -> dict[str, str]:
    more = f"{reverse('events:log')}?subject={subject}"
    noun = subject_noun(subject)
    return {"text": name.text, "noun": "" if noun in name.text else noun, "url": name.url, "more": more}


def _shown(value: Any) -> str:
    """A value of an event's data as text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@require_GET
@requires("events.manage_dead_letters")
def failed_reaction(request: HttpRequest, pk: int) -> HttpResponse:
    """What failed, on which event, how often it was tried, and what can be done."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    delivery = _delivery(request, pk)
    cause = find_event(event_id=delivery.event_id, recorded_at=delivery.event_recorded_at)
    context = {
        "title": reaction_label(delivery.reaction),
        "crumb_list": [Crumb(FailedReactions.title, reverse("events:failed-reactions"))],
        "delivery": delivery,
        "tone": STATE_TONES.get(Delivery.State(delivery.state), ""),
        "error_text": error_text(delivery),
        "is_open": delivery.state != Delivery.State.DISMISSED,
        "cause": describe(cause) if cause else "",
    }
    return render(
        request, "events/failed_reaction.html", context | (event_context(cause, actor=actor) if cause else {})
    )


def _delivery(request: HttpRequest, pk: int) -> Delivery:
    return get_object_or_404(Delivery.objects.visible_to(request.actor), pk=pk)  # type: ignore[attr-defined]


@require_POST
@requires("events.manage_dead_letters")
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try it again now."""
    operations.retry_delivery(
        delivery=_delivery(request, pk),
        actor=request.actor,  # type: ignore[attr-defined]
        now=request.now,  # type: ignore[attr-defined]
    )
    return done(request, _("It is being tried again."), to=reverse("events:failed-reactions"))


@require_http_methods(["GET", "POST"])
@requires("events.manage_dead_letters")
def dismissal(request: HttpRequest, pk: int) -> HttpResponse:
    """Do without it, with a reason."""
    delivery = _delivery(request, pk)
    if delivery.state == Delivery.State.DISMISSED:
        return redirect("events:failed-reaction", pk=pk)
    return form_view(
        request,
        form=DismissForm(request.POST or None),
        run=lambda data: operations.dismiss_delivery(
            delivery=delivery,
            reason=data["reason"],
            actor=request.actor,  # type: ignore[attr-defined]
            now=request.now,  # type: ignore[attr-defined]
        ),
        title=_("Dismiss the failed reaction"),
        submit=_("Dismiss"),
        success=_("Dismissed."),
        redirect_to=reverse("events:failed-reactions"),
        cancel_url=reverse("events:failed-reaction", args=[pk]),
        undo=lambda result: reverse("events:undo-dismissal", args=[pk]),
    )


@require_POST
@requires("events.manage_dead_letters")
def undo_dismissal(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the dismissal back."""
    operations.restore_delivery(
        delivery=_delivery(request, pk),
        actor=request.actor,  # type: ignore[attr-defined]
        now=request.now,  # type: ignore[attr-defined]
    )
    return done(request, _("It waits for you again."), to=reverse("events:failed-reaction", args=[pk]))
