"""Quotes and other drafts: customer and terms put right before it is an order, and the quote on paper."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.customers.models import Customer
from dianke.sales import operations
from dianke.sales.forms.orders import DraftForm
from dianke.sales.models import Order
from dianke.sales.queries.basket import Sale
from dianke.sales.queries.drafts import is_of_another, items_of
from dianke.sales.queries.fixed_prices import KeptPrices, kept_prices
from dianke.sales.queries.pricing import Basket, price
from dianke.sales.queries.quotes import quote_pdf
from dianke.sales.queries.receipts import language_of_receipts
from dianke.sales.queries.till_settings import people_of
from dianke.sales.views.orders_entry import (
    agreed,
    customer_asked,
    expected_total,
    instalments_typed,
    sum_text,
)
from dianke.sales.views.orders_rows import (
    FORM,
    SELL,
    VIEW,
    order_crumbs,
    order_or_404,
    order_url,
    shown,
    typed_amount,
)
from dianke.sales.views.orders_sheet import was_asked
from dianke.stores.queries import local_date
from dianke.web.listing import as_id
from dianke.web.responses import done


@require_http_methods(FORM)
@requires(SELL)
def order_draft(request: Request, pk: int) -> HttpResponse:
    """Whose draft it is, and on which terms; for another customer the new total is shown before it is saved."""
    order = order_or_404(request, pk, SELL)
    if order.state != Order.State.DRAFT:
        raise operations.OrderNotDraft(number=order.number, state=order.get_state_display())
    lines = list(order.lines.prefetch_related("adjustments", "people__user").order_by("position"))
    customer, hits, query = _customer(request, order)
    is_other = is_of_another(order, customer)
    kept = kept_prices(order, lines, request.now)
    basket, error = _priced_for(request, order, lines, customer, kept) if is_other else (None, "")
    total = basket.paid_amount if basket else order.total_amount
    act = request.POST.get("act", "")
    if request.method == "POST":
        parts = instalments_typed(request.POST, total, local_date(request.now), act)
    else:
        parts = [
            {"day": f"{each.due_date:%Y-%m-%d}", "amount": typed_amount(each.amount, order.currency)}
            for each in order.instalments.order_by("position")
        ]
    people = [(each["id"], each["name"]) for each in people_of(order.store, request.now)]
    form = _form(request, order, lines, people, act)
    status = 200
    if act == "place":
        status = 422
        if form.is_valid() and not error:
            try:
                operations.change_draft(
                    order=order,
                    customer=customer,
                    terms=form.terms(agreed(parts)),
                    note=form.cleaned_data["note"],
                    seller_id=as_id(form.cleaned_data["seller"]) or None,
                    expected_amount=expected_total(request.POST) if is_other else None,
                    actor=request.actor,
                    now=request.now,
                )
            except (InvalidInput, Conflict, NotFound) as raised:
                if raised.field in form.fields:
                    form.add_domain_error(raised)
                else:
                    error = str(raised)
            else:
                return done(request, _("Customer and terms are saved."), to=order_url(order))
    context: dict[str, Any] = {
        "order": order,
        "form": form,
        "error": error,
        "customer": customer,
        "customer_hits": hits,
        "customer_query": query,
        "was_searched": bool(query) and was_asked(request, request.POST),
        "level": basket.standing.tier_name if basket and basket.standing else "",
        "is_other": is_other,
        "keeps_prices": bool(kept),
        "before": shown(order.total_amount, order.currency),
        "total": shown(total, order.currency),
        "total_amount": total,
        "difference": shown(total - order.total_amount, order.currency)
        if total != order.total_amount
        else "",
        "instalments": parts,
        "instalment_sum": sum_text(parts, total, order.currency),
        "crumb_list": order_crumbs(order),
    }
    return render(request, "sales/orders/draft.html", context, status=status)


def _customer(http: Request, order: Order) -> tuple[Customer | None, list[dict[str, Any]], str]:
    """As chosen; the one it has already stays, even if this person would not find them."""
    own = (order.customer.merged_into or order.customer) if order.customer else None
    if http.method != "POST":
        return own, [], ""
    is_kept = own is not None and as_id(http.POST.get("customer", "")) == own.pk
    if is_kept and not {"drop_customer", "pick"} & set(http.POST):
        return own, [], ""
    return customer_asked(http, http.POST)


def _priced_for(
    http: Request, order: Order, lines: list[Any], customer: Customer | None, kept: KeptPrices
) -> tuple[Basket | None, str]:
    """What all of it costs somebody else today, as the operation will price it; or why it cannot be."""
    sale = Sale(order.uuid, order.store, items_of(lines), customer=customer, channel=order.channel)
    day = order.store.business_date(http.now)
    try:
        return price(sale=sale, business_date=day, at=http.now, kept=kept), ""
    except (InvalidInput, Conflict, NotFound) as error:
        return None, str(error)


def _form(
    http: Request, order: Order, lines: list[Any], people: list[tuple[int, str]], act: str
) -> DraftForm:
    sellers = {each.user_id: each.user.name for line in lines for each in line.people.all()}
    more: dict[str, Any] = {"people": people, "sold_by": "、".join(sellers.values())}
    if act == "place":
        return DraftForm(http.POST, **more)
    names = ("due_date", "deposit_kind", "deposit_amount", "note", "seller")
    if http.method == "POST":
        return DraftForm(initial={name: http.POST.get(name, "") for name in names}, **more)
    amount = typed_amount(order.deposit_amount, order.currency) if order.deposit_amount else ""
    values = (order.due_date, order.deposit_kind, amount, order.note, "")
    return DraftForm(initial=dict(zip(names, values, strict=True)), **more)


@require_GET
@requires(VIEW)
def order_quote(request: Request, pk: int) -> HttpResponse:
    """The quote as PDF, to be sent or signed."""
    order = order_or_404(request, pk)
    if order.state != Order.State.DRAFT:
        raise Http404
    answer = HttpResponse(quote_pdf(order, language=language_of_receipts()), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{order.number}.pdf"'
    return answer
