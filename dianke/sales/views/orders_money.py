"""Money of an order: payments taken, asked about, refunds tried again or given another way; and goods handed over."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import segno
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import Conflict, InvalidInput
from dianke.sales import operations
from dianke.sales.forms.orders import PayForm, tenders_for
from dianke.sales.models import Order, OrderLine, Payment, Refund, Shift
from dianke.sales.queries.basket import Tendered
from dianke.sales.tenders import ChannelSilent, adapter_of
from dianke.sales.views.orders_rows import (
    DELIVER,
    FORM,
    REFUND,
    SELL,
    counted,
    order_crumbs,
    order_or_404,
    order_url,
    quantity_of,
    shown,
    typed,
    typed_amount,
    unit_of,
)
from dianke.stores.models import Register
from dianke.web.forms import form_view
from dianke.web.responses import done

OPEN = (Payment.State.PENDING, Payment.State.UNKNOWN)


# --- payments --------------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(SELL)
def order_pay(request: Request, pk: int) -> HttpResponse:
    """Take a payment: a deposit, an instalment, the balance."""
    order = order_or_404(request, pk, SELL)
    waiting = sum(order.payments.filter(state__in=OPEN).values_list("amount", flat=True))
    due = max(order.due_amount - waiting, 0)
    first = min(due, max(order.deposit_amount - order.paid_amount, 0)) or due
    shifts = {
        shift.register_id: shift
        for shift in Shift.objects.filter(store=order.store_id, state=Shift.State.OPEN)
    }
    own = next((s.register_id for s in shifts.values() if s.opened_by_id == request.actor.user_id), None)
    registers = Register.objects.filter(pk__in=shifts)
    form = PayForm(
        request.POST or None,
        tenders=tenders_for(order),
        registers=registers if shifts else None,
        amount=typed_amount(first, order.currency) if first else "",
        register_id=own,
    )

    def run(data: dict[str, Any]) -> Payment:
        is_cash = data["tender"].gives_change
        register = data.get("register") if is_cash else None
        shift = shifts[register.pk].pk if register else None
        payment = operations.add_payment(
            order=order,
            payment=Tendered(data["key"], data["tender"].code, data["amount"], None, data["reference"]),
            register=register,
            shift_id=shift,
            actor=request.actor,
            now=request.now,
        )
        if payment.state in OPEN:
            payment, _answer = operations.run_payment(payment=payment, actor=request.actor, now=request.now)
        return payment

    def told(payment: Payment) -> str:
        amount = shown(payment.amount, order.currency)
        if payment.state in OPEN:
            return _("%(amount)s are asked for: let the customer pay, then refresh.") % {"amount": amount}
        if payment.change_amount:
            change = shown(payment.change_amount, order.currency)
            return _("%(amount)s taken, %(change)s change.") % {"amount": amount, "change": change}
        return _("%(amount)s taken.") % {"amount": amount}

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Take a payment for %(number)s") % {"number": order.number},
        success=told,
        submit=pgettext("order", "Take the payment"),
        redirect_to=order_url(order),
        cancel_url=order_url(order),
        template="sales/orders/pay.html",
        context={
            "order": order,
            "due": shown(due, order.currency),
            "deposit": shown(first, order.currency) if first != due else "",
            "crumb_list": order_crumbs(order),
        },
    )


def _payment(http: Request, pk: int) -> Payment:
    rows = Payment.objects.visible_to(http.actor, SELL).select_related("tender", "order__store")
    found: Payment = get_object_or_404(rows, pk=pk)
    return found


@require_GET
@requires(SELL)
def payment_code(request: Request, pk: int) -> HttpResponse:
    """What the customer scans while a channel waits; the channel is asked, nothing is written."""
    payment = _payment(request, pk)
    show, silent = "", ""
    if payment.state in OPEN:
        try:
            show = adapter_of(payment.tender.adapter).query(str(payment.uuid)).show
        except ChannelSilent as error:
            silent = str(error)
    context = {
        "payment": payment,
        "order": payment.order,
        "amount": shown(payment.amount, payment.order.currency),
        "qr": SafeString(segno.make_qr(show, error="m").svg_inline(scale=5, border=2)) if show else "",
        "silent": silent,
        "is_open": payment.state in OPEN,
        "crumb_list": order_crumbs(payment.order),
    }
    return render(request, "sales/orders/payment.html", context)


@require_POST
@requires(SELL)
def payment_ask(request: Request, pk: int) -> HttpResponse:
    """Start an online payment, or ask the channel what became of it; what it confirms is booked."""
    payment = _payment(request, pk)
    payment, _answer = operations.run_payment(payment=payment, actor=request.actor, now=request.now)
    amount = shown(payment.amount, payment.order.currency)
    texts = {
        Payment.State.TAKEN: _("%(amount)s taken.") % {"amount": amount},
        Payment.State.FAILED: _("The payment was not made. Take it another way."),
        Payment.State.PENDING: _("The customer has not paid yet."),
        Payment.State.UNKNOWN: _("The channel does not answer. Ask again in a moment."),
    }
    return done(request, texts[Payment.State(payment.state)], to=order_url(payment.order))


# --- refunds ---------------------------------------------------------------------------------------------------------
def _refund(http: Request, pk: int) -> Refund:
    rows = Refund.objects.visible_to(http.actor, REFUND).select_related("tender", "order__store", "payment")
    found: Refund = get_object_or_404(rows, pk=pk)
    return found


@require_POST
@requires(REFUND)
def refund_retry(request: Request, pk: int) -> HttpResponse:
    """Ask the channel again for a refund that is not done."""
    refund = _refund(request, pk)
    refund = operations.run_refund(refund=refund, actor=request.actor, now=request.now)
    texts = {
        Refund.State.DONE: _("The refund has arrived."),
        Refund.State.PENDING: _("The channel works on it. Ask again later."),
        Refund.State.FAILED: _("The channel refuses. Give the money another way."),
    }
    return done(request, texts[Refund.State(refund.state)], to=order_url(refund.order))


@require_POST
@requires(REFUND)
def refund_redirect(request: Request, pk: int) -> HttpResponse:
    """Give a refund its channel refuses by the way that stands in for it."""
    refund = operations.redirect_refund(refund=_refund(request, pk), actor=request.actor, now=request.now)
    text = _("Given another way: %(tender)s.") % {"tender": refund.tender.name}
    return done(request, text, to=order_url(refund.order))


# --- goods leave -----------------------------------------------------------------------------------------------------
class QuantityNotUnderstood(InvalidInput):
    code = "order_quantity_wrong"
    message = gettext_lazy("Enter how many are handed over, as a number.")


@require_http_methods(FORM)
@requires(DELIVER)
def order_deliver(request: Request, pk: int) -> HttpResponse:
    """Hand goods over: all that is open, or some of it."""
    order = order_or_404(request, pk, DELIVER)
    lines = [
        line
        for line in order.lines.select_related("piece", "variant__product__unit").order_by("position")
        if line.open_quantity
    ]
    error, status = "", 200
    if request.method == "POST":
        try:
            items = _delivered(request, lines)
            order = operations.fulfil(
                order=order, uuid=_key(request), items=items, actor=request.actor, now=request.now
            )
        except (InvalidInput, Conflict) as raised:
            error, status = str(raised), 422
        else:
            text = (
                _("Handed over. The order is complete.")
                if order.state == Order.State.CLOSED
                else _("Handed over.")
            )
            return done(request, text, to=order_url(order))
    context = {
        "order": order,
        "rows": [
            {
                "line": line,
                "field": f"q-{line.pk}",
                "open": counted(line.open_quantity, line),
                "unit": unit_of(line),
                "most": typed(line.open_quantity),
                "typed": request.POST.get(f"q-{line.pk}", typed(line.open_quantity)),
            }
            for line in lines
        ],
        "due": shown(order.due_amount, order.currency) if order.due_amount else "",
        "key": request.POST.get("key") or uuid4(),
        "error": error,
        "crumb_list": order_crumbs(order),
        "cancel_url": order_url(order),
    }
    return render(request, "sales/orders/deliver.html", context, status=status)


def _key(http: Request) -> UUID:
    try:
        return UUID(http.POST.get("key", ""))
    except ValueError:
        return uuid4()


def _delivered(http: Request, lines: list[OrderLine]) -> list[operations.Delivered]:
    found = []
    for line in lines:
        text = http.POST.get(f"q-{line.pk}", "").strip()
        quantity = quantity_of(text) if text else None
        if text and quantity is None:
            raise QuantityNotUnderstood
        if quantity:
            found.append(operations.Delivered(line.pk, quantity, line.piece_id))
    if not found:
        raise operations.NothingToDeliver(number=lines[0].order.number if lines else "")
    return found
