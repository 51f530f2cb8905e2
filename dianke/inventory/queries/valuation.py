"""What stock is worth at the end of a day: the latest month end before it, and what is dated since."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from dianke.core.actor import Actor
from dianke.inventory.models import CostState
from dianke.stores.models import LegalEntity

_BASE = """
    SELECT e.id AS legal_entity_id, CASE WHEN least(d.ends_on, m.last_on) >= m.first_on
                                         THEN least(d.ends_on, m.last_on) END AS closed_on,
           coalesce(m.upto_movement_id, 0) AS movement_id, coalesce(m.upto_entry_id, 0) AS entry_id
    FROM stores_legalentity AS e
    CROSS JOIN (SELECT (date_trunc('month', %(day)s::date + 1) - interval '1 day')::date AS ends_on) AS d
    LEFT JOIN inventory_closingmark AS m ON m.legal_entity_id = e.id
    WHERE e.id = ANY(%(entities)s)
      AND EXISTS (SELECT FROM inventory_coststate AS s WHERE s.legal_entity_id = e.id)
"""
_VALUES = """
    SELECT c.legal_entity_id, c.variant_id, c.quantity, c.value
    FROM base JOIN inventory_costclosing AS c
        ON c.closed_on = base.closed_on AND c.legal_entity_id = base.legal_entity_id
    WHERE c.closed_on >= %(since)s AND c.closed_on <= %(day)s
    UNION ALL
    SELECT e.legal_entity_id, e.variant_id, e.quantity_change, e.value_change
    FROM base JOIN inventory_costentry AS e ON e.legal_entity_id = base.legal_entity_id
        AND e.business_date > coalesce(base.closed_on, '0001-01-01')
    WHERE e.business_date <= %(day)s AND e.business_date > %(since)s
    UNION ALL
    SELECT e.legal_entity_id, e.variant_id, e.quantity_change, e.value_change
    FROM base JOIN inventory_costentry AS e ON e.legal_entity_id = base.legal_entity_id
        AND e.id > base.entry_id AND e.business_date <= base.closed_on
    WHERE e.id > %(entry)s
"""
_QUANTITIES = """
    SELECT p.legal_entity_id, c.place_id, c.variant_id, c.quantity
    FROM base JOIN inventory_place AS p ON p.legal_entity_id = base.legal_entity_id AND p.kind IN ('STOCK', 'TRANSIT')
    JOIN inventory_stockclosing AS c ON c.closed_on = base.closed_on AND c.place_id = p.id
    WHERE c.closed_on >= %(since)s AND c.closed_on <= %(day)s
    UNION ALL
    SELECT p.legal_entity_id, p.id, m.variant_id, s.sign * m.quantity
    FROM inventory_movement AS m
    CROSS JOIN LATERAL (VALUES (m.to_place_id, 1), (m.from_place_id, -1)) AS s (place_id, sign)
    JOIN inventory_place AS p ON p.id = s.place_id AND p.kind IN ('STOCK', 'TRANSIT')
    JOIN base ON base.legal_entity_id = p.legal_entity_id
        AND m.business_date > coalesce(base.closed_on, '0001-01-01')
    WHERE m.business_date <= %(day)s AND m.business_date > %(since)s
    UNION ALL
    SELECT p.legal_entity_id, p.id, m.variant_id, s.sign * m.quantity
    FROM inventory_movement AS m
    CROSS JOIN LATERAL (VALUES (m.to_place_id, 1), (m.from_place_id, -1)) AS s (place_id, sign)
    JOIN inventory_place AS p ON p.id = s.place_id AND p.kind IN ('STOCK', 'TRANSIT')
    JOIN base ON base.legal_entity_id = p.legal_entity_id
        AND m.id > base.movement_id AND m.business_date <= base.closed_on
    WHERE m.id > %(movement)s
"""


@dataclass(frozen=True, slots=True)
class ValueRow:
    """`place_id` None: of the legal entity as a whole. `value` in yuan, six decimals; of a place, its quantities at
    the entity's averages, so places add up to the entity but for rounding."""

    legal_entity_id: int
    place_id: int | None
    quantity: Decimal
    value: Decimal


def valuation(
    *, as_of: date, actor: Actor, by_place: bool = False, legal_entity_ids: Collection[int] | None = None
) -> list[ValueRow]:
    """What the stock of each legal entity (or of each of its places) is worth at the end of a business date. Two
    statements. The entities whose costs the actor may see as a whole; places, those of stores it may."""
    stores = actor.stores_for("catalog.view_costs")
    entities = LegalEntity.objects.visible_to(actor, "catalog.view_costs")
    if legal_entity_ids is not None:
        entities = entities.filter(pk__in=legal_entity_ids)
    values: dict[str, Any] = {"day": as_of, "entities": list(entities.values_list("pk", flat=True))}
    with connection.cursor() as cursor:
        # The least over the entities goes into the statement as constants, for the indexes to be used.
        cursor.execute(
            f"""
            WITH base AS ({_BASE})
            SELECT min(coalesce(closed_on, '0001-01-01')), min(movement_id), min(entry_id) FROM base
            """,  # noqa: S608  # constants of this module
            values,
        )
        since, movement, entry = cursor.fetchone() or (None, 0, 0)
        values |= {"since": since or date.min, "movement": movement or 0, "entry": entry or 0}
        if not by_place:
            cursor.execute(
                f"""
                WITH base AS MATERIALIZED ({_BASE})
                SELECT legal_entity_id, NULL, sum(quantity), sum(value) FROM ({_VALUES}) AS v GROUP BY 1 ORDER BY 1
                """,  # noqa: S608  # constants of this module
                values,
            )
        else:
            cursor.execute(
                f"""
                WITH base AS MATERIALIZED ({_BASE}),
                -- Put side by side, not joined: how many there are of either is nothing a plan could know.
                every AS (
                    SELECT legal_entity_id, variant_id, NULL::bigint AS place_id, 0 AS here,
                           sum(quantity) AS quantity, sum(value) AS value FROM ({_VALUES}) AS v GROUP BY 1, 2
                    UNION ALL
                    SELECT legal_entity_id, variant_id, place_id, sum(quantity), 0, 0 FROM ({_QUANTITIES}) AS q
                    GROUP BY 1, 2, 3 HAVING sum(quantity) <> 0),
                valued AS (
                    SELECT legal_entity_id, place_id, here, sum(quantity) OVER goods AS quantity,
                           sum(value) OVER goods AS value
                    FROM every WINDOW goods AS (PARTITION BY legal_entity_id, variant_id)),
                worth AS MATERIALIZED (
                    SELECT legal_entity_id, place_id, sum(here) AS quantity,
                           sum(CASE WHEN quantity <> 0 THEN value * here / quantity ELSE 0 END) AS value
                    FROM valued WHERE place_id IS NOT NULL GROUP BY 1, 2)
                SELECT w.legal_entity_id, w.place_id, w.quantity, round(w.value, 6)
                FROM worth AS w JOIN inventory_place AS p ON p.id = w.place_id
                WHERE %(stores)s::bigint[] IS NULL OR p.store_id = ANY(%(stores)s) ORDER BY 1, 2
                """,  # noqa: S608  # constants of this module
                values | {"stores": None if stores is None else sorted(stores)},
            )
        return [ValueRow(*row) for row in cursor.fetchall()]


def costs_of(variant_ids: Collection[int], *, legal_entity_id: int) -> dict[int, Decimal]:
    """Variant -> average unit cost now in yuan; those that never were there left out. For callers that have checked
    `catalog.view_costs`."""
    rows = CostState.objects.filter(legal_entity=legal_entity_id, variant__in=variant_ids)
    return dict(rows.values_list("variant_id", "average"))
