"""What `Growth` adds of orders: more of them, with payments and returns; the one whose page is opened gets lines."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from dianke.customers.models import Customer
from dianke.sales import operations as sales
from dianke.sales.models import Payment, Refund
from dianke.sales.queries.basket import Item, Sale, Tendered
from dianke.stores.models import Store


class Orders:
    """`order` and the draft `quote` are those that are opened: with a line more at every addition."""

    def __init__(self, store: Store, customer: Customer, who: dict[str, Any]) -> None:
        self.store, self.customer, self.who = store, customer, who
        self.today = store.business_date(who["now"])
        self.items = [Item("1", None, kind="FEE", name="成长安装费", amount=100)]
        self.order = sales.place_order(
            sale=self._basket(self.items, channel="BACK_OFFICE"),
            terms=sales.OrderTerms(due_date=self.today + timedelta(days=30)),
            **who,
        )
        self.quote = sales.place_order(
            sale=self._basket(self.items, channel="QUOTE"), terms=sales.OrderTerms(), **who
        )

    def _basket(self, items: list[Item], *payments: Tendered, **more: Any) -> Sale:
        return Sale(uuid4(), self.store, tuple(items), payments, customer=self.customer, **more)

    def add(self, number: int, word: str) -> None:
        """One more of everything."""
        who = self.who
        self.items.append(Item(str(number + 1), None, kind="FEE", name=f"{word}费", amount=100))
        self.order = sales.change_lines(order=self.order, items=tuple(self.items), **who)
        self.quote = sales.change_lines(order=self.quote, items=tuple(self.items), **who)
        sales.add_payment(order=self.order, payment=Tendered(uuid4(), "CASH", 10), **who)
        sold = sales.place_sale(
            sale=self._basket(
                [Item("1", None, kind="FEE", name=word, amount=500)], Tendered(uuid4(), "CASH", 500)
            ),
            **who,
        )
        sales.return_goods(
            order=sold,
            uuid=uuid4(),
            items=[sales.ReturnItem(sold.lines.get().pk, Decimal(1))],
            reason=word,
            **who,
        )

    def records(self) -> dict[str, Any]:
        """A record for each gap of this part's addresses."""
        return {
            "/orders/": self.order.pk,
            "/orders/quotes/": self.quote.pk,
            "/payments/": Payment.objects.filter(order=self.order).latest("pk").pk,
            "/refunds/": Refund.objects.latest("pk").pk,
            "/tenders/": 1,
            "/receipts/": self.order.pk,
            "/till/members/": self.customer.pk,
        }
