"""At the counter, from the page of a customer: top up, sell a card."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.stores.models import Store
from dianke.wallets import operations
from dianke.wallets.forms.counter import SellCardForm, TopUpForm
from dianke.wallets.models import CardKind, Offer
from dianke.wallets.operations.topping_up import why_not
from dianke.wallets.queries.wording import written
from dianke.wallets.views.finding import (
    TOP_UP,
    card_url,
    crumbs_of,
    customer_or_404,
    first_values,
    stores_for,
    wallet_url,
)
from dianke.web.forms import form_view

FORM = ("GET", "POST")


@require_http_methods(FORM)
@requires(TOP_UP)
def top_up(request: Request, pk: int) -> HttpResponse:
    """How much, with which offer, paid how."""
    customer = customer_or_404(request, pk)
    stores = stores_for(request, TOP_UP)
    running = Offer.objects.visible_to(request.actor).running(request.now).prefetch_related("steps", "stores")
    usable = [
        offer.pk
        for offer in running
        if any(not why_not(offer, customer, store, now=request.now) for store in stores)
    ]
    form = TopUpForm(
        request.POST or None,
        stores=stores,
        offers=Offer.objects.filter(pk__in=usable).prefetch_related("steps"),
        initial=first_values(request, stores) | {"offer": usable[0] if len(usable) == 1 else None},
    )

    def success(done: Any) -> str:
        currency = done.wallet.currency
        given = done.bonus_amount + done.promotional_amount
        if given:
            return _("%(paid)s topped up, %(given)s given with it.") % {
                "paid": written(done.paid_amount, currency),
                "given": written(given, currency),
            }
        return _("%(paid)s topped up.") % {"paid": written(done.paid_amount, currency)}

    back = reverse("customers:customer", args=[customer.head_id])
    return form_view(
        request,
        form=form,
        run=lambda data: operations.top_up(
            customer=customer,
            paid_amount=data["paid_amount"],
            store=data["store"],
            payment_kind=data["payment_kind"],
            payment_reference=data["payment_reference"],
            offer=data["offer"],
            reference=f"wallets.top_up:{customer.pk}/{data['key']}",
            actor=request.actor,
            now=request.now,
        ),
        title=_("Top up for %(customer)s") % {"customer": customer},
        success=success,
        redirect_to=lambda done: wallet_url(done.wallet),
        cancel_url=back,
        submit=_("Top up"),
        context={"crumb_list": crumbs_of(request, customer)},
    )


@require_http_methods(FORM)
@requires(TOP_UP)
def sell_card(request: Request, pk: int) -> HttpResponse:
    """Which card, paid how."""
    customer = customer_or_404(request, pk)
    stores = stores_for(request, TOP_UP)
    form = SellCardForm(
        request.POST or None,
        stores=stores,
        kinds=_sold_in(stores, request),
        initial=first_values(request, stores) | {"kind": request.GET.get("kind")},
    )
    back = reverse("customers:customer", args=[customer.head_id])
    return form_view(
        request,
        form=form,
        run=lambda data: operations.sell_card(
            customer=customer,
            kind=data["kind"],
            paid_amount=data["kind"].price_amount if data["paid_amount"] is None else data["paid_amount"],
            store=data["store"],
            payment_kind=data["payment_kind"],
            payment_reference=data["payment_reference"],
            reference=f"wallets.card:{customer.pk}/{data['key']}",
            actor=request.actor,
            now=request.now,
        ),
        title=_("Sell a session card to %(customer)s") % {"customer": customer},
        success=lambda card: (
            _("“%(kind)s” sold for %(paid)s.")
            % {"kind": card.kind.name, "paid": written(card.paid_amount, card.currency)}
        ),
        redirect_to=card_url,
        cancel_url=back,
        submit=_("Sell"),
        context={"crumb_list": crumbs_of(request, customer)},
    )


def _sold_in(stores: list[Store], http: Request) -> Any:
    here = Q(stores=None) | Q(stores__in=stores)
    return CardKind.objects.visible_to(http.actor).on_sale().filter(here).distinct()
