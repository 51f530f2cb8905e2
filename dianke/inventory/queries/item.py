"""One item: what its page tells. Where it lies shelf by shelf, its batches and pieces, what is promised, what moved it,
and how much there was on each of the last days.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, Sum

from dianke.core.actor import Actor
from dianke.core.paging import keyset_page
from dianke.inventory.models import Balance, CostState, Movement, PieceAt, Place, Reservation
from dianke.stores.models import LegalEntity

ZERO = Decimal(0)
CURVE_DAYS = 90


@dataclass(frozen=True, slots=True)
class ShelfStock:
    """A shelf with what it has of the item, and its bounds (None: not watched)."""

    place: Place
    quantity: Decimal
    reserved: Decimal
    minimum: Decimal | None
    maximum: Decimal | None

    @property
    def available(self) -> Decimal:
        return self.quantity - self.reserved

    @property
    def is_low(self) -> bool:
        return self.minimum is not None and self.available < self.minimum

    @property
    def is_over(self) -> bool:
        return self.maximum is not None and self.quantity > self.maximum


@dataclass(frozen=True, slots=True)
class ItemWorth:
    """What an item is worth in a legal entity: over all its valued places, at the moving average."""

    entity: LegalEntity
    quantity: Decimal
    average: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True)
class Moved:
    """A movement as the stores one may look into see it: `change` more (+) or less (-); None: it stayed among them."""

    movement: Movement
    change: Decimal | None
    is_reachable: bool


def shelves_of_item(variant_id: int, *, actor: Actor) -> list[ShelfStock]:
    """Every shelf in use that has the item or should have it, by store; then the empty ones are left out. One query."""
    stores = actor.stores_for("inventory.view_stock")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.id, coalesce(b.quantity, 0), coalesce(b.reserved, 0), s.minimum, s.maximum
            FROM inventory_place AS p
            LEFT JOIN (SELECT place_id, sum(quantity) AS quantity, sum(reserved) AS reserved FROM inventory_balance
                       WHERE variant_id = %(variant)s GROUP BY 1) AS b ON b.place_id = p.id
            LEFT JOIN inventory_safetystock AS s ON s.place_id = p.id AND s.variant_id = %(variant)s
            WHERE p.kind = 'STOCK' AND (b.quantity <> 0 OR b.reserved <> 0 OR s.id IS NOT NULL)
              AND (%(stores)s::bigint[] IS NULL OR p.store_id = ANY(%(stores)s))
            """,
            {"variant": variant_id, "stores": None if stores is None else sorted(stores)},
        )
        found = {place: figures for place, *figures in cursor.fetchall()}
    places = Place.objects.filter(pk__in=found).select_related("store").order_by("store__code", "pk")
    return [ShelfStock(place, *found[place.pk]) for place in places]


def under_way(variant_id: int, *, actor: Actor) -> Decimal:
    """What is on its way between stores, of the entities the actor sees anything of. One query."""
    rows = Balance.objects.filter(
        variant=variant_id, place__in=Place.objects.visible_to(actor).filter(kind=Place.Kind.TRANSIT)
    )
    return rows.aggregate(sum=Sum("quantity"))["sum"] or ZERO


def worth_of_item(variant_id: int, *, actor: Actor) -> list[ItemWorth]:
    """Per legal entity whose costs the actor may see. One query."""
    rows = CostState.objects.filter(
        variant=variant_id, legal_entity__in=LegalEntity.objects.visible_to(actor, "catalog.view_costs")
    )
    return [
        ItemWorth(row.legal_entity, row.quantity, row.average, row.value)
        for row in rows.select_related("legal_entity").order_by("legal_entity_id")
    ]


def batches_of_item(variant_id: int, *, actor: Actor) -> list[Balance]:
    """What lies where of each batch, the first to expire in front. One query."""
    rows = Balance.objects.visible_to(actor).filter(variant=variant_id, batch__isnull=False)
    return list(
        rows.filter(place__kind=Place.Kind.STOCK)
        .exclude(quantity=0, reserved=0)
        .select_related("batch", "place__store")
        .order_by("batch__expires_on", "batch", "place")[:200]
    )


def pieces_of_item(variant_id: int, *, actor: Actor, limit: int = 100) -> list[PieceAt]:
    """Single pieces on shelves and under way, the newest first. One query."""
    places = Place.objects.visible_to(actor).filter(kind__in=Place.VALUED)
    rows = PieceAt.objects.filter(piece__variant=variant_id, place__in=places)
    return list(rows.select_related("piece", "place__store").order_by("-since", "-pk")[:limit])


def promised_of_item(variant_id: int, *, actor: Actor) -> list[Reservation]:
    """Open reservations, the first to run out in front. One query."""
    rows = Reservation.objects.visible_to(actor).filter(variant=variant_id, released_at=None, taken_at=None)
    return list(rows.select_related("place__store", "piece", "batch").order_by("expires_at", "pk")[:100])


def movements_of_item(
    variant_id: int,
    *,
    actor: Actor,
    store_id: int | None = None,
    kind: str = "",
    first: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int = 30,
) -> tuple[list[Moved], str | None]:
    """What moved the item, newest first, and the cursor of the next page: at a store, by kind of document, from `first`
    to before `until`. Two queries. `change` is seen from the store asked for, else from all the actor may look into."""
    stores = actor.stores_for("inventory.view_stock")
    rows = Movement.objects.visible_to(actor).filter(variant=variant_id)
    held = Place.objects.held()
    inside = held if stores is None else held.filter(store__in=stores)
    if store_id is not None:
        inside = inside.filter(store=store_id)
        rows = rows.filter(Q(from_place__in=inside.values("pk")) | Q(to_place__in=inside.values("pk")))
    if kind:
        rows = rows.filter(document__kind=kind)
    if first is not None:
        rows = rows.filter(occurred_at__gte=first)
    if until is not None:
        rows = rows.filter(occurred_at__lt=until)
    rows = rows.select_related("document__store", "from_place__store", "to_place__store", "batch", "piece")
    page = keyset_page(rows, order=["-occurred_at", "-id"], cursor=cursor, limit=limit)

    def is_inside(place: Place) -> bool:
        if store_id is not None:
            return place.is_held and place.store_id == store_id
        if stores is None:
            return place.is_held
        return place.is_held and place.store_id in stores

    found = []
    for row in page.items:
        came, went = is_inside(row.to_place), is_inside(row.from_place)
        change = None if came == went else row.quantity if came else -row.quantity
        reachable = stores is None or row.document.store_id in stores
        found.append(Moved(row, change, reachable))
    return found, page.next_cursor


def curve(
    variant_id: int, *, place_ids: Collection[int], today: date, zone: str, days: int = CURVE_DAYS
) -> list[tuple[date, Decimal]]:
    """What lay on these shelves at the end of each of the last days, the oldest first: what is there now without what
    moved after. One statement."""
    first = today - timedelta(days=days - 1)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH now AS (
                SELECT coalesce(sum(quantity), 0) AS quantity FROM inventory_balance
                WHERE variant_id = %(variant)s AND place_id = ANY(%(places)s)
            ), moved AS (
                SELECT (m.occurred_at AT TIME ZONE %(zone)s)::date AS day, sum(s.sign * m.quantity) AS quantity
                FROM inventory_movement AS m
                CROSS JOIN LATERAL (VALUES (m.to_place_id, 1), (m.from_place_id, -1)) AS s (place_id, sign)
                WHERE m.variant_id = %(variant)s AND m.occurred_at >= %(since)s AND s.place_id = ANY(%(places)s)
                GROUP BY 1
            ), days AS (
                SELECT generate_series(%(first)s::date, %(today)s::date, interval '1 day')::date AS day
            )
            SELECT d.day, now.quantity
                   - coalesce((SELECT sum(m.quantity) FROM moved AS m WHERE m.day > d.day), 0)
            FROM days AS d CROSS JOIN now ORDER BY d.day
            """,
            {
                "variant": variant_id,
                "places": list(place_ids),
                "zone": zone,
                "since": datetime.combine(first, time(), ZoneInfo(zone)),
                "first": first,
                "today": today,
            },
        )
        return list(cursor.fetchall())


def worth_together(worth: Sequence[ItemWorth]) -> tuple[Decimal, Decimal] | None:
    """(average, value) over the entities; None where nothing is known."""
    quantity, value = sum((w.quantity for w in worth), ZERO), sum((w.value for w in worth), ZERO)
    if not worth:
        return None
    return (value / quantity if quantity > 0 else worth[0].average), value
