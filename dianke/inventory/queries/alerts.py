"""What alerts and suggested transfers are decided from: what is on the shelves, promised, coming, and how it sells."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext as _

from dianke.core.actor import Actor
from dianke.inventory.models import Place
from dianke.inventory.rules.alerts import (
    BatchStock,
    Bounds,
    Keeping,
    Nearness,
    Site,
    Stock,
    Suggestion,
    suggest_transfers,
)

#: Over so many days what sells per day is counted.
SALES_DAYS = 30

_STOCKS = """
WITH keys AS (
    SELECT place_id, variant_id FROM inventory_balance
    WHERE place_id = ANY(%(places)s) AND quantity <> 0
      AND (%(variants)s::bigint[] IS NULL OR variant_id = ANY(%(variants)s))
    UNION SELECT place_id, variant_id FROM inventory_safetystock
    WHERE place_id = ANY(%(places)s) AND (%(variants)s::bigint[] IS NULL OR variant_id = ANY(%(variants)s))
), there AS (
    SELECT place_id, variant_id, sum(quantity) AS quantity, sum(reserved) AS reserved
    FROM inventory_balance
    WHERE place_id = ANY(%(places)s) AND (%(variants)s::bigint[] IS NULL OR variant_id = ANY(%(variants)s))
    GROUP BY 1, 2
), coming AS (
    SELECT t.to_place_id AS place_id, l.variant_id, sum(coalesce(l.shipped, l.quantity)) AS quantity
    FROM inventory_transfer AS t JOIN inventory_transferline AS l ON l.transfer_id = t.id
    WHERE t.state IN ('PLANNED', 'SHIPPED') AND t.to_place_id = ANY(%(places)s) GROUP BY 1, 2
), gone AS (
    SELECT m.from_place_id AS place_id, m.variant_id, max(m.business_date) AS moved_on,
           coalesce(sum(m.quantity) FILTER (WHERE m.business_date > %(sales_from)s), 0) AS sold
    FROM inventory_movement AS m JOIN inventory_place AS p ON p.id = m.to_place_id
    WHERE p.kind IN ('CUSTOMER', 'CONSUMED') AND m.business_date > %(slow_from)s
      AND m.from_place_id = ANY(%(places)s)
      AND (%(variants)s::bigint[] IS NULL OR m.variant_id = ANY(%(variants)s))
    GROUP BY 1, 2
)
SELECT k.place_id, k.variant_id, coalesce(t.quantity, 0), coalesce(t.reserved, 0), coalesce(c.quantity, 0),
       s.minimum, s.maximum, coalesce(g.sold, 0), g.moved_on,
       CASE WHEN g.moved_on IS NULL AND t.quantity > 0 THEN (
           SELECT min(m.business_date) FROM inventory_movement AS m
           WHERE m.variant_id = k.variant_id AND m.to_place_id = k.place_id) END
FROM keys AS k
LEFT JOIN there AS t USING (place_id, variant_id)
LEFT JOIN coming AS c USING (place_id, variant_id)
LEFT JOIN inventory_safetystock AS s USING (place_id, variant_id)
LEFT JOIN gone AS g USING (place_id, variant_id)
ORDER BY k.place_id, k.variant_id
"""


def stocks_of(
    place_ids: Collection[int],
    *,
    today: date,
    bounds: Bounds | None = None,
    variant_ids: Collection[int] | None = None,
) -> list[Stock]:
    """What these shelves have and should have, by place and variant. One statement."""
    bounds = bounds or Bounds()
    with connection.cursor() as cursor:
        cursor.execute(
            _STOCKS,
            {
                "places": list(place_ids),
                "variants": None if variant_ids is None else list(variant_ids),
                "sales_from": today - timedelta(days=SALES_DAYS),
                "slow_from": today - timedelta(days=max(bounds.slow_days, SALES_DAYS)),
            },
        )
        rows = cursor.fetchall()
    return [
        Stock(
            place,
            variant,
            quantity,
            reserved=reserved,
            incoming=incoming,
            minimum=minimum,
            maximum=maximum,
            daily=Decimal(sold) / SALES_DAYS,
            moved_on=moved_on,
            since=since,
        )
        for place, variant, quantity, reserved, incoming, minimum, maximum, sold, moved_on, since in rows
    ]


def expiring_batches(
    place_ids: Collection[int], *, today: date, bounds: Bounds | None = None
) -> list[BatchStock]:
    """What is on these shelves of batches near their expiry or past it. One statement."""
    until = today + timedelta(days=(bounds or Bounds()).expiry_days)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT b.place_id, b.variant_id, b.batch_id, b.quantity, t.expires_on
            FROM inventory_batch AS t JOIN inventory_balance AS b ON b.batch_id = t.id
            WHERE t.expires_on <= %s AND b.quantity > 0 AND b.place_id = ANY(%s)
            ORDER BY t.expires_on, b.id
            """,
            [until, list(place_ids)],
        )
        return [BatchStock(*row) for row in cursor.fetchall()]


def sites_of(place_ids: Collection[int]) -> dict[int, Site]:
    """Where shelves are, by place id."""
    rows = Place.objects.filter(pk__in=place_ids, store__isnull=False).values_list(
        "pk", "store_id", "legal_entity_id", "store__region_id"
    )
    return {pk: Site(pk, store or 0, entity, region) for pk, store, entity, region in rows}


def suggested_transfers(
    *,
    actor: Actor,
    today: date,
    keeping: Keeping | None = None,
    variant_ids: Collection[int] | None = None,
) -> list[Suggestion]:
    """Who could help whom among the stores the actor transfers for. Three statements."""
    shelves = Place.objects.visible_to(actor, "inventory.transfer_goods").filter(kind=Place.Kind.STOCK)
    place_ids = list(shelves.filter(stock_place__is_active=True).values_list("pk", flat=True))
    stocks = stocks_of(place_ids, today=today, variant_ids=variant_ids)
    return suggest_transfers(stocks, sites_of(place_ids), keeping=keeping or Keeping())


def reasons_of(suggestion: Suggestion) -> list[str]:
    """Why, in the words of the reader."""
    there, here = suggestion.cover_there, suggestion.cover_here
    near = {
        Nearness.SAME_STORE: _("It lies in the same store."),
        Nearness.SAME_REGION: _("Both stores are in one region."),
        Nearness.SAME_ENTITY: _("Both stores belong to the same company."),
        Nearness.OTHER_ENTITY: _("It would be sold to another company."),
    }[suggestion.nearness]
    return [
        _("Needs %(quantity)s to be filled up.") % {"quantity": _plain(suggestion.needed)}
        if there is None
        else _("Needs %(quantity)s to be filled up; what is there lasts %(days)s days.")
        % {"quantity": _plain(suggestion.needed), "days": int(there)},
        _("The sender can spare %(quantity)s; nothing of it sells there.")
        % {"quantity": _plain(suggestion.spare)}
        if here is None
        else _("The sender can spare %(quantity)s; what it has lasts %(days)s days.")
        % {"quantity": _plain(suggestion.spare), "days": int(here)},
        near,
    ]


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
