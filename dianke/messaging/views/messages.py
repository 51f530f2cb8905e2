"""Messages: the list, one with its history, writing to one customer, calling back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import DiankeError
from dianke.customers.models import Customer
from dianke.events.queries import timeline
from dianke.events.registry import describe
from dianke.messaging import operations
from dianke.messaging.forms.sending import SendForm
from dianke.messaging.models import WAITING, Channel, Message
from dianke.messaging.queries.allowed import allowed_by_channel
from dianke.messaging.queries.limits import lint_text
from dianke.messaging.queries.reasons import reason_text
from dianke.messaging.queries.wording import preview
from dianke.messaging.rules.reach import Verdict
from dianke.messaging.tasks import send_soon
from dianke.messaging.views.listings import SEND, TONES, VIEW, MessageListing
from dianke.web.components import Crumb, Entry, Fact
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.listing import as_id
from dianke.web.responses import done
from dianke.work.queries.people import names_of

FORM = ["GET", "POST"]
UNDO = timedelta(seconds=10)

message_list = list_view(MessageListing, "messaging/messages.html")


def _message(request: Request, pk: int) -> Message:
    rows = Message.objects.visible_to(request.actor).select_related(
        "key", "customer__merged_into", "template__template", "created_by"
    )
    found: Message = get_object_or_404(rows, pk=pk)
    return found


def crumbs() -> list[Crumb]:
    return [Crumb(_("Messages"), reverse("messaging:messages"))]


@require_GET
@requires(VIEW)
def message_page(request: Request, pk: int) -> HttpResponse:
    """What was said, to whom, and everything that happened to it."""
    row = _message(request, pk)
    page = timeline(f"messaging.message:{pk}", actor=request.actor, limit=50)
    names = names_of([event.user_id for event in page.events])
    entries = [
        Entry(event.recorded_at, describe(event), actor=names.get(event.user_id or 0, "") or _("the system"))
        for event in page.events
    ]
    for at, title in ((row.sent_at, pgettext("message", "Sent")), (row.read_at, pgettext("message", "Read"))):
        if at is not None:
            entries.append(Entry(at, title))
    return render(
        request,
        "messaging/message.html",
        {
            "message": row,
            "tone": TONES.get(row.state, ""),
            "reason": reason_text(row.reason) if row.reason else "",
            "words": row.words,
            "facts": [fact for fact in _facts(row) if fact.value not in (None, "")],
            "entries": sorted(entries, key=lambda entry: entry.at, reverse=True),
            "may_cancel": row.is_recallable and request.actor.can(SEND),
            "crumb_list": crumbs(),
        },
    )


def _facts(row: Message) -> list[Fact]:
    return [
        Fact(
            _("Customer"),
            str(row.customer),
            url=reverse("customers:customer", args=[row.customer.head_id]),
        ),
        Fact(_("Channel"), row.get_channel_display()),
        Fact(_("What for"), row.get_purpose_display()),
        Fact(
            _("Template"),
            f"{row.template.template.name} · {_('Version')} {row.template.number}" if row.template else "",
        ),
        Fact(_("Asked for"), row.created_at),
        Fact(_("Asked for by"), str(row.created_by) if row.created_by else _("the system")),
        Fact(pgettext("message", "Due"), row.due_at if row.state in WAITING else ""),
        Fact(_("Tries"), row.try_count if row.try_count > 1 else ""),
        Fact(_("Parts"), row.segments if row.channel == Channel.SMS and row.sent_at else ""),
        Fact(_("What the carrier said"), row.detail),
    ]


# --- written ---------------------------------------------------------------------------------------------------------
def _customer(request: Request, pk: int) -> Customer:
    found: Customer = get_object_or_404(Customer.objects.visible_to(request.actor).heads().in_use(), pk=pk)
    return found


def _choices(customer: Customer, purpose: str, request: Request) -> tuple[list[tuple[str, Any]], str]:
    """Channels, each with why it cannot be used or that it waits; and the one to propose, if any is allowed."""
    found = []
    verdicts = allowed_by_channel([customer.pk], channels=Channel.values, purpose=purpose, at=request.now)
    for channel, label in Channel.choices:
        verdict = verdicts[channel][customer.pk]
        found.append((verdict.is_allowed, verdict.is_passing, channel, _labelled(str(label), verdict)))
    found.sort(key=lambda each: (not each[0], not each[1]))
    is_allowed, waits, best, _label = found[0]
    return [(channel, label) for _ok, _waits, channel, label in found], best if is_allowed or waits else ""


def _labelled(label: str, verdict: Verdict) -> str:
    if verdict.is_allowed:
        return label
    why = reason_text(verdict.reasons[0])
    if verdict.is_passing:
        return _("%(channel)s – waits: %(why)s") % {"channel": label, "why": why}
    return _("%(channel)s – not allowed: %(why)s") % {"channel": label, "why": why}


@require_http_methods(FORM)
@requires(SEND)
def send(request: Request, pk: int) -> HttpResponse:
    """Write to one customer: a template or one's own words, on a channel the rules allow."""
    customer = _customer(request, pk)
    purpose = request.POST.get("purpose", "CARE")
    if purpose not in ("MARKETING", "CARE", "SERVICE"):
        raise Http404
    choices, proposed = _choices(customer, purpose, request)
    form = SendForm(request.POST or None, choices=choices, initial={"channel": proposed, "purpose": purpose})
    if not proposed:
        form.fields["channel"].help_text = _("No channel may be used for this. Beside each stands why.")

    def run(data: dict[str, Any]) -> Message:
        message = operations.enqueue_one(
            customer=customer,
            source=f"manual:{uuid4()}",
            due_at=request.now + UNDO,
            actor=request.actor,
            now=request.now,
            **data,
        )
        send_soon(message.channel, at=message.due_at)
        return message

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Write to %(name)s") % {"name": customer},
        success=_("On its way in ten seconds."),
        undo=lambda message: reverse("messaging:cancel", args=[message.pk]),
        redirect_to=reverse("customers:customer", args=[pk]),
        submit=pgettext("message", "Send"),
        template="messaging/send.html",
        cancel_url=reverse("customers:customer", args=[pk]),
        context={"customer": customer, "preview_url": reverse("messaging:send-preview", args=[pk])},
    )


@require_POST
@requires(SEND)
def send_preview(request: Request, pk: int) -> HttpResponse:
    """What the customer would read; nothing is written."""
    customer = _customer(request, pk)
    form = SendForm(request.POST, choices=list(Channel.choices))
    form.is_valid()
    data = form.cleaned_data
    template = data.get("template")
    channel, purpose = data.get("channel", Channel.SMS), data.get("purpose", "CARE")
    if template is not None and template.channel != channel:
        context: dict[str, Any] = {"problem": _("This template is for another channel.")}
    elif template is None and (problem := problem_of_words(form)):
        context = {"problem": problem}
    else:
        subject, body = (
            (template.subject, template.body) if template else (data.get("subject", ""), data.get("body", ""))
        )
        context = shown(
            customer,
            channel=channel,
            purpose=purpose,
            subject=subject,
            body=body,
            signature=template.signature if template else "",
            request=request,
        )
    return render(request, "messaging/preview.html", context)


def problem_of_words(form: Form) -> str:
    """What is wrong with the words typed so far; "" for nothing."""
    wrong = [*form.errors.get("subject", ()), *form.errors.get("body", ())]
    return str(wrong[0]) if wrong else ""


def shown(
    customer: Customer | None,
    *,
    channel: str,
    purpose: str,
    subject: str,
    body: str,
    signature: str,
    request: Request,
    given: dict[str, str] | None = None,
) -> dict[str, Any]:
    """What the preview shows: the words, how long they are, what would be refused."""
    if not body.strip():
        return {}
    try:
        head = customer.pk if customer else 0
        members = list(Customer.objects.cluster(head).values_list("pk", flat=True)) if head else []
        words = preview(
            head,
            members,
            channel=channel,
            purpose=purpose,
            subject=subject,
            body=body,
            signature=signature,
            given=given,
            now=request.now,
        )
    except DiankeError as error:
        return {"problem": str(error)}
    return {
        "words": words,
        "length": words.length if channel == Channel.SMS else None,
        "findings": lint_text(body, channel=channel, purpose=purpose, now=request.now),
    }


@require_POST
@requires(SEND)
def cancel(request: Request, pk: int) -> HttpResponse:
    """Call one back."""
    row = _message(request, pk)
    operations.cancel(messages=[row], actor=request.actor, now=request.now)
    return done(request, _("Called back."), to=reverse("messaging:message", args=[pk]))


@require_POST
@requires(SEND)
def cancel_many(request: Request) -> HttpResponse:
    """Call those chosen on the list back."""
    wanted = {as_id(word) for word in request.POST.getlist("ids")} - {0}
    rows = list(Message.objects.visible_to(request.actor).filter(pk__in=wanted))
    count = operations.cancel(messages=rows, actor=request.actor, now=request.now)
    text = ngettext("%(count)s called back.", "%(count)s called back.", count) % {"count": count}
    return done(request, text, to=reverse("messaging:messages"))
