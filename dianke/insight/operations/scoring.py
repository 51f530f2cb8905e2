"""What customers will do, told by the models of `rules.value` from everybody's days of buying.

The models are fitted to all customers at once and chosen by a back-test; with too little to go by nothing is told, and
why: an estimate that nobody can stand behind is worse than none. docs/algorithms/value-model.md
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from dianke.insight.rules.value import Fitted, History, TooLittle, fit_best, summary, visits

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Estimates:
    """`rows` has head_id and the estimates of each, as the columns of `CustomerMetrics` are named; amounts are minor
    units, days dates. `forecast` is how they came about, for people to read (`SnapshotRun.forecast`)."""

    rows: pa.Table
    forecast: dict[str, Any]


def estimate(bought: pa.Table, *, as_of: date, digits: int) -> Estimates | TooLittle:
    """From rows of head_id, day (since 1970-01-01) and amount (minor units of a currency with so many `digits`)."""
    unit = 10**digits
    until = (as_of - EPOCH).days
    columns = {name: bought.column(name).to_numpy().astype(np.int64) for name in ("head_id", "day", "amount")}
    history = History(columns["head_id"], columns["day"], columns["amount"] / unit, until)
    fitted = fit_best(history)
    if isinstance(fitted, TooLittle):
        return fitted
    of = visits(history)
    known = summary(of, until)
    scores = fitted.score(known.frequency, known.recency, known.age, known.spend, known.paid)
    rows = pa.table(
        {
            "head_id": of.people[known.person],
            "expected_next_date": _told(until + scores.next_visit_days, 0, pa.int32()).cast(pa.date32()),
            "churn_risk": _told(np.clip(scores.churn_risk, 0, 1), 4, pa.float64()),
            "ltv_amount": _told(scores.value * unit, 0, pa.int64()),
            "ltv_low_amount": _told(scores.value_low * unit, 0, pa.int64()),
            "ltv_high_amount": _told(scores.value_high * unit, 0, pa.int64()),
        }
    )
    return Estimates(rows, _forecast(fitted))


def _told(numbers: Any, digits: int, kind: pa.DataType) -> pa.Array:
    rounded = np.round(numbers, digits)
    return pa.array(rounded, mask=~np.isfinite(rounded)).cast(kind, safe=False)


def _forecast(fitted: Fitted) -> dict[str, Any]:
    return {
        "purchases_by": fitted.purchases_by,
        "risk_by": fitted.risk_by,
        "is_better_than_naive": fitted.is_better_than_naive(),
        "window_days": fitted.predictors.window,
        "tested": [
            {
                name: round(value, 4) if isinstance(value, float) else value
                for name, value in asdict(one).items()
            }
            for one in fitted.tested
        ],
    }
