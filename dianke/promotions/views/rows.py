"""What an address names, the way to a page, and what happened."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.access.requests import Request
from dianke.events.queries import timeline
from dianke.events.registry import describe
from dianke.promotions.models import Coupon, CouponKind, Promotion
from dianke.web.components import Crumb, Entry
from dianke.work.queries.people import names_of

FORM = ["GET", "POST"]
HISTORY_ROWS = 50


def promotion_or_404(http: Request, pk: int) -> Promotion:
    found: Promotion = get_object_or_404(Promotion.objects.visible_to(http.actor), pk=pk)
    return found


def kind_or_404(http: Request, pk: int) -> CouponKind:
    found: CouponKind = get_object_or_404(CouponKind.objects.visible_to(http.actor), pk=pk)
    return found


def coupon_or_404(http: Request, pk: int) -> Coupon:
    rows = Coupon.objects.visible_to(http.actor).select_related("kind", "customer", "batch")
    found: Coupon = get_object_or_404(rows, pk=pk)
    return found


def promotion_crumbs(promotion: Promotion | None = None) -> list[Crumb]:
    crumbs = [Crumb(pgettext("place", "Promotions"), reverse("promotions:promotions"))]
    if promotion is None:
        return crumbs
    return [*crumbs, Crumb(promotion.name, reverse("promotions:promotion", args=[promotion.pk]))]


def kind_crumbs(kind: CouponKind | None = None) -> list[Crumb]:
    crumbs = [Crumb(pgettext("place", "Kinds of coupons"), reverse("promotions:kinds"))]
    if kind is None:
        return crumbs
    return [*crumbs, Crumb(kind.name, reverse("promotions:kind", args=[kind.pk]))]


def history_page(http: Request, subject: Any, *, name: str, crumbs: list[Crumb]) -> HttpResponse:
    """Who did what to a promotion or a kind; beside the page."""
    page = timeline(subject, actor=http.actor, before=http.GET.get("before") or None, limit=HISTORY_ROWS)
    names = names_of([event.user_id for event in page.events])
    entries = [
        Entry(
            at=event.recorded_at,
            title=describe(event),
            actor=_("the system") if event.user_id is None else names.get(event.user_id, ""),
        )
        for event in page.events
    ]
    context = {"entries": entries, "next_cursor": page.next_cursor, "name": name, "crumb_list": crumbs}
    return render(http, "promotions/history.html", context)
