"""What a customer can pay ahead for at a till: offers of top-ups that hold here, kinds of session cards, and levels."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.loyalty.queries.paid_levels import levels_for_sale
from dianke.stores.models import Store
from dianke.wallets.models import CardKind, Offer
from dianke.wallets.operations.topping_up import why_not
from dianke.wallets.queries.terms import terms_for


def prepaid_of(customer: Customer, store: Store, actor: Actor, at: datetime) -> dict[str, Any]:
    """Offers with their steps, kinds with what is on them, and from which amount on cash is not taken. Some nine
    statements, and one for each offer that is limited per customer."""
    offers = Offer.objects.visible_to(actor).running(at).prefetch_related("steps", "stores")
    kinds = CardKind.objects.visible_to(actor).on_sale().filter(currency=store.currency)
    here = kinds.filter(Q(stores=None) | Q(stores=store)).prefetch_related("items__variant__product")
    return {
        "offers": [_offer(offer) for offer in offers if not why_not(offer, customer, store, now=at)],
        "kinds": [_kind(kind) for kind in here],
        "levels": [
            {"id": level.pk, "name": level.name, "price_amount": level.price_amount, "days": level.paid_days}
            for level in levels_for_sale(store.currency)
        ],
        "cash_below": terms_for(store, store.business_date(at)).number("cash_below"),
    }


def _offer(offer: Offer) -> dict[str, Any]:
    steps = [
        {"paid_amount": step.paid_amount, "given_amount": step.bonus_amount + step.promotional_amount}
        for step in offer.steps.all()
    ]
    return {"id": offer.pk, "name": offer.name, "is_repeating": offer.is_repeating, "steps": steps}


def _kind(kind: CardKind) -> dict[str, Any]:
    items = [
        {"name": str(item.variant), "count": item.paid_count, "gifted": item.gifted_count}
        for item in kind.items.all()
    ]
    return {
        "id": kind.pk,
        "name": kind.name,
        "price_amount": kind.price_amount,
        "valid_days": kind.valid_days,
        "items": items,
    }
