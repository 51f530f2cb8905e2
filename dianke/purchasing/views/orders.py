"""Purchase orders: the list, and the page of one with its stages, its lines and what came of it."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.purchasing.models import PurchaseOrder, PurchaseOrderLine, ReceiptLine
from dianke.purchasing.models.receipts import Difference
from dianke.purchasing.operations.orders import APPROVE_OPERATION
from dianke.purchasing.rules.reasons import percent_text
from dianke.purchasing.views.listings import OrderListing
from dianke.purchasing.views.rows import (
    INVOICE_TONES,
    MAKE,
    ORDER_TONES,
    RECEIVE,
    VIEW,
    chosen_store,
    is_overdue,
    order_crumbs,
    order_or_404,
    plain,
    sees_costs,
    shown,
    typed,
)
from dianke.purchasing.views.supplier_listings import terms_text
from dianke.stores.queries import local_date
from dianke.web.components import Fact, Step
from dianke.web.list_views import list_context
from dianke.work.models import Approval

STATES = PurchaseOrder.State


@require_GET
@requires(VIEW)
def order_list(request: Request) -> HttpResponse:
    """The list, or its rows when filters change."""
    is_part = request.headers.get("HX-Target", "").endswith("#list")
    context = list_context(request, OrderListing)
    if request.actor.can(MAKE):
        store = chosen_store(request, MAKE)
        context["new_url"] = reverse("purchasing:order-new") + (f"?store={store.pk}" if store else "")
    response = render(request, "web/list.html#rows" if is_part else "purchasing/orders/list.html", context)
    if is_part:
        query = context["query_string"]
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
    return response


@require_GET
@requires(VIEW)
def order_page(request: Request, pk: int) -> HttpResponse:
    """An order: how far it is, its lines, what came of it."""
    return render_order(request, order_or_404(request, pk))


def render_order(http: Request, order: PurchaseOrder, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page, also as the answer to lines that were wrong (`error`, `typed`, `found`)."""
    actor = http.actor
    shows_costs = sees_costs(actor)
    lines = list(order.lines.select_related("variant__product__unit").order_by("position"))
    may_make = actor.can(MAKE, store_id=order.store_id)
    may_receive = actor.can(RECEIVE, store_id=order.store_id)
    approval = _approval(order) if order.state == STATES.WAITING else None
    rows = [_row(line, order.currency, shows_costs) for line in lines]
    typed_in = more.pop("typed", None) or {}
    for row in rows:
        row["typed"] = typed_in.get(row["line"].variant_id, row["quantity_typed"])
    context: dict[str, Any] = {
        "order": order,
        "tone": ORDER_TONES.get(order.state, ""),
        "is_overdue": is_overdue(order, local_date(http.now)),
        "steps": _steps(order, lines),
        "rows": rows,
        "sees_costs": shows_costs,
        "total": shown(order.total_amount, order.currency) if shows_costs else "",
        "tax": shown(order.tax_amount, order.currency) if shows_costs and order.tax_amount else "",
        "least": _least(order) if shows_costs else "",
        "facts": _facts(order, shows_costs),
        "may_edit": may_make and order.may_be_changed,
        "may_make": may_make,
        "may_send": may_make and order.state in (STATES.APPROVED, STATES.SENT, STATES.PARTLY),
        "may_receive": may_receive and order.may_be_received,
        "may_return": may_receive and any(line.kept_quantity > 0 for line in lines),
        "has_receipts": order.state in (STATES.PARTLY, STATES.DONE),
        "approval": approval,
        "receipts": _receipts(order) if order.sent_at else [],
        "returns": list(order.returns.order_by("-returned_at")) if order.sent_at else [],
        "invoices": _invoices(order) if shows_costs and order.sent_at else [],
        "mails": list(order.messages.all()[:10]) if order.sent_at else [],
        "crumb_list": order_crumbs(),
        **more,
    }
    return render(http, "purchasing/orders/order.html", context, status=status)


def _row(line: PurchaseOrderLine, currency: str, shows_costs: bool) -> dict[str, Any]:
    is_packed = line.pack_quantity != 1
    return {
        "line": line,
        "name": str(line.variant),
        "unit": str(line.variant.product.unit),
        "quantity": plain(line.quantity),
        "quantity_typed": typed(line.quantity),
        "pack": f"{plain(line.pack_quantity)}{line.variant.product.unit}/{line.pack_name or _('pack')}"
        if is_packed
        else "",
        "step": typed(line.pack_quantity),
        "received": plain(line.received_quantity) if line.received_quantity else "",
        "open": plain(line.open_quantity) if line.open_quantity else "",
        "closed": plain(line.closed_quantity) if line.closed_quantity else "",
        "returned": plain(line.returned_quantity + line.replaced_quantity)
        if line.returned_quantity or line.replaced_quantity
        else "",
        "price": shown(line.price_amount, currency) if shows_costs else "",
        "tax": percent_text(line.tax_rate_bp) if shows_costs and line.tax_rate_bp else "",
        "total": shown(line.total_amount, currency) if shows_costs else "",
    }


def _least(order: PurchaseOrder) -> str:
    least = order.supplier.minimum_order_amount
    return shown(least, order.currency) if order.may_be_changed and order.total_amount < least else ""


def _steps(order: PurchaseOrder, lines: list[PurchaseOrderLine]) -> list[Step]:
    state = order.state
    if state == STATES.CANCELLED:
        return [
            Step(_("Draft"), is_done=True, at=order.made_at),
            Step(_("Cancelled"), is_current=True, at=order.closed_at, note=order.closed_reason),
        ]
    made = [STATES.DRAFT, STATES.WAITING, STATES.APPROVED, STATES.SENT, STATES.PARTLY, STATES.DONE]
    reached = made.index(STATES(state))
    came = sum(1 for line in lines if not line.open_quantity)
    approved = _("Waiting for approval") if state == STATES.WAITING else _("Approved")
    return [
        Step(
            _("Draft"),
            is_done=reached > 0,
            is_current=reached == 0,
            at=order.made_at,
            note=getattr(order.made_by, "name", ""),
        ),
        Step(
            approved,
            is_done=reached > 1,
            is_current=reached == 1,
            at=order.approved_at,
            note=getattr(order.approved_by, "name", ""),
        ),
        Step(
            _("Sent"),
            is_done=reached > 2,
            is_current=reached == 2,
            at=order.sent_at,
            note=order.get_channel_display() if order.sent_at else "",
        ),
        Step(
            pgettext("stage", "Received"),
            is_done=state == STATES.DONE,
            is_current=reached in (3, 4),
            at=order.closed_at if state == STATES.DONE else order.expected_date if reached >= 3 else None,
            note=order.closed_reason
            or (_("%(done)s of %(all)s lines") % {"done": came, "all": len(lines)} if reached >= 3 else ""),
        ),
    ]


def _facts(order: PurchaseOrder, shows_costs: bool) -> list[Fact]:
    supplier = order.supplier
    facts = [
        Fact(_("Supplier"), supplier.name, url=reverse("purchasing:supplier", args=[supplier.pk])),
        Fact(pgettext("person", "Contact"), supplier.contact_name),
        Fact(_("For store"), order.store.short_name),
        Fact(_("Delivered to"), order.stock_place.name if order.stock_place else ""),
        Fact(_("Buyer"), order.legal_entity.name),
        Fact(_("Expected on"), f"{order.expected_date:%Y-%m-%d}"),
        Fact(_("Payment"), terms_text(supplier) if shows_costs else ""),
        Fact(
            _("Exchange rate"),
            format(order.exchange_rate.normalize(), "f")
            if shows_costs and order.currency != order.legal_entity.currency
            else "",
        ),
        Fact(
            _("Plan"),
            order.plan.number if order.plan else "",
            url=reverse("purchasing:plan", args=[order.plan_id]) if order.plan_id else "",
        ),
        Fact(_("Note for the supplier"), order.note),
    ]
    return [fact for fact in facts if fact.value not in (None, "")]


def _approval(order: PurchaseOrder) -> Approval | None:
    rows = Approval.objects.filter(
        subject=f"purchasing.purchaseorder:{order.pk}",
        operation=APPROVE_OPERATION,
        outcome=Approval.Outcome.PENDING,
    )
    return rows.order_by("-pk").first()


def _receipts(order: PurchaseOrder) -> list[dict[str, Any]]:
    wrong = Prefetch("lines", ReceiptLine.objects.exclude(difference=Difference.NONE), to_attr="wrong")
    rows = order.receipts.select_related("document", "received_by").prefetch_related(wrong)
    return [
        {
            "receipt": receipt,
            "wrong": sorted({str(line.get_difference_display()) for line in receipt.wrong}),
        }
        for receipt in rows.order_by("-received_at", "-pk")
    ]


def _invoices(order: PurchaseOrder) -> list[dict[str, Any]]:
    from dianke.purchasing.models import SupplierInvoice, SupplierInvoiceLine

    lines = SupplierInvoiceLine.objects.filter(order_line__order=order)
    rows = SupplierInvoice.objects.filter(pk__in=lines.values("invoice_id")).order_by("-recorded_at")
    return [
        {
            "invoice": row,
            "total": shown(row.total_amount, row.currency),
            "tone": INVOICE_TONES.get(row.state, ""),
        }
        for row in rows
    ]
