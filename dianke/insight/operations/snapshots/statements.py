"""What PostgreSQL is asked for the tables of a snapshot, and which orders and customers events have touched."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import connection

from dianke.events.commit_order import Position

# The shares of people are cut cumulatively, as sales reports cut them, so that the parts of a row add up to it.
_FACTS = """
SELECT t.id, coalesce(row_number() OVER w, 1) AS part, t.kind, t.order_id, t.sale_return_id, t.store_id,
       t.business_date, extract(hour FROM t.occurred_at AT TIME ZONE s.time_zone)::int, t.channel, t.customer_id,
       coalesce(p.user_id, t.made_by_id), t.variant_id, t.line_kind,
       round(t.quantity * {share} / 10000, 8),
       round(t.list_amount * {upto} / 10000.0) - round(t.list_amount * ({upto} - {share}) / 10000.0),
       round(t.amount * {upto} / 10000.0) - round(t.amount * ({upto} - {share}) / 10000.0),
       round(t.tax_amount * {upto} / 10000.0) - round(t.tax_amount * ({upto} - {share}) / 10000.0),
       round(t.cost * {share} / 10000, 10)
FROM sales_turnover AS t JOIN stores_store AS s ON s.id = t.store_id
LEFT JOIN sales_lineperson AS p ON p.line_id = t.line_id
WHERE {where}
WINDOW w AS (PARTITION BY t.id ORDER BY p.id)
""".replace("{share}", "coalesce(p.share_bp, 10000)").replace(
    "{upto}", "coalesce(sum(p.share_bp) OVER w, 10000)"
)

_ORDERS = """
SELECT t.id, t.store_id, t.customer_id, t.channel, t.state, t.business_date, t.total_amount
FROM sales_order AS t WHERE {where}
"""

_DAYS = (
    "t.store_id = ANY(%(stores)s) AND t.business_date >= %(first)s::date AND t.business_date < %(next)s::date"
)

#: By table: a month of it, and the rows of some orders.
OF_MONTH = {"facts": _FACTS.format(where=_DAYS), "orders": _ORDERS.format(where=_DAYS)}
OF_ORDERS = {
    "facts": _FACTS.format(where="t.order_id = ANY(%(orders)s)"),
    "orders": _ORDERS.format(where="t.id = ANY(%(orders)s)"),
}
WHOLE = {
    "customers": """
        SELECT c.id, coalesce(c.merged_into_id, c.id), c.state NOT IN ('ERASED', 'REMOVED'), m.level_id
        FROM customers_customer AS c
        LEFT JOIN loyalty_membership AS m ON m.customer_id = coalesce(c.merged_into_id, c.id)""",
    "variants": """
        SELECT v.id, v.product_id, p.category_id, p.brand_id, p.unit_id, u.kind = 'COUNT'
        FROM catalog_variant AS v JOIN catalog_product AS p ON p.id = v.product_id
        JOIN catalog_unit AS u ON u.id = p.unit_id""",
    "stores": "SELECT id, currency FROM stores_store",
}

# Reports and imports of whole days name a store and its days instead of each order.
_TOUCHED = """
WITH seen AS (
    SELECT kind, store_id, subjects, data FROM events_event
    WHERE (era, xid, id) > (%(era)s, %(xid)s::text::xid8, %(event)s))
SELECT
    (SELECT coalesce(array_agg(DISTINCT split_part(kind, '.', 1)), '{}') FROM seen),
    (SELECT coalesce(array_agg(DISTINCT split_part(subject, ':', 2)::bigint), '{}')
     FROM seen, unnest(subjects) AS subject WHERE subject LIKE 'sales.order:%%'),
    (SELECT coalesce(array_agg(DISTINCT split_part(subject, ':', 2)::bigint), '{}')
     FROM seen, unnest(subjects) AS subject
     WHERE subject LIKE 'customers.customer:%%'
       AND kind ~ '^(sales\\.|customers\\..*(merged|separated|parted|erased))'),
    (SELECT min((data->>'first')::date) FROM seen WHERE kind LIKE 'sales.history%%' AND data ? 'first'),
    (SELECT max((data->>'last')::date) FROM seen WHERE kind LIKE 'sales.history%%' AND data ? 'last'),
    EXISTS (SELECT FROM seen AS e
            JOIN imports_importrun AS r ON e.subjects @> ARRAY[('imports.importrun:' || r.id)::varchar]
            WHERE e.kind IN ('imports.rows_settled', 'imports.rows_taken_back') AND r.importer = 'history')
"""


@dataclass(frozen=True, slots=True)
class Touched:
    """What events behind a position were about. `days`: whole days that were brought in at once. `is_reshaped`: past
    orders were matched with returns or taken back, which no event tells one by one."""

    rooms: frozenset[str]
    orders: tuple[int, ...]
    customers: tuple[int, ...]
    days: tuple[date, date] | None
    is_reshaped: bool = False


def touched_after(position: Position) -> Touched:
    """One statement. What committed beside a transaction that still runs is found now and once more later."""
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, {"era": position.era, "xid": str(position.xid), "event": position.event_id})
        rooms, orders, customers, first, last, is_reshaped = cursor.fetchone()
    days = (first, last) if first is not None and last is not None else None
    return Touched(frozenset(rooms), tuple(sorted(orders)), tuple(sorted(customers)), days, is_reshaped)


def is_known(position: Position) -> bool:
    """Whether the log has this place: not so when another database, or an older state of it, was put in place."""
    if position.event_id == 0:
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM events_event WHERE era = %s AND xid = %s::text::xid8 AND id = %s)",
            [position.era, str(position.xid), position.event_id],
        )
        return bool(cursor.fetchone()[0])


def months_of_sales() -> list[date]:
    """The first days of all months from the first to the last day anything was ordered, delivered or returned."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT generate_series(date_trunc('month', min(first)), max(last), interval '1 month')::date FROM (
                SELECT min(business_date) AS first, max(business_date) AS last FROM sales_order
                UNION ALL SELECT min(business_date), max(business_date) FROM sales_earnedline
                UNION ALL SELECT min(business_date), max(business_date) FROM sales_salereturn) AS days"""
        )
        return [row[0] for row in cursor.fetchall()]


def store_ids() -> Collection[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM stores_store")
        return [row[0] for row in cursor.fetchall()]
