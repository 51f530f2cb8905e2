"""How suppliers kept their word over a time: read from orders and receipts, judged by `rules.performance`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch

from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.purchasing.models import PurchaseOrder, PurchaseOrderLine, ReceiptLine
from dianke.purchasing.models.visible import VIEW
from dianke.purchasing.rules.amounts import unit_cost
from dianke.purchasing.rules.performance import Delivery, OrderedLine, Performance, performance
from dianke.purchasing.rules.receiving import DEFECTS

_DEFECTS = {each.value for each in DEFECTS}


@dataclass(frozen=True, slots=True)
class SupplierReport:
    """One supplier over the time. `bought` is what was ordered in minor units per currency."""

    supplier_id: int
    supplier: str
    performance: Performance
    order_count: int
    bought: dict[str, int]


def supplier_reports(
    *,
    from_date: date,
    to_date: date,
    today: date,
    actor: Actor,
    supplier_ids: Collection[int] | None = None,
) -> list[SupplierReport]:
    """Suppliers by name, over the orders promised for `[from_date, to_date)` at stores the actor may see. Four
    queries."""
    orders = PurchaseOrder.objects.visible_to(actor, VIEW).filter(
        expected_date__gte=from_date, expected_date__lt=to_date, sent_at__isnull=False
    )
    orders = orders.exclude(state=PurchaseOrder.State.CANCELLED)
    if supplier_ids is not None:
        orders = orders.filter(supplier__in=supplier_ids)
    receipts = ReceiptLine.objects.select_related("receipt").order_by("receipt__business_date", "pk")
    lines = (
        PurchaseOrderLine.objects.filter(order__in=orders)
        .select_related("order__supplier")
        .prefetch_related(Prefetch("receipt_lines", queryset=receipts))
        .order_by("order__made_at", "pk")
    )
    by_supplier: dict[int, list[PurchaseOrderLine]] = {}
    for line in lines:
        by_supplier.setdefault(line.order.supplier_id, []).append(line)
    before = _prices_before(list(by_supplier), from_date)
    reports = []
    for supplier_id, theirs in by_supplier.items():
        bought: dict[str, int] = {}
        for line in theirs:
            bought[line.order.currency] = bought.get(line.order.currency, 0) + line.total_amount
        judged = performance(_ordered(theirs, before), today=today)
        name = theirs[0].order.supplier.short_name
        reports.append(
            SupplierReport(supplier_id, name, judged, len({line.order_id for line in theirs}), bought)
        )
    return sorted(reports, key=lambda report: report.supplier)


def _price(line: PurchaseOrderLine) -> Decimal:
    return unit_cost(
        pack_quantity=line.pack_quantity, price=Money.from_minor(line.price_amount, line.order.currency)
    )


def _prices_before(supplier_ids: list[int], day: date) -> dict[tuple[int, int], Decimal]:
    """(supplier, variant) → unit price of the last purchase promised before the time."""
    rows = PurchaseOrderLine.objects.filter(
        order__supplier__in=supplier_ids, order__expected_date__lt=day, order__sent_at__isnull=False
    )
    rows = rows.select_related("order").order_by(
        "order__supplier_id", "variant_id", "-order__expected_date", "-pk"
    )
    latest = rows.distinct("order__supplier_id", "variant_id")
    return {(line.order.supplier_id, line.variant_id): _price(line) for line in latest}


def _ordered(lines: list[PurchaseOrderLine], before: dict[tuple[int, int], Decimal]) -> list[OrderedLine]:
    """As the rules want them; each price is compared with the purchase before it."""
    last = dict(before)
    found = []
    for line in lines:
        key, price = (line.order.supplier_id, line.variant_id), _price(line)
        found.append(
            OrderedLine(
                ordered=line.quantity,
                expected=line.order.expected_date,
                deliveries=tuple(
                    Delivery(
                        row.receipt.business_date,
                        row.accepted_quantity,
                        row.rejected_quantity if row.difference in _DEFECTS else Decimal(0),
                    )
                    for row in line.receipt_lines.all()
                ),
                is_closed=line.order.state == PurchaseOrder.State.DONE,
                unit_price=price,
                price_before=last.get(key),
            )
        )
        last[key] = price
    return found
