"""The demo's prepaid value: top-up offers, kinds of session cards, and customers who paid ahead."""

from __future__ import annotations

from typing import Any

from dianke.config.demo.customers import Customers
from dianke.config.demo.family import Family
from dianke.config.demo.goods import Goods
from dianke.customers.models import Customer
from dianke.stores.models import Store
from dianke.wallets.models import CardKind, Offer, PaymentKind
from dianke.wallets.operations import (
    ItemIn,
    SessionUse,
    StepIn,
    freeze,
    make_card_kind,
    make_offer,
    sell_card,
    top_up,
    use_sessions,
)

#: Paid and bonus of each step, in yuan.
LADDER = ((500, 50), (1000, 200), (3000, 1000))
#: What each of the first customers topped up, in yuan, and how long ago.
TOP_UPS = ((1000, 200), (3000, 150), (500, 90), (2000, 61), (1000, 33), (300, 20), (1000, 4), (800, 2))
#: Name, price in yuan, services by code with paid and gifted sessions, days.
KINDS = {
    "BEAUTY": (
        ("补水护理 10 次卡", 2380, (("XM-3001", 10, 2),), 365),
        ("身心舒缓组合卡", 3180, (("XM-3001", 6, 0), ("XM-3002", 6, 1)), 540),
    ),
    "JEWELRY": (("首饰养护年卡", 480, (("FW-3002", 6, 0),), 365),),
}


class Wallets:
    """Uses the doors a shop uses; references keep a second loading from doing anything twice."""

    def __init__(self, family: Family, customers: Customers, goods: Goods) -> None:
        self.family, self.customers, self.goods = family, customers, goods
        self.kinds: dict[str, list[CardKind]] = {}
        self.offer: Offer | None = None

    def offer_them(self) -> None:
        """An offer that runs, and kinds of cards for the trades that are there."""
        acts = self._acts(-300)
        steps = [StepIn(paid * 100, bonus * 100) for paid, bonus in LADDER]
        self.offer = make_offer(
            values={"name": "充值有礼", "bonus_days": 730}, steps=steps, stores=(), **acts
        )
        for trade, kinds in KINDS.items():
            for name, price, services, days in kinds:
                found = [(self.goods.by_code.get(code), paid, gifted) for code, paid, gifted in services]
                items = [
                    ItemIn(product.variants.order_by("position", "pk")[0].pk, paid, gifted)
                    for product, paid, gifted in found
                    if product is not None
                ]
                if len(items) == len(services):
                    values = {"name": name, "price_amount": price * 100, "valid_days": days}
                    made = make_card_kind(values=values, items=items, stores=(), **acts)
                    self.kinds.setdefault(trade, []).append(made)

    def fill(self) -> None:
        """The first customers pay ahead, some use their cards, one wallet rests."""
        people = self._people()
        wallets = []
        for number, (customer, (paid, days)) in enumerate(zip(people, TOP_UPS, strict=False)):
            done = top_up(
                customer=customer,
                paid_amount=paid * 100,
                store=self._store_of(customer),
                payment_kind=PaymentKind.WECHAT if number % 3 else PaymentKind.CASH,
                reference=f"demo:top-up/{customer.pk}",
                offer=self.offer,
                **self._acts(-days),
            )
            wallets.append(done.wallet)
        if len(wallets) > 5:
            freeze(subject=wallets[5], reason="顾客要求暂停使用", **self._acts(-1))
        number = 0
        for customer in people:
            kinds = self.kinds.get(self._store_of(customer).trade, [])
            if kinds and number < 6:
                self._sell(customer, kinds[number % len(kinds)], number)
                number += 1

    def _sell(self, customer: Customer, kind: CardKind, number: int) -> None:
        store = self._store_of(customer)
        card = sell_card(
            customer=customer,
            kind=kind,
            paid_amount=kind.price_amount,
            store=store,
            payment_kind=PaymentKind.ALIPAY,
            reference=f"demo:card/{customer.pk}",
            **self._acts(-120 + number),
        )
        first = kind.items.order_by("position")[0]
        for use in range(number % 4):
            use_sessions(
                uses=[SessionUse(card.pk, first.variant_id, 1)],
                customer=customer,
                store=store,
                waiver="到店签字确认",
                reference=f"demo:use/{card.pk}/{use}",
                **self._acts(-90 + number + 14 * use),
            )

    def _people(self) -> list[Customer]:
        """Customers of the file in use, as they entered."""
        entered = [one.pk for one in self.customers.by_phone.values()]
        heads = Customer.objects.in_use().heads().select_related("store").in_bulk(entered)
        return [heads[pk] for pk in entered if pk in heads and heads[pk].kind == "PERSON"]

    def _store_of(self, customer: Customer) -> Store:
        home = next((s for s in self.family.stores.values() if s.pk == customer.store_id), None)
        return home or next(iter(self.family.stores.values()))

    def _acts(self, days: int) -> dict[str, Any]:
        return {"actor": self.family.owner, "now": self.family.at(days)}
