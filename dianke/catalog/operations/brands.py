"""Brands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Brand
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged

MANAGE = "catalog.manage_products"


class BrandNameMissing(InvalidInput):
    code = "brand_name_missing"
    message = _("Give the brand a name.")
    default_field = "name"


class BrandNameTaken(Conflict):
    code = "brand_name_taken"
    message = _("There is a brand “%(name)s” already. Use it, or choose another name.")
    default_field = "name"


def _check(name: str, pk: int = 0) -> str:
    name = " ".join(name.split())
    if not name:
        raise BrandNameMissing()
    if Brand.objects.filter(name=name).exclude(pk=pk).exists():
        raise BrandNameTaken(name=name)
    return name


@operation(MANAGE)
def add_brand(*, name: str, aliases: str = "", actor: Actor, now: datetime) -> Brand:
    """A new brand. Raises `BrandNameTaken`, `BrandNameMissing`."""
    brand = Brand.objects.create(name=_check(name), aliases=aliases)
    record("catalog.brand_added", brand, actor=actor, now=now, data={"name": brand.name})
    return brand


@operation(MANAGE)
def change_brand(*, brand: Brand, values: Mapping[str, Any], actor: Actor, now: datetime) -> Brand:
    """Another name or other names it is found by; `is_archived` puts it away or brings it back."""
    brand = Brand.objects.select_for_update().get(pk=brand.pk)
    given = {name: value for name, value in values.items() if name in ("name", "aliases")}
    if "name" in given:
        given["name"] = _check(given["name"], brand.pk)
    if "is_archived" in values and values["is_archived"] != (brand.archived_at is not None):
        given["archived_at"] = now if values["is_archived"] else None
    changes = apply_changes(brand, given)
    if not changes:
        unchanged()
        return brand
    record("catalog.brand_changed", brand, actor=actor, now=now, data={"changes": changes})
    return brand
