"""Who is meant among a million customers with ten million orders: how long counting five rules takes, and writing down
a hundred thousand members.

The rows are made set-based, as narrow as the tables allow, by numbers that come out the same each time: every customer
has ten orders over three years (a few have many more), an order one line of 2,000 products in 40 categories, one
customer in fifty is merged into another. Asked are segments of five rules each as shops use them: wide and narrow ones,
purchases of categories and of anything, sums, what somebody did not do. `DIANKE_BENCH_CUSTOMERS` sets another size.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

from bench.figures import Figure
from bench.kept import kept_place, kept_server, run_inside

FULL, QUICK = 1_000_000, 30_000  # customers; ten orders each
ROUNDS, QUICK_ROUNDS = 8, 4
DAYS = 1095
STORES, PRODUCTS, CATEGORIES = 20, 2000, 40
SHARE = 10  # one in so many is a member of the segment that is written down


def run(quick: bool) -> list[Figure]:
    """`circle.segment_count_p95_ms` and `.materialise_100k_s`; fails when a count is not the plain one."""
    count = int(os.environ.get("DIANKE_BENCH_CUSTOMERS", QUICK if quick else FULL))
    home = kept_place("segments", str(count), ["circle_segments.py"], since=time.strftime("%Y%m"))
    cluster, environment = kept_server(home)
    try:
        if not (home / "filled").exists():
            began = time.monotonic()
            _done(["migrate"], environment)
            _done(["fill", str(count)], environment | {"DATABASE_URL": cluster.admin_url("dianke")})
            (home / "filled").touch()
            sys.stderr.write(f"… {count} customers made in {time.monotonic() - began:.0f} s\n")
        rounds = str(QUICK_ROUNDS if quick else ROUNDS)
        told = json.loads(_done(["measure", rounds], environment).splitlines()[-1])
    finally:
        cluster.stop()
    rows = [f"{'segment of five rules':<44}{'people':>10}{'p50 ms':>9}{'worst ms':>10}"]
    every: list[float] = []
    for name, (people, times) in told["counts"].items():
        every += times
        rows.append(f"{name:<44}{people:>10}{statistics.median(times):>9.1f}{max(times):>10.1f}")
    rows.append(f"{'members written down':<44}{told['members']:>10}{told['seconds'] * 1000:>9.0f}")
    sys.stdout.write("\n".join(rows) + "\n")
    p95 = sorted(every)[max(0, -(-len(every) * 95 // 100) - 1)]
    return [
        Figure("circle.segment_count_p95_ms", p95, "ms"),
        Figure("circle.materialise_100k_s", told["seconds"] * 100_000 / told["members"], "s"),
    ]


def _done(arguments: Sequence[str], environment: dict[str, str]) -> str:
    return run_inside("bench.circle_segments", arguments, environment)


# --- inside the product ----------------------------------------------------------------------------------------------
def _leaf(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def _bought(op: str = "bought", **value: Any) -> dict[str, Any]:
    return _leaf("bought", op, value)


#: As shops ask. Stores and categories go by their number of making.
SEGMENTS: dict[str, dict[str, Any]] = {
    "spent well, of a category lately": {
        "all": [
            _leaf("metrics.spend_365", "gte", 60_000),
            _leaf("metrics.last", "last", 120),
            _leaf("profile.gender", "in", ["F"]),
            _leaf("profile.level", "in", ["L2", "L3"]),
            _bought(goods="category", ids=[3], days=180),
        ]
    },
    "three times in half a year at a store": {
        "all": [
            _leaf("profile.store", "in", ["1"]),
            _leaf("metrics.orders", "gte", 5),
            _leaf("profile.gender", "in", ["F", "M"]),
            _leaf("visits.seen", "last", 365),
            _bought(days=180, least=3),
        ]
    },
    "was good, does not come any more": {
        "all": [
            _leaf("metrics.spend", "gte", 100_000),
            _leaf("metrics.last", "earlier", 120),
            _leaf("metrics.group", "in", ["AT_RISK", "CANT_LOSE"]),
            _leaf("profile.level", "not_in", [""]),
            _bought("not_bought", days=90),
        ]
    },
    "bought this, not that": {
        "all": [
            _bought(goods="category", ids=[5, 6], days=365),
            _bought("not_bought", goods="category", ids=[7], days=365),
            _leaf("metrics.orders", "gte", 3),
            _leaf("profile.tags", "in", ["1"]),
            _leaf("profile.gender", "not_in", ["M"]),
        ]
    },
    "either of two, and sums": {
        "all": [
            {"any": [_leaf("profile.level", "in", ["L3"]), _leaf("metrics.spend_365", "gte", 200_000)]},
            {"none": [_leaf("metrics.group", "in", ["LOST"])]},
            _leaf("metrics.recency", "gte", 3),
            _bought(goods="category", ids=[9], days=365, measure="amount", least=10_000),
        ]
    },
    "almost everybody": {
        "all": [
            _leaf("metrics.orders", "gte", 1),
            _leaf("metrics.spend", "gte", 1_000),
            _leaf("metrics.first", "earlier", 30),
            _leaf("profile.gender", "in", ["F", "M", ""]),
            _leaf("metrics.recency", "gte", 2),
        ]
    },
    "regulars of the last three months": {
        "all": [
            _bought(days=90, least=2),
            _leaf("metrics.interval", "lte", 120),
            _leaf("metrics.spend_365", "gte", 20_000),
            _leaf("profile.gender", "in", ["F"]),
            _leaf("metrics.last", "last", 60),
        ]
    },
}


KEY = "'00000000-0000-0000-0000-000000000001'::uuid"


def _fill(count: int) -> None:
    """Runs as the superuser: triggers and constraints are passed over, nothing here is anybody's money."""
    from django.db import connection
    from django.utils import timezone

    from dianke.core.actor import SYSTEM
    from dianke.segments.operations import fold_purchases

    now = timezone.now()
    orders = count * 10
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        make = _Maker(cursor)
        make("catalog_category", CATEGORIES, {"id": "n", "name": "'C' || n", "path": "'{}'"})
        make(
            "catalog_product",
            PRODUCTS,
            {"id": "n", "code": "'P' || n", "kind": "'GOODS'", "category_id": f"1 + n % {CATEGORIES}"},
        )
        make("catalog_variant", PRODUCTS, {"id": "n", "code": "'V' || n", "product_id": "n"})
        make("customers_tag", 5, {"id": "n", "name": "'T' || n"})
        make(
            "customers_customer",
            count,
            {
                "id": "n",
                "uuid": "gen_random_uuid()",
                "key_id": KEY,
                "state": "CASE WHEN n % 200 = 0 THEN 'REMOVED' ELSE 'ACTIVE' END",
                "kind": "'PERSON'",
                "merged_into_id": "CASE WHEN n % 50 = 7 THEN n - 1 END",
                "member_number": "'M' || n",
                "name": "'顾客' || n",
                "search_words": "''::tsvector",
                "gender": "(ARRAY['F','M','F','M',''])[1 + n * 7 % 5]",
                "level": "(ARRAY['','','L1','L2','L3'])[1 + n * 3 % 5]",
                "store_id": f"1 + n * 11 % {STORES}",
                "channel": "'COUNTER'",
                "created_at": f"now() - make_interval(days => (n * 31 % {DAYS})::int)",
                "last_seen_at": f"now() - make_interval(days => (n * n % {DAYS})::int)",
            },
        )
        make("customers_tagging", count // 4, {"id": "n", "customer_id": "n * 4", "tag_id": "1 + n % 5"})
        # Orders are read once, to be folded: their indexes would take longer than everything else.
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'sales_order'::regclass"
            " AND NOT indisunique"
        )
        for (index,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX {index}")
        day = f"current_date - (hashint8(n * 7) & 1048575) % {DAYS}"
        make(
            "sales_order",
            orders,
            {
                "id": "n",
                "uuid": "gen_random_uuid()",
                "number": "'O' || n",
                "store_id": f"1 + (hashint8(n) & 65535) % {STORES}",
                "legal_entity_id": "1",
                "channel": "'TILL'",
                # The square makes some come often and many seldom.
                "customer_id": f"1 + floor({count} * ((hashint8(n * 3) & 1048575) / 1048576.0) ^ 1.3)::bigint",
                "state": "'CLOSED'",
                "business_date": day,
                "occurred_at": f"({day})::timestamptz",
                "closed_at": "now()",
                "currency": "'CNY'",
            },
        )
        make(
            "sales_orderline",
            orders,
            {
                "id": "n",
                "order_id": "n",
                "key": "'1'",
                "kind": "'GOODS'",
                "variant_id": f"1 + (hashint8(n * 5) & 1048575) % {PRODUCTS}",
                "quantity": "1",
                "fulfilled_quantity": "1",
                "returned_quantity": "CASE WHEN n % 30 = 0 THEN 1 ELSE 0 END",
                "paid_amount": "1000 + n * 37 % 20000",
                "returned_amount": "CASE WHEN n % 30 = 0 THEN 1000 + n * 37 % 20000 ELSE 0 END",
            },
        )
        cursor.execute("ANALYZE")
    fold_purchases(actor=SYSTEM, now=now)
    with connection.cursor() as cursor:
        cursor.execute(_METRICS)
        cursor.execute("RESET session_replication_role")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


_METRICS = """
INSERT INTO insight_customermetrics (customer_id, order_count, order_count_365, spend_amount, spend_365_amount,
  returned_amount, margin_amount, average_amount, first_date, last_date, interval_days, recency_score, frequency_score,
  money_score, value_group, group_last_month, favourite_category_ids, preferred_channel, preferred_store_id, model,
  has_enough_data, as_of_date, position)
SELECT head_id, count(*), count(*) FILTER (WHERE day > current_date - 365), sum(amount),
  coalesce(sum(amount) FILTER (WHERE day > current_date - 365), 0), 0, sum(amount) / 3, avg(amount)::bigint,
  min(day), max(day), ((max(day) - min(day))::numeric / greatest(count(*) - 1, 1))::numeric(7, 1),
  least(5, 1 + (1095 - (current_date - max(day))) / 219), least(5, count(*)), least(5, 1 + sum(amount) / 40000),
  (ARRAY['CHAMPION','LOYAL','PROMISING','AT_RISK','CANT_LOSE','LOST'])[1 + head_id % 6], '', ARRAY[1 + head_id % 40],
  'TILL', 1 + head_id % 20, '', false, current_date, ''
FROM segments_purchase WHERE product_id = 0 GROUP BY head_id
"""


class _Maker:
    """Writes rows `n` = 1 … of a table; what a column must have and is not told is the emptiest value of its type."""

    EMPTY = {
        "character varying": "''",
        "text": "''",
        "boolean": "false",
        "jsonb": "'{}'",
        "ARRAY": "'{}'",
        "date": "current_date",
        "timestamp with time zone": "now()",
        "uuid": "gen_random_uuid()",
        "bytea": "'\\x00'",
        "tsvector": "''",
    }

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor

    def __call__(self, table: str, rows: int, values: dict[str, str]) -> None:
        self.cursor.execute(
            "SELECT column_name, data_type, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
            " FROM information_schema.columns WHERE table_name = %s",
            [table],
        )
        columns = {
            name: self.EMPTY.get(kind, "0") for name, kind, is_needed in self.cursor.fetchall() if is_needed
        }
        columns |= values
        self.cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass", [table]
        )
        for (name,) in self.cursor.fetchall():  # they ask for what is not asked about here
            self.cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        began = time.monotonic()
        self.cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE"
            f" SELECT {', '.join(columns.values())} FROM generate_series(1::bigint, {rows}) AS g (n)"
        )
        sys.stderr.write(f"… {rows} rows of {table} in {time.monotonic() - began:.0f} s\n")


def _measure(rounds: int) -> None:
    from django.db import connection, transaction
    from django.utils import timezone

    from dianke.core.actor import SYSTEM
    from dianke.segments import operations
    from dianke.segments.models import Segment
    from dianke.segments.queries import counting
    from dianke.segments.queries.compiling import checked, ids_statement
    from dianke.segments.rules.language import read

    now = timezone.now()
    counts: dict[str, tuple[int, list[float]]] = {}
    for name, tree in SEGMENTS.items():
        rules = checked(read(tree), now=now)
        plain = ids_statement(rules, counting.scope_of(SYSTEM))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({plain.sql}) AS p", plain.params)
            expected = cursor.fetchone()[0]
        times = []
        for _round in range(rounds + 1):
            began = time.perf_counter()
            found = counting.count(rules, SYSTEM)
            times.append((time.perf_counter() - began) * 1000)
            if found != expected:
                raise RuntimeError(f"{name}: {found} instead of {expected}")
        counts[name] = (expected, times[1:])  # the first of each is cold
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_customer")
        (people,) = cursor.fetchone()
    wanted = people // SHARE
    least = _least_spend(wanted)
    tree = {"all": [_leaf("metrics.spend", "gte", least)]}
    with transaction.atomic():
        segment = Segment.objects.create(name="bench", rules=tree, made_at=now, changed_at=now)
    began = time.perf_counter()
    operations.refresh_segment(segment=segment, actor=SYSTEM, now=now)
    seconds = time.perf_counter() - began
    segment.refresh_from_db()
    members = segment.member_count
    segment.members.all().delete()
    segment.counts.all().delete()
    segment.delete()
    sys.stdout.write(json.dumps({"counts": counts, "members": members, "seconds": seconds}) + "\n")


def _least_spend(wanted: int) -> int:
    """What somebody must have spent to be among so many."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT spend_amount FROM insight_customermetrics ORDER BY spend_amount DESC OFFSET %s LIMIT 1",
            [wanted],
        )
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    import django

    django.setup()
    match sys.argv[1:]:
        case ["migrate"]:
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
        case ["fill", size]:
            _fill(int(size))
        case ["measure", times]:
            _measure(int(times))
