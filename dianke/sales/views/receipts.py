"""The receipt on the customer's own phone: whoever holds the link (from the QR code on the paper) reads it, nobody can
guess one, and nothing about the person is on it but a masked name."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dianke.access.guards import public
from dianke.access.requests import Request
from dianke.core.errors import NotFound
from dianke.sales.queries.receipts import context_of, order_of_link, receipt_of


class NoSuchReceipt(NotFound):
    code = "no_such_receipt"
    message = _(
        "There is no receipt under this link. Scan the code on the paper again, or ask at the counter."
    )


@public("whoever holds the paper may read it: a signed link, nothing personal beyond a masked name")
@never_cache
@require_GET
def receipt_page(request: Request, token: str) -> HttpResponse:
    """The receipt as it was printed, without balances and without the name of who served."""
    order = order_of_link(token)
    if order is None:
        raise NoSuchReceipt
    receipt = replace(receipt_of(order, now=request.now, with_balances=False), staff="")
    context = context_of(receipt) | {"language": get_language() or "zh-hans"}
    return render(request, "sales/receipt_public.html", context)
