"""Taking hold of an order: whoever works on it too waits. First of all locks of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Conflict
from dianke.events.operations import step
from dianke.sales.models import Order


class OrderNotOpen(Conflict):
    code = "order_not_open"
    message = _("Order %(number)s is “%(state)s”: this is not possible any more. Load the page again.")


@step
def locked(*, order: Order) -> Order:
    """The order as it is now."""
    rows = Order.objects.select_for_update(of=("self",), no_key=True)
    found: Order = rows.select_related("store", "customer", "stage").get(pk=order.pk)
    return found


def refuse(order: Order) -> OrderNotOpen:
    return OrderNotOpen(number=order.number, state=order.get_state_display())
