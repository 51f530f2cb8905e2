"""Where the room stands in the navigation."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.web import navigation
from dianke.web.navigation import Page, Place

VIEW, MAKE, RECEIVE = "purchasing.view_orders", "purchasing.make_orders", "purchasing.receive_orders"
COSTS, MANAGE = "catalog.view_costs", "purchasing.manage_suppliers"


def register() -> None:
    """Called once, when the app is ready."""
    for page in (
        Page(
            "purchasing.receiving",
            _("Receiving"),
            "purchasing:receiving",
            Place.GOODS,
            RECEIVE,
            "package-import",
            40,
            words=_("delivery goods in unpack arrive"),
        ),
        Page(
            "purchasing.board",
            pgettext_lazy("place", "Purchase plan"),
            "purchasing:board",
            Place.GOODS,
            VIEW,
            "clipboard-list",
            55,
            words=_("buy reorder stock up suggestion"),
        ),
        Page(
            "purchasing.orders",
            _("Purchase orders"),
            "purchasing:orders",
            Place.GOODS,
            VIEW,
            "truck-delivery",
            56,
            words=_("buy supplier order"),
        ),
        Page(
            "purchasing.suppliers",
            _("Suppliers"),
            "purchasing:suppliers",
            Place.GOODS,
            VIEW,
            "building-warehouse",
            60,
            words=_("vendor factory wholesaler"),
        ),
        Page(
            "purchasing.invoices",
            _("Supplier invoices"),
            "purchasing:invoices",
            Place.GOODS,
            COSTS,
            "file-invoice",
            62,
            words=_("bill match pay"),
        ),
        Page(
            "purchasing.receipts",
            _("Receipts"),
            "purchasing:receipts",
            Place.GOODS,
            VIEW,
            "history",
            is_command=True,
        ),
        Page(
            "purchasing.returns",
            _("Returns to suppliers"),
            "purchasing:returns",
            Place.GOODS,
            VIEW,
            "truck-return",
            64,
        ),
        Page(
            "purchasing.comparison",
            _("Compare prices"),
            "purchasing:comparison",
            Place.GOODS,
            COSTS,
            "scale",
            is_command=True,
            words=_("cheapest supplier"),
        ),
        Page(
            "purchasing.performance",
            _("Supplier performance"),
            "purchasing:performance",
            Place.GOODS,
            VIEW,
            "chart-bar",
            is_command=True,
            words=_("on time complete faults score"),
        ),
        Page(
            "purchasing.order_new",
            _("New order to a supplier"),
            "purchasing:order-new",
            Place.GOODS,
            MAKE,
            "plus",
            is_command=True,
        ),
        Page(
            "purchasing.supplier_new",
            _("New supplier"),
            "purchasing:supplier-new",
            Place.GOODS,
            MANAGE,
            "plus",
            is_command=True,
        ),
    ):
        navigation.register(replace(page, module="purchasing"))
