"""Analyses of the whole history beside DuckDB written by hand, over the same Parquet in one run; and a refresh after
1,000 new orders.

The history is made by DuckDB as the files of a snapshot would be: a million customers, ten million orders with three
lines each over five years. Asked in turns, warm, as many threads for either: the grid of recency and frequency, monthly
cohorts, best sellers, stores by day, pairs bought together. Each answer is compared with that of the written one, row
by row. The ratio is the worst of the five.

The refresh has the same history as its snapshot: the orders of a thousand are given other rows, as the database would
hand them over, and the months they lie in are packed anew and the manifest put in place.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from bench.figures import Figure

FULL, QUICK = 1_000_000, 20_000  # customers; ten orders each
ROUNDS = 5
CHANGED = 1_000
MONTHS = [date(2021 + n // 12, n % 12 + 1, 1) for n in range(60)]
FIRST, LAST = MONTHS[0], date(2025, 12, 31)
PAIR_FIRST, FEWEST = date(2025, 12, 1), 5

#: The same five questions as somebody who knows DuckDB well would write them over these tables.
_ORDERS = """WITH o AS (
    SELECT c.head_id, f.order_id, min(f.business_date) FILTER (f.kind = 'SOLD') AS d, sum(f.quantity) AS kept,
           sum(f.amount) AS amount
    FROM facts AS f JOIN customers AS c USING (customer_id) JOIN stores AS s USING (store_id)
    WHERE c.is_in_use AND s.currency = 'CNY' GROUP BY ALL)"""
WRITTEN = {
    "rfm": f"""{_ORDERS}, p AS (
        SELECT head_id, count(*) FILTER (kept > 0) AS n, sum(amount) AS m, max(d) FILTER (kept > 0) AS last
        FROM o GROUP BY ALL HAVING n > 0), r AS (
        SELECT 1 + ((rank() OVER (ORDER BY last)) - 1) * 5 // count(*) OVER () AS r,
               1 + ((rank() OVER (ORDER BY n)) - 1) * 5 // count(*) OVER () AS f, m FROM p)
        SELECT r, f, count(*), sum(m) FROM r GROUP BY ALL""",
    "cohorts": f"""{_ORDERS},
        m AS (SELECT DISTINCT head_id, date_trunc('month', d)::date AS month FROM o WHERE kept > 0),
        c AS (SELECT month, min(month) OVER (PARTITION BY head_id) AS cohort FROM m)
        SELECT cohort, month, count(*) FROM c GROUP BY ALL""",
    "best sellers": f"""SELECT v.product_id, sum(amount), sum(quantity), count(DISTINCT order_id) FILTER (kind = 'SOLD')
        FROM facts JOIN variants AS v USING (variant_id)
        WHERE business_date BETWEEN '{FIRST}' AND '{LAST}' GROUP BY ALL""",
    "stores by day": f"""SELECT store_id, business_date, count(DISTINCT order_id) FILTER (kind = 'SOLD'), sum(amount)
        FROM facts WHERE business_date BETWEEN '{FIRST}' AND '{LAST}' GROUP BY ALL""",
    "pairs": f"""WITH b AS (SELECT DISTINCT order_id, v.product_id AS p FROM facts JOIN variants AS v USING (variant_id)
        WHERE kind = 'SOLD' AND business_date BETWEEN '{PAIR_FIRST}' AND '{LAST}')
        SELECT a.p, b.p, count(*) AS n FROM b AS a JOIN b ON a.order_id = b.order_id AND a.p < b.p
        GROUP BY ALL HAVING n >= {FEWEST}""",
}


def run(quick: bool) -> list[Figure]:
    """`circle.olap_duckdb_ratio` and `.refresh_1000_s`; fails when an answer is not the written one's."""
    _django()
    with tempfile.TemporaryDirectory(prefix="dianke-bench-circle-") as folder:
        place = Path(folder) / "insight" / "snapshot"
        began = time.monotonic()
        rows = make(place, QUICK if quick else FULL)
        sys.stderr.write(f"… {rows} rows made in {time.monotonic() - began:.0f} s\n")
        ratios = _analyses(place)
        seconds = _refresh(place)
    return [
        Figure("circle.olap_duckdb_ratio", max(ratios), ""),
        Figure("circle.refresh_1000_s", seconds, "s"),
    ]


def _django() -> None:
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dianke.config.settings")
    import django

    django.setup()


def make(place: Path, customers: int) -> int:
    """The files and the manifest of a snapshot; how many rows its facts have. Seeded by the numbers themselves."""
    import duckdb

    from dianke.events.commit_order import Position
    from dianke.insight.operations.snapshots import manifest
    from dianke.insight.operations.snapshots.building import MADE_BY, ROW_GROUP

    files = place / "files"
    files.mkdir(parents=True)
    duck = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(place / "spill")})
    pieces: list[manifest.Piece] = []
    total = 0

    def write(table: str, part: str, statement: str) -> None:
        nonlocal total
        name = f"{table}-{part}-made.parquet"
        (count,) = duck.execute(
            f"COPY ({statement}) TO '{files / name}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
        ).fetchall()[0]
        pieces.append(manifest.Piece(table, part, name, count, name))
        total += count if table == "facts" else 0

    write(
        "customers",
        "all",
        f"SELECT n AS customer_id, CASE WHEN n % 50 = 0 THEN n - 1 ELSE n END AS head_id, true AS is_in_use,"
        f" n % 4 AS level_id FROM range(1, {customers + 1}) AS t(n)",
    )
    write(
        "variants",
        "all",
        "SELECT n AS variant_id, 1 + n // 2 AS product_id, 1 + n % 40 AS category_id, 1 + n % 90 AS brand_id,"
        " 1 + n % 17 AS unit_id, n % 17 < 9 AS is_counted FROM range(1, 10001) AS t(n)",
    )
    write("stores", "all", "SELECT n AS store_id, 'CNY' AS currency FROM range(1, 51) AS t(n)")
    each = customers * 10 // len(MONTHS)
    for n, month in enumerate(MONTHS):
        write(
            "orders",
            f"{month:%Y-%m}",
            f"""SELECT o AS order_id, (1 + hash(o) % 50)::BIGINT AS store_id,
                CASE WHEN hash(o, 1) % 5 > 0 THEN 1 + (hash(o, 2) % {customers}) END::BIGINT AS customer_id,
                'TILL' AS channel, 'CLOSED' AS state, DATE '{month}' + (hash(o, 3) % 28)::INT AS business_date,
                10000::BIGINT AS total_amount FROM range({n * each + 1}, {(n + 1) * each + 1}) AS t(o)""",
        )
        write(
            "facts",
            f"{month:%Y-%m}",
            f"""SELECT (o.order_id * 3 + l) * 4 + k AS id, 1::INT AS part,
                CASE k WHEN 0 THEN 'SOLD' ELSE 'RETURNED' END AS kind, o.order_id,
                CASE k WHEN 2 THEN o.order_id END AS return_id, o.store_id, o.business_date,
                (9 + hash(o.order_id, 4) % 12)::INT AS hour, o.channel, o.customer_id,
                (1 + hash(o.order_id, 5) % 200)::BIGINT AS user_id,
                -- few sell much: the square of a fraction leans towards the first
                (1 + floor(9999 * pow((hash(o.order_id, l, 6) % 100000) / 100000.0, 2)))::BIGINT AS variant_id,
                'GOODS' AS line_kind, sign::DECIMAL(22,8) AS quantity,
                CASE k WHEN 0 THEN a ELSE 0 END::BIGINT AS list_amount, sign * a AS amount,
                (sign * a * 13 // 113)::BIGINT AS tax_amount, (sign * a / 250.0)::DECIMAL(26,10) AS cost
                FROM read_parquet('{files}/orders-{month:%Y-%m}-made.parquet') AS o, range(3) AS t(l),
                     LATERAL (SELECT (500 + hash(o.order_id, l, 7) % 20000)::BIGINT AS a),
                     (VALUES (0, 1), (2, -1)) AS kinds(k, sign)
                WHERE k = 0 OR hash(o.order_id, l, 8) % 25 = 0 ORDER BY id""",
        )
    manifest.put(
        place, manifest.Manifest(Position(1, 1, 1), MADE_BY, "2026-01-01T00:00:00+00:00", tuple(pieces))
    )
    duck.close()
    return total


def _analyses(place: Path) -> list[float]:
    from dianke.insight.operations.snapshots import manifest
    from dianke.insight.queries.engine import opened
    from dianke.insight.rules import analyses, worth

    standing = manifest.read(place)
    assert standing is not None
    ours = opened(standing, place)
    t, terms = ours.tables, worth.Terms(LAST, "CNY")
    import ibis

    asked: dict[str, Callable[[], Any]] = {
        "rfm": lambda: analyses.rfm(t, terms),
        "cohorts": lambda: analyses.cohorts(t, terms),
        "best sellers": lambda: analyses.best_sellers(t, FIRST, LAST),
        "stores by day": lambda: analyses.stores_by_day(t, FIRST, LAST),
        "pairs": lambda: analyses.bought_together(t, PAIR_FIRST, LAST, FEWEST),
    }
    ratios = []
    sys.stdout.write(f"{'':<20}{'ours s':>9}{'written s':>11}{'ratio':>8}\n")
    for name, make_one in asked.items():
        taken: dict[bool, list[float]] = {True: [], False: []}
        answers: dict[bool, list[Any]] = {}
        for turn in range(ROUNDS + 1):
            for is_ours in (True, False) if turn % 2 else (False, True):
                began = time.perf_counter()
                # With making the expression: that is what asking costs.
                statement = ibis.to_sql(make_one(), dialect="duckdb") if is_ours else WRITTEN[name]
                found = ours.engine.con.execute(statement).fetchall()
                if turn:
                    taken[is_ours].append(time.perf_counter() - began)
                answers[is_ours] = found
        if _plain(answers[True]) != _plain(answers[False]):
            raise RuntimeError(f"{name}: ours and the written one differ")
        mine, theirs = statistics.median(taken[True]), statistics.median(taken[False])
        ratios.append(mine / theirs)
        sys.stdout.write(f"{name:<20}{mine:>9.3f}{theirs:>11.3f}{ratios[-1]:>8.2f}\n")
    return ratios


def _plain(rows: list[Any]) -> list[Any]:
    return sorted(
        tuple(str(value)[:10] if isinstance(value, date) else float(value) for value in row) for row in rows
    )


def _refresh(place: Path) -> float:
    """The half of a refresh that grows with the history: finding the months, packing them, putting the manifest in
    place. What PostgreSQL does is look up 1,000 orders by their keys."""
    from dataclasses import replace

    from dianke.insight.operations.snapshots import building, manifest
    from dianke.insight.operations.snapshots.building import Builder, of_months

    standing = manifest.read(place)
    assert standing is not None
    count = sum(piece.row_count for piece in standing.of("orders").values())
    orders = list(range(count - CHANGED + 1, count + 1))
    listed = ", ".join(map(str, orders))

    def handed_over(self: Builder, table: Any, statement: str, values: Any) -> str:
        last = standing.of(table.name)[f"{MONTHS[-1]:%Y-%m}"].name
        changed = "amount" if table.name == "facts" else "total_amount"
        return (
            f"(SELECT * REPLACE ({changed} + 1 AS {changed}) FROM"
            f" read_parquet('{place / 'files' / last}') WHERE order_id IN ({listed}))"
        )

    read = building.Builder._read
    building.Builder._read = handed_over  # type: ignore[method-assign]
    try:
        began = time.perf_counter()
        pieces = {(piece.table, piece.part): piece for piece in standing.pieces}
        with Builder(place) as builder:
            for table in of_months():
                found = builder.changed(table, orders, standing.of(table.name))
                pieces |= {(table.name, part): piece for part, piece in found.items() if piece}
        before = tuple(piece.name for piece in standing.pieces)
        manifest.put(place, replace(standing, pieces=tuple(pieces.values()), before=before))
        seconds = time.perf_counter() - began
    finally:
        building.Builder._read = read  # type: ignore[method-assign]
    rewritten = json.loads((place / "manifest.json").read_text())["pieces"]
    fresh = [piece for piece in rewritten if not piece["name"].endswith("-made.parquet")]
    if [piece["part"] for piece in fresh] != [f"{MONTHS[-1]:%Y-%m}"] * 2:
        raise RuntimeError(f"other months were packed: {fresh}")
    shutil.rmtree(place / "work", ignore_errors=True)
    return seconds
