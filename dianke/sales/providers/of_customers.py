"""What orders add to customers: what stays apart when they are merged, what stands in the way of erasing, the copy of
one's data, what stays of an import that is taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from dianke.customers.operations.import_undo import register_hold
from dianke.customers.queries.export import ExportPart, register_export
from dianke.customers.queries.export_tables import instant
from dianke.customers.queries.rights import Blocker, register_erasure_blocker
from dianke.customers.rules.merging import register_account_view
from dianke.sales.models import Order


def _counts(customer_ids: Collection[int]) -> dict[int, str]:
    """How many orders each customer has, in words: they stay with whom they were made for."""
    rows = Order.objects.filter(customer__in=customer_ids).values("customer_id").annotate(count=Count("pk"))
    return {
        row["customer_id"]: ngettext("%(count)s order", "%(count)s orders", row["count"])
        % {"count": row["count"]}
        for row in rows.order_by("customer_id")
    }


def _open_orders(customer_ids: Collection[int]) -> Sequence[Blocker]:
    """Nobody is erased who waits for goods or owes for them."""
    rows = Order.objects.filter(customer__in=customer_ids)
    if rows.open().exists():
        return [Blocker(gettext_lazy("An order is still open. Finish or cancel it first."))]
    if any(order.position.receivable for order in rows.filter(state=Order.State.CLOSED)):
        return [Blocker(gettext_lazy("An order is not paid in full. Take the payment first."))]
    return []


def _orders(ids: Collection[int]) -> Iterable[dict[str, Any]]:
    rows = Order.objects.filter(customer__in=ids).select_related("store").prefetch_related("lines")
    for order in rows.order_by("pk"):
        yield {
            "number": order.number,
            "at": instant(order.occurred_at),
            "store": order.store.name,
            "state": str(order.get_state_display()),
            "goods": [f"{line.name} × {line.quantity.normalize():f}" for line in order.lines.all()],
            "total": order.total_amount,
            "paid": order.paid_amount,
            "returned": order.returned_amount,
            "currency": order.currency,
        }


_ORDERS = ExportPart(
    "orders",
    pgettext_lazy("of a customer", "orders"),
    {
        "number": pgettext_lazy("of an order", "Number"),
        "at": gettext_lazy("When"),
        "store": gettext_lazy("Store"),
        "state": gettext_lazy("State"),
        "goods": gettext_lazy("Goods"),
        "total": gettext_lazy("Total (minor units)"),
        "paid": gettext_lazy("Paid (minor units)"),
        "returned": gettext_lazy("Returned (minor units)"),
        "currency": gettext_lazy("Currency"),
    },
    _orders,
)


def register() -> None:
    """Called once, when the apps are ready."""
    register_account_view("sales.orders", pgettext_lazy("of a customer", "orders"), _counts)
    register_erasure_blocker("sales.orders", _open_orders)
    register_export(_ORDERS)
    register_hold("sales_order", "customer_id")
    register_hold("sales_creditterms", "customer_id")
    register_hold("sales_delivery", "customer_id")
    register_hold("sales_historyline", "customer_id")
