"""Numbers of orders and plans: per store, kind and year, without gaps, taken last."""

from __future__ import annotations

from datetime import date

from django.db import connection

from dianke.events.operations import step
from dianke.stores.models import Store

ORDER, PLAN = "CG", "JH"


@step
def next_number(*, store: Store, kind: str, day: date) -> str:
    """The next number ("CG-HZ01-26-0001"). The counter's row stays locked until the commit: take it last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO purchasing_ordercounter (store_id, kind, year, last) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (store_id, kind, year) DO UPDATE SET last = purchasing_ordercounter.last + 1"
            " RETURNING last",
            [store.pk, kind, day.year],
        )
        (last,) = cursor.fetchone()
    return f"{kind}-{store.code}-{day:%y}-{last:04}"
