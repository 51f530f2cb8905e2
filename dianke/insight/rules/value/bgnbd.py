"""BG/NBD: people buy at a rate of their own and may leave after any purchase.

Fader, Hardie, Lee (2005), "Counting Your Customers the Easy Way", Marketing Science 24(2). Somebody who bought once
cannot have left, so P(alive) is 1 there: it orders nobody by risk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, digamma, expit, gammaln, hyp2f1

from dianke.insight.rules.value.history import Floats, Groups
from dianke.insight.rules.value.likelihood import greatest


@dataclass(frozen=True, slots=True)
class BetaGeometric:
    """Rates are Gamma(r, alpha), alpha in units of time; chances to leave are Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, x: Floats, tx: Floats, age: Floats) -> Floats:
        """P(still a customer), (n,): Fader, Hardie, note 021. 1 where x is 0."""
        odds = np.log(self.a / (self.b + np.maximum(x, 1) - 1)) + (self.r + x) * np.log(
            (self.alpha + age) / (self.alpha + tx)
        )
        return np.asarray(np.where(x == 0, 1.0, expit(-odds)))

    def expected(self, time: float, x: Floats, tx: Floats, age: Floats) -> Floats:
        """Expected purchases in (0, time] from now, (n,): equation 10 after Euler's transformation.

        Transformed, its terms stay finite where those of the printed form overflow.
        """
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6
        top, left = a + self.b + x - 1, (self.alpha + age) / (self.alpha + age + time)
        series = hyp2f1(a + self.b - 1 - self.r, a - 1, top, 1 - left)
        return np.asarray(top / (a - 1) * (1 - left ** (a - 1) * series) * self.alive(x, tx, age))


def fit_beta_geometric(groups: Groups) -> BetaGeometric:
    """The parameters of the greatest likelihood. Raises likelihood.NotFitted."""
    scale = max(float(groups.age.max()), 1.0) / 10
    x, tx, age = groups.frequency, groups.recency / scale, groups.age / scale
    share = groups.count / groups.count.sum()
    found = greatest(
        lambda parameters: _likelihood(parameters, x, tx, age, share), np.array([1.0, 1.0, 1.0, 2.0])
    )
    r, alpha, a, b = found.tolist()
    return BetaGeometric(r, alpha * scale, a, b)


def log_likelihood(model: BetaGeometric, x: Floats, tx: Floats, age: Floats) -> Floats:
    """Of each history, (n,): equation 6 without the binomial constant."""
    return _terms(np.array([model.r, model.alpha, model.a, model.b]), x, tx, age)[0]


def _terms(parameters: Floats, x: Floats, tx: Floats, age: Floats) -> tuple[Floats, Floats]:
    """Log-likelihood (n,) and the share in it of having left at the last purchase (n,)."""
    r, alpha, a, b = parameters
    stayed = -(r + x) * np.log(alpha + age)
    left = np.where(x > 0, np.log(a / (b + np.maximum(x, 1) - 1)) - (r + x) * np.log(alpha + tx), -np.inf)
    both = np.logaddexp(stayed, left)
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b) + both
    return value, np.exp(left - both)


def _likelihood(
    parameters: Floats, x: Floats, tx: Floats, age: Floats, share: Floats
) -> tuple[float, Floats]:
    r, alpha, a, b = parameters
    value, gone = _terms(parameters, x, tx, age)
    here = 1 - gone
    both = digamma(a + b) - digamma(a + b + x)
    gradient = np.array(
        [
            share
            @ (
                digamma(r + x)
                - digamma(r)
                + np.log(alpha)
                - here * np.log(alpha + age)
                - gone * np.log(alpha + tx)
            ),
            share @ (r / alpha - (r + x) * (here / (alpha + age) + gone / (alpha + tx))),
            share @ (both + gone / a),
            share @ (both + digamma(b + x) - digamma(b) - gone / (b + np.maximum(x, 1) - 1)),
        ]
    )
    return float(share @ value), gradient
