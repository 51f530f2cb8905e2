"""Orders on the customer's own phone: the page behind a link nobody can guess, and the pages of who is signed in."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dianke.access.guards import public
from dianke.access.requests import Request
from dianke.core.errors import NotFound
from dianke.customers.models import Customer
from dianke.customers.views.phone import WHY, Member, for_members
from dianke.sales.models import DeliveryProof, Order
from dianke.sales.queries.receipts import link_token
from dianke.sales.queries.status import (
    TOLD,
    estimate_refund,
    order_of_status,
    own_orders,
    status_of,
    status_token,
)
from dianke.sales.views.deliveries import picture
from dianke.sales.views.orders_rows import TONES, counted, shown
from dianke.stores.models import Merchant

PAGE_SIZE = 20
BY_LINK = "whoever holds the link of an order reads how far it is: a signed link, no address and no name"


class NoSuchOrder(NotFound):
    code = "no_such_order_link"
    message = _("There is no order under this link. Open it again from the message, or ask in the shop.")


def _frame(**context: Any) -> dict[str, Any]:
    merchant = Merchant.objects.first()
    return {"merchant_name": (merchant.short_name or merchant.name) if merchant else "", **context}


def _by_link(token: str) -> Order:
    order = order_of_status(token)
    if order is None:
        raise NoSuchOrder
    return order


def _told(order: Order) -> dict[str, Any]:
    """What the page of an order shows."""
    status = status_of(order)
    return {
        "status": status,
        "order": order,
        "tone": TONES[Order.State(order.state)],
        "total": shown(order.total_amount, order.currency),
        "paid": shown(status.paid, order.currency),
        "due": shown(status.due, order.currency) if status.due else "",
        "deposit": shown(status.deposit, order.currency) if status.deposit else "",
        "returned": shown(order.returned_amount, order.currency) if order.returned_amount else "",
        "lines": [
            {
                "name": line.name,
                "quantity": counted(line.quantity, line),
                "amount": shown(line.paid_amount, order.currency),
            }
            for line in status.lines
        ],
        "receipt_token": link_token(order),
        "token": status_token(order),
    }


@public(BY_LINK)
@never_cache
@require_GET
def order_status(request: Request, token: str) -> HttpResponse:
    """How far an order is, for who holds its link."""
    order = _by_link(token)
    return render(request, "sales/portal/status.html", _frame(member=None, **_told(order)))


@public(BY_LINK)
@never_cache
@require_GET
def order_proof(request: Request, token: str, pk: int) -> HttpResponse:
    """A photo or signature of a delivery of this order, for who holds its link."""
    order = _by_link(token)
    rows = DeliveryProof.objects.filter(delivery__order=order, erased_at=None).select_related("key")
    return picture(get_object_or_404(rows, pk=pk))


# --- signed in -------------------------------------------------------------------------------------------------------
def _own(member: Member) -> list[int]:
    return list(Customer.objects.cluster(member.head.pk).values_list("pk", flat=True))


def _own_order(member: Member, pk: int) -> Order:
    found: Order = get_object_or_404(own_orders(_own(member)), pk=pk)
    return found


@public(WHY)
@never_cache
@require_GET
@for_members
def my_orders(request: Request, member: Member) -> HttpResponse:
    """All orders of the profile, page by page."""
    pages = Paginator(own_orders(_own(member)), PAGE_SIZE)
    found = pages.get_page(request.GET.get("page"))
    rows = [
        {
            "order": order,
            "label": TOLD[order.state],
            "total": shown(order.total_amount, order.currency),
        }
        for order in found
    ]
    return render(request, "sales/portal/orders.html", _frame(member=member, rows=rows, page=found))


@public(WHY)
@never_cache
@require_GET
@for_members
def my_order(request: Request, member: Member, pk: int) -> HttpResponse:
    """One of them, with its receipt and what a refund would come to."""
    order = _own_order(member, pk)
    return render(request, "sales/portal/status.html", _frame(member=member, **_told(order)))


@public(WHY)
@never_cache
@require_GET
@for_members
def my_refund(request: Request, member: Member, pk: int) -> HttpResponse:
    """What would come back today, line by line; an estimate, decided in the shop."""
    order = _own_order(member, pk)
    estimate = estimate_refund(order, now=request.now)
    plan = estimate.plan
    amounts = {back.line.pk: back.amount for back in plan.lines} if plan else {}
    context = {
        "order": order,
        "why_not": estimate.why_not,
        "lines": [
            {
                "name": line.name,
                "quantity": counted(line.kept_quantity, line),
                "may": may,
                "amount": shown(amounts[line.pk], order.currency) if line.pk in amounts else "",
            }
            for line, may in estimate.lines
        ],
        "refund": shown(plan.refund, order.currency) if plan else "",
        "withheld": shown(plan.withheld, order.currency) if plan and plan.withheld else "",
        "deducted": shown(plan.deducted, order.currency) if plan and plan.deducted else "",
        "settled": shown(plan.settled, order.currency) if plan and plan.settled else "",
        "points_back": plan.points.clawed_back if plan and plan.points else 0,
        "points_given": plan.points.given_back if plan and plan.points else 0,
    }
    return render(request, "sales/portal/refund.html", _frame(member=member, **context))
