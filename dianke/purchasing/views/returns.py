"""Goods that go back to the supplier: chosen from an order, for credit or replacement; the list and the page of one."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.inventory.models import Balance, PieceAt, Place
from dianke.purchasing import operations
from dianke.purchasing.forms.parts import quantity_of
from dianke.purchasing.models import PurchaseOrder, PurchaseOrderLine, SupplierReturn
from dianke.purchasing.operations import Returned
from dianke.purchasing.views.listings import ReturnListing
from dianke.purchasing.views.rows import (
    FORM,
    RECEIVE,
    VIEW,
    order_crumbs,
    order_or_404,
    order_url,
    plain,
    return_or_404,
    sees_costs,
    shown,
)
from dianke.web.components import Crumb, Fact
from dianke.web.list_views import list_view
from dianke.web.responses import done

return_list = list_view(ReturnListing)


@require_http_methods(FORM)
@requires(RECEIVE)
def return_new(request: Request, pk: int) -> HttpResponse:
    """What of an order goes back, from which batch or piece, why, and what is wanted for it."""
    order = order_or_404(request, pk)
    request.actor.require(RECEIVE, store_id=order.store_id)
    lines = [
        line
        for line in order.lines.select_related("variant__product__unit").order_by("position")
        if line.kept_quantity > 0
    ]
    sources = _sources(order, lines)
    reference = request.POST.get("reference", "")[:100] or str(uuid.uuid4())
    error, wrong, status = "", "", 200
    if request.method == "POST":
        wish = request.POST.get("wish", "")
        try:
            if wish not in SupplierReturn.Wish.values:
                wrong = "wish"
                raise operations.WhyMissing
            made = operations.return_goods(
                order=order,
                items=_items(request, sources),
                wish=wish,
                reason=request.POST.get("reason", ""),
                reference=f"page:{reference}",
                actor=request.actor,
                now=request.now,
            )
        except (InvalidInput, Conflict, NotFound) as raised:
            error, status = str(raised), 422
            wrong = wrong or raised.field or ""
            if wrong == "wish":
                error = _("Choose what you want for the goods.")
        else:
            text = (
                _("Sent back. The supplier owes a credit note.")
                if wish == SupplierReturn.Wish.CREDIT
                else _("Sent back. The order waits for the replacement.")
            )
            return done(request, text, to=reverse("purchasing:return", args=[made.pk]))
    context = {
        "order": order,
        "sources": [
            {**each, "typed": request.POST.get(each["field"], ""), "shown": plain(each["there"])}
            for each in sources
        ],
        "wishes": [
            (SupplierReturn.Wish.CREDIT, _("Credit"), _("The goods are not to be paid.")),
            (
                SupplierReturn.Wish.REPLACE,
                _("Replacement"),
                _("They are to come again; the order stays open."),
            ),
        ],
        "wish": request.POST.get("wish", ""),
        "reason": request.POST.get("reason", ""),
        "reference": reference,
        "error": error,
        "wrong": wrong,
        "crumb_list": order_crumbs(order),
    }
    return render(request, "purchasing/returns/new.html", context, status=status)


def _sources(order: PurchaseOrder, lines: list[PurchaseOrderLine]) -> list[dict[str, Any]]:
    """Where goods of the order lie now: by line and shelf, and of goods kept by batch or piece which. Two queries."""
    by_variant = {line.variant_id: line for line in lines}
    found: list[dict[str, Any]] = []
    rows = Balance.objects.filter(
        place__store=order.store_id,
        place__kind=Place.Kind.STOCK,
        variant__in=by_variant,
        quantity__gt=0,
    )
    rows = rows.exclude(variant__product__tracking="PIECE").select_related("batch", "place__stock_place")
    for balance in sorted(
        rows, key=lambda each: (each.place.stock_place_id != order.stock_place_id, each.pk)
    ):
        line = by_variant[balance.variant_id]
        found.append(
            {
                "field": f"q-{line.pk}-{balance.place_id}-{balance.batch_id or 0}",
                "line": line,
                "what": " · ".join(
                    text
                    for text in (
                        str(balance.place.stock_place or ""),
                        balance.batch.code if balance.batch else "",
                    )
                    if text
                ),
                "there": min(balance.quantity, line.kept_quantity),
                "item": {"batch_id": balance.batch_id, "place_id": balance.place_id},
                "is_piece": False,
            }
        )
    pieces = PieceAt.objects.filter(
        place__store=order.store_id, place__kind=Place.Kind.STOCK, piece__variant__in=by_variant
    )
    for held in pieces.select_related("piece", "place__stock_place").order_by("piece_id"):
        line = by_variant[held.piece.variant_id]
        found.append(
            {
                "field": f"q-{line.pk}-{held.place_id}-p{held.piece_id}",
                "line": line,
                "what": held.piece.tag,
                "there": Decimal(1),
                "item": {"piece_id": held.piece_id, "place_id": held.place_id},
                "is_piece": True,
            }
        )
    return sorted(found, key=lambda each: each["line"].position)


def _items(http: Request, sources: list[dict[str, Any]]) -> list[Returned]:
    items = []
    for each in sources:
        text = http.POST.get(each["field"], "").strip()
        quantity = quantity_of(text) if text else None
        if text and quantity is None:
            raise operations.QuantityWrong(product=str(each["line"].variant))
        if quantity:
            items.append(Returned(each["line"].pk, quantity, **each["item"]))
    return items


@require_GET
@requires(VIEW)
def return_page(request: Request, pk: int) -> HttpResponse:
    """What went back and what is wanted for it."""
    found = return_or_404(request, pk)
    shows_costs = sees_costs(request.actor)
    lines = found.lines.select_related("variant__product__unit").order_by("position")
    facts = [
        Fact(_("Purchase order"), found.order.number, url=order_url(found.order)) if found.order else None,
        Fact(_("Supplier"), found.supplier.name),
        Fact(_("Store"), found.store.short_name),
        Fact(_("Business date"), f"{found.business_date:%Y-%m-%d}"),
        Fact(_("Returned by"), getattr(found.returned_by, "name", "")),
        Fact(_("Stock document"), found.document.number),
        Fact(
            _("To be credited"),
            shown(found.total_amount, found.currency) if shows_costs and found.total_amount else "",
        ),
    ]
    context = {
        "found": found,
        "rows": [
            {
                "name": str(line.variant),
                "code": line.variant.code,
                "quantity": plain(line.quantity),
                "unit": str(line.variant.product.unit),
                "amount": shown(line.amount, found.currency) if shows_costs and line.amount else "",
            }
            for line in lines
        ],
        "facts": [fact for fact in facts if fact is not None and fact.value not in (None, "")],
        "sees_costs": shows_costs,
        "crumb_list": [Crumb(_("Returns to suppliers"), reverse("purchasing:returns"))],
    }
    return render(request, "purchasing/returns/return.html", context)
