"""What prices register: the words of their events and the importer of price lists."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import PriceList
from dianke.catalog.operations.price_lists import MANAGE
from dianke.catalog.providers.price_importer import register_price_importer
from dianke.events.registry import register_kind, register_rows

VIEW = "catalog.view_products"
#: Prices agreed with one customer are told only to who manages prices.
LISTS = {
    "price_list_created": _("Price list “%(name)s” created"),
    "price_list_changed": _("Price list “%(name)s” changed"),
    "price_list_archived": _("Price list “%(name)s” archived"),
    "price_list_restored": _("Price list “%(name)s” brought back"),
    "price_list_copied": _("Price list “%(name)s” made from “%(source)s”, %(count)s prices"),
    "prices_set": _("%(count)s prices set in the list “%(name)s”"),
    "prices_adjusted": _("%(count)s prices of the list “%(name)s” changed by %(percent)s%%"),
}
BOARD = {
    "board_set": _("Price board set, %(count)s metals"),
    "day_price_corrected": _("Price of the day corrected"),
    "day_price_locked": _("Price of the day locked"),
    "day_price_released": _("Locked price released"),
}


def register_prices() -> None:
    """Called once, when the app is ready."""
    for code, label in LISTS.items():
        register_kind(f"catalog.{code}", label, permission=MANAGE)
    for code, label in BOARD.items():
        register_kind(f"catalog.{code}", label, permission=VIEW)
    register_rows("catalog.pricelist", PriceList.objects.visible_to, "name")
    register_price_importer()
