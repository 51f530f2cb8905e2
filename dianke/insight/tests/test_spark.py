"""The same expressions on PySpark, in one process on this machine: equal answers, row by row."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from dianke.core.actor import SYSTEM
from dianke.insight.operations import snapshots
from dianke.insight.operations.snapshots import manifest
from dianke.insight.queries.engine import opened
from dianke.insight.rules import analyses, measures, worth
from dianke.insight.rules.shape import TABLES
from dianke.insight.rules.tables import tables_of
from dianke.sales.queries.reports.figures import scope_of, stores_of
from dianke.sales.rules.report_terms import Span
from dianke.sales.tests.counter import Counter
from dianke.sales.tests.test_reports import busy

TODAY = date(2026, 11, 21)
FIRST = TODAY - timedelta(days=9)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        pytest.skip("PySpark needs a Java runtime: neither `java` nor JAVA_HOME is here")
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.adaptive.enabled", "false")
        # Rows are few: compiling code for each stage would take longer than running it.
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def plain(value: Any) -> Any:
    """Engines differ in the kinds of numbers and days they hand over, not in what they are."""
    if hasattr(value, "date"):
        return value.date()
    if isinstance(value, float | Decimal):
        return Decimal(str(value)).normalize()
    return value


def told(engine: Any, expression: Any) -> list[tuple]:
    rows = engine.to_pyarrow(expression).to_pylist()
    return sorted(
        (tuple(sorted((name, plain(value)) for name, value in row.items())) for row in rows), key=str
    )


def test_the_same_expressions_give_the_same_answers_on_spark(counter: Counter, now, spark):
    import ibis

    with connection.cursor() as cursor:  # the transaction of the test waits for Spark
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
    busy(counter, 11)
    taken = snapshots.refresh(now=now)
    duck = opened(taken.manifest, manifest.home())
    session = ibis.pyspark.connect(spark)
    for table in TABLES.values():
        files = [
            str(manifest.home() / "files" / piece.name) for piece in taken.manifest.of(table.name).values()
        ]
        spark.read.parquet(*files).createOrReplaceTempView(table.name)
    theirs = tables_of(session)
    scope = scope_of(SYSTEM, (), stores_of(SYSTEM))
    within = measures.Within(tuple(store.pk for store in scope.stores))
    every = list(measures.MEASURES)
    # Every dimension once; Spark is slow to begin, so three at a time.
    dimensions = list(measures.DIMENSIONS)
    for by in ([], *(dimensions[n : n + 3] for n in range(0, len(dimensions), 3))):
        asked = measures.question(measures=every, by=by, span=Span(FIRST, TODAY), within=within)
        ours, other = (
            measures.answer(
                asked,
                *(
                    engine.to_pyarrow(make(tables, asked)).to_pylist()
                    for make in (measures.expression, measures.quantities)
                ),
            )
            for engine, tables in ((duck.engine, duck.tables), (session, theirs))
        )
        assert ours
        assert sorted(other, key=lambda row: row.keys) == sorted(ours, key=lambda row: row.keys), by
    terms = worth.Terms(TODAY, "CNY")
    for make in (
        lambda t: worth.worth(t, terms),
        lambda t: worth.bought(t, terms),
        lambda t: analyses.rfm(t, terms),
        lambda t: analyses.cohorts(t, terms),
        lambda t: analyses.best_sellers(t, FIRST, TODAY),
        lambda t: analyses.stores_by_day(t, FIRST, TODAY),
        lambda t: analyses.bought_together(t, FIRST, TODAY, 1),
    ):
        ours = told(duck.engine, make(duck.tables))
        assert ours
        assert told(session, make(theirs)) == ours
