"""Rows of an approvable's arguments: found again from JSON, and as the state a change is asked for in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from dianke.core.errors import NotFound
from dianke.events.changes import plain

Arguments = Mapping[str, Any]


class SubjectGone(NotFound):
    code = "approval_subject_gone"
    message = gettext_lazy("What this request is about is gone. It has to be asked for again.")


def found(model: type[models.Model], pk: Any, lock: bool) -> Any:
    """The row, locked on demand. Raises `SubjectGone`; `ValueError` for what is no id."""
    if isinstance(pk, bool) or not isinstance(pk, int):
        raise ValueError(pk)
    rows = model._default_manager.all()
    row = (rows.select_for_update() if lock else rows).filter(pk=pk).first()
    if row is None:
        raise SubjectGone
    return row


def found_or_none(model: type[models.Model], pk: Any, lock: bool) -> Any:
    """The same where the argument may be left out."""
    return None if pk is None else found(model, pk, lock)


def facts(row: models.Model | None) -> dict[str, Any] | None:
    """All columns of a row as JSON: the state a change is asked for in. Sealed columns count by their bytes."""
    if row is None:
        return None
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {
        name: value.hex() if isinstance(value, bytes | memoryview) else plain(value)
        for name, value in values.items()
        if value is None or isinstance(value, str | int | bool | list | Decimal | date | bytes | memoryview)
    }


def key_of(row: models.Model | None) -> Any:
    return row.pk if row is not None else None


def written(value: date | None) -> str:
    return f"{value:%Y-%m-%d}" if value else "–"
