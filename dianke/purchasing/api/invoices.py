"""Invoices of suppliers, held against orders and receipts."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen
from dianke.purchasing import operations
from dianke.purchasing.api import schemas
from dianke.purchasing.models import Supplier, SupplierInvoice
from dianke.purchasing.operations import InvoiceItem
from dianke.stores.models import LegalEntity

router = Router(tags=["supplier invoices"])
COSTS = "catalog.view_costs"
RECORD = "purchasing.record_invoices"


def _invoice(request: Request, pk: int) -> SupplierInvoice:
    return get_object_or_404(SupplierInvoice.objects.visible_to(request.actor), pk=pk)


class InvoiceFilter(Schema):
    supplier_id: Id | None = None
    legal_entity_id: Id | None = None
    state: schemas.InvoiceState | None = None


@router.get("/supplier-invoices", response=CursorPage[schemas.InvoiceOut])
@requires(COSTS)
def list_invoices(request: Request, page: Query[CursorQuery], wanted: Query[InvoiceFilter]) -> Any:
    """Invoices, the last entered first."""
    rows = SupplierInvoice.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows.prefetch_related("lines"), page, order=["-recorded_at", "-id"])


@router.post("/supplier-invoices", response={201: schemas.InvoiceOut})
@requires(RECORD)
def record_invoice(request: Request, payload: schemas.InvoiceIn) -> Any:
    """Enter an invoice: it agrees with orders and receipts, or says where it differs."""
    values = payload.dict()
    suppliers = Supplier.objects.visible_to(request.actor)
    entities = LegalEntity.objects.visible_to(request.actor)
    return operations.record_invoice(
        supplier=chosen(suppliers, values.pop("supplier_id"), "supplier_id"),
        legal_entity=chosen(entities, values.pop("legal_entity_id"), "legal_entity_id"),
        items=[InvoiceItem(**each) for each in values.pop("items")],
        **values,
        actor=request.actor,
        now=request.now,
    )


@router.get("/supplier-invoices/{int:pk}", response=schemas.InvoiceOut)
@requires(COSTS)
def get_invoice(request: Request, pk: int) -> Any:
    """One invoice with its lines."""
    return _invoice(request, pk)


@router.post("/supplier-invoices/{int:pk}/release", response=schemas.InvoiceOut)
@requires(RECORD)
def release_invoice(request: Request, pk: int, payload: schemas.WhyIn) -> Any:
    """Let an invoice be paid although it differs."""
    return operations.release_invoice(
        invoice=_invoice(request, pk), reason=payload.reason, actor=request.actor, now=request.now
    )


@router.post("/supplier-invoices/{int:pk}/cancel", response=schemas.InvoiceOut)
@requires(RECORD)
def cancel_invoice(request: Request, pk: int, payload: schemas.WhyIn) -> Any:
    """Take an invoice out; what it billed is open again."""
    return operations.cancel_invoice(
        invoice=_invoice(request, pk), reason=payload.reason, actor=request.actor, now=request.now
    )
