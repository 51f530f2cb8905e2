"""Goods that come back: chosen from an order, all it will do shown first, then done; and others taken instead."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.sales import operations
from dianke.sales.forms.orders import tenders_for
from dianke.sales.models import Order, OrderLine, SaleReturn
from dianke.sales.queries.basket import Sale, Tendered
from dianke.sales.queries.returning import NothingReturned, ReturnItem, ReturnPlan, preview_return
from dianke.sales.tenders import adapter_of
from dianke.sales.views.orders_effects import groups_of
from dianke.sales.views.orders_listing import SaleReturnListing
from dianke.sales.views.orders_rows import (
    FORM,
    REFUND,
    REFUND_TONES,
    VIEW,
    counted,
    order_crumbs,
    order_or_404,
    order_url,
    quantity_of,
    shown,
    typed,
    unit_of,
)
from dianke.sales.views.orders_sheet import Sheet, drawn, price_sheet, read_sheet
from dianke.web.components import Crumb, Fact
from dianke.web.list_views import list_view
from dianke.web.responses import done

return_list = list_view(SaleReturnListing)
POLICIES = ("RECOMPUTE", "PRO_RATA")


class ReturnQuantityWrong(InvalidInput):
    code = "return_quantity_wrong"
    message = gettext_lazy("“%(name)s”: enter how many come back, as a number.")
    default_field = "items"


class NothingToReturn(Conflict):
    code = "return_nothing"
    message = gettext_lazy(
        "The customer has no goods of %(number)s to give back. Top-ups and cards are refunded on the customer's page,"
        " under stored value."
    )


class WayMissing(InvalidInput):
    code = "return_way_missing"
    message = gettext_lazy("Choose by which way the difference is paid.")
    default_field = "tender"


@require_http_methods(FORM)
@requires(REFUND)
def return_new(request: Request, pk: int) -> HttpResponse:
    """What comes back, what is taken instead, and at the side all that will happen."""
    order = order_or_404(request, pk, REFUND)
    lines = [
        line
        for line in order.lines.select_related("variant__product__unit", "piece")
        .prefetch_related("adjustments")
        .order_by("position")
        if line.kept_quantity and not line.is_prepaid
    ]
    if not lines:
        raise NothingToReturn(number=order.number)
    source = request.POST
    policy = source.get("policy", "") if source.get("policy") in POLICIES else "RECOMPUTE"
    is_exchange = source.get("exchange") == "1"
    uuid = _uuid(source.get("uuid", ""))
    sheet = read_sheet(request, source) if is_exchange else Sheet()
    error, plan = "", None
    items: list[ReturnItem] = []
    try:
        items = _items(request, lines)
        if items:
            plan = preview_return(order, items, policy=policy, now=request.now)
    except (InvalidInput, Conflict, NotFound) as raised:
        error = str(raised)
    price_sheet(
        request,
        sheet,
        store=order.store,
        uuid=uuid5(uuid, "sale"),
        customer=order.customer,
        channel=Order.Channel.BACK_OFFICE,
    )
    status = 200
    if source.get("act") == "confirm" and plan is not None and not sheet.error:
        try:
            made = operations.return_goods(
                order=order,
                uuid=uuid,
                items=items,
                reason=source.get("reason", ""),
                exchange=_exchange(request, order, sheet, plan, uuid) if is_exchange else None,
                policy=policy,
                expected_refund=_amount(source.get("expected_refund", "")),
                actor=request.actor,
                now=request.now,
            )
        except (InvalidInput, Conflict, NotFound) as raised:
            error, status = str(raised), 422
        else:
            text = _("Return %(number)s is done.") % {"number": made.number}
            return done(request, text, to=reverse("sales:return", args=[made.pk]))
    elif source.get("act") == "confirm":
        status = 422
        error = error or sheet.error or str(NothingReturned())
    taken = sheet.basket.paid_amount if sheet.basket else 0
    context = {
        **drawn(sheet, order.currency),
        "order": order,
        "rows": [_row(line, order, request) for line in lines],
        "policy": policy,
        "is_exchange": is_exchange,
        "uuid": uuid,
        "reason": source.get("reason", ""),
        "reference": source.get("reference", ""),
        "tender": source.get("tender", ""),
        "tenders": [each for each in tenders_for(order) if not adapter_of(each.adapter).is_online]
        if is_exchange
        else [],
        "plan": plan,
        "refund": shown(plan.refund, order.currency) if plan else "",
        "groups": groups_of(plan.effects, order.currency, exchanged=min(plan.refund, taken)) if plan else [],
        "balance": _balance(plan, sheet, order.currency) if is_exchange else None,
        "error": error or sheet.error,
        "crumb_list": order_crumbs(order),
    }
    return render(request, "sales/orders/return_new.html", context, status=status)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


def _amount(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 15 else None


def _items(http: Request, lines: list[OrderLine]) -> list[ReturnItem]:
    """What was chosen: fields `b-<line>` (how many) and `s-<line>` (back onto the shelf)."""
    found = []
    for line in lines:
        text = http.POST.get(f"b-{line.pk}", "").strip()
        quantity = quantity_of(text) if text else Decimal(0)
        if quantity is None:
            raise ReturnQuantityWrong(name=line.name)
        if quantity:
            found.append(ReturnItem(line.pk, quantity, http.POST.get(f"s-{line.pk}") == "1"))
    return found


def _row(line: OrderLine, order: Order, http: Request) -> dict[str, Any]:
    is_first = http.method != "POST"
    return {
        "line": line,
        "kept": counted(line.kept_quantity, line),
        "unit": unit_of(line),
        "most": typed(line.kept_quantity),
        "typed": "" if is_first else http.POST.get(f"b-{line.pk}", ""),
        "is_restocked": is_first or http.POST.get(f"s-{line.pk}") == "1",
        "is_stocked": line.kind not in (OrderLine.Kind.SERVICE, OrderLine.Kind.FEE, OrderLine.Kind.LEVEL),
        "paid": shown(line.paid_amount, order.currency),
        "code": line.piece.tag if line.piece else (line.variant.code if line.variant else ""),
        "quantity": counted(line.quantity, line),
    }


def _exchange(http: Request, order: Order, sheet: Sheet, plan: ReturnPlan, uuid: UUID) -> Sale:
    """The goods taken instead; what they cost more is paid now. Raises `WayMissing`."""
    total = sheet.basket.paid_amount if sheet.basket else 0
    more = max(total - plan.refund, 0)
    payments: tuple[Tendered, ...] = ()
    if more:
        code = http.POST.get("tender", "")
        if not code:
            raise WayMissing
        payments = (
            Tendered(uuid5(uuid, "difference"), code, more, None, http.POST.get("reference", "")[:64]),
        )
    return Sale(
        uuid5(uuid, "sale"),
        order.store,
        sheet.items,
        payments,
        customer=order.customer,
        channel=Order.Channel.BACK_OFFICE,
        expected_amount=total,
    )


def _balance(plan: ReturnPlan | None, sheet: Sheet, currency: str) -> dict[str, Any]:
    """What the exchange comes to: worth of what comes back, price of what is taken, the difference."""
    back = plan.refund if plan else 0
    total = sheet.basket.paid_amount if sheet.basket else 0
    return {
        "back": shown(back, currency),
        "taken": shown(total, currency),
        "to_pay": shown(total - back, currency) if total > back else "",
        "to_give": shown(back - total, currency) if back > total else "",
        "has_goods": bool(sheet.basket),
    }


@require_GET
@requires(VIEW)
def return_page(request: Request, pk: int) -> HttpResponse:
    """What came back, what went back to the customer, and how far each refund is."""
    rows = SaleReturn.objects.visible_to(request.actor)
    rows = rows.select_related("order__customer__merged_into", "order__store", "store", "exchange", "user")
    found: SaleReturn = get_object_or_404(rows, pk=pk)
    order, currency = found.order, found.order.currency
    refunds = list(found.refunds.select_related("tender__fallback").order_by("pk"))
    customer = (order.customer.merged_into or order.customer) if order.customer else None
    facts = [
        Fact(pgettext("of a customer", "Order"), order.number, url=order_url(order)),
        Fact(
            _("Taken instead"),
            found.exchange.number if found.exchange else "",
            url=order_url(found.exchange) if found.exchange else "",
        ),
        Fact(
            _("Customer"),
            str(customer) if customer else "",
            url=reverse("customers:customer", args=[customer.pk])
            if customer and request.actor.can("customers.view_customers")
            else "",
        ),
        Fact(_("Store"), found.store.short_name),
        Fact(_("Taken by"), found.user.name if found.user else ""),
        Fact(_("Business date"), f"{found.business_date:%Y-%m-%d}"),
        Fact(_("Reason"), found.reason),
    ]
    context = {
        "found": found,
        "refunded": shown(found.refund_amount - found.exchange_amount, currency),
        "exchanged": shown(found.exchange_amount, currency) if found.exchange_amount else "",
        "groups": groups_of(found.effects, currency, exchanged=found.exchange_amount),
        "refunds": [
            {
                "row": row,
                "tone": REFUND_TONES.get(row.state, ""),
                "amount": shown(row.amount, currency),
                "is_open": row.state != row.State.DONE,
                "fallback": row.tender.fallback.name if row.tender.fallback else _("Cash"),
            }
            for row in refunds
        ],
        "may_refund": request.actor.can(REFUND, store_id=order.store_id),
        "facts": [fact for fact in facts if fact.value not in (None, "")],
        "crumb_list": [Crumb(pgettext("of a sale", "Returns"), reverse("sales:returns"))],
    }
    return render(request, "sales/orders/return.html", context)
