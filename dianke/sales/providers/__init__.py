"""What the room registers with kits and other rooms."""

from __future__ import annotations

from dianke.sales.providers import (
    deliveries,
    of_customers,
    order_panels,
    orders,
    pages,
    register_pages,
    registers,
    report_pages,
    till,
)


def register() -> None:
    """Called once, when the apps are ready."""
    orders.register()
    of_customers.register()
    registers.register()
    register_pages.register()
    report_pages.register()
    till.register()
    deliveries.register()
    pages.register()
    order_panels.register()
