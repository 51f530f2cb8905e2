"""Receiving deliveries, phone first: which order, line by line with the scanner, a look at what will happen, once.

What was entered travels with the form until it is confirmed; its reference is made when the page opens, so that sending
it twice takes the goods in once.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Barcode
from dianke.catalog.queries.search import find, scan
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.purchasing import operations
from dianke.purchasing.forms.receiving import FAULTS, Row, Sheet, SheetLine
from dianke.purchasing.models import PurchaseOrder, PurchaseOrderLine, Receipt, Supplier
from dianke.purchasing.views.rows import (
    FORM,
    RECEIVE,
    chosen_store,
    order_or_404,
    order_url,
    plain,
    stores_of,
    typed,
)
from dianke.stores.queries import local_date
from dianke.web.components import Crumb
from dianke.web.responses import done

MOST_ORDERS = 100
SOON_DAYS = 7


def receiving_crumbs() -> list[Crumb]:
    return [Crumb(_("Receiving"), reverse("purchasing:receiving"))]


# --- which order -----------------------------------------------------------------------------------------------------
@require_GET
@requires(RECEIVE)
def receiving(request: Request) -> HttpResponse:
    """Orders that are under way to the store one works in: late ones, today's, those to come; or what was looked for by
    number, supplier, or a scan of goods."""
    actor = request.actor
    store = chosen_store(request, RECEIVE)
    asked = "".join(char for char in request.GET.get("q", "") if char.isprintable()).strip()[:60]
    rows = PurchaseOrder.objects.visible_to(actor, RECEIVE).under_way()
    if store is not None and not asked:
        rows = rows.filter(store=store)
    found_by_goods = False
    if asked:
        rows, found_by_goods = _narrowed(request, rows, asked)
    still = Q(lines__quantity__gt=_rest())
    rows = rows.annotate(open_count=Count("lines", filter=still), line_count=Count("lines"))
    rows = rows.select_related("supplier", "store").order_by("expected_date", "pk")
    orders = list(rows[: MOST_ORDERS + 1])
    if found_by_goods and len(orders) == 1:
        return redirect(f"{reverse('purchasing:receive', args=[orders[0].pk])}?code={asked}")
    today = store.business_date(request.now) if store else local_date(request.now)
    shown_orders = orders[:MOST_ORDERS]
    groups = [
        (_("Late"), "bad", [order for order in shown_orders if order.expected_date < today]),
        (_("Today"), "", [order for order in shown_orders if order.expected_date == today]),
        (
            _("In the next days"),
            "",
            [
                order
                for order in shown_orders
                if today < order.expected_date <= today + timedelta(days=SOON_DAYS)
            ],
        ),
        (
            _("Later"),
            "",
            [order for order in shown_orders if order.expected_date > today + timedelta(days=SOON_DAYS)],
        ),
    ]
    context = {
        "groups": [group for group in groups if group[2]],
        "store": store,
        "stores": list(stores_of(actor, RECEIVE)[:200]),
        "query": asked,
        "has_more": len(orders) > MOST_ORDERS,
    }
    return render(request, "purchasing/receiving/home.html", context)


def _rest() -> Any:
    from django.db.models import F

    return F("lines__received_quantity") - F("lines__replaced_quantity") + F("lines__closed_quantity")


def _narrowed(http: Request, rows: Any, text: str) -> tuple[Any, bool]:
    """Orders a word means; whether it was goods that were scanned."""
    by_number = rows.filter(number__icontains=text)
    if by_number.exists():
        return by_number, False
    hits = {hit.variant.pk for hit in find(http.actor, text, 20)}
    lines = PurchaseOrderLine.objects.filter(
        Q(variant__in=hits) | Q(supplier_code__iexact=text), quantity__gt=_rest_of_line()
    )
    suppliers = Supplier.objects.filter(search_words__found_by=text)
    by_goods = Q(pk__in=lines.values("order_id"))
    is_scan = scan(http.actor, text) is not None
    return rows.filter(by_goods | Q(supplier__in=suppliers)), is_scan


def _rest_of_line() -> Any:
    from django.db.models import F

    return F("received_quantity") - F("replaced_quantity") + F("closed_quantity")


# --- line by line ----------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(RECEIVE)
def receive(request: Request, pk: int) -> HttpResponse:
    """Enter what came (`step=look` shows what will happen, `step=take` takes it in, `step=edit` goes back)."""
    order = order_or_404(request, pk)
    request.actor.require(RECEIVE, store_id=order.store_id)
    if request.method == "GET":
        if not order.may_be_received:
            return redirect(order_url(order))
        sheet = Sheet(order)
        if code := request.GET.get("code", "").strip()[:60]:
            _count_first(request, sheet, code)
        return _entry(request, sheet, reference=str(uuid.uuid4()))
    reference = request.POST.get("reference", "")[:100] or str(uuid.uuid4())
    step = request.POST.get("step", "look")
    if step == "take" and (standing := _standing(order, reference)) is not None:
        # It was sent already: the answer got lost on the way.
        return done(request, _("Taken in."), to=reverse("purchasing:receipt", args=[standing.pk]))
    sheet = Sheet(order, request.POST)
    if step == "edit":
        return _entry(request, sheet, reference=reference)
    if not sheet.check():
        return _entry(request, sheet, reference=reference, status=422)
    if step != "take":
        return _look(request, sheet, reference)
    try:
        receipt = operations.receive_order(
            order=order,
            deliveries=sheet.deliveries,
            reference=f"page:{reference}",
            delivery_note=sheet.delivery_note,
            note=sheet.note,
            actor=request.actor,
            now=request.now,
        )
    except (InvalidInput, Conflict, NotFound) as error:
        fresh = Sheet(order_or_404(request, pk), request.POST)
        fresh.error = str(error)
        return _entry(request, fresh, reference=reference, status=422)
    return done(request, _told(receipt), to=reverse("purchasing:receipt", args=[receipt.pk]))


def _standing(order: PurchaseOrder, reference: str) -> Receipt | None:
    found: Receipt | None = Receipt.objects.filter(order=order, reference=f"page:{reference}").first()
    return found


def _told(receipt: Receipt) -> str:
    state = receipt.order.state
    if receipt.document_id is None:
        return _("Noted. Nothing was taken in.")
    if state == PurchaseOrder.State.DONE:
        return _("Taken in. The order is complete.")
    return _("Taken in. The rest is still to come.")


def _count_first(http: Request, sheet: Sheet, code: str) -> None:
    """What was scanned to find the order counts already."""
    hit = _hit(http, sheet.all_lines, code)
    line = next((each for each in sheet.lines if each.line.pk == hit.get("line")), None)
    if line is None:
        return
    if line.tracking == "PIECE":
        line.tags = str(hit.get("tag", ""))
    else:
        quantity = str(hit["quantity"])
        line.rows[0] = Row(0, came=quantity, taken=quantity)


def _entry(http: Request, sheet: Sheet, *, reference: str, status: int = 200) -> HttpResponse:
    order = sheet.order
    context: dict[str, Any] = {
        "order": order,
        "sheet": sheet,
        "lines": [_card(line) for line in sheet.lines],
        "reference": reference,
        "faults": FAULTS,
        "codes": json.dumps(_codes(sheet.lines)),
        "blank": Row(1),
        "crumb_list": receiving_crumbs(),
    }
    return render(http, "purchasing/receiving/entry.html", context, status=status)


def _card(line: SheetLine) -> dict[str, Any]:
    row = line.line
    product = row.variant.product
    return {
        "sheet": line,
        "line": row,
        "pk": row.pk,
        "prefix": f"{row.pk}-",
        "name": str(row.variant),
        "code": row.variant.code,
        "theirs": row.supplier_code if row.supplier_code != row.variant.code else "",
        "unit": str(product.unit),
        "open": plain(row.open_quantity),
        "open_typed": typed(row.open_quantity),
        "ordered": plain(row.quantity),
        "step": "1"
        if row.pack_quantity == row.pack_quantity.to_integral_value()
        else typed(row.pack_quantity),
        "pack": plain(row.pack_quantity) if row.pack_quantity != 1 else "",
        "pack_name": row.pack_name or _("pack"),
        "pack_typed": typed(row.pack_quantity) if row.pack_quantity != 1 else "",
        "by_batch": line.tracking == "BATCH",
        "by_piece": line.tracking == "PIECE",
        "rows": line.rows,
        "has_trouble": bool(line.error)
        or line.closes_rest
        or any(each.fault or each.note or (each.taken and each.taken != each.came) for each in line.rows),
    }


def _codes(lines: Sequence[SheetLine]) -> dict[str, list[Any]]:
    """What a scanner may read here: code → line and how much one scan of it means."""
    by_variant = {line.line.variant_id: line.line for line in lines if line.tracking != "PIECE"}
    found: dict[str, list[Any]] = {}
    for line in by_variant.values():
        found[line.variant.code] = [line.pk, "1"]
        if line.supplier_code:
            found.setdefault(line.supplier_code, [line.pk, typed(line.pack_quantity)])
    barcodes = Barcode.objects.filter(variant__in=by_variant)
    for value, variant_id, pack in barcodes.values_list("value", "variant_id", "pack_quantity"):
        found[value] = [by_variant[variant_id].pk, typed(pack)]
    return found


@require_GET
@requires(RECEIVE)
def receive_scan(request: Request, pk: int) -> HttpResponse:
    """What a code means on this order, for the page: the line, how much, the tag; or in words that it is none of it."""
    order = order_or_404(request, pk)
    lines = list(order.lines.select_related("variant__product").order_by("position"))
    return JsonResponse(_hit(request, lines, request.GET.get("code", "").strip()[:60]))


def _hit(http: Request, lines: Sequence[PurchaseOrderLine], code: str) -> dict[str, Any]:
    theirs = next((line for line in lines if line.supplier_code and line.supplier_code == code), None)
    if theirs is not None:
        return {"line": theirs.pk, "quantity": typed(theirs.pack_quantity)}
    found = scan(http.actor, code)
    if found is None:
        return {"text": _("Nothing has the code %(code)s.") % {"code": code}}
    line = next((line for line in lines if line.variant_id == found.variant.pk), None)
    if line is None:
        text = _("“%(name)s” is not on this order. If it came, note it below as not ordered.")
        return {"text": text % {"name": found.variant}}
    return {
        "line": line.pk,
        "quantity": typed(found.quantity),
        "tag": found.piece.tag if found.piece else code,
    }


def _look(http: Request, sheet: Sheet, reference: str) -> HttpResponse:
    """What will happen, before it does."""
    touched = [line for line in sheet.lines if line.is_touched]
    lines = [_outcome(line) for line in touched]
    taken = sum((row.accepted_quantity for line in touched for row in line.outcome), start=Decimal(0))
    after = dict(PurchaseOrder.State.choices)[PurchaseOrder.State(sheet.state_after)]
    untouched = [line for line in sheet.lines if not line.is_touched and line.line.open_quantity]
    kept = ("csrfmiddlewaretoken", "step", "reference")
    context = {
        "order": sheet.order,
        "lines": lines,
        "odd": [odd for odd in sheet.odd if odd.delivery],
        "taken": plain(taken),
        "kinds": sum(1 for line in touched if any(row.accepted_quantity for row in line.outcome)),
        "after": after,
        "is_complete": sheet.state_after == PurchaseOrder.State.DONE,
        "untouched": untouched,
        "place": sheet.order.stock_place,
        "hidden": [(name, value) for name, value in http.POST.items() if name not in kept and value],
        "reference": reference,
        "crumb_list": receiving_crumbs(),
    }
    return render(http, "purchasing/receiving/look.html", context)


def _outcome(line: SheetLine) -> dict[str, Any]:
    rows = line.outcome
    zero = Decimal(0)

    def total(name: str) -> Decimal:
        return sum((getattr(row, name) for row in rows), start=zero)

    refused, missing = total("rejected_quantity"), total("missing_quantity")
    closed, over = total("closed_quantity"), total("over_quantity")
    faults = {row.get_difference_display() for row in rows if row.rejected_quantity}
    return {
        "name": str(line.line.variant),
        "unit": str(line.line.variant.product.unit),
        "taken": plain(total("accepted_quantity")),
        "batches": [
            (row.batch_code, plain(row.accepted_quantity), delivery.expires_on)
            for row, delivery in zip(rows, line.deliveries, strict=True)
            if row.batch_code
        ],
        "refused": plain(refused) if refused else "",
        "fault": "、".join(sorted(map(str, faults))),
        "over": plain(over) if over else "",
        "left": plain(line.line.open_quantity) if line.line.open_quantity else "",
        "missing": plain(missing) if missing else "",
        "closed": plain(closed) if closed else "",
        "notes": "；".join(dict.fromkeys(row.note for row in rows if row.note)),
    }
