"""What `Growth` adds of the past and of what it means: files of past orders, customers who bought, snapshots with the
values of customers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.imports import operations as imports
from dianke.imports import running
from dianke.imports.models import ImportRun
from dianke.insight.models import ReportDelivery, SavedReport
from dianke.insight.operations.reports import save_report, schedule_report
from dianke.insight.operations.runs import ask_refresh, carry_out
from dianke.insight.rules.occurrences import Rhythm
from dianke.sales.operations.history import PastLine, PastSale, bring_in_sales
from dianke.stores.models import Store

HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
OPTIONS = {"tender": "TRANSFER", "channel": "API", "day_order": "YMD", "goods": "1", "customers": "1"}


class Insight:
    """The customer whose pages are opened buys once more at every addition, and so does somebody who never did."""

    def __init__(self, store: Store, customer: Customer, who: dict[str, Any]) -> None:
        self.store, self.customer, self.who = store, customer, who
        spec = {
            "measures": ["net", "customers"],
            "by": ["store", "product"],
            "period": "365d",
            "chart": "bar",
        }
        self.report: SavedReport = save_report(values={"name": "成长报表", "spec": spec}, **who)

    def add(self, number: int, word: str, another: Customer) -> None:
        """One more of everything that is bought."""
        past = [self._sale(customer, number, word) for customer in (self.customer, another)]
        bring_in_sales(store=self.store, sales=past, **self.who)
        self._report(number, word)

    def _report(self, number: int, word: str) -> None:
        """Another report, shared and sent; the one whose pages are opened went out once more."""
        user_id, now = self.who["actor"].user_id, self.who["now"]
        made = save_report(
            values={"name": f"{word}报表", "spec": self.report.spec, "is_shared": True}, **self.who
        )
        for report in (made, self.report):
            rhythm = Rhythm("DAILY", 1, 1, number % 24)
            schedule_report(report=report, rhythm=rhythm, recipient_ids=[user_id], **self.who)
        due_at = now - timedelta(days=number)
        ReportDelivery.objects.create(report=self.report, user_id=user_id, due_at=due_at, planned_at=due_at)

    def _sale(self, customer: Customer, number: int, word: str) -> PastSale:
        line = PastLine(f"{word}旧货", Decimal(1), 100 * number, 100 * number)
        at = self.who["now"] - timedelta(days=17 * number)
        return PastSale(uuid4(), at, (line,), (("TRANSFER", 100 * number),), customer_id=customer.pk)

    def close(self, number: int) -> None:
        """After an addition: a file of past orders with as many rows, countries and goods as there were additions; the
        snapshot and the values of everybody."""
        rows = [
            f"{sign}9{number:02}{each:03},G{each:03},{name} {each},{count},2011-12-01 08:26:00,2.55,{20000 + each},"
            f"Land {each}"
            for each in range(number)
            for sign, name, count in (("", "GOODS", 2), ("", "ALSO", 1), ("C", "GOODS", -1))
        ]
        now, who = self.who["now"], self.who
        data = "\n".join([HEAD, *rows]).encode()
        run: ImportRun = imports.upload_file(
            importer="history", file_name=f"{number}.csv", chunks=[data], **who
        )
        imports.check_run(
            run=run,
            mapping=run.columns(),
            match_rule="",
            options=OPTIONS | {"store": str(self.store.pk)},
            **who,
        )
        running.work(run.pk, lambda: now)
        run.refresh_from_db()
        imports.start_run(run=run, **who)
        running.work(run.pk, lambda: now)
        carry_out(ask_refresh(is_full=True, actor=SYSTEM, now=now), actor=SYSTEM, now=now)

    def records(self) -> dict[str, Any]:
        """A record for each gap in an address."""
        run = ImportRun.objects.filter(importer="history").latest("pk").pk
        return {
            "/orders/past/": run,
            "/past-orders/": run,
            "/insight/customers/": self.customer.pk,
            "/insight/customers/#/declined/": 1,
            "/insight/customers/#/allowed/": 1,
            "/insight/reports/": self.report.pk,
        }
