"""What the goods of a shelf cost, for whoever has to know it ahead: the price for everybody, that of each level, and
the steps by quantity. The rules are those of `queries/prices.py`; contracts of single customers are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from dianke.catalog.models import PriceList
from dianke.catalog.queries import prices
from dianke.catalog.rules.pricing import Asked, Item, Wanted, resolve_many, why_not
from dianke.stores.models import Store

__all__ = ["Shelf", "Step", "Wanted", "shelf_prices"]
LEAST = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Step:
    """From this quantity on it costs so much, and levels pay what `tiers` says (code → minor units)."""

    from_quantity: Decimal
    amount: int | None
    tiers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shelf:
    """`amount` None: there is no price. `tiers` only where a level pays something else than everybody."""

    amount: int | None
    tiers: Mapping[str, int]
    steps: tuple[Step, ...] = ()


def shelf_prices(wanted: Sequence[Wanted], *, store: Store, channel: str, at: datetime) -> dict[int, Shelf]:
    """By variant id. Two statements."""
    asked = Asked(currency=store.currency, at=at, store_id=store.pk, channel=channel, quantity=LEAST)
    rows = PriceList.objects.in_force(at).filter(contract_customer="", currency=store.currency)
    lists = prices.terms_of_lists(rows)
    levels = sorted({tier for terms in lists for tier in terms.tiers})
    possible = [
        terms.id
        for terms in lists
        if any(why_not(terms, replace(asked, tier=tier)) is None for tier in ["", *levels])
    ]
    items = prices.items_of_lists(possible, wanted) if possible else []
    quantities = sorted({item.min_quantity for item in items if item.min_quantity > LEAST})
    found = {}
    for quantity in [LEAST, *quantities]:
        its = replace(asked, quantity=quantity)
        concerned = wanted if quantity == LEAST else _with_step(wanted, items, quantity)
        usual = resolve_many(concerned, its, lists, items)
        by_level = {tier: resolve_many(concerned, replace(its, tier=tier), lists, items) for tier in levels}
        for one in concerned:
            pk = one.variant_id
            amount = usual[pk].amount
            tiers = {
                tier: other
                for tier, resolved in by_level.items()
                if (other := resolved[pk].amount) is not None and other != amount
            }
            if quantity == LEAST:
                found[pk] = Shelf(amount, tiers)
            else:
                found[pk] = replace(found[pk], steps=(*found[pk].steps, Step(quantity, amount, tiers)))
    return found


def _with_step(wanted: Sequence[Wanted], items: Sequence[Item], quantity: Decimal) -> list[Wanted]:
    """Those an item from that quantity on may be for."""
    here = [item for item in items if item.min_quantity == quantity]
    variants = {item.variant_id for item in here}
    products = {item.product_id for item in here}
    categories = {item.category_id for item in here} - {None}
    return [
        one
        for one in wanted
        if one.variant_id in variants
        or one.product_id in products
        or categories.intersection(one.category_ids)
    ]
