"""Places come into being by themselves: every place of stock of a store, its customers' goods, and the outside of its
legal entity. What a person decides is whether a place, or a category at it, may be short of goods.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Category
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, Text
from dianke.core.prepared import prepared
from dianke.events.operations import operation, record, step, unchanged
from dianke.inventory.models import Balance, Document, NegativePolicy, Place, Policy
from dianke.stores.models import StockPlace, Store


class StoreHasNoShelf(InvalidInput):
    code = "store_has_no_shelf"
    message = _("“%(store)s” has no place of stock in use. Add one in the settings of the store.")


@dataclass(frozen=True, slots=True)
class PlacesOfStore:
    """`stock` in the order they were made, those in use; `custody` is for customers' goods; `outside` by kind."""

    stock: tuple[Place, ...]
    custody: Place
    outside: dict[str, Place]

    @property
    def main(self) -> Place:
        """The first in use: the shop floor."""
        return self.stock[0]


@step
def places_of(*, store: Store) -> PlacesOfStore:
    """The places of a store and the outside of its legal entity, made if they are not there yet. One statement when
    they are. Raises `StoreHasNoShelf`."""
    found = _read(store)
    shelves = StockPlace.Kind.CUSTODY
    if found is None:
        _make(store, str(shelves.label))
        found = _read(store)
    if found is None:
        raise StoreHasNoShelf(store=store.short_name)
    return found


_COLUMNS = ("id", "kind", "legal_entity_id", "store_id", "stock_place_id", "name", "negative")
_PLACES = f"""
SELECT s.is_active, {", ".join(f"p.{column}" for column in _COLUMNS)}
FROM inventory_place AS p LEFT JOIN stores_stockplace AS s ON s.id = p.stock_place_id
WHERE p.store_id = %(store)s OR (p.store_id IS NULL AND p.legal_entity_id = %(entity)s) ORDER BY p.id
"""  # noqa: S608 - constants


def _read(store: Store) -> PlacesOfStore | None:
    """Every sale asks: written by hand."""
    own: list[Place] = []
    custody: list[Place] = []
    outside: dict[str, Place] = {}
    with prepared() as cursor:
        cursor.execute(_PLACES, {"store": store.pk, "entity": store.legal_entity_id})
        rows = cursor.fetchall()
    for is_active, *row in rows:
        place = Place.from_db(DEFAULT_DB_ALIAS, _COLUMNS, row)
        if place.store_id is None:
            outside[place.kind] = place
        elif is_active is False:
            continue
        elif place.kind == Place.Kind.CUSTODY:
            custody.append(place)
        else:
            own.append(place)
    if len(outside) < len(Place.VIRTUAL) or not custody or not own:
        return None
    return PlacesOfStore(tuple(own), custody[0], outside)


@step
def make_places(*, store: Store) -> int:
    """Give every place of stock of the store its place here, and the store and its entity theirs; returns how many
    were missing. Called when a store or a place of stock is opened."""
    return _make(store, str(StockPlace.Kind.CUSTODY.label))


def _make(store: Store, custody: str) -> int:
    with prepared() as cursor:
        cursor.execute(
            """
            INSERT INTO inventory_place (kind, legal_entity_id, store_id, stock_place_id, name, negative)
            SELECT CASE kind WHEN 'CUSTODY' THEN 'CUSTODY' ELSE 'STOCK' END, %(entity)s, %(store)s, id, name, 'BLOCK'
            FROM stores_stockplace WHERE store_id = %(store)s
            UNION ALL SELECT 'CUSTODY', %(entity)s, %(store)s, NULL, %(custody)s, 'BLOCK'
            UNION ALL SELECT unnest(%(kinds)s::text[]), %(entity)s, NULL, NULL, '', 'BLOCK'
            ON CONFLICT DO NOTHING
            """,
            {
                "entity": store.legal_entity_id,
                "store": store.pk,
                "custody": custody,
                "kinds": [kind.value for kind in Place.VIRTUAL],
            },
        )
        return int(cursor.rowcount)


def bound_to_entity(store: Store) -> Text | None:
    """Why a store stays with its legal entity: what moved there stands in the books of the entity for good. None while
    nothing has; its places then go with it (the database moves them)."""
    if Document.objects.filter(store=store).exists() or Balance.objects.filter(place__store=store).exists():
        return _(
            "Goods have moved there in the name of this company, and its books stay as they are. Open a new store "
            "under the other company and transfer the goods to it."
        )
    return None


@operation(None)
def open_places(*, store: Store, actor: Actor, now: datetime) -> int:
    """`make_places` for a store that was just opened or got a place of stock; nothing anybody decided, so no event."""
    unchanged()
    return make_places(store=store)


@operation("inventory.manage_settings")
def set_negative_policy(
    *, policy: str, place: Place | None, category: Category | None, actor: Actor, now: datetime
) -> Place | NegativePolicy | None:
    """Say what happens when stock runs short: at a place; for a category at a place; for a category everywhere
    (`place` None). An empty `policy` takes an exception for a category away. What is short already stays so until goods
    come in."""
    if place is None and category is None:
        raise ValueError("a policy is for a place or a category")
    actor.require("inventory.manage_settings", store_id=place.store_id if place else None)
    if policy not in Policy.values and not (policy == "" and category is not None):
        raise ValueError(f"no such policy: {policy}")
    changed: Place | NegativePolicy | None = None
    if category is None and place is not None:
        place.negative = policy
        place.save(update_fields=["negative"])
        changed = place
    elif policy:
        changed, _made = NegativePolicy.objects.update_or_create(
            place=place, category=category, defaults={"policy": policy}
        )
    else:
        NegativePolicy.objects.filter(place=place, category=category).delete()
    record(
        "inventory.negative_policy_set",
        place if place is not None else f"catalog.category:{category.pk if category else 0}",
        also=[f"catalog.category:{category.pk}"] if place is not None and category is not None else [],
        actor=actor,
        now=now,
        store_id=place.store_id if place else None,
        data={"policy": policy},
    )
    return changed
