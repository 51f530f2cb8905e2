"""Goods in the global search: by barcode, tag, SKU, name, pinyin."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Product
from dianke.catalog.queries.search import Found, find
from dianke.core.actor import Actor
from dianke.web import search

ICONS = {
    Product.Kind.GOODS: "package",
    Product.Kind.PIECE: "diamond",
    Product.Kind.SERVICE: "scissors",
    Product.Kind.BUNDLE: "gift",
    Product.Kind.MADE_TO_ORDER: "ruler",
}


def line_of(found: Found) -> search.Hit:
    """One product, variant or piece as a line of results. Raises NoReverseMatch while there are no pages."""
    variant = found.variant
    code = found.piece.tag if found.piece else variant.code
    return search.Hit(
        str(variant),
        reverse("catalog:product", args=[variant.product_id]),
        ICONS[Product.Kind(variant.product.kind)],
        note=code,
        kind=found.why,
    )


def hits(actor: Actor, query: str, limit: int) -> list[search.Hit]:
    """Each product once: its variants are on its page."""
    found: dict[int, Found] = {}
    for each in find(actor, query, limit * 4):
        found.setdefault(each.variant.product_id, each)
    try:
        return [line_of(each) for each in list(found.values())[:limit]]
    except NoReverseMatch:  # a product without the pages of this room
        return []


def register() -> None:
    """Called once, when the app is ready."""
    search.register(
        search.SearchProvider("catalog.products", _("Goods"), "catalog.view_products", hits, order=20)
    )
