"""What customers are worth, worked out from a snapshot and written back: a file by DuckDB, then COPY and one statement.

Everybody is scored among everybody once a night; in between, those whom a refresh touched are scored by the bounds that
night found. Rows that would not change are not written. docs/algorithms/metrics.md
"""

# ruff: noqa: S608  only names of our own columns are put together

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import connection

from dianke.core.actor import Actor
from dianke.core.money import digits_of
from dianke.events.operations import operation, record, step
from dianke.insight.models import CustomerMetrics, SnapshotRun
from dianke.insight.operations.snapshots import Taken
from dianke.insight.operations.snapshots.manifest import home
from dianke.insight.queries.engine import Snapshot, opened
from dianke.stores.models import Merchant
from dianke.stores.queries import local_date

#: More customers than this are scored together with everybody.
MOST_TOUCHED = 5_000
COUNTED = (
    "order_count",
    "order_count_365",
    "spend_amount",
    "spend_365_amount",
    "returned_amount",
    "margin_amount",
    "average_amount",
    "first_date",
    "last_date",
    "interval_days",
    "recency_score",
    "frequency_score",
    "money_score",
    "value_group",
    "favourite_category_ids",
    "preferred_channel",
    "preferred_store_id",
)
ESTIMATED = (
    "expected_next_date",
    "churn_risk",
    "ltv_amount",
    "ltv_low_amount",
    "ltv_high_amount",
    "model",
    "has_enough_data",
)


@dataclass(frozen=True, slots=True)
class Values:
    """A file of rows as COPY reads them: customer and `columns`. `customers` None: it tells of everybody, and who is
    not in it has nothing; else of these. `bounds` and `forecast` as in `SnapshotRun`, where everybody was scored."""

    path: Path
    columns: tuple[str, ...]
    customers: tuple[int, ...] | None
    bounds: Mapping[str, Sequence[Any]]
    forecast: Mapping[str, Any]
    as_of: date


@contextmanager
def prepared(taken: Taken, *, now: datetime, is_full: bool = False) -> Iterator[Values]:
    """Work out the values from the snapshot, before any transaction is opened for them."""
    from dianke.insight.rules import worth

    as_of = local_date(now)
    snapshot = opened(taken.manifest, home())
    columns: tuple[str, ...] = COUNTED
    bounds: Mapping[str, Sequence[Any]] = {}
    forecast: Mapping[str, Any] = {}
    last = SnapshotRun.objects.done().exclude(bounds={}).first()
    customers = None if is_full or last is None else _touched(taken, snapshot)
    terms = worth.Terms(as_of, _currency(), customers)
    with tempfile.TemporaryDirectory(dir=home()) as folder:
        path = Path(folder) / "values.csv"
        try:
            if customers is None or last is None:
                rows = snapshot.engine.create_table("worth", worth.worth(snapshot.tables, terms), temp=True)
                bounds = _bounds(snapshot.rows(worth.bounds_of(rows))[0])
                columns = COUNTED + ESTIMATED
                rows, forecast = _with_estimates(snapshot, rows, terms)
            else:
                rows = worth.worth(snapshot.tables, terms, _read_bounds(last.bounds))
            _write(snapshot, rows, columns, path)
            among = None if customers is None else tuple(customers)
            yield Values(path, columns, among, bounds, forecast, as_of)
        finally:
            snapshot.engine.disconnect()


def _currency() -> str:
    merchant = Merchant.objects.first()
    return merchant.currency if merchant else "CNY"


def _touched(taken: Taken, snapshot: Snapshot) -> list[int] | None:
    """Profiles that events were about, and the customers that may have been profiles before. None: too many to tell, or
    all."""
    import ibis

    touched = taken.touched
    if touched is None or touched.days is not None or len(touched.orders) > MOST_TOUCHED:
        return None
    t = snapshot.tables
    found = set(touched.customers)
    if touched.orders:
        orders = t.orders.filter(t.orders.order_id.isin(list(touched.orders)))
        ids = orders.filter(orders.customer_id.notnull()).select("customer_id").distinct()
        found |= {row["customer_id"] for row in snapshot.rows(ids)}
    if not found:
        return []
    heads = t.customers.filter(t.customers.customer_id.isin(sorted(found)) if found else ibis.literal(False))
    found |= {row["head_id"] for row in snapshot.rows(heads.select("head_id").distinct())}
    return sorted(found) if len(found) <= MOST_TOUCHED else None


# --- bounds of scores ---------------------------------------------------------------------------------------------
def _bounds(row: Mapping[str, Any]) -> dict[str, list[Any]]:
    """From "recency_score_2" …: dates as text, numbers as they are."""
    found: dict[str, list[Any]] = {}
    for name, value in row.items():
        score = name.rpartition("_")[0]
        found.setdefault(score, []).append(
            value.isoformat() if isinstance(value, date) else None if value is None else int(value)
        )
    return found


def _read_bounds(told: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    return {
        score: [date.fromisoformat(limit) if isinstance(limit, str) else limit for limit in limits]
        for score, limits in told.items()
    }


# --- what models say ----------------------------------------------------------------------------------------------
def _with_estimates(snapshot: Snapshot, rows: Any, terms: Any) -> tuple[Any, dict[str, Any]]:
    """With what the models say, and how they came to it; with nothing and the reason where there is too little."""
    import ibis

    from dianke.insight.operations.scoring import estimate
    from dianke.insight.rules import worth
    from dianke.insight.rules.value import TooLittle

    bought = snapshot.engine.to_pyarrow(worth.bought(snapshot.tables, terms))
    told = estimate(bought, as_of=terms.as_of, digits=digits_of(terms.currency))
    if isinstance(told, TooLittle):
        nothing = {
            name: ibis.null("string") for name in ESTIMATED if name not in ("model", "has_enough_data")
        }
        rows = rows.mutate(**nothing, model=ibis.literal(""), has_enough_data=ibis.literal(False))
        return rows, {"too_little": asdict(told)}
    snapshot.engine.con.register("estimates", told.rows)
    joined = rows.left_join(snapshot.engine.table("estimates"), "head_id").drop("head_id_right")
    model = f"{told.forecast['purchases_by']}/{told.forecast['risk_by']}"
    has = joined.churn_risk.notnull()
    return (
        joined.mutate(model=ibis.ifelse(has, ibis.literal(model), ibis.literal("")), has_enough_data=has),
        told.forecast,
    )


def _write(snapshot: Snapshot, rows: Any, columns: Sequence[str], path: Path) -> None:
    """As a file PostgreSQL reads. Favourites become an array."""
    import ibis

    ids = [rows[f"favourite_{n}"].cast("string") for n in range(3)]
    listed = ibis.literal("{") + ibis.literal(",").join([ibis.coalesce(each, "") for each in ids]) + "}"
    told = rows.mutate(
        favourite_category_ids=listed.re_replace(",+}", "}").replace("{,", "{"),
        preferred_channel=rows.preferred_channel.fill_null(""),
        interval_days=rows.interval_days.cast("decimal(7, 1)"),
    )
    statement = ibis.to_sql(told.select("head_id", *columns), dialect="duckdb")
    quoted = ", FORCE_QUOTE (model)" if "model" in columns else ""  # no model is no word, not nothing
    snapshot.engine.raw_sql(f"COPY ({statement}) TO '{path}' (FORMAT csv, HEADER false{quoted})")


# --- into the table -----------------------------------------------------------------------------------------------
@operation("insight.refresh_snapshots")
def write_values(
    *, run: SnapshotRun, taken: Taken, values: Values, actor: Actor, now: datetime
) -> SnapshotRun:
    """Put the values in place and end the run."""
    position = ".".join(map(str, taken.manifest.position))
    count = _load(values, position)
    touched = taken.touched
    for name, value in {
        "state": SnapshotRun.State.DONE,
        "step": SnapshotRun.Step.ENDED,
        "is_full": values.customers is None,
        "ended_at": now,
        "as_of_date": values.as_of,
        "position": position,
        "row_count": taken.manifest.row_count,
        "changed_order_count": len(touched.orders) if touched else 0,
        "customer_count": count,
        "bounds": dict(values.bounds),
        "forecast": dict(values.forecast),
    }.items():
        setattr(run, name, value)
    run.save()
    record(
        "insight.values_written",
        run,
        actor=actor,
        now=now,
        data={"customers": count, "is_full": run.is_full, "rows": run.row_count},
    )
    return run


@step
def _load(values: Values, position: str) -> int:
    """COPY into a table of this transaction, then one statement for those who changed and one for those who have
    nothing any more. How many have values now."""
    table, columns = CustomerMetrics._meta.db_table, list(values.columns)
    listed = ", ".join(columns)
    given = ", ".join(f"excluded.{name}" for name in columns)
    standing = ", ".join(f"m.{name}" for name in columns)
    everything = [*columns, *(name for name in ESTIMATED if name not in columns)]
    nothing = {"model": "''", "has_enough_data": "false"}
    told = ", ".join(f"f.{name}" if name in columns else nothing.get(name, "NULL") for name in everything)
    month = "date_trunc('month', {}.as_of_date)"
    is_new_month = f"{month.format('m')} < {month.format('excluded')}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE insight_fresh ON COMMIT DROP AS SELECT customer_id, {listed} FROM {table} WITH NO DATA"
        )
        with (
            values.path.open("rb") as file,
            cursor.copy("COPY insight_fresh FROM STDIN (FORMAT csv)") as copy,
        ):
            while block := file.read(1 << 20):
                copy.write(block)
        cursor.execute(
            f"""
            INSERT INTO {table} AS m (customer_id, {", ".join(everything)}, group_last_month, as_of_date, position)
            SELECT f.customer_id, {told}, '', %(as_of)s, %(position)s FROM insight_fresh AS f
            ON CONFLICT (customer_id) DO UPDATE SET ({listed}, group_last_month, as_of_date, position) = (
                {given}, CASE WHEN {is_new_month} THEN m.value_group ELSE m.group_last_month END,
                excluded.as_of_date, excluded.position)
            WHERE ({standing}) IS DISTINCT FROM ({given})
               OR {is_new_month} AND m.group_last_month <> m.value_group
            """,
            {"as_of": values.as_of, "position": position},
        )
        among = "" if values.customers is None else "m.customer_id = ANY(%s) AND"
        cursor.execute(
            f"DELETE FROM {table} AS m WHERE {among} NOT EXISTS"
            " (SELECT FROM insight_fresh AS f WHERE f.customer_id = m.customer_id)",
            [] if values.customers is None else [list(values.customers)],
        )
        cursor.execute("DROP TABLE insight_fresh")
    return CustomerMetrics.objects.count()
