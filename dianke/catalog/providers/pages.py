"""Where the room stands in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.web import navigation
from dianke.web.navigation import Page, Place

VIEW, MANAGE = "catalog.view_products", "catalog.manage_products"


def register() -> None:
    """Called once, when the app is ready."""
    for page in (
        Page(
            "catalog.products",
            _("Goods"),
            "catalog:products",
            Place.GOODS,
            VIEW,
            "package",
            10,
            words=_("products articles services rings list search"),
        ),
        Page(
            "catalog.day_prices",
            _("Prices of the day"),
            "catalog:day-prices",
            Place.GOODS,
            VIEW,
            "coin",
            20,
            words=_("gold platinum silver metal board buy-back"),
        ),
        Page(
            "catalog.price_lists",
            _("Price lists"),
            "catalog:price-lists",
            Place.GOODS,
            VIEW,
            "percentage",
            30,
            words=_("member price contract promotion"),
        ),
        Page(
            "catalog.categories",
            pgettext_lazy("of goods", "Categories"),
            "catalog:categories",
            Place.GOODS,
            VIEW,
            "category",
            80,
        ),
        Page("catalog.brands", _("Brands"), "catalog:brands", Place.GOODS, VIEW, "tag", 90),
        Page(
            "catalog.attributes",
            pgettext_lazy("of a product", "Attributes"),
            "catalog:attributes",
            Place.SETTINGS,
            MANAGE,
            "category",
            69,
            words=_("colour size values merge"),
        ),
        Page(
            "catalog.measures",
            _("Units and tax classes"),
            "catalog:measures",
            Place.SETTINGS,
            MANAGE,
            "ruler",
            70,
        ),
        Page(
            "catalog.new",
            _("New product"),
            "catalog:product-new",
            Place.GOODS,
            MANAGE,
            "plus",
            is_command=True,
            words=_("enter add goods service ring"),
        ),
        Page(
            "catalog.buy_back",
            _("Buy-back calculator"),
            "catalog:buy-back",
            Place.GOODS,
            VIEW,
            "scale",
            is_command=True,
            words=_("old gold"),
        ),
    ):
        navigation.register(page)
