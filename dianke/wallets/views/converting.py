"""A session card becomes one of another kind: which one, what its unused value pays of it, what is paid now."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.stores.models import Store
from dianke.wallets import operations
from dianke.wallets.forms.counter import ConvertForm
from dianke.wallets.models import CardKind, PaymentKind, SessionCard
from dianke.wallets.operations.card_changes import estimate_conversion, item_names
from dianke.wallets.queries.wording import told, written
from dianke.wallets.views.finding import (
    TOP_UP,
    card_crumb,
    card_or_404,
    card_url,
    crumbs_of,
    first_values,
    stores_for,
)
from dianke.web.forms import form_view
from dianke.web.listing import as_id


@require_http_methods(("GET", "POST"))
@requires(TOP_UP)
def card_convert(request: Request, pk: int) -> HttpResponse:
    """The kinds with what each would cost now; with `?kind=` the working and the form."""
    card = card_or_404(request, pk)
    if request.method == "GET" and card.closed_at is not None:
        return redirect(card_url(card))
    stores = stores_for(request, TOP_UP, entity_id=card.legal_entity_id)
    kinds = (
        CardKind.objects.visible_to(request.actor)
        .on_sale()
        .filter(currency=card.currency)
        .exclude(pk=card.kind_id)
        .prefetch_related("stores")
    )
    if "kind" not in request.GET:
        return _choose(request, card, kinds, stores)
    kind = get_object_or_404(kinds, pk=as_id(request.GET["kind"]))
    stores = [store for store in stores if _is_sold_at(kind, store)]
    exchange = estimate_conversion(card, kind, at=request.now)
    extra = max(exchange.extra_amount, 0)
    credit = written(exchange.working.refund, card.currency)
    amount = written(extra, card.currency)

    def run(data: dict[str, Any]) -> SessionCard:
        return operations.convert_card(
            card=card,
            kind=kind,
            store=data["store"],
            payment_kind=data.get("payment_kind") or PaymentKind.CASH,
            payment_reference=data.get("payment_reference", ""),
            reason=data["reason"],
            reference=f"wallets.card_convert:{card.pk}/{data['key']}",
            actor=request.actor,
            now=request.now,
        )

    return form_view(
        request,
        form=ConvertForm(
            request.POST or None,
            stores=stores,
            is_paid=extra > 0 and card.closed_at is None,
            initial=first_values(request, stores),
        ),
        run=run,
        title=_("Turn it into “%(kind)s”") % {"kind": kind.name},
        success=lambda made: (
            _("“%(kind)s” no. %(number)s is in use now; the old card is closed.")
            % {"kind": kind.name, "number": made.number}
        ),
        redirect_to=card_url,
        cancel_url=reverse("wallets:card-convert", args=[card.pk]),
        submit=_("Take %(amount)s and turn it") % {"amount": amount} if extra else _("Turn the card"),
        template="wallets/convert.html",
        context={
            "part": told(exchange.working, card.currency, item_names(card)),
            "kind": kind,
            "credit": credit,
            "price": written(exchange.price_amount, card.currency),
            "extra": amount,
            "is_too_cheap": exchange.extra_amount < 0,
            "is_elsewhere": not stores,
            "entity": card.legal_entity,
            "crumb_list": crumbs_of(request, card.customer, card_crumb(card)),
        },
    )


def _choose(http: Request, card: SessionCard, kinds: Any, stores: list[Store]) -> HttpResponse:
    worked = operations.estimate_card(card, at=http.now)
    choices = []
    for kind in kinds.order_by("price_amount", "name"):
        if any(_is_sold_at(kind, store) for store in stores):
            extra = kind.price_amount - worked.refund
            choices.append(
                {
                    "kind": kind,
                    "price": written(kind.price_amount, kind.currency),
                    "extra": written(extra, kind.currency) if extra >= 0 else "",
                }
            )
    context = {
        "card": card,
        "choices": choices,
        "credit": written(worked.refund, card.currency),
        "crumb_list": crumbs_of(http, card.customer, card_crumb(card)),
    }
    return render(http, "wallets/convert_choose.html", context)


def _is_sold_at(kind: CardKind, store: Store) -> bool:
    return kind.currency == store.currency and (
        not kind.stores.all() or store.pk in {each.pk for each in kind.stores.all()}
    )
