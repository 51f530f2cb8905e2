"""Old gold taken in for an order, and its slip for the customer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.rules.jewelry import metal_name
from dianke.core.money import Money
from dianke.sales import operations
from dianke.sales.forms.old_gold import OldGoldForm
from dianke.sales.models import OldGold
from dianke.sales.views.orders_rows import FORM, SELL, order_crumbs, order_or_404, order_url, shown
from dianke.web.forms import form_view


@never_cache
@require_http_methods(FORM)
@requires(SELL)
def old_gold_new(request: Request, pk: int) -> HttpResponse:
    """Take old gold in: it counts as a payment of the order."""
    order = order_or_404(request, pk, SELL)
    form = OldGoldForm(request.POST if request.method == "POST" else None, order=order, actor=request.actor)

    def run(data: dict[str, Any]) -> OldGold:
        return operations.take_old_gold(
            order=order,
            uuid=uuid4(),
            description=data["description"],
            tested=form.tested(),
            actor=request.actor,
            now=request.now,
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Take old gold in"),
        success=lambda made: (
            _("%(number)s counts for %(amount)s.")
            % {"number": made.number, "amount": shown(made.amount, made.currency)}
        ),
        redirect_to=order_url(order),
        submit=pgettext("old gold", "Take in"),
        cancel_url=order_url(order),
        context={"crumb_list": order_crumbs(order)},
    )


@never_cache
@require_GET
@requires("sales.view_orders")
def old_gold_slip(request: Request, pk: int) -> HttpResponse:
    """The receiving document: what was tested and how it was worked out, to be signed."""
    rows = OldGold.objects.visible_to(request.actor).select_related("order__customer", "store", "taken_by")
    found: OldGold = get_object_or_404(rows, pk=pk)
    context = {
        "gold": found,
        "metal": metal_name(found.metal, found.fineness),
        "weight": f"{(Decimal(found.weight_mg) / 1000).normalize():f}",
        "loss": f"{(Decimal(found.loss_bp) / 100).normalize():f}" if found.loss_bp else "",
        "price": shown(found.price_amount, found.currency),
        "price_metal": metal_name(found.metal, found.price_fineness),
        "amount": Money.from_minor(found.amount, found.currency),
    }
    return render(request, "sales/old_gold/slip.html", context)
