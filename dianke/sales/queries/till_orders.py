"""Past sales as the till lists them: what was sold when and to whom, and whether some of it came back."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.customers.queries.search import find
from dianke.sales.models import Order, SaleReturn
from dianke.stores.models import Store

VIEW = "sales.view_orders"
#: Whom a few digits may mean at most.
MEANT = 12


def rows(actor: Actor) -> QuerySet[Order]:
    """What the actor may see of what was sold."""
    return Order.objects.visible_to(actor, VIEW).exclude(state=Order.State.DRAFT)


def shown(found: QuerySet[Order], limit: int) -> list[dict[str, Any]]:
    """The newest as a line each. One statement."""
    came_back = SaleReturn.objects.filter(order=OuterRef("pk"))
    orders = found.annotate(is_returned=Exists(came_back)).select_related("customer", "register")
    return [
        {
            "id": order.pk,
            "number": order.number,
            "state": order.state,
            "occurred_at": order.occurred_at.isoformat(),
            "total_amount": order.total_amount,
            "customer": order.customer.name if order.customer else "",
            "register": order.register.name if order.register else "",
            "is_returned": order.is_returned,
        }
        for order in orders.order_by("-occurred_at", "-id")[:limit]
    ]


def of_customers(actor: Actor, store: Store, text: str, limit: int) -> list[dict[str, Any]]:
    """What the customers the words mean bought at a store, merged profiles with all their records. Two statements."""
    heads = [each.customer.pk for each in find(actor, text, MEANT)]
    if not heads:
        return []
    return shown(rows(actor).filter(store=store, customer__in=Customer.objects.clusters(heads)), limit)
