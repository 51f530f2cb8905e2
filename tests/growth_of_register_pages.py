"""What `Growth` adds for the pages of registers: exceptions, credit, compared bills, printers, stages of one's own."""

from __future__ import annotations

from typing import Any

from dianke.customers.models import Customer
from dianke.sales import operations as sales
from dianke.sales.models import CreditTerms, OrderException, Stage, Tender, ZReport
from dianke.sales.operations import printing
from dianke.sales.operations.reconciling import reconcile
from dianke.sales.rules.reconciling import BillRow
from dianke.stores.models import Store
from dianke.stores.operations import add_register


class RegisterPages:
    """Begins with a compared day and a customer with credit; registers themselves grow in `growth_of_registers`."""

    def __init__(self, store: Store, customer: Customer, who: dict[str, Any]) -> None:
        self.store, self.who = store, who
        self.wechat = Tender.objects.get(code="WECHAT")
        sales.set_credit(customer=customer, legal_entity=store.legal_entity, limit_amount=1_000, **who)
        self._compare(0)

    def _compare(self, number: int) -> None:
        reconcile(
            tender=self.wechat,
            legal_entity=self.store.legal_entity,
            business_date=self.store.business_date(self.who["now"]),
            rows=[BillRow(f"成长{each}", 100) for each in range(number + 1)],
            **self.who,
        )

    def add(self, number: int, word: str, customer: Customer) -> None:
        """One more of everything."""
        who = self.who
        self._compare(number)
        sales.set_credit(customer=customer, legal_entity=self.store.legal_entity, limit_amount=number, **who)
        sales.put_stage(trade=self.store.trade, code=f"G{number}", values={"name": word}, **who)
        register = add_register(store=self.store, code=f"P{number}", name=f"{word}打印台", **who)
        printing.set_printer(register=register, values={"width": 58, "host": "192.168.1.9"}, **who)

    def records(self) -> dict[str, Any]:
        """A record for each gap of this part's addresses."""
        waiting = OrderException.objects.filter(seen_at=None).latest("pk")
        return {
            "/z-reports/": ZReport.objects.latest("pk").pk,
            "/sale-exceptions/": waiting.pk,
            "/customer-credit/": CreditTerms.objects.latest("pk").pk,
            "/settings/payment-kinds/": self.wechat.pk,
            "/settings/payment-kinds/#/": "up",
            "/settings/order-stages/": Stage.objects.latest("pk").pk,
            "/settings/receipts/": self.store.pk,
            "/settings/receipt-printers/": self.store.registers.latest("pk").pk,
            "/settings/offline-limits/": self.store.pk,
        }
