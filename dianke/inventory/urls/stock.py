"""What is where, what moved it, what it is worth, and what is put right by hand."""

from django.urls import URLPattern, URLResolver, path

from dianke.inventory.views import (
    alerts,
    documents,
    entry,
    item,
    matrix,
    periods,
    stock_settings,
    value,
)

_stock: list[URLPattern | URLResolver] = [
    path("stock/", matrix.stock, name="stock"),
    path("stock/variants/<int:pk>/", item.item_page, name="item"),
    path("stock/variants/<int:pk>/movements/", matrix.movements, name="movements"),
    path("stock/variants/<int:pk>/safety-stock/", item.levels, name="levels"),
    path("stock/alerts/", alerts.alerts, name="alerts"),
]
_documents: list[URLPattern | URLResolver] = [
    path("stock/documents/", documents.document_list, name="documents"),
    path("stock/documents/<int:pk>/", documents.document_page, name="document"),
    path("stock/documents/<int:pk>/reversal/", documents.document_reversal, name="document-reversal"),
    path("stock/documents/<int:pk>/later-cost/", documents.later_cost, name="later-cost"),
    path("stock/receipts/new/", entry.receive, name="receive"),
    path("stock/openings/new/", entry.opening, name="opening"),
    path("stock/adjustments/new/", entry.adjust, name="adjust"),
    path("stock/scrappings/new/", entry.scrap, name="scrap"),
]
_books: list[URLPattern | URLResolver] = [
    path("stock/value/", value.value, name="value"),
    path("stock/value/file/", value.value_file, name="value-file"),
    path("stock/periods/", periods.periods, name="periods"),
    path("stock/periods/<int:pk>/lock/", periods.period_lock, name="period-lock"),
    path("stock/periods/<int:pk>/reopening/", periods.period_reopen, name="period-reopen"),
    path("settings/stock/", stock_settings.stock_settings, name="settings"),
    path("settings/stock/places/<int:pk>/", stock_settings.place_policy, name="place-policy"),
    path("settings/stock/exceptions/new/", stock_settings.exception_new, name="exception-new"),
    path(
        "settings/stock/exceptions/<int:pk>/removal/",
        stock_settings.exception_remove,
        name="exception-removal",
    ),
]
urlpatterns: list[URLPattern | URLResolver] = [*_stock, *_documents, *_books]
