"""A year of stock as operations would have left it, made set-based: movements, documents, costs, balances, month ends.

Every day every store receives goods and sells of each receipt a part on the two days after, so nothing is ever short;
goods cost the same all year, so the average is known. This month every store gets the goods it never had, so that all
have everything. The month ends are folded by the product's own operation, and `prove` asks the product's own proof.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from bench.goods_data import ENTITIES, STORES, insert

#: Spread the goods of a store over the catalogue; primes, so that no store has one of them twice.
_STEP, _SHIFT = 7919, 104_729
RECEIPT_LINES, SALE_LINES, OPENING_LINES = 20, 10, 500
_COST = "((500 + v * 37 % 40000) / 100.0)"
_BULK = ("inventory_movement", "inventory_costentry", "inventory_document", "inventory_balance")


@dataclass(frozen=True, slots=True)
class Year:
    """`count` products over the twelve months before `today`: per store and day so many `receipts` and `sales`."""

    count: int
    today: date

    @property
    def ends(self) -> date:
        """The first day of this month."""
        return self.today.replace(day=1)

    @property
    def starts(self) -> date:
        return self.ends.replace(year=self.ends.year - 1)

    @property
    def days(self) -> int:
        return (self.ends - self.starts).days

    @property
    def receipts(self) -> int:
        return max(1, self.count // 1500)

    @property
    def sales(self) -> int:
        return max(1, self.receipts * 7 // 4)

    @property
    def assortment(self) -> int:
        """How many products a store had last year."""
        return self.count * 6 // 100

    @property
    def lines(self) -> int:
        """Movements per store and day."""
        return self.receipts + self.sales

    @property
    def documents(self) -> int:
        """Documents per store and day."""
        return -(-self.receipts // RECEIPT_LINES) + -(-self.sales // SALE_LINES)

    @property
    def past(self) -> int:
        """The highest number a movement of last year can have."""
        return self.days * STORES * self.lines

    def values(self) -> dict[str, Any]:
        return {
            "starts": self.starts,
            "ends": self.ends,
            "days": self.days,
            "receipts": self.receipts,
            "receipt_documents": -(-self.receipts // RECEIPT_LINES),
            "sales": self.sales,
            "lines": self.lines,
            "documents": self.documents,
            "assortment": self.assortment,
            "count": self.count,
            "past": self.past,
            "past_documents": self.days * STORES * self.documents,
            "openings": -(-self.count // OPENING_LINES),
            "inverse": pow(_STEP, -1, self.count),
        }


# n counts every line of every day of every store; a sale takes of what came one or two days before.
_MOVED = f"""
    (SELECT n + 1 AS id, d, s, i,
            1 + ((d - back) * %(receipts)s + j) %% %(assortment)s * {_STEP}::bigint %% %(count)s AS r
     FROM (SELECT n, n / %(lines)s / {STORES} AS d, n / %(lines)s %% {STORES} AS s, n %% %(lines)s AS i
           FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n) AS line
     CROSS JOIN LATERAL (SELECT CASE WHEN i < %(receipts)s THEN 0
                                     ELSE 1 + (i - %(receipts)s) / %(receipts)s END AS back,
                                CASE WHEN i < %(receipts)s THEN i
                                     ELSE (i - %(receipts)s) %% %(receipts)s END AS j) AS of
     WHERE d >= back) AS m
    CROSS JOIN LATERAL (SELECT 1 + (m.r - 1 + m.s * {_SHIFT}) %% %(count)s AS v, m.i < %(receipts)s AS came) AS g
    CROSS JOIN LATERAL (SELECT CASE WHEN came THEN 4 + m.i %% 9 ELSE 1 END AS quantity,
                               %(starts)s::date + m.d::int AS day) AS q
    JOIN bench_store AS st ON st.s = m.s
"""
#: What a store never had.
_NEW = f"""
    (SELECT s, v, %(past)s + s * %(count)s::bigint + v AS id
     FROM generate_series(0, {STORES - 1}) AS s, generate_series(1, %(count)s) AS v
     WHERE ((v - 1 - s::bigint * {_SHIFT}) %% %(count)s + %(count)s) %% %(count)s * %(inverse)s::bigint %% %(count)s
           >= %(assortment)s) AS m
    CROSS JOIN LATERAL (SELECT 1 + (m.v + m.s) %% 7 AS quantity, %(ends)s::date AS day) AS q
    JOIN bench_store AS st ON st.s = m.s
"""
_DOCUMENT_OF_LINE = f"""(m.d * {STORES} + m.s) * %(documents)s + 1
    + CASE WHEN came THEN m.i / {RECEIPT_LINES} ELSE %(receipt_documents)s + (m.i - %(receipts)s) / {SALE_LINES} END"""
_OPENING_OF_LINE = f"%(past_documents)s + m.s * %(openings)s + (m.v - 1) / {OPENING_LINES} + 1"


def fill_history(count: int, now: datetime) -> None:
    """Everything that follows from the goods of `fill_catalogue`. Runs as the superuser: triggers are passed over."""
    from django.db import connection

    year = Year(count, now.date())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE TABLE bench_store AS
            SELECT row_number() OVER (ORDER BY t.id) - 1 AS s, t.id AS store, t.legal_entity_id AS entity,
                   shelf.id AS shelf, o.supplier, o.customer, o.opening
            FROM stores_store AS t
            JOIN inventory_place AS shelf ON shelf.store_id = t.id AND shelf.kind = 'STOCK'
            JOIN (SELECT legal_entity_id, max(id) FILTER (WHERE kind = 'SUPPLIER') AS supplier,
                         max(id) FILTER (WHERE kind = 'CUSTOMER') AS customer,
                         max(id) FILTER (WHERE kind = 'OPENING') AS opening
                  FROM inventory_place WHERE store_id IS NULL GROUP BY 1) AS o ON o.legal_entity_id = t.legal_entity_id
            """
        )
        cursor.execute("ANALYZE bench_store")
    indexes = _drop_indexes()
    together([lambda: _movements(year), lambda: _costs(year)])
    together([lambda: _balances(year), lambda: _documents(year)])
    together([_making(statement) for statement in indexes])
    together([_making(f"VACUUM (ANALYZE) {table}") for table in (*_BULK, "inventory_coststate")])
    _fold(now)
    with connection.cursor() as cursor:
        for table in ("inventory_movement", "inventory_costentry", "inventory_document", "inventory_balance"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )
        cursor.execute("VACUUM (ANALYZE) inventory_stockclosing, inventory_costclosing")
        cursor.execute("ANALYZE")
        cursor.execute("CHECKPOINT")


def _chunks(year: Year) -> list[dict[str, Any]]:
    """Ten days at a time, in the order of the days."""
    size = 10 * STORES * year.lines
    values = year.values()
    return [
        values | {"first": first, "last": min(first + size, year.past) - 1}
        for first in range(0, year.past, size)
    ]


def _movements(year: Year) -> None:
    moved = {
        "id": "m.id",
        "document_id": _DOCUMENT_OF_LINE,
        "line": "m.i + 1",
        "variant_id": "v",
        "from_place_id": "CASE WHEN came THEN st.supplier ELSE st.shelf END",
        "to_place_id": "CASE WHEN came THEN st.shelf ELSE st.customer END",
        "quantity": "q.quantity",
        "occurred_at": "q.day + time '01:00' + make_interval(secs => m.i)",
        "business_date": "q.day",
    }
    opened = moved | {
        "document_id": _OPENING_OF_LINE,
        "line": f"1 + (m.v - 1) %% {OPENING_LINES}",
        "variant_id": "m.v",
        "from_place_id": "st.opening",
        "to_place_id": "st.shelf",
        "occurred_at": "q.day + time '01:00'",
    }
    with _bulk() as cursor:
        for chunk in _chunks(year):
            insert(cursor, "inventory_movement", _MOVED, moved, **chunk)
        insert(cursor, "inventory_movement", _NEW, opened, **year.values())


def _costs(year: Year) -> None:
    cost = _COST.replace("%", "%%")
    entered = {
        "id": "m.id",
        "document_id": _DOCUMENT_OF_LINE,
        "movement_id": "m.id",
        "legal_entity_id": "st.entity",
        "variant_id": "v",
        "kind": "CASE WHEN came THEN 'RECEIPT' ELSE 'ISSUE' END",
        "quantity_change": "CASE WHEN came THEN q.quantity ELSE -q.quantity END",
        "value_change": f"(CASE WHEN came THEN q.quantity ELSE -q.quantity END) * {cost}",
        "expense": "0",
        "average_after": cost,
        "occurred_at": "q.day + time '01:00' + make_interval(secs => m.i)",
        "business_date": "q.day",
    }
    opened = entered | {
        "document_id": _OPENING_OF_LINE,
        "variant_id": "m.v",
        "kind": "'RECEIPT'",
        "quantity_change": "q.quantity",
        "value_change": f"q.quantity * {cost}",
        "occurred_at": "q.day + time '01:00'",
    }
    with _bulk() as cursor:
        for chunk in _chunks(year):
            insert(cursor, "inventory_costentry", _MOVED, entered, **chunk)
        insert(cursor, "inventory_costentry", _NEW, opened, **year.values())
        cursor.execute(
            """
            INSERT INTO inventory_coststate (legal_entity_id, variant_id, quantity, value, average)
            SELECT legal_entity_id, variant_id, sum(quantity_change), sum(value_change), max(average_after)
            FROM inventory_costentry GROUP BY 1, 2
            """
        )


def _documents(year: Year) -> None:
    per_day = f"""
        generate_series(1, %(past_documents)s) AS n
        CROSS JOIN LATERAL (SELECT (n - 1) %% %(documents)s AS k, (n - 1) / %(documents)s / {STORES} AS d,
                                   (n - 1) / %(documents)s %% {STORES} AS s) AS m
        JOIN bench_store AS st ON st.s = m.s
        CROSS JOIN LATERAL (SELECT %(starts)s::date + m.d::int AS day, k < %(receipt_documents)s AS came) AS q
        WHERE came OR d >= 2 OR (d = 1 AND (k - %(receipt_documents)s) * {SALE_LINES} < %(receipts)s)
    """
    columns = {
        "id": "n",
        "uuid": "gen_random_uuid()",
        "kind": "CASE WHEN came THEN 'RECEIPT' ELSE 'SALE' END",
        "reference": "'bench:' || n",
        "digest": "''",
        "store_id": "st.store",
        "legal_entity_id": "st.entity",
        "business_date": "q.day",
        "occurred_at": "q.day + time '01:00'",
        "recorded_at": "q.day + time '01:00'",
        "operation": "''",
    }
    opened = f"""
        generate_series(0, {STORES} * %(openings)s - 1) AS o JOIN bench_store AS st ON st.s = o / %(openings)s
        CROSS JOIN LATERAL (SELECT %(ends)s::date AS day, %(past_documents)s + o + 1 AS n) AS q
    """
    with _bulk() as cursor:
        insert(cursor, "inventory_document", per_day, columns, **year.values())
        insert(cursor, "inventory_document", opened, columns | {"kind": "'OPENING'"}, **year.values())


def _balances(year: Year) -> None:
    kept = {
        "place_id": "place",
        "variant_id": "v",
        "quantity": "quantity",
        "reserved": "0",
        "may_be_negative": "false",
    }
    with _bulk() as cursor:
        insert(
            cursor,
            "inventory_balance",
            """(SELECT s.place, m.variant_id AS v, sum(s.sign * m.quantity) AS quantity FROM inventory_movement AS m
                CROSS JOIN LATERAL (VALUES (m.to_place_id, 1), (m.from_place_id, -1)) AS s (place, sign)
                WHERE m.id <= %(past)s AND s.place IN (SELECT shelf FROM bench_store) GROUP BY 1, 2) AS held""",
            kept,
            **year.values(),
        )
        opened = kept | {"place_id": "st.shelf", "variant_id": "m.v", "quantity": "q.quantity"}
        insert(cursor, "inventory_balance", _NEW, opened, **year.values())


def _fold(now: datetime) -> None:
    from dianke.core.actor import SYSTEM
    from dianke.inventory.operations import fold_closings
    from dianke.stores.models import LegalEntity

    entities = list(LegalEntity.objects.order_by("pk"))
    together([partial(fold_closings, legal_entity=each, actor=SYSTEM, now=now) for each in entities])


# --- how it is written -----------------------------------------------------------------------------------------------
def together(works: Sequence[Callable[[], Any]]) -> None:
    """Two at a time, each on a connection of its own."""
    from django.db import connection

    def run(work: Callable[[], Any]) -> None:
        with closing(connection):
            work()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run, work) for work in works]:
            done.result()


def _bulk() -> Any:
    from django.db import connection

    cursor = connection.cursor()
    cursor.execute(
        "SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '512MB';"
        "SET lock_timeout = 0"
    )
    return cursor


def _run(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '1GB'; SET lock_timeout = 0")
        cursor.execute(statement)


def _making(statement: str) -> Callable[[], None]:
    return lambda: _run(statement)


def _drop_indexes() -> list[str]:
    """Take away what would be kept up line by line; returns the statements that make it again."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.conname, c.conrelid::regclass::text, pg_get_constraintdef(c.oid) FROM pg_constraint AS c
            WHERE c.contype = 'u' AND c.conrelid = ANY (%s::regclass[])
            """,
            [list(_BULK)],
        )
        constraints = cursor.fetchall()
        for name, table, _definition in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute(
            """
            SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index AS i
            WHERE i.indrelid = ANY (%s::regclass[]) AND NOT i.indisprimary
            """,
            [list(_BULK)],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
    return [
        *(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
            for name, table, definition in constraints
        ),
        *(definition for _name, definition in indexes),
    ]


def prove() -> list[str]:
    """What the product's own proof finds wrong; empty when everything is as operations would have left it."""
    from dianke.inventory.queries import verify

    return [f"{finding.check} {finding.subject}: {finding.text}" for finding in verify()][:20]


def prove_sample(variants: Sequence[int]) -> list[str]:
    """The same for some goods of a merchant too large to prove in passing: balances and values against their folds."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH moved AS (
                SELECT s.place_id, m.variant_id, sum(s.sign * m.quantity) AS quantity FROM inventory_movement AS m
                CROSS JOIN LATERAL (VALUES (m.to_place_id, 1), (m.from_place_id, -1)) AS s (place_id, sign)
                JOIN inventory_place AS p ON p.id = s.place_id AND p.kind IN ('STOCK', 'TRANSIT', 'CUSTODY')
                WHERE m.variant_id = ANY (%(ids)s) GROUP BY 1, 2),
            held AS (SELECT place_id, variant_id, quantity FROM inventory_balance WHERE variant_id = ANY (%(ids)s))
            SELECT 'balance of ' || variant_id FROM held FULL JOIN moved USING (place_id, variant_id)
            WHERE held.quantity IS DISTINCT FROM moved.quantity
            UNION ALL
            SELECT 'value of ' || s.variant_id FROM inventory_coststate AS s
            JOIN (SELECT legal_entity_id, variant_id, sum(quantity_change) AS quantity, sum(value_change) AS value
                  FROM inventory_costentry WHERE variant_id = ANY (%(ids)s) GROUP BY 1, 2) AS e
                USING (legal_entity_id, variant_id)
            WHERE s.quantity <> e.quantity OR s.value <> e.value OR s.value <> s.quantity * s.average
            LIMIT 20
            """,
            {"ids": list(variants)},
        )
        return [row[0] for row in cursor.fetchall()]


def month_ends(year: Year) -> list[date]:
    """Days to ask for: the first and the last day of months, days in the middle, and the day before the last."""
    middle = year.starts + timedelta(days=year.days // 2)
    first = middle.replace(day=1)
    return [
        first,
        first - timedelta(days=1),
        first - timedelta(days=2),
        middle,
        year.ends - timedelta(days=2),
    ]


assert STORES % ENTITIES == 0  # every company has as many stores
