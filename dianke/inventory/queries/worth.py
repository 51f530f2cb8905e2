"""The value of stock taken apart: by category, variant by variant, and held against the ledger it is made of."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from dianke.catalog.models import Variant
from dianke.core.actor import Actor
from dianke.inventory.queries.valuation import valuation
from dianke.stores.models import LegalEntity

ZERO = Decimal(0)
COSTS = "catalog.view_costs"


@dataclass(frozen=True, slots=True)
class ItemValue:
    """What a variant of a legal entity was worth at the end of a day; `value` in yuan, six decimals."""

    legal_entity_id: int
    variant_id: int
    quantity: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True)
class Proof:
    """The value as reported, and the sum of every cost entry up to the day, added up anew."""

    legal_entity_id: int
    reported: Decimal
    summed: Decimal

    @property
    def is_equal(self) -> bool:
        return self.reported == self.summed


_FOLD = """
    SELECT e.legal_entity_id, e.variant_id, sum(e.quantity_change) AS quantity, sum(e.value_change) AS value
    FROM (
        SELECT c.legal_entity_id, c.variant_id, c.quantity AS quantity_change, c.value AS value_change
        FROM inventory_costclosing AS c JOIN base USING (legal_entity_id)
        WHERE c.closed_on = base.closed_on
        UNION ALL
        SELECT e.legal_entity_id, e.variant_id, e.quantity_change, e.value_change
        FROM inventory_costentry AS e JOIN base USING (legal_entity_id)
        WHERE e.business_date <= %(day)s
          AND (base.closed_on IS NULL OR e.business_date > base.closed_on OR e.id > base.upto)
    ) AS e GROUP BY 1, 2
"""
_BASE = """
    WITH base AS MATERIALIZED (
        SELECT e.id AS legal_entity_id,
               CASE WHEN least(d.ends_on, m.last_on) >= m.first_on THEN least(d.ends_on, m.last_on) END AS closed_on,
               coalesce(m.upto_entry_id, 0) AS upto
        FROM stores_legalentity AS e
        CROSS JOIN (SELECT (date_trunc('month', %(day)s::date + 1) - interval '1 day')::date AS ends_on) AS d
        LEFT JOIN inventory_closingmark AS m ON m.legal_entity_id = e.id
        WHERE e.id = ANY(%(entities)s))
"""


def value_by_category(as_of: date, *, legal_entity_ids: Collection[int]) -> list[tuple[int | None, Decimal]]:
    """(top category, value) over these entities, most first. One statement; for callers that have checked."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            {_BASE}
            SELECT coalesce(c.path[1], c.id), sum(v.value)
            FROM ({_FOLD}) AS v
            JOIN catalog_variant AS g ON g.id = v.variant_id JOIN catalog_product AS p ON p.id = g.product_id
            LEFT JOIN catalog_category AS c ON c.id = p.category_id
            GROUP BY 1 HAVING sum(v.value) <> 0 OR sum(v.quantity) <> 0 ORDER BY 2 DESC
            """,  # noqa: S608  # constants of this module
            {"day": as_of, "entities": list(legal_entity_ids)},
        )
        return list(cursor.fetchall())


def values_of_items(as_of: date, *, legal_entity_ids: Collection[int]) -> Iterator[tuple[ItemValue, Variant]]:
    """Every variant that had stock or value at the end of the day, for a file. One statement and one for each thousand
    rows; for callers that have checked."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_BASE} SELECT * FROM ({_FOLD}) AS v WHERE quantity <> 0 OR value <> 0 ORDER BY 1, 2",  # noqa: S608
            {"day": as_of, "entities": list(legal_entity_ids)},
        )
        rows = [ItemValue(*row) for row in cursor.fetchall()]
    for start in range(0, len(rows), 1000):
        part = rows[start : start + 1000]
        variants = Variant.objects.select_related("product__unit", "product__category").in_bulk(
            {row.variant_id for row in part}
        )
        for row in part:
            yield row, variants[row.variant_id]


def prove(as_of: date, *, actor: Actor) -> list[Proof]:
    """The report held against all cost entries dated up to the day, added up anew and without month ends. Three
    statements; the sum reads the whole ledger."""
    reported = {row.legal_entity_id: row.value for row in valuation(as_of=as_of, actor=actor)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT legal_entity_id, sum(value_change) FROM inventory_costentry"
            " WHERE legal_entity_id = ANY(%s) AND business_date <= %s GROUP BY 1",
            [list(reported), as_of],
        )
        summed = dict(cursor.fetchall())
    return [Proof(pk, value, summed.get(pk, ZERO)) for pk, value in sorted(reported.items())]


def entities_of(actor: Actor) -> list[LegalEntity]:
    """Those whose stock the actor may see the value of."""
    return list(LegalEntity.objects.visible_to(actor, COSTS).order_by("pk"))
