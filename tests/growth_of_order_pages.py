"""What the pages of orders need besides the rows `growth_of_orders` adds: a return to open, and a payment that is asked
about."""

from __future__ import annotations

from typing import Any

from dianke.customers.models import Customer
from dianke.sales.models import Payment, Refund, SaleReturn


def records_of_order_pages() -> dict[str, Any]:
    """A record for each gap of these addresses."""
    return {
        "/orders/levels/": Customer.objects.in_use().latest("pk").pk,
        "/orders/returns/": SaleReturn.objects.latest("pk").pk,
        "/orders/payments/": Payment.objects.latest("pk").pk,
        "/orders/refunds/": Refund.objects.latest("pk").pk,
    }
