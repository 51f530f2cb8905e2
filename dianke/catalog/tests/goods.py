"""Goods for the tests of the catalogue, made through its operations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dianke.catalog.models import Attribute, AttributeValue, Product, Variant
from dianke.catalog.operations.attributes import add_attribute
from dianke.catalog.operations.products import create_product
from dianke.core.actor import SYSTEM


def make_product(now: datetime, name: str, **more: Any) -> Product:
    """`make_product(now, "羊毛开衫", code="KS01", price_amount=39900)`."""
    parts = {key: more.pop(key) for key in ("price_amount", "barcode", "axes", "custom") if key in more}
    return create_product(values={"name": name, **more}, **parts, actor=SYSTEM, now=now)


def only_variant(product: Product) -> Variant:
    return Variant.objects.select_related("product").get(product=product)


def make_attribute(now: datetime, name: str, *values: str) -> tuple[Attribute, list[AttributeValue]]:
    made = add_attribute(name=name, values=values, actor=SYSTEM, now=now)
    return made, list(made.values.order_by("position"))
