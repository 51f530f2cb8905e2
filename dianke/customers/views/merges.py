"""Merging by hand: choose the other customer, see what will become of both, confirm; and undo it from the profile."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.customers.models import Customer, MatchPair, Merge, PairState
from dianke.customers.operations.merges import CannotMerge, merge_customers, unmerge
from dianke.customers.queries.comparing import preview_of
from dianke.customers.queries.merges import MERGE, merges_of, pairs_visible_to
from dianke.customers.queries.search import Found, find
from dianke.web.components import Crumb
from dianke.web.responses import done

Request = Any
SHOWN = 12


def _head(request: Request, pk: int, permission: str = MERGE) -> Customer:
    """The profile, if the actor may merge it; a customer that was merged leads to its profile."""
    rows = Customer.objects.visible_to(request.actor, permission).in_use().heads()
    return get_object_or_404(rows.select_related("store"), pk=pk)


def _crumbs(customer: Customer) -> list[Crumb]:
    return [Crumb(str(customer), profile_url(customer.pk))]


def profile_url(pk: int) -> str:
    """Where the profile of a customer stands."""
    return reverse("customers:customer", args=[pk])


@require_GET
@requires(MERGE)
def choose(request: Request, pk: int) -> HttpResponse:
    """Look for the customer to merge with; possible duplicates first."""
    customer = _head(request, pk)
    text = request.GET.get("q", "").strip()
    found = [each for each in find(request.actor, text, SHOWN + 1) if each.customer.pk != pk] if text else []
    context = {
        "customer": customer,
        "q": text,
        "found": [_choice(customer, each) for each in found[:SHOWN]],
        "likely": [] if text else _likely(request, customer),
        "crumb_list": _crumbs(customer),
    }
    is_list = request.headers.get("HX-Target", "").endswith("#merge-choices")
    return render(request, "customers/matches/choose.html" + ("#choices" if is_list else ""), context)


def _choice(customer: Customer, found: Found) -> dict[str, Any]:
    other = found.customer
    return {
        "customer": other,
        "note": " · ".join(filter(None, (found.masked_phone, other.member_number, str(other.store or "")))),
        "url": reverse("customers:merge-preview", args=[customer.pk, other.pk]),
    }


def _likely(request: Request, customer: Customer) -> list[dict[str, Any]]:
    """Those the queue proposes for this profile, most probable first; two queries."""
    rows = pairs_visible_to(request.actor).filter(
        Q(left_head=customer.pk) | Q(right_head=customer.pk), state__in=[PairState.WAITING, PairState.LATER]
    )
    chances: dict[int, float] = {}
    for row in rows.order_by("-probability")[:SHOWN]:
        other = row.right_head if row.left_head == customer.pk else row.left_head
        if other != customer.pk:
            chances.setdefault(other, row.probability)
    people = Customer.objects.select_related("store").in_bulk(list(chances))
    return [
        _choice(customer, Found(people[pk], "")) | {"percent": round(chance * 100)}
        for pk, chance in chances.items()
        if pk in people
    ]


@require_http_methods(["GET", "POST"])
@requires(MERGE)
def preview(request: Request, pk: int, other: int) -> HttpResponse:
    """What the one profile will be; confirming merges."""
    if pk == other:
        return redirect("customers:merge-choose", pk=_head(request, pk).pk)
    heads = Customer.objects.visible_to(request.actor, MERGE).in_use().heads().in_bulk([pk, other])
    if len(heads) < 2:
        raise Http404
    kept, joined = heads[pk], heads[other]
    status = 200
    problems: list[Any] = []
    if request.method == "POST":
        try:
            merge = merge_customers(kept=kept, joined=joined, actor=request.actor, now=request.now)
        except CannotMerge as error:
            status, problems = 422, error.problems
        else:
            undo = reverse("customers:merge-separation", args=[merge.pk])
            return done(request, _("Merged into one profile."), to=profile_url(kept.pk), undo_url=undo)
    shown, left, right = preview_of(kept.pk, joined.pk, actor=request.actor)
    context = {
        "preview": shown,
        "problems": problems or shown.problems,
        "left": left,
        "right": right,
        "swap_url": reverse("customers:merge-preview", args=[joined.pk, kept.pk]),
        "pair": _told_apart(kept.pk, joined.pk, request) if not shown.is_possible else None,
        "crumb_list": _crumbs(kept),
    }
    return render(request, "customers/matches/preview.html", context, status=status)


def _told_apart(one: int, other: int, request: Request) -> MatchPair | None:
    """The decision that stands in the way, if the actor may take it back."""
    if not request.actor.can("customers.review_matches"):
        return None
    rows = pairs_visible_to(request.actor).filter(state=PairState.DIFFERENT)
    pair: MatchPair | None = rows.filter(
        Q(left_head=one, right_head=other) | Q(left_head=other, right_head=one)
    ).first()
    return pair


@require_GET
@requires("customers.view_customers")
def history(request: Request, pk: int) -> HttpResponse:
    """What was merged into this profile, and what left it again."""
    customer = _head(request, pk, "customers.view_customers")
    context = {
        "customer": customer,
        "merges": merges_of(customer, request.actor),
        "crumb_list": _crumbs(customer),
    }
    return render(request, "customers/matches/history.html", context)


@require_POST
@requires(MERGE)
def separation(request: Request, pk: int) -> HttpResponse:
    """Make two again."""
    seen = Customer.objects.visible_to(request.actor, MERGE)
    merge = get_object_or_404(Merge.objects.select_related("joined"), pk=pk)
    get_object_or_404(seen, pk=merge.joined.head_id)
    merge = unmerge(merge=merge, actor=request.actor, now=request.now)
    text = _("Separated. “%(name)s” is a profile of its own again.") % {"name": merge.joined}
    return done(request, text, to=profile_url(merge.joined_id))
