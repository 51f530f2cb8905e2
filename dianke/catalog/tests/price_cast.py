"""Goods and prices for the tests of prices, beside the people of `dianke/stores/tests/cast.py`: categories `clothes`
over `shirts`, the product `shirt` with the variants `red` (base price 100.00) and `blue` (without a price), a ring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from dianke.catalog.models import Category, Piece, PriceList, Product, Unit, Variant
from dianke.catalog.operations.price_lists import create_price_list
from dianke.catalog.operations.prices import Price, set_prices
from dianke.core.actor import SYSTEM
from dianke.stores.models import Store


@dataclass
class Goods:
    now: datetime
    clothes: Category
    shirts: Category
    shirt: Product
    red: Variant
    blue: Variant
    ring: Piece

    def price_list(
        self, code: str, *prices: Price, stores: tuple[Store, ...] = (), **values: Any
    ) -> PriceList:
        """A list in use with these prices."""
        named = {"code": code, "name": f"{code} prices", **values}
        made = create_price_list(values=named, stores=stores, is_active=True, actor=SYSTEM, now=self.now)
        if prices:
            set_prices(price_list=made, prices=prices, actor=SYSTEM, now=self.now)
        return made

    def product(self, code: str, category: Category | None = None, **values: Any) -> Product:
        unit = Unit.objects.order_by("pk").first() or Unit.objects.create(code="PCS", name="件", kind="COUNT")
        given = {"name": code, "unit": unit, "created_at": self.now, "changed_at": self.now, **values}
        return Product.objects.create(code=code, category=category, **given)


def make_goods(now: datetime) -> Goods:
    clothes = Category.objects.create(name="服装")
    shirts = Category.objects.create(name="衬衫", parent=clothes, path=[clothes.pk])
    goods = Goods(now, clothes, shirts, None, None, None, None)  # type: ignore[arg-type]
    goods.shirt = goods.product("SHIRT", shirts, name="牛津衬衫")
    goods.red = Variant.objects.create(product=goods.shirt, code="SHIRT-R", label="红", price_amount=10_000)
    goods.blue = Variant.objects.create(product=goods.shirt, code="SHIRT-B", label="蓝")
    rings = goods.product("RING", kind="PIECE", tracking="PIECE", name="素圈戒指")
    model = Variant.objects.create(product=rings, code="RING-1")
    goods.ring = make_piece(model, "R0001", now)
    return goods


def make_piece(variant: Variant, tag: str, now: datetime, **values: Any) -> Piece:
    """Gold 999, 10.235 g, 30.00 a gram for making, stones for 500.00, unless said otherwise."""
    given = {
        "gross_weight_mg": 10_500,
        "net_weight_mg": 10_235,
        "metal": "GOLD",
        "fineness": 999,
        "making": "PER_GRAM",
        "making_amount": 3_000,
        "stone_amount": 50_000,
        "created_at": now,
        **values,
    }
    return Piece.objects.create(variant=variant, tag=tag, **given)


def amount(yuan: str) -> int:
    return int(Decimal(yuan) * 100)
