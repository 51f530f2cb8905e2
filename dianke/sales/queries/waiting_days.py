"""Which days of which stores wait to be closed: something happened and nobody closed, or something came since."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection


@dataclass(frozen=True, slots=True)
class WaitingDay:
    """A business date of a store. `closed_at` is that of its last close, `closes` how many there are, `last_at` when
    the newest of its sales, payments, refunds and cash movements arrived, `running` how many of its shifts run,
    `sold_amount` what its sales come to."""

    store_id: int
    day: date
    last_at: datetime | None
    closed_at: datetime | None
    closes: int
    running: int
    sold_amount: int

    @property
    def is_late(self) -> bool:
        """Something arrived after it was closed: a supplement takes it up."""
        return self.closed_at is not None and self.last_at is not None and self.last_at > self.closed_at

    @property
    def is_waiting(self) -> bool:
        return self.closed_at is None or self.is_late


_SQL = """
WITH happened AS (
    SELECT o.store_id, o.business_date, o.recorded_at AS at, o.total_amount AS sold FROM sales_order AS o
    WHERE o.store_id = ANY(%(stores)s) AND o.business_date >= %(since)s AND o.occurred_at >= %(from)s
      AND o.state <> 'DRAFT'
      -- Sales of before this system, brought in complete: their days were closed where they were made.
      AND (o.register_id IS NOT NULL OR o.device_id IS NOT NULL OR o.recorded_at < o.occurred_at + interval '1 day')
    UNION ALL
    SELECT o.store_id, p.business_date, p.taken_at, 0 FROM sales_payment AS p JOIN sales_order AS o ON o.id = p.order_id
    WHERE o.store_id = ANY(%(stores)s) AND p.business_date >= %(since)s AND p.business_date > o.business_date
      AND p.state = 'TAKEN'
    UNION ALL
    SELECT o.store_id, r.business_date, r.made_at, 0 FROM sales_refund AS r JOIN sales_order AS o ON o.id = r.order_id
    WHERE o.store_id = ANY(%(stores)s) AND r.business_date >= %(since)s
    UNION ALL
    SELECT s.store_id, m.business_date, m.made_at, 0 FROM sales_cashmovement AS m
    JOIN sales_shift AS s ON s.id = m.shift_id
    WHERE s.store_id = ANY(%(stores)s) AND s.business_date >= %(since)s
    UNION ALL
    SELECT s.store_id, s.business_date, s.opened_at, 0 FROM sales_shift AS s
    WHERE s.store_id = ANY(%(stores)s) AND s.business_date >= %(since)s),
day AS (
    SELECT store_id, business_date, max(at) AS last_at, sum(sold)::bigint AS sold
    FROM happened GROUP BY store_id, business_date),
closed AS (
    SELECT c.store_id, c.business_date, max(c.closed_at) AS closed_at, count(*) AS closes FROM sales_dayclose AS c
    WHERE c.store_id = ANY(%(stores)s) AND c.business_date >= %(since)s GROUP BY c.store_id, c.business_date),
running AS (
    SELECT s.store_id, s.business_date, count(*) AS running FROM sales_shift AS s
    WHERE s.store_id = ANY(%(stores)s) AND s.state <> 'CLOSED' GROUP BY s.store_id, s.business_date)
SELECT d.store_id, d.business_date, d.last_at, c.closed_at, coalesce(c.closes, 0), coalesce(r.running, 0), d.sold
FROM day AS d LEFT JOIN closed AS c USING (store_id, business_date)
LEFT JOIN running AS r USING (store_id, business_date)
WHERE c.closed_at IS NULL OR d.last_at > c.closed_at
ORDER BY d.business_date, d.store_id
"""


def waiting_days(store_ids: Collection[int], *, since: date, began: datetime) -> list[WaitingDay]:
    """The days from `since` on (which began at `began` at the earliest store) that wait, the oldest first. One
    statement."""
    if not store_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"stores": sorted(store_ids), "since": since, "from": began})
        return [WaitingDay(*row) for row in cursor.fetchall()]
