"""Endpoints of the room."""

from __future__ import annotations

from ninja import Router

from dianke.sales.api import (
    deliveries,
    history,
    old_gold,
    orders,
    registers,
    reports,
    returns,
    sale_batches,
    sales_settings,
    till_data,
    tills,
)

routers: tuple[Router, ...] = (
    orders.router,
    returns.router,
    sales_settings.router,
    registers.router,
    tills.router,
    deliveries.router,
    old_gold.router,
    till_data.router,
    sale_batches.router,
    reports.router,
    history.router,
)
