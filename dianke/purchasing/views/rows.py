"""What the pages of the room share: what an address names, amounts and quantities for people, where somebody works."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from dianke.access.requests import Request
from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.events.queries import timeline
from dianke.events.registry import describe
from dianke.purchasing.models import (
    PurchaseOrder,
    PurchasePlan,
    Receipt,
    Supplier,
    SupplierInvoice,
    SupplierReturn,
)
from dianke.purchasing.models.suppliers import COSTS
from dianke.stores.models import Store
from dianke.web.components import Crumb, Entry
from dianke.web.formats import money, number
from dianke.web.listing import as_id
from dianke.work.queries.people import names_of

VIEW, MAKE, RECEIVE = "purchasing.view_orders", "purchasing.make_orders", "purchasing.receive_orders"
MANAGE, RECORD = "purchasing.manage_suppliers", "purchasing.record_invoices"
FORM = ("GET", "POST")
HISTORY_ROWS = 50

ORDER_TONES: Mapping[str, str] = {
    PurchaseOrder.State.DRAFT: "off",
    PurchaseOrder.State.WAITING: "wait",
    PurchaseOrder.State.APPROVED: "wait",
    PurchaseOrder.State.SENT: "",
    PurchaseOrder.State.PARTLY: "wait",
    PurchaseOrder.State.DONE: "good",
    PurchaseOrder.State.CANCELLED: "off",
}
SUPPLIER_TONES: Mapping[str, str] = {
    Supplier.State.ACTIVE: "good",
    Supplier.State.PAUSED: "wait",
    Supplier.State.ARCHIVED: "off",
}
INVOICE_TONES: Mapping[str, str] = {
    SupplierInvoice.State.MATCHED: "good",
    SupplierInvoice.State.DISPUTED: "bad",
    SupplierInvoice.State.RELEASED: "good",
    SupplierInvoice.State.CANCELLED: "off",
}
PLAN_TONES: Mapping[str, str] = {
    PurchasePlan.State.OPEN: "wait",
    PurchasePlan.State.ACCEPTED: "good",
    PurchasePlan.State.DISCARDED: "off",
}


# --- what an address names -------------------------------------------------------------------------------------------
def order_or_404(http: Request, pk: int) -> PurchaseOrder:
    """The order with whom it is from and for."""
    rows = PurchaseOrder.objects.visible_to(http.actor).select_related(
        "supplier", "store", "legal_entity", "stock_place", "plan", "made_by", "approved_by"
    )
    found: PurchaseOrder = get_object_or_404(rows, pk=pk)
    return found


def supplier_or_404(http: Request, pk: int) -> Supplier:
    return get_object_or_404(Supplier.objects.visible_to(http.actor), pk=pk)


def plan_or_404(http: Request, pk: int) -> PurchasePlan:
    rows = PurchasePlan.objects.visible_to(http.actor).select_related("store", "made_by")
    found: PurchasePlan = get_object_or_404(rows, pk=pk)
    return found


def invoice_or_404(http: Request, pk: int) -> SupplierInvoice:
    rows = SupplierInvoice.objects.visible_to(http.actor)
    return get_object_or_404(
        rows.select_related("supplier", "legal_entity", "recorded_by", "decided_by"), pk=pk
    )


def receipt_or_404(http: Request, pk: int) -> Receipt:
    rows = Receipt.objects.visible_to(http.actor)
    found: Receipt = get_object_or_404(
        rows.select_related("order__supplier", "store", "document", "received_by"), pk=pk
    )
    return found


def return_or_404(http: Request, pk: int) -> SupplierReturn:
    rows = SupplierReturn.objects.visible_to(http.actor)
    found: SupplierReturn = get_object_or_404(
        rows.select_related("order", "supplier", "store", "document", "returned_by"), pk=pk
    )
    return found


# --- where somebody works --------------------------------------------------------------------------------------------
def stores_of(actor: Actor, permission: str = VIEW) -> QuerySet[Store]:
    """The open stores where the actor holds a permission."""
    rows: QuerySet[Store] = Store.objects.visible_to(actor, permission).still_open()
    return rows.order_by("code")


def chosen_store(http: Request, permission: str = VIEW) -> Store | None:
    """The store asked for by `?store=`, else the one the person works in, else their only one. One query, or two."""
    rows = stores_of(http.actor, permission)
    asked = http.GET.get("store") or http.POST.get("store")
    if asked:
        return rows.filter(pk=as_id(asked)).first()
    if http.actor.store_id:
        return rows.filter(pk=http.actor.store_id).first()
    few = list(rows[:2])
    return few[0] if len(few) == 1 else None


def sees_costs(actor: Actor) -> bool:
    return actor.can(COSTS)


# --- for people ------------------------------------------------------------------------------------------------------
def shown(minor: int | None, currency: str) -> str:
    """An amount for people, or nothing."""
    return "" if minor is None else money(Money.from_minor(minor, currency))


def plain(quantity: Decimal) -> str:
    """A quantity without trailing zeros: 12.5000 reads "12.5"."""
    return number(Decimal(format(quantity.normalize(), "f")))


def typed(quantity: Decimal) -> str:
    """A quantity as one would type it: no separators."""
    return format(quantity.normalize(), "f") if quantity else "0"


def is_overdue(order: PurchaseOrder, today: date) -> bool:
    return order.may_be_received and order.expected_date < today


def open_lines() -> Q:
    """Lines of which something is still to come, as a condition of the database."""
    from django.db.models import F

    rest = F("received_quantity") - F("replaced_quantity") + F("closed_quantity")
    return Q(quantity__gt=rest)


# --- the way to a page -----------------------------------------------------------------------------------------------
def order_crumbs(order: PurchaseOrder | None = None) -> list[Crumb]:
    crumbs = [Crumb(_("Purchase orders"), reverse("purchasing:orders"))]
    return [*crumbs, Crumb(order.number, order_url(order))] if order else crumbs


def order_url(order: PurchaseOrder) -> str:
    return reverse("purchasing:order", args=[order.pk])


def supplier_crumbs(supplier: Supplier | None = None) -> list[Crumb]:
    crumbs = [Crumb(_("Suppliers"), reverse("purchasing:suppliers"))]
    if supplier is None:
        return crumbs
    return [*crumbs, Crumb(supplier.short_name, reverse("purchasing:supplier", args=[supplier.pk]))]


# --- what happened ---------------------------------------------------------------------------------------------------
ICONS = {
    "purchasing.order_sent": "send",
    "purchasing.order_mailed": "mail-check",
    "purchasing.order_mail_refused": "mail-x",
    "purchasing.order_received": "package-import",
    "purchasing.goods_returned": "truck-return",
    "purchasing.order_approved": "check",
    "purchasing.order_cancelled": "x",
    "purchasing.order_closed": "archive",
    "purchasing.invoice_recorded": "file-invoice",
    "purchasing.invoice_released": "check",
    "purchasing.price_set": "coin",
}


def history_page(http: Request, subject: Any, *, name: str, crumbs: list[Crumb]) -> HttpResponse:
    """Who did what to an order, a supplier, an invoice; beside the page."""
    page = timeline(subject, actor=http.actor, before=http.GET.get("before") or None, limit=HISTORY_ROWS)
    names = names_of([event.user_id for event in page.events])
    entries = [
        Entry(
            at=event.recorded_at,
            title=describe(event),
            icon=ICONS.get(event.kind, "point"),
            actor=_("the system") if event.user_id is None else names.get(event.user_id, ""),
        )
        for event in page.events
    ]
    context = {"entries": entries, "next_cursor": page.next_cursor, "name": name, "crumb_list": crumbs}
    return render(http, "purchasing/history.html", context)
