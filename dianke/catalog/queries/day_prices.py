"""The board of a store: what a gram of each metal costs at a moment, how it went, and what a piece costs by it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import DayPrice, DayPriceLock, Piece
from dianke.catalog.models.day_prices import scope_of
from dianke.catalog.rules import jewelry
from dianke.catalog.rules.jewelry import MetalPrice, PiecePrice, PieceTerms
from dianke.core.errors import Conflict
from dianke.stores.models import Merchant, Region, Store


class LockOver(Conflict):
    code = "day_price_lock_over"
    message = _(
        "The locked price “%(reference)s” no longer holds. Work the price out anew, or agree on a new lock first."
    )


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One line of the board: minor units per gram. `scope` says whose price it is: "store:3", "region:2", "" for the
    merchant. `is_of_today`: set for the store's business day of the moment asked about."""

    day_price_id: int
    metal: str
    fineness: int
    currency: str
    sell_amount: int
    buy_back_amount: int | None
    from_at: datetime
    scope: str
    is_of_today: bool

    @property
    def name(self) -> str:
        """ "Gold 999"."""
        return jewelry.metal_name(self.metal, self.fineness)

    def selling(self) -> MetalPrice:
        """As the rules for pieces take it."""
        return MetalPrice(self.metal, self.fineness, self.sell_amount, self.currency)

    def buying(self) -> MetalPrice | None:
        """As the rule for old metal takes it; None where none is bought."""
        if self.buy_back_amount is None:
            return None
        return MetalPrice(self.metal, self.fineness, self.buy_back_amount, self.currency)


# The kinds of metal are walked by the index, and of each the newest row of each scope is looked up: ten metals are
# some forty look-ups, however many years of prices there are.
_BOARD = """
WITH RECURSIVE kinds AS (
    (SELECT metal, fineness FROM catalog_dayprice ORDER BY metal, fineness LIMIT 1)
  UNION ALL
    SELECT following.metal, following.fineness FROM kinds, LATERAL (
        SELECT metal, fineness FROM catalog_dayprice
        WHERE (metal, fineness) > (kinds.metal, kinds.fineness) ORDER BY metal, fineness LIMIT 1
    ) AS following
)
SELECT kinds.metal, kinds.fineness, newest.id, newest.currency, newest.sell_amount, newest.buy_back_amount,
       newest.from_at, scopes.scope
FROM kinds CROSS JOIN unnest(%(scopes)s::text[]) WITH ORDINALITY AS scopes (scope, place), LATERAL (
    SELECT id, currency, sell_amount, buy_back_amount, from_at FROM catalog_dayprice
    WHERE metal = kinds.metal AND fineness = kinds.fineness AND catalog_dayprice.scope = scopes.scope
      AND from_at <= %(at)s
    ORDER BY from_at DESC, id DESC LIMIT 1
) AS newest
ORDER BY kinds.metal, kinds.fineness DESC, scopes.place
"""


def scopes_of(store: Store | None) -> list[str]:
    """Whose boards count for a store, the nearest first: its own, its region's and those above, the merchant's."""
    if store is None:
        return [""]
    found = [scope_of(store.pk, None)]
    region_id = store.region_id
    if region_id is not None:
        parents = dict(Region.objects.values_list("pk", "parent_id"))
        while region_id is not None and scope_of(None, region_id) not in found:
            found.append(scope_of(None, region_id))
            region_id = parents.get(region_id)
    return [*found, ""]


def board(store: Store | None, at: datetime) -> list[BoardRow]:
    """The prices of the day of a store (None: the merchant's own board) at an instant, by metal, finest first.

    Two queries. Of each metal the nearest scope that has a price counts; a scope that follows the wider board again
    has none.
    """
    return board_of_scopes(scopes_of(store), store, at)


def board_of_scopes(scopes: Sequence[str], store: Store | None, at: datetime) -> list[BoardRow]:
    """The board as these scopes make it; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_BOARD, {"scopes": list(scopes), "at": at})
        rows = cursor.fetchall()
    found: dict[tuple[str, int], BoardRow] = {}
    for metal, fineness, pk, currency, sell, buy_back, from_at, scope in rows:
        if sell is not None and (metal, fineness) not in found:
            is_of_today = store is None or store.business_date(from_at) == store.business_date(at)
            found[metal, fineness] = BoardRow(
                pk, metal, fineness, currency, sell, buy_back, from_at, scope, is_of_today
            )
    return list(found.values())


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A row of the board as it was set; `is_corrected` when another row has taken its place."""

    day_price: DayPrice
    is_corrected: bool


def history(
    metal: str,
    fineness: int,
    *,
    store: Store | None = None,
    region: Region | None = None,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    limit: int = 400,
) -> list[HistoryRow]:
    """How the price of a metal went for a store, a region or the merchant, newest first. One query."""
    scope = scope_of(store.pk if store else None, region.pk if region else None)
    rows = DayPrice.objects.filter(metal=metal, fineness=fineness, scope=scope)
    period = Q()
    if from_at is not None:
        period &= Q(from_at__gte=from_at)
    if to_at is not None:
        period &= Q(from_at__lt=to_at)
    found = rows.filter(period).select_related("corrected_by", "set_by").order_by("-from_at", "-id")
    return [HistoryRow(row, getattr(row, "corrected_by", None) is not None) for row in found[:limit]]


def piece_price(
    piece: Piece, store: Store | None, at: datetime, lock: DayPriceLock | None = None
) -> PiecePrice:
    """What a piece costs in a store at an instant, with the lines to read out. At most two queries.

    With a `lock` its price per gram counts. Raises `LockOver`, `LockDoesNotFit`, `DayPriceMissing`,
    `PieceWithoutPrice`.
    """
    currency = store.currency if store else _merchant_currency()
    if not piece.is_priced_by_day:
        return jewelry.piece_price(terms_of(piece), None, currency=currency)
    if lock is not None:
        return jewelry.piece_price(terms_of(piece), locked(lock, at), currency=currency)
    prices = {(row.metal, row.fineness): row.selling() for row in board(store, at)}
    return jewelry.piece_price(terms_of(piece), prices.get((piece.metal, piece.fineness)), currency=currency)


def piece_prices(
    pieces: Collection[Piece],
    store: Store | None,
    at: datetime,
    kept: Mapping[int, MetalPrice] | None = None,
) -> dict[int, PiecePrice | None]:
    """The same for many pieces, by id; None for a piece that has no price. As many queries as for one. `kept`: the
    price of the metal that counts for these pieces, whatever the board says."""
    currency = store.currency if store else _merchant_currency()
    prices = {(row.metal, row.fineness): row.selling() for row in board(store, at)} if pieces else {}
    kept = kept or {}
    found: dict[int, PiecePrice | None] = {}
    for piece in pieces:
        price = kept.get(piece.pk) or prices.get((piece.metal, piece.fineness))
        try:
            found[piece.pk] = jewelry.piece_price(terms_of(piece), price, currency=currency)
        except (jewelry.DayPriceMissing, jewelry.PieceWithoutPrice):
            found[piece.pk] = None
    return found


def locked(lock: DayPriceLock, at: datetime) -> MetalPrice:
    """The price a lock promises. Raises `LockOver` when it does not hold at that instant."""
    if not lock.is_holding(at):
        raise LockOver(reference=lock.reference)
    return MetalPrice(lock.metal, lock.fineness, lock.sell_amount, lock.currency, is_locked=True)


def terms_of(piece: Piece) -> PieceTerms:
    """A piece as the rules take it."""
    return PieceTerms(
        metal=piece.metal,
        fineness=piece.fineness,
        net_weight_mg=piece.net_weight_mg,
        making=piece.making,
        making_amount=piece.making_amount,
        stone_amount=piece.stone_amount,
        fixed_amount=piece.price_amount,
    )


def _merchant_currency() -> str:
    return Merchant.objects.values_list("currency", flat=True).first() or "CNY"
