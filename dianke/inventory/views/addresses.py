"""What the pages of stock share: addresses of pages that may not be there, quantities for people, the way up."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import pgettext

from dianke.catalog.models import Variant
from dianke.core.money import Money
from dianke.web.components import Crumb
from dianke.web.formats import money, number

COSTS = "catalog.view_costs"
ADJUST = "inventory.adjust_stock"
RECEIVE = "inventory.receive_goods"
TRANSFER = "inventory.transfer_goods"
SETTINGS = "inventory.manage_settings"


def address(name: str, *args: object, **query: object) -> str:
    """The address of a page that may not be there, with a query string; "" where it is not."""
    try:
        path = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    asked = {key: value for key, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(asked)}" if asked else path


def transfer_url(variant_id: int, from_store: int, to_store: int | None, quantity: Decimal | None) -> str:
    """The plan of a transfer between two stores, filled in; "" where transfers have no page."""
    ends = {"from": from_store, "to": to_store}
    asked = plain(quantity) if quantity else None
    return address("inventory:transfer-new", variant=variant_id, quantity=asked, **ends)


def plain(quantity: Decimal) -> str:
    """As one types it: without trailing zeros and without thousands."""
    return format(quantity.normalize(), "f")


def shown(quantity: Decimal) -> str:
    """A quantity for people."""
    return number(Decimal(plain(quantity)))


def signed(quantity: Decimal) -> str:
    """ "+3" or "-2"."""
    return f"+{shown(quantity)}" if quantity > 0 else shown(quantity)


def yuan(value: Decimal, digits: int = 2) -> str:
    """A value of stock for people; unit costs below a fen keep their digits."""
    rounded = round(value, digits)
    if digits > 2 and rounded != round(value, 2):
        return f"¥{number(rounded.normalize())}"
    return money(Money(round(value, 2), "CNY"))


def name_of(variant: Variant) -> str:
    """ "羊绒围巾 红 / L"; its product is loaded."""
    return f"{variant.product.name} {variant.label}".strip()


def stock_crumb() -> Crumb:
    return Crumb(pgettext("of goods", "Stock"), reverse("inventory:stock"))


def item_crumbs(variant: Variant) -> list[Crumb]:
    """The way to a page about an item."""
    return [stock_crumb(), Crumb(name_of(variant), reverse("inventory:item", args=[variant.pk]))]
