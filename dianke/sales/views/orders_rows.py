"""What the pages of orders share: what an address names, amounts and quantities for people, why a line costs less."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.access.requests import Request
from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.events.queries import timeline
from dianke.events.registry import describe
from dianke.sales.models import Order, OrderLine, Payment, Refund
from dianke.sales.rules.pricing.priced import Adjustment, Stage
from dianke.sales.rules.pricing.reasons import ADJUSTMENTS, why
from dianke.stores.models import Store
from dianke.web.components import Crumb, Entry
from dianke.web.formats import money, number
from dianke.web.listing import as_id
from dianke.work.queries.people import names_of

VIEW, SELL, APPROVE = "sales.view_orders", "sales.sell", "sales.approve_orders"
REFUND, DELIVER, CHANGE_PRICES = "sales.refund_orders", "sales.deliver_orders", "sales.change_prices"
FORM = ("GET", "POST")
HISTORY_ROWS = 50
States = Order.State

TONES: Mapping[str, str] = {
    States.DRAFT: "off",
    States.PLACED: "wait",
    States.APPROVED: "",
    States.IN_PRODUCTION: "",
    States.READY: "wait",
    States.SHIPPED: "",
    States.DELIVERED: "good",
    States.INSTALLED: "good",
    States.CLOSED: "good",
    States.CANCELLED: "off",
}
PAYMENT_TONES: Mapping[str, str] = {
    Payment.State.PENDING: "wait",
    Payment.State.UNKNOWN: "wait",
    Payment.State.TAKEN: "good",
    Payment.State.FAILED: "bad",
}
REFUND_TONES: Mapping[str, str] = {
    Refund.State.PENDING: "wait",
    Refund.State.DONE: "good",
    Refund.State.FAILED: "bad",
}
ICONS = {
    "sales.order_placed": "shopping-bag",
    "sales.order_approved": "check",
    "sales.order_refused": "arrow-back-up",
    "sales.order_changed": "edit",
    "sales.order_delivered": "package",
    "sales.order_stage_entered": "chevron-right",
    "sales.order_completed": "circle-check",
    "sales.order_returned": "receipt-refund",
    "sales.order_cancelled": "x",
    "sales.payment_taken": "cash",
    "sales.receipt_printed": "printer",
}


# --- what an address names -------------------------------------------------------------------------------------------
def order_or_404(http: Request, pk: int, permission: str = VIEW) -> Order:
    """The order with its store, customer and people, where the person may do this."""
    rows = Order.objects.visible_to(http.actor, permission).select_related(
        "store__legal_entity",
        "legal_entity",
        "register",
        "stage",
        "customer__merged_into",
        "made_by",
        "approved_by",
    )
    found: Order = get_object_or_404(rows, pk=pk)
    return found


def stores_of(actor: Actor, permission: str = VIEW) -> QuerySet[Store]:
    """The open stores where the actor holds a permission."""
    rows: QuerySet[Store] = Store.objects.visible_to(actor, permission).still_open()
    return rows.select_related("legal_entity").order_by("code")


def chosen_store(source: Any, actor: Actor, stores: list[Store]) -> Store | None:
    """The store that was chosen, else the one the person works in, else the first."""
    asked = as_id(source.get("store", ""))
    wanted = asked or actor.store_id
    found = next((store for store in stores if store.pk == wanted), None)
    return found or (stores[0] if stores else None)


# --- for people ------------------------------------------------------------------------------------------------------
def shown(minor: int | None, currency: str = "CNY") -> str:
    """An amount for people, or nothing."""
    return "" if minor is None else money(Money.from_minor(minor, currency))


def typed_amount(minor: int, currency: str = "CNY") -> str:
    """An amount as one would type it: "120.00"."""
    return f"{Money.from_minor(minor, currency).amount:f}"


def plain(quantity: Decimal) -> str:
    """A quantity without trailing zeros: 12.5000 reads "12.5"."""
    return number(Decimal(format(quantity.normalize(), "f")))


def unit_of(line: OrderLine) -> str:
    """The unit of the goods of a line, which are read with it; nothing for a fee."""
    return str(line.variant.product.unit) if line.variant else ""


def counted(quantity: Decimal, line: OrderLine) -> str:
    """A quantity of a line in the unit of its goods: "12.5 m". The two stay on one line."""
    return f"{plain(quantity)}\u00a0{unit_of(line)}".strip()


def typed(quantity: Decimal) -> str:
    """A quantity as one would type it: no separators."""
    return format(quantity.normalize(), "f") if quantity else "0"


def quantity_of(text: str) -> Decimal | None:
    """What was typed as a quantity; None for an empty or impossible one."""
    try:
        found = Decimal(text.strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < 10**9 else None


def state_label(order: Order) -> str:
    """How far it is; a quote is called one."""
    if order.state == States.DRAFT and order.channel == Order.Channel.QUOTE:
        return pgettext("kind of order", "Quote")
    return str(order.get_state_display())


def is_overdue(order: Order, today: date) -> bool:
    """The promised day has passed and not everything is delivered."""
    is_under_way = order.is_open and order.state not in (States.DELIVERED, States.INSTALLED)
    return is_under_way and order.due_date is not None and order.due_date < today


def step_text(step: Any, currency: str) -> str:
    """Why a line costs less, in a sentence: of a kept adjustment or of one that was just worked out."""
    if step.source.startswith("session:"):
        return pgettext("why a line costs less", "Paid by a session card")
    if step.reason not in ADJUSTMENTS:
        return pgettext("why a line costs less", "Price the till charged")
    try:
        return str(
            why(Adjustment(Stage(step.stage), step.source, step.reason, step.values, step.amount), currency)
        )
    except (KeyError, ValueError):  # kept by an earlier version, without what the sentence wants
        return pgettext("why a line costs less", "Discount")


def steps_of(steps: Any, currency: str) -> list[dict[str, str]]:
    return [{"text": step_text(step, currency), "amount": shown(step.amount, currency)} for step in steps]


# --- the way to a page -----------------------------------------------------------------------------------------------
def order_url(order: Order) -> str:
    return reverse("sales:order", args=[order.pk])


def order_crumbs(order: Order | None = None) -> list[Crumb]:
    crumbs = [Crumb(pgettext("of a customer", "Orders"), reverse("sales:orders"))]
    return [*crumbs, Crumb(order.number, order_url(order))] if order else crumbs


# --- what happened ---------------------------------------------------------------------------------------------------
def history_page(http: Request, order: Order) -> HttpResponse:
    """Who did what to an order; beside the page."""
    page = timeline(order, actor=http.actor, before=http.GET.get("before") or None, limit=HISTORY_ROWS)
    names = names_of([event.user_id for event in page.events])
    entries = [
        Entry(
            at=event.recorded_at,
            title=describe(event),
            icon=ICONS.get(event.kind, "point"),
            actor=_("the system") if event.user_id is None else names.get(event.user_id, ""),
        )
        for event in page.events
    ]
    context = {
        "entries": entries,
        "next_cursor": page.next_cursor,
        "order": order,
        "crumb_list": order_crumbs(order),
    }
    return render(http, "sales/orders/history.html", context)
