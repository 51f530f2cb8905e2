"""The variants of a product: its matrix of attributes, what one variant is called and costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import (
    Attribute,
    AttributeValue,
    Product,
    ProductAttribute,
    Variant,
    VariantValue,
)
from dianke.catalog.operations.attributes import attribute_with
from dianke.catalog.operations.locking import lock_product, touch
from dianke.catalog.rules.variants import Axis, matrix, new_code
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.core.search_words import words_of
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, step, unchanged

MANAGE = "catalog.manage_products"
PRICES = "catalog.manage_prices"
CHANGEABLE = frozenset({"code", "position", "is_active", "scale_code"})


class SkuTaken(Conflict):
    code = "sku_taken"
    message = _("SKU %(sku)s already belongs to “%(name)s”. Choose another.")
    default_field = "code"


class ScaleCodeTaken(Conflict):
    code = "scale_code_taken"
    message = _("Number %(number)s on the scale already belongs to “%(name)s”. Choose another.")
    default_field = "scale_code"


class ScaleCodeWrong(InvalidInput):
    code = "scale_code_wrong"
    message = _("The number on the scale has digits only, at most 8.")
    default_field = "scale_code"


class ValueOfOtherAttribute(InvalidInput):
    code = "value_of_other_attribute"
    message = _("“%(value)s” is not a value of “%(attribute)s”. Choose one of its own.")
    default_field = "axes"


class LastVariant(Conflict):
    code = "last_variant"
    message = _("This is the only variant in use. Put the product away instead.")
    default_field = "is_active"


class PriceBelowZero(InvalidInput):
    code = "price_below_zero"
    message = _("A price is not below zero. Enter zero or more.")
    default_field = "price_amount"


@dataclass(slots=True)
class Laid:
    """What laying a matrix did: variants made, brought back into use, taken out of use."""

    made: list[Variant] = field(default_factory=list)
    revived: list[Variant] = field(default_factory=list)
    retired: list[Variant] = field(default_factory=list)
    relabelled: list[Variant] = field(default_factory=list)
    has_new_axes: bool = False

    @property
    def is_nothing(self) -> bool:
        return not (self.made or self.revived or self.retired or self.relabelled or self.has_new_axes)


Axes = Sequence[tuple[Attribute, Sequence[AttributeValue]]]


@operation(MANAGE)
def set_matrix(*, product: Product, axes: Axes, actor: Actor, now: datetime) -> Product:
    """Give a product these attributes with these values: the variants that are missing are made with the price of the
    first, those outside the matrix go out of use, those that come back come into use again. A product that had one
    variant without label keeps it (with its stock and barcodes) as the first of the matrix."""
    return _change_matrix(lock_product(product.pk), axes, actor, now)


@operation(MANAGE)
def set_matrix_by_names(
    *, product: Product, axes: Sequence[tuple[str, Sequence[str]]], actor: Actor, now: datetime
) -> Product:
    """`set_matrix` of attributes and values by their names; what there is not yet is made. Raises what it raises."""
    product = lock_product(product.pk)
    known = [attribute_with(name=name, values=values) for name, values in axes]
    return _change_matrix(product, known, actor, now)


def _change_matrix(product: Product, axes: Axes, actor: Actor, now: datetime) -> Product:
    first = product.variants.order_by("position", "pk").first()
    laid = lay_matrix(product=product, axes=axes, price_amount=first.price_amount if first else None)
    if laid.is_nothing:
        unchanged()
        return product
    touch(product, now)
    record(
        "catalog.variants_laid_out",
        product,
        actor=actor,
        now=now,
        data={
            "name": product.name,
            "attributes": [attribute.name for attribute, _values in axes],
            "made": [variant.code for variant in laid.made],
            "revived": [variant.code for variant in laid.revived],
            "retired": [variant.code for variant in laid.retired],
        },
    )
    return product


@operation(PRICES)
def set_base_prices(
    *, product: Product, prices: Sequence[tuple[Variant, int | None]], actor: Actor, now: datetime
) -> int:
    """Base prices of several variants of a product. Returns how many changed. Raises `PriceBelowZero`."""
    if any(price is not None and price < 0 for _variant, price in prices):
        raise PriceBelowZero()
    product = lock_product(product.pk)
    wanted = {variant.pk: price for variant, price in prices}
    rows = list(product.variants.select_for_update().filter(pk__in=wanted).order_by("pk"))
    changed = [row for row in rows if row.price_amount != wanted[row.pk]]
    if not changed:
        unchanged()
        return 0
    told = {row.code: [row.price_amount, wanted[row.pk]] for row in changed}
    for row in changed:
        row.price_amount = wanted[row.pk]
    Variant.objects.bulk_update(changed, ["price_amount"])
    touch(product, now)
    data = {"name": product.name, "count": len(changed), "prices": told}
    record("catalog.base_prices_set", product, also=changed, actor=actor, now=now, data=data)
    return len(changed)


@step
def lay_matrix(*, product: Product, axes: Axes, price_amount: int | None) -> Laid:
    """The rows of `set_matrix`; the product is the caller's, locked or new."""
    if price_amount is not None and price_amount < 0:
        raise PriceBelowZero()
    for attribute, values in axes:
        for value in values:
            if value.attribute_id != attribute.pk:
                raise ValueOfOtherAttribute(value=value.name, attribute=attribute.name)
    cells = matrix(
        [Axis(attribute.name, tuple(dict.fromkeys(v.name for v in values))) for attribute, values in axes]
    )
    by_name = [{value.name: value for value in values} for _attribute, values in axes]
    present = {variant.label: variant for variant in product.variants.select_for_update().order_by("pk")}
    laid = Laid(has_new_axes=_set_axes(product, [attribute for attribute, _values in axes]))
    if set(present) == {""} and cells[0].label:
        alone = present.pop("")
        alone.label = cells[0].label
        alone.product = product
        alone.save(update_fields=["label"])
        present[alone.label] = alone
        _give_values([(alone, cells[0].values)], by_name)
        laid.relabelled.append(alone)
    taken = set(Variant.objects.filter(code__startswith=product.code[:40]).values_list("code", flat=True))
    fresh: list[tuple[Variant, tuple[str, ...]]] = []
    for position, cell in enumerate(cells):
        known = present.pop(cell.label, None)
        if known is not None:
            if not known.is_active or known.position != position:
                if not known.is_active:
                    laid.revived.append(known)
                known.is_active, known.position = True, position
                known.save(update_fields=["is_active", "position"])
            continue
        code = new_code(product.code, cell.ending, taken)
        taken.add(code)
        variant = Variant(
            product=product, code=code, label=cell.label, position=position, price_amount=price_amount
        )
        variant.search_words = words_of(getattr(variant, name) for name in Variant.words_from)
        fresh.append((variant, cell.values))
    laid.made = Variant.objects.bulk_create([variant for variant, _values in fresh])
    _give_values(fresh, by_name)
    laid.retired = [variant for variant in present.values() if variant.is_active]
    Variant.objects.filter(pk__in=[variant.pk for variant in laid.retired]).update(is_active=False)
    return laid


def _set_axes(product: Product, attributes: Sequence[Attribute]) -> bool:
    wanted = [attribute.pk for attribute in attributes]
    present = list(product.axes.order_by("position", "pk").values_list("attribute_id", flat=True))
    if wanted == present:
        return False
    product.axes.all().delete()
    ProductAttribute.objects.bulk_create(
        ProductAttribute(product=product, attribute=attribute, position=position)
        for position, attribute in enumerate(attributes)
    )
    return True


def _give_values(
    variants: Sequence[tuple[Variant, tuple[str, ...]]], by_name: Sequence[Mapping[str, AttributeValue]]
) -> None:
    VariantValue.objects.bulk_create(
        VariantValue(variant=variant, attribute_id=known[name].attribute_id, value=known[name])
        for variant, names in variants
        for known, name in zip(by_name, names, strict=True)
    )


@operation(MANAGE)
def change_variant(*, variant: Variant, values: Mapping[str, Any], actor: Actor, now: datetime) -> Variant:
    """Another SKU, place, number on the scale; in or out of use. Raises `SkuTaken`, `ScaleCodeTaken`, `LastVariant`."""
    product = lock_product(variant.product_id)
    variant = Variant.objects.select_for_update().get(pk=variant.pk)
    variant.product = product
    given = {name: value for name, value in values.items() if name in CHANGEABLE}
    others = Variant.objects.exclude(pk=variant.pk)
    if "code" in given and (taken := others.filter(code=given["code"]).first()):
        raise SkuTaken(sku=given["code"], name=str(taken))
    if number := given.get("scale_code"):
        if not (number.isascii() and number.isdecimal() and len(number) <= 8):
            raise ScaleCodeWrong()
        if taken := others.filter(scale_code=number).first():
            raise ScaleCodeTaken(number=number, name=str(taken))
    if given.get("is_active") is False and not others.filter(product=product, is_active=True).exists():
        raise LastVariant()
    changes = apply_changes(variant, given)
    if not changes:
        unchanged()
        return variant
    touch(product, now)
    record(
        "catalog.variant_changed", variant, also=[product], actor=actor, now=now, data={"changes": changes}
    )
    return variant


@operation(PRICES)
def set_base_price(*, variant: Variant, price_amount: int | None, actor: Actor, now: datetime) -> Variant:
    """The base retail price of a variant in minor units, tax included; None: priced by the day or not yet."""
    if price_amount is not None and price_amount < 0:
        raise PriceBelowZero()
    product = lock_product(variant.product_id)
    variant = Variant.objects.select_for_update().get(pk=variant.pk)
    changes = apply_changes(variant, {"price_amount": price_amount})
    if not changes:
        unchanged()
        return variant
    touch(product, now)
    record("catalog.base_price_set", variant, also=[product], actor=actor, now=now, data={"changes": changes})
    return variant
