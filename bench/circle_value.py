"""The value of customers on CDNOW beside the package `lifetimes`, and how fast a million customers are fitted.

CDNOW (Fader, Hardie; inside `lifetimes`): 2,357 people who first bought in weeks 1 to 12 of 1997. Everything is fitted
on weeks 1 to 39 and judged on weeks 40 to 78, which nothing is chosen or fitted by: which of our models is used is
decided by the back-test of `fit_best` inside the first 39 weeks. The error is of the expected number of purchases; as
whole visits, 0 for whoever will rather not come, it would be smaller (printed too) and the sum far too low. The area is
of the risk of not coming.
"""

from __future__ import annotations

import importlib
import time
import warnings
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from bench.figures import Figure
from dianke.insight.rules.value import Fitted, History, fit_best, summary, visits
from dianke.insight.rules.value.bgnbd import BetaGeometric, fit_beta_geometric
from dianke.insight.rules.value.bgnbd import log_likelihood as geometric_likelihood
from dianke.insight.rules.value.choosing import BG_NBD, PARETO_NBD, REGRESSION, area_under_curve, mean_error
from dianke.insight.rules.value.history import grouped, visits_between
from dianke.insight.rules.value.pareto import fit_pareto
from dianke.insight.rules.value.spending import fit_gamma_gamma

CUSTOMERS, QUICK_CUSTOMERS = 1_000_000, 50_000
#: The Pareto/NBD of `lifetimes` takes many minutes at a million; both are timed on fewer.
PARETO_CUSTOMERS, QUICK_PARETO_CUSTOMERS = 10_000, 2_000
SEED = 2026
START, CALIBRATED, ENDED = date(1997, 1, 1), date(1997, 9, 30), date(1998, 6, 30)
HOLDOUT_WEEKS = 39


def run(quick: bool) -> list[Figure]:
    """The `circle.cdnow_…` and `circle.clv_…` figures. Asks nothing, keeps nothing."""
    warnings.simplefilter("ignore", RuntimeWarning)
    warnings.simplefilter("ignore", FutureWarning)
    return [*published_figures(), *holdout_figures(), *speed_figures(quick)]


def lifetimes() -> Any:
    """The package, of the requirements of the benchmarks; older than today's pandas, so it is asked only to fit."""
    return importlib.import_module("lifetimes")


def cdnow() -> tuple[History, int]:
    """All purchases of the sample, days from 0 on, and the last day of week 39."""
    path = Path(lifetimes().__file__).parent / "datasets" / "CDNOW_sample.txt"
    rows = [line.split() for line in path.read_text().splitlines()]
    days = [
        date(int(row[2][:4]), int(row[2][4:6]), int(row[2][6:])).toordinal() - START.toordinal()
        for row in rows
    ]
    history = History(
        np.array([int(row[1]) for row in rows]),
        np.array(days),
        np.array([float(row[4]) for row in rows]),
        (ENDED - START).days,
    )
    return history, (CALIBRATED - START).days


def published_figures() -> list[Figure]:
    """Parameters in weeks and dollars, as the papers print them."""
    history, calibrated = cdnow()
    known = summary(visits(history), calibrated)
    groups = grouped(known.frequency, known.recency, known.age)
    geometric, pareto = fit_beta_geometric(groups), fit_pareto(groups)
    path = Path(lifetimes().__file__).parent / "datasets" / "cdnow_customers_summary_with_transactions.csv"
    repeats = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 4))
    repeats = repeats[repeats[:, 0] > 0]
    spending = fit_gamma_gamma(repeats[:, 0], repeats[:, 1])
    return [
        Figure("circle.cdnow_bgnbd_r", geometric.r, ""),
        Figure("circle.cdnow_bgnbd_alpha", geometric.alpha / 7, "weeks"),
        Figure("circle.cdnow_bgnbd_a", geometric.a, ""),
        Figure("circle.cdnow_bgnbd_b", geometric.b, ""),
        Figure("circle.cdnow_pareto_r", pareto.r, ""),
        Figure("circle.cdnow_pareto_alpha", pareto.alpha / 7, "weeks"),
        Figure("circle.cdnow_pareto_s", pareto.s, ""),
        Figure("circle.cdnow_pareto_beta", pareto.beta / 7, "weeks"),
        Figure("circle.cdnow_gamma_gamma_p", spending.p, ""),
        Figure("circle.cdnow_gamma_gamma_q", spending.q, ""),
        Figure("circle.cdnow_gamma_gamma_gamma", spending.gamma, "USD"),
    ]


def holdout_figures() -> list[Figure]:
    """Weeks 40 to 78 by ours, each of its parts, and both models of `lifetimes`."""
    history, calibrated = cdnow()
    of = visits(history)
    known = summary(of, calibrated)
    came = visits_between(of, known.person, calibrated, history.until)
    fitted = fit_best(History(history.customers, history.days, history.spend, calibrated))
    if not isinstance(fitted, Fitted):
        raise RuntimeError(f"CDNOW is too little: {fitted}")
    horizon = 7.0 * HOLDOUT_WEEKS
    columns = (known.frequency, known.recency, known.age)
    scores = fitted.score(*columns, known.spend, known.paid, horizon=horizon)
    weeks = (known.frequency, known.recency / 7, known.age / 7)
    peers = {
        "lifetimes_bgnbd": lifetimes().BetaGeoFitter().fit(*weeks).predict(HOLDOUT_WEEKS, *weeks),
        "lifetimes_pareto": lifetimes().ParetoNBDFitter().fit(*weeks).predict(HOLDOUT_WEEKS, *weeks),
    }
    parts = {
        f"our_{name.lower()}": fitted.predictors.expected(name, horizon, *columns)
        for name in (PARETO_NBD, BG_NBD, REGRESSION)
    }
    figures = [
        Figure("circle.cdnow_mae", mean_error(scores.expected_purchases, came), ""),
        Figure("circle.cdnow_auc", area_under_curve(-scores.churn_risk, came > 0), ""),
    ]
    for name, told in {**peers, **parts}.items():
        figures += [
            Figure(f"circle.cdnow_{name}_mae", mean_error(told, came), ""),
            Figure(f"circle.cdnow_{name}_auc", area_under_curve(told, came > 0), ""),
        ]
    alive = fitted.predictors.geometric.alive(*columns)
    median = np.where(scores.churn_risk < 0.5, np.maximum(np.rint(scores.expected_purchases), 1), 0)
    return [
        *figures,
        Figure("circle.cdnow_bgnbd_alive_auc", area_under_curve(alive, came > 0), ""),
        Figure("circle.cdnow_rounded_mae", mean_error(median, came), ""),
        Figure("circle.cdnow_risk_told", float(scores.churn_risk.mean()), ""),
        Figure("circle.cdnow_risk_seen", float((came == 0).mean()), ""),
    ]


def simulated(customers: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Frequency, recency, age in days, mean spend, (n,) each, drawn from the parameters of CDNOW over 18 months."""
    chance = np.random.default_rng(SEED)
    age = chance.integers(1, 547, customers).astype(np.float64)
    rate = chance.gamma(0.553, 1 / (7 * 10.578), customers)
    lifetime = chance.exponential(1.0, customers) / chance.gamma(0.606, 1 / (7 * 11.669), customers)
    active = np.minimum(lifetime, age)
    # One visit a day at most, as histories are kept.
    frequency = np.minimum(chance.poisson(rate * active), np.floor(active)).astype(np.float64)
    last = active * chance.random(customers) ** (1 / np.maximum(frequency, 1))
    recency = np.where(frequency > 0, np.clip(np.ceil(last), frequency, age), 0.0)
    mean = 6.25 / chance.gamma(3.74, 1 / 15.44, customers)
    visits_each = frequency + 1
    spend = chance.gamma(6.25 * visits_each) / (6.25 * visits_each) * mean
    return frequency, recency, age, spend


def speed_figures(quick: bool) -> list[Figure]:
    """Both fit the same customers once; grouping is counted as ours. `clv_fit_ratio` is BG/NBD and Gamma-Gamma."""
    customers = QUICK_CUSTOMERS if quick else CUSTOMERS
    frequency, recency, age, spend = simulated(customers)
    package = lifetimes()
    grouping, groups = timed(lambda: grouped(frequency, recency, age))
    ours, geometric = timed(lambda: fit_beta_geometric(groups))
    money, _spending = timed(lambda: fit_gamma_gamma(frequency + 1, spend))
    our_pareto, _pareto = timed(lambda: fit_pareto(groups))
    theirs, peer = timed(lambda: package.BetaGeoFitter().fit(frequency, recency, age))
    their_money, _peer = timed(lambda: package.GammaGammaFitter().fit(frequency + 1, spend))
    r, alpha, a, b = (float(peer.params_[name]) for name in ("r", "alpha", "a", "b"))
    columns = (frequency, recency, age)
    worse = geometric_likelihood(BetaGeometric(r, alpha, a, b), *columns) - geometric_likelihood(
        geometric, *columns
    )
    few = QUICK_PARETO_CUSTOMERS if quick else PARETO_CUSTOMERS
    some = (frequency[:few], recency[:few], age[:few])
    our_few, _few = timed(lambda: fit_pareto(grouped(*some)))
    their_few, _few = timed(lambda: package.ParetoNBDFitter().fit(*some))
    return [
        Figure("circle.clv_fit_ratio", (theirs + their_money) / (grouping + ours + money), ""),
        Figure("circle.clv_fit_bgnbd_ratio", theirs / (grouping + ours), ""),
        Figure("circle.clv_fit_pareto_10k_ratio", their_few / our_few, ""),
        Figure("circle.clv_fit_s", grouping + ours + money, "s"),
        Figure("circle.clv_fit_pareto_s", our_pareto, "s"),
        Figure("circle.clv_fit_lifetimes_s", theirs + their_money, "s"),
        Figure("circle.clv_fit_groups", len(groups.count), ""),
        Figure("circle.clv_fit_likelihood_lost", float(worse.mean()), "nat/customer"),
    ]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the processor, as both work on one core and others may be at work beside them; and the result."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result
