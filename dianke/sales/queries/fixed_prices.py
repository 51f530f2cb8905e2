"""Prices of the day in lines of orders: what a gram of a piece counted for, since when, and until when that is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dianke.catalog.models import Piece
from dianke.catalog.rules.jewelry import MetalPrice
from dianke.sales.models import Order, OrderChange, OrderLine
from dianke.sales.queries.deliveries import setting_of


@dataclass(frozen=True, slots=True)
class FixedPrice:
    """The price of the day a piece was worked out by: for this net weight, fixed `at`. Locked where it was promised
    before, and not read from the board now."""

    price: MetalPrice
    weight_mg: int
    at: datetime

    def fits(self, piece: Piece) -> bool:
        """Whether the piece is still the one it was promised for: not weighed or tested anew, not at a fixed price."""
        now = (piece.metal, piece.fineness, piece.net_weight_mg)
        return piece.is_priced_by_day and now == (self.price.metal, self.price.fineness, self.weight_mg)

    def as_data(self) -> dict[str, Any]:
        """As a line keeps it."""
        return {
            "metal": self.price.metal,
            "fineness": self.price.fineness,
            "amount": self.price.amount,
            "currency": self.price.currency,
            "weight_mg": self.weight_mg,
            "at": self.at.isoformat(),
        }


#: What is kept of prices of the day: by piece and quantity.
KeptPrices = Mapping[tuple[int, Decimal], FixedPrice]


def fixed_price_of(line: OrderLine) -> FixedPrice | None:
    """The price of the day a line was worked out by; None: it has none."""
    data = line.data.get("day_price")
    if data is None:
        return None
    price = MetalPrice(data["metal"], data["fineness"], data["amount"], data["currency"], is_locked=True)
    return FixedPrice(price, data["weight_mg"], datetime.fromisoformat(data["at"]))


def kept_prices(order: Order, lines: Sequence[OrderLine], now: datetime) -> KeptPrices:
    """What lines keep that are the same after a change: in a draft so long as its store keeps a price of the day, in an
    order for good."""
    found = {
        (line.piece_id, line.quantity): fixed
        for line in lines
        if line.piece_id is not None and (fixed := fixed_price_of(line)) is not None
    }
    if not found or order.state != Order.State.DRAFT:
        return found
    lasting = _kept_for(order)
    return {what: fixed for what, fixed in found.items() if now <= fixed.at + lasting}


@dataclass(frozen=True, slots=True)
class Keeping:
    """Since when and until when the price of the day of a line is kept in a draft."""

    fixed_at: datetime
    until: datetime


def keeping_of(order: Order, lines: Sequence[OrderLine]) -> dict[int, Keeping]:
    """Of each line with a price of the day, by its id, by the rule of the store. The lines come with their pieces. No
    query where none has one."""
    by_day = [line for line in lines if line.piece is not None and line.piece.is_priced_by_day]
    if not by_day:
        return {}
    lasting = _kept_for(order)
    fixed = {line.pk: each.at for line in by_day if (each := fixed_price_of(line)) is not None}
    # A line that was written before lines kept their own was fixed when the order was priced.
    priced_at = last_priced_at(order) if len(fixed) < len(by_day) else order.recorded_at
    moments = {line.pk: fixed.get(line.pk, priced_at) for line in by_day}
    return {pk: Keeping(at, at + lasting) for pk, at in moments.items()}


def is_one_keeping(keeping: Mapping[int, Keeping]) -> bool:
    """Whether one sentence says it for all lines."""
    return len(set(keeping.values())) < 2


def prices_kept_until(order: Order) -> datetime | None:
    """Until when all prices of the day in a draft are kept; None: nothing in it has one."""
    lines = order.lines.filter(piece__isnull=False).select_related("piece")
    return min((each.until for each in keeping_of(order, list(lines)).values()), default=None)


def last_priced_at(order: Order) -> datetime:
    """When its lines were last written."""
    changed = order.changes.filter(kind=OrderChange.Kind.LINES).order_by("-pk").values_list("at", flat=True)
    return changed.first() or order.recorded_at


def _kept_for(order: Order) -> timedelta:
    return timedelta(hours=setting_of(order.store_id).gold_lock_hours)
