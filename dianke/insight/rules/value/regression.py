"""Regressions beside the models of behaviour: how often people with such a history came in the next window.

Fitted by iteratively reweighted least squares (Nelder, Wedderburn 1972). The Poisson regression needs only that its
mean is right: counts may spread wider. Nothing of the window it learns from is among its features.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dianke.insight.rules.value.history import Floats

#: Linear predictor (n,) → mean (n,), its slope (n,) and the variance (n,) up to a factor.
Family = Callable[[Floats], tuple[Floats, Floats, Floats]]
_STEPS, _CLOSE, _RIDGE = 100, 1e-8, 1e-6
WEEK = 7.0


def poisson(eta: Floats) -> tuple[Floats, Floats, Floats]:
    """Counts with a logarithmic link."""
    mean = np.exp(np.clip(eta, -30, 30))
    return mean, mean, mean


def happening(eta: Floats) -> tuple[Floats, Floats, Floats]:
    """Yes or no with the complementary log-log link: P = 1 - exp(-exp(eta))."""
    rate = np.exp(np.clip(eta, -20, 3))
    mean = np.clip(-np.expm1(-rate), 1e-12, 1 - 1e-12)
    return mean, rate * np.exp(-rate), mean * (1 - mean)


def fit_regression(family: Family, features: Floats, outcome: Floats) -> Floats:
    """Coefficients (k,) for `features` (n, k), the first of them 1, and `outcome` (n,).

    A ridge of a millionth keeps features that are constant from breaking it.
    """
    coefficients = np.zeros(features.shape[1], dtype=np.float64)
    level = max(float(outcome.mean()), 1e-6)
    coefficients[0] = np.log(level) if family is poisson else np.log(-np.log1p(-min(level, 1 - 1e-6)))
    ridge = _RIDGE * len(outcome) * np.eye(features.shape[1])
    for _step in range(_STEPS):
        eta = features @ coefficients
        mean, slope, variance = family(eta)
        weight = slope**2 / variance
        working = eta + (outcome - mean) / slope
        weighted = features * weight[:, None]
        found = np.asarray(
            np.linalg.solve(features.T @ weighted + ridge, weighted.T @ working), dtype=np.float64
        )
        change = float(np.abs(found - coefficients).max())
        coefficients = found
        if change < _CLOSE:
            break
    return coefficients


@dataclass(frozen=True, slots=True)
class Returning:
    """P(comes) = 1 - exp(-exp(level + slope log expected)): chances from expected numbers that need only order well."""

    level: float
    slope: float

    def none(self, expected: Floats) -> Floats:
        """P(does not come), (n,), for the number of purchases expected, (n,)."""
        return np.asarray(1 - happening(self.level + self.slope * np.log(np.maximum(expected, 1e-9)))[0])


def fit_returning(expected: Floats, came: Floats) -> Returning:
    """From numbers expected, (n,), and whether they came, (n,) of 0 and 1."""
    logs = np.log(np.maximum(expected, 1e-9))
    level, slope = fit_regression(happening, np.column_stack([np.ones_like(logs), logs]), came).tolist()
    return Returning(level, slope)


def features(x: Floats, tx: Floats, age: Floats) -> Floats:
    """(n, 5): 1, came again, logarithms of visits, of the share of time since the last one, and of age in weeks."""
    return np.column_stack(
        [
            np.ones_like(x),
            x > 0,
            np.log1p(x),
            np.log((age - tx + WEEK) / (age + WEEK)),
            np.log1p(age / WEEK),
        ]
    )
