"""Which model is used is decided by the last window, told with its reason, and never by what it is judged on."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from dianke.insight.rules.value import Fitted, History, TooLittle, fit_best, summary, visits
from dianke.insight.rules.value.choosing import (
    BLEND,
    MODELS,
    OWN_RATE,
    area_under_curve,
    mean_error,
)
from dianke.insight.rules.value.history import visits_between


@pytest.fixture(scope="module")
def shop():
    """Orders of 3,000 people over 300 days, who first come within the first 90."""
    chance = np.random.default_rng(17)
    people = 3_000
    start = chance.integers(0, 90, people)
    rate = chance.gamma(0.6, 1 / 60, people)
    end = start + chance.exponential(1.0, people) / chance.gamma(0.7, 1 / 90, people)
    customers, days = [np.arange(people)], [start]
    now = start.astype(float)
    for _visit in range(80):
        now = now + chance.exponential(1 / rate)
        here = (now <= end) & (now <= 299)
        customers.append(np.flatnonzero(here))
        days.append(now[here].astype(int))
        end = np.where(here, end, -1.0)
    who = np.concatenate(customers)
    each = chance.gamma(3.74, 1 / 15.44, people)
    return History(who, np.concatenate(days), chance.gamma(6.25, 1.0, len(who)) / each[who], 299)


def scored(fitted, known, **options):
    return fitted.score(known.frequency, known.recency, known.age, known.spend, known.paid, **options)


def test_orders_of_one_day_are_one_visit():
    history = History(np.array([7, 7, 7, 9]), np.array([3, 3, 10, 4]), np.array([5.0, 6.0, -2.0, 0.0]), 20)
    known = summary(visits(history), 12)
    assert known.frequency.tolist() == [1, 0]
    assert known.recency.tolist() == [7, 0]
    assert known.age.tolist() == [9, 8]
    # The return of day 10 brought no money; nor did anything of the second person.
    assert known.paid.tolist() == [1, 0]
    assert known.spend[0] == 11
    assert np.isnan(known.spend[1])


def test_what_happens_after_the_end_is_not_looked_at(shop):
    early = replace(shop, until=240)
    later = shop.days > 240
    shuffled = replace(early, days=np.where(later, 241 + (shop.days * 7) % 50, shop.days))
    first, second = fit_best(early), fit_best(shuffled)
    assert isinstance(first, Fitted)
    assert first.tested == second.tested
    assert np.array_equal(first.predictors.coefficients, second.predictors.coefficients)


def test_the_best_of_the_back_test_are_used_and_named(shop):
    fitted = fit_best(shop)
    by_name = {one.name: one for one in fitted.tested}
    assert set(by_name) == {*MODELS, OWN_RATE}
    assert by_name[fitted.purchases_by].error == min(by_name[name].error for name in MODELS)
    assert by_name[fitted.risk_by].area == max(by_name[name].area for name in MODELS)
    assert by_name[fitted.purchases_by].error < by_name[OWN_RATE].error
    assert fitted.is_better_than_naive()
    worse = replace(by_name[OWN_RATE], error=0.0)
    assert not replace(fitted, tested=(*fitted.tested[:-1], worse)).is_better_than_naive()


def test_scores_hold_in_a_window_nobody_has_seen(shop):
    fitted = fit_best(replace(shop, until=209))
    of = visits(shop)
    known = summary(of, 209)
    came = visits_between(of, known.person, 209, 299)
    told = scored(fitted, known, horizon=90)
    assert area_under_curve(-told.churn_risk, came > 0) > 0.75
    assert told.churn_risk.mean() == pytest.approx((came == 0).mean(), abs=0.06)
    assert told.expected_purchases.sum() == pytest.approx(came.sum(), rel=0.2)
    assert mean_error(told.expected_purchases, came) < mean_error(np.full(len(came), came.mean()), came)


def test_whoever_is_long_past_the_own_rhythm_is_at_risk():
    told = scored(
        fit_best_of_seed(),
        summary_of(frequency=[20, 20, 0, 0], recency=[195, 60, 0, 0], age=[200, 200, 10, 200]),
        horizon=60,
    )
    regular, silent, new, once = range(4)
    assert told.churn_risk[silent] > told.churn_risk[regular]
    assert told.overdue[silent] > 0.99 > 0.6 > told.overdue[regular]
    # Not P(alive): whoever bought once, long ago, is at risk too.
    assert told.churn_risk[once] > told.churn_risk[new] > told.churn_risk[regular]
    assert told.next_visit_days[regular] < told.next_visit_days[new]
    assert np.all((told.value_low <= told.value_high) & (told.value_low >= 0))


def fit_best_of_seed():
    chance = np.random.default_rng(5)
    people = 1_500
    gaps = chance.exponential(1 / chance.gamma(1.0, 1 / 30, people), (60, people))
    end = chance.exponential(250, people)
    days = np.cumsum(np.vstack([chance.integers(0, 90, people), gaps]), axis=0)
    inside = (days - days[0] <= end) & (days < 240)
    customers = np.broadcast_to(np.arange(people), inside.shape)[inside]
    fitted = fit_best(History(customers, days[inside].astype(int), chance.gamma(6, 10, len(customers)), 239))
    assert isinstance(fitted, Fitted)
    return fitted


def summary_of(frequency, recency, age):
    columns = [np.array(column, dtype=float) for column in (frequency, recency, age)]
    known = summary(visits(History(np.arange(4), np.zeros(4, dtype=int), np.full(4, 50.0), 1)), 1)
    return replace(known, frequency=columns[0], recency=columns[1], age=columns[2], paid=columns[0] + 1)


def test_without_spend_there_is_no_value_but_the_rest(shop):
    fitted = fit_best(replace(shop, spend=np.zeros(len(shop.days))))
    known = summary(visits(shop), 299)
    told = scored(fitted, known)
    assert fitted.spending is None
    assert np.all(np.isnan(told.value))
    assert np.all((told.churn_risk >= 0) & (told.churn_risk <= 1))


def test_a_longer_horizon_leaves_less_risk_and_more_purchases(shop):
    fitted = fit_best(shop)
    known = summary(visits(shop), 299)
    near, far = (scored(fitted, known, horizon=days) for days in (30, 180))
    assert np.all(near.churn_risk >= far.churn_risk)
    assert np.all(near.expected_purchases < far.expected_purchases)


def test_the_blend_expects_as_much_as_pareto_nbd(shop):
    fitted = fit_best(shop)
    known = summary(visits(shop), 299)
    columns = known.frequency, known.recency, known.age
    blend, plain = (
        fitted.predictors.expected(name, fitted.predictors.window, *columns) for name in (BLEND, "PARETO_NBD")
    )
    assert blend.sum() == pytest.approx(plain.sum(), rel=1e-6)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"until": 60}, "HISTORY_TOO_SHORT"),
        ({"customers": "few"}, "TOO_FEW_PEOPLE"),
        ({"days": "once"}, "TOO_FEW_RETURNING"),
        ({"days": "nobody came"}, "TOO_FEW_OUTCOMES"),
        ({"customers": "none"}, "HISTORY_TOO_SHORT"),
    ],
)
def test_too_little_is_told_with_its_reason(shop, change, reason):
    keep = np.ones(len(shop.days), dtype=bool)
    if change.get("customers") == "few":
        keep = shop.customers < 100
    elif change.get("customers") == "none":
        keep[:] = False
    elif change.get("days") == "once":
        keep = np.zeros(len(shop.days), dtype=bool)
        keep[np.unique(shop.customers, return_index=True)[1]] = True
    elif change.get("days") == "nobody came":
        keep = shop.days < 195
    told = fit_best(
        History(shop.customers[keep], shop.days[keep], shop.spend[keep], change.get("until", shop.until))
    )
    assert isinstance(told, TooLittle)
    assert told.reason == reason
    assert told.have < told.need


@pytest.mark.parametrize(
    ("score", "area"),
    [([0.1, 0.2, 0.8, 0.9], 1.0), ([0.9, 0.8, 0.2, 0.1], 0.0), ([0.5, 0.5, 0.5, 0.5], 0.5)],
)
def test_the_area_is_the_chance_to_order_two_rightly(score, area):
    assert area_under_curve(np.array(score), np.array([False, False, True, True])) == area


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        visits(History(np.zeros(2, dtype=int), np.zeros(1, dtype=int), np.zeros(2), 5))


@pytest.mark.skipif(
    find_spec("lifetimes") is None, reason="CDNOW comes inside the package lifetimes, of the benchmarks only"
)
def test_cdnow_gives_the_published_parameters_and_beats_them_in_the_hold_out():
    from bench.circle_value import cdnow, published_figures

    figures = {one.name.removeprefix("circle.cdnow_"): one.value for one in published_figures()}
    assert [figures[f"bgnbd_{name}"] for name in ("r", "alpha", "a", "b")] == pytest.approx(
        [0.243, 4.414, 0.793, 2.426], abs=0.0006
    )
    assert [figures[f"pareto_{name}"] for name in ("r", "alpha", "s", "beta")] == pytest.approx(
        [0.553, 10.578, 0.606, 11.669], abs=0.0015
    )
    assert [figures[f"gamma_gamma_{name}"] for name in ("p", "q", "gamma")] == pytest.approx(
        [6.25, 3.74, 15.44], abs=0.01
    )
    history, calibrated = cdnow()
    of = visits(history)
    known = summary(of, calibrated)
    came = visits_between(of, known.person, calibrated, history.until)
    told = scored(fit_best(replace(history, until=calibrated)), known, horizon=7.0 * 39)
    assert mean_error(told.expected_purchases, came) <= 0.755
    assert area_under_curve(-told.churn_risk, came > 0) >= 0.782


def test_everybody_gets_a_score_from_the_first_day_on(shop):
    fitted = fit_best(shop)
    first_day, every_day = np.array([0.0, 299.0]), np.array([0.0, 299.0])
    told = fitted.score(
        first_day, every_day, every_day, np.array([np.nan, 40.0]), np.array([0.0, 300.0]), horizon=30
    )
    for name in ("expected_purchases", "churn_risk", "overdue", "alive", "value", "value_low", "value_high"):
        assert np.all(np.isfinite(getattr(told, name))), name
    assert told.expected_purchases[1] > 10 * told.expected_purchases[0]
    assert told.overdue[0] == 0
