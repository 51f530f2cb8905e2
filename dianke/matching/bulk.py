"""All pairs of one person in a whole file of records, by the same conditions and weights as one pair at entry.

Set-based in DuckDB: records are prepared, keys say which pairs are worth comparing, one statement puts every pair at
its levels and adds the bits. What does not fit into memory goes to the disk. Then the links become clusters.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from math import log2
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from dianke.matching import blocking
from dianke.matching.blocking import Key
from dianke.matching.bulk_preparation import (
    SCHEMA,
    Connection,
    add_measures,
    measure_frequencies,
    measure_holders,
    prepare_all,
)
from dianke.matching.clusters import LIMITS, Limits, Refusal, clusters
from dianke.matching.comparisons import Comparison
from dianke.matching.decisions import CEILINGS, VERIFIED, Ceiling, Decision
from dianke.matching.model import LISTS, UNSHARED, Model, shipped
from dianke.matching.record import Record
from dianke.matching.thresholds import LINK, REVIEW

__all__ = ["SCHEMA", "BulkResult", "match_all", "table_of"]

#: From so many records on, how common a name is is measured on them; below, as it was where the model was trained.
MEASURED_FROM = 10_000
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class BulkResult:
    """`pairs`: left, right (left < right), weight, probability, decision (LINK or REVIEW), heaviest first.

    `clusters`: id, cluster (the smallest id of it), for records in a cluster of at least two. `model` is the one the
    pairs were weighed with: with the population, the holders
    and, in a large file, the frequencies of names measured on it. `compared` pairs had a key in common.
    """

    pairs: pa.Table
    clusters: pa.Table
    model: Model
    records: int
    compared: int
    refused: tuple[Refusal, ...]


def match_all(
    source: Path | pa.Table,
    *,
    model: Model | None = None,
    link: float = LINK,
    review: float = REVIEW,
    apart: Collection[tuple[int, int]] = (),
    limits: Limits = LIMITS,
    on_progress: Progress | None = None,
    memory_limit: str = "2GB",
    threads: int | None = None,
    work_directory: Path | None = None,
) -> BulkResult:
    """Compare the records of a Parquet file or an Arrow table with the columns of SCHEMA.

    `apart` are pairs of ids a person has declared different. `on_progress` hears a stage and the share done, 0..1.
    Memory stays under `memory_limit` (of DuckDB; the result comes on top), what is more goes to `work_directory`.
    """
    tell = on_progress or (lambda _stage, _share: None)
    with tempfile.TemporaryDirectory(prefix="dianke-matching-", dir=work_directory) as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "temp_directory": spill,
            "preserve_insertion_order": False,
        }
        if threads:
            config["threads"] = threads
        connection = duckdb.connect(config=config)
        try:
            return _match(connection, source, model or shipped(), link, review, apart, limits, tell)
        finally:
            connection.close()


def table_of(records: Iterable[Record]) -> pa.Table:
    """Records as a table for `match_all`."""
    rows: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}
    for record in records:
        birth = record.birth
        for name in SCHEMA.names:
            if name.startswith("birth_"):
                rows[name].append(getattr(birth, name.removeprefix("birth_")) if birth else None)
            elif name in LISTS.values():
                rows[name].append(list(getattr(record, name)))
            else:
                rows[name].append(getattr(record, name))
    return pa.table(rows, schema=SCHEMA)


def _match(
    connection: Connection,
    source: Path | pa.Table,
    model: Model,
    link: float,
    review: float,
    apart: Collection[tuple[int, int]],
    limits: Limits,
    tell: Progress,
) -> BulkResult:
    tell("prepare", 0.0)
    load(connection, source)
    prepare_all(connection)
    (records,) = connection.execute("SELECT count(*) FROM prepared").fetchall()[0]
    measured = model.for_population(records).with_holders(measure_holders(connection))
    if records >= MEASURED_FROM:
        measured = replace(measured, frequencies=measure_frequencies(connection))
    add_measures(connection, measured.frequencies)
    tell("pair", 0.3)
    compared = pair_up(connection, blocking.CUSTOMERS)
    tell("score", 0.5)
    connection.execute(f"CREATE TABLE scored AS {scoring_sql(measured, review=review)}")
    pairs = connection.sql(
        f"""
        SELECT "left", "right", weight, 1 / (1 + pow(2, -weight)) AS probability,
          CASE WHEN weight >= {_bits(link)} AND NOT is_capped THEN 'LINK' ELSE 'REVIEW' END AS decision
        FROM scored WHERE NOT is_against ORDER BY weight DESC, "left", "right"
        """  # noqa: S608
    ).to_arrow_table()
    tell("cluster", 0.9)
    found, refused = _clusters(connection, pairs, apart, limits)
    tell("done", 1.0)
    return BulkResult(pairs, found, measured, records, compared, tuple(refused))


def load(connection: Connection, source: Path | pa.Table) -> None:
    columns = ", ".join(SCHEMA.names)
    if isinstance(source, Path):
        connection.execute(f"CREATE TABLE records AS SELECT {columns} FROM read_parquet(?)", [str(source)])  # noqa: S608
        return
    connection.register("source", source)
    connection.execute(f"CREATE TABLE records AS SELECT {columns} FROM source")  # noqa: S608
    connection.unregister("source")


def pair_up(connection: Connection, keys: Sequence[Key], table: str = "prepared") -> int:
    """Make the table `candidates` ("left" < "right") of all pairs that share a key; how many."""
    connection.execute('CREATE TABLE met ("left" BIGINT, "right" BIGINT)')
    for key in keys:
        connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE keyed AS
            WITH keys AS ({key.sql(table)}),
            sizes AS (SELECT key FROM keys GROUP BY key HAVING count(*) BETWEEN 2 AND {key.most})
            SELECT id, key FROM keys SEMI JOIN sizes USING (key);
            INSERT INTO met SELECT a.id, b.id FROM keyed a JOIN keyed b ON a.key = b.key AND a.id < b.id;
            """  # noqa: S608
        )
    connection.execute('CREATE TABLE candidates AS SELECT DISTINCT "left", "right" FROM met; DROP TABLE met')
    (compared,) = connection.execute("SELECT count(*) FROM candidates").fetchall()[0]
    return int(compared)


def levels_sql(comparison: Comparison) -> str:
    """The number of the level of a pair `l`, `r`: 0 where a value is missing, then from 1 in the order of levels."""
    whens = " ".join(
        f"WHEN {level.condition.sql()} THEN {number}" for number, level in enumerate(comparison.levels, 1)
    )
    missing = f"{comparison.missing_sql('l')} OR {comparison.missing_sql('r')}"
    return f"CAST(CASE WHEN {missing} THEN 0 {whens} END AS TINYINT)"


def scoring_sql(
    model: Model, *, review: float, ceilings: Sequence[Ceiling] = CEILINGS, keep_levels: bool = False
) -> str:
    """All candidates with their weight: those from the threshold of review on, and those that speak against.

    Columns "left", "right", weight, is_capped, is_against (a ceiling of LEAVE), is_apart, and with `keep_levels` the
    number of the level of every comparison, and no threshold.
    """
    rarity = any(level.by_rarity for c in model.comparisons for level in c.levels)
    extra = ["least(l.rarity, r.rarity) AS rarity"] if rarity else []
    for comparison in model.comparisons:
        if any(level.by_holders for level in comparison.levels):
            extra.append(_held_sql(comparison))
    levels = ", ".join([f"{levels_sql(c)} AS {c.code}" for c in model.comparisons] + extra)
    bits = " + ".join(_weight_sql(model, comparison) for comparison in model.comparisons)
    codes = ", ".join(c.code for c in model.comparisons)
    present = {c.code: c for c in model.comparisons}
    usable = [ceiling for ceiling in ceilings if set(ceiling.when) <= set(present)]
    against = [_ceiling_sql(c, present) for c in usable if c.most is Decision.LEAVE]
    apart = [_ceiling_sql(c, present) for c in usable if c.keeps_apart]
    capped = [_ceiling_sql(c, present) for c in usable]
    kept = codes if keep_levels else ""
    return f"""
        WITH levels AS (
          SELECT l.id AS "left", r.id AS "right", {levels}
          FROM candidates JOIN prepared l ON l.id = candidates."left" JOIN prepared r ON r.id = candidates."right"),
        weighed AS (SELECT *, {model.prior!r} + {bits} AS weight FROM levels)
        SELECT "left", "right", weight, {" OR ".join(capped) or "false"} AS is_capped,
          {" OR ".join(against) or "false"} AS is_against, {" OR ".join(apart) or "false"} AS is_apart
          {"," if kept else ""} {kept}
        FROM weighed {"" if keep_levels else f"WHERE weight >= {_bits(review)}"}
        """  # noqa: S608


def _weight_sql(model: Model, comparison: Comparison) -> str:
    whens = []
    for number, level in enumerate(comparison.levels, 1):
        bits = repr(model.base_weight(comparison, level))
        if level.by_rarity:
            bits += " + rarity"
        if level.by_holders:
            bits += f" - log2({comparison.code}_held / {UNSHARED}.0)"
        whens.append(f"WHEN {number} THEN {bits}")
    return f"(CASE {comparison.code} {' '.join(whens)} ELSE 0.0 END)"


def _held_sql(comparison: Comparison) -> str:
    code = comparison.code
    return f"least(l.{code}_held, r.{code}_held) AS {code}_held"


def _ceiling_sql(ceiling: Ceiling, present: dict[str, Comparison]) -> str:
    def at(code: str, levels: frozenset[str]) -> str:
        numbers = [0] if "MISSING" in levels else []
        numbers += [n for n, level in enumerate(present[code].levels, 1) if level.code in levels]
        return "(" + " OR ".join(f"{code} = {number}" for number in numbers) + ")"

    when = [at(code, levels) for code, levels in ceiling.when.items()]
    unless = [f"NOT {at(code, levels)}" for code, levels in ceiling.unless.items() if code in present]
    return "(" + " AND ".join([*when, *unless]) + ")"


def _bits(probability: float) -> float:
    return log2(probability / (1 - probability))


def _clusters(
    connection: Connection, pairs: pa.Table, apart: Collection[tuple[int, int]], limits: Limits
) -> tuple[pa.Table, list[Refusal]]:
    """Clusters of the links; only those that break a limit are looked at again, record by record."""
    connection.register("found_pairs", pairs)
    links = connection.execute(
        """SELECT "left", "right", weight FROM found_pairs WHERE decision = 'LINK'"""
    ).fetchall()
    connection.unregister("found_pairs")
    roots = _roots(links)
    table = pa.table(
        {"id": pa.array(list(roots), pa.int64()), "cluster": pa.array(list(roots.values()), pa.int64())}
    )
    connection.register("found", table)
    too_many = " OR ".join(
        [
            f"count(DISTINCT {kind}) > {limits.identities[kind]}"
            for kind in VERIFIED
            if kind in limits.identities
        ]
        + [
            f"len(list_distinct(flatten(list({column})))) > {limits.identities[kind]}"
            for kind, column in LISTS.items()
            if kind in limits.identities
        ]
        + [f"count(*) > {limits.records}"]
    )
    broken = {
        row[0]
        for row in connection.execute(
            f"SELECT cluster FROM found JOIN prepared USING (id) GROUP BY cluster HAVING {too_many}"  # noqa: S608
            ' UNION SELECT a.cluster FROM scored s JOIN found a ON a.id = s."left"'
            ' JOIN found b ON b.id = s."right"'
            " WHERE s.is_apart AND a.cluster = b.cluster"
        ).fetchall()
    }
    conflicts: set[tuple[int, int]] = set(apart) | set(
        connection.execute(
            """SELECT "left", "right" FROM scored JOIN found ON found.id = scored."left" WHERE is_apart"""
        ).fetchall()
    )
    broken |= {roots[one] for one, other in apart if one in roots and roots.get(one) == roots.get(other)}
    if not broken:
        return table, []
    again = {record for record, root in roots.items() if root in broken}
    clustering = clusters(
        [pair for pair in links if pair[0] in again],
        identities=_identities(connection, again),
        limits=limits,
        conflicts=[pair for pair in conflicts if pair[0] in again and pair[1] in again],
    )
    connection.unregister("found")
    whole = {record: root for record, root in roots.items() if root not in broken}
    whole |= {record: members[0] for members in clustering.clusters for record in members}
    return (
        pa.table(
            {"id": pa.array(list(whole), pa.int64()), "cluster": pa.array(list(whole.values()), pa.int64())}
        ),
        clustering.refused,
    )


def _identities(connection: Connection, records: Collection[int]) -> dict[int, dict[str, tuple[str, ...]]]:
    connection.register("again", pa.table({"id": pa.array(list(records), pa.int64())}))
    kinds = (*VERIFIED, *LISTS)
    columns = ", ".join((*VERIFIED, *LISTS.values()))
    rows = connection.execute(f"SELECT id, {columns} FROM prepared SEMI JOIN again USING (id)").fetchall()  # noqa: S608
    connection.unregister("again")
    return {
        row[0]: {
            kind: tuple(value) if isinstance(value, list) else (value,)
            for kind, value in zip(kinds, row[1:], strict=True)
            if value
        }
        for row in rows
    }


def _roots(links: Sequence[tuple[int, int, float]]) -> dict[int, int]:
    """Record → smallest id it is joined to by any chain of links."""
    parent: dict[int, int] = {}

    def root(record: int) -> int:
        above = parent.setdefault(record, record)
        while above != parent[above]:
            parent[above] = above = parent[parent[above]]
        parent[record] = above
        return above

    for left, right, _weight in links:
        one, other = root(left), root(right)
        if one < other:
            parent[other] = one
        elif other < one:
            parent[one] = other
    return {record: root(record) for record in list(parent)}
