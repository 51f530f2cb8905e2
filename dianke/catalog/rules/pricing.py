"""Which price a variant has for whom: price lists against the base price.

A list applies when everything it asks for is there (store, channel, tier, customer, currency, time). Among lists that
apply the most special one counts, and inside it the item that names the variant most closely. The worked table is in
docs/algorithms/prices.md. Amounts are whole minor units (fen), tax included.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from dianke.catalog.rules.sayings import Said, percent
from dianke.core.money import Money, digits_of

WHOLE_BP = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Rank(enum.IntEnum):
    """How special a price list is: by the most special thing it asks for."""

    ALL = 0
    STORE = 1
    CHANNEL = 2
    TIER = 3
    CONTRACT = 4


class Level(enum.IntEnum):
    """How closely an item names the variant. BASE is the variant's own price, without any list."""

    BASE = 0
    CATEGORY = 1
    PRODUCT = 2
    VARIANT = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """Who buys how much, where and when. `customers` are subject keys of one person (merged records of the same
    person have several); `quantity` is in the stock unit of the product."""

    currency: str
    at: datetime
    store_id: int | None = None
    channel: str = ""
    tier: str = ""
    customers: frozenset[str] = frozenset()
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Terms:
    """A price list as it stands. Empty sets and an empty customer ask for nothing; `[from_at, to_at)`."""

    id: int
    name: str
    currency: str
    store_ids: frozenset[int] = frozenset()
    tiers: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    contract_customer: str = ""
    from_at: datetime | None = None
    to_at: datetime | None = None
    priority: int = 0
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list: exactly one of the three ids, and either an amount or basis points of the base price."""

    id: int
    list_id: int
    variant_id: int | None = None
    product_id: int | None = None
    category_id: int | None = None
    min_quantity: Decimal = Decimal(0)
    price_amount: int | None = None
    percent_bp: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The variant a price is looked for. `category_ids` run from the product's own category up to the root;
    `base_amount` is in `base_currency`, None while nobody has set one."""

    variant_id: int
    product_id: int
    base_amount: int | None
    base_currency: str
    category_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """One price that could have been taken, with where it comes from. `depth` counts categories upwards."""

    amount: int
    terms: Terms
    item: Item
    rank: Rank
    level: Level
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Resolved:
    """The price: `amount` None means that there is none in this currency, and `reason` says so."""

    variant_id: int
    amount: int | None
    currency: str
    base_amount: int | None
    level: Level
    reason: Said
    list_id: int | None = None
    item_id: int | None = None
    rank: Rank | None = None
    #: What else applied, the next best first; the explanation of the price shows it.
    passed_over: tuple[Offer, ...] = field(default=(), compare=False)


def why_not(terms: Terms, asked: Asked) -> Said | None:
    """What keeps the list from applying, the first reason; None when it applies."""
    if not terms.is_active:
        return Said("list_not_in_use", _("is not in use"))
    if terms.currency != asked.currency:
        return Said("other_currency", _("is in %(currency)s"), {"currency": terms.currency})
    if terms.from_at is not None and asked.at < terms.from_at:
        return Said("not_begun", _("has not begun"))
    if terms.to_at is not None and asked.at >= terms.to_at:
        return Said("is_over", _("is over"))
    if terms.store_ids and asked.store_id not in terms.store_ids:
        return Said("other_store", _("is for other stores"))
    if terms.channels and asked.channel not in terms.channels:
        return Said("other_channel", _("is for other channels"))
    if terms.tiers and asked.tier not in terms.tiers:
        return Said("other_tier", _("is for other member tiers"))
    if terms.contract_customer and terms.contract_customer not in asked.customers:
        return Said("other_customer", _("is the contract of another customer"))
    return None


def rank_of(terms: Terms, asked: Asked) -> Rank | None:
    """How special the list is for whoever asks; None when it does not apply."""
    if why_not(terms, asked) is not None:
        return None
    if terms.contract_customer:
        return Rank.CONTRACT
    if terms.tiers:
        return Rank.TIER
    if terms.channels:
        return Rank.CHANNEL
    return Rank.STORE if terms.store_ids else Rank.ALL


def level_of(item: Item, wanted: Wanted) -> tuple[Level, int] | None:
    """How closely the item names the variant, and how far up its category is; None when it names another."""
    if item.variant_id is not None:
        return (Level.VARIANT, 0) if item.variant_id == wanted.variant_id else None
    if item.product_id is not None:
        return (Level.PRODUCT, 0) if item.product_id == wanted.product_id else None
    if item.category_id in wanted.category_ids:
        return Level.CATEGORY, wanted.category_ids.index(item.category_id)
    return None


def amount_of(item: Item, wanted: Wanted, currency: str) -> int | None:
    """Minor units of the item; a share of the base price is rounded once, halves up. None: there is nothing to take
    a share of in this currency."""
    if item.price_amount is not None:
        return item.price_amount
    if item.percent_bp is None or wanted.base_amount is None or wanted.base_currency != currency:
        return None
    base = Money.from_minor(wanted.base_amount, currency)
    return base.scaled(Decimal(item.percent_bp) / WHOLE_BP).to_minor()


def _best_first(offer: Offer) -> tuple[object, ...]:
    terms, item = offer.terms, offer.item
    # Without a beginning a list is older than any.
    since = None if terms.from_at is None else (terms.from_at - _EPOCH) // timedelta(microseconds=1)
    return (
        -offer.rank,
        -terms.priority,
        since is None,
        -(since or 0),
        -terms.id,
        -offer.level,
        offer.depth,
        -item.min_quantity,
        item.id,
    )


Applying = Mapping[int, tuple[Terms, Rank]]


def applying_of(lists: Iterable[Terms], asked: Asked) -> Applying:
    """Those of the lists that apply, by id, with how special they are."""
    found = {}
    for terms in lists:
        rank = rank_of(terms, asked)
        if rank is not None:
            found[terms.id] = (terms, rank)
    return found


def offers(wanted: Wanted, asked: Asked, applying: Applying, items: Iterable[Item]) -> list[Offer]:
    """Every price that applies, the one that counts first.

    contract > tier > channel > store > all; then the higher priority, the later beginning, the later made; inside a
    list variant > product > nearest category; then the largest minimum quantity that fits.
    """
    found = []
    for item in items:
        if item.list_id not in applying or item.min_quantity > asked.quantity:
            continue
        placed = level_of(item, wanted)
        amount = amount_of(item, wanted, asked.currency) if placed else None
        if placed is None or amount is None:
            continue
        terms, rank = applying[item.list_id]
        found.append(Offer(amount, terms, item, rank, *placed))
    return sorted(found, key=_best_first)


def resolve(wanted: Wanted, asked: Asked, lists: Iterable[Terms], items: Iterable[Item]) -> Resolved:
    """The price of one variant, with the reason. The order of lists and items does not matter."""
    return _resolve(wanted, asked, applying_of(lists, asked), items)


def _resolve(wanted: Wanted, asked: Asked, applying: Applying, items: Iterable[Item]) -> Resolved:
    possible = offers(wanted, asked, applying, items)
    base = wanted.base_amount if wanted.base_currency == asked.currency else None
    if possible:
        best = possible[0]
        return Resolved(
            variant_id=wanted.variant_id,
            amount=best.amount,
            currency=asked.currency,
            base_amount=base,
            level=best.level,
            reason=reason_of(best),
            list_id=best.terms.id,
            item_id=best.item.id,
            rank=best.rank,
            passed_over=tuple(possible[1:]),
        )
    if base is None:
        reason = Said("no_price", _("There is no price in %(currency)s."), {"currency": asked.currency})
    else:
        reason = Said("base_price", _("Base price, no price list applies."))
    return Resolved(wanted.variant_id, base, asked.currency, base, Level.BASE, reason)


def resolve_many(
    wanted: Iterable[Wanted],
    asked: Asked,
    lists: Iterable[Terms],
    items: Iterable[Item],
    quantities: Mapping[int, Decimal] | None = None,
) -> dict[int, Resolved]:
    """The same for many variants, by variant id; each looks only at the items that can name it. `quantities` by variant
    id stand for `asked.quantity` where they differ."""
    applying = applying_of(lists, asked)
    by_target: dict[tuple[Level, int], list[Item]] = {}
    for item in items:
        if item.variant_id is not None:
            key = (Level.VARIANT, item.variant_id)
        elif item.product_id is not None:
            key = (Level.PRODUCT, item.product_id)
        else:
            key = (Level.CATEGORY, item.category_id or 0)
        by_target.setdefault(key, []).append(item)
    found = {}
    for one in wanted:
        keys = [(Level.VARIANT, one.variant_id), (Level.PRODUCT, one.product_id)]
        keys += [(Level.CATEGORY, pk) for pk in one.category_ids]
        near = [item for key in keys for item in by_target.get(key, ())]
        its = asked
        if quantities and one.variant_id in quantities:
            its = replace(asked, quantity=quantities[one.variant_id])
        found[one.variant_id] = _resolve(one, its, applying, near)
    return found


def adjusted(amount: int, *, change_bp: int, unit: int, currency: str) -> int:
    """A price raised (or lowered) by basis points and rounded once, halves up, to whole `unit`s of minor units: 1 for
    fen, 10 for jiao, 100 for yuan. Never below zero."""
    exact = Fraction(amount * (WHOLE_BP + change_bp), WHOLE_BP) / unit
    units = Money(1, currency).scaled(exact / 10 ** digits_of(currency)).to_minor()
    return max(units, 0) * unit


_BECAUSE = {
    Rank.CONTRACT: _("Contract price of this customer, list “%(list)s”"),
    Rank.TIER: _("Price of this member tier, list “%(list)s”"),
    Rank.CHANNEL: _("Price of this channel, list “%(list)s”"),
    Rank.STORE: _("Price of this store, list “%(list)s”"),
    Rank.ALL: _("Price for everybody, list “%(list)s”"),
}
_NAMES = {
    Level.VARIANT: _("set for this variant"),
    Level.PRODUCT: _("set for the product"),
    Level.CATEGORY: _("set for the category"),
}


def reason_of(offer: Offer) -> Said:
    """Why this price, in one sentence."""
    parts = [_BECAUSE[offer.rank], _NAMES[offer.level]]
    values: dict[str, object] = {"list": offer.terms.name}
    if offer.item.percent_bp is not None:
        parts.append(_("%(percent)s of the base price"))
        values["percent"] = percent(offer.item.percent_bp)
    if offer.item.min_quantity > 1:
        parts.append(_("from %(quantity)s on"))
        values["quantity"] = format(offer.item.min_quantity.normalize(), "f")
    return Reason(f"{offer.rank.name.lower()}_price", parts[0], values, tuple(parts))


@dataclass(frozen=True, slots=True)
class Reason(Said):
    """A sentence of several parts, joined as the language does."""

    parts: tuple[object, ...] = ()

    def __str__(self) -> str:
        joined = str(_(", ")).join(str(part) for part in self.parts)
        return joined % self.values
