"""How an order comes into the tables: one call of `sales_write` with everything that is part of it (migration 0002)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from dianke.core.prepared import prepared
from dianke.events.operations import step
from dianke.sales.models import Order, OrderLine, Payment

#: What numbers of papers begin with.
SALE, RETURN = "XS", "TH"
_ORDER = tuple(f.attname for f in Order._meta.concrete_fields if f.attname not in ("id", "number"))
_LINE = tuple(f.attname for f in OrderLine._meta.concrete_fields if f.attname not in ("id", "order_id"))
_PAYMENT = tuple(f.attname for f in Payment._meta.concrete_fields if f.attname not in ("id", "order_id"))


@dataclass(slots=True)
class Written:
    """An order about to be written. Rows of lines name their line by its position (`line_id`)."""

    order: Order
    lines: Sequence[OrderLine] = ()
    payments: Sequence[Payment] = ()
    adjustments: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    exceptions: list[dict[str, Any]] = field(default_factory=list)
    instalments: list[dict[str, Any]] = field(default_factory=list)


@step
def begin(*, uuid: UUID) -> Mapping[str, Any] | None:
    """Wait for whoever places the same order, then `{"id", "digest"}` of the one that stands, if any. One
    statement; the lock is held until the transaction ends."""
    with prepared() as cursor:
        cursor.execute("SELECT sales_begin(%s)", [uuid])
        row = cursor.fetchone()
    found = row[0] if row else None
    return json.loads(found) if isinstance(found, str) else found


@step
def write(*, content: Written) -> Order:
    """Write the order and number it. Last of an operation: the number's counter is held until the commit."""
    order = content.order
    batch = {
        "kind": SALE,
        "prefix": f"{SALE}-{order.store.code}-{order.business_date:%y%m%d}-",
        "order": _row(order, _ORDER),
        "lines": [_row(line, _LINE) for line in content.lines],
        "payments": [_row(payment, _PAYMENT) for payment in content.payments],
        "adjustments": content.adjustments,
        "people": content.people,
        "issues": content.issues,
        "changes": content.changes,
        "exceptions": content.exceptions,
        "instalments": content.instalments,
    }
    with prepared() as cursor:
        cursor.execute("SELECT sales_write(%s::jsonb)", [json.dumps(batch, cls=DjangoJSONEncoder)])
        row = cursor.fetchone()
    made = json.loads(row[0]) if isinstance(row[0], str) else row[0]
    order.pk, order.number = made["id"], made["number"]
    order._state.adding = False
    for line in content.lines:
        line.pk, line.order = made["lines"][str(line.position)], order
    for payment in content.payments:
        payment.pk, payment.order = made["payments"][str(payment.position)], order
    order.written = content
    return order


def _row(row: models.Model, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


@step
def next_number(*, kind: str, store_code: str, store_id: int, day: date) -> str:
    """The next number of a paper without gaps ("TH-HZ01-261122-0001"). Take it last."""
    with prepared() as cursor:
        cursor.execute(
            "INSERT INTO sales_ordercounter (store_id, kind, day, last) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (store_id, kind, day) DO UPDATE SET last = sales_ordercounter.last + 1 RETURNING last",
            [store_id, kind, day],
        )
        (last,) = cursor.fetchone()
    return f"{kind}-{store_code}-{day:%y%m%d}-{last:04}"
