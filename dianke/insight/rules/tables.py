"""The tables of a snapshot as expressions: what a measure is says nothing of where it is worked out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dianke.insight.rules.shape import TABLES

#: Expressions of Ibis are made by attribute: their names cannot be known before.
Expression = Any


@dataclass(frozen=True, slots=True)
class Tables:
    """One expression per table of `rules/shape`, of DuckDB, Spark or any other engine."""

    facts: Expression
    orders: Expression
    customers: Expression
    variants: Expression
    stores: Expression


def tables_of(engine: Any) -> Tables:
    """Of an engine that has them under their names."""
    return Tables(**{name: engine.table(name) for name in TABLES})
