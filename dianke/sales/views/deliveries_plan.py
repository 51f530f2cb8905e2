"""Planning a delivery: which order, what of it, when and where to; another day or crew, calling it off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import Conflict, InvalidInput
from dianke.sales import operations
from dianke.sales.forms.deliveries import MoveForm, PlanForm, ReasonForm
from dianke.sales.models import Delivery, Order
from dianke.sales.operations.fulfilling import DELIVER
from dianke.sales.queries.deliveries import plannable, waiting_orders
from dianke.sales.views.deliveries import delivery_crumbs, delivery_or_404, delivery_url
from dianke.sales.views.orders_rows import FORM, counted, quantity_of, typed
from dianke.web.components import Tab
from dianke.web.forms import form_view
from dianke.web.responses import done

ORDERS_OFFERED = 30


@never_cache
@require_GET
@requires(DELIVER)
def delivery_new(request: Request) -> HttpResponse:
    """First: which order? Those with goods that are still to be delivered, promised first."""
    text = "".join(char for char in request.GET.get("q", "") if char.isprintable()).strip()[:60]
    rows = waiting_orders(request.actor, DELIVER).select_related("store", "customer__merged_into")
    if text:
        rows = rows.filter(number__icontains=text)
    found = list(rows[: ORDERS_OFFERED + 1])
    context = {
        "q": text,
        "orders": found[:ORDERS_OFFERED],
        "has_more": len(found) > ORDERS_OFFERED,
        "crumb_list": delivery_crumbs(),
    }
    return render(request, "sales/deliveries/choose.html", context)


@never_cache
@require_http_methods(FORM)
@requires(DELIVER)
def delivery_plan(request: Request, pk: int) -> HttpResponse:
    """Then: what goes along, when, with whom, where to."""
    rows = Order.objects.visible_to(request.actor, DELIVER).select_related("store", "customer__merged_into")
    order: Order = get_object_or_404(rows, pk=pk)
    is_posted = request.method == "POST"
    choices = {kind: plannable(order, kind) for kind in Delivery.Kind.values}
    kind = request.POST.get("kind") or request.GET.get("kind") or ""
    if kind not in Delivery.Kind.values:
        kind = next((each for each in Delivery.Kind.values if choices[each]), Delivery.Kind.DELIVERY)
    form = PlanForm(
        request.POST if is_posted else None,
        initial={"kind": kind},
        store=order.store,
        now=request.now,
        customer=order.customer,
    )
    key = _key(request.POST.get("uuid", ""))
    error, status = "", 200
    quantities = {
        line.pk: request.POST.get(f"q-{line.pk}", "") if is_posted else typed(left)
        for line, left in choices[kind]
    }
    if is_posted:
        status = 422
        if form.is_valid():
            try:
                made = operations.plan_delivery(
                    order=order,
                    uuid=key,
                    kind=kind,
                    items=_items(quantities),
                    day=form.cleaned_data["day"],
                    slot=form.cleaned_data["slot"],
                    crew=form.cleaned_data["crew"],
                    to=form.destination(),
                    actor=request.actor,
                    now=request.now,
                )
            except (InvalidInput, Conflict) as problem:
                if problem.field == "items" or problem.field not in form.fields:
                    error = str(problem)
                else:
                    form.add_domain_error(problem)
            else:
                return done(request, _("Planned."), to=delivery_url(made))
    context = {
        "order": order,
        "form": form,
        "uuid": key,
        "error": error,
        "kind": kind,
        "kinds": [
            Tab(label, f"?kind={code}", code == kind)
            for code, label in Delivery.Kind.choices
            if choices[code]
        ],
        "rows": [
            {"line": line, "left": counted(left, line), "typed": quantities[line.pk]}
            for line, left in choices[kind]
        ],
        "crumb_list": delivery_crumbs(),
    }
    return render(request, "sales/deliveries/plan.html", context, status=status)


def _items(quantities: dict[int, str]) -> list[operations.Carried]:
    found = {pk: quantity_of(text) or Decimal(0) for pk, text in quantities.items()}
    return [operations.Carried(pk, quantity) for pk, quantity in found.items() if quantity]


def _key(text: str) -> UUID:
    """The key of a plan that is sent again is the same; a broken one begins anew."""
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


@never_cache
@require_http_methods(FORM)
@requires(DELIVER)
def delivery_move(request: Request, pk: int) -> HttpResponse:
    """Another day, window or crew; what failed is planned anew."""
    delivery = delivery_or_404(request, pk)
    form = MoveForm(request.POST if request.method == "POST" else None, delivery=delivery, now=request.now)

    def run(data: dict[str, Any]) -> Delivery:
        return operations.change_delivery(
            delivery=delivery,
            day=data["day"],
            slot=data["slot"],
            crew=data["crew"],
            actor=request.actor,
            now=request.now,
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Plan anew") if delivery.state == "FAILED" else _("Another day or crew"),
        success=_("Saved."),
        redirect_to=delivery_url(delivery),
        cancel_url=delivery_url(delivery),
        context={"crumb_list": delivery_crumbs(delivery)},
    )


@never_cache
@require_http_methods(FORM)
@requires(DELIVER)
def delivery_cancel(request: Request, pk: int) -> HttpResponse:
    """Call it off."""
    delivery = delivery_or_404(request, pk)

    def run(data: dict[str, Any]) -> Delivery:
        return operations.cancel_delivery(
            delivery=delivery, reason=data["reason"], actor=request.actor, now=request.now
        )

    return form_view(
        request,
        form=ReasonForm(request.POST if request.method == "POST" else None),
        run=run,
        title=_("Call the delivery off"),
        success=_("Called off. What it carried can be planned again."),
        redirect_to=reverse("sales:deliveries"),
        submit=_("Call off"),
        cancel_url=delivery_url(delivery),
        context={"crumb_list": delivery_crumbs(delivery)},
    )
