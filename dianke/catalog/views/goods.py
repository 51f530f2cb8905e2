"""What the pages of the room share: what an address names, amounts and quantities for people."""

from __future__ import annotations

from decimal import Decimal

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from dianke.access.requests import Request
from dianke.catalog.models import Piece, Product, Variant
from dianke.core.money import Money
from dianke.web.components import Crumb
from dianke.web.formats import money, number

PRICES = "catalog.manage_prices"


def product_or_404(http: Request, pk: int) -> Product:
    """The product, if the person may see it."""
    rows = Product.objects.visible_to(http.actor).select_related("category", "brand", "unit", "tax_class")
    found: Product = get_object_or_404(rows, pk=pk)
    return found


def variant_or_404(http: Request, pk: int) -> Variant:
    """The variant with its product."""
    rows = Variant.objects.visible_to(http.actor).select_related("product")
    found: Variant = get_object_or_404(rows, pk=pk)
    return found


def piece_or_404(http: Request, pk: int) -> Piece:
    """The piece with its variant and product."""
    rows = Piece.objects.visible_to(http.actor).select_related("variant__product")
    found: Piece = get_object_or_404(rows, pk=pk)
    return found


def shown(minor: int | None, currency: str) -> str:
    """An amount for people, or nothing."""
    return "" if minor is None else money(Money.from_minor(minor, currency))


def plain(quantity: Decimal) -> str:
    """A quantity without trailing zeros."""
    return number(Decimal(format(quantity.normalize(), "f")))


def goods_crumb() -> Crumb:
    return Crumb(_("Goods"), reverse("catalog:products"))


def crumbs_to(product: Product) -> list[Crumb]:
    """The way to a page about a product."""
    return [goods_crumb(), Crumb(product.name, reverse("catalog:product", args=[product.pk]))]
