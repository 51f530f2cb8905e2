"""The hand-written floor of a sale: one PL/pgSQL call that writes the rows a sale leaves, called by pgbench, 8 clients.

Nothing is guessed: a sale of the product is posted, its rows are found by the number of its transaction (`xmin`), and
tables of the same shape (columns, defaults, checks, indexes; no triggers, no references) get a function that inserts
the same rows under new ids and changes as many rows of the same tables as the sale changed: those of the client's
store, of products and members drawn anew, in the order of their keys. It reads nothing, prices nothing and proves
nothing: what is below it is the price of everything the product does beyond writing rows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.sale_house import STORES, House, command, rate_of

SCHEMA = "floor"
#: Ids of a call lie this far from those of the call before.
STRIDE = 1000
#: A changed table with more rows than this has one for each product or member: calls draw theirs.
MANY = 200
#: What the product writes beside a sale, at most once a minute and once a request.
BESIDE = ("access_apikey", "api_bucket")


@dataclass(frozen=True, slots=True)
class Table:
    """What a sale did to a table: how many rows it inserted, their ids where they have some, how many it changed."""

    name: str
    key: tuple[str, ...]
    inserted: int
    ids: tuple[int, ...]
    changed: int
    bumped: str


def make(house: House, basket: Mapping[str, Any]) -> str:
    """Make tables and function from one sale of this basket; a line for the table of the run."""
    from bench.kept import run_inside

    administrator = house.environment | {"DATABASE_URL": house.cluster.admin_url("dianke")}
    path = house.home / "basket.json"
    path.write_text(json.dumps(basket))
    return run_inside("bench.sale_floor", [str(path)], administrator).strip().splitlines()[-1]


def measure(house: House, seconds: int) -> float:
    """Calls per second, 8 clients, each for the store of its own."""
    script = house.home / "floor.sql"
    script.write_text(f"SELECT {SCHEMA}.sell(:client_id);\n")
    script.chmod(0o644)
    pgbench = str(house.cluster.bin("pgbench"))
    words = [pgbench, "-c", "8", "-j", "2", "-T", str(seconds), "-n", "-f", str(script)]
    return rate_of(command([*words, house.cluster.admin_url("dianke")], house.environment))


# --- inside the product ----------------------------------------------------------------------------------------------
def _sell_once(basket: Mapping[str, Any]) -> tuple[int, dict[str, int]]:
    """Sell; the number of the transaction, and of every table before it the highest id, of those without ids
    how many rows it had (less than zero, minus one)."""
    from datetime import UTC, datetime
    from decimal import Decimal
    from uuid import uuid4

    from django.db import connection

    from dianke.core.actor import SYSTEM
    from dianke.customers.models import Customer
    from dianke.sales.models import Order
    from dianke.sales.operations import place_sale
    from dianke.sales.queries.basket import Item, Sale, Tendered
    from dianke.stores.models import Store

    highest = {}

    def sell() -> int:
        items = tuple(
            Item(each["key"], each["variant_id"], Decimal(each["quantity"])) for each in basket["items"]
        )
        paid = tuple(Tendered(uuid4(), each["tender"], each["amount"]) for each in basket["payments"])
        order: Order = place_sale(
            sale=Sale(
                uuid4(),
                Store.objects.select_related("legal_entity").get(pk=basket["store_id"]),
                items,
                paid,
                Customer.objects.get(pk=basket["customer_id"]),
                channel="API",
            ),
            actor=SYSTEM,
            now=datetime.now(UTC),
        )
        return int(order.pk)

    sell()  # opens the accounts of this member and store
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, a.attname IS NOT NULL FROM pg_class AS c
            LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'id'
                AND a.atttypid::regtype::text IN ('bigint', 'integer')
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            """
        )
        for table, has_id in cursor.fetchall():
            cursor.execute(f"SELECT {'coalesce(max(id), 0)' if has_id else '-count(*) - 1'} FROM {table}")
            highest[table] = int(cursor.fetchone()[0])
        pk = sell()
        cursor.execute("SELECT xmin::text FROM sales_order WHERE id = %s", [pk])
        return int(cursor.fetchone()[0]), highest


def _touched(cursor: Any, transaction: int, highest: Mapping[str, int]) -> list[Table]:
    """What the transaction did, table by table; of a partitioned table the parts are left out."""
    cursor.execute(
        """
        SELECT c.relname, array_remove(array_agg(a.attname::text ORDER BY array_position(i.indkey, a.attnum)), NULL)
        FROM pg_class AS c LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        GROUP BY 1 ORDER BY 1
        """
    )
    found = []
    for name, key in cursor.fetchall():
        if name in BESIDE:
            continue
        before = highest[name]
        cursor.execute(
            f"SELECT {'id' if before >= 0 else '0'}, (SELECT count(*) FROM {name}) FROM {name}"
            " WHERE xmin = %s::text::xid",
            [str(transaction)],
        )
        rows = cursor.fetchall()
        if not rows:
            continue
        ids = tuple(sorted(pk for pk, _count in rows if pk > before)) if before >= 0 else ()
        inserted = len(ids) if before >= 0 else rows[0][1] + before + 1
        changed = len(rows) - inserted
        bumped = _bumped(cursor, name, key) if changed else ""
        found.append(Table(name, tuple(key), inserted, ids, changed, bumped))
    return found


def _bumped(cursor: Any, name: str, key: Sequence[str]) -> str:
    """A column that a change counts up: the first number that is neither key nor reference nor in an index."""
    cursor.execute(
        """
        SELECT a.attname::text FROM pg_attribute AS a
        WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname NOT LIKE '%%\\_id'
          AND a.attname <> ALL (%s) AND a.atttypid::regtype::text IN ('bigint', 'integer', 'numeric')
          AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = a.attrelid AND a.attnum = ANY (i.indkey))
        ORDER BY a.attnum LIMIT 1
        """,
        [name, list(key)],
    )
    row = cursor.fetchone()
    return str(row[0]) if row else ""


def _columns(cursor: Any, name: str) -> list[tuple[str, str, str, bool]]:
    """(column, type, table it refers to, whether a unique index has it)."""
    from django.apps import apps

    cursor.execute(
        """
        SELECT a.attname::text, a.atttypid::regtype::text, EXISTS (SELECT FROM pg_index AS i
            WHERE i.indrelid = a.attrelid AND i.indisunique AND a.attnum = ANY (i.indkey))
        FROM pg_attribute AS a WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
            AND a.attgenerated = '' ORDER BY a.attnum
        """,
        [name],
    )
    refers = {
        field.column: field.related_model._meta.db_table
        for model in apps.get_models()
        if model._meta.db_table == name
        for field in model._meta.concrete_fields
        if field.related_model
    }
    return [(column, kind, refers.get(column, ""), unique) for column, kind, unique in cursor.fetchall()]


def _insert(cursor: Any, table: Table, made: Mapping[str, Table]) -> str:
    """Its rows again, under ids of the call; what refers to rows of the sale follows them."""
    names, values = [], []
    for column, kind, refers, is_unique in _columns(cursor, table.name):
        value = f't."{column}"'
        of = made.get(table.name if column == "id" else refers)
        if of is not None and of.ids and kind in ("bigint", "integer"):
            ids = ", ".join(map(str, of.ids))
            value = f"CASE WHEN {value} IN ({ids}) THEN {value} + n * {STRIDE} ELSE {value} END"
        elif kind == "uuid" and is_unique:
            value = "gen_random_uuid()"
        elif is_unique and kind in ("text", "character varying"):
            longer = f"left({value}, 20) || n" if column == "number" else f"left({value}, 170) || '/' || n"
            value = f"CASE WHEN {value} = '' THEN '' ELSE {longer} END"
        names.append(f'"{column}"')
        values.append(value)
    return (
        f"INSERT INTO {SCHEMA}.{table.name} ({', '.join(names)}) OVERRIDING SYSTEM VALUE"
        f" SELECT {', '.join(values)} FROM {SCHEMA}.of_{table.name} AS t;"
    )


def _change(cursor: Any, table: Table) -> str:
    """As many rows as the sale changed: drawn where there are many, else those of the store's number."""
    cursor.execute(f"SELECT count(*) FROM {SCHEMA}.{table.name}")
    (count,) = cursor.fetchone()
    key = ", ".join(table.key)
    drawn = (
        f"SELECT (floor(random() * {count}))::int + 1 FROM generate_series(1, {table.changed})"
        if count > MANY
        else f"SELECT (store % {STORES} + s * {STORES}) % {count} + 1 FROM generate_series(0, {table.changed - 1}) AS s"
    )
    return (
        f"FOR each IN SELECT k.* FROM {SCHEMA}.key_{table.name} AS k WHERE k.n IN ({drawn}) ORDER BY k.n LOOP"
        f" UPDATE {SCHEMA}.{table.name} AS t SET {table.bumped} = t.{table.bumped} + 1"
        f" WHERE ({key}) = ({', '.join(f'each.{part}' for part in table.key)}); END LOOP;"
    )


def make_function(basket: Mapping[str, Any]) -> str:
    """Everything in the schema `floor`; says how many rows a call writes."""
    from django.db import connection

    transaction, highest = _sell_once(basket)
    with connection.cursor() as cursor:
        tables = _touched(cursor, transaction, highest)
        made = {table.name: table for table in tables}
        cursor.execute(
            f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}; CREATE SEQUENCE {SCHEMA}.calls"
        )
        lines = []
        for table in tables:
            cursor.execute(f"CREATE TABLE {SCHEMA}.{table.name} (LIKE public.{table.name} INCLUDING ALL)")
            if table.inserted:
                which = (
                    f"id IN ({', '.join(map(str, table.ids))})"
                    if table.ids
                    else f"xmin = '{transaction}'::xid"
                )
                cursor.execute(
                    f"CREATE TABLE {SCHEMA}.of_{table.name} AS SELECT * FROM public.{table.name} WHERE {which}"
                )
                lines.append(_insert(cursor, table, made))
        for table in tables:
            if not table.changed or not table.bumped:
                continue
            cursor.execute(
                f"INSERT INTO {SCHEMA}.{table.name} OVERRIDING SYSTEM VALUE SELECT * FROM public.{table.name}"
            )
            key = ", ".join(table.key)
            cursor.execute(
                f"CREATE TABLE {SCHEMA}.key_{table.name} AS SELECT row_number() OVER (ORDER BY {key})::int AS n, {key}"
                f" FROM {SCHEMA}.{table.name}; ALTER TABLE {SCHEMA}.key_{table.name} ADD PRIMARY KEY (n)"
            )
            lines.append(_change(cursor, table))
        body = "\n".join(lines)
        cursor.execute(
            f"CREATE FUNCTION {SCHEMA}.sell(store int) RETURNS void LANGUAGE plpgsql AS $$ DECLARE each record;"
            f" n bigint := nextval('{SCHEMA}.calls'); BEGIN\n{body}\nEND $$"
        )
        cursor.execute("ANALYZE")
    rows = sum(table.inserted for table in tables)
    filled = sum(bool(table.inserted) for table in tables)
    return f"{rows} rows inserted in {filled} tables, {sum(table.changed for table in tables)} changed"


if __name__ == "__main__":
    from pathlib import Path

    import django

    django.setup()
    sys.stdout.write(make_function(json.loads(Path(sys.argv[1]).read_text())) + "\n")
