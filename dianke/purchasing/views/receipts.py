"""What came: the list of receipts, the page of one, the receiving note on paper."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.purchasing.models import Receipt, ReceiptLine
from dianke.purchasing.models.receipts import Difference
from dianke.purchasing.views.listings import ReceiptListing
from dianke.purchasing.views.rows import (
    RECEIVE,
    VIEW,
    order_url,
    plain,
    receipt_or_404,
    sees_costs,
    shown,
)
from dianke.web.components import Crumb, Fact
from dianke.web.list_views import list_view

receipt_list = list_view(ReceiptListing)


@require_GET
@requires(VIEW)
def receipt_page(request: Request, pk: int) -> HttpResponse:
    """A receipt: what came, what was wrong, the stock document it became."""
    receipt = receipt_or_404(request, pk)
    context = _receipt_context(request, receipt)
    may = request.actor.can(RECEIVE, store_id=receipt.store_id)
    context |= {
        "may_receive": may and receipt.order.may_be_received,
        "may_return": may and any(row["line"].order_line_id for row in context["rows"]),
        "crumb_list": [Crumb(_("Receipts"), reverse("purchasing:receipts"))],
    }
    return render(request, "purchasing/receiving/receipt.html", context)


@require_GET
@requires(VIEW)
def receipt_note(request: Request, pk: int) -> HttpResponse:
    """The receiving note on paper, without prices."""
    return render(
        request, "purchasing/receiving/note.html", _receipt_context(request, receipt_or_404(request, pk))
    )


def _receipt_context(http: Request, receipt: Receipt) -> dict[str, Any]:
    shows_costs = sees_costs(http.actor)
    lines = receipt.lines.select_related("variant__product__unit", "piece", "order_line").order_by("position")
    rows = [_receipt_row(line, shows_costs, receipt.store.currency) for line in lines]
    facts = [
        Fact(_("Purchase order"), receipt.order.number, url=order_url(receipt.order)),
        Fact(_("Supplier"), receipt.order.supplier.name),
        Fact(_("Store"), receipt.store.short_name),
        Fact(_("Business date"), f"{receipt.business_date:%Y-%m-%d}"),
        Fact(_("Received by"), getattr(receipt.received_by, "name", "")),
        Fact(_("Delivery note"), receipt.delivery_note),
        Fact(_("Stock document"), receipt.document.number if receipt.document else _("nothing was taken in")),
        Fact(_("Note"), receipt.note),
    ]
    return {
        "receipt": receipt,
        "order": receipt.order,
        "rows": rows,
        "facts": [fact for fact in facts if fact.value not in (None, "")],
        "sees_costs": shows_costs,
        "has_batches": any(row["batch"] for row in rows),
    }


def _receipt_row(line: ReceiptLine, shows_costs: bool, currency: str) -> dict[str, Any]:
    cost = (line.unit_cost * line.accepted_quantity * 100).to_integral_value()
    return {
        "line": line,
        "name": str(line.variant),
        "unit": str(line.variant.product.unit),
        "came": plain(line.delivered_quantity),
        "taken": plain(line.accepted_quantity),
        "refused": plain(line.rejected_quantity) if line.rejected_quantity else "",
        "missing": plain(line.missing_quantity) if line.missing_quantity else "",
        "closed": plain(line.closed_quantity) if line.closed_quantity else "",
        "batch": line.piece.tag if line.piece else line.batch_code,
        "difference": "" if line.difference == Difference.NONE else line.get_difference_display(),
        "cost": shown(int(cost), currency) if shows_costs and line.accepted_quantity else "",
    }
