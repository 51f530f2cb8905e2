"""A plain Splink 5 model: the comparisons its own library offers, trained on the rows it is asked about.

What somebody who reads the tutorial with care would write in an afternoon: names by Jaro-Winkler with term
frequencies, dates of birth, emails and postcodes by the library's comparisons, blocking on what is usual.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import duckdb
import pyarrow as pa
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)


Judged = TypeVar("Judged")


@dataclass(frozen=True, slots=True)
class SplinkRun(Generic[Judged]):
    """What was judged at each threshold, of single pairs and of the pairs inside clusters; and the seconds it took to
    train, and to predict and cluster once."""

    judged: list[Judged]
    training_seconds: float
    predicting_seconds: float


def run_splink(
    table: pa.Table, judge: Callable[[list[tuple[int, int]]], Judged], *, memory_limit: str
) -> SplinkRun[Judged]:
    """Train, predict and cluster a file of customers in the engine's schema; `judge` hears the pairs of ids found."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect(config={"memory_limit": memory_limit})
    connection.register("source", table)
    connection.execute(
        """
        CREATE TABLE plain AS SELECT id, nullif(name, '') AS name, phones[1] AS phone, emails[1] AS email, unionid,
          member_number, gender, replace(city, '市', '') AS city, street,
          CASE WHEN birth_year IS NOT NULL
               THEN format('{:04}-{:02}-{:02}', birth_year, birth_month, birth_day) END AS born
        FROM source
        """
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("phone", [1, 2]).configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
            cl.DateOfBirthComparison("born", input_is_string=True),
            cl.ExactMatch("unionid"),
            cl.ExactMatch("member_number"),
            cl.ExactMatch("gender"),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("street", [0.9]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("phone"),
            block_on("email"),
            block_on("unionid"),
            block_on("member_number"),
            block_on("name", "born"),
            block_on("name", "street"),
            block_on("name", "city", "gender"),
            block_on("born", "city"),
            block_on("substr(name, 1, 1)", "substr(phone, 8)"),
        ],
        retain_matching_columns=False,
    )
    started = time.perf_counter()
    linker = Linker(
        DuckDBAPI(connection).register(connection.table("plain")), settings, log_level=logging.ERROR
    )
    linker.training.estimate_probability_two_random_records_match(
        [block_on("name", "phone"), block_on("name", "email"), block_on("unionid")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for columns in (("phone",), ("name", "born"), ("email",), ("unionid",)):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
    trained = time.perf_counter()
    predicted = linker.inference.predict(threshold_match_probability=THRESHOLDS[0])
    linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=0.95)
    done = time.perf_counter()
    judged = [judge(pairs) for pairs in _at_thresholds(linker, predicted)]
    connection.close()
    return SplinkRun(judged, trained - started, done - trained)


def _at_thresholds(linker: Any, predicted: Any) -> Iterator[list[tuple[int, int]]]:
    edges = predicted.as_pyarrow_table()
    rows = list(
        zip(*(edges[name].to_pylist() for name in ("id_l", "id_r", "match_probability")), strict=True)
    )
    for threshold in THRESHOLDS:
        yield [(left, right) for left, right, probability in rows if probability >= threshold]
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predicted, threshold_match_probability=threshold
        ).as_pyarrow_table()
        yield _inside(clusters["cluster_id"].to_pylist(), clusters["id"].to_pylist())


def _inside(groups: Sequence[Any], records: Sequence[int], most: int = 200) -> list[tuple[int, int]]:
    members: dict[Any, list[int]] = {}
    for group, record in zip(groups, records, strict=True):
        members.setdefault(group, []).append(record)
    return [
        (one, other)
        for group in members.values()
        if 1 < len(group) <= most
        for place, other in enumerate(sorted(group))
        for one in sorted(group)[:place]
    ]
