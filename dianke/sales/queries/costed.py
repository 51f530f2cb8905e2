"""A line of a basket with its price, as it is shown and as an order keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dianke.sales.models import OrderLine
from dianke.sales.queries.basket import Item
from dianke.sales.queries.goods import Goods, Known
from dianke.sales.rules.positions import tax_within
from dianke.sales.rules.pricing.priced import PricedLine, Stage

Kind = OrderLine.Kind


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A step of a line's price as it is kept."""

    stage: str
    source: str
    reason: str
    values: Mapping[str, Any]
    amount: int


@dataclass(frozen=True, slots=True)
class Costed:
    """A line with its price. `unit_amount` is the list price of one."""

    item: Item
    kind: str
    goods: Goods | None
    name: str
    unit_amount: int
    list_amount: int
    adjustments: tuple[Adjusted, ...]
    paid_amount: int
    tax_rate_bp: int
    tax_amount: int
    is_gift: bool = False

    @property
    def is_prepaid(self) -> bool:
        return self.kind in (Kind.TOP_UP, Kind.CARD)


def costed(
    item: Item,
    found: Known,
    listed: Mapping[str, tuple[int, int | None]],
    priced: PricedLine | None,
) -> Costed:
    goods = found.goods.get(item.variant_id or 0)
    unit = listed[item.key][0]
    rate = goods.tax_rate_bp if goods else item.tax_rate_bp
    kind = item.kind if goods is None else _kind_of(goods)
    name = goods.name if goods else item.name
    if priced is not None:
        steps = tuple(
            Adjusted(str(step.stage), step.source, step.code, dict(step.values), step.amount)
            for step in priced.adjustments
            if step.amount
        )
        base = Costed(
            item, kind, goods, name, unit, priced.list_amount, steps, priced.paid_amount, rate,
            priced.tax_amount, priced.is_gift,
        )  # fmt: skip
        return _as_sold(base)
    amount = int(unit * item.quantity) if goods else unit
    if item.session_card_id is not None:
        source = f"session:{item.session_card_id}"
        paid_by = (Adjusted(str(Stage.ITEM_PRICE), source, "session", {}, -amount),) if amount else ()
        return Costed(item, kind, goods, name, unit, amount, paid_by, 0, rate, 0)
    tax = 0 if kind in (Kind.TOP_UP, Kind.CARD) else tax_within(amount, rate)
    return _as_sold(Costed(item, kind, goods, name, unit, amount, (), amount, rate, tax))


def _as_sold(line: Costed) -> Costed:
    """What an offline till took stands; the difference to the server's price is a step of its own."""
    sold = line.item.sold_amount
    if sold is None or sold == line.paid_amount:
        return line
    step = Adjusted("CLIENT", "client", "as_sold_offline", {}, sold - line.paid_amount)
    tax = 0 if line.is_prepaid else tax_within(sold, line.tax_rate_bp)
    return replace(line, adjustments=(*line.adjustments, step), paid_amount=sold, tax_amount=tax)


def _kind_of(goods: Goods) -> str:
    return {
        "PIECE": Kind.PIECE,
        "SERVICE": Kind.SERVICE,
        "BUNDLE": Kind.BUNDLE,
    }.get(goods.kind, Kind.GOODS)
