"""The crew's day on the phone: what goes where, call, map, loaded, on the way, handed over with a signature, or not."""

from __future__ import annotations

import base64
import binascii
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.operations.pictures import LARGEST_MB
from dianke.core.errors import Conflict, InvalidInput
from dianke.sales import operations
from dianke.sales.forms.deliveries import FailForm
from dianke.sales.models import Delivery
from dianke.sales.operations.delivering import MOST_PHOTOS
from dianke.sales.operations.fulfilling import DELIVER
from dianke.sales.queries.deliveries import of_crew_member, setting_of, trips
from dianke.sales.views.deliveries import card, delivery_crumbs, delivery_or_404, map_url, who
from dianke.sales.views.orders_rows import FORM, plain, quantity_of, shown, typed
from dianke.stores.queries import local_date
from dianke.web.forms import form_view
from dianke.web.responses import done

SIGNED = "data:image/png;base64,"


@never_cache
@require_GET
@requires(DELIVER)
def my_day(request: Request) -> HttpResponse:
    """What my crews have today, the next one first; what is done last."""
    today = local_date(request.now)
    found = [
        card(trip) | {"map_url": map_url(trip.delivery), "address": trip.delivery.address}
        for trip in trips(of_crew_member(request.actor, today), request.now)
    ]
    is_open = [each for each in found if each["delivery"].is_planned]
    is_open.sort(key=lambda each: each["delivery"].state != "UNDER_WAY")
    rest = [each for each in found if not each["delivery"].is_planned]
    context = {
        "today": today,
        "open": is_open,
        "rest": rest,
        "count": len(found),
        "done_count": sum(each["delivery"].state == "DELIVERED" for each in found),
    }
    return render(request, "sales/deliveries/my_day.html", context)


@require_POST
@requires(DELIVER)
def delivery_load(request: Request, pk: int) -> HttpResponse:
    """It is in the car."""
    operations.load_delivery(delivery=delivery_or_404(request, pk), actor=request.actor, now=request.now)
    return done(request, _("Loaded."), to=_back(request))


@require_POST
@requires(DELIVER)
def delivery_start(request: Request, pk: int) -> HttpResponse:
    """The crew sets out."""
    operations.start_delivery(delivery=delivery_or_404(request, pk), actor=request.actor, now=request.now)
    return done(request, _("On the way."), to=_back(request))


def _back(http: Request) -> str:
    is_page = http.POST.get("back") == "page"
    pk = http.resolver_match.kwargs["pk"] if http.resolver_match else 0
    return reverse("sales:delivery", args=[pk]) if is_page else reverse("sales:my-deliveries")


@never_cache
@require_http_methods(FORM)
@requires(DELIVER)
def delivery_hand_over(request: Request, pk: int) -> HttpResponse:
    """Handed over: how much, to whom, signed with the finger, with photos."""
    delivery = delivery_or_404(request, pk)
    is_posted = request.method == "POST"
    lines = list(delivery.lines.select_related("line__variant__product__unit").order_by("line__position"))
    quantities = {
        each.line_id: request.POST.get(f"q-{each.line_id}", "") if is_posted else typed(each.quantity)
        for each in lines
    }
    errors: dict[str, str] = {}
    status = 200
    if is_posted:
        try:
            operations.deliver(
                delivery=delivery,
                taken_by=request.POST.get("taken_by", ""),
                signature=_drawn(request.POST.get("signature", "")),
                photos=[
                    # One byte more than allowed is enough to be refused; the rest is never read into memory.
                    each.read(LARGEST_MB * 1024 * 1024 + 1)
                    for each in request.FILES.getlist("photos")[: MOST_PHOTOS + 1]
                ],
                brought={pk: quantity_of(text) or Decimal(0) for pk, text in quantities.items()},
                actor=request.actor,
                now=request.now,
            )
        except (InvalidInput, Conflict) as problem:
            field = {"pictures": "photos"}.get(problem.field or "", problem.field or "")
            errors[field if field in ("taken_by", "signature", "photos", "items") else "form"] = str(problem)
            status = problem.status
        else:
            return done(request, _("Handed over."), to=reverse("sales:my-deliveries"))
    setting = setting_of(delivery.store_id)
    context = {
        "delivery": delivery,
        "who": who(delivery),
        "errors": errors,
        "setting": setting,
        "taken_by": request.POST.get("taken_by", ""),
        "signature": request.POST.get("signature", "") if is_posted and "signature" not in errors else "",
        "rows": [
            {
                "line": each.line,
                "planned": plain(each.quantity),
                "typed": quantities[each.line_id],
                "unit": str(each.line.variant.product.unit) if each.line.variant else "",
            }
            for each in lines
        ],
        "due": shown(delivery.order.due_amount, delivery.order.currency) if delivery.order.due_amount else "",
        "most_photos": MOST_PHOTOS,
        "crumb_list": delivery_crumbs(delivery),
    }
    return render(request, "sales/deliveries/hand_over.html", context, status=status)


def _drawn(text: str) -> bytes:
    """The picture in a field, or nothing."""
    if not text.startswith(SIGNED):
        return b""
    try:
        return base64.b64decode(text[len(SIGNED) :], validate=True)
    except (binascii.Error, ValueError):
        return b""


@never_cache
@require_http_methods(FORM)
@requires(DELIVER)
def delivery_fail(request: Request, pk: int) -> HttpResponse:
    """Not handed over: why, and when again."""
    delivery = delivery_or_404(request, pk)
    form = FailForm(request.POST if request.method == "POST" else None, store=delivery.store, now=request.now)

    def run(data: dict[str, Any]) -> Delivery:
        return operations.fail_delivery(
            delivery=delivery,
            reason=data["reason"],
            note=data["note"],
            new_day=data["day"],
            new_slot=data["slot"],
            actor=request.actor,
            now=request.now,
        )

    def told(found: Delivery) -> str:
        return _("Noted. The planner finds a new day.") if found.state == "FAILED" else _("Planned anew.")

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Not handed over"),
        success=told,
        redirect_to=reverse("sales:my-deliveries"),
        submit=_("Report"),
        cancel_url=reverse("sales:my-deliveries"),
        context={"crumb_list": delivery_crumbs(delivery)},
    )
