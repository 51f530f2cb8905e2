"""The lists of orders and of returns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Case, DecimalField, ExpressionWrapper, F, Q, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.customers.models import Customer
from dianke.customers.queries.search import find
from dianke.sales.models import Order, SaleReturn
from dianke.sales.views.orders_rows import SELL, TONES, VIEW, is_overdue, state_label, stores_of
from dianke.stores.queries import local_date
from dianke.web.listing import (
    Column,
    Filter,
    Kind,
    Listing,
    Result,
    State,
    as_id,
    choice_filter,
    date_filter,
    register,
)

MOST_CHOICES = 300
#: So many customers a search of orders looks at.
MOST_FOUND = 40
_S = Order.State
UNDER_WAY = (_S.APPROVED, _S.IN_PRODUCTION, _S.READY, _S.SHIPPED)
STAGES: tuple[tuple[str, Any], ...] = (
    ("quote", pgettext_lazy("orders", "Quotes")),
    ("waiting", _("Waiting for approval")),
    ("under_way", pgettext_lazy("orders", "Under way")),
    ("overdue", pgettext_lazy("orders", "Overdue")),
    ("unpaid", pgettext_lazy("orders", "Not paid in full")),
    ("delivered", pgettext_lazy("orders", "Delivered")),
    ("done", pgettext_lazy("orders", "Closed")),
    ("returned", pgettext_lazy("orders", "With returns")),
    ("cancelled", pgettext_lazy("orders", "Cancelled")),
)
_YUAN = DecimalField(max_digits=20, decimal_places=2)


def _yuan(expression: Any) -> ExpressionWrapper:
    """Minor units as the list kit adds amounts up; orders are in the currency of the merchant's stores."""
    return ExpressionWrapper(expression / Value(100, output_field=_YUAN), output_field=_YUAN)


_OWED = Greatest(F("earned_amount") - F("paid_amount") + F("forfeited_amount"), 0)
_OPEN = Greatest(F("total_amount") - F("returned_amount") - F("paid_amount") + F("forfeited_amount"), 0)
#: `Order.due_amount`, as the database works it out; of a quote nothing is due.
DUE = Case(
    When(state__in=[_S.CANCELLED, _S.DRAFT], then=Value(0)),
    When(state=_S.CLOSED, then=_OWED),
    default=_OPEN,
)


def stores_offered(actor: Actor) -> list[tuple[Any, Any]]:
    return list(stores_of(actor).values_list("pk", "short_name")[:MOST_CHOICES])


def customers_meant(actor: Actor, text: str) -> QuerySet[Customer]:
    """Everybody of the profiles a search means."""
    if not actor.can("customers.view_customers"):
        return Customer.objects.none()
    return Customer.objects.clusters([hit.customer.pk for hit in find(actor, text, MOST_FOUND)])


STORE_FILTER = Filter(
    "store", _("Store"), lambda rows, value: rows.filter(store=as_id(value)), stores_offered
)


@register
class OrderListing(Listing):
    """Orders and sales of the stores the actor reaches, the newest first."""

    adds_up = False
    code = "sales.orders"
    title = pgettext_lazy("of a customer", "Orders")
    permission = VIEW
    search_fields = ("number",)
    search_hint = _("Order number, customer, phone")
    default_sort = "-occurred_at"
    columns = (
        Column(
            "number",
            pgettext_lazy("of a paper", "Number"),
            sort="number",
            is_title=True,
            link=lambda row: reverse("sales:order", args=[row.pk]),
            template="sales/orders/parts/number.html",
        ),
        Column(
            "state", _("State"), Kind.STATUS, value=state_label, tone=lambda row: TONES.get(row.state, "")
        ),
        Column("customer", _("Customer"), value=lambda row: _name(row)),
        Column("due_date", _("Promised for"), Kind.DATE, sort="due_date"),
        Column("channel", _("Channel"), is_default=False),
        Column(
            "total",
            _("Total"),
            Kind.MONEY,
            value=lambda row: Money.from_minor(row.total_amount, row.currency),
            sort="total_yuan",
            total=True,
        ),
        Column(
            "paid",
            pgettext_lazy("of an order", "Paid"),
            Kind.MONEY,
            value=lambda row: Money.from_minor(row.paid_amount, row.currency),
            sort="paid_yuan",
            total=True,
            is_default=False,
        ),
        Column(
            "due",
            pgettext_lazy("of an order", "Still to pay"),
            Kind.MONEY,
            value=lambda row: Money.from_minor(row.due_amount, row.currency) if row.due_minor else None,
            sort="due_yuan",
            total=True,
        ),
        Column("store", _("Store"), value="store__short_name", sort="store__short_name"),
        Column("occurred_at", pgettext_lazy("of an order", "Placed on"), Kind.INSTANT, sort="occurred_at"),
        Column(
            "stage",
            pgettext_lazy("of an order", "Stage"),
            value=lambda row: row.stage.name if row.stage else "",
            is_default=False,
        ),
        Column("made_by", _("Made by"), value=lambda row: getattr(row.made_by, "name", ""), is_default=False),
        Column("business_date", _("Business date"), Kind.DATE, sort="business_date", is_default=False),
        Column("note", _("Note"), is_default=False),
    )
    filters = (
        Filter("stage", _("State"), lambda rows, value: rows, lambda actor: STAGES, is_quick=True),
        STORE_FILTER,
        choice_filter("channel", _("Channel"), Order.Channel.choices),
        Filter("customer", _("Customer"), lambda rows, value: rows),
        date_filter("placed", pgettext_lazy("of an order", "Placed on"), lookup="occurred_at", instants=True),
        date_filter("promised", _("Promised for"), lookup="due_date"),
    )
    empty = (
        "receipt",
        _("Sales and orders of customers stand here, from the quote to the last delivery."),
        pgettext_lazy("of a customer", "New order"),
        "sales:order-new",
        SELL,
    )

    def queryset(self) -> QuerySet[Order]:
        rows: QuerySet[Order] = Order.objects.visible_to(self.actor)
        rows = rows.select_related("store", "stage", "made_by", "customer__merged_into")
        return rows.annotate(due_minor=DUE).annotate(
            total_yuan=_yuan(F("total_amount")),
            paid_yuan=_yuan(F("paid_amount")),
            due_yuan=_yuan(F("due_minor")),
        )

    def filter_stage(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """How far an order is; overdue ones are under way too."""
        conditions: Mapping[str, Q] = {
            "quote": Q(state=_S.DRAFT),
            "waiting": Q(state=_S.PLACED),
            "under_way": Q(state__in=UNDER_WAY),
            "overdue": Q(state__in=UNDER_WAY, due_date__lt=local_date(self.now)),
            "unpaid": Q(due_minor__gt=0),
            "delivered": Q(state__in=[_S.DELIVERED, _S.INSTALLED]),
            "done": Q(state=_S.CLOSED),
            "returned": Q(returned_amount__gt=0),
            "cancelled": Q(state=_S.CANCELLED),
        }
        return rows.filter(conditions[value]) if value in conditions else rows

    def filter_customer(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """By what one knows of the customer: name, phone, member number."""
        return rows.filter(customer__in=customers_meant(self.actor, value))

    def search(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        """By number or by customer."""
        wanted = Q(customer__in=customers_meant(self.actor, text))
        if re.search(r"\d", text):
            wanted |= Q(number__icontains=text)
        return queryset.filter(wanted)

    def result(self, state: State) -> Result:
        """Totals only of what was narrowed: all orders ever made are not added up for every look."""
        self.adds_up = bool(state.query or any(state.filters.values()))
        result = super().result(state)
        today = local_date(self.now)
        for row in result.page.items:
            row.shown_overdue = is_overdue(row, today)
        return result

    def allowed_columns(self) -> list[Column]:
        columns = super().allowed_columns()
        return columns if self.adds_up else [replace(column, total=False) for column in columns]


def _name(row: Order) -> str:
    customer = row.customer
    return str(customer.merged_into or customer) if customer is not None else ""


@register
class SaleReturnListing(Listing):
    """Returns and exchanges of the stores the actor reaches."""

    code = "sales.returns"
    title = pgettext_lazy("of a sale", "Returns")
    permission = VIEW
    search_fields = ("number", "order__number")
    search_hint = _("Number of the return or the order")
    default_sort = "-occurred_at"
    columns = (
        Column(
            "number",
            pgettext_lazy("of a paper", "Number"),
            sort="number",
            is_title=True,
            link=lambda row: reverse("sales:return", args=[row.pk]),
        ),
        Column("kind", _("Kind")),
        Column("order", pgettext_lazy("of a customer", "Order"), value="order__number"),
        Column("store", _("Store"), value="store__short_name"),
        Column(
            "refund",
            pgettext_lazy("of a return", "Given back"),
            Kind.MONEY,
            value=lambda row: Money.from_minor(row.refund_amount - row.exchange_amount, row.order.currency),
            sort="given_yuan",
            total=True,
        ),
        Column("occurred_at", _("When"), Kind.INSTANT, sort="occurred_at"),
        Column("reason", _("Reason")),
        Column("user", _("Taken by"), value=lambda row: getattr(row.user, "name", ""), is_default=False),
    )
    filters = (
        choice_filter("kind", _("Kind"), SaleReturn.Kind.choices, quick=True),
        STORE_FILTER,
        date_filter("taken", _("When"), lookup="occurred_at", instants=True),
    )
    empty = (
        "receipt-refund",
        _("Goods customers brought back stand here. Open the order they were sold with to take some back."),
        pgettext_lazy("of a customer", "Orders"),
        "sales:orders",
        VIEW,
    )

    def queryset(self) -> QuerySet[SaleReturn]:
        rows: QuerySet[SaleReturn] = SaleReturn.objects.visible_to(self.actor)
        rows = rows.select_related("order", "store", "user")
        return rows.annotate(given_yuan=_yuan(F("refund_amount") - F("exchange_amount")))
