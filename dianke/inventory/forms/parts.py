"""What the forms and pages of stock share: places by name, quantities as people type and read them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.db.models import QuerySet

from dianke.inventory.models import Place
from dianke.web.formats import number

COSTS = "catalog.view_costs"


def shelves() -> QuerySet[Place]:
    """Every place of stock of a store that is open, in the order people know them."""
    rows = Place.objects.filter(kind=Place.Kind.STOCK, stock_place__is_active=True, store__closed_on=None)
    return rows.select_related("store__legal_entity").order_by("store__name", "store_id", "pk")


def place_label(place: Place) -> str:
    """ "西湖 · 仓库"."""
    return f"{place.store.short_name} · {place}" if place.store else str(place)


class PlaceField(forms.ModelChoiceField):
    """Chooses a place by the name people know it by."""

    def label_from_instance(self, obj: Any) -> str:
        return place_label(obj)


def plain(quantity: Decimal | None) -> str:
    """A quantity without trailing zeros, for people; "" for none."""
    return "" if quantity is None else number(Decimal(format(quantity.normalize(), "f")))


def typed(quantity: Decimal | None) -> str:
    """A quantity as one would type it."""
    return "" if quantity is None else format(quantity.normalize(), "f")


def signed(quantity: Decimal) -> str:
    """ "+3", "-2"."""
    return f"+{plain(quantity)}" if quantity > 0 else plain(quantity)


def read_quantity(text: str) -> Decimal | None:
    """What somebody typed, also with full-width digits; None for what is no number."""
    try:
        found = Decimal(text.strip().replace(",", "").replace("，", "").replace("。", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < 10**12 else None


def as_number(text: Any) -> int:
    """An id out of an address or a form; 0, which no row has, for what is none."""
    value = str(text or "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else 0
