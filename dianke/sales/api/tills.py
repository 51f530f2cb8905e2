"""What tills may sell offline and which of their sales are missing; receipts and their printers."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from ninja import Query, Router, Schema

from dianke.access.devices import device_of
from dianke.access.guards import requires
from dianke.access.models import Device
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen, chosen_or_none
from dianke.core.errors import Conflict
from dianke.sales.api import register_schemas as schemas
from dianke.sales.models import (
    DeviceJournal,
    OfflineGrant,
    OfflinePolicy,
    Order,
    ReceiptPrinter,
    ReceiptSetting,
)
from dianke.sales.operations import offline, printing
from dianke.sales.queries import receipts
from dianke.sales.queries.offline import gaps_of, state_of
from dianke.sales.rules.offline import Limits
from dianke.stores.models import Register, Store

router = Router(tags=["registers"])
VIEW, SELL, CLOSE, SETTINGS = (
    "sales.view_orders",
    "sales.sell",
    "sales.close_days",
    "sales.manage_settings",
)


class NotATill(Conflict):
    code = "not_a_till"
    message = _("This browser is not set up as a till. Set it up under “Shared tills” first.")


class PrinterMissing(Conflict):
    code = "receipt_printer_missing"
    message = _("This register has no printer with an address. Enter one, or print from the till itself.")


def _store(request: Request, pk: int, permission: str) -> Store:
    return get_object_or_404(Store.objects.visible_to(request.actor, permission), pk=pk)


# --- selling offline -------------------------------------------------------------------------------------------------
@router.get("/stores/{int:pk}/offline-limits", response=schemas.OfflineLimitsOut)
@requires(SELL)
def get_offline_limits(request: Request, pk: int) -> Any:
    """What tills of a store may sell without the server."""
    return offline.limits_of(_store(request, pk, SELL))


@router.patch("/stores/{int:pk}/offline-limits", response=schemas.OfflineLimitsOut)
@requires(SETTINGS)
def change_offline_limits(request: Request, pk: int, payload: schemas.OfflineLimitsPatch) -> OfflinePolicy:
    """Set limits for the tills of a store; they hold from the next time a till is given its limits."""
    store = _store(request, pk, SETTINGS)
    limits = Limits(**(asdict(offline.limits_of(store)) | payload.dict(exclude_unset=True)))
    return offline.set_offline_policy(store=store, limits=limits, actor=request.actor, now=request.now)


@router.post("/offline-grants", response={201: schemas.OfflineIssuedOut})
@requires(SELL)
def issue_offline_grant(request: Request, payload: schemas.OfflineGrantIn) -> Any:
    """Give the till that asks (a browser set up as one) its limits, signed."""
    device = device_of(request)
    if device is None:
        raise NotATill
    store = chosen(Store.objects.visible_to(request.actor, SELL), payload.store_id, "store_id")
    register = chosen_or_none(Register.objects.filter(store=store), payload.register_id, "register_id")
    return offline.issue_grant(
        device=device, store=store, register=register, actor=request.actor, now=request.now
    )


class OfflineGrantFilter(Schema):
    device_id: Id | None = None
    store_id: Id | None = None


@router.get("/offline-grants", response=CursorPage[schemas.OfflineGrantOut])
@requires(SETTINGS)
def list_offline_grants(request: Request, page: Query[CursorQuery], wanted: Query[OfflineGrantFilter]) -> Any:
    """Limits tills were given, the newest first."""
    rows = OfflineGrant.objects.visible_to(request.actor, SETTINGS)
    return cursor_page(rows.filter(**wanted.dict(exclude_none=True)), page, order=["-issued_at", "-id"])


@router.post("/tills/{int:pk}/offline-grants/revoke", response=schemas.OfflineRevokedOut)
@requires(SETTINGS)
def revoke_offline_grants(request: Request, pk: int, payload: schemas.OfflineRevokeIn) -> Any:
    """Withdraw the limits of a till that is lost or not trusted any more."""
    given = OfflineGrant.objects.visible_to(request.actor, SETTINGS).filter(device=pk)
    device = get_object_or_404(Device.objects.filter(pk__in=given.values("device")), pk=pk)
    count = offline.revoke_grants(device=device, reason=payload.reason, actor=request.actor, now=request.now)
    return {"count": count}


@router.get("/tills/{int:pk}/sales-journal", response=schemas.TillStateOut)
@requires(CLOSE)
def get_till_journal(request: Request, pk: int) -> Any:
    """Up to which number the sales of a till arrived, and which are missing."""
    journal = get_object_or_404(DeviceJournal.objects.visible_to(request.actor, CLOSE), device=pk)
    state = state_of(journal.device_id)
    names = ("contiguous", "highest", "missing_count", "next_number", "skew_seconds")
    return {name: getattr(state, name) for name in names} | {"gaps": gaps_of(journal.device_id)}


# --- receipts --------------------------------------------------------------------------------------------------------
@router.get("/stores/{int:pk}/receipt-settings", response=schemas.ReceiptSettingOut)
@requires(VIEW)
def get_receipt_settings(request: Request, pk: int) -> ReceiptSetting:
    """How receipts of a store look."""
    store = _store(request, pk, VIEW)
    return ReceiptSetting.objects.filter(store=store).first() or ReceiptSetting(store=store)


@router.patch("/stores/{int:pk}/receipt-settings", response=schemas.ReceiptSettingOut)
@requires(SETTINGS)
def change_receipt_settings(
    request: Request, pk: int, payload: schemas.ReceiptSettingPatch
) -> ReceiptSetting:
    """Change how receipts of a store look."""
    return printing.set_receipts(
        store=_store(request, pk, SETTINGS),
        values=payload.dict(exclude_unset=True),
        actor=request.actor,
        now=request.now,
    )


def _register(request: Request, pk: int, permission: str) -> Register:
    rows = Register.objects.visible_to(request.actor, permission).select_related("store")
    found: Register = get_object_or_404(rows, pk=pk)
    return found


@router.get("/registers/{int:pk}/receipt-printer", response=schemas.ReceiptPrinterOut)
@requires(VIEW)
def get_receipt_printer(request: Request, pk: int) -> ReceiptPrinter:
    """The printer of a register."""
    register = _register(request, pk, VIEW)
    return ReceiptPrinter.objects.filter(register=register).first() or ReceiptPrinter(register=register)


@router.patch("/registers/{int:pk}/receipt-printer", response=schemas.ReceiptPrinterOut)
@requires(SETTINGS)
def change_receipt_printer(request: Request, pk: int, payload: schemas.ReceiptPrinterPatch) -> ReceiptPrinter:
    """Set the printer of a register; without an address the till prints by itself."""
    return printing.set_printer(
        register=_register(request, pk, SETTINGS),
        values=payload.dict(exclude_unset=True),
        actor=request.actor,
        now=request.now,
    )


def _order(request: Request, pk: int, permission: str) -> Order:
    rows = Order.objects.visible_to(request.actor, permission).exclude(state=Order.State.DRAFT)
    found: Order = get_object_or_404(rows.select_related("store", "register", "customer", "made_by"), pk=pk)
    return found


def _link(request: Request, order: Order) -> str:
    return request.build_absolute_uri(reverse("sales:receipt-public", args=[receipts.link_token(order)]))


def _bytes(request: Request, order: Order, printer: ReceiptPrinter | None, opens_drawer: bool) -> bytes:
    with override(receipts.language_of_receipts()):
        receipt = receipts.receipt_of(
            order, link=_link(request, order), is_copy=order.prints.exists(), now=request.now
        )
        return receipts.receipt_bytes(receipt, receipts.printer_of(printer), opens_drawer=opens_drawer)


@router.post("/orders/{int:pk}/receipt-prints", response={201: schemas.ReceiptPrintOut})
@requires(SELL)
def print_receipt(request: Request, pk: int, payload: schemas.ReceiptPrintIn) -> Any:
    """Print the receipt on the printer of a register; the second print is a copy and says so."""
    order = _order(request, pk, SELL)
    registers = Register.objects.filter(store=order.store_id)
    register = chosen(registers, payload.register_id, "register_id")
    printer = ReceiptPrinter.objects.filter(register=register).first()
    if printer is None or not printer.host:
        raise PrinterMissing
    content = _bytes(request, order, printer, payload.opens_drawer)
    printing.NetworkPrinter(printer.host, printer.port).send(content * printer.copies)
    return printing.note_print(
        order=order, way="NETWORK", register=register, actor=request.actor, now=request.now
    )


@router.post("/orders/{int:pk}/receipt-bytes", response={200: bytes})
@requires(SELL)
def get_receipt_bytes(request: Request, pk: int, payload: schemas.ReceiptPrintIn) -> HttpResponse:
    """The receipt as ESC/POS bytes for a printer at the till itself; counts as a print."""
    order = _order(request, pk, SELL)
    register = chosen(Register.objects.filter(store=order.store_id), payload.register_id, "register_id")
    printer = ReceiptPrinter.objects.filter(register=register).first()
    content = _bytes(request, order, printer, payload.opens_drawer)
    printing.note_print(order=order, way="BYTES", register=register, actor=request.actor, now=request.now)
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{order.number}.bin"'
    return answer


@router.get("/orders/{int:pk}/receipt", response={200: bytes})
@requires(VIEW)
def get_receipt_paper(request: Request, pk: int) -> HttpResponse:
    """The receipt as PDF, marked as a copy once it was printed."""
    order = _order(request, pk, VIEW)
    language = receipts.language_of_receipts()
    with override(language):
        receipt = receipts.receipt_of(
            order, link=_link(request, order), is_copy=order.prints.exists(), now=request.now
        )
    answer = HttpResponse(receipts.receipt_pdf(receipt, language=language), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{order.number}.pdf"'
    return answer
