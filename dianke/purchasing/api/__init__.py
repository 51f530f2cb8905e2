"""What the room offers over HTTP."""

from dianke.purchasing.api import deliveries, invoices, orders, plans, reports, suppliers

routers = (
    suppliers.router,
    plans.router,
    orders.router,
    deliveries.router,
    invoices.router,
    reports.router,
)
