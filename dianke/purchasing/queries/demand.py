"""Where the forecast comes from: whoever provided one, else the plain one over what the stock moved.

`provide_forecaster` is the port: a later room calls it from its `ready()` with an object of
`rules.forecasting.Forecaster`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from dianke.purchasing.rules.forecasting import (
    MOST_WEEKS,
    WEEK,
    Demand,
    Forecaster,
    History,
    Pattern,
    pattern,
)

_provided: Callable[[], Forecaster] | None = None


def provide_forecaster(make: Callable[[], Forecaster] | None) -> None:
    """Set who answers what will be needed: `make` is called once per plan. None: the plain one again."""
    global _provided
    _provided = make


def forecaster() -> Forecaster:
    """The forecast for one plan."""
    return _provided() if _provided else WeekdayForecaster()


class WeekdayForecaster:
    """The plain forecast: what went out to customers and into services on the same weekdays, returns taken off. Reads
    the movements of the last eight weeks once and keeps them, so one serves one plan."""

    name = "weekday"

    def __init__(self) -> None:
        self._patterns: dict[int, Pattern] = {}

    def demand(
        self, *, store_id: int, variant_ids: Collection[int], first: date, days: int
    ) -> Mapping[int, Demand]:
        """Demand on the `days` days from `first`, by variant; two queries for variants not asked about before."""
        unknown = [pk for pk in variant_ids if pk not in self._patterns]
        if unknown:
            for pk, history in sold_per_day(unknown, store_id=store_id, until=first).items():
                self._patterns[pk] = pattern(history)
        return {pk: self._patterns[pk].over(first, days) for pk in variant_ids}


def sold_per_day(variant_ids: Collection[int], *, store_id: int, until: date) -> dict[int, History]:
    """What went out per business day in the eight weeks before `until`, by variant. Goods that first moved in that time
    are known from that day on; goods that never moved here have no days."""
    window = until - timedelta(days=MOST_WEEKS * WEEK)
    sold: dict[int, dict[date, Decimal]] = {}
    known_from: dict[int, date] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT m.variant_id, m.business_date,
                   sum(CASE d.kind WHEN 'SALE_RETURN' THEN -m.quantity ELSE m.quantity END)
            FROM inventory_movement AS m
            JOIN inventory_document AS d ON d.id = m.document_id
            WHERE m.variant_id = ANY(%(variants)s) AND m.business_date >= %(window)s AND m.business_date < %(until)s
              AND d.store_id = %(store)s AND d.kind IN ('SALE', 'SALE_RETURN', 'CONSUMPTION')
              AND d.reverses_id IS NULL
              AND NOT EXISTS (SELECT FROM inventory_document AS r WHERE r.reverses_id = d.id)
            GROUP BY 1, 2
            """,
            {"variants": list(variant_ids), "window": window, "until": until, "store": store_id},
        )
        for variant_id, day, quantity in cursor.fetchall():
            sold.setdefault(variant_id, {})[day] = quantity
        cursor.execute(
            """
            SELECT m.variant_id, min(m.business_date)
            FROM inventory_movement AS m
            JOIN inventory_document AS d ON d.id = m.document_id
            WHERE m.variant_id = ANY(%(variants)s) AND d.store_id = %(store)s AND m.business_date < %(until)s
            GROUP BY 1
            """,
            {"variants": list(variant_ids), "until": until, "store": store_id},
        )
        known_from = dict(cursor.fetchall())
    return {
        pk: History(max(known_from.get(pk, until), window), until, sold.get(pk, {})) for pk in variant_ids
    }
