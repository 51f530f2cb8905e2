"""Definitions of custom fields as rules, forms, lists and the API take them."""

from __future__ import annotations

from dianke.access.models import User
from dianke.core.custom_fields import FieldSpec, FieldType, Option
from dianke.work.models import CustomField


def specs_of(model: str, trade: str | None = None) -> list[FieldSpec]:
    """Fields in use for a model. One query; one more for the names where a colleague can be chosen."""
    rows = list(CustomField.objects.for_model(model, trade))
    people: tuple[Option, ...] = ()
    if any(row.type == FieldType.STAFF for row in rows):
        everybody = User.objects.filter(staff__isnull=False).order_by("name", "pk")
        people = tuple(Option(str(user.pk), str(user), not user.is_active) for user in everybody)
    return [row.spec(people if row.type == FieldType.STAFF else None) for row in rows]
