"""What is done to an order as a whole: particulars, handing in, sending, cancelling, closing; its paper and history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.messages import Channel, can_send
from dianke.purchasing import operations
from dianke.purchasing.forms.orders import OrderForm, ReasonForm, SendForm, SubmitForm
from dianke.purchasing.models import PurchaseOrder
from dianke.purchasing.operations.orders import APPROVE_OPERATION
from dianke.purchasing.queries.paper import order_mail, order_pdf
from dianke.purchasing.views.rows import (
    FORM,
    MAKE,
    VIEW,
    history_page,
    order_crumbs,
    order_or_404,
    order_url,
    plain,
    sees_costs,
)
from dianke.web.forms import form_view
from dianke.web.responses import done
from dianke.work.operations.policies import approvable_named, policy_asking

STATES = PurchaseOrder.State


@require_http_methods(FORM)
@requires(MAKE)
def order_edit(request: Request, pk: int) -> HttpResponse:
    """Particulars of a draft: date, place, note, exchange rate."""
    order = order_or_404(request, pk)
    form = OrderForm(request.POST or None, order=order)

    def run(data: dict[str, Any]) -> PurchaseOrder:
        return operations.change_order(order=order, values=data, actor=request.actor, now=request.now)

    return _of_order(request, order, form, run, title=_("Change %(number)s"), success=_("Saved."))


@require_http_methods(FORM)
@requires(MAKE)
def order_submit(request: Request, pk: int) -> HttpResponse:
    """Hand a draft in: approved at once, or a second person is asked."""
    order = order_or_404(request, pk)
    is_asked = policy_asking(approvable_named(APPROVE_OPERATION), {"order": order}) is not None
    form = SubmitForm(request.POST if request.method == "POST" else None)

    def run(data: dict[str, Any]) -> PurchaseOrder:
        return operations.submit_order(
            order=order, reason=data.get("reason", ""), actor=request.actor, now=request.now
        )

    def told(found: PurchaseOrder) -> str:
        if found.state == STATES.WAITING:
            return _("Handed in: somebody who may approve it is told.")
        return _("Approved. Send it to the supplier now.")

    return _of_order(
        request,
        order,
        form,
        run,
        title=_("Hand in %(number)s"),
        success=told,
        submit=_("Hand in"),
        template="purchasing/orders/submit.html",
        is_asked=is_asked,
    )


@require_POST
@requires(MAKE)
def order_take_back(request: Request, pk: int) -> HttpResponse:
    """A draft again, while it is not sent."""
    order = operations.take_back_order(order=order_or_404(request, pk), actor=request.actor, now=request.now)
    return done(request, _("%(number)s is a draft again.") % {"number": order.number}, to=order_url(order))


@require_http_methods(FORM)
@requires(MAKE)
def order_send(request: Request, pk: int) -> HttpResponse:
    """To the supplier: by mail with the PDF, text and address in sight first; or by hand."""
    order = order_or_404(request, pk)
    form = SendForm(request.POST or None, order=order)
    subject, text = order_mail(order, language=order.supplier.language)

    def run(data: dict[str, Any]) -> PurchaseOrder:
        return operations.send_order(
            order=order, channel=data["channel"], to=data["to"], actor=request.actor, now=request.now
        )

    def told(found: PurchaseOrder) -> str:
        if form.cleaned_data["channel"] == "EMAIL":
            return _("The mail is on its way.")
        return _("Noted as sent.")

    return _of_order(
        request,
        order,
        form,
        run,
        title=_("Send %(number)s"),
        success=told,
        submit=pgettext("order", "Send"),
        template="purchasing/orders/send.html",
        subject=subject,
        text=text.strip(),
        has_mail=can_send(Channel.EMAIL),
        is_again=order.sent_at is not None,
    )


@require_http_methods(FORM)
@requires(MAKE)
def order_cancel(request: Request, pk: int) -> HttpResponse:
    """Of which nothing came."""
    order = order_or_404(request, pk)
    form = ReasonForm(request.POST or None)

    def run(data: dict[str, Any]) -> PurchaseOrder:
        return operations.cancel_order(
            order=order, reason=data["reason"], actor=request.actor, now=request.now
        )

    warning = (
        _("The order was sent already: tell the supplier yourself. It cannot be used again.")
        if order.sent_at
        else _("A cancelled order cannot be used again.")
    )
    return _of_order(
        request,
        order,
        form,
        run,
        title=_("Cancel %(number)s"),
        success=_("Cancelled."),
        submit=_("Cancel the order"),
        template="purchasing/orders/reason.html",
        warning=warning,
    )


@require_http_methods(FORM)
@requires(MAKE)
def order_close(request: Request, pk: int) -> HttpResponse:
    """What did not come is given up."""
    order = order_or_404(request, pk)
    form = ReasonForm(request.POST or None)
    rest = [
        (str(line.variant), plain(line.open_quantity), str(line.variant.product.unit))
        for line in order.lines.select_related("variant__product__unit").order_by("position")
        if line.open_quantity
    ]

    def run(data: dict[str, Any]) -> PurchaseOrder:
        return operations.close_order(
            order=order, reason=data["reason"], actor=request.actor, now=request.now
        )

    return _of_order(
        request,
        order,
        form,
        run,
        title=_("Close %(number)s"),
        success=_("Closed. What did not come is no longer waited for."),
        submit=_("Close the order"),
        template="purchasing/orders/reason.html",
        warning=_("These are given up; nothing more can be received on this order:"),
        rest=rest,
    )


def _of_order(
    http: Request,
    order: PurchaseOrder,
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


@require_GET
@requires(VIEW)
def order_paper(request: Request, pk: int) -> HttpResponse:
    """The order as PDF; without prices for who may not see what goods cost."""
    order = order_or_404(request, pk)
    paper = order_pdf(order, language=order.supplier.language, with_prices=sees_costs(request.actor))
    answer = HttpResponse(paper, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{order.number}.pdf"'
    return answer


@require_GET
@requires(VIEW)
def order_history(request: Request, pk: int) -> HttpResponse:
    """Who did what to the order."""
    order = order_or_404(request, pk)
    return history_page(request, order, name=order.number, crumbs=order_crumbs(order))
