"""Each model of value on cases worked by hand, against numerical integrals, and on people it simulated itself."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import check_grad
from scipy.special import hyp2f1

from dianke.insight.rules.value import bgnbd, pareto, spending
from dianke.insight.rules.value.bgnbd import BetaGeometric, fit_beta_geometric
from dianke.insight.rules.value.history import grouped
from dianke.insight.rules.value.pareto import ParetoNBD, fit_pareto
from dianke.insight.rules.value.regression import (
    fit_regression,
    fit_returning,
    happening,
    poisson,
)
from dianke.insight.rules.value.spending import GammaGamma, fit_gamma_gamma
from dianke.insight.rules.value.worth import none_within, worth_within

#: CDNOW in weeks, as published: Fader, Hardie, Lee (2005); Fader, Hardie (2005).
BG = BetaGeometric(0.243, 4.414, 0.793, 2.426)
NBD = ParetoNBD(0.553, 10.578, 0.606, 11.669)
X = np.array([0.0, 2.0, 1.0, 7.0, 26.0])
TX = np.array([0.0, 30.43, 1.71, 29.43, 30.86])
AGE = np.array([38.86, 38.86, 38.86, 38.86, 31.0])


def test_customer_1516_of_the_paper_is_expected_to_buy_1_226_times():
    two_at_30_43 = BG.expected(39.0, X[1:2], TX[1:2], AGE[1:2])
    assert two_at_30_43 == pytest.approx([1.226], abs=0.001)


def test_bg_nbd_holds_whoever_bought_once_for_alive():
    alive = BG.alive(X, TX, AGE)
    assert alive[0] == 1
    # 1 / (1 + a/(b+x-1) ((alpha+T)/(alpha+tx))^(r+x)), worked out for two visits.
    odds = 0.793 / 3.426 * ((4.414 + 38.86) / (4.414 + 30.43)) ** 2.243
    assert alive[1] == pytest.approx(1 / (1 + odds))


@pytest.mark.parametrize("place", range(len(X)))
def test_the_pareto_likelihood_is_that_of_both_published_forms(place):
    x, tx, age = X[place], TX[place], AGE[place]
    r, alpha, s, beta = NBD.r, NBD.alpha, NBD.s, NBD.beta
    constant = np.prod(r + np.arange(int(x))) * alpha**r * beta**s
    here = (alpha + age) ** -(r + x) * (beta + age) ** -s
    integral, _error = quad(
        lambda y: (alpha + y) ** -(r + x) * (beta + y) ** -(s + 1), tx, age, epsabs=0, epsrel=1e-12
    )
    ours = pareto.log_likelihood(NBD, X[place : place + 1], TX[place : place + 1], AGE[place : place + 1])[0]
    assert ours == pytest.approx(np.log(constant * (here + s * integral)), abs=1e-8)
    k = r + s + x
    sides = [
        hyp2f1(k, s + 1 if alpha >= beta else r + x, k + 1, (beta - alpha) / (beta + t)) for t in (tx, age)
    ]
    difference = sides[0] / (beta + tx) ** k - sides[1] / (beta + age) ** k
    assert ours == pytest.approx(np.log(constant * (here + s / k * difference)), abs=1e-6)


def test_the_pareto_likelihood_is_right_for_parameters_and_histories_of_any_size():
    """Against 20 panels of 60 points over log(y + the smaller of alpha and beta)."""
    chance = np.random.default_rng(0)
    points, weights = np.polynomial.legendre.leggauss(60)
    for r, alpha, s, beta in np.exp(chance.uniform([-3, 0, -3, 0], [2, 6, 3, 7], (200, 4))):
        age, x = chance.uniform(1, 700), float(chance.choice([0, 0, 1, 3, 20, 60]))
        tx = chance.uniform(0, age) if x else 0.0
        edges = np.linspace(*np.log(min(alpha, beta) + np.array([tx, age])), 21)
        half = np.diff(edges)[:, None] / 2
        logs = (half * points + edges[:-1, None] + half).ravel()
        y = np.exp(logs) - min(alpha, beta)
        terms = logs - (r + x) * np.log(alpha + y) - (s + 1) * np.log(beta + y)
        integral = np.log(np.sum(np.exp(terms - terms.max()) * (half * weights).ravel())) + terms.max()
        here = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
        constant = np.log(r + np.arange(int(x))).sum() + r * np.log(alpha) + s * np.log(beta)
        ours = pareto.log_likelihood(ParetoNBD(r, alpha, s, beta), *np.array([[x], [tx], [age]]))[0]
        assert ours == pytest.approx(constant + np.logaddexp(here, np.log(s) + integral), abs=1e-7)


def test_the_pareto_likelihood_holds_where_hypergeometric_differences_fail():
    same = ParetoNBD(0.5, 7.0, 120.0, 2000.0)
    many, last, age = np.array([400.0, 0.0]), np.array([699.0, 0.0]), np.array([700.0, 700.0])
    assert np.all(np.isfinite(pareto.log_likelihood(same, many, last, age)))
    assert same.alive(many, last, age)[0] > 0.9


@pytest.mark.parametrize(
    ("likelihood", "start"),
    [
        (bgnbd._likelihood, [0.4, 3.0, 0.9, 2.0]),
        (pareto._likelihood, [0.4, 9.0, 0.7, 14.0]),
    ],
)
def test_the_gradient_of_a_likelihood_is_its_slope(likelihood, start):
    share = np.full(len(X), 1 / len(X))
    wrong = check_grad(
        lambda p: likelihood(p, X, TX, AGE, share)[0],
        lambda p: likelihood(p, X, TX, AGE, share)[1],
        np.array(start),
    )
    assert wrong < 1e-5


def test_the_gradient_of_gamma_gamma_is_its_slope():
    columns = np.array([1.0, 2.0, 5.0]), np.array([20.0, 35.0, 8.0]), np.full(3, 1 / 3)
    wrong = check_grad(
        lambda p: spending._likelihood(p, *columns)[0],
        lambda p: spending._likelihood(p, *columns)[1],
        np.array([5.0, 3.0, 12.0]),
    )
    assert wrong < 1e-5


def test_the_expectation_of_pareto_nbd_is_what_it_integrates_to():
    """Purchases in (0, t] are alive × rate × ∫ P(still there after u) du."""
    age = AGE[1:2]
    integral, _error = quad(lambda u: ((NBD.beta + 38.86) / (NBD.beta + 38.86 + u)) ** NBD.s, 0, 39)
    told = NBD.expected(39.0, X[1:2], TX[1:2], age)[0]
    assert told == pytest.approx(
        NBD.alive(X[1:2], TX[1:2], age)[0] * (NBD.r + 2) / (NBD.alpha + 38.86) * integral
    )
    assert ParetoNBD(1, 10, 1.0, 10).lasting(39.0, age) == pytest.approx(
        ParetoNBD(1, 10, 1.0 + 1e-7, 10).lasting(39.0, age)
    )


def test_spend_lies_between_the_own_mean_and_everybodys():
    model = GammaGamma(6.25, 3.74, 15.44)
    told = model.of(np.array([0.0, 1.0, 10.0]), np.array([np.nan, 100.0, 100.0])).mean
    # p gamma / (q - 1), then p (gamma + x z) / (p x + q - 1).
    assert told == pytest.approx(
        [6.25 * 15.44 / 2.74, 6.25 * 115.44 / (6.25 + 2.74), 6.25 * 1015.44 / (62.5 + 2.74)]
    )


def simulated(people, seed, model=NBD, scale=7.0):
    """Frequency, recency, age in days; rate and the end of being a customer, from the first purchase on."""
    chance = np.random.default_rng(seed)
    age = chance.integers(200, 540, people).astype(float)
    rate = chance.gamma(model.r, 1 / (scale * model.alpha), people)
    end = chance.exponential(1.0, people) / chance.gamma(model.s, 1 / (scale * model.beta), people)
    active = np.minimum(end, age)
    x = chance.poisson(rate * active).astype(float)
    tx = np.where(x > 0, active * chance.random(people) ** (1 / np.maximum(x, 1)), 0.0)
    return x, np.rint(tx), age, rate, end


def test_pareto_nbd_finds_the_parameters_people_were_drawn_from():
    x, tx, age, _rate, _end = simulated(40_000, seed=4)
    groups = grouped(x, tx, age)
    found = fit_pareto(groups)
    assert groups.step == 1
    assert [found.r, found.alpha / 7, found.s, found.beta / 7] == pytest.approx(
        [NBD.r, NBD.alpha, NBD.s, NBD.beta], rel=0.15
    )


def test_rounded_times_change_no_expectation_by_much():
    x, tx, age, _rate, _end = simulated(40_000, seed=4)
    exact, rounded = grouped(x, tx, age), grouped(x, tx, age, most=10_000)
    assert (exact.step, rounded.step) == (1, 7)
    assert rounded.count.sum() == 40_000
    columns = X, 7 * TX, 7 * AGE
    assert fit_pareto(rounded).expected(90.0, *columns) == pytest.approx(
        fit_pareto(exact).expected(90.0, *columns), rel=0.02
    )


def test_bg_nbd_finds_the_parameters_people_were_drawn_from():
    chance = np.random.default_rng(8)
    people = 20_000
    rate = chance.gamma(0.8, 1 / 20, people)
    leaving = chance.beta(1.2, 3.0, people)
    age = chance.integers(60, 200, people).astype(float)
    x, tx, now, here = np.zeros(people), np.zeros(people), np.zeros(people), np.ones(people, dtype=bool)
    while here.any():
        now = now + chance.exponential(1 / rate)
        here &= now <= age
        x, tx = x + here, np.where(here, now, tx)
        here &= chance.random(people) > leaving
    found = fit_beta_geometric(grouped(x, np.rint(tx), age))
    assert [found.r, found.alpha, found.a, found.b] == pytest.approx([0.8, 20, 1.2, 3.0], rel=0.15)


def test_gamma_gamma_finds_the_parameters_spend_was_drawn_from():
    chance = np.random.default_rng(3)
    visits = chance.integers(1, 12, 20_000).astype(float)
    each = chance.gamma(3.74, 1 / 15.44, 20_000)
    spend = chance.gamma(6.25 * visits) / each / visits
    found = fit_gamma_gamma(visits, spend)
    assert [found.p, found.q, found.gamma] == pytest.approx([6.25, 3.74, 15.44], rel=0.08)


def test_spend_of_nothing_cannot_be_fitted():
    with pytest.raises(ValueError, match="brought money"):
        fit_gamma_gamma(np.array([1.0]), np.array([0.0]))


def test_the_interval_of_worth_covers_what_simulated_people_bring():
    """Drawn from the posterior of somebody with five visits, and of somebody with one long ago."""
    model, time = ParetoNBD(0.553, 74.0, 0.606, 81.7), 365.0
    x, tx, age = np.array([5.0, 0.0]), np.array([180.0, 0.0]), np.array([200.0, 200.0])
    money = GammaGamma(6.25, 3.74, 15.44)
    paid, spend = x + 1, np.array([40.0, 20.0])
    told = worth_within(model, money.of(paid, spend), time, np.ones(2), x, tx, age, yearly_discount=0.0)
    chance = np.random.default_rng(1)
    draws = 40_000
    for place in range(2):
        here = chance.random(draws) < model.alive(x, tx, age)[place]
        rate = chance.gamma(model.r + x[place], 1 / (model.alpha + age[place]), draws)
        leaving = chance.gamma(model.s, 1 / (model.beta + age[place]), draws)
        count = chance.poisson(rate * np.minimum(chance.exponential(1 / leaving), time)) * here
        nu = chance.gamma(
            money.q + money.p * paid[place], 1 / (money.gamma + paid[place] * spend[place]), draws
        )
        brought = np.where(count > 0, chance.gamma(np.maximum(money.p * count, 1e-9)) / nu, 0.0)
        assert told.mean[place] == pytest.approx(brought.mean(), rel=0.04)
        assert told.nothing[place] == pytest.approx((brought == 0).mean(), abs=0.01)
        assert np.mean(brought <= told.high[place]) == pytest.approx(0.9, abs=0.02)
        assert np.mean(brought < told.low[place]) <= 0.12
    assert none_within(model, time, np.full(2, 2.0), x, tx, age)[0] < told.nothing[0]


def test_money_of_later_is_worth_less():
    columns = np.array([5.0]), np.array([180.0]), np.array([200.0])
    money = GammaGamma(6.25, 3.74, 15.44).of(np.array([6.0]), np.array([40.0]))
    model = ParetoNBD(0.553, 74.0, 0.606, 81.7)
    plain, later = (
        worth_within(model, money, 365.0, np.ones(1), *columns, yearly_discount=rate) for rate in (0.0, 0.1)
    )
    assert plain.mean[0] / 1.1 < later.mean[0] < plain.mean[0]


def test_poisson_regression_of_one_group_is_its_mean_and_of_two_their_ratio():
    outcome = np.array([1.0, 3.0, 4.0, 8.0])
    second = np.array([0.0, 0.0, 1.0, 1.0])
    found = fit_regression(poisson, np.column_stack([np.ones(4), second]), outcome)
    assert np.exp(found) == pytest.approx([2.0, 3.0], rel=1e-4)


def test_chances_of_two_groups_are_their_shares():
    expected = np.repeat([0.1, 1.0], 100)
    came = np.concatenate([np.arange(100) < 20, np.arange(100) < 70]).astype(float)
    told = fit_returning(expected, came).none(np.array([0.1, 1.0]))
    assert told == pytest.approx([0.8, 0.3], abs=1e-3)
    assert happening(np.array([-50.0]))[0][0] == pytest.approx(0, abs=1e-8)


def test_impossible_histories_are_refused():
    with pytest.raises(ValueError, match="recency"):
        grouped([1.0], [5.0], [4.0])
