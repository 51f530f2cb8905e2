"""The stores whose stock somebody may look into, or do something to: what every page of stock chooses from."""

from __future__ import annotations

from dianke.core.actor import Actor
from dianke.inventory.models import Place
from dianke.stores.models import Store

VIEW = "inventory.view_stock"


def stores_of(actor: Actor, permission: str = VIEW) -> list[Store]:
    """Open stores with their legal entity, by code. One query."""
    rows = Store.objects.visible_to(actor, permission).still_open()
    return list(rows.select_related("legal_entity", "region").order_by("code"))


def shelves_in_use(store_id: int) -> list[Place]:
    """The shelves of a store goods may be put on or taken from, the shop floor first. One query."""
    rows = Place.objects.filter(store=store_id, kind=Place.Kind.STOCK, stock_place__is_active=True)
    return list(rows.order_by("pk"))
