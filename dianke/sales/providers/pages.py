"""Where orders and returns stand in the navigation, and how an order is found by its number."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.sales.models import Order
from dianke.sales.views.orders_rows import SELL, VIEW, shown
from dianke.web import navigation, search
from dianke.web.navigation import Page, Place

#: A part of a number is looked for among so many of the newest orders; a whole one among all.
NEWEST = 5_000
LEAST_TYPED = 4


def _orders(actor: Actor, query: str, limit: int) -> list[search.Hit]:
    """By number, or a part of it. One query; none for what can be no number."""
    text = query.strip().upper()
    if len(text) < LEAST_TYPED or not any(char.isdigit() for char in text):
        return []
    rows = Order.objects.visible_to(actor)
    newest = rows.order_by("-occurred_at", "-pk").values("pk")[:NEWEST]
    found = rows.filter(Q(number=text) | Q(pk__in=newest, number__contains=text))
    found = found.select_related("store", "customer__merged_into").order_by("-occurred_at", "-pk")
    return [
        search.Hit(
            order.number,
            reverse("sales:order", args=[order.pk]),
            "receipt",
            note=" · ".join(
                filter(
                    None,
                    (
                        str(order.customer.merged_into or order.customer) if order.customer else "",
                        order.store.short_name,
                        shown(order.total_amount, order.currency),
                    ),
                )
            ),
            kind=order.get_state_display(),
        )
        for order in found[:limit]
    ]


def register() -> None:
    """Called once, when the apps are ready."""
    for page in (
        Page(
            "sales.orders",
            pgettext_lazy("of a customer", "Orders"),
            "sales:orders",
            Place.ORDERS,
            VIEW,
            "receipt",
            10,
            words=_("sale quote order number unpaid deposit"),
        ),
        Page(
            "sales.returns",
            pgettext_lazy("of a sale", "Returns"),
            "sales:returns",
            Place.ORDERS,
            VIEW,
            "receipt-refund",
            20,
            words=_("refund exchange goods back"),
        ),
        Page(
            "sales.order_new",
            pgettext_lazy("of a customer", "New order"),
            "sales:order-new",
            Place.ORDERS,
            SELL,
            "plus",
            is_command=True,
            words=_("quote sell order"),
        ),
    ):
        navigation.register(replace(page, module="till"))
    search.register(
        search.SearchProvider(
            "sales.orders",
            pgettext_lazy("of a customer", "Orders"),
            VIEW,
            _orders,
            order=30,
            more=lambda query: f"{reverse('sales:orders')}?q={query}",
        )
    )
