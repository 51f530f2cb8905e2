"""Coupons on the customer's own phone: those in hand with their codes, claiming what is offered or printed."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dianke.access.guards import public
from dianke.access.requests import Request
from dianke.core.errors import DiankeError
from dianke.customers.models import Customer
from dianke.customers.views.phone import WHY, Member, for_members
from dianke.promotions import operations
from dianke.promotions.models import Coupon, CouponKind
from dianke.promotions.queries.portal import card_of, qr_of
from dianke.stores.models import Merchant
from dianke.web.listing import as_id


def _cluster(member: Member) -> list[int]:
    return list(Customer.objects.cluster(member.head.pk).values_list("pk", flat=True))


def _page(
    request: Request, member: Member, *, status: int = 200, problem: str = "", **more: Any
) -> HttpResponse:
    merchant = Merchant.objects.first()
    shown = card_of(_cluster(member), now=request.now)
    for row in shown["held"]:
        row["qr"] = qr_of(row["code"].replace("-", ""))
    context = {
        "merchant_name": (merchant.short_name or merchant.name) if merchant else "",
        "member": member,
        "section": shown,
        "problem": problem,
        **more,
    }
    return render(request, "promotions/portal/coupons.html", context, status=status)


@public(WHY)
@never_cache
@require_GET
@for_members
def coupons(request: Request, member: Member) -> HttpResponse:
    """My coupons, what ends soon, what I may claim."""
    return _page(request, member, is_claimed="claimed" in request.GET)


@public(WHY)
@never_cache
@require_POST
@for_members
def claim(request: Request, member: Member) -> HttpResponse:
    """Claim one of what is offered to all (`kind`), one offered to me (`coupon`), or a printed one (`code`)."""
    who: dict[str, Any] = {"customer": member.head, "actor": member.actor, "now": request.now}
    code, chosen = request.POST.get("code", "").strip(), as_id(request.POST.get("kind", ""))
    mine = as_id(request.POST.get("coupon", ""))
    try:
        if chosen:
            operations.claim_coupon(kind=get_object_or_404(CouponKind, pk=chosen), **who)
        elif mine:
            rows = Coupon.objects.filter(customer__in=_cluster(member))
            operations.claim_offered(coupon=get_object_or_404(rows, pk=mine), **who)
        elif code:
            operations.claim_by_code(code=code, **who)
        else:
            return _page(request, member, status=422, problem=_("Enter the code of the coupon first."))
    except Http404:
        raise
    except DiankeError as error:
        return _page(request, member, status=error.status, problem=str(error), typed=code)
    response: HttpResponse = redirect("promotions:portal-coupons")
    response["Location"] += "?claimed=1"
    return response
