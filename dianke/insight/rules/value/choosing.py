"""The back-test that picks the model, and what the picked ones say of each person.

The last three windows of equal length, a third of the history each and at most a year, are A, B and C. For the test the
models of behaviour are fitted on all before C, the regression learns from what was known after A what happened in B,
and both say what happens in C. Then everything is fitted again one window later. Nothing is fitted on what it is judged
by. The model with the smallest mean absolute error tells how many purchases to expect; the one that orders people best
(area under the curve of "came in C") tells the risk of losing them. They need not be the same, and both are named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from dianke.insight.rules.value.bgnbd import BetaGeometric, fit_beta_geometric
from dianke.insight.rules.value.history import (
    Floats,
    History,
    Summary,
    Visits,
    grouped,
    summary,
    visits,
    visits_between,
)
from dianke.insight.rules.value.likelihood import NotFitted
from dianke.insight.rules.value.pareto import ParetoNBD, fit_pareto
from dianke.insight.rules.value.regression import Returning, features, fit_regression, fit_returning, poisson
from dianke.insight.rules.value.spending import GammaGamma, fit_gamma_gamma
from dianke.insight.rules.value.worth import YEAR, worth_within

PARETO_NBD, BG_NBD, REGRESSION, BLEND = "PARETO_NBD", "BG_NBD", "REGRESSION", "BLEND"
MODELS = (PARETO_NBD, BG_NBD, REGRESSION, BLEND)
#: The naive forecast every model is printed beside: everybody goes on as before.
OWN_RATE = "OWN_RATE"

#: Below these nothing is told.
LEAST_WINDOW_DAYS = 28
LEAST_PEOPLE = 200
LEAST_RETURNING = 100
LEAST_OUTCOMES = 30
LEAST_SPENDERS = 50
#: A next visit further away than this is no forecast.
FARTHEST_VISIT_DAYS = 730.0


@dataclass(frozen=True, slots=True)
class TooLittle:
    """Why nothing is told. `reason` is HISTORY_TOO_SHORT (days), TOO_FEW_PEOPLE, TOO_FEW_RETURNING,
    TOO_FEW_OUTCOMES (people who came in the last window, or did not) or NOT_FITTED."""

    reason: str
    have: int
    need: int


@dataclass(frozen=True, slots=True)
class Tested:
    """A model in the back-test: mean absolute error in purchases, area under the curve, and both sums per person."""

    name: str
    error: float
    area: float
    expected: float
    observed: float


@dataclass(frozen=True, slots=True)
class Scores:
    """(n,) each. Nothing is NaN but what cannot be told.

    `expected_purchases` and `churn_risk`, the probability of no purchase, within the horizon; `overdue`, the
    probability that somebody of that rhythm, still a customer, would have come again by now; `alive`; `next_visit_days`
    by when half of those still customers come again, NaN beyond two years; `value` with its 80% interval, NaN where the
    spend of a visit cannot be told.
    """

    expected_purchases: Floats
    churn_risk: Floats
    overdue: Floats
    alive: Floats
    next_visit_days: Floats
    value: Floats
    value_low: Floats
    value_high: Floats


@dataclass(frozen=True, slots=True)
class Predictors:
    """All models as fitted at one day; `window` in days is what the regression was taught to look ahead."""

    pareto: ParetoNBD
    geometric: BetaGeometric
    coefficients: Floats
    window: int
    level: float

    def expected(self, name: str, time: float, x: Floats, tx: Floats, age: Floats) -> Floats:
        """Purchases expected within `time` days by the model of that name, (n,).

        The regression knows one window; other times follow the Pareto/NBD. The blend is the geometric mean of both, at
        the level of the Pareto/NBD, which knows that people leave.
        """
        if name == BG_NBD:
            return self.geometric.expected(time, x, tx, age)
        if name == OWN_RATE:
            return x / np.maximum(age, 1) * time
        expected = self.pareto.expected(time, x, tx, age)
        if name == PARETO_NBD:
            return expected
        ratio = self.regression(x, tx, age) / np.maximum(self.pareto.expected(self.window, x, tx, age), 1e-12)
        return expected * (ratio if name == REGRESSION else self.level * np.sqrt(ratio))

    def regression(self, x: Floats, tx: Floats, age: Floats) -> Floats:
        """Purchases within one window by the regression, (n,)."""
        return poisson(features(x, tx, age) @ self.coefficients)[0]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What stands after the back-test. `purchases_by` and `risk_by` name the chosen models, `tested` shows all."""

    predictors: Predictors
    purchases_by: str
    risk_by: str
    returning: Returning
    spending: GammaGamma | None
    tested: tuple[Tested, ...]

    def is_better_than_naive(self) -> bool:
        """Whether the expected purchases erred less than everybody going on as before. Say so where they did not."""
        errors = {one.name: one.error for one in self.tested}
        return errors[self.purchases_by] < errors[OWN_RATE]

    def score(
        self,
        frequency: Floats,
        recency: Floats,
        age: Floats,
        spend: Floats,
        paid: Floats,
        *,
        horizon: float | None = None,
        value_days: float = YEAR,
        yearly_discount: float = 0.1,
    ) -> Scores:
        """What is to be expected of each person, columns (n,) as in `Summary`.

        `horizon` in days, by default the window of the back-test; `value_days` how far money is counted.
        """
        x, tx, models = frequency, recency, self.predictors
        pareto = models.pareto
        time = models.window if horizon is None else horizon
        nothing = np.full(len(x), np.nan)
        low, high, value = nothing, nothing, nothing
        if self.spending is not None:
            plain = pareto.expected(value_days, x, tx, age)
            lift = models.expected(self.purchases_by, value_days, x, tx, age) / np.maximum(plain, 1e-12)
            worth = worth_within(
                pareto,
                self.spending.of(paid, spend),
                value_days,
                lift,
                x,
                tx,
                age,
                yearly_discount=yearly_discount,
            )
            value, low, high = worth.mean, worth.low, worth.high
        half = (pareto.alpha + age) * np.expm1(np.log(2) / (pareto.r + x))
        return Scores(
            expected_purchases=models.expected(self.purchases_by, time, x, tx, age),
            churn_risk=self.returning.none(models.expected(self.risk_by, time, x, tx, age)),
            overdue=1 - ((pareto.alpha + tx) / (pareto.alpha + age)) ** (pareto.r + x),
            alive=pareto.alive(x, tx, age),
            next_visit_days=np.where(half <= FARTHEST_VISIT_DAYS, half, np.nan),
            value=value,
            value_low=low,
            value_high=high,
        )


def fit_best(history: History) -> Fitted | TooLittle:
    """All models fitted, tested on the last window and chosen from, or why there is too little for that."""
    if not len(history.days):
        return TooLittle("HISTORY_TOO_SHORT", 0, 3 * LEAST_WINDOW_DAYS)
    first = int(history.days.min())
    window = min((history.until - first + 1) // 3, int(YEAR))
    if window < LEAST_WINDOW_DAYS:
        return TooLittle("HISTORY_TOO_SHORT", max(history.until - first + 1, 0), 3 * LEAST_WINDOW_DAYS)
    of = visits(history)
    before, then, now = history.until - 2 * window, history.until - window, history.until
    known = summary(of, then)
    came = visits_between(of, known.person, then, now)
    short = _shortage(summary(of, before), known, came)
    if short is not None:
        return short
    try:
        trial = _fit(of, before, then, window)
        final = _fit(of, then, now, window)
    except NotFitted:
        return TooLittle("NOT_FITTED", 0, 1)
    columns = (known.frequency, known.recency, known.age)
    forecasts = {name: trial.expected(name, window, *columns) for name in (*MODELS, OWN_RATE)}
    tested = tuple(
        Tested(
            name,
            mean_error(told, came),
            area_under_curve(told, came > 0),
            float(told.mean()),
            float(came.mean()),
        )
        for name, told in forecasts.items()
    )
    models = tested[: len(MODELS)]
    risk_by = max(models, key=lambda one: one.area).name
    return Fitted(
        predictors=final,
        purchases_by=min(models, key=lambda one: one.error).name,
        risk_by=risk_by,
        returning=fit_returning(forecasts[risk_by], (came > 0).astype(np.float64)),
        spending=_spending(summary(of, now)),
        tested=tested,
    )


def mean_error(expected: Floats, observed: Floats) -> float:
    """Mean absolute error, both (n,)."""
    return float(np.abs(expected - observed).mean())


def area_under_curve(score: Floats, came: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    """P(somebody who came scores above somebody who did not), equal scores counted half; NaN if all did the same."""
    yes, no = int(came.sum()), int((~came).sum())
    if not yes or not no:
        return np.nan
    return float((rankdata(score)[came].sum() - yes * (yes + 1) / 2) / (yes * no))


def _shortage(earlier: Summary, known: Summary, came: Floats) -> TooLittle | None:
    people, returning = min(len(earlier.person), len(known.person)), int((known.frequency > 0).sum())
    outcomes = min(int((came > 0).sum()), int((came == 0).sum()))
    for reason, have, need in (
        ("TOO_FEW_PEOPLE", people, LEAST_PEOPLE),
        ("TOO_FEW_RETURNING", returning, LEAST_RETURNING),
        ("TOO_FEW_OUTCOMES", outcomes, LEAST_OUTCOMES),
    ):
        if have < need:
            return TooLittle(reason, have, need)
    return None


def _fit(of: Visits, before: int, now: int, window: int) -> Predictors:
    """The models of behaviour as of `now`; the regression from what `before` told of the window up to `now`."""
    known, earlier = summary(of, now), summary(of, before)
    groups = grouped(known.frequency, known.recency, known.age)
    taught = features(earlier.frequency, earlier.recency, earlier.age)
    coefficients = fit_regression(poisson, taught, visits_between(of, earlier.person, before, now))
    flat = Predictors(fit_pareto(groups), fit_beta_geometric(groups), coefficients, window, 1.0)
    columns = (groups.frequency, groups.recency, groups.age)
    mixed = groups.count @ flat.expected(BLEND, window, *columns)
    level = groups.count @ flat.expected(PARETO_NBD, window, *columns) / mixed
    return Predictors(flat.pareto, flat.geometric, coefficients, window, float(level))


def _spending(known: Summary) -> GammaGamma | None:
    """None where too few bring money, or where spend has no spread to tell."""
    paying = known.paid > 0
    if int(paying.sum()) < LEAST_SPENDERS or int((known.paid > 1).sum()) < LEAST_SPENDERS:
        return None
    try:
        return fit_gamma_gamma(known.paid[paying], known.spend[paying])
    except NotFitted:
        return None
