"""An invoice that may be paid brings the cost of the goods to what it asks for; one that is taken out takes that back.

One document of later costs per store: what is still on hand is worth so much more or less, the share of what is
gone is expense (`inventory.rules.costing.add_landed_cost`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Sum

from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.events.operations import step
from dianke.inventory.models import Document
from dianke.inventory.operations.posting import post_document
from dianke.inventory.operations.reversing import reverse
from dianke.purchasing.models import PurchaseOrderLine, SupplierInvoice, SupplierInvoiceLine
from dianke.purchasing.rules.amounts import unit_cost
from dianke.purchasing.rules.invoice_costs import Billed, cost_of, covered_of, differences
from dianke.stores.models import Store

_ZERO = Decimal(0)
Later = dict[int, tuple[Decimal, Decimal]]  # variant -> (quantity, yuan)


def reference_of(invoice: SupplierInvoice, store_id: int) -> str:
    """The stock document of an invoice at a store."""
    return f"purchasing.invoice:{invoice.pk}/{store_id}"


@step
def bring_costs(*, invoice: SupplierInvoice, actor: Actor, now: datetime) -> list[str]:
    """Post what the invoice changes; the subjects of the stock documents. The caller holds the invoice. Posting comes
    last: what it locks stays locked until the commit."""
    rows = list(
        invoice.lines.select_related("order_line__order__store", "order_line__order__supplier").order_by("pk")
    )
    subjects = []
    for store, later in sorted(_later_costs(invoice, rows).items(), key=lambda pair: pair[0].pk):
        posted = post_document(
            kind=Document.Kind.LANDED_COST,
            reference=reference_of(invoice, store.pk),
            lines=[],
            store=store,
            occurred_at=now,
            business_date=store.business_date(now),
            actor=actor,
            now=now,
            note=invoice.number,
            later_costs=later,
        )
        subjects.append(f"inventory.document:{posted.document_id}")
    return subjects


@step
def take_back_costs(*, invoice: SupplierInvoice, actor: Actor, now: datetime) -> list[str]:
    """Reverse what the invoice brought, where nobody did so already; the subjects of the reversals."""
    stores = invoice.lines.filter(order_line__isnull=False).values_list("order_line__order__store", flat=True)
    wanted = [reference_of(invoice, store_id) for store_id in sorted(set(stores))]
    documents = Document.objects.filter(reference__in=wanted, reversed_by=None).select_related("store")
    subjects = []
    for document in documents.order_by("store_id"):
        posted = reverse(
            document=document,
            reference=f"{document.reference}/cancelled",
            business_date=document.store.business_date(now),
            actor=actor,
            now=now,
            note=invoice.number,
        )
        subjects.append(f"inventory.document:{posted.document_id}")
    return subjects


def _later_costs(invoice: SupplierInvoice, rows: Sequence[SupplierInvoiceLine]) -> dict[Store, Later]:
    """By store and variant: how much of it the invoice covers, and what that costs more than it was taken in for."""
    ordered = [(row, row.order_line) for row in rows if row.order_line is not None]
    if not ordered:
        return {}
    order = ordered[0][1].order
    terms: dict[str, Any] = {
        "is_tax_deductible": order.is_tax_deductible,
        "exchange_rate": order.exchange_rate,
    }
    before = _billed_before(invoice, [line.pk for _row, line in ordered])
    billed = []
    for row, line in ordered:
        covered = covered_of(row.quantity, kept=line.kept_quantity, billed_before=before.get(line.pk, _ZERO))
        before[line.pk] = before.get(line.pk, _ZERO) + row.quantity
        billed.append(
            Billed(
                row.quantity,
                Money.from_minor(row.total_amount, invoice.currency),
                row.tax_rate_bp,
                covered,
                _taken_in_for(line),
            )
        )
    extra = sum(
        (
            cost_of(Money.from_minor(row.total_amount, invoice.currency), row.tax_rate_bp, **terms)
            for row in rows
            if row.order_line is None
        ),
        start=Fraction(0),
    )
    found: dict[Store, Later] = {}
    changed = differences(billed, extra=extra, **terms)
    for (_row, line), one, amount in zip(ordered, billed, changed, strict=True):
        if not amount:
            continue
        later = found.setdefault(line.order.store, {})
        quantity, so_far = later.get(line.variant_id, (_ZERO, _ZERO))
        later[line.variant_id] = quantity + one.covered, so_far + amount
    return {
        store: kept
        for store, later in found.items()
        if (kept := {pk: pair for pk, pair in later.items() if pair[1]})
    }


def _billed_before(invoice: SupplierInvoice, line_ids: Sequence[int]) -> dict[int, Decimal]:
    """What invoices entered earlier, and not cancelled, ask for of the same lines."""
    rows = SupplierInvoiceLine.objects.filter(order_line__in=line_ids, invoice__lt=invoice.pk)
    rows = rows.exclude(invoice__state=SupplierInvoice.State.CANCELLED)
    sums: Mapping[int, Decimal] = dict(
        rows.order_by().values("order_line").annotate(sum=Sum("quantity")).values_list("order_line", "sum")
    )
    return dict(sums)


def _taken_in_for(line: PurchaseOrderLine) -> Decimal:
    """What receiving booked for a unit: the terms of an order that was sent do not change."""
    order = line.order
    return unit_cost(
        pack_quantity=line.pack_quantity,
        price=Money.from_minor(line.price_amount, order.currency),
        tax_rate_bp=line.tax_rate_bp,
        is_tax_deductible=order.is_tax_deductible,
        exchange_rate=order.exchange_rate,
    )
