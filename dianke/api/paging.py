"""Cursor paging of list endpoints (see `dianke/core/paging.py` for the method)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from ninja import Field, Schema

from dianke.core.paging import keyset_page

T = TypeVar("T")


class CursorQuery(Schema):
    """`?limit=` 1 to 200 (50 when not given) and `?cursor=` from the page before."""

    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=2000)


class CursorPage(Schema, Generic[T]):
    """One page; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None = None


def cursor_page(queryset: QuerySet[Any], query: CursorQuery, *, order: Sequence[str]) -> dict[str, Any]:
    """The page `query` asks for, in `order`."""
    page = keyset_page(queryset, order=order, cursor=query.cursor, limit=query.limit)
    return {"items": page.items, "next_cursor": page.next_cursor}
