"""What the room registers with kits and other rooms."""

from __future__ import annotations

from dianke.sales.operations import prepaid_cash
from dianke.sales.providers import (
    deliveries,
    history_importer,
    notices,
    of_customers,
    order_panels,
    orders,
    pages,
    register_pages,
    registers,
    report_pages,
    till,
)
from dianke.wallets.operations.drawers import register_drawers


def register() -> None:
    """Called once, when the apps are ready."""
    orders.register()
    notices.register()
    of_customers.register()
    registers.register()
    register_pages.register()
    register_drawers(prepaid_cash)
    report_pages.register()
    history_importer.register_importer()
    till.register()
    deliveries.register()
    pages.register()
    order_panels.register()
