"""What is done to an order as a whole: handing in, deciding, stages, another day, cancelling, closing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.sales import operations
from dianke.sales.forms.orders import (
    CancelForm,
    CloseForm,
    DueDateForm,
    ReasonForm,
    StageForm,
    SubmitForm,
)
from dianke.sales.models import Order, Tender
from dianke.sales.operations.approving import APPROVE_OPERATION
from dianke.sales.queries.refunds import sources_of
from dianke.sales.rules.forfeiting import forfeited
from dianke.sales.rules.refunds import plan
from dianke.sales.views.orders_rows import (
    APPROVE,
    DELIVER,
    FORM,
    SELL,
    counted,
    order_crumbs,
    order_or_404,
    order_url,
    shown,
)
from dianke.sales.views.orders_stages import board_of
from dianke.web.forms import form_view
from dianke.web.responses import done
from dianke.work.operations.policies import approvable_named, policy_asking

States = Order.State


@require_http_methods(FORM)
@requires(SELL)
def order_submit(request: Request, pk: int) -> HttpResponse:
    """A quote the customer took, or an order that was sent back: placed, and approved at once where nobody is asked."""
    order = order_or_404(request, pk, SELL)
    asks = policy_asking(approvable_named(APPROVE_OPERATION), {"order": order}) is not None
    form = SubmitForm(request.POST if request.method == "POST" else None)

    def told(found: Order) -> str:
        if found.state == States.PLACED:
            return _("Handed in: somebody who may approve it is told.")
        return _("The order stands. Take the deposit or the payment now.")

    return _of_order(
        request,
        order,
        form,
        lambda data: operations.submit_order(
            order=order, reason=data.get("reason", ""), actor=request.actor, now=request.now
        ),
        title=_("Make an order of %(number)s"),
        success=told,
        submit=_("Make an order of it"),
        template="sales/orders/submit.html",
        is_asked=asks,
    )


@require_POST
@requires(APPROVE)
def order_approve(request: Request, pk: int) -> HttpResponse:
    """Agree to an order that waits."""
    order = order_or_404(request, pk, APPROVE)
    operations.approve_order(order=order, actor=request.actor, now=request.now)
    return done(request, _("%(number)s is approved.") % {"number": order.number}, to=order_url(order))


@require_http_methods(FORM)
@requires(APPROVE)
def order_refuse(request: Request, pk: int) -> HttpResponse:
    """Send an order that waits back to its maker."""
    order = order_or_404(request, pk, APPROVE)
    return _of_order(
        request,
        order,
        ReasonForm(request.POST or None),
        lambda data: operations.refuse_order(
            order=order, reason=data["reason"], actor=request.actor, now=request.now
        ),
        title=_("Send %(number)s back"),
        success=_("Sent back: it is a draft again."),
        submit=pgettext("order", "Send back"),
        template="sales/orders/reason.html",
        warning=_("It becomes a draft again. Whoever made it reads your reason and can change it."),
    )


@require_http_methods(FORM)
@requires(DELIVER)
def order_stage(request: Request, pk: int) -> HttpResponse:
    """Take an order into the next stage of its trade."""
    order = order_or_404(request, pk, DELIVER)
    board = board_of(order)
    form = StageForm(request.POST or None, stages=[each.stage for each in board.ahead])
    return _of_order(
        request,
        order,
        form,
        lambda data: operations.enter_stage(
            order=order, stage=data["stage"], note=data["note"], actor=request.actor, now=request.now
        ),
        title=_("Take %(number)s further"),
        success=lambda found: _("Now: %(stage)s.") % {"stage": found.stage.name},
        submit=pgettext("order", "Go on"),
        template="sales/orders/stage.html",
        ahead=board.ahead,
    )


@require_http_methods(FORM)
@requires(SELL)
def order_due_date(request: Request, pk: int) -> HttpResponse:
    """Promise another day."""
    order = order_or_404(request, pk, SELL)
    form = DueDateForm(request.POST or None, initial={"due_date": order.due_date})
    return _of_order(
        request,
        order,
        form,
        lambda data: operations.change_due_date(
            order=order,
            due_date=data["due_date"],
            reason=data["reason"],
            actor=request.actor,
            now=request.now,
        ),
        title=_("Another day for %(number)s"),
        success=_("The promised day is changed. Tell the customer."),
    )


@require_http_methods(FORM)
@requires(SELL)
def order_cancel(request: Request, pk: int) -> HttpResponse:
    """End an order of which nothing was delivered; what becomes of the money stands there first."""
    order = order_or_404(request, pk, SELL)
    form = CancelForm(request.POST or None)
    if order.deposit_kind != Order.DepositKind.EARNEST or not order.position.deposit:
        del form.fields["whose"]
    return _of_order(
        request,
        order,
        form,
        lambda data: operations.cancel_order(
            order=order,
            reason=data["reason"],
            is_customers_fault=data.get("whose") != "us",
            actor=request.actor,
            now=request.now,
        ),
        title=_("Cancel %(number)s"),
        success=_("The order is cancelled."),
        submit=pgettext("of a customer", "Cancel the order"),
        template="sales/orders/cancel.html",
        ways=_ends(order, request),
    )


def _ends(order: Order, http: Request) -> list[dict[str, Any]]:
    """What cancelling does to the money held: one way, or two where it matters who withdraws."""
    held = order.position.deposit
    if not held:
        return []
    sources = sources_of(order, today=order.store.business_date(http.now))
    names = dict(Tender.objects.values_list("code", "name"))
    is_earnest = order.deposit_kind == Order.DepositKind.EARNEST
    cases = [(True, _("The customer withdraws")), (False, _("We withdraw"))] if is_earnest else [(True, "")]
    found = []
    for is_theirs, title in cases:
        lost = forfeited(
            kind=order.deposit_kind,
            deposit=held,
            agreed=order.deposit_amount,
            total=order.total_amount,
            is_customers_fault=is_theirs,
        )
        parts = plan(held - lost, sources)
        found.append(
            {
                "title": title,
                "lost": shown(lost, order.currency) if lost else "",
                "back": shown(held - lost, order.currency),
                "parts": [
                    {
                        "name": names.get(part.tender_code, part.tender_code),
                        "amount": shown(part.amount, order.currency),
                    }
                    for part in parts
                ],
            }
        )
    return found


@require_http_methods(FORM)
@requires(SELL)
def order_close(request: Request, pk: int) -> HttpResponse:
    """Everything is done; or the rest is given up with a reason and paid back."""
    order = order_or_404(request, pk, SELL)
    rest = [
        (line.name, counted(line.open_quantity, line))
        for line in order.lines.select_related("variant__product__unit").order_by("position")
        if line.open_quantity
    ]
    form = CloseForm(request.POST if request.method == "POST" else None, has_rest=bool(rest))
    back = shown(order.position.deposit, order.currency) if rest and order.position.deposit else ""
    return _of_order(
        request,
        order,
        form,
        lambda data: operations.close_order(
            order=order, reason=data.get("reason", ""), actor=request.actor, now=request.now
        ),
        title=pgettext("of a customer", "Close %(number)s"),
        success=_("The order is closed."),
        submit=pgettext("of a customer", "Close and pay back")
        if back
        else pgettext("of a customer", "Close the order"),
        template="sales/orders/close.html",
        rest=rest,
        back=back,
    )


def _of_order(
    http: Request,
    order: Order,
    form: Any,
    run: Callable[[dict[str, Any]], Any],
    *,
    title: str,
    success: Any,
    submit: str = "",
    template: str = "web/form.html",
    **more: Any,
) -> HttpResponse:
    return form_view(
        http,
        form=form,
        run=run,
        title=title % {"number": order.number},
        success=success,
        submit=submit or _("Save"),
        redirect_to=order_url(order),
        cancel_url=order_url(order),
        template=template,
        context={"order": order, "crumb_list": order_crumbs(order), **more},
    )
