"""The answer to a sale that was placed just now, from what was written: nothing is read again. It is the same the order
answers with later (a test compares them)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import models

from dianke.sales.models import LineAdjustment, Order, OrderLine, Payment, Refund


def just_sold(order: Order) -> Order | None:
    """The order with lines, adjustments and payments at hand; None when it was not this request that wrote it."""
    content = order.written
    if content is None:
        return None
    steps: dict[int, list[LineAdjustment]] = {}
    for row in content.adjustments:
        values = {name: value for name, value in row.items() if name != "line_id"}
        steps.setdefault(row["line_id"], []).append(LineAdjustment(**values))
    for line in content.lines:
        _as_stored(line)
        _at_hand(line, "adjustments", LineAdjustment, steps.get(line.position, []))
    _at_hand(order, "lines", OrderLine, content.lines)
    _at_hand(order, "payments", Payment, content.payments)
    _at_hand(order, "refunds", Refund, [])
    return order


def _at_hand(row: models.Model, name: str, of: type[models.Model], rows: Sequence[models.Model]) -> None:
    """As `prefetch_related` leaves it."""
    found: Any = of._default_manager.all()
    found._result_cache, found._prefetch_done = list(rows), True
    held: dict[str, Any] = row.__dict__.setdefault("_prefetched_objects_cache", {})
    held[name] = found


def _as_stored(row: models.Model) -> None:
    """Quantities with the places the table keeps."""
    for column in row._meta.concrete_fields:
        if isinstance(column, models.DecimalField):
            value = Decimal(getattr(row, column.attname))
            setattr(row, column.attname, value.quantize(Decimal(1).scaleb(-column.decimal_places)))
