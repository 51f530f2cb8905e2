"""Finding the sale goods came from when the customer has no receipt."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import F

from dianke.core.actor import Actor
from dianke.sales.models import Order, OrderLine
from dianke.stores.models import Store

#: How far back goods are taken without a receipt.
LOOK_BACK = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Bought:
    """A line such goods may have come from; `unit_amount` is what was paid for one (minor units, rounded down)."""

    line_id: int
    order_id: int
    number: str
    occurred_at: datetime
    kept_quantity: Decimal
    unit_amount: int


def bought_without_receipt(
    *,
    store: Store,
    variant_id: int,
    customer_ids: Collection[int] = (),
    actor: Actor,
    now: datetime,
    limit: int = 20,
) -> list[Bought]:
    """Sales of a store these goods may have come from, the cheapest first: without a receipt nobody gets more than the
    least that was paid. With `customer_ids` (a profile) only theirs. One query."""
    orders = Order.objects.visible_to(actor, "sales.refund_orders").filter(
        store=store, occurred_at__gte=now - LOOK_BACK
    )
    if customer_ids:
        orders = orders.filter(customer__in=customer_ids)
    rows = OrderLine.objects.filter(
        variant_id=variant_id, order__in=orders, fulfilled_quantity__gt=F("returned_quantity")
    )
    found = rows.annotate(unit=F("paid_amount") / F("quantity")).select_related("order")
    return [
        Bought(
            line.pk,
            line.order_id,
            line.order.number,
            line.order.occurred_at,
            line.kept_quantity,
            int(line.paid_amount / line.quantity),
        )
        for line in found.order_by("unit", "-order__occurred_at", "-pk")[:limit]
    ]
