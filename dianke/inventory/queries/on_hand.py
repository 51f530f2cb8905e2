"""What is where, now and at any instant before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

from dianke.core.actor import Actor

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class OnHand:
    """Of a variant at a place, over its batches; `quantity` and `reserved` in the product's unit."""

    variant_id: int
    place_id: int
    quantity: Decimal
    reserved: Decimal

    @property
    def available(self) -> Decimal:
        """What may still be promised or sold."""
        return self.quantity - self.reserved


@dataclass(frozen=True, slots=True)
class PlaceStock:
    """Of a variant in a store: over its shelves, without what is under way and customers' goods."""

    variant_id: int
    store_id: int
    store: str
    quantity: Decimal
    reserved: Decimal

    @property
    def available(self) -> Decimal:
        return self.quantity - self.reserved


def on_hand(
    variant_ids: Collection[int],
    *,
    actor: Actor,
    place_ids: Collection[int] | None = None,
    store_ids: Collection[int] | None = None,
) -> list[OnHand]:
    """Balances of these variants at these places, or on the shelves of these stores, or wherever the actor may look;
    by variant and place, what is empty left out. One statement."""
    stores = _reached(actor, store_ids)
    if stores is not None and not stores and store_ids is not None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT b.variant_id, b.place_id, sum(b.quantity), sum(b.reserved)
            FROM inventory_balance AS b JOIN inventory_place AS p ON p.id = b.place_id
            WHERE b.variant_id = ANY(%(variants)s)
              AND (%(places)s::bigint[] IS NULL OR b.place_id = ANY(%(places)s))
              AND (%(stores)s::bigint[] IS NULL OR p.store_id = ANY(%(stores)s))
              AND (p.kind = 'STOCK' OR %(places)s::bigint[] IS NOT NULL)
            GROUP BY 1, 2 HAVING sum(b.quantity) <> 0 OR sum(b.reserved) <> 0 ORDER BY 1, 2
            """,
            {
                "variants": list(variant_ids),
                "places": None if place_ids is None else list(place_ids),
                "stores": stores,
            },
        )
        return [OnHand(*row) for row in cursor.fetchall()]


def available(
    variant_ids: Collection[int], *, place_ids: Collection[int], actor: Actor
) -> dict[tuple[int, int], Decimal]:
    """(variant, place) -> what may still be promised or sold; zero where there is nothing."""
    found = {
        (row.variant_id, row.place_id): row.available
        for row in on_hand(variant_ids, actor=actor, place_ids=place_ids)
    }
    return {(v, p): found.get((v, p), ZERO) for v in variant_ids for p in place_ids}


def distribution(variant_ids: Collection[int], *, actor: Actor) -> list[PlaceStock]:
    """Where each of these variants is, over the stores the actor may look into; most first. One statement."""
    stores = _reached(actor, None)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT b.variant_id, s.id, s.short_name, sum(b.quantity), sum(b.reserved)
            FROM inventory_balance AS b
            JOIN inventory_place AS p ON p.id = b.place_id AND p.kind = 'STOCK'
            JOIN stores_store AS s ON s.id = p.store_id
            WHERE b.variant_id = ANY(%(variants)s)
              AND (%(stores)s::bigint[] IS NULL OR p.store_id = ANY(%(stores)s))
            GROUP BY 1, 2, 3 HAVING sum(b.quantity) <> 0 OR sum(b.reserved) <> 0 ORDER BY 4 DESC, 2, 1
            """,
            {"variants": list(variant_ids), "stores": stores},
        )
        return [PlaceStock(*row) for row in cursor.fetchall()]


def on_hand_at(
    variant_ids: Collection[int], *, place_ids: Collection[int], at: datetime
) -> dict[tuple[int, int], Decimal]:
    """(variant, place) -> what was there at an instant: what is there now without what moved after. Late documents
    count for the instant they are dated. Reads the movements since, by index. For callers that have checked."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT variant_id, place_id, sum(quantity) FROM (
                SELECT variant_id, place_id, quantity FROM inventory_balance
                WHERE variant_id = ANY(%(variants)s) AND place_id = ANY(%(places)s)
                UNION ALL
                SELECT m.variant_id, s.place_id, -s.sign * m.quantity
                FROM inventory_movement AS m
                CROSS JOIN LATERAL (VALUES (m.to_place_id, 1), (m.from_place_id, -1)) AS s (place_id, sign)
                WHERE m.variant_id = ANY(%(variants)s) AND m.occurred_at > %(at)s
                  AND s.place_id = ANY(%(places)s)) AS every
            GROUP BY 1, 2
            """,
            {"variants": list(variant_ids), "places": list(place_ids), "at": at},
        )
        found = {(variant, place): quantity for variant, place, quantity in cursor.fetchall()}
    return {(v, p): found.get((v, p), ZERO) for v in variant_ids for p in place_ids}


def _reached(actor: Actor, store_ids: Collection[int] | None) -> list[int] | None:
    """Stores to look into: those asked for that the actor reaches; None: all."""
    reached = actor.stores_for("inventory.view_stock")
    if store_ids is None:
        return None if reached is None else sorted(reached)
    return sorted(set(store_ids) if reached is None else set(store_ids) & reached)
