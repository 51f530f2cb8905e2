"""Two years of orders, made set-based: some hundred sales are sold by the operations, then copied as often as wanted.

A copy is everything those sales left: orders with lines, people, issues, adjustments, changes and payments; ledger,
stock and cost entries; points, promotions, events. Its rows have ids of their own, refer to each other, lie days
before and belong to other members, so that each member ends with about as many orders whatever the size. What is folded
from the copied rows (ledger balances, stock, worth of stock) is brought along afterwards.
Triggers are passed over; `prove` counts, sums and folds what they would have watched.
"""

from __future__ import annotations

import sys
import time
from functools import partial

from bench.goods_history import together

#: What one pass sells, and how many passes one statement copies.
BASE, CHUNK = 400, 250
DAYS = 730
#: Members of a copy: a prime, so that a member does not meet the same basket again and again.
_STEP = 7919
#: The tables a sale writes into that are copied, the largest first: two are written at a time.
COPIED = (
    "ledger_posting",
    "events_event",
    "inventory_movement",
    "inventory_costentry",
    "sales_orderline",
    "sales_order",
    "sales_lineissue",
    "sales_lineadjustment",
    "sales_lineperson",
    "inventory_document",
    "ledger_transaction",
    "loyalty_membersale",
    "sales_payment",
    "sales_orderchange",
    "promotions_promotiongiven",
    "ledger_lot",
    "ledger_lotchange",
)
#: Rows without an id belong to those of another table; numbers that name rows of another table without a reference.
_OWNED = {"ledger_posting": "transaction_id", "ledger_lotchange": "transaction_id"}
_NAMING = {("sales_lineissue", "movement_id"): "inventory_movement"}
_REFERENCES = ("reference", "own_reference", "source")
_HOLDER = "customers.customer:"

Marks = dict[str, int]


def marks() -> Marks:
    """The highest id of each table."""
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for table in COPIED:
            if table not in _OWNED:
                cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
                found[table] = cursor.fetchone()[0]  # type: ignore[index]
    return found


def copy_sales(before: Marks, after: Marks, copies: int, members: int) -> None:
    """Copy what was written between the marks so many times. Runs as the superuser."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT events_make_month(date_trunc('month', now() - make_interval(months => n))::date)"
            f" FROM generate_series(0, {DAYS // 28}) AS n"
        )
    _open_accounts(members)
    again = _drop_indexes()
    together([partial(_copy, table, before, after, copies, members) for table in COPIED])
    told("indexes")
    together([partial(_run, statement) for statement in again])
    told("balances")
    _settle(before, after, copies)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_account")
        for table in after:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM " + table + "))",
                [table],
            )
        told("VACUUM ANALYZE")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def told(text: str) -> None:
    """Somebody waits minutes for this."""
    sys.stderr.write(f"… {time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


# --- what a copy has otherwise ----------------------------------------------------------------------------------------
def _days(copies: int) -> str:
    """How many days before the original: the later the copy, the nearer."""
    return f"(1 + ({copies} - i) * {DAYS - 1} / {copies})::int"


def _member(column: str, members: int) -> str:
    return f"(({column} - 1 + i * {_STEP}) % {members} + 1)"


def _expression(table: str, column: str, kind: str, strides: Marks, copies: int, members: int) -> str:
    """A column of copy `i` of the row `b`."""
    from django.apps import apps

    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    field = next((field for field in model._meta.concrete_fields if field.column == column), None)
    target = field.related_model._meta.db_table if field is not None and field.related_model else ""
    target = table if column == "id" else _NAMING.get((table, column), target)
    own = f'b."{column}"'
    if target in strides:
        return f"{own} + i * {strides[target]}"
    if column == "account_id":
        return "coalesce(other.account, b.account_id)"
    if column == "customer_id":
        return _member(own, members)
    if column == "number":
        return f"{own} || '-' || i"
    if column in _REFERENCES:
        return (
            f"CASE WHEN {own} LIKE 'sales.order:%' THEN"
            f" overlay({own} PLACING md5(substr({own}, 13, 36) || i)::uuid::text FROM 13 FOR 36) ELSE {own} END"
        )
    if column == "subjects":
        return (
            f"ARRAY['sales.order:' || substr({own}[1], 13)::bigint + i * {strides['sales_order']},"
            f" '{_HOLDER}' || {_member(f'substr({own}[2], {len(_HOLDER) + 1})::bigint', members)}]"
        )
    if column == "followed_at":  # by the background worker, which did not run
        return f"b.occurred_at - make_interval(days => {_days(copies)})"
    return {
        "uuid": f"md5({own}::text || i)::uuid",
        "timestamp with time zone": f"{own} - make_interval(days => {_days(copies)})",
        "date": f"{own} - {_days(copies)}",
    }.get(kind, own)


def _copy(table: str, before: Marks, after: Marks, copies: int, members: int) -> None:
    from django.db import connection

    strides = {name: after[name] - before[name] for name in after}
    owner = "ledger_transaction" if table in _OWNED else table
    key = _OWNED.get(table, "id")
    with connection.cursor() as cursor:
        cursor.execute(
            "SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '256MB';"
            "SET lock_timeout = 0; SET statement_timeout = 0"
        )
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        )
        columns = {
            name: _expression(table, name, kind, strides, copies, members) for name, kind in cursor.fetchall()
        }
        joined = (
            f"""LEFT JOIN bench_account AS mine ON mine.account = b.account_id
                LEFT JOIN bench_account AS other ON other.key = mine.key
                    AND other.member = {_member("mine.member", members)}"""
            if "account_id" in columns
            else ""
        )
        names = ", ".join(f'"{name}"' for name in columns)
        began, written = time.monotonic(), 0
        for first in range(1, copies + 1, CHUNK):
            last = min(first + CHUNK - 1, copies)
            cursor.execute(
                f"""
                INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {", ".join(columns.values())}
                FROM generate_series({first}::bigint, {last}) AS i CROSS JOIN
                    (SELECT * FROM {table} WHERE {key} > {before[owner]} AND {key} <= {after[owner]}) AS b
                {joined} ORDER BY i, b.{key}
                """
            )
            written += cursor.rowcount
            if table == "events_event":
                cursor.execute(
                    f"""
                    INSERT INTO events_subject (subject, recorded_at, event_id)
                    SELECT DISTINCT unnest(subjects), recorded_at, id FROM events_event
                    WHERE id > {after[table]} + ({first} - 1) * {strides[table]}::bigint
                      AND id <= {after[table]} + {last} * {strides[table]}::bigint ORDER BY 1
                    """
                )
        told(f"{written} of {table} in {time.monotonic() - began:.0f} s")


def _open_accounts(members: int) -> None:
    """Every member gets the ledger accounts that some of them have."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE TABLE bench_key AS SELECT row_number() OVER () AS key, k.* FROM (
                SELECT DISTINCT code, side, unit, store_id, legal_entity_id, floor, has_lots
                FROM ledger_account WHERE holder LIKE '{_HOLDER}%') AS k;
            INSERT INTO ledger_account (code, side, unit, holder, store_id, legal_entity_id, floor, has_lots)
            SELECT code, side, unit, '{_HOLDER}' || member, store_id, legal_entity_id, floor, has_lots
            FROM bench_key CROSS JOIN generate_series(1, {members}) AS member ON CONFLICT DO NOTHING;
            INSERT INTO ledger_accountbalance (account_id, balance, floor)
            SELECT id, 0, floor FROM ledger_account
            WHERE floor IS NOT NULL AND holder LIKE '{_HOLDER}%' ON CONFLICT DO NOTHING;
            CREATE TABLE bench_account AS
            SELECT a.id AS account, k.key, substr(a.holder, {len(_HOLDER) + 1})::bigint AS member
            FROM ledger_account AS a JOIN bench_key AS k
            ON (a.code, a.unit, a.store_id, a.legal_entity_id)
               IS NOT DISTINCT FROM (k.code, k.unit, k.store_id, k.legal_entity_id)
            WHERE a.holder LIKE '{_HOLDER}%';
            DROP TABLE bench_key;
            CREATE UNIQUE INDEX ON bench_account (key, member);
            CREATE UNIQUE INDEX ON bench_account (account);
            ANALYZE bench_account
            """
        )


def _settle(before: Marks, after: Marks, copies: int) -> None:
    """Bring along what is folded from the rows that were copied."""
    from django.db import connection

    documents = f"d.id > {before['inventory_document']} AND d.id <= {after['inventory_document']}"
    entries = f"id > {before['inventory_costentry']} AND id <= {after['inventory_costentry']}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SET session_replication_role = replica; SET work_mem = '256MB'; SET statement_timeout = 0;
            UPDATE ledger_accountbalance AS b SET balance = p.total
            FROM (SELECT account_id, sum(amount) AS total FROM ledger_posting GROUP BY 1) AS p
            WHERE p.account_id = b.account_id AND b.balance <> p.total;
            UPDATE inventory_balance AS b SET quantity = b.quantity + m.moved * {copies}
            FROM (SELECT s.place, m.variant_id, sum(s.sign * m.quantity) AS moved FROM inventory_movement AS m
                  JOIN inventory_document AS d ON d.id = m.document_id AND {documents}
                  CROSS JOIN LATERAL (VALUES (m.to_place_id, 1), (m.from_place_id, -1)) AS s (place, sign)
                  GROUP BY 1, 2) AS m
            WHERE m.place = b.place_id AND m.variant_id = b.variant_id;
            UPDATE inventory_coststate AS s SET quantity = s.quantity + e.quantity * {copies},
                                                value = s.value + e.value * {copies}
            FROM (SELECT legal_entity_id, variant_id, sum(quantity_change) AS quantity, sum(value_change) AS value
                  FROM inventory_costentry WHERE {entries} GROUP BY 1, 2) AS e
            WHERE (e.legal_entity_id, e.variant_id) = (s.legal_entity_id, s.variant_id);
            SET session_replication_role = DEFAULT
            """
        )


# --- how it is written ------------------------------------------------------------------------------------------------
def _run(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SET maintenance_work_mem = '1GB'; SET lock_timeout = 0; SET statement_timeout = 0;"
            "SET synchronous_commit = off"
        )
        cursor.execute(statement)


def _drop_indexes() -> list[str]:
    """Take away what would be kept up row by row, except primary keys, which grow at their end, and those of the
    events, whose months are small; returns the statements that make it again."""
    from django.db import connection

    tables = [table for table in COPIED if table != "events_event"]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%s', conrelid::regclass, conname),
                   format('ALTER TABLE %%s ADD CONSTRAINT %%s %%s', conrelid::regclass, conname,
                          pg_get_constraintdef(oid))
            FROM pg_constraint WHERE contype = 'u' AND conrelid = ANY (%(tables)s::regclass[])
            UNION ALL
            SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
            FROM pg_index AS i WHERE indrelid = ANY (%(tables)s::regclass[]) AND NOT indisprimary
                AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype = 'u')
            """,
            {"tables": tables},
        )
        found = cursor.fetchall()
        for drop, _again in found:
            cursor.execute(drop)
    return [again for _drop, again in found]


def prove(before: Marks, after: Marks, copies: int) -> list[str]:
    """What is wrong with the copies; the proofs of the rooms would walk through all of it for hours."""
    from django.db import connection

    wrong = []
    with connection.cursor() as cursor:
        for table, last in after.items():
            cursor.execute(f"SELECT count(*) FROM {table} WHERE id > %s", [before[table]])
            count = cursor.fetchone()[0]  # type: ignore[index]
            cursor.execute(f"SELECT count(*) FROM {table} WHERE id > %s AND id <= %s", [before[table], last])
            wanted = cursor.fetchone()[0] * (copies + 1)  # type: ignore[index]
            if count != wanted:
                wrong.append(f"{table} has {count} rows, not {wanted}")
        cursor.execute("SET statement_timeout = 0; SET work_mem = '256MB'")
        cursor.execute(
            """
            SELECT 'order ' || o.id FROM sales_order AS o
            LEFT JOIN (SELECT order_id, sum(paid_amount) AS due, count(*) AS lines FROM sales_orderline GROUP BY 1) AS l
                ON l.order_id = o.id
            LEFT JOIN (SELECT order_id, sum(amount) AS paid FROM sales_payment GROUP BY 1) AS p ON p.order_id = o.id
            WHERE (l.due, p.paid) IS DISTINCT FROM (o.total_amount, o.paid_amount)
            UNION ALL
            SELECT 'transaction ' || p.transaction_id FROM ledger_posting AS p
            JOIN ledger_account AS a ON a.id = p.account_id GROUP BY p.transaction_id, p.unit
            HAVING sum(p.amount * a.side) <> 0
            UNION ALL
            SELECT 'account ' || account_id FROM ledger_accountbalance AS b
            LEFT JOIN (SELECT account_id, sum(amount) AS total FROM ledger_posting GROUP BY 1) AS p USING (account_id)
            WHERE b.balance <> coalesce(p.total, 0)
            UNION ALL
            SELECT 'sale of points ' || m.id FROM loyalty_membersale AS m
            LEFT JOIN sales_order AS o ON 'sales.order:' || o.uuid = m.reference
            WHERE o.customer_id IS DISTINCT FROM m.customer_id
            LIMIT 20
            """
        )
        return wrong + [row[0] for row in cursor.fetchall()]
