"""Attributes and their values: colour, size, material."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import (
    Attribute,
    AttributeValue,
    Product,
    ProductAttribute,
    Variant,
    VariantValue,
)
from dianke.catalog.rules.variants import MOST_AXES, label_of
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.core.search_words import words_of
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, step, unchanged

MANAGE = "catalog.manage_products"


class AttributeNameTaken(Conflict):
    code = "attribute_name_taken"
    message = _("There is an attribute “%(name)s” already. Use it, or choose another name.")
    default_field = "name"


class AttributeNameMissing(InvalidInput):
    code = "attribute_name_missing"
    message = _("Give the attribute a name, such as colour or size.")
    default_field = "name"


class ValueNameTaken(Conflict):
    code = "attribute_value_taken"
    message = _("“%(name)s” is there already. Choose another name.")
    default_field = "name"


class ValueNameMissing(InvalidInput):
    code = "attribute_value_name_missing"
    message = _("Give the value a name, such as red or L.")
    default_field = "name"


class ValueInUse(Conflict):
    code = "attribute_value_in_use"
    message = _("Variants have “%(name)s”. Merge it into another value, or leave it.")
    default_field = "name"


class AttributeInUse(Conflict):
    code = "attribute_in_use"
    message = _("Products are told apart by “%(name)s”. Merge it into another attribute, or leave it.")
    default_field = "name"


class MergedIntoOther(InvalidInput):
    code = "attribute_merge_wrong"
    message = _("Choose another value of the same attribute, or another attribute.")
    default_field = "into"


class BothOnProduct(Conflict):
    code = "attributes_both_on_product"
    message = _("“%(product)s” has both, and its variants would become the same. Leave the two apart.")
    default_field = "into"


class SortNamesOtherValues(InvalidInput):
    code = "attribute_sort_names_others"
    message = _("The order names others than there are. Load the page again.")
    default_field = "order"


@operation(MANAGE)
def add_attribute(*, name: str, values: Sequence[str] = (), actor: Actor, now: datetime) -> Attribute:
    """A new attribute with its values in their order. Raises `AttributeNameTaken`, `AttributeNameMissing`."""
    name = " ".join(name.split())
    if not name:
        raise AttributeNameMissing()
    if Attribute.objects.filter(name=name).exists():
        raise AttributeNameTaken(name=name)
    attribute = Attribute.objects.create(name=name, position=Attribute.objects.count())
    make_values(attribute=attribute, names=values)
    record("catalog.attribute_added", attribute, actor=actor, now=now, data={"name": name})
    return attribute


@operation(MANAGE)
def rename_attribute(*, attribute: Attribute, name: str, actor: Actor, now: datetime) -> Attribute:
    """Another name, everywhere."""
    name = " ".join(name.split())
    if not name:
        raise AttributeNameMissing()
    if Attribute.objects.filter(name=name).exclude(pk=attribute.pk).exists():
        raise AttributeNameTaken(name=name)
    changes = apply_changes(attribute, {"name": name})
    if not changes:
        unchanged()
        return attribute
    record("catalog.attribute_changed", attribute, actor=actor, now=now, data={"changes": changes})
    return attribute


@operation(MANAGE)
def add_attribute_values(
    *, attribute: Attribute, names: Sequence[str], actor: Actor, now: datetime
) -> Attribute:
    """Further values at the end; those that are there already stay."""
    made = make_values(attribute=Attribute.objects.select_for_update().get(pk=attribute.pk), names=names)
    if not made:
        unchanged()
        return attribute
    record(
        "catalog.attribute_values_added",
        attribute,
        actor=actor,
        now=now,
        data={"name": attribute.name, "values": [value.name for value in made]},
    )
    return attribute


@operation(MANAGE)
def rename_attribute_value(
    *, value: AttributeValue, name: str, actor: Actor, now: datetime
) -> AttributeValue:
    """Another name, also in the labels of the variants that have it. Raises `ValueNameTaken`, `ValueNameMissing`,
    `BothOnProduct`."""
    name = " ".join(name.split())[:40]
    if not name:
        raise ValueNameMissing()
    value = AttributeValue.objects.select_for_update().get(pk=value.pk)
    if value.name == name:
        unchanged()
        return value
    if AttributeValue.objects.filter(attribute=value.attribute_id, name=name).exists():
        raise ValueNameTaken(name=name)
    changes = apply_changes(value, {"name": name})
    count = relabel(variant_ids=_variants_with(value), now=now)
    data = {"values": changes["name"], "variants": count}
    record("catalog.attribute_changed", value.attribute, actor=actor, now=now, data=data)
    return value


# --- order -----------------------------------------------------------------------------------------------------------
@operation(MANAGE)
def sort_attributes(*, order: Sequence[int], actor: Actor, now: datetime) -> list[Attribute]:
    """The order in which attributes are offered: `order` names each once. Raises `SortNamesOtherValues`."""
    rows = {row.pk: row for row in Attribute.objects.select_for_update().order_by("pk")}
    if not _sorted(rows, order):
        return [rows[pk] for pk in order]
    Attribute.objects.bulk_update(rows.values(), ["position"])
    record("catalog.attributes_sorted", rows[order[0]], actor=actor, now=now, data={"order": list(order)})
    return [rows[pk] for pk in order]


@operation(MANAGE)
def sort_attribute_values(
    *, attribute: Attribute, order: Sequence[int], actor: Actor, now: datetime
) -> Attribute:
    """The order of the values of an attribute (S, M, L): `order` names each once. Raises `SortNamesOtherValues`."""
    attribute = Attribute.objects.select_for_update().get(pk=attribute.pk)
    rows = {row.pk: row for row in attribute.values.all()}
    if not _sorted(rows, order):
        return attribute
    AttributeValue.objects.bulk_update(rows.values(), ["position"])
    data = {"name": attribute.name, "order": list(order)}
    record("catalog.attribute_values_sorted", attribute, actor=actor, now=now, data=data)
    return attribute


def _sorted(rows: Mapping[int, Attribute] | Mapping[int, AttributeValue], order: Sequence[int]) -> bool:
    """Set the places; False when nothing moves."""
    if set(order) != set(rows) or len(order) != len(rows):
        raise SortNamesOtherValues()
    if all(rows[pk].position == position for position, pk in enumerate(order)):
        unchanged()
        return False
    for position, pk in enumerate(order):
        rows[pk].position = position
    return True


# --- putting in order what imports left ------------------------------------------------------------------------------
@operation(MANAGE)
def merge_attribute_values(
    *, value: AttributeValue, into: AttributeValue, actor: Actor, now: datetime
) -> AttributeValue:
    """Variants that have one value have the other from now on, and say so in their labels; the first is gone.
    Raises `MergedIntoOther`; `BothOnProduct` where a product would have two variants that are the same."""
    if value.pk == into.pk or value.attribute_id != into.attribute_id:
        raise MergedIntoOther()
    attribute = Attribute.objects.select_for_update().get(pk=value.attribute_id)
    variant_ids = _variants_with(value)
    VariantValue.objects.filter(value=value).update(value=into)
    count = relabel(variant_ids=variant_ids, now=now)
    name = value.name
    AttributeValue.objects.filter(pk=value.pk).delete()
    data = {"name": name, "into": into.name, "variants": count}
    record("catalog.attribute_value_merged", attribute, actor=actor, now=now, data=data)
    return into


@operation(MANAGE)
def merge_attributes(*, attribute: Attribute, into: Attribute, actor: Actor, now: datetime) -> Attribute:
    """Make two attributes one: values of the same name become one, the others go along; products are told apart by the
    kept one. Raises `MergedIntoOther`; `BothOnProduct` for a product that is told apart by both."""
    if attribute.pk == into.pk:
        raise MergedIntoOther()
    rows = {row.pk: row for row in Attribute.objects.select_for_update().order_by("pk")}
    gone, kept = rows[attribute.pk], rows[into.pk]
    both = Product.objects.filter(axes__attribute=gone).filter(axes__attribute=kept).first()
    if both is None:
        variant = (
            Variant.objects.filter(variant_values__attribute=gone)
            .filter(variant_values__attribute=kept)
            .select_related("product")
            .first()
        )
        both = variant.product if variant else None
    if both is not None:
        raise BothOnProduct(product=both.name)
    values = list(gone.values.all())
    make_values(attribute=kept, names=[value.name for value in values])
    known = {value.name: value for value in kept.values.all()}
    for value in values:
        VariantValue.objects.filter(value=value).update(attribute=kept, value=known[value.name])
    products = set(ProductAttribute.objects.filter(attribute=gone).values_list("product_id", flat=True))
    ProductAttribute.objects.filter(attribute=gone).update(attribute=kept)
    Product.objects.filter(pk__in=products).update(changed_at=now)
    data = {"name": gone.name, "into": kept.name, "products": len(products)}
    record("catalog.attribute_merged", kept, also=[gone], actor=actor, now=now, data=data)
    Attribute.objects.filter(pk=gone.pk).delete()
    return kept


@operation(MANAGE)
def remove_attribute_value(*, value: AttributeValue, actor: Actor, now: datetime) -> None:
    """Forget a value no variant has. Raises `ValueInUse`."""
    attribute = Attribute.objects.select_for_update().get(pk=value.attribute_id)
    if value.variant_values.exists():
        raise ValueInUse(name=value.name)
    data = {"name": attribute.name, "value": value.name}
    record("catalog.attribute_value_removed", attribute, actor=actor, now=now, data=data)
    AttributeValue.objects.filter(pk=value.pk).delete()


@operation(MANAGE)
def remove_attribute(*, attribute: Attribute, actor: Actor, now: datetime) -> None:
    """Forget an attribute no product is told apart by. Raises `AttributeInUse`."""
    attribute = Attribute.objects.select_for_update().get(pk=attribute.pk)
    is_used = ProductAttribute.objects.filter(attribute=attribute).exists()
    if is_used or VariantValue.objects.filter(attribute=attribute).exists():
        raise AttributeInUse(name=attribute.name)
    data = {"name": attribute.name, "values": [value.name for value in attribute.values.all()]}
    record("catalog.attribute_removed", attribute, actor=actor, now=now, data=data)
    Attribute.objects.filter(pk=attribute.pk).delete()


def _variants_with(value: AttributeValue) -> list[int]:
    return list(value.variant_values.order_by("variant_id").values_list("variant_id", flat=True))


@step
def relabel(*, variant_ids: Sequence[int], now: datetime) -> int:
    """Labels and search words of variants follow the names of their values; a fixed number of statements. Returns how
    many labels changed. Raises `BothOnProduct` where a product would have the same label twice."""
    if not variant_ids:
        return 0
    products = set(Variant.objects.filter(pk__among=variant_ids).values_list("product_id", flat=True))
    places = {
        (axis.product_id, axis.attribute_id): axis.position
        for axis in ProductAttribute.objects.filter(product_id__among=products)
    }
    rows = list(
        Variant.objects.filter(product_id__among=products)
        .select_related("product")
        .prefetch_related("variant_values__value")
        .order_by("product_id", "pk")
    )
    wanted, changed = set(variant_ids), []
    for row in rows:
        if row.pk not in wanted:
            continue
        named = sorted(
            (places.get((row.product_id, each.attribute_id), MOST_AXES), each.pk, each.value.name)
            for each in row.variant_values.all()
        )
        label = label_of(name for _place, _pk, name in named)[:120]
        if label != row.label:
            row.label = label
            row.search_words = words_of(getattr(row, name) for name in Variant.words_from)
            changed.append(row)
    seen: dict[tuple[int, str], Variant] = {}
    for row in rows:
        if seen.setdefault((row.product_id, row.label), row) is not row:
            raise BothOnProduct(product=row.product.name)
    Variant.objects.bulk_update(changed, ["label", "search_words"], batch_size=500)
    Product.objects.filter(pk__in={row.product_id for row in changed}).update(changed_at=now)
    return len(changed)


@step
def attribute_with(*, name: str, values: Sequence[str]) -> tuple[Attribute, list[AttributeValue]]:
    """The attribute of this name with these values, made where they are missing. Raises `AttributeNameMissing`."""
    name = " ".join(name.split())[:20]
    if not name:
        raise AttributeNameMissing()
    attribute = Attribute.objects.select_for_update().filter(name=name).first()
    if attribute is None:
        attribute = Attribute.objects.create(name=name, position=Attribute.objects.count())
    make_values(attribute=attribute, names=values)
    rows: dict[str, AttributeValue] = {
        row.name: row for row in AttributeValue.objects.filter(attribute=attribute)
    }
    wanted = dict.fromkeys(" ".join(value.split())[:40] for value in values)
    return attribute, [rows[value] for value in wanted if value]


@step
def make_values(*, attribute: Attribute, names: Sequence[str]) -> list[AttributeValue]:
    """Those of the names that are not there yet."""
    known = set(attribute.values.values_list("name", flat=True))
    wanted = [name for name in dict.fromkeys(" ".join(name.split())[:40] for name in names) if name]
    return AttributeValue.objects.bulk_create(
        AttributeValue(attribute=attribute, name=name, position=len(known) + number)
        for number, name in enumerate(name for name in wanted if name not in known)
    )
