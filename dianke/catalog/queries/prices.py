"""Prices as everybody reads them: what variants cost for somebody at a moment, and why.

Three statements whatever the number of variants (docs/algorithms/prices.md, 4). Which price counts is decided by
`rules/pricing.py`; this module only brings it what can matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q

from dianke.catalog.models import Category, PriceList, PriceListItem, Product, Variant
from dianke.catalog.models.prices import PriceListQuerySet
from dianke.catalog.rules.pricing import (
    Asked,
    Item,
    Resolved,
    Terms,
    Wanted,
    adjusted,
    applying_of,
    resolve_many,
    why_not,
)
from dianke.catalog.rules.sayings import Said
from dianke.core.prepared import prepared
from dianke.stores.models import Store

ONE = Decimal(1)
_ITEM = (
    "id",
    "price_list_id",
    "variant_id",
    "product_id",
    "category_id",
    "min_quantity",
    "price_amount",
    "percent_bp",
)
_LIST = (
    "id",
    "name",
    "currency",
    "store_ids",
    "tiers",
    "channels",
    "contract_customer",
    "from_at",
    "to_at",
    "priority",
    "state",
)
#: Lists an explanation names that did not count.
MOST_TOLD = 50


def prices_of(
    variant_ids: Collection[int],
    *,
    store: Store | None = None,
    channel: str = "",
    tier: str = "",
    customer: str | Collection[str] = "",
    quantity: Decimal | Mapping[int, Decimal] = ONE,
    at: datetime,
) -> dict[int, Resolved]:
    """The price of each variant, by id, with its reason; ids that are no variants are left out. Three queries.

    In the currency of the store, without one in the merchant's. `customer` is a subject key, or those of all records
    that are one person; `quantity` one for all, or by variant id.
    """
    wanted = _wanted(variant_ids)
    if not wanted:
        return {}
    asked = _asked(wanted[0], store, channel, tier, customer, quantity, at)
    lists = _that_may_apply(asked)
    applying = applying_of(lists, asked)
    items = items_of_lists(applying.keys(), wanted) if applying else []
    quantities = quantity if isinstance(quantity, Mapping) else None
    return resolve_many(wanted, asked, lists, items, quantities)


@dataclass(frozen=True, slots=True)
class PriceForMember:
    """What everybody pays and what this level pays; the second None where the level changes nothing."""

    price: Resolved
    member_price: Resolved | None


def prices_for_member(
    wanted: Sequence[Wanted],
    *,
    store: Store | None = None,
    channel: str = "",
    tier: str = "",
    customer: str | Collection[str] = "",
    quantity: Decimal | Mapping[int, Decimal] = ONE,
    at: datetime,
) -> dict[int, PriceForMember]:
    """As `prices_of`, of variants the caller has read already, with and without the level, so that a sale can say what
    membership saved. Two queries."""
    if not wanted:
        return {}
    asked = _asked(wanted[0], store, channel, tier, customer, quantity, at)
    plain = replace(asked, tier="")
    lists = _that_may_apply(asked)
    applying = applying_of(lists, asked)
    items = items_of_lists(applying.keys(), wanted) if applying else []
    quantities = quantity if isinstance(quantity, Mapping) else None
    usual = resolve_many(wanted, plain, lists, items, quantities)
    if not tier:
        return {pk: PriceForMember(price, None) for pk, price in usual.items()}
    special = resolve_many(wanted, asked, lists, items, quantities)
    return {
        pk: PriceForMember(price, special[pk] if special[pk].amount != price.amount else None)
        for pk, price in usual.items()
    }


@dataclass(frozen=True, slots=True)
class NotCounted:
    """A list that has a price for the variant and did not count."""

    list_id: int
    name: str
    why: Said


@dataclass(frozen=True, slots=True)
class PriceExplained:
    """The price, what else applied (`price.passed_over`), and what did not apply at all."""

    price: Resolved
    not_counted: tuple[NotCounted, ...]


def price_explained(
    variant: Variant,
    *,
    store: Store | None = None,
    channel: str = "",
    tier: str = "",
    customer: str | Collection[str] = "",
    quantity: Decimal = ONE,
    at: datetime,
) -> PriceExplained:
    """Why a variant costs what it costs: also the lists of the same merchant that name it and did not count."""
    wanted = _wanted([variant.pk])
    asked = _asked(wanted[0], store, channel, tier, customer, quantity, at)
    naming = PriceListItem.objects.filter(_names(wanted)).values("price_list_id")
    rows = PriceList.objects.filter(pk__in=naming).exclude(state=PriceList.State.ARCHIVED)
    lists = terms_of_lists(rows.order_by("-pk"))
    applying = applying_of(lists, asked)
    price = resolve_many(wanted, asked, lists, items_of_lists(applying.keys(), wanted))[variant.pk]
    # Contracts of other customers are nobody's business here.
    others = [(terms, why_not(terms, asked)) for terms in lists]
    told = [
        NotCounted(terms.id, terms.name, why)
        for terms, why in others
        if why is not None and why.code != "other_customer"
    ]
    return PriceExplained(price, tuple(told[:MOST_TOLD]))


@dataclass(frozen=True, slots=True)
class Adjusted:
    """What a change of percent would make of one price of a list."""

    item_id: int
    name: str
    min_quantity: Decimal
    before: int
    after: int


def adjustable(price_list: PriceList, category: Category | None = None) -> list[PriceListItem]:
    """Prices of the list that are amounts, by id: all, or those for goods of a category and below it."""
    rows = price_list.items.filter(price_amount__isnull=False)
    if category is not None:
        branch = Category.objects.branch(category.pk).values("pk")
        products = Product.objects.filter(category_id__in=branch)
        rows = rows.filter(
            Q(category_id__in=branch)
            | Q(product_id__in=products.values("pk"))
            | Q(variant_id__in=Variant.objects.filter(product__in=products).values("pk"))
        )
    return list(rows.order_by("pk"))


def preview_adjustment(
    price_list: PriceList,
    *,
    change_bp: int,
    unit: int = 1,
    category: Category | None = None,
    limit: int = 100,
) -> tuple[int, list[Adjusted]]:
    """How many prices would change, and the first of them with before and after. Writes nothing."""
    changes = [
        (item, after)
        for item in adjustable(price_list, category)
        if (
            after := adjusted(
                item.price_amount or 0, change_bp=change_bp, unit=unit, currency=price_list.currency
            )
        )
        != item.price_amount
    ]
    shown = changes[:limit]
    names = names_of(item for item, _after in shown)
    return len(changes), [
        Adjusted(item.pk, names[item.pk], item.min_quantity, item.price_amount or 0, after)
        for item, after in shown
    ]


def names_of(items: Iterable[PriceListItem]) -> dict[int, str]:
    """What each price of a list is for, by the id of the item. At most three queries."""
    rows = list(items)
    variants = Variant.objects.select_related("product").in_bulk(
        {row.variant_id for row in rows if row.variant_id}
    )
    products = Product.objects.in_bulk({row.product_id for row in rows if row.product_id})
    categories = Category.objects.in_bulk({row.category_id for row in rows if row.category_id})
    named = {}
    for row in rows:
        thing = (
            variants.get(row.variant_id or 0)
            or products.get(row.product_id or 0)
            or categories.get(row.category_id or 0)
        )
        named[row.pk] = str(thing or "")
    return named


def _asked(
    first: Wanted,
    store: Store | None,
    channel: str,
    tier: str,
    customer: str | Collection[str],
    quantity: Decimal | Mapping[int, Decimal],
    at: datetime,
) -> Asked:
    keys = {customer} if isinstance(customer, str) else set(customer)
    return Asked(
        currency=store.currency if store else first.base_currency,
        at=at,
        store_id=store.pk if store else None,
        channel=channel,
        tier=tier,
        customers=frozenset(keys - {""}),
        quantity=ONE if isinstance(quantity, Mapping) else quantity,
    )


_WANTED = """
SELECT v.id, v.product_id, v.price_amount, coalesce((SELECT m.currency FROM stores_merchant AS m LIMIT 1), 'CNY'),
    p.category_id, c.path
FROM catalog_variant AS v JOIN catalog_product AS p ON p.id = v.product_id
LEFT JOIN catalog_category AS c ON c.id = p.category_id
WHERE v.id = ANY(%s) ORDER BY v.id
"""


def _wanted(variant_ids: Collection[int]) -> list[Wanted]:
    """One query; the merchant's currency, in which base prices are, comes along."""
    with prepared() as cursor:
        cursor.execute(_WANTED, [sorted(set(variant_ids))])
        found = cursor.fetchall()
    return [
        Wanted(pk, product_id, amount, currency, _upwards(category_id, path))
        for pk, product_id, amount, currency, category_id, path in found
    ]


def _upwards(category_id: int | None, path: list[int] | None) -> tuple[int, ...]:
    return () if category_id is None else (category_id, *reversed(path or []))


_IN_FORCE = """
SELECT p.id, p.name, p.currency,
    ARRAY(SELECT s.store_id FROM catalog_pricelist_stores AS s WHERE s.pricelist_id = p.id),
    p.tiers, p.channels, p.contract_customer, p.from_at, p.to_at, p.priority, p.state
FROM catalog_pricelist AS p
WHERE p.state = 'ACTIVE' AND (p.from_at IS NULL OR p.from_at <= %(at)s) AND (p.to_at IS NULL OR p.to_at > %(at)s)
    AND p.contract_customer = ANY(%(customers)s) AND p.currency = %(currency)s
ORDER BY p.id
"""


def _that_may_apply(asked: Asked) -> list[Terms]:
    """Lists in force in this currency, without the contracts of other customers. Every sale asks: written by hand."""
    given: dict[str, Any] = {
        "at": asked.at,
        "customers": ["", *sorted(asked.customers)],
        "currency": asked.currency,
    }
    with prepared() as cursor:
        cursor.execute(_IN_FORCE, given)
        return [_terms(row) for row in cursor.fetchall()]


def terms_of_lists(lists: PriceListQuerySet) -> list[Terms]:
    """One query, the stores of each list with it."""
    stores = PriceList.stores.through.objects.filter(pricelist_id=OuterRef("pk")).values("store_id")
    rows = lists.order_by("pk").annotate(store_ids=ArraySubquery(stores)).values_list(*_LIST)
    return [_terms(row) for row in rows]


def _terms(row: tuple[Any, ...]) -> Terms:
    """Of a row in the order of `_LIST`."""
    pk, name, currency, store_ids, tiers, channels, customer, from_at, to_at, priority, state = row
    return Terms(
        id=pk,
        name=name,
        currency=currency,
        store_ids=frozenset(store_ids),
        tiers=frozenset(tiers),
        channels=frozenset(channels),
        contract_customer=customer,
        from_at=from_at,
        to_at=to_at,
        priority=priority,
        is_active=state == PriceList.State.ACTIVE,
    )


def _names(wanted: Collection[Wanted]) -> Q:
    categories = {pk for one in wanted for pk in one.category_ids}
    return (
        Q(variant_id__in={one.variant_id for one in wanted})
        | Q(product_id__in={one.product_id for one in wanted})
        | Q(category_id__in=categories)
    )


_ITEMS_BY = " UNION ALL ".join(
    f"SELECT {', '.join(_ITEM)} FROM catalog_pricelistitem"  # noqa: S608  only names of ours are put together
    f" WHERE price_list_id = ANY(%(lists)s) AND {column} = ANY(%({column})s)"
    for column in ("variant_id", "product_id", "category_id")
)


def items_of_lists(list_ids: Collection[int], wanted: Collection[Wanted]) -> list[Item]:
    """One query of three parts, each by its own index: OR over three columns would read the whole lists."""
    asked = {
        "lists": sorted(list_ids),
        "variant_id": sorted({one.variant_id for one in wanted}),
        "product_id": sorted({one.product_id for one in wanted}),
        "category_id": sorted({pk for one in wanted for pk in one.category_ids}),
    }
    with prepared() as cursor:
        cursor.execute(_ITEMS_BY, asked)
        return [Item(*row) for row in cursor.fetchall()]
