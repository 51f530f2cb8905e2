"""Where the pages of the shop floor stand in the navigation."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from dianke.web import navigation
from dianke.web.navigation import Page, Place

VIEW, TRANSFER, COUNT = "inventory.view_stock", "inventory.transfer_goods", "inventory.count_stock"
CUSTODY = "inventory.manage_custody"


def register() -> None:
    """Called once, when the app is ready."""
    for page in (
        Page(
            "inventory.transfers",
            _("Transfers"),
            "inventory:transfers",
            Place.GOODS,
            VIEW,
            "truck",
            45,
            words=_("send goods other store receive"),
        ),
        Page(
            "inventory.counts",
            _("Stocktakes"),
            "inventory:counts",
            Place.GOODS,
            VIEW,
            "clipboard-check",
            50,
            words=_("count inventory check"),
        ),
        Page(
            "inventory.custody",
            _("Customers' goods"),
            "inventory:custody",
            Place.GOODS,
            CUSTODY,
            "briefcase",
            65,
            words=_("repair keep deposit take in give back"),
        ),
        Page(
            "inventory.transfer_new",
            _("New transfer"),
            "inventory:transfer-new",
            Place.GOODS,
            TRANSFER,
            "plus",
            is_command=True,
        ),
        Page(
            "inventory.count_new",
            _("New stocktake"),
            "inventory:count-new",
            Place.GOODS,
            COUNT,
            "plus",
            is_command=True,
        ),
        Page(
            "inventory.custody_new",
            _("Take in customer's goods"),
            "inventory:custody-new",
            Place.GOODS,
            CUSTODY,
            "plus",
            is_command=True,
        ),
    ):
        navigation.register(replace(page, module="inventory"))
