"""Public pages one comes to by a code, a web site or a link: registering on one's own phone, the plain form for other
sites, withdrawing consent without signing in."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from csp.constants import NONE
from csp.decorators import csp_replace
from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access import limits
from dianke.access.clients import client_ip
from dianke.access.guards import public
from dianke.access.requests import Request
from dianke.core.errors import DiankeError, NotFound
from dianke.customers.forms.portal import PlainForm, RegistrationForm
from dianke.customers.models import (
    Channel,
    ConsentChannel,
    Customer,
    ProcessingActivity,
    Purpose,
    RegistrationPoint,
    State,
)
from dianke.customers.operations import codes, portal, registration
from dianke.customers.operations.registration import PointClosed, Registration
from dianke.customers.queries.portal import ASKED, BY_CHANNEL, current_texts, read_withdrawal_token
from dianke.customers.rules.portal import needs_guardian
from dianke.customers.views.phone import FORM, device_of, let_in, page, send_code
from dianke.stores.models import LegalEntity, Store

PER_ADDRESS_HOUR = 30  # entries by the plain form from one address
FASTEST = timedelta(seconds=3)  # nobody fills in the form faster
OLDEST = timedelta(hours=12)
UNDO = timedelta(minutes=15)
_OPENED = signing.Signer(salt="customers.form-opened")
_UNDO = signing.Signer(salt="customers.withdrawal-undo")


class NoSuchPoint(NotFound):
    code = "registration_point_unknown"
    message = _("This code leads nowhere. Please scan it again, or ask at the counter.")


def _point(code: str) -> RegistrationPoint:
    """The open point of a code as it stands on the poster."""
    found = (
        RegistrationPoint.objects.filter(code=code.upper())
        .select_related("store", "partner", "staff")
        .first()
    )
    if found is None:
        raise NoSuchPoint
    if found.closed_at is not None or found.store.closed_on is not None:
        raise PointClosed
    return found


def _registration(form: RegistrationForm) -> Registration:
    data = form.cleaned_data
    return Registration(
        name=data["name"],
        phone=data["phone"],
        birthday=data["birthday"],
        guardian=data["guardian"],
        consents=form.consents(),
    )


def _is_for_child(form: RegistrationForm) -> bool:
    """Whether the guardian's name is asked for: once the birthday says so, and as long as one was entered."""
    if not form.is_bound:
        return False
    data = getattr(form, "cleaned_data", {})
    return bool(data.get("guardian")) or needs_guardian(data.get("birthday"), form.today)


# --- by a code in the shop -------------------------------------------------------------------------------------------
@public("registering on one's own phone, by a code that hangs in the shop")
@never_cache
@require_http_methods(FORM)
def register(request: Request, code: str) -> HttpResponse:
    """Name, number, birthday, consents, and the code that proves the number; then the member card."""
    point = _point(code)
    form = RegistrationForm(request.POST or None, now=request.now, texts=current_texts())
    status, notice = 200, ""
    if request.method == "POST" and request.POST.get("do") == "send":
        status, notice = send_code(request, form, use="REGISTER", point_code=point.code)
    elif request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                done = registration.register(
                    point=point,
                    registration=_registration(form),
                    proof=form.cleaned_data["proof"],
                    code=form.cleaned_data["code"],
                    device=device_of(request),
                    actor=request.actor,
                    now=request.now,
                )
            except DiankeError as error:
                form.refuse(error)
                status = error.status
            else:
                return let_in(redirect(f"{reverse('customers:portal')}?new"), done.session.token)
    return page(
        request,
        "register",
        status=status,
        point=point,
        form=form,
        notice=notice,
        is_for_child=_is_for_child(form),
        can_send=codes.can_send_codes(),
    )


# --- on other sites --------------------------------------------------------------------------------------------------
View = Callable[..., HttpResponse]


def _framed(view: View) -> View:
    """Let the sites of the settings show the page in a frame; no other, and no script at all."""

    @functools.wraps(view)
    def framed(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        sites = list(settings.DIANKE_FORM_SITES)
        policy = csp_replace({"frame-ancestors": sites or [NONE], "script-src": [NONE]})
        shown = xframe_options_exempt(view) if sites else view
        return cast("HttpResponse", policy(shown)(request, *args, **kwargs))

    return framed


@public("the registration form for web sites; limited per address")
@csrf_exempt  # in a frame of another site no cookie comes along; nothing is done in anybody's name
@never_cache
@_framed
@require_http_methods(FORM)
def plain_form(request: Request, code: str) -> HttpResponse:
    """A form without code for other sites. Everybody gets the same thanks, whether the number is known or not."""
    point = _point(code)
    form = PlainForm(request.POST or None, now=request.now, texts=current_texts())
    status = 200
    if request.method == "POST":
        status = 422
        if _is_a_machine(form, request.now):
            return _plain(request, point, is_done=True)
        if form.is_valid():
            try:
                limits.consume(
                    f"form-ip:{client_ip(request)}",
                    limit=PER_ADDRESS_HOUR,
                    per=timedelta(hours=1),
                    now=request.now,
                )
                registration.register_unproven(
                    registration=_registration(form),
                    channel=Channel.WEB,
                    store=point.store,
                    point=point,
                    actor=request.actor,
                    now=request.now,
                )
            except DiankeError as error:
                form.refuse(error)
                status = error.status
            else:
                return _plain(request, point, is_done=True)
    opened = form.data.get("opened") if form.is_bound else _OPENED.sign_object(int(request.now.timestamp()))
    return _plain(
        request,
        point,
        status=status,
        form=form,
        opened=opened,
        is_for_child=_is_for_child(form),
    )


def _plain(request: Request, point: RegistrationPoint, *, status: int = 200, **context: Any) -> HttpResponse:
    return page(request, "plain_form", status=status, point=point, **context)


def _is_a_machine(form: PlainForm, now: datetime) -> bool:
    """Who fills in what nobody sees, or answers faster than anybody types, or never opened the form."""
    try:
        opened = int(_OPENED.unsign_object(form.data.get("opened", "")))
    except (signing.BadSignature, ValueError, TypeError):
        return True
    age = now.timestamp() - opened
    return bool(form.data.get("website")) or not FASTEST.total_seconds() <= age <= OLDEST.total_seconds()


# --- the notice ------------------------------------------------------------------------------------------------------
@public("what customers' data is used for must be open to everybody (PIPL article 17)")
@require_GET
def notice(request: Request) -> HttpResponse:
    """Who keeps the data, what for, how long, who receives it, and how to use one's rights."""
    return page(
        request,
        "notice",
        entities=LegalEntity.objects.filter(is_active=True),
        stores=Store.objects.still_open(),
        activities=ProcessingActivity.objects.all(),
        texts=[(purpose, text) for purpose in ASKED if (text := current_texts().get(purpose))],
    )


# --- withdrawing by a link -------------------------------------------------------------------------------------------
class NoSuchLink(NotFound):
    code = "withdrawal_link_unknown"
    message = _("This link is not complete. Open it from the message again, or ask at the counter.")


@public("withdrawing consent must be as easy as giving it: a signed link, no signing in")
@csrf_exempt  # mail programs post here without a cookie (RFC 8058); the signed link is what entitles
@never_cache
@require_http_methods(FORM)
def withdraw(request: Request, token: str) -> HttpResponse:
    """Say no to offers on one channel: a page with one button, or at once for mail programs. Can be undone for a
    quarter of an hour. Shows nothing about the person: links are forwarded."""
    read = read_withdrawal_token(token)
    customer = Customer.objects.select_related("merged_into").filter(pk=read[0]).first() if read else None
    if read is None or customer is None:
        raise NoSuchLink
    channel = ConsentChannel(read[1])
    if customer.state in (State.ERASED, State.REMOVED):
        return page(request, "withdraw", step="done", channel=channel)
    if request.method == "GET":
        return page(request, "withdraw", step="ask", channel=channel)
    undo = request.POST.get("undo", "")
    if undo:
        return _undo_withdrawal(request, customer, channel, token, undo)
    purposes = BY_CHANNEL if request.POST.get("greetings") else (Purpose.MARKETING,)
    taken = portal.withdraw_by_link(
        customer=customer, purposes=purposes, channel=channel, actor=request.actor, now=request.now
    )
    if request.POST.get("List-Unsubscribe") == "One-Click":
        return HttpResponse(status=200)
    undo = _UNDO.sign_object([token, taken, int(request.now.timestamp())]) if taken else ""
    return page(request, "withdraw", step="done", channel=channel, undo=undo)


def _undo_withdrawal(
    request: Request, customer: Customer, channel: ConsentChannel, token: str, undo: str
) -> HttpResponse:
    """Give back what was taken a moment ago, and nothing that had not been given before."""
    try:
        signed_for, taken, at = _UNDO.unsign_object(undo)
    except (signing.BadSignature, ValueError):
        signed_for, taken, at = "", [], 0
    if signed_for != token or request.now.timestamp() - at > UNDO.total_seconds():
        return page(request, "withdraw", status=409, step="late", channel=channel)
    for purpose in taken:
        portal.say_consent(
            head=customer,
            purpose=purpose,
            channel=channel,
            is_given=True,
            how="LINK",
            actor=request.actor,
            now=request.now,
        )
    return page(request, "withdraw", step="undone", channel=channel)
