"""The prices of a list: set in bulk, changed by percent, copied into another list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Category, PriceList, PriceListItem, Product, Variant
from dianke.catalog.operations.price_lists import (
    FIELDS,
    MANAGE,
    CurrencyFixed,
    check_list,
    check_reach,
    known_values,
    lock_price_list,
)
from dianke.catalog.queries.prices import adjustable
from dianke.catalog.rules.pricing import adjusted
from dianke.core.actor import Actor
from dianke.core.copying import update_from
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.stores.models import Store

#: So many prices are named in an event; of larger sets it says how many.
MOST_NAMED = 100
MOST_AT_ONCE = 10_000
MOST_PERCENT_BP = 100_000


class PriceNamesNothing(InvalidInput):
    code = "price_names_nothing"
    message = _("A price is for exactly one variant, product or category. Choose one of them.")


class PriceWrong(InvalidInput):
    code = "price_wrong"
    message = _(
        "Give either a price, not below zero, or a share of the base price between 0 and 1000 percent."
    )


class PriceTwice(InvalidInput):
    code = "price_twice"
    message = _("There are two prices for the same goods and quantity. Leave one.")


class GoodsUnknown(InvalidInput):
    code = "price_goods_unknown"
    message = _("Some of these goods do not exist any more. Load the page again.")


class QuantityWrong(InvalidInput):
    code = "price_quantity_wrong"
    message = _("The quantity a price begins at is zero or more, with at most four decimals.")
    default_field = "min_quantity"


class TooManyPrices(InvalidInput):
    code = "too_many_prices"
    message = _("At most %(limit)s prices at once. Import them from a file instead.")


class ChangeWrong(InvalidInput):
    code = "price_change_wrong"
    message = _("A change lies between -100 and +1000 percent.")
    default_field = "change"


class UnitWrong(InvalidInput):
    code = "price_unit_wrong"
    message = _("Choose what to round to: the smallest coin, ten or a hundred of them.")
    default_field = "unit"


class ChangedSincePreview(Conflict):
    code = "prices_changed_since_preview"
    message = _("The prices of this list have changed since you looked. Look at the preview again.")


@dataclass(frozen=True, slots=True)
class Price:
    """A price to set: for one variant, product or category from a quantity on; neither amount nor share takes the
    price out of the list."""

    variant_id: int | None = None
    product_id: int | None = None
    category_id: int | None = None
    min_quantity: Decimal = Decimal(0)
    price_amount: int | None = None
    percent_bp: int | None = None

    @property
    def key(self) -> tuple[str, int, Decimal]:
        """What it is for; two prices of a list never share it. Raises `PriceNamesNothing`."""
        named = [
            (kind, pk)
            for kind, pk in (
                ("variant_id", self.variant_id),
                ("product_id", self.product_id),
                ("category_id", self.category_id),
            )
            if pk is not None
        ]
        if len(named) != 1:
            raise PriceNamesNothing
        return *named[0], self.min_quantity


@dataclass(frozen=True, slots=True)
class PricesSet:
    """How many prices were added, changed and taken out."""

    added: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def total(self) -> int:
        return self.added + self.changed + self.removed


@operation(MANAGE)
def copy_price_list(
    *,
    price_list: PriceList,
    values: dict[str, Any],
    stores: Sequence[Store] | None = None,
    actor: Actor,
    now: datetime,
) -> PriceList:
    """A draft with the same conditions and prices; `values` (at least code and name) and `stores` say what differs.
    Raises as creating; `CurrencyFixed`."""
    source = PriceList.objects.get(pk=price_list.pk)
    values = known_values(values)
    if values.get("currency", source.currency) != source.currency:
        raise CurrencyFixed
    taken = list(source.stores.all()) if stores is None else list(stores)
    check_reach(actor, {store.pk for store in taken})
    made = PriceList(**{name: getattr(source, name) for name in sorted(FIELDS)} | values)
    check_list(made)
    made.save()
    made.stores.set(taken)
    prices = source.items.values_list(
        "variant_id", "product_id", "category_id", "min_quantity", "price_amount", "percent_bp"
    )
    count = _insert(made, [Price(*row) for row in prices.order_by("pk")])
    record(
        "catalog.price_list_copied",
        made,
        also=[source],
        actor=actor,
        now=now,
        data={"name": made.name, "source": source.name, "count": count},
    )
    return made


@operation(MANAGE)
def set_prices(*, price_list: PriceList, prices: Sequence[Price], actor: Actor, now: datetime) -> PricesSet:
    """Set, change or take out prices of a list, at most 10,000 at once, in a fixed number of statements.

    Raises `PriceListArchived`, `PriceListOutOfReach`, `PriceNamesNothing`, `PriceWrong`, `PriceTwice`,
    `QuantityWrong`, `GoodsUnknown`, `TooManyPrices`.
    """
    if len(prices) > MOST_AT_ONCE:
        raise TooManyPrices(limit=MOST_AT_ONCE)
    found = lock_price_list(price_list, actor)
    check_goods(_checked(prices).values())
    done, details = write_prices(price_list=found, prices=prices)
    if not done.total:
        unchanged()
        return done
    record(
        "catalog.prices_set",
        found,
        actor=actor,
        now=now,
        data={
            "name": found.name,
            "count": done.total,
            "added": done.added,
            "changed": done.changed,
            "removed": done.removed,
            "prices": details[:MOST_NAMED],
        },
    )
    return done


@operation(MANAGE)
def adjust_prices(
    *,
    price_list: PriceList,
    change_bp: int,
    unit: int = 1,
    category: Category | None = None,
    expected: int | None = None,
    actor: Actor,
    now: datetime,
) -> PricesSet:
    """Raise (or lower) the amounts of a list by basis points, rounded to whole `unit`s; shares of the base price stay.

    `queries.prices.preview_adjustment` shows it first; with `expected` (its count) nothing happens when the list has
    changed since. Raises `ChangeWrong`, `UnitWrong`, `ChangedSincePreview`, `PriceListArchived`, `PriceListOutOfReach`.
    """
    check_adjustment(change_bp, unit)
    found = lock_price_list(price_list, actor)
    changes = []
    for item in adjustable(found, category):
        after = adjusted(item.price_amount or 0, change_bp=change_bp, unit=unit, currency=found.currency)
        if after != item.price_amount:
            changes.append((item, after))
    if expected is not None and expected != len(changes):
        raise ChangedSincePreview
    if not changes:
        unchanged()
        return PricesSet()
    update_from(
        "catalog_pricelistitem",
        len(changes),
        {"id": [item.pk for item, _after in changes], "price_amount": [after for _item, after in changes]},
    )
    record(
        "catalog.prices_adjusted",
        found,
        also=[category] if category else [],
        actor=actor,
        now=now,
        data={
            "name": found.name,
            "count": len(changes),
            "percent": f"{Decimal(change_bp) / 100:+f}",
            "unit": unit,
            "prices": [[item.pk, item.price_amount, after] for item, after in changes[:MOST_NAMED]],
        },
    )
    return PricesSet(changed=len(changes))


def check_adjustment(change_bp: int, unit: int) -> None:
    """Raises `ChangeWrong`, `UnitWrong`."""
    if not -10_000 <= change_bp <= MOST_PERCENT_BP:
        raise ChangeWrong
    if unit not in (1, 10, 100):
        raise UnitWrong


@step
def write_prices(*, price_list: PriceList, prices: Iterable[Price]) -> tuple[PricesSet, list[list[Any]]]:
    """Bring prices of a locked list to what is given; what differs, as `[kind, id, quantity, before, after]`.

    Raises `PriceNamesNothing`, `PriceWrong`, `PriceTwice`, `QuantityWrong`.
    """
    wanted = _checked(prices)
    standing = standing_prices(price_list, wanted)
    added, changed, removed = [], [], []
    details: list[list[Any]] = []
    for key, price in wanted.items():
        before = standing.get(key)
        after = (price.price_amount, price.percent_bp)
        if after == (None, None):
            if before is not None:
                removed.append(before.pk)
        elif before is None:
            added.append(price)
        elif (before.price_amount, before.percent_bp) != after:
            changed.append((before.pk, *after))
        else:
            continue
        if before is not None or after != (None, None):
            told = None if before is None else _told(before.price_amount, before.percent_bp)
            details.append([key[0].removesuffix("_id"), key[1], str(key[2]), told, _told(*after)])
    _insert(price_list, added)
    if changed:
        ids, amounts, shares = zip(*changed, strict=True)
        columns = {"id": ids, "price_amount": amounts, "percent_bp": shares}
        update_from("catalog_pricelistitem", len(ids), columns)
    if removed:
        PriceListItem.objects.filter(pk__in=removed).delete()
    return PricesSet(len(added), len(changed), len(removed)), details


def standing_prices(
    price_list: PriceList, keys: Iterable[tuple[str, int, Decimal]]
) -> dict[tuple[str, int, Decimal], PriceListItem]:
    """The prices the list has for these things, whatever the quantity, by what they are for. One query."""
    by_kind: dict[str, set[int]] = {}
    for kind, pk, _quantity in keys:
        by_kind.setdefault(kind, set()).add(pk)
    if not by_kind:
        return {}
    named = Q()
    for kind, ids in by_kind.items():
        named |= Q(**{f"{kind}__in": ids})
    found = {}
    for item in price_list.items.filter(named):
        kind = "variant_id" if item.variant_id else "product_id" if item.product_id else "category_id"
        found[kind, getattr(item, kind), item.min_quantity] = item
    return found


def _told(amount: int | None, percent_bp: int | None) -> str | None:
    """A price in an event: "9800" minor units, or "95%" of the base price."""
    if percent_bp is not None:
        return f"{Decimal(percent_bp) / 100:f}%"
    return None if amount is None else str(amount)


def _checked(prices: Iterable[Price]) -> dict[tuple[str, int, Decimal], Price]:
    found: dict[tuple[str, int, Decimal], Price] = {}
    for price in prices:
        key = price.key
        quantity = price.min_quantity
        if not quantity.is_finite() or not 0 <= quantity < 10**14 or quantity != round(quantity, 4):
            raise QuantityWrong
        if price.price_amount is not None and price.percent_bp is not None:
            raise PriceWrong
        if price.price_amount is not None and not 0 <= price.price_amount < 10**15:
            raise PriceWrong
        if price.percent_bp is not None and not 0 <= price.percent_bp <= MOST_PERCENT_BP:
            raise PriceWrong
        if key in found:
            raise PriceTwice
        found[key] = price
    return found


def check_goods(prices: Iterable[Price]) -> None:
    """That the things prices are for exist. Raises `GoodsUnknown`."""
    wanted = list(prices)
    variants = {price.variant_id for price in wanted if price.variant_id is not None}
    products = {price.product_id for price in wanted if price.product_id is not None}
    categories = {price.category_id for price in wanted if price.category_id is not None}
    if (
        Variant.objects.filter(pk__in=variants).count() != len(variants)
        or Product.objects.filter(pk__in=products).count() != len(products)
        or Category.objects.filter(pk__in=categories, merged_into=None).count() != len(categories)
    ):
        raise GoodsUnknown


def _insert(price_list: PriceList, prices: Sequence[Price]) -> int:
    rows = [
        PriceListItem(
            price_list=price_list,
            variant_id=price.variant_id,
            product_id=price.product_id,
            category_id=price.category_id,
            min_quantity=price.min_quantity,
            price_amount=price.price_amount,
            percent_bp=price.percent_bp,
        )
        for price in prices
    ]
    PriceListItem.objects.bulk_create(rows, batch_size=5_000)
    return len(rows)
