"""On the customer's own phone: the code to bring friends with, and saying whose friend one is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dianke.access.guards import public
from dianke.access.requests import Request
from dianke.core.errors import DiankeError
from dianke.customers.models import RegistrationPoint
from dianke.customers.views.phone import Member, for_members, member_of
from dianke.loyalty import operations
from dianke.loyalty.forms.members import InvitationForm
from dianke.loyalty.models import Programme, ReferralCode
from dianke.loyalty.providers.panels import qr_of
from dianke.loyalty.queries.standing import cluster_of
from dianke.stores.models import Merchant

FORM = ["GET", "POST"]
WHY = "the customer's own phone; asks for its own session"
COOKIE, COOKIE_DAYS = "invited", 30


def _page(
    request: Request, name: str, member: Member | None, status: int = 200, **context: Any
) -> HttpResponse:
    merchant = Merchant.objects.first()
    shown = (merchant.short_name or merchant.name) if merchant else ""
    return render(
        request,
        f"loyalty/portal/{name}.html",
        {"merchant_name": shown, "member": member, **context},
        status=status,
    )


def _programme() -> Programme | None:
    return Programme.objects.filter(is_default=True, is_active=True, is_referring=True).first()


@public(WHY)
@never_cache
@require_http_methods(FORM)
@for_members
def invite(request: Request, member: Member) -> HttpResponse:
    """The code, as a link and as a QR code. Made when it is first asked for."""
    if request.method == "POST":
        operations.referral_code_of(customer_id=member.head.pk, actor=member.actor, now=request.now)
        return redirect("loyalty:invite")
    programme = _programme()
    row = ReferralCode.objects.filter(customer=cluster_of(member.head.pk)[0]).first()
    link = request.build_absolute_uri(reverse("loyalty:invited", args=[row.code])) if row else ""
    return _page(
        request,
        "invite",
        member,
        programme=programme,
        code=row.code if row else "",
        link=link,
        qr=qr_of(link) if link else "",
    )


@public("where an invitation leads; tells nothing but that there is a shop")
@never_cache
@require_http_methods(FORM)
def invited(request: Request, code: str = "") -> HttpResponse:
    """Who is signed in says whose friend they are; others are led to signing in, and the code waits in a cookie."""
    member, programme = member_of(request, request.now), _programme()
    known = code or request.COOKIES.get(COOKIE, "")
    form = InvitationForm(request.POST or None, initial={"code": known})
    status, is_done = 200, False
    if request.method == "POST" and member is not None:
        status = 422
        if form.is_valid():
            try:
                operations.claim_referral(
                    customer_id=member.head.pk,
                    code=form.cleaned_data["code"],
                    actor=member.actor,
                    now=request.now,
                )
                status, is_done = 200, True
            except DiankeError as error:
                form.add_domain_error(error)
    point = (
        RegistrationPoint.objects.filter(closed_at=None).order_by("pk").first() if member is None else None
    )
    response = _page(
        request,
        "invited",
        member,
        status,
        programme=programme,
        form=form,
        code=known,
        is_done=is_done,
        register_url=reverse("customers:register", args=[point.code]) if point else "",
        title=_("You are invited"),
    )
    if code and not is_done:
        response.set_cookie(
            COOKIE,
            code[:12],
            max_age=COOKIE_DAYS * 86_400,
            secure=settings.DIANKE_TLS,
            httponly=True,
            samesite="Lax",
        )
    if is_done:
        response.delete_cookie(COOKIE)
    return response
