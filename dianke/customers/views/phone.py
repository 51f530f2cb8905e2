"""What every page of the customer's own phone stands on: the session behind the cookie, the frame, sending a code,
getting in and out. Sessions of its own, apart from those of staff."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dianke.access.clients import client_ip, describe_browser
from dianke.access.guards import public
from dianke.access.requests import Request
from dianke.core import messages
from dianke.core.actor import Actor
from dianke.core.errors import DiankeError
from dianke.customers.forms.portal import PortalForm, SignInForm
from dianke.customers.models import Customer, PortalSession, State
from dianke.customers.operations import codes, portal
from dianke.customers.queries.portal import session_of
from dianke.customers.rules.portal import SESSION_LIFE
from dianke.stores.models import Merchant

FORM = ["GET", "POST"]
WHY = "the customer's own phone; asks for its own session"


def cookie_name() -> str:
    """Bound to this very host where there is TLS."""
    return "__Host-member" if settings.DIANKE_TLS else "member"


@dataclass(frozen=True, slots=True)
class Member:
    """Who is signed in on this phone."""

    head: Customer
    session: PortalSession
    actor: Actor


def member_of(http: HttpRequest, now: datetime) -> Member | None:
    session = session_of(http.COOKIES.get(cookie_name(), ""), now=now)
    if session is None:
        return None
    head = session.customer.merged_into or session.customer
    if head.state in (State.ERASED, State.REMOVED):
        return None
    actor = portal.customer_actor(head, request_id=getattr(http, "request_id", ""))
    return Member(head, session, actor)


MemberView = Callable[..., HttpResponse]


def for_members(view: MemberView) -> Callable[..., HttpResponse]:
    """Below the guard: `view(request, member, …)` for who is signed in here, else the sign-in page."""

    @functools.wraps(view)
    def with_member(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        member = member_of(request, request.now)
        if member is None:
            return redirect("customers:portal-sign-in")
        if request.now - member.session.last_used_at >= portal.SEEN_EVERY:
            portal.note_portal_used(session=member.session, actor=member.actor, now=request.now)
        return view(request, member, *args, **kwargs)

    return with_member


def let_in(response: HttpResponse, token: str) -> HttpResponse:
    """Put the session's token into its cookie."""
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(SESSION_LIFE.total_seconds()),
        secure=settings.DIANKE_TLS,
        httponly=True,
        samesite="Lax",
    )
    return response


def device_of(http: HttpRequest) -> str:
    """The browser in two words, for the list of phones."""
    return describe_browser(http.META.get("HTTP_USER_AGENT", ""))


def page(
    http: HttpRequest, name: str, member: Member | None = None, *, status: int = 200, **context: Any
) -> HttpResponse:
    """One of the portal's templates with what its frame shows."""
    merchant = Merchant.objects.first()
    return render(
        http,
        f"customers/portal/{name}.html",
        {
            "merchant_name": (merchant.short_name or merchant.name) if merchant else "",
            "member": member,
            "has_outbox": messages.outbox_of_demo() is not None,
            **context,
        },
        status=status,
    )


def send_code(
    http: Request,
    form: PortalForm,
    *,
    use: str,
    point_code: str = "",
    fields: tuple[str, ...] = ("phone",),
) -> tuple[int, str]:
    """Answer the button that sends a code: (status, notice). What was typed stays in the form."""
    if not form.keep_only(*fields):
        return 422, ""
    phone = form.cleaned_data["phone"]
    try:
        asked = codes.ask_for_code(
            phone=phone,
            use=use,
            ip=client_ip(http),
            point_code=point_code,
            actor=http.actor,
            now=http.now,
        )
    except DiankeError as error:
        form.refuse(error)
        return error.status, ""
    form.with_proof(asked.proof)
    if not asked.is_certain:
        return 200, str(messages.MessageUncertain())
    return 200, _("A code is on its way to %(phone)s. It is good for five minutes.") % {
        "phone": phone.masked()
    }


# --- in and out ------------------------------------------------------------------------------------------------------
@public("signing in to the customer's own pages with a code")
@never_cache
@require_http_methods(FORM)
def sign_in(request: Request) -> HttpResponse:
    """A number, its code, and a name or birthday where the number alone is not certain."""
    if request.method == "GET":
        if member_of(request, request.now):
            return redirect("customers:portal")
        return page(request, "sign_in", form=SignInForm(now=request.now), can_send=codes.can_send_codes())
    form = SignInForm(request.POST, now=request.now)
    if request.POST.get("do") == "send":
        status, notice = send_code(request, form, use="SIGN_IN")
        return page(
            request, "sign_in", status=status, form=form, notice=notice, can_send=codes.can_send_codes()
        )
    asks_fact, fact_text = "fact" in request.POST, str(portal.FactNeeded())
    status = 422
    if form.is_valid():
        data = form.cleaned_data
        try:
            signed_in = portal.sign_in(
                proof=data["proof"],
                code=data["code"],
                phone=data["phone"],
                name=data["name"],
                birthday=data["birthday"],
                device=device_of(request),
                actor=request.actor,
                now=request.now,
            )
        except portal.FactNeeded:
            asks_fact, status = True, 200
        except DiankeError as error:
            form.refuse(error)
            status = error.status
        else:
            return let_in(redirect("customers:portal"), signed_in.token)
    return page(
        request,
        "sign_in",
        status=status,
        form=form,
        asks_fact=asks_fact,
        fact_text=fact_text,
        can_send=codes.can_send_codes(),
    )


@public(WHY)
@never_cache
@require_POST
def sign_out(request: Request) -> HttpResponse:
    """End this session, in one step."""
    member = member_of(request, request.now)
    if member is not None:
        portal.end_portal_sessions(
            head=member.head, session_ids=[member.session.pk], actor=member.actor, now=request.now
        )
    response = redirect("customers:portal-sign-in")
    response.delete_cookie(cookie_name(), samesite="Lax")
    return response
