"""Learning what each level of agreement is worth, from records nobody has labelled.

Splink estimates u from random pairs and m by expectation maximisation (Dempster, Laird and Rubin 1977) on pairs that
share one strong value: those of a phone teach what names and birthdays do, those of a name and birthday what phones
do. Only training needs Splink, a package of development; scoring reads the parameters from a file.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa

from dianke.matching.bulk import load
from dianke.matching.bulk_preparation import (
    NAME_COLUMNS,
    Connection,
    measure_frequencies,
    prepare_all,
)
from dianke.matching.comparisons import CUSTOMERS, Comparison
from dianke.matching.decisions import VERIFIED
from dianke.matching.model import Chance, Frequencies, Model

#: What an identity is worth is known, not learnt: one person has one, but for a slip in two hundred, and two people
#: hardly ever the same one; a member's card is lent more easily than a WeChat account.
_VERIFIED_M = 0.995
_VERIFIED_U = {"unionid": 1e-9, "document": 1e-9, "member_number": 1e-7}
#: On what the pairs agree that a session learns from.
_SESSIONS = (("unionid",), ("member_number",), ("email",), ("syllables", "birth_day"), ("phone",))
#: Pairs that are one person for certain, and the share of all matches they are taken to be.
_CERTAIN = (("phone", "syllables"), ("email", "syllables"), ("unionid",), ("syllables", "birth_text"))
_CERTAIN_SHARE = 0.7
_KEPT_NAMES = 2_500
_SIDE = re.compile(r"\b([lr])\.(\w+)")


def train(
    source: Path | pa.Table,
    *,
    comparisons: tuple[Comparison, ...] = CUSTOMERS,
    random_pairs: float = 5e6,
    seed: int = 11,
) -> Model:
    """The model of a file of records with the columns of bulk.SCHEMA; some 100,000 of them or more teach well."""
    connection = duckdb.connect()
    try:
        load(connection, source)
        prepare_all(connection)
        frequencies = commonest(measure_frequencies(connection), _KEPT_NAMES)
        (records,) = connection.execute("SELECT count(*) FROM prepared").fetchall()[0]
        chances, chance_of_match = learn(
            connection,
            comparisons,
            sessions=_SESSIONS,
            certain=_CERTAIN,
            certain_share=_CERTAIN_SHARE,
            random_pairs=random_pairs,
            seed=seed,
        )
        return Model(comparisons, chances, rate=chance_of_match * records, frequencies=frequencies)
    finally:
        connection.close()


def learn(
    connection: Connection,
    comparisons: Sequence[Comparison],
    *,
    sessions: Sequence[tuple[str, ...]],
    certain: Sequence[tuple[str, ...]],
    certain_share: float,
    random_pairs: float,
    seed: int,
    link_type: Literal["dedupe_only", "link_only"] = "dedupe_only",
    tables: Sequence[str] = ("prepared",),
) -> tuple[dict[tuple[str, str], Chance], float]:
    """m and u of every level from the tables of prepared records, and the chance that two random ones match."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(connection)
    settings = SettingsCreator(
        link_type=link_type,
        comparisons=[_as_splink(comparison) for comparison in comparisons],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in certain],
        unique_id_column_name="id",
        retain_matching_columns=False,
        max_iterations=60,
        em_convergence=0.0005,
    )
    linker = Linker(
        [api.register(connection.table(table)) for table in tables], settings, log_level=logging.ERROR
    )
    linker.training.estimate_probability_two_random_records_match(
        [block_on(*columns) for columns in certain], recall=certain_share
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=random_pairs, seed=seed)
    for columns in sessions:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*columns), estimate_without_term_frequencies=True
        )
    learnt = linker.misc.save_model_to_json()
    return _chances(comparisons, learnt, random_pairs), float(learnt["probability_two_random_records_match"])


def commonest(frequencies: Frequencies, most: int) -> Frequencies:
    """Only the commonest values of each column; the others share what is left evenly."""
    shares: dict[str, Mapping[str, float]] = {}
    rest: dict[str, float] = {}
    for column, found in frequencies.shares.items():
        ranked = sorted(found.items(), key=lambda entry: (-entry[1], entry[0]))
        shares[column] = dict(sorted(ranked[:most]))
        others = [share for _value, share in ranked[most:]]
        rest[column] = sum(others) / len(others) if others else frequencies.rest[column]
    return Frequencies(shares, rest, frequencies.typical)


def _as_splink(comparison: Comparison) -> dict[str, Any]:
    """The same levels in Splink's words: `l.road` is `road_l`."""
    missing = _SIDE.sub(r"\2_\1", f"{comparison.missing_sql('l')} OR {comparison.missing_sql('r')}")
    levels: list[dict[str, Any]] = [
        {"sql_condition": missing, "label_for_charts": "missing", "is_null_level": True}
    ]
    for level in comparison.levels:
        condition = "ELSE" if level is comparison.levels[-1] else _SIDE.sub(r"\2_\1", level.condition.sql())
        entry: dict[str, Any] = {"sql_condition": condition, "label_for_charts": level.code}
        if comparison.code in VERIFIED:
            entry["m_probability"] = _VERIFIED_M if level.code == "SAME" else 1 - _VERIFIED_M
            entry["fix_m_probability"] = True
        levels.append(entry)
    return {"output_column_name": comparison.code, "comparison_levels": levels}


def _chances(
    comparisons: Sequence[Comparison], learnt: Mapping[str, Any], random_pairs: float
) -> dict[tuple[str, str], Chance]:
    """What never occurred among the random pairs may still occur: half a pair of them is the least."""
    by_code = {entry["output_column_name"]: entry["comparison_levels"] for entry in learnt["comparisons"]}
    least = 0.5 / random_pairs
    chances = {}
    for comparison in comparisons:
        found = {level["label_for_charts"]: level for level in by_code[comparison.code]}
        if comparison.code in VERIFIED:
            chances[comparison.code, "SAME"] = Chance(_VERIFIED_M, _VERIFIED_U[comparison.code])
            chances[comparison.code, "DIFFERENT"] = Chance(1 - _VERIFIED_M, 1.0)
            continue
        for level in comparison.levels:
            m, u = (found[level.code].get(name) for name in ("m_probability", "u_probability"))
            chances[comparison.code, level.code] = Chance(_floored(m, 1e-6), _floored(u, least))
    return chances


def _floored(learnt: float | str | None, least: float) -> float:
    return max(float(learnt), least) if isinstance(learnt, (int, float)) else least


__all__ = ["NAME_COLUMNS", "commonest", "learn", "train"]
