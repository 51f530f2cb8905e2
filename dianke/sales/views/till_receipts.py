"""The receipt of a sale just made, for the customer who stands at the till: its page, and the code that leads there."""

from __future__ import annotations

from io import BytesIO

import segno
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.sales.models import Order
from dianke.sales.queries.receipts import link_token

SELL = "sales.sell"


def _address(request: Request, pk: int) -> str:
    rows = Order.objects.visible_to(request.actor, SELL).exclude(state=Order.State.DRAFT)
    order = get_object_or_404(rows, pk=pk)
    return reverse("sales:receipt-public", args=[link_token(order)])


@never_cache
@require_safe
@requires(SELL)
def till_receipt(request: Request, pk: int) -> HttpResponse:
    """The page the customer sees, to be shown or printed here."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(_address(request, pk) + (f"?{query}" if query else ""))


@never_cache
@require_safe
@requires(SELL)
def till_receipt_code(request: Request, pk: int) -> HttpResponse:
    """The QR code of that page as a picture."""
    code = segno.make_qr(request.build_absolute_uri(_address(request, pk)), error="m")
    picture = BytesIO()
    code.save(picture, kind="svg", scale=4, border=2)
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")
