"""How receipts of a store look, shown while it is changed, and where registers print them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import Conflict
from dianke.sales.forms.sales_settings import PrinterForm, ReceiptForm
from dianke.sales.models import ReceiptPrinter, ReceiptSetting
from dianke.sales.operations.printing import NetworkPrinter, set_printer, set_receipts
from dianke.sales.queries.receipt_sample import sample_receipt
from dianke.sales.queries.receipts import context_of, language_of_receipts, printer_of, receipt_bytes
from dianke.sales.views.register_parts import FORM, MOST_CHOICES, SETTINGS, register_or_404, stores_of
from dianke.stores.models import Register, Store
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.responses import done

_OF_SETTING = ("title", "header", "footer", "has_tax", "has_link")
_OF_PRINTER = ("width", "host", "port", "copies", "has_qr", "has_drawer")


class NoAddress(Conflict):
    code = "receipt_printer_no_address"
    message = gettext_lazy(
        "This register has no printer with an address. Enter one first, then print the test."
    )


@require_GET
@requires(SETTINGS)
def receipts(request: Request) -> HttpResponse:
    """Every store with what stands on its receipts, and its registers with their printers."""
    stores = list(stores_of(request.actor, SETTINGS)[:MOST_CHOICES])
    settings = {row.store_id: row for row in ReceiptSetting.objects.filter(store__in=stores)}
    printers = {row.register_id: row for row in ReceiptPrinter.objects.filter(store__in=stores)}
    registers: dict[int, list[dict[str, Any]]] = {}
    for each in Register.objects.filter(store__in=stores, is_active=True).order_by("code"):
        printer = printers.get(each.pk)
        registers.setdefault(each.store_id, []).append(
            {"register": each, "printer": printer, "note": _printer_note(printer)}
        )
    rows = [
        {
            "store": store,
            "title": settings[store.pk].title if store.pk in settings else "",
            "registers": registers.get(store.pk, []),
        }
        for store in stores
    ]
    return render(request, "sales/settings/receipts.html", {"rows": rows})


def _printer_note(printer: ReceiptPrinter | None) -> str:
    if printer is None:
        return _("The till prints by itself, 58 mm")
    where = f"{printer.host}:{printer.port}" if printer.host else _("The till prints by itself")
    copies = ngettext("%(n)s copy", "%(n)s copies", printer.copies) % {"n": printer.copies}
    return f"{where} · {printer.get_width_display()} · {copies}"


def _crumbs() -> list[Crumb]:
    return [Crumb(_("Receipts and printers"), reverse("sales:receipt-settings"))]


def _store(http: Request, pk: int) -> Store:
    return get_object_or_404(stores_of(http.actor, SETTINGS), pk=pk)


@require_http_methods(FORM)
@requires(SETTINGS)
def receipt_edit(request: Request, pk: int) -> HttpResponse:
    """Change the receipts of a store; beside it stands what comes out."""
    store = _store(request, pk)
    row = ReceiptSetting.objects.filter(store=store).first() or ReceiptSetting(store=store)
    values = {name: getattr(row, name) for name in _OF_SETTING}
    page = reverse("sales:receipt-settings")
    form = ReceiptForm(request.POST or None, initial=values)
    return form_view(
        request,
        form=form,
        run=lambda data: set_receipts(store=store, values=data, actor=request.actor, now=request.now),
        title=_("Receipts of %(store)s") % {"store": store.short_name},
        success=_("Saved. The next receipt looks like this."),
        redirect_to=page,
        template="sales/settings/receipt.html",
        cancel_url=page,
        context={"crumb_list": _crumbs(), "store": store, **_sample(request, store, values)},
    )


@require_GET
@requires(SETTINGS)
def receipt_preview(request: Request, pk: int) -> HttpResponse:
    """The sample with what is typed just now; nothing is saved."""
    store = _store(request, pk)
    form = ReceiptForm(request.GET)
    form.is_valid()
    values = {name: form.cleaned_data.get(name, "") for name in ("title", "header", "footer")}
    values |= {name: bool(form.cleaned_data.get(name)) for name in ("has_tax", "has_link")}
    return render(request, "sales/settings/receipt_sample.html", _sample(request, store, values))


def _sample(http: Request, store: Store, values: dict[str, Any]) -> dict[str, Any]:
    """In the language of the merchant, as it will be printed."""
    language = language_of_receipts()
    with override(language):
        receipt = sample_receipt(store, values, link=http.build_absolute_uri("/"), now=http.now)
        return {**context_of(receipt), "language": language}


# --- printers --------------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(SETTINGS)
def printer_edit(request: Request, pk: int) -> HttpResponse:
    """Where a register prints."""
    register = register_or_404(request, pk, SETTINGS)
    row = ReceiptPrinter.objects.filter(register=register).first() or ReceiptPrinter(register=register)
    page = reverse("sales:receipt-settings")
    initial = {name: getattr(row, name) for name in _OF_PRINTER}
    return form_view(
        request,
        form=PrinterForm(request.POST or None, initial=initial),
        run=lambda data: set_printer(register=register, values=data, actor=request.actor, now=request.now),
        title=_("Printer of %(register)s") % {"register": register.name},
        success=_("Saved. Print a test to be sure."),
        redirect_to=page,
        cancel_url=page,
        context={"crumb_list": _crumbs()},
    )


@require_POST
@requires(SETTINGS)
def printer_test(request: Request, pk: int) -> HttpResponse:
    """Print the sample; whoever stands at the printer sees that it works. Raises `PrinterSilent`, `NoAddress`."""
    register = register_or_404(request, pk, SETTINGS)
    printer = ReceiptPrinter.objects.filter(register=register).first()
    if printer is None or not printer.host:
        raise NoAddress
    setting = ReceiptSetting.objects.filter(store=register.store).first()
    values = {name: getattr(setting, name) for name in _OF_SETTING} if setting else {}
    with override(language_of_receipts()):
        receipt = sample_receipt(
            register.store,
            values,
            link=request.build_absolute_uri("/"),
            register=register,
            now=request.now,
        )
        content = receipt_bytes(receipt, printer_of(printer))
    NetworkPrinter(printer.host, printer.port).send(content)
    return done(request, _("Sent. Look whether the paper came out."), to=reverse("sales:receipt-settings"))
