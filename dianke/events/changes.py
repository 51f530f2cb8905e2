"""Changing a row and telling what changed, in the shape the log shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models


def plain(value: Any) -> Any:
    """A value as the event log keeps it: JSON, related rows by id, amounts and dates as text."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Decimal | date | datetime | time | UUID):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, bytes | memoryview):
        return "•"
    return value


def apply_changes(
    row: models.Model, values: Mapping[str, Any], *, private: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Set the fields of `row` that differ and save only those; returns `{field: [before, after]}`.

    Fields named in `private` (personal data) are listed with dots instead of their values. An empty answer
    means nothing differed and nothing was written.
    """
    changes: dict[str, Any] = {}
    for name, value in values.items():
        before = getattr(row, name)
        if before != value:
            setattr(row, name, value)
            changes[name] = ["•", "•"] if name in private else [plain(before), plain(value)]
    if changes:
        row.save(update_fields=list(changes))
    return changes
