"""Addresses of purchasing: what to buy, orders, deliveries, suppliers, invoices."""

from django.urls import URLPattern, URLResolver, path

from dianke.purchasing.views import (
    invoices,
    order_acts,
    ordering,
    orders,
    plans,
    prices,
    receipts,
    receiving,
    returns,
    suppliers,
)

app_name = "purchasing"
_plans: list[URLPattern | URLResolver] = [
    path("purchasing/", plans.board, name="board"),
    path("purchasing/plans/", plans.plan_list, name="plans"),
    path("purchasing/plans/new/", plans.plan_new, name="plan-new"),
    path("purchasing/plans/<int:pk>/", plans.plan_page, name="plan"),
    path("purchasing/plans/<int:pk>/lines/<int:line_pk>/", plans.plan_line, name="plan-line"),
    path("purchasing/plans/<int:pk>/acceptance/", plans.plan_accept, name="plan-accept"),
    path("purchasing/plans/<int:pk>/discard/", plans.plan_discard, name="plan-discard"),
    path("purchasing/plans/<int:pk>/history/", plans.plan_history, name="plan-history"),
    path("purchasing/wishes/<int:pk>/", plans.wishes, name="wishes"),
]
_orders: list[URLPattern | URLResolver] = [
    path("purchasing/orders/", orders.order_list, name="orders"),
    path("purchasing/orders/new/", ordering.order_new, name="order-new"),
    path("purchasing/orders/<int:pk>/", orders.order_page, name="order"),
    path("purchasing/orders/<int:pk>/edit/", order_acts.order_edit, name="order-edit"),
    path("purchasing/orders/<int:pk>/lines/", ordering.order_lines, name="order-lines"),
    path("purchasing/orders/<int:pk>/submission/", order_acts.order_submit, name="order-submit"),
    path("purchasing/orders/<int:pk>/take-back/", order_acts.order_take_back, name="order-take-back"),
    path("purchasing/orders/<int:pk>/sending/", order_acts.order_send, name="order-send"),
    path("purchasing/orders/<int:pk>/cancellation/", order_acts.order_cancel, name="order-cancel"),
    path("purchasing/orders/<int:pk>/closing/", order_acts.order_close, name="order-close"),
    path("purchasing/orders/<int:pk>/again/", ordering.order_again, name="order-again"),
    path("purchasing/orders/<int:pk>/paper/", order_acts.order_paper, name="order-paper"),
    path("purchasing/orders/<int:pk>/history/", order_acts.order_history, name="order-history"),
    path("purchasing/orders/<int:pk>/return/", returns.return_new, name="return-new"),
]
_receiving: list[URLPattern | URLResolver] = [
    path("purchasing/receiving/", receiving.receiving, name="receiving"),
    path("purchasing/receiving/<int:pk>/", receiving.receive, name="receive"),
    path("purchasing/receiving/<int:pk>/scan/", receiving.receive_scan, name="receive-scan"),
    path("purchasing/receipts/", receipts.receipt_list, name="receipts"),
    path("purchasing/receipts/<int:pk>/", receipts.receipt_page, name="receipt"),
    path("purchasing/receipts/<int:pk>/note/", receipts.receipt_note, name="receipt-note"),
    path("purchasing/returns/", returns.return_list, name="returns"),
    path("purchasing/returns/<int:pk>/", returns.return_page, name="return"),
]
_invoices: list[URLPattern | URLResolver] = [
    path("purchasing/invoices/", invoices.invoice_list, name="invoices"),
    path("purchasing/invoices/new/", invoices.invoice_new, name="invoice-new"),
    path("purchasing/invoices/<int:pk>/", invoices.invoice_page, name="invoice"),
    path("purchasing/invoices/<int:pk>/release/", invoices.invoice_release, name="invoice-release"),
    path("purchasing/invoices/<int:pk>/cancellation/", invoices.invoice_cancel, name="invoice-cancel"),
    path("purchasing/invoices/<int:pk>/history/", invoices.invoice_history, name="invoice-history"),
]
_suppliers: list[URLPattern | URLResolver] = [
    path("purchasing/suppliers/", suppliers.supplier_list, name="suppliers"),
    path("purchasing/suppliers/new/", suppliers.supplier_form, name="supplier-new"),
    path("purchasing/suppliers/<int:pk>/", suppliers.supplier_page, name="supplier"),
    path("purchasing/suppliers/<int:pk>/edit/", suppliers.supplier_form, name="supplier-edit"),
    path("purchasing/suppliers/<int:pk>/state/", suppliers.supplier_state, name="supplier-state"),
    path("purchasing/suppliers/<int:pk>/history/", suppliers.supplier_history, name="supplier-history"),
    path("purchasing/suppliers/<int:pk>/prices/new/", suppliers.price_new, name="price-new"),
    path("purchasing/prices/", prices.comparison, name="comparison"),
    path("purchasing/prices/<int:pk>/end/", suppliers.price_end, name="price-end"),
    path("purchasing/performance/", suppliers.performance_list, name="performance"),
]
urlpatterns = [*_plans, *_orders, *_receiving, *_invoices, *_suppliers]
