"""Keyset paging, shared by lists and API: stable while rows are inserted, as fast on page 1,000 as on page 1.

A cursor holds the sort values of the row it stands behind, so a page begins after that row whatever has been
inserted before it. Sort fields may be null; a unique field always ends the order.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput

M = TypeVar("M", bound=Model)
_TYPES: dict[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "decimal": Decimal,
    "uuid": UUID,
}


class CursorNotUsable(InvalidInput):
    """The cursor was cut, changed, or made for another sort order."""

    code = "cursor_not_usable"
    message = _("This page link no longer fits the list. Start again from the first page.")
    default_field = "cursor"


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """`items` in list order; the cursors are None where there is nothing further in that direction."""

    items: list[M]
    next_cursor: str | None
    previous_cursor: str | None


def _packed(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, UUID):
        return {"uuid": str(value)}
    return value


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict):
        ((kind, text),) = value.items()
        return _TYPES[kind](text)
    return value


def _value(row: Model, path: str) -> Any:
    value: Any = row
    for part in path.split("__"):
        value = getattr(value, part, None)
    return value


def _encode(order: Sequence[str], row: Model, *, backwards: bool) -> str:
    values = [_packed(_value(row, name.lstrip("-"))) for name in order]
    text = json.dumps(
        {"o": list(order), "v": values, "b": backwards}, separators=(",", ":"), ensure_ascii=False
    )
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(order: Sequence[str], cursor: str) -> tuple[list[Any], bool]:
    try:
        raw = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if raw["o"] != list(order) or len(raw["v"]) != len(order):
            raise CursorNotUsable
        return [_unpacked(value) for value in raw["v"]], bool(raw["b"])
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, UnicodeError) as error:
        raise CursorNotUsable from error


def _beyond(name: str, value: Any, *, descending: bool) -> Q:
    """Rows after `value` in one column; nulls come last, whichever the direction of reading was."""
    if descending:
        return (
            Q(**{f"{name}__lt": value}) | Q(**{f"{name}__isnull": True})
            if value is not None
            else Q(pk__in=[])
        )
    return Q(**{f"{name}__gt": value}) | Q(**{f"{name}__isnull": True}) if value is not None else Q(pk__in=[])


def _before(name: str, value: Any, *, descending: bool) -> Q:
    if value is None:
        return Q(**{f"{name}__isnull": False})
    return Q(**{f"{name}__gt": value}) if descending else Q(**{f"{name}__lt": value})


def _may_be_null(model: type[Model], path: str) -> bool:
    """Whether the field at `path` can be null; annotations and what is not known count as nullable."""
    for part in path.split("__"):
        if part == "pk":
            return False
        try:
            field = model._meta.get_field(part)
        except FieldDoesNotExist:
            return True
        if getattr(field, "null", True):
            return True
        if field.related_model is not None and not isinstance(field.related_model, str):
            model = field.related_model
    return False


def with_tie_break(order: Sequence[str], unique: str = "pk") -> list[str]:
    """The order, ended by a unique field, so that no two rows are equal."""
    full = [*order]
    if not {unique, f"-{unique}", "id", "-id", "pk", "-pk"} & set(full):
        full.append(f"-{unique}" if full and full[0].startswith("-") else unique)
    return full


def ordering_of(model: type[Model], order: Sequence[str], *, backwards: bool = False) -> list[Any]:
    """For `order_by`: rows without a value come last, whichever way a column is sorted."""
    ordering: list[Any] = []
    for name in order:
        descending = name.startswith("-") != backwards
        expression = F(name.lstrip("-"))
        # Only where there can be nulls: elsewhere the words would keep an ordinary index from giving the order.
        nulls: dict[str, Any] = {}
        if _may_be_null(model, name.lstrip("-")):
            nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
        ordering.append(expression.desc(**nulls) if descending else expression.asc(**nulls))
    return ordering


def keyset_page(
    queryset: QuerySet[M],
    *,
    order: Sequence[str],
    cursor: str | None = None,
    limit: int = 50,
    unique: str = "pk",
) -> Page[M]:
    """One page of `queryset`.

    `order` names fields as `order_by` does ("-amount", "name"); `unique` is appended where missing. One query
    of `limit + 1` rows. Raises `CursorNotUsable`.
    """
    full = with_tie_break(order, unique)
    values, backwards = _decode(full, cursor) if cursor else ([], False)
    if values:
        step = _before if backwards else _beyond
        condition, equal = Q(pk__in=[]), Q()
        for name, value in zip(full, values, strict=True):
            path = name.lstrip("-")
            condition |= equal & step(path, value, descending=name.startswith("-"))
            equal &= Q(**{path: value}) if value is not None else Q(**{f"{path}__isnull": True})
        first = full[0].lstrip("-")
        if values[0] is not None and not _may_be_null(queryset.model, first):
            # Says nothing new, but lets an index on the first column begin at the cursor.
            side = "lte" if full[0].startswith("-") != backwards else "gte"
            condition &= Q(**{f"{first}__{side}": values[0]})
        queryset = queryset.filter(condition)
    rows = list(queryset.order_by(*ordering_of(queryset.model, full, backwards=backwards))[: limit + 1])
    has_more = len(rows) > limit
    rows = rows[:limit]
    if backwards:
        rows.reverse()
    behind, ahead = (has_more, True) if backwards else (bool(values), has_more)
    return Page(
        items=rows,
        next_cursor=_encode(full, rows[-1], backwards=False) if rows and ahead else None,
        previous_cursor=_encode(full, rows[0], backwards=True) if rows and behind else None,
    )
