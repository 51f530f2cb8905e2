"""Rows the pages show, stores where the person may do something, and what several pages share."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from dianke.access.requests import Request
from dianke.customers.models import Customer
from dianke.stores.models import Store
from dianke.wallets.models import SessionCard, Wallet
from dianke.web.components import Crumb

VIEW, TOP_UP, USE = "wallets.view_wallets", "wallets.top_up", "wallets.use_sessions"
REFUND, FREEZE = "wallets.refund_wallets", "wallets.freeze_wallets"
TRANSFER, MANAGE = "wallets.transfer_wallets", "wallets.manage_offers"
Answer = HttpResponse


def stores_for(http: Request, permission: str, *, entity_id: int | None = None) -> list[Store]:
    """Open stores where the person may do it; of one legal entity only where money goes back."""
    rows = Store.objects.visible_to(http.actor, permission).still_open()
    if entity_id is not None:
        rows = rows.filter(legal_entity=entity_id)
    return list(rows.select_related("legal_entity").order_by("code"))


def here(http: Request, stores: list[Store]) -> Store | None:
    """The store the person works in now, if it is one of these; else the only one."""
    chosen = next((store for store in stores if store.pk == http.actor.store_id), None)
    return chosen or (stores[0] if len(stores) == 1 else None)


def first_values(http: Request, stores: list[Store]) -> dict[str, Any]:
    """What a form at the counter begins with: the store, and a key that makes sending it twice do it once."""
    store = here(http, stores)
    return {"store": store.pk if store else None, "key": secrets.token_hex(12)}


def customer_or_404(http: Request, pk: int) -> Customer:
    rows = Customer.objects.visible_to(http.actor, VIEW).in_use().select_related("merged_into", "store")
    found: Customer = get_object_or_404(rows, pk=pk)
    return found


def wallet_or_404(http: Request, pk: int) -> Wallet:
    rows = Wallet.objects.visible_to(http.actor).select_related(
        "customer__merged_into",
        "legal_entity",
        "store",
        "principal__guard",
        "bonus__guard",
        "promotional__guard",
    )
    found: Wallet = get_object_or_404(rows, pk=pk)
    return found


def card_or_404(http: Request, pk: int) -> SessionCard:
    rows = SessionCard.objects.visible_to(http.actor).select_related(
        "kind", "customer__merged_into", "legal_entity", "store"
    )
    found: SessionCard = get_object_or_404(rows, pk=pk)
    return found


def crumbs_of(http: Request, customer: Customer, *more: Crumb) -> list[Crumb]:
    """Back to the customer, where the person may see the profile."""
    head = customer.merged_into or customer
    url = reverse("customers:customer", args=[head.pk]) if http.actor.can("customers.view_customers") else ""
    return [Crumb(str(head), url), *more]


def wallet_url(wallet: Wallet) -> str:
    return reverse("wallets:wallet", args=[wallet.pk])


def card_url(card: SessionCard) -> str:
    return reverse("wallets:card", args=[card.pk])


def wallet_crumb(wallet: Wallet) -> Crumb:
    return Crumb(_("Stored value"), wallet_url(wallet))


def card_crumb(card: SessionCard) -> Crumb:
    return Crumb(card.kind.name, card_url(card))
