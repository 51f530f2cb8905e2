"""The verdict on one pair of records: how probable it is that they are one person, why, and what to do.

For the clerk's new record against a few candidates, in well under a millisecond each, without a database. The same
conditions and parameters judge millions of pairs in bulk.py and come to the same weight.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language

from dianke.core.lunar import LunarDate
from dianke.matching.comparisons import MISSING
from dianke.matching.conditions import Prepared
from dianke.matching.decisions import VERIFIED, Ceiling, Decision, ceiling_of, decide
from dianke.matching.model import Model, shipped
from dianke.matching.preparation import prepare
from dianke.matching.record import Birth, Calendar, Record


@dataclass(frozen=True, slots=True)
class Part:
    """What one comparison adds: `weight` in bits, 0 where a side has no value (level "MISSING")."""

    comparison: str
    level: str
    weight: float
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`weight` is the prior and all parts, in bits. `blocked_by` names verified identities in conflict.

    `ceiling` is the code of the rule that lowered the decision, if one did.
    """

    probability: float
    weight: float
    decision: Decision
    blocked_by: str | None
    ceiling: str | None
    prior: float
    parts: tuple[Part, ...]


def score(left: Record, right: Record, model: Model | None = None) -> Verdict:
    """The verdict on two records; the same for both orders, except which side a part shows first."""
    return _verdict(left, prepare(left), right, prepare(right), model or shipped())


def best_candidates(
    record: Record, candidates: Iterable[Record], model: Model | None = None
) -> list[tuple[Record, Verdict]]:
    """The candidates worth showing, most probable first; those to leave are dropped."""
    chosen, prepared = model or shipped(), prepare(record)
    found = [
        (candidate, _verdict(record, prepared, candidate, prepare(candidate), chosen))
        for candidate in candidates
        if candidate.id != record.id
    ]
    kept = [entry for entry in found if entry[1].decision is not Decision.LEAVE]
    return sorted(kept, key=lambda entry: (-entry[1].weight, entry[0].id))


def probability_of(weight: float) -> float:
    """Of odds given in bits."""
    if weight > 60:
        return 1.0
    odds = 2.0**weight
    return float(odds / (1 + odds))


def _verdict(
    left: Record, left_prepared: Prepared, right: Record, right_prepared: Prepared, model: Model
) -> Verdict:
    parts: list[Part] = []
    for comparison in model.comparisons:
        level = comparison.level_of(left_prepared, right_prepared)
        bits = model.weight(comparison, level, left_prepared, right_prepared) if level else 0.0
        parts.append(
            Part(
                comparison.code,
                level.code if level else MISSING,
                bits,
                _shown(left, comparison.shown),
                _shown(right, comparison.shown),
            )
        )
    levels = {part.comparison: part.level for part in parts}
    prior = model.prior
    weight = prior + sum(part.weight for part in parts)
    probability = probability_of(weight)
    ceiling: Ceiling | None = ceiling_of(levels)
    decision = decide(probability, ceiling)
    return Verdict(
        probability=probability,
        weight=weight,
        decision=decision,
        blocked_by=ceiling.code if ceiling and ceiling.code in VERIFIED else None,
        ceiling=ceiling.code if ceiling and decision is not decide(probability, None) else None,
        prior=prior,
        parts=tuple(parts),
    )


def _shown(record: Record, fields: tuple[str, ...]) -> str:
    """The values of a record as one text, for the page that shows both sides."""
    texts: list[str] = []
    for name in fields:
        value = getattr(record, name)
        if isinstance(value, Birth):
            texts.append(_shown_birth(value))
        elif isinstance(value, tuple):
            texts.append(", ".join(value))
        elif value:
            texts.append(str(value))
    return " ".join(texts)


def _shown_birth(birth: Birth) -> str:
    """1980-08-15, 08-15, and 1980 农历八月十五 in the words of whoever looks."""
    if birth.calendar is Calendar.LUNAR:
        day = LunarDate(birth.month, birth.day, birth.is_leap).format(get_language() or "zh_Hans")
        return f"{birth.year} {day}" if birth.year else day
    day = f"{birth.month:02}-{birth.day:02}"
    return f"{birth.year:04}-{day}" if birth.year else day
