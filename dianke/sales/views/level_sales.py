"""A member level sold from the customer's page: a sale of one line, paid at once."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.customers.models import Customer
from dianke.loyalty.queries.paid_levels import levels_for_sale
from dianke.sales import operations
from dianke.sales.forms.level_sales import SellLevelForm
from dianke.sales.models import Order, OrderLine, Shift
from dianke.sales.queries.basket import Item, Sale, Tendered
from dianke.sales.views.orders_rows import FORM, SELL, order_url, shown, stores_of
from dianke.web.components import Crumb
from dianke.web.forms import form_view


@require_http_methods(FORM)
@requires(SELL)
def sell_level(request: Request, pk: int) -> HttpResponse:
    """Which level, paid how. Cash goes into the drawer of a shift that runs here."""
    rows = Customer.objects.visible_to(request.actor).in_use().select_related("merged_into")
    customer: Customer = get_object_or_404(rows, pk=pk)
    head = customer.merged_into or customer
    stores = list(stores_of(request.actor, SELL))
    shifts = list(Shift.objects.filter(store__in=stores, state=Shift.State.OPEN).select_related("register"))
    own = next((shift.register_id for shift in shifts if shift.opened_by_id == request.actor.user_id), None)
    here = next((store.pk for store in stores if store.pk == request.actor.store_id), None)
    levels = levels_for_sale(stores[0].currency if stores else "CNY").select_related("programme")
    form = SellLevelForm(
        request.POST or None,
        levels=levels,
        stores=stores,
        shifts=shifts,
        initial={"register": own, "store": here or (stores[0].pk if len(stores) == 1 else None)},
    )

    def run(data: dict[str, Any]) -> Order:
        level, store, tender = data["level"], data["store"], data["tender"]
        register = data.get("register") if tender.gives_change else None
        shift = next((each for each in shifts if register and each.register_id == register.pk), None)
        line = Item(
            "level",
            kind=OrderLine.Kind.LEVEL,
            name=level.name,
            amount=level.price_amount,
            data={"level_id": level.pk},
        )
        sale = Sale(
            uuid=data["key"],
            store=store,
            items=(line,),
            payments=(Tendered(data["key"], tender.code, level.price_amount, reference=data["reference"]),),
            customer=customer,
            channel=Order.Channel.BACK_OFFICE,
            register=register,
            shift_id=shift.pk if shift else None,
        )
        return operations.place_sale(sale=sale, actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Sell a level to %(customer)s") % {"customer": head},
        success=lambda order: (
            _("“%(level)s” sold for %(amount)s.")
            % {"level": order.lines.get().name, "amount": shown(order.total_amount, order.currency)}
        ),
        redirect_to=lambda order: order_url(order),
        cancel_url=reverse("customers:customer", args=[head.pk]),
        submit=_("Sell"),
        context={"crumb_list": [Crumb(str(head), reverse("customers:customer", args=[head.pk]))]},
    )
