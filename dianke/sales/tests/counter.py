"""A counter to sell at: two stores of two companies, goods with prices and stock, a customer, and short ways to sell,
with every balance of the ledger asserted by name."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from dianke.catalog.models import Product, TaxClass, TaxRate, Variant
from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.customers.tests.cast import make_customer
from dianke.inventory.tests.shop import Shop, make_shop
from dianke.loyalty import operations as loyalty
from dianke.promotions import operations as promotions
from dianke.promotions.models import Coupon
from dianke.sales import operations as sales
from dianke.sales.models import Order
from dianke.sales.queries.basket import Item, OrderTerms, Sale, Tendered
from dianke.wallets import operations as wallets

D = Decimal


@dataclass
class Counter:
    """Prices: scarf 100.00, hat 50.00 (both 13 % tax), socks 9.99, hand care 168.00 that uses up half a bottle."""

    now: datetime
    shop: Shop
    scarf: Variant
    hat: Variant
    socks: Variant
    care: Variant
    bottle: Variant
    set: Variant
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def store(self) -> Any:
        return self.shop.lake

    def basket(
        self,
        *lines: Any,
        payments: Any = (),
        customer: Customer | None = None,
        uuid: UUID | None = None,
        **more: Any,
    ) -> Sale:
        """`lines`: (variant, quantity) or Items; `payments`: (tender, amount) or Tendered."""
        items = tuple(
            line if isinstance(line, Item) else Item(f"l{n}", line[0].pk, D(str(line[1])))
            for n, line in enumerate(lines, 1)
        )
        given = tuple(
            each if isinstance(each, Tendered) else Tendered(uuid4(), each[0], each[1], reference=f"R{n}")
            for n, each in enumerate(payments, 1)
        )
        return Sale(uuid or uuid4(), more.pop("store", self.store), items, given, customer, **more)

    def sell(self, *lines: Any, payments: Any = (), actor: Any = SYSTEM, **more: Any) -> Order:
        now = more.pop("now", self.now)
        return sales.place_sale(sale=self.basket(*lines, payments=payments, **more), actor=actor, now=now)

    def order(self, *lines: Any, terms: OrderTerms | None = None, actor: Any = SYSTEM, **more: Any) -> Order:
        now = more.pop("now", self.now)
        return sales.place_order(
            sale=self.basket(*lines, **more), terms=terms or OrderTerms(), actor=actor, now=now
        )

    def pay(self, order: Order, tender: str, amount: int, **more: Any) -> Any:
        usual = {"actor": SYSTEM, "now": self.now} | more
        return sales.add_payment(
            order=order, payment=Tendered(uuid4(), tender, amount, reference="R"), **usual
        )

    def give_back(self, order: Order, *lines: Any, **more: Any) -> Any:
        """`lines`: (key, quantity); none: all that was delivered."""
        usual = {"reason": "不合适", "actor": SYSTEM, "now": self.now, "uuid": uuid4()} | more
        return sales.return_goods(order=order, items=self.items(order, *lines), **usual)

    def items(self, order: Order, *lines: Any) -> tuple[Any, ...]:
        rows = {line.key: line for line in order.lines.all()}
        chosen = lines or [(line.key, line.kept_quantity) for line in rows.values() if line.kept_quantity]
        return tuple(sales.ReturnItem(rows[key].pk, D(str(quantity))) for key, quantity in chosen)

    # --- members ------------------------------------------------------------------------------------------------
    def programme(self, **values: Any) -> None:
        """A point for each yuan, 100 points are worth a yuan; levels regular and vip (from 1000.00 on, pays 90 %)."""
        levels = (
            loyalty.LevelSpec("regular", "普通会员", 0),
            loyalty.LevelSpec("vip", "贵宾会员", 1000_00, 10_000),
        )
        usual = {"worth_points": 100, "worth_amount": 100} | values
        loyalty.begin_programme(name="会员", levels=levels, values=usual, actor=SYSTEM, now=self.now)

    def member(self, name: str = "王小明") -> Customer:
        return make_customer(name, store=self.store, now=self.now)

    def give_points(self, customer: Customer, points: int) -> None:
        loyalty.adjust_points(
            customer=customer, points=points, reason="测试", key=uuid4(), actor=SYSTEM, now=self.now
        )

    def top_up(self, customer: Customer, amount: int, bonus: int = 0, store: Any = None) -> None:
        offer = None
        if bonus:
            offer = wallets.make_offer(
                values={"name": "充送", "currency": "CNY", "starts_at": self.now - timedelta(days=1)},
                steps=[wallets.StepIn(amount, bonus)],
                stores=[],
                actor=SYSTEM,
                now=self.now,
            )
        wallets.top_up(
            customer=customer,
            paid_amount=amount,
            store=store or self.store,
            payment_kind="CASH",
            reference=f"test:{next(self.numbers)}",
            offer=offer,
            actor=SYSTEM,
            now=self.now,
        )

    def promotion(self, terms: dict[str, Any], **values: Any) -> Any:
        """One that runs."""
        values = {"name": "促销", "starts_at": self.now - timedelta(hours=1), **values, "terms": terms}
        drafted = promotions.draft_promotion(values=values, actor=SYSTEM, now=self.now)
        return promotions.start_promotion(promotion=drafted, actor=SYSTEM, now=self.now)

    def coupon(self, customer: Customer, terms: dict[str, Any]) -> Any:
        """One in the customer's hands."""
        kind = promotions.make_kind(
            values={"name": "券", "valid_days": 30, "terms": terms}, actor=SYSTEM, now=self.now
        )
        issued = promotions.issue_coupons(kind=kind, customer_ids=[customer.pk], actor=SYSTEM, now=self.now)
        return Coupon.objects.get(pk=issued.coupon_ids[0])

    def product(self, name: str, price: int, **more: Any) -> Variant:
        """Goods of their own, plain unless said otherwise."""
        sample = self.scarf.product
        usual = {"unit": sample.unit, "tax_class": sample.tax_class, "category": sample.category}
        number = next(self.numbers)
        with transaction.atomic():
            product = Product.objects.create(
                name=name, code=f"P{number}", created_at=self.now, changed_at=self.now, **(usual | more)
            )
            return Variant.objects.create(product=product, code=f"V{number}", price_amount=price)


def books() -> dict[str, int]:
    """Every balance that is not zero: "code holder unit" -> minor units, over all accounts."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.code || CASE WHEN a.holder = '' THEN '' WHEN a.holder LIKE 'sales.order:%%' THEN ' order'
                ELSE ' ' || split_part(a.holder, ':', 1) || CASE WHEN a.holder LIKE 'sales.tender:%%'
                THEN ':' || split_part(a.holder, ':', 2) ELSE '' END END, sum(p.amount)::bigint
            FROM ledger_posting AS p JOIN ledger_account AS a ON a.id = p.account_id
            GROUP BY 1 HAVING sum(p.amount) <> 0 ORDER BY 1
            """
        )
        return dict(cursor.fetchall())


def make_counter(now: datetime) -> Counter:
    shop = make_shop(now)
    tax = TaxClass.objects.create(code="T13", name="13 %")
    TaxRate.objects.create(tax_class=tax, rate_bp=1300, from_date=now.date().replace(year=2020))
    scarf = shop.scarf
    Product.objects.filter(pk=scarf.product_id).update(tax_class=tax)
    Variant.objects.filter(pk=scarf.pk).update(price_amount=100_00)
    scarf = Variant.objects.select_related("product__unit", "product__category", "product__tax_class").get(
        pk=scarf.pk
    )
    counter = Counter(now, shop, scarf, scarf, scarf, scarf, scarf, scarf)
    counter.hat = counter.product("帽子", 50_00)
    counter.socks = counter.product("袜子", 9_99)
    counter.care = counter.product("手部护理", 168_00, kind="SERVICE")
    counter.bottle = counter.product("精油", 80_00)
    counter.set = counter.product("围巾套装", 120_00, kind="BUNDLE")
    counter.care.consumables.create(variant=counter.bottle, quantity=D("0.5"))
    counter.set.bundle_items.create(variant=counter.scarf, quantity=1, position=1)
    counter.set.bundle_items.create(variant=counter.hat, quantity=1, position=2)
    for variant, cost in ((scarf, 40), (counter.hat, 20), (counter.socks, 4), (counter.bottle, 30)):
        shop.receive(variant, 100, cost)
    return counter
