"""Rows the bodies and addresses of this room's endpoints name."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from dianke.api.schemas import chosen
from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.stores.models import Store
from dianke.wallets.models import SessionCard, Wallet

VIEW = "wallets.view_wallets"
TOP_UP = "wallets.top_up"
USE = "wallets.use_sessions"
REFUND = "wallets.refund_wallets"
FREEZE = "wallets.freeze_wallets"
TRANSFER = "wallets.transfer_wallets"
MANAGE = "wallets.manage_offers"


def store_of(actor: Actor, pk: int, permission: str) -> Store:
    """A store where the caller holds the permission."""
    rows = Store.objects.visible_to(actor, permission).select_related("legal_entity")
    return chosen(rows, pk, "store_id")


def customer_of(actor: Actor, pk: int, permission: str, field: str = "customer_id") -> Customer:
    """A customer the caller may do it for."""
    rows: QuerySet[Any] = Customer.objects.visible_to(actor, permission).in_use()
    return chosen(rows.select_related("merged_into"), pk, field)


def wallet_of(actor: Actor, pk: int, permission: str = VIEW) -> Wallet:
    """A wallet the caller may see. Outside the scope it is not there."""
    rows = Wallet.objects.visible_to(actor).select_related(
        "customer", "legal_entity", "store", "principal__guard", "bonus__guard", "promotional__guard"
    )
    found: Wallet = get_object_or_404(rows, pk=pk)
    actor.require(permission)
    return found


def card_of(actor: Actor, pk: int, permission: str = VIEW) -> SessionCard:
    """A card the caller may see, with what is on it."""
    found: SessionCard = get_object_or_404(cards_of(actor), pk=pk)
    actor.require(permission)
    return found


def cards_of(actor: Actor) -> QuerySet[SessionCard]:
    """Cards the caller may see, with what is on them in two more statements, however many."""
    rows: QuerySet[SessionCard] = SessionCard.objects.visible_to(actor)
    return rows.select_related("kind", "customer", "store", "legal_entity").prefetch_related(
        "items__sessions__guard", "items__value__guard"
    )


def reference(kind: str, subject_id: int, given: str) -> str:
    """Keys of callers stand apart from those of the product."""
    return f"api:{kind}:{subject_id}:{given}"
