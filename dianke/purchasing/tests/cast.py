"""The buyers of these tests: the people and stores of the cast of `stores`, goods on the shelves, two suppliers.

美源 sells scarves by the piece and cream in boxes of 12, in three days; 丝路 sells scarves dearer, in one day.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from dianke.catalog.models import Category, Product, Unit, Variant
from dianke.core.actor import SYSTEM, Actor
from dianke.inventory.models import Place
from dianke.inventory.tests.shop import Shop
from dianke.purchasing import operations
from dianke.purchasing.models import PurchaseOrder, Supplier, SupplierPrice
from dianke.purchasing.operations import Delivery, OrderItem
from dianke.stores.tests.cast import Cast, make_cast

D = Decimal
TODAY = date(2026, 11, 21)


@dataclass
class Buyers:
    """`buyers.order()` is a sent order for 20 scarves at 10 yuan of the lake; see the module for the rest."""

    now: datetime
    cast: Cast
    shop: Shop
    meiyuan: Supplier
    silkroad: Supplier
    scarf: Variant
    cream: Variant
    prices: dict[str, SupplierPrice] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def actor(self, name: str) -> Actor:
        return SYSTEM if name == "system" else self.cast.actor(name)

    def draft(self, *items: tuple[Variant, Any], by: str = "manager", **more: Any) -> PurchaseOrder:
        wanted = items or ((self.scarf, 20),)
        return operations.draft_order(
            supplier=more.pop("supplier", self.meiyuan),
            store=more.pop("store", self.cast.lake),
            items=[OrderItem(variant.pk, D(str(quantity))) for variant, quantity in wanted],
            actor=self.actor(by),
            now=more.pop("now", self.now),
            **more,
        )

    def order(self, *items: tuple[Variant, Any], by: str = "manager", **more: Any) -> PurchaseOrder:
        """Sent by hand, without anybody being asked."""
        now = more.get("now", self.now)
        order = self.draft(*items, by=by, **more)
        operations.submit_order(order=order, actor=self.actor(by), now=now)
        return operations.send_order(order=order, channel="BY_HAND", actor=self.actor(by), now=now)

    def receive(self, order: PurchaseOrder, *deliveries: Delivery, by: str = "clerk", **more: Any) -> Any:
        return operations.receive_order(
            order=order,
            deliveries=list(deliveries),
            reference=more.pop("reference", f"receipt-{next(self.numbers)}"),
            actor=self.actor(by),
            now=more.pop("now", self.now),
            **more,
        )

    def came(self, order: PurchaseOrder, delivered: Any, accepted: Any = None, **more: Any) -> Delivery:
        """So much of the first line of an order."""
        line = order.lines.order_by("position").first()
        assert line is not None
        good = delivered if accepted is None else accepted
        return Delivery(line.pk, D(str(delivered)), D(str(good)), **more)

    def sold(self, variant: Variant, per_day: Any, *, days: int, store: Any = None) -> None:
        """So many sold on each of the days before today, from goods that were there."""
        for ago in range(days, 0, -1):
            at = self.now - timedelta(days=ago)
            where = {"store": store or self.cast.lake, "business_date": at.date(), "now": at}
            self.shop.receive(variant, per_day, 10, **where)
            self.shop.sell(variant, per_day, **where, occurred_at=at)


def make_buyers(now: datetime) -> Buyers:
    cast = make_cast(now)
    unit = Unit.objects.filter(digits=0, kind="COUNT").first() or Unit.objects.create(code="PC", name="件")
    category = Category.objects.create(name="服饰")

    def variant(name: str, code: str, **more: Any) -> Variant:
        with transaction.atomic():
            product = Product.objects.create(
                name=name, code=code, unit=unit, category=category, created_at=now, changed_at=now, **more
            )
            return Variant.objects.create(product=product, code=code)

    scarf, cream = variant("羊绒围巾", "WJ1"), variant("面霜", "MS1", tracking="BATCH")
    shop = Shop(
        now=now,
        lake=cast.lake,
        road=cast.road,
        harbour=cast.harbour,
        warehouse=Place(),
        scarf=scarf,
        cream=cream,
        ring=variant("钻戒", "ZJ1", kind="PIECE", tracking="PIECE"),
        hand=variant("手部护理", "HL1", kind="SERVICE"),
        category=category,
    )
    who = {"actor": SYSTEM, "now": now}
    meiyuan = operations.add_supplier(
        values={
            "code": "S001",
            "name": "上海美源百货有限公司",
            "short_name": "美源",
            "order_email": "orders@meiyuan.example",
            "contact_name": "陈经理",
            "contact_phone": "13812345678",
            "lead_days": 3,
            "payment_days": 30,
        },
        **who,
    )
    silkroad = operations.add_supplier(
        values={"code": "S002", "name": "丝路织造厂", "short_name": "丝路", "lead_days": 1, "rating": 4},
        **who,
    )
    first = date(2026, 1, 1)
    prices = {
        "scarf": operations.set_price(
            supplier=meiyuan, variant=scarf, price_amount=1000, tax_rate_bp=1300, from_date=first, **who
        ),
        "cream": operations.set_price(
            supplier=meiyuan,
            variant=cream,
            price_amount=24_000,
            pack_quantity=D(12),
            pack_name="箱",
            supplier_code="MY-MS",
            tax_rate_bp=1300,
            from_date=first,
            **who,
        ),
        "silk": operations.set_price(
            supplier=silkroad, variant=scarf, price_amount=1200, tax_rate_bp=1300, from_date=first, **who
        ),
    }
    return Buyers(now, cast, shop, meiyuan, silkroad, scarf, cream, prices)
