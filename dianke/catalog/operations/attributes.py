"""Attributes and their values: colour, size, material."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Attribute, AttributeValue
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
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


class ValueInUse(Conflict):
    code = "attribute_value_in_use"
    message = _(
        "Variants have “%(name)s”, so its name stays: their labels say it. Add another value instead."
    )
    default_field = "name"


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
    """Correct a value no variant has. Raises `ValueInUse`, `ValueNameTaken`."""
    name = " ".join(name.split())
    value = AttributeValue.objects.select_for_update().get(pk=value.pk)
    if value.name == name:
        unchanged()
        return value
    if value.variant_values.exists():
        raise ValueInUse(name=value.name)
    if AttributeValue.objects.filter(attribute=value.attribute_id, name=name).exists():
        raise ValueNameTaken(name=name)
    changes = apply_changes(value, {"name": name})
    record(
        "catalog.attribute_changed", value.attribute, actor=actor, now=now, data={"values": changes["name"]}
    )
    return value


@step
def make_values(*, attribute: Attribute, names: Sequence[str]) -> list[AttributeValue]:
    """Those of the names that are not there yet."""
    known = set(attribute.values.values_list("name", flat=True))
    wanted = [name for name in dict.fromkeys(" ".join(name.split())[:40] for name in names) if name]
    return AttributeValue.objects.bulk_create(
        AttributeValue(attribute=attribute, name=name, position=len(known) + number)
        for number, name in enumerate(name for name in wanted if name not in known)
    )
