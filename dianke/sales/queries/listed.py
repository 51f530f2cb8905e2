"""What the lines of a basket cost before any offer: prices of the catalogue, of pieces by the day, by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Piece
from dianke.catalog.queries.day_prices import piece_prices
from dianke.catalog.queries.prices import PriceForMember, prices_for_member
from dianke.catalog.rules.jewelry import PiecePrice
from dianke.catalog.rules.pricing import Wanted
from dianke.core.errors import InvalidInput
from dianke.core.money import Money
from dianke.customers.models import Customer
from dianke.loyalty.queries.standing import Standing
from dianke.sales.queries.basket import Item, Sale
from dianke.sales.queries.fixed_prices import FixedPrice, KeptPrices
from dianke.sales.queries.goods import Goods, Known


class WithoutPrice(InvalidInput):
    code = "sale_line_without_price"
    message = _("“%(name)s” has no price here. Set one in the catalogue, or enter the price by hand.")
    default_field = "items"


def list_prices(
    sale: Sale,
    items: Sequence[Item],
    found: Known,
    standing: Standing | None,
    pieces: Mapping[int, Piece],
    at: datetime,
    kept: KeptPrices,
) -> tuple[dict[str, tuple[int, int | None]], dict[int, FixedPrice]]:
    """By key of the line: list price of one, and the price of the customer's level. By piece: the price of the day it
    was worked out by, the one that is kept for it or else that of now. Raises `WithoutPrice`."""
    plain = [item for item in items if item.variant_id is not None]
    quantities: dict[int, Decimal] = {}
    for item in plain:
        if item.variant_id is not None:
            quantities[item.variant_id] = quantities.get(item.variant_id, Decimal(0)) + item.quantity
    wanted = {item.variant_id for item in plain if item.variant_id and not item.piece_id}
    label = Customer._meta.label_lower
    prices = prices_for_member(
        [_wanted(found.goods[pk], found.currency) for pk in sorted(wanted)],
        store=sale.store,
        channel=sale.channel,
        tier=standing.tier_code if standing else "",
        customer=[f"{label}:{pk}" for pk in found.customer_ids],
        quantity=quantities,
        at=at,
    )
    by_piece, fixed = _of_pieces(sale, items, pieces, at, kept) if pieces else ({}, {})
    listed: dict[str, tuple[int, int | None]] = {}
    for item in items:
        if item.variant_id is None:
            listed[item.key] = (item.amount or 0, None)
            continue
        amount, member = None, None
        if item.piece_id:
            priced = by_piece.get(item.piece_id)
            amount = priced.amount if priced is not None else None
        elif (pair := prices.get(item.variant_id)) is not None:
            amount, member = pair.price.amount, _member_amount(pair)
        if amount is None:
            amount = item.unit_amount
        if amount is None and sale.is_offline and item.sold_amount is not None:
            amount = line_amount(item.sold_amount, 1 / item.quantity, sale.store.currency)
        if amount is None:
            raise WithoutPrice(name=found.goods[item.variant_id].name)
        listed[item.key] = (amount, member)
    return listed, fixed


def _wanted(goods: Goods, currency: str) -> Wanted:
    return Wanted(goods.variant_id, goods.product_id, goods.price_amount, currency, goods.category_ids)


def _of_pieces(
    sale: Sale, items: Sequence[Item], pieces: Mapping[int, Piece], at: datetime, kept: KeptPrices
) -> tuple[dict[int, PiecePrice | None], dict[int, FixedPrice]]:
    promised: dict[int, FixedPrice] = {}
    for item in items:
        piece = pieces.get(item.piece_id or 0)
        before = kept.get((piece.pk, item.quantity)) if piece is not None else None
        if piece is not None and before is not None and before.fits(piece):
            promised[piece.pk] = before
    by_piece = piece_prices(
        list(pieces.values()), sale.store, at, {pk: fixed.price for pk, fixed in promised.items()}
    )
    fixed_now = {
        pk: FixedPrice(priced.metal_price, pieces[pk].net_weight_mg, at)
        for pk, priced in by_piece.items()
        if priced is not None and priced.metal_price is not None
    }
    return by_piece, fixed_now | promised


def _member_amount(pair: PriceForMember) -> int | None:
    return pair.member_price.amount if pair.member_price else None


def line_amount(unit_amount: int, quantity: Decimal, currency: str) -> int:
    """So much of it, in minor units."""
    return Money.from_minor(unit_amount, currency).scaled(quantity).to_minor()
