"""Invoices of suppliers: entered, held against order and receipts, released or cancelled. Paying them is finance's."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.core.money import Money
from dianke.events.operations import operation, record, step, unchanged
from dianke.purchasing.models import PurchaseOrderLine, Supplier, SupplierInvoice, SupplierInvoiceLine
from dianke.purchasing.operations.invoice_costs import bring_costs, take_back_costs
from dianke.purchasing.operations.orders import WhyMissing
from dianke.purchasing.rules.amounts import tax_in
from dianke.purchasing.rules.matching import Invoiced, Match, Ordered, Tolerance, match_line, match_total
from dianke.stores.models import LegalEntity

RECORD = "purchasing.record_invoices"
TOLERANCE = Tolerance()


class InvoiceNumberTaken(Conflict):
    code = "supplier_invoice_number_taken"
    message = _("Invoice %(number)s of “%(name)s” was entered already. Open that one.")
    default_field = "number"


class InvoiceNumberMissing(InvalidInput):
    code = "supplier_invoice_number_missing"
    message = _("The number of the invoice is missing. Copy it from the invoice.")
    default_field = "number"


class InvoiceEmpty(InvalidInput):
    code = "supplier_invoice_empty"
    message = _("There is nothing on the invoice. Enter its lines.")
    default_field = "lines"


class InvoiceAmountWrong(InvalidInput):
    code = "supplier_invoice_amount_wrong"
    message = _(
        "Quantities and amounts of an invoice are more than zero, and the tax is contained in the total."
    )
    default_field = "total"


class InvoiceLineUnknown(InvalidInput):
    code = "supplier_invoice_line_unknown"
    message = _("A line belongs to an order of another supplier or company. Choose a line of this supplier.")
    default_field = "lines"


class InvoiceNotDisputed(Conflict):
    code = "supplier_invoice_not_disputed"
    message = _("Invoice %(number)s is “%(state)s”: there is nothing to release.")


class InvoiceClosed(Conflict):
    code = "supplier_invoice_closed"
    message = _("Invoice %(number)s is cancelled already.")


@dataclass(frozen=True, slots=True)
class InvoiceItem:
    """`total_amount` minor units, tax included, for `quantity` stock units of an order line (None: freight or what else
    stands on no order, named by `text`)."""

    quantity: Decimal
    total_amount: int
    tax_rate_bp: int
    order_line_id: int | None = None
    text: str = ""


def due_date_of(supplier: Supplier, invoice_date: date) -> date:
    """The day an invoice is to be paid by the supplier's terms."""
    if supplier.payment_terms == Supplier.Terms.DAYS:
        return invoice_date + timedelta(days=supplier.payment_days)
    if supplier.payment_terms == Supplier.Terms.MONTH_END:
        end = invoice_date.replace(day=monthrange(invoice_date.year, invoice_date.month)[1])
        return end + timedelta(days=supplier.payment_days)
    return invoice_date


@operation(RECORD)
def record_invoice(
    *,
    supplier: Supplier,
    legal_entity: LegalEntity,
    number: str,
    invoice_date: date,
    items: Sequence[InvoiceItem],
    total_amount: int,
    tax_amount: int | None = None,
    due_date: date | None = None,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> SupplierInvoice:
    """Enter an invoice and hold it against orders and receipts: MATCHED when they agree, else DISPUTED with the reasons
    on each line. Without `tax_amount` it is worked out from the lines. One that agrees brings the cost of the goods to
    what it asks for.

    Raises `InvoiceNumberMissing`, `InvoiceNumberTaken`, `InvoiceEmpty`, `InvoiceAmountWrong`, `InvoiceLineUnknown`.
    """
    number = number.strip()
    if not number:
        raise InvoiceNumberMissing
    if not items:
        raise InvoiceEmpty
    supplier = Supplier.objects.select_for_update(of=("self",), no_key=True).get(pk=supplier.pk)
    taken = supplier.invoices.filter(number=number).exclude(state=SupplierInvoice.State.CANCELLED)
    if taken.exists():
        raise InvoiceNumberTaken(number=number, name=supplier.short_name)
    lines = _order_lines(supplier, legal_entity, items, actor)
    currency = next((line.order.currency for line in lines.values()), supplier.currency)
    total = Money.from_minor(total_amount, currency)
    rows, is_agreed = _matched(items, lines, currency)
    taxes = [tax_in(Money.from_minor(row.total_amount, currency), row.tax_rate_bp) for row in rows]
    tax = Money.sum(taxes, currency).to_minor() if tax_amount is None else tax_amount
    if not 0 <= tax <= total_amount or total_amount >= 10**15:
        raise InvoiceAmountWrong
    whole = match_total([Money.from_minor(row.total_amount, currency) for row in rows], total)
    states = SupplierInvoice.State
    invoice = SupplierInvoice.objects.create(
        supplier=supplier,
        legal_entity=legal_entity,
        number=number[:40],
        invoice_date=invoice_date,
        due_date=due_date or due_date_of(supplier, invoice_date),
        currency=currency,
        total_amount=total_amount,
        tax_amount=tax,
        state=states.MATCHED if is_agreed and whole is None else states.DISPUTED,
        differences=[whole.as_data()] if whole else [],
        note=note.strip()[:200],
        recorded_by_id=actor.user_id,
        recorded_at=now,
    )
    for row in rows:
        row.invoice = invoice
    SupplierInvoiceLine.objects.bulk_create(rows)
    PurchaseOrderLine.objects.bulk_update(lines.values(), ["invoiced_quantity"])
    orders = sorted({line.order_id for line in lines.values()})
    is_payable = invoice.state == states.MATCHED
    documents = bring_costs(invoice=invoice, actor=actor, now=now) if is_payable else []
    record(
        "purchasing.invoice_recorded",
        invoice,
        also=[supplier, *(f"purchasing.purchaseorder:{pk}" for pk in orders), *documents],
        actor=actor,
        now=now,
        data={"number": number, "state": invoice.state, "total": str(total_amount), "currency": currency},
    )
    return invoice


def _order_lines(
    supplier: Supplier, legal_entity: LegalEntity, items: Sequence[InvoiceItem], actor: Actor
) -> dict[int, PurchaseOrderLine]:
    """The lines the invoice names, locked in the order of their keys; at stores where the actor enters invoices."""
    wanted = {item.order_line_id for item in items if item.order_line_id is not None}
    rows = PurchaseOrderLine.objects.select_for_update(of=("self",)).filter(
        pk__in=wanted, order__supplier=supplier, order__legal_entity=legal_entity
    )
    found = {line.pk: line for line in rows.select_related("order").order_by("pk")}
    if len(found) != len(wanted):
        raise InvoiceLineUnknown
    if len({line.order.currency for line in found.values()}) > 1:
        raise InvoiceLineUnknown
    for store_id in sorted({line.order.store_id for line in found.values()}):
        actor.require(RECORD, store_id=store_id)
    return found


def _matched(
    items: Sequence[InvoiceItem], lines: Mapping[int, PurchaseOrderLine], currency: str
) -> tuple[list[SupplierInvoiceLine], bool]:
    """The items as rows with what the match found; counts what they bill on the lines of the orders."""
    rows, is_agreed = [], True
    for position, item in enumerate(items, start=1):
        fits = item.quantity.is_finite() and 0 < item.quantity < 10**12
        if not fits or not 0 <= item.total_amount < 10**15 or not 0 <= item.tax_rate_bp <= 10_000:
            raise InvoiceAmountWrong
        line = lines.get(item.order_line_id) if item.order_line_id is not None else None
        ordered = None
        if line is not None:
            ordered = Ordered(
                pack_quantity=line.pack_quantity,
                price=Money.from_minor(line.price_amount, line.order.currency),
                tax_rate_bp=line.tax_rate_bp,
                kept=line.kept_quantity,
                invoiced=line.invoiced_quantity,
            )
            line.invoiced_quantity += item.quantity
        asked = Invoiced(item.quantity, Money.from_minor(item.total_amount, currency), item.tax_rate_bp)
        match, reasons = match_line(ordered, asked, TOLERANCE)
        is_agreed = is_agreed and match is Match.AGREES
        rows.append(
            SupplierInvoiceLine(
                position=position,
                order_line=line,
                text=item.text.strip()[:120],
                quantity=item.quantity,
                total_amount=item.total_amount,
                tax_rate_bp=item.tax_rate_bp,
                match=match.value,
                differences=[reason.as_data() for reason in reasons],
            )
        )
    return rows, is_agreed


def _locked(invoice: SupplierInvoice, actor: Actor) -> SupplierInvoice:
    found = SupplierInvoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    stores = found.lines.filter(order_line__isnull=False).values_list("order_line__order__store", flat=True)
    for store_id in sorted(set(stores)):
        actor.require(RECORD, store_id=store_id)
    return found


@step
def _lock_lines(invoice: SupplierInvoice) -> list[PurchaseOrderLine]:
    """The lines of orders it bills, in the order of their keys: receipts of them wait."""
    wanted = invoice.lines.filter(order_line__isnull=False).values("order_line")
    return list(PurchaseOrderLine.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))


def _decide(invoice: SupplierInvoice, state: str, note: str, actor: Actor, now: datetime) -> None:
    invoice.state, invoice.decision_note = state, note
    invoice.decided_by_id, invoice.decided_at = actor.user_id, now
    invoice.save(update_fields=["state", "decision_note", "decided_by", "decided_at"])


@operation(RECORD)
def release_invoice(*, invoice: SupplierInvoice, reason: str, actor: Actor, now: datetime) -> SupplierInvoice:
    """Let an invoice be paid although it differs, and say why: the goods cost what it asks for, the share of those that
    are gone is expense. Raises `WhyMissing`, `InvoiceNotDisputed`, the errors of posting to stock."""
    reason = reason.strip()[:200]
    if not reason:
        raise WhyMissing
    invoice = _locked(invoice, actor)
    if invoice.state == SupplierInvoice.State.RELEASED:
        unchanged()
        return invoice
    if invoice.state != SupplierInvoice.State.DISPUTED:
        raise InvoiceNotDisputed(number=invoice.number, state=invoice.get_state_display())
    _lock_lines(invoice)
    _decide(invoice, SupplierInvoice.State.RELEASED, reason, actor, now)
    documents = bring_costs(invoice=invoice, actor=actor, now=now)
    record(
        "purchasing.invoice_released",
        invoice,
        also=documents,
        actor=actor,
        now=now,
        data={"number": invoice.number},
    )
    return invoice


@operation(RECORD)
def cancel_invoice(*, invoice: SupplierInvoice, reason: str, actor: Actor, now: datetime) -> SupplierInvoice:
    """Take an invoice out: entered by mistake, or the supplier sends another. What it billed is open again, what it
    changed of costs is taken back. Raises `WhyMissing`, `InvoiceClosed`, the errors of posting to stock."""
    reason = reason.strip()[:200]
    if not reason:
        raise WhyMissing
    invoice = _locked(invoice, actor)
    if invoice.state == SupplierInvoice.State.CANCELLED:
        raise InvoiceClosed(number=invoice.number)
    billed: dict[int, Decimal] = {}
    for line_id, quantity in invoice.lines.filter(order_line__isnull=False).values_list(
        "order_line", "quantity"
    ):
        billed[line_id] = billed.get(line_id, Decimal(0)) + quantity
    lines = _lock_lines(invoice)
    for line in lines:
        line.invoiced_quantity -= billed[line.pk]
    PurchaseOrderLine.objects.bulk_update(lines, ["invoiced_quantity"])
    _decide(invoice, SupplierInvoice.State.CANCELLED, reason, actor, now)
    documents = take_back_costs(invoice=invoice, actor=actor, now=now)
    record(
        "purchasing.invoice_cancelled",
        invoice,
        also=documents,
        actor=actor,
        now=now,
        data={"number": invoice.number},
    )
    return invoice
