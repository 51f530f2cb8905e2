"""The customer's own phone: member card, own data, consents, phones signed in, requests. Whose data is shown follows
from the session alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import segno
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.clients import client_ip
from dianke.access.guards import public
from dianke.access.requests import Request
from dianke.core import messages
from dianke.core.errors import DiankeError, NotFound
from dianke.core.phone import parse as parse_phone
from dianke.customers.forms.portal import OwnDataForm, OwnPhoneForm, OwnRequestForm
from dianke.customers.models import (
    Channel,
    ConsentChannel,
    Customer,
    Purpose,
    RightsRequest,
)
from dianke.customers.operations import codes, portal
from dianke.customers.operations.rights import open_request, withdraw_request
from dianke.customers.queries.portal import (
    ASKED,
    BY_CHANNEL,
    CHANNELS,
    PortalSection,
    consent_history,
    current_texts,
    fact_of,
    own_data,
    proven_phone,
    sections_for,
    sessions_of,
)
from dianke.customers.rules.consent import effective, may
from dianke.customers.views.phone import FORM, WHY, Member, for_members, page, send_code

HISTORY_SHOWN = 40


# --- card ------------------------------------------------------------------------------------------------------------
@public(WHY)
@never_cache
@require_GET
@for_members
def card(request: Request, member: Member) -> HttpResponse:
    """The member card with its code for the till, and what later rooms have for the customer."""
    number = member.head.member_number
    sections: list[tuple[PortalSection, Any]] = sections_for(member.head.pk, now=request.now)
    return page(
        request,
        "card",
        member,
        code=segno.make(number, error="m", micro=False).svg_data_uri(
            scale=8, border=2, dark="#000", light="#fff"
        ),
        number=" ".join(number[start : start + 3] for start in range(0, len(number), 3)),
        sections=sections,
        is_new="new" in request.GET,
    )


# --- own data --------------------------------------------------------------------------------------------------------
@public(WHY)
@never_cache
@require_GET
@for_members
def data(request: Request, member: Member) -> HttpResponse:
    """What is kept about the customer."""
    return page(request, "data", member, own=own_data(member.head))


@public(WHY)
@never_cache
@require_http_methods(FORM)
@for_members
def data_change(request: Request, member: Member) -> HttpResponse:
    """Correct it. What says who one is asks for a code first."""
    head, own = member.head, own_data(member.head)
    initial = {
        "name": head.name,
        "gender": head.gender,
        "email": next((each.text for each in own.others if each.kind == "EMAIL"), ""),
        **OwnDataForm.initial_of(own.birthday),
    }
    form = OwnDataForm(request.POST or None, initial=initial, now=request.now)
    status, notice, needs_code = 200, "", bool(request.POST.get("proof"))
    if request.method == "POST":
        status = 422
        if form.is_valid():
            entry = form.changes(head, own.birthday)
            sent = proven_phone(head)
            phone = parse_phone(sent) if sent else None
            is_asked = request.POST.get("do") == "send" or not request.POST.get("proof")
            try:
                if any(getattr(entry, name) for name in portal.SENSITIVE) and is_asked:
                    if phone is None:
                        raise portal.NoProvenPhone
                    asked = codes.ask_for_code(
                        phone=phone, use="CHANGE", ip=client_ip(request), actor=member.actor, now=request.now
                    )
                    form.with_proof(asked.proof)
                    status, needs_code = 200, True
                    notice = _("To be sure it is you: a code is on its way to %(phone)s.") % {
                        "phone": phone.masked()
                    }
                    if not asked.is_certain:
                        notice = str(messages.MessageUncertain())
                else:
                    portal.correct_own_data(
                        head=head,
                        entry=entry,
                        proof=form.cleaned_data["proof"],
                        code=form.cleaned_data["code"],
                        phone=phone,
                        actor=member.actor,
                        now=request.now,
                    )
                    return redirect("customers:portal-data")
            except DiankeError as error:
                form.refuse(error)
                status = error.status
    return page(
        request, "data_change", member, status=status, form=form, notice=notice, needs_code=needs_code
    )


@public(WHY)
@never_cache
@require_http_methods(FORM)
@for_members
def number_new(request: Request, member: Member) -> HttpResponse:
    """Add a number by proving it."""
    form = OwnPhoneForm(request.POST or None)
    status, notice = 200, ""
    if request.method == "POST":
        if request.POST.get("do") == "send":
            status, notice = send_code(request, form, use="CHANGE")
        elif form.is_valid():
            values = form.cleaned_data
            try:
                portal.add_own_phone(
                    head=member.head,
                    proof=values["proof"],
                    code=values["code"],
                    phone=values["phone"],
                    actor=member.actor,
                    now=request.now,
                )
            except DiankeError as error:
                form.refuse(error)
                status = error.status
            else:
                return redirect("customers:portal-data")
        else:
            status = 422
    return page(request, "number", member, status=status, form=form, notice=notice)


@public(WHY)
@never_cache
@require_POST
@for_members
def number_drop(request: Request, member: Member, pk: int) -> HttpResponse:
    """Give up a number."""
    try:
        portal.drop_own_phone(head=member.head, point_id=pk, actor=member.actor, now=request.now)
    except DiankeError as error:
        return page(
            request, "data", member, status=error.status, own=own_data(member.head), problem=str(error)
        )
    return redirect("customers:portal-data")


# --- consents --------------------------------------------------------------------------------------------------------
@public(WHY)
@never_cache
@require_http_methods(FORM)
@for_members
def consents(request: Request, member: Member) -> HttpResponse:
    """What one's data may be used for, purpose by purpose and channel by channel, and everything ever said about it."""
    status, problem = 200, ""
    if request.method == "POST":
        purpose, channel = request.POST.get("purpose", ""), request.POST.get("channel", "")
        if purpose not in Purpose.values or channel not in ConsentChannel.values:
            raise Http404
        try:
            portal.say_consent(
                head=member.head,
                purpose=purpose,
                channel=channel,
                is_given=request.POST.get("say") == "yes",
                actor=member.actor,
                now=request.now,
            )
        except DiankeError as error:
            status, problem = error.status, str(error)
        else:
            return HttpResponseRedirect(f"{reverse('customers:portal-consents')}#{purpose}")
    history = consent_history(member.head.pk)
    answers = effective(fact_of(row) for row in history)
    texts = current_texts()
    rows = []
    for purpose in ASKED:
        channels = CHANNELS if purpose in BY_CHANNEL else (ConsentChannel.ANY,)
        if purpose in texts or any(row.purpose == purpose for row in history):
            rows.append(
                {
                    "purpose": purpose,
                    "text": texts.get(purpose),
                    "channels": [(channel, may(answers, purpose, channel)) for channel in channels],
                }
            )
    return page(
        request,
        "consents",
        member,
        status=status,
        rows=rows,
        history=history[:HISTORY_SHOWN],
        problem=problem,
    )


# --- phones signed in ------------------------------------------------------------------------------------------------
@public(WHY)
@never_cache
@require_http_methods(FORM)
@for_members
def phones(request: Request, member: Member) -> HttpResponse:
    """Where one is signed in; ends one of them or all others."""
    if request.method == "POST":
        chosen = request.POST.get("session", "")
        portal.end_portal_sessions(
            head=member.head,
            session_ids=[int(chosen)] if chosen.isascii() and chosen.isdecimal() else None,
            keep=None if chosen else member.session.pk,
            actor=member.actor,
            now=request.now,
        )
        return redirect("customers:portal-phones")
    return page(request, "phones", member, sessions=sessions_of(member.head.pk, now=request.now))


# --- requests --------------------------------------------------------------------------------------------------------
@public(WHY)
@never_cache
@require_http_methods(FORM)
@for_members
def requests(request: Request, member: Member) -> HttpResponse:
    """Ask for a copy of one's data, for its erasure, or that a use stops; see how it goes."""
    form = OwnRequestForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                open_request(
                    customer=member.head,
                    kind=form.cleaned_data["kind"],
                    channel=Channel.PORTAL,
                    details=form.cleaned_data["details"],
                    actor=member.actor,
                    now=request.now,
                )
            except DiankeError as error:
                form.add_domain_error(error)
                status = error.status
            else:
                return redirect("customers:portal-requests")
    return page(request, "requests", member, status=status, form=form, rows=_requests_of(member.head))


def _requests_of(head: Customer) -> list[RightsRequest]:
    ids = Customer.objects.cluster(head.pk).values("pk")
    return list(RightsRequest.objects.filter(customer__in=ids).order_by("-received_at", "-pk"))


@public(WHY)
@never_cache
@require_POST
@for_members
def request_withdraw(request: Request, member: Member, pk: int) -> HttpResponse:
    """Take a request back."""
    ids = Customer.objects.cluster(member.head.pk).values("pk")
    found = get_object_or_404(RightsRequest, pk=pk, customer__in=ids)
    withdraw_request(request=found, actor=member.actor, now=request.now)
    return redirect("customers:portal-requests")


# --- the demo's outbox -----------------------------------------------------------------------------------------------
class NoOutbox(NotFound):
    """Only a demo keeps what it would have sent."""


@public("the outbox of a demo, which is served to its own computer only")
@never_cache
@require_GET
def outbox(request: Request) -> HttpResponse:
    """What the demo would have sent, so that a person trying it can read the code."""
    kept = messages.outbox_of_demo()
    if kept is None:
        raise NoOutbox
    return page(request, "outbox", kept=[(datetime.fromisoformat(each.sent_at), each) for each in kept])
