"""What the models say, in the columns that are written back."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from dianke.insight.operations.scoring import EPOCH, Estimates, estimate
from dianke.insight.rules.value import TooLittle

AS_OF = date(2026, 11, 21)
PEOPLE = 600


@pytest.fixture(scope="module")
def bought() -> pa.Table:
    """People who come once in ten to two hundred days for a while and spend about 80.00 each time."""
    rng = np.random.default_rng(11)
    heads, days, amounts = [], [], []
    until = (AS_OF - EPOCH).days
    for head in range(1, PEOPLE + 1):
        pace, day = rng.uniform(10, 200), until - rng.integers(1, 700)
        end = day + rng.exponential(500)
        while day <= min(until, end):
            heads.append(head)
            days.append(int(day))
            amounts.append(int(rng.gamma(4, 20_00)))
            day += 1 + rng.exponential(pace)
    return pa.table({"head_id": heads, "day": days, "amount": amounts})


def test_everybody_is_estimated_in_minor_units_and_dates_to_come(bought):
    told = estimate(bought, as_of=AS_OF, digits=2)
    assert isinstance(told, Estimates)
    rows = told.rows.to_pandas()
    assert sorted(rows.head_id) == list(range(1, PEOPLE + 1))
    assert rows.churn_risk.between(0, 1).all()
    assert rows.expected_next_date.dropna().between(AS_OF, AS_OF + timedelta(days=731)).all()
    assert (rows.ltv_low_amount <= rows.ltv_high_amount).all()
    assert 10_00 < rows.ltv_amount.median() < 5_000_00
    assert {told.forecast["purchases_by"], told.forecast["risk_by"]} <= {
        one["name"] for one in told.forecast["tested"]
    }


def test_a_currency_without_decimals_is_worth_as_much(bought):
    whole = bought.set_column(2, "amount", pa.array(np.asarray(bought.column("amount")) // 100))
    cents, units = (estimate(table, as_of=AS_OF, digits=n).rows for table, n in ((bought, 2), (whole, 0)))
    given = np.asarray(cents.column("ltv_amount")).sum() / 100
    assert np.asarray(units.column("ltv_amount")).sum() == pytest.approx(given, rel=0.02)


def test_few_people_are_not_estimated(bought):
    few = bought.filter(pa.compute.less(bought.column("head_id"), 50))
    told = estimate(few, as_of=AS_OF, digits=2)
    assert isinstance(told, TooLittle)
    assert (told.reason, told.need) == ("TOO_FEW_PEOPLE", 200)
