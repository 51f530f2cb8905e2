"""A new order or quote in the back office, and other lines for one that stands."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.allocation import allocate_units
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.core.money import parse
from dianke.customers.models import Customer
from dianke.customers.queries.search import find
from dianke.promotions.queries.held import coupons_of
from dianke.sales import operations
from dianke.sales.forms.orders import TermsForm
from dianke.sales.models import Order
from dianke.sales.queries.basket import Sale
from dianke.sales.queries.fixed_prices import KeptPrices, kept_prices
from dianke.sales.views.orders_rows import (
    FORM,
    SELL,
    chosen_store,
    order_crumbs,
    order_or_404,
    order_url,
    shown,
    stores_of,
    typed_amount,
)
from dianke.sales.views.orders_sheet import (
    Sheet,
    drawn,
    keep_people,
    price_sheet,
    read_sheet,
    sheet_of_order,
    was_asked,
)
from dianke.stores.models import Store
from dianke.stores.queries import local_date
from dianke.web.listing import as_id
from dianke.web.responses import done

MOST_CUSTOMERS = 6
MOST_INSTALMENTS = 24


class InstalmentNotUnderstood(InvalidInput):
    code = "order_instalment_not_understood"
    message = gettext_lazy("Give each instalment a day and an amount, or leave both empty.")
    default_field = "instalments"


# --- new -------------------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(SELL)
def order_new(request: Request) -> HttpResponse:
    """Who, what, and on which terms; priced by the engine as one types. Nothing is written before it is placed."""
    source = request.POST if request.method == "POST" else request.GET
    stores = list(stores_of(request.actor, SELL))
    store = chosen_store(source, request.actor, stores)
    is_quote = source.get("kind") == "QUOTE"
    customer, hits, query = customer_asked(request, source)
    sheet = read_sheet(request, source)
    coupons = _coupons(customer, store, request) if customer and store else []
    chosen = tuple(each.id for each in coupons if str(each.id) in source.getlist("coupon"))
    uuid = _uuid(source)
    channel = Order.Channel.QUOTE if is_quote else Order.Channel.BACK_OFFICE
    price_sheet(request, sheet, store=store, uuid=uuid, customer=customer, channel=channel, coupon_ids=chosen)
    act = request.POST.get("act", "")
    total = sheet.basket.paid_amount if sheet.basket else 0
    instalments = instalments_typed(source, total, local_date(request.now), act)
    is_placing = act == "place"
    form = TermsForm(request.POST) if is_placing else TermsForm(initial=_initial(source))
    error, status = "", 200
    if is_placing:
        status = 422
        if form.is_valid() and store is not None:
            try:
                order = operations.place_order(
                    sale=Sale(
                        uuid,
                        store,
                        sheet.items,
                        customer=customer,
                        channel=channel,
                        coupon_ids=chosen,
                        expected_amount=expected_total(source),
                        note=form.cleaned_data["note"],
                    ),
                    terms=form.terms(agreed(instalments)),
                    reason=form.cleaned_data["reason"],
                    actor=request.actor,
                    now=request.now,
                )
            except (InvalidInput, Conflict, NotFound) as raised:
                if raised.field in form.fields:
                    form.add_domain_error(raised)
                else:
                    error = str(raised)
            else:
                return done(request, _placed(order), to=order_url(order))
    currency = store.currency if store else "CNY"
    context: dict[str, Any] = {
        **drawn(sheet, currency),
        "form": form,
        "stores": stores,
        "store": store,
        "is_quote": is_quote,
        "customer": customer,
        "customer_hits": hits,
        "customer_query": query,
        "was_searched": bool(query) and was_asked(request, source),
        "coupons": [
            {"coupon": each, "is_chosen": each.id in chosen, "name": _coupon_name(each)} for each in coupons
        ],
        "uuid": uuid,
        "instalments": instalments,
        "instalment_sum": sum_text(instalments, total, currency),
        "error": error or sheet.error,
        "crumb_list": order_crumbs(),
    }
    return render(request, "sales/orders/new.html", context, status=status)


def _placed(order: Order) -> str:
    if order.state == Order.State.DRAFT:
        return _("Quote %(number)s is saved.") % {"number": order.number}
    if order.state == Order.State.PLACED:
        return _("Order %(number)s waits for approval.") % {"number": order.number}
    return _("Order %(number)s stands. Take the deposit or the payment now.") % {"number": order.number}


def _uuid(source: QueryDict) -> UUID:
    try:
        return UUID(source.get("uuid", ""))
    except ValueError:
        return uuid4()


def expected_total(source: QueryDict) -> int | None:
    """The total the page showed."""
    text = source.get("expected", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 15 else None


def _initial(source: QueryDict) -> dict[str, Any]:
    names = ("due_date", "deposit_kind", "deposit_amount", "note", "reason")
    found: dict[str, Any] = {name: source.get(name, "") for name in names}
    found["is_reserved"] = source.get("is_reserved") == "on" if "uuid" in source else True
    return found


def customer_asked(http: Request, source: QueryDict) -> tuple[Customer | None, list[dict[str, Any]], str]:
    """The customer chosen, or those a search means."""
    if "drop_customer" in source:
        return None, [], ""
    pk = as_id(source.get("pick", "") or source.get("customer", ""))
    if pk:
        rows = Customer.objects.visible_to(http.actor).in_use().select_related("merged_into", "store")
        found = rows.filter(pk=pk).first()
        if found is not None:
            return found.merged_into or found, [], ""
    query = source.get("who", "").strip()[:60]
    if not query or not was_asked(http, source) or not http.actor.can("customers.view_customers"):
        return None, [], query
    hits = [
        {
            "customer": hit.customer,
            "note": " · ".join(filter(None, (hit.masked_phone, hit.customer.level, hit.why))),
        }
        for hit in find(http.actor, query, MOST_CUSTOMERS)
    ]
    return None, hits, query


def _coupons(customer: Customer, store: Store, http: Request) -> list[Any]:
    ids = [customer.pk, *Customer.objects.filter(merged_into=customer.pk).values_list("pk", flat=True)]
    held = coupons_of(ids, store_id=store.pk, at=http.now)
    return [each for each in held if each.usable and each.state != "ISSUED"][:12]


def _coupon_name(each: Any) -> str:
    return str(getattr(each.terms, "name", "") or each.note or each.code)


# --- instalments -----------------------------------------------------------------------------------------------------
def instalments_typed(source: QueryDict, total: int, today: date, act: str) -> list[dict[str, str]]:
    """Rows of day and amount as typed; `split` makes so many equal ones, a month apart, that sum up."""
    if act == "split" and total:
        count = min(max(as_id(source.get("parts", "")), 1), 12)
        parts = allocate_units(total, [1] * count)
        days = [_months_on(today, n) for n in range(count)]
        return [
            {"day": f"{day:%Y-%m-%d}", "amount": typed_amount(part)}
            for day, part in zip(days, parts, strict=True)
        ]
    if act == "no_split":
        return []
    days_typed = source.getlist("i-day")[:MOST_INSTALMENTS]
    amounts = source.getlist("i-amount")[:MOST_INSTALMENTS]
    return [
        {"day": day.strip()[:10], "amount": amount.strip()[:24]}
        for day, amount in zip(days_typed, amounts, strict=False)
        if day.strip() or amount.strip()
    ]


def _months_on(day: date, months: int) -> date:
    """The same day some months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def agreed(rows: list[dict[str, str]]) -> tuple[tuple[date, int], ...]:
    """Raises `InstalmentNotUnderstood` and what is wrong with an amount."""
    found = []
    for row in rows:
        try:
            day = date.fromisoformat(row["day"])
        except ValueError as error:
            raise InstalmentNotUnderstood from error
        if not row["amount"]:
            raise InstalmentNotUnderstood
        found.append((day, parse(row["amount"], field="instalments").to_minor()))
    return tuple(found)


def sum_text(rows: list[dict[str, str]], total: int, currency: str) -> dict[str, Any] | None:
    if not rows:
        return None
    try:
        found = sum(amount for _day, amount in agreed(rows))
    except InvalidInput:
        return {"text": "", "is_right": False}
    return {"text": shown(found, currency), "is_right": found == total}


# --- other lines -----------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(SELL)
def order_lines(request: Request, pk: int) -> HttpResponse:
    """Replace what is ordered, before anything of it was delivered."""
    order = order_or_404(request, pk, SELL)
    lines = list(order.lines.prefetch_related("adjustments", "people").order_by("position"))
    if request.method == "POST":
        sheet = read_sheet(request, request.POST)
    else:
        sheet = sheet_of_order(request, lines, order.currency)
    kept = kept_prices(order, lines, request.now)
    _price_again(request, sheet, order, kept)
    error, status = "", 200
    if request.POST.get("act") == "place":
        try:
            operations.change_lines(
                order=order,
                items=keep_people(sheet, lines),
                expected_amount=None if order.coupon_ids else expected_total(request.POST),
                actor=request.actor,
                now=request.now,
            )
        except (InvalidInput, Conflict, NotFound) as raised:
            error, status = str(raised), 422
        else:
            return done(request, _("The lines are changed."), to=order_url(order))
    before = sheet.basket.paid_amount - order.total_amount if sheet.basket else 0
    context = {
        **drawn(sheet, order.currency),
        "order": order,
        "error": error or sheet.error,
        "before": shown(order.total_amount, order.currency),
        "difference": shown(before, order.currency) if before else "",
        "has_instalments": order.instalments.exists(),
        "keeps_prices": bool(kept),
        "crumb_list": order_crumbs(order),
    }
    return render(request, "sales/orders/lines.html", context, status=status)


def _price_again(http: Request, sheet: Sheet, order: Order, kept: KeptPrices) -> None:
    """Without the coupons of the order: those are taken anew when the lines are changed."""
    price_sheet(
        http,
        sheet,
        store=order.store,
        uuid=order.uuid,
        customer=order.customer,
        channel=order.channel,
        kept=kept,
    )
