"""The plain forecast: weekdays when there are weeks enough, the mean when there are days enough, nothing before."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from dianke.purchasing.rules.forecasting import (
    BY_WEEKDAY,
    NOTHING_KNOWN,
    SHORT_HISTORY,
    History,
    forecast,
)

MONDAY = date(2026, 11, 23)


def history(*, weeks=0, days=0, sold=None, closed=()) -> History:
    """`sold(day)` on each of so many days before `MONDAY`."""
    first = MONDAY - timedelta(days=weeks * 7 + days)
    every = [first + timedelta(days=n) for n in range((MONDAY - first).days)]
    return History(first, MONDAY, {day: D(sold(day)) for day in every if sold(day)}, frozenset(closed))


def test_saturdays_are_expected_to_be_like_saturdays():
    busy = history(weeks=8, sold=lambda day: 10 if day.weekday() == 5 else 1)
    week = forecast(busy, first=MONDAY, days=7)
    assert (week.quantity, week.method, week.known_days) == (D(16), BY_WEEKDAY, 56)
    assert forecast(busy, first=MONDAY, days=5).quantity == 5  # Monday to Friday
    assert forecast(busy, first=MONDAY + timedelta(days=5), days=1).quantity == 10


def test_only_the_last_eight_weeks_count():
    risen = history(weeks=20, sold=lambda day: 3 if day >= MONDAY - timedelta(weeks=8) else 1)
    assert forecast(risen, first=MONDAY, days=7).quantity == 21


def test_with_a_short_history_every_day_counts_the_same():
    short = history(days=10, sold=lambda day: 10 if day.weekday() == 5 else 0)
    found = forecast(short, first=MONDAY, days=7)
    assert found.method == SHORT_HISTORY
    assert found.quantity == D("14.0000")  # two Saturdays in ten days


def test_less_than_a_week_says_nothing():
    assert forecast(history(days=6, sold=lambda _day: 9), first=MONDAY, days=7) == NOTHING_KNOWN


def test_days_without_goods_do_not_pull_the_demand_down():
    empty = {MONDAY - timedelta(days=n) for n in range(1, 4)}
    with_gap = history(days=13, sold=lambda day: 0 if day in empty else 4, closed=empty)
    assert forecast(with_gap, first=MONDAY, days=5).quantity == 20


def test_steady_sales_have_no_deviation_and_varying_ones_do():
    assert forecast(history(weeks=4, sold=lambda _day: 5), first=MONDAY, days=1).daily_deviation == 0
    varying = forecast(
        history(weeks=4, sold=lambda day: 2 + 2 * (day.toordinal() // 7 % 2)), first=MONDAY, days=1
    )
    assert varying.daily_deviation == 1


def test_more_returns_than_sales_expect_nothing_not_less():
    assert forecast(history(days=10, sold=lambda _day: -1), first=MONDAY, days=7).quantity == 0


@given(
    st.lists(st.decimals(min_value=0, max_value=100, places=2), min_size=7, max_size=80), st.integers(0, 60)
)
def test_the_forecast_lies_between_the_emptiest_and_the_busiest_day(sold, days):
    first = MONDAY - timedelta(days=len(sold))
    known = History(first, MONDAY, {first + timedelta(days=n): each for n, each in enumerate(sold)})
    found = forecast(known, first=MONDAY, days=days)
    last = sold[-56:]
    assert min(last) * days - D("0.001") <= found.quantity <= max(last) * days + D("0.001")
