"""Keeps `Purchase` true to the orders: what changed since the last time is made anew, order by order.

It reads the log by position (`events.commit_order`), so no order that commits late is missed, and writes after sales,
never in them. The first time everything is read, a hundred thousand orders at once.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from dianke.core.actor import Actor
from dianke.events.commit_order import Entry, Position, current_place, read_after
from dianke.events.operations import operation, unchanged
from dianke.segments.models import PurchasePlace

AT_ONCE = 5_000
FIRST_TIME = 100_000
_LOCK = 0x70757263  # any number nobody else locks

#: Of each line: what was kept, what it cost, and when it left.
_FOLD = """
WITH lines AS (
  SELECT o.id, o.customer_id, coalesce(c.merged_into_id, o.customer_id) AS head_id, o.store_id, o.channel,
    v.product_id, coalesce(e.day, o.business_date) AS day, l.fulfilled_quantity - l.returned_quantity AS quantity,
    coalesce(e.amount, l.paid_amount) - l.returned_amount AS amount
  FROM sales_order AS o
  JOIN customers_customer AS c ON c.id = o.customer_id
  JOIN sales_orderline AS l ON l.order_id = o.id
  LEFT JOIN catalog_variant AS v ON v.id = l.variant_id
  LEFT JOIN LATERAL (
    SELECT min(x.business_date) AS day, sum(x.amount) AS amount FROM sales_earnedline AS x WHERE x.line_id = l.id
  ) AS e ON TRUE
  WHERE {which} AND l.kind NOT IN ('TOP_UP', 'CARD') AND l.fulfilled_quantity > l.returned_quantity
)
INSERT INTO segments_purchase
  (order_id, product_id, head_id, customer_id, store_id, channel, day, quantity, amount)
SELECT id, CASE WHEN grouping(product_id) = 1 THEN 0 ELSE product_id END, head_id, customer_id, store_id, channel,
  min(day), sum(quantity), sum(amount)
FROM lines
GROUP BY GROUPING SETS ((id, head_id, customer_id, store_id, channel),
                        (id, head_id, customer_id, store_id, channel, product_id))
HAVING grouping(product_id) = 1 OR product_id IS NOT NULL
"""


@operation(None)
def fold_purchases(*, actor: Actor, now: datetime) -> int:
    """Reads on in the log, `AT_ONCE` events at most; how many it read, so 0 is the end. One at a time: who comes second
    leaves it to the first. What is worked out of what is there leaves no event."""
    unchanged()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    place = PurchasePlace.objects.first() or PurchasePlace()
    if not place.position:
        _fill(place, now)
        return 1
    entries = read_after(_position(place.position), limit=AT_ONCE)
    if entries:
        fold(entries)
        place.position = _text(entries[-1].position)
    place.read_at = now
    place.save()
    return len(entries)


def _fill(place: PurchasePlace, now: datetime) -> None:
    """Everything there is. Orders that are changed meanwhile are read again from where the log stood at the start."""
    start = current_place()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM segments_purchase")
        cursor.execute("SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM sales_order")
        first, last = cursor.fetchone()
        for lower in range(first, last + 1, FIRST_TIME):
            which = "o.id BETWEEN %s AND %s"
            cursor.execute(_FOLD.replace("{which}", which), [lower, lower + FIRST_TIME - 1])
    place.position, place.read_at = _text(start), now
    place.save()


def fold(entries: list[Entry]) -> None:
    """The orders and profiles these events are about, anew."""
    orders: set[int] = set()
    customers: set[int] = set()
    spans: list[tuple[int, str, str]] = []
    for entry in entries:
        event = entry.event
        if event.kind == "sales.history_brought_in":
            spans.append((int(event.store_id or 0), event.data["first"], event.data["last"]))
        elif event.kind.startswith("sales."):
            orders |= _ids(event.subjects, "sales.order:")
        elif event.kind in ("customers.customers_merged", "customers.customers_separated"):
            customers |= _ids(event.subjects, "customers.customer:")
    with connection.cursor() as cursor:
        for store_id, first, last in spans:
            cursor.execute(
                "SELECT id FROM sales_order WHERE store_id = %s AND business_date BETWEEN %s AND %s",
                [store_id, first, last],
            )
            orders |= {pk for (pk,) in cursor.fetchall()}
        if customers:
            cursor.execute(
                """
                UPDATE segments_purchase AS p SET head_id = coalesce(c.merged_into_id, c.id)
                FROM customers_customer AS c
                WHERE (c.id = ANY(%s) OR c.merged_into_id = ANY(%s)) AND p.customer_id = c.id
                  AND p.head_id <> coalesce(c.merged_into_id, c.id)
                """,
                [sorted(customers)] * 2,
            )
        if orders:
            listed = sorted(orders)
            cursor.execute("DELETE FROM segments_purchase WHERE order_id = ANY(%s)", [listed])
            cursor.execute(_FOLD.replace("{which}", "o.id = ANY(%s)"), [listed])


def _ids(subjects: list[str], label: str) -> set[int]:
    texts = (subject.removeprefix(label) for subject in subjects if subject.startswith(label))
    return {int(text) for text in texts if text.isdecimal()}


def _text(position: Position) -> str:
    return ".".join(str(part) for part in position)


def _position(text: str) -> Position:
    return Position(*(int(part) for part in text.split(".")))
