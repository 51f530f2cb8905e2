"""Invoices of suppliers: the list, entering one against orders and receipts, the match by line, release, cancel."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import Conflict, InvalidInput
from dianke.core.money import Money
from dianke.inventory.models import Document
from dianke.purchasing import operations
from dianke.purchasing.forms.invoices import BillSheet, InvoiceForm, WhoseInvoiceForm
from dianke.purchasing.forms.orders import ReasonForm
from dianke.purchasing.models import (
    PurchaseOrder,
    PurchaseOrderLine,
    Supplier,
    SupplierInvoice,
    SupplierInvoiceLine,
)
from dianke.purchasing.models.suppliers import COSTS
from dianke.purchasing.operations.invoice_costs import reference_of
from dianke.purchasing.rules.amounts import line_total
from dianke.purchasing.rules.reasons import percent_text, sentences
from dianke.purchasing.views.rows import (
    FORM,
    INVOICE_TONES,
    RECORD,
    history_page,
    invoice_or_404,
    plain,
    shown,
)
from dianke.purchasing.views.supplier_listings import InvoiceListing
from dianke.stores.models import LegalEntity
from dianke.stores.queries import local_date
from dianke.web.components import Crumb, Fact
from dianke.web.forms import form_view
from dianke.web.list_views import list_context
from dianke.web.listing import as_id
from dianke.web.responses import done

MOST_LINES = 200


def invoice_crumbs(invoice: SupplierInvoice | None = None) -> list[Crumb]:
    crumbs = [Crumb(_("Supplier invoices"), reverse("purchasing:invoices"))]
    if invoice is None:
        return crumbs
    return [*crumbs, Crumb(invoice.number, reverse("purchasing:invoice", args=[invoice.pk]))]


@require_GET
@requires(COSTS)
def invoice_list(request: Request) -> HttpResponse:
    """The list, or its rows when filters change."""
    is_part = request.headers.get("HX-Target", "").endswith("#list")
    context = list_context(request, InvoiceListing)
    context["new_url"] = reverse("purchasing:invoice-new") if request.actor.can(RECORD) else ""
    response = render(request, "web/list.html#rows" if is_part else "purchasing/invoices/list.html", context)
    if is_part:
        query = context["query_string"]
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
    return response


@require_http_methods(FORM)
@requires(RECORD)
def invoice_new(request: Request) -> HttpResponse:
    """Whose it is first; then its head, and the lines it bills beside what came."""
    actor = request.actor
    source = {**request.GET.dict(), **request.POST.dict()}
    orders = PurchaseOrder.objects.visible_to(actor).select_related("supplier", "legal_entity")
    order = orders.filter(pk=as_id(source.get("order", ""))).first()
    suppliers = Supplier.objects.visible_to(actor)
    entities = LegalEntity.objects.visible_to(actor, RECORD)
    supplier = order.supplier if order else suppliers.filter(pk=as_id(source.get("supplier", ""))).first()
    entity = order.legal_entity if order else entities.filter(pk=as_id(source.get("entity", ""))).first()
    if supplier is None or entity is None:
        bound = request.GET if "supplier" in request.GET else None
        form = WhoseInvoiceForm(bound, actor=actor)
        status = 422 if bound is not None and not form.is_valid() else 200
        context = {"form": form, "crumb_list": invoice_crumbs()}
        return render(request, "purchasing/invoices/choose.html", context, status=status)
    lines = _to_bill(request, supplier, entity, order)
    is_sent = request.method == "POST"
    currency = order.currency if order else supplier.currency
    sheet = BillSheet(
        lines,
        currency=currency,
        data=request.POST if is_sent else None,
        billed=frozenset({order.pk}) if order else frozenset(),
    )
    initial = {"invoice_date": local_date(request.now)}
    form_ = InvoiceForm(request.POST if is_sent else None, currency=currency, initial=initial)
    status = 200
    if is_sent:
        status = 422
        is_good = form_.is_valid()
        if sheet.check() and is_good:
            data = dict(form_.cleaned_data)
            try:
                invoice = operations.record_invoice(
                    supplier=supplier,
                    legal_entity=entity,
                    items=sheet.items,
                    actor=actor,
                    now=request.now,
                    **data,
                )
            except (InvalidInput, Conflict) as error:
                form_.add_domain_error(error)
            else:
                text = (
                    _("Entered: it agrees with order and receipts.")
                    if invoice.state == SupplierInvoice.State.MATCHED
                    else _("Entered. It differs: look at the lines, then release it or send it back.")
                )
                return done(request, text, to=reverse("purchasing:invoice", args=[invoice.pk]))
    context = {
        "form": form_,
        "sheet": sheet,
        "lines": [
            {
                "bill": each,
                "name": str(each.line.variant),
                "left": plain(each.left),
                "unit": str(each.line.variant.product.unit),
                "should": shown(each.should.to_minor(), currency),
                "order": each.line.order,
            }
            for each in sheet.lines
        ],
        "supplier": supplier,
        "entity": entity,
        "currency": currency,
        "has_more": len(lines) == MOST_LINES,
        "crumb_list": invoice_crumbs(),
    }
    return render(request, "purchasing/invoices/new.html", context, status=status)


def _to_bill(
    http: Request, supplier: Supplier, entity: LegalEntity, order: PurchaseOrder | None
) -> list[PurchaseOrderLine]:
    """Lines of orders that came and are not billed wholly, the oldest first; all lines of the order one came from."""
    orders = PurchaseOrder.objects.visible_to(http.actor, RECORD).filter(
        supplier=supplier, legal_entity=entity, sent_at__isnull=False
    )
    kept = F("received_quantity") - F("returned_quantity") - F("replaced_quantity")
    rows = PurchaseOrderLine.objects.filter(order__in=orders).annotate(kept=kept)
    rows = rows.filter(Q(kept__gt=F("invoiced_quantity")) | Q(order=order.pk if order else None))
    rows = rows.select_related("order", "variant__product__unit").order_by("order__made_at", "position")
    return list(rows[:MOST_LINES])


@require_GET
@requires(COSTS)
def invoice_page(request: Request, pk: int) -> HttpResponse:
    """Order, receipts and invoice line by line, and what was decided."""
    invoice = invoice_or_404(request, pk)
    may = request.actor.can(RECORD)
    rows = [_row(invoice, line) for line in _lines(invoice)]
    stores = {row["line"].order_line.order.store_id for row in rows if row["line"].order_line}
    documents = Document.objects.filter(
        reference__in=[reference_of(invoice, store_id) for store_id in stores]
    )
    context = {
        "invoice": invoice,
        "tone": INVOICE_TONES.get(invoice.state, ""),
        "rows": rows,
        "differences": sentences(invoice.differences),
        "total": shown(invoice.total_amount, invoice.currency),
        "tax": shown(invoice.tax_amount, invoice.currency),
        "facts": _facts(invoice),
        "documents": list(documents.order_by("pk")),
        "may_release": may and invoice.state == SupplierInvoice.State.DISPUTED,
        "may_cancel": may and invoice.state != SupplierInvoice.State.CANCELLED,
        "crumb_list": invoice_crumbs(),
    }
    return render(request, "purchasing/invoices/invoice.html", context)


def _lines(invoice: SupplierInvoice) -> list[SupplierInvoiceLine]:
    rows = invoice.lines.select_related("order_line__order", "order_line__variant__product__unit")
    return list(rows.order_by("position"))


def _row(invoice: SupplierInvoice, line: SupplierInvoiceLine) -> dict[str, Any]:
    ordered = line.order_line
    row: dict[str, Any] = {
        "line": line,
        "name": str(ordered.variant) if ordered else line.text or _("Other costs"),
        "quantity": plain(line.quantity) if ordered else "",
        "total": shown(line.total_amount, invoice.currency),
        "tax": percent_text(line.tax_rate_bp),
        "differs": line.match == SupplierInvoiceLine.Match.DIFFERS,
        "differences": sentences(line.differences),
        "codes": {each.get("code") for each in line.differences},
    }
    if ordered is not None:
        price = Money.from_minor(ordered.price_amount, ordered.order.currency)
        should = line_total(quantity=line.quantity, pack_quantity=ordered.pack_quantity, price=price)
        row |= {
            "unit": str(ordered.variant.product.unit),
            "ordered": plain(ordered.quantity),
            "kept": plain(max(ordered.kept_quantity, Decimal(0))),
            "should": shown(should.to_minor(), ordered.order.currency),
            "should_tax": percent_text(ordered.tax_rate_bp),
        }
    return row


def _facts(invoice: SupplierInvoice) -> list[Fact]:
    facts = [
        Fact(
            _("Supplier"),
            invoice.supplier.name,
            url=reverse("purchasing:supplier", args=[invoice.supplier_id]),
        ),
        Fact(_("Billed to"), invoice.legal_entity.name),
        Fact(_("Date of the invoice"), f"{invoice.invoice_date:%Y-%m-%d}"),
        Fact(_("To be paid by"), f"{invoice.due_date:%Y-%m-%d}"),
        Fact(_("Entered by"), getattr(invoice.recorded_by, "name", "")),
        Fact(_("Decided by"), getattr(invoice.decided_by, "name", "")),
        Fact(_("Why"), invoice.decision_note),
        Fact(_("Note"), invoice.note),
    ]
    return [fact for fact in facts if fact.value not in (None, "")]


@require_http_methods(FORM)
@requires(RECORD)
def invoice_release(request: Request, pk: int) -> HttpResponse:
    """Let it be paid although it differs."""
    invoice = invoice_or_404(request, pk)

    def run(data: dict[str, Any]) -> SupplierInvoice:
        return operations.release_invoice(
            invoice=invoice, reason=data["reason"], actor=request.actor, now=request.now
        )

    return _decided(
        request,
        invoice,
        run,
        title=_("Release %(number)s for payment"),
        submit=_("Release"),
        success=_("Released. The goods cost what the invoice asks for."),
        warning=_(
            "It can be paid then. What it asks more or less than the order changes the cost of the goods that are "
            "still here; for those that are gone it is expense."
        ),
    )


@require_http_methods(FORM)
@requires(RECORD)
def invoice_cancel(request: Request, pk: int) -> HttpResponse:
    """Take it out: entered by mistake, or the supplier sends another."""
    invoice = invoice_or_404(request, pk)

    def run(data: dict[str, Any]) -> SupplierInvoice:
        return operations.cancel_invoice(
            invoice=invoice, reason=data["reason"], actor=request.actor, now=request.now
        )

    return _decided(
        request,
        invoice,
        run,
        title=_("Take out %(number)s"),
        submit=_("Take out"),
        success=_("Taken out. What it billed is open again."),
        warning=_(
            "It is not paid, what it billed can be billed again, and what it changed of costs is taken back."
        ),
    )


def _decided(
    http: Request,
    invoice: SupplierInvoice,
    run: Any,
    *,
    title: str,
    submit: str,
    success: str,
    warning: str,
) -> HttpResponse:
    back = reverse("purchasing:invoice", args=[invoice.pk])
    return form_view(
        http,
        form=ReasonForm(http.POST or None),
        run=run,
        title=title % {"number": invoice.number},
        submit=submit,
        success=success,
        redirect_to=back,
        cancel_url=back,
        template="purchasing/orders/reason.html",
        context={"warning": warning, "crumb_list": invoice_crumbs(invoice)},
    )


@require_GET
@requires(COSTS)
def invoice_history(request: Request, pk: int) -> HttpResponse:
    """Who did what to the invoice."""
    invoice = invoice_or_404(request, pk)
    return history_page(request, invoice, name=invoice.number, crumbs=invoice_crumbs(invoice))
