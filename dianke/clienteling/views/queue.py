"""Whom to contact today: the list, what came of each, sending the words, taking a slip back."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.clienteling import operations
from dianke.clienteling.forms import OutcomeForm
from dianke.clienteling.models import MANAGE, WORK, Entry, Outcome, OutcomeKind
from dianke.clienteling.queries.queue import queue_of
from dianke.messaging.tasks import send_soon
from dianke.stores.queries import local_date
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.listing import as_id
from dianke.web.responses import done

SEND = "messaging.send_messages"
#: Noted by one tap; the others ask for something.
AT_ONCE = (OutcomeKind.REACHED, OutcomeKind.MISSED)
ASKED = (OutcomeKind.REACHED, OutcomeKind.AGAIN, OutcomeKind.VISIT, OutcomeKind.LEAVE)


def _entry(request: Request, pk: int) -> Entry:
    found: Entry = get_object_or_404(
        Entry.objects.visible_to(request.actor).select_related("customer__merged_into"), pk=pk
    )
    return found


@require_GET
@requires(WORK)
def queue(request: Request) -> HttpResponse:
    """One's own list of today."""
    actor = request.actor
    shown = queue_of(actor, now=request.now)
    chosen = as_id(request.GET.get("open", ""))
    return render(
        request,
        "clienteling/queue.html",
        {
            "queue": shown,
            "chosen": chosen or (shown.open[0].entry.pk if shown.open else 0),
            "may_send": actor.can(SEND),
            "may_reveal": actor.can("customers.reveal_contacts"),
            "may_manage": actor.can(MANAGE),
        },
    )


@require_POST
@requires(WORK)
def outcome(request: Request, pk: int) -> HttpResponse:
    """Note reached, or not reached, by one tap."""
    kind = request.POST.get("kind", "")
    if kind not in AT_ONCE:
        raise Http404
    entry = _entry(request, pk)
    noted = operations.note_outcome(entry=entry, kind=kind, actor=request.actor, now=request.now)
    return done(request, _said(entry, noted), to=reverse("clienteling:queue"), undo_url=_undo_url(noted))


@require_http_methods(["GET", "POST"])
@requires(WORK)
def outcome_form(request: Request, pk: int, kind: str) -> HttpResponse:
    """Note an outcome with its day, its rest, or what was said."""
    if kind not in ASKED:
        raise Http404
    entry = _entry(request, pk)
    head = entry.customer.merged_into or entry.customer
    form = OutcomeForm(request.POST or None, kind=kind, today=local_date(request.now))

    def run(data: dict[str, Any]) -> Outcome:
        return operations.note_outcome(entry=entry, kind=kind, actor=request.actor, now=request.now, **data)

    return form_view(
        request,
        form=form,
        run=run,
        title=f"{OutcomeKind(kind).label} · {head}",
        success=lambda noted: _said(entry, noted),
        redirect_to=reverse("clienteling:queue"),
        undo=_undo_url,
        cancel_url=reverse("clienteling:queue"),
        context={"crumb_list": [Crumb(_("Contact today"), reverse("clienteling:queue"))]},
    )


@require_POST
@requires(SEND)
def send(request: Request, pk: int) -> HttpResponse:
    """Send the words as they were edited, on the channel of the button."""
    entry = _entry(request, pk)
    noted = operations.send_words(
        entry=entry,
        channel=request.POST.get("channel", ""),
        subject=_("News from your store"),
        body=request.POST.get("body", ""),
        actor=request.actor,
        now=request.now,
    )
    send_soon(noted.channel, at=noted.at + operations.outcomes.SENDS_AFTER)
    return done(
        request, _("On its way in ten seconds."), to=reverse("clienteling:queue"), undo_url=_undo_url(noted)
    )


@require_POST
@requires(WORK)
def undo(request: Request, pk: int) -> HttpResponse:
    """Take back what was noted."""
    found = get_object_or_404(Outcome.objects.visible_to(request.actor), pk=pk)
    operations.take_back(outcome=found, actor=request.actor, now=request.now)
    return done(request, _("Taken back."), to=f"{reverse('clienteling:queue')}?open={found.entry_id}")


def _said(entry: Entry, noted: Outcome) -> str:
    head = entry.customer.merged_into or entry.customer
    return _("%(name)s: %(outcome)s.") % {"name": head, "outcome": noted.get_kind_display()}


def _undo_url(noted: Outcome) -> str:
    return reverse("clienteling:undo", args=[noted.pk])
