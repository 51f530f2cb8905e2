"""Gamma-Gamma: what a visit of somebody is worth, between the own mean and everybody's.

Fader, Hardie, Lee (2005), "RFM and CLV", Journal of Marketing Research 42(4); Fader, Hardie, note 025. A visit brings
Gamma(p, nu), and nu differs between people as Gamma(q, gamma). Spend must not depend on how often somebody comes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, digamma

from dianke.insight.rules.value.history import Floats
from dianke.insight.rules.value.likelihood import NotFitted, greatest


@dataclass(frozen=True, slots=True)
class Spend:
    """Of one further visit, (n,) each: expectation of it, of its square, and of its product with another one's."""

    mean: Floats
    square: Floats
    product: Floats


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """`p` and `q` without unit, `gamma` in money."""

    p: float
    q: float
    gamma: float

    def of(self, visits: Floats, spend: Floats) -> Spend:
        """What one further visit will bring; `spend` (n,) is the mean of `visits` (n,) visits, unread where 0.

        nu follows Gamma(q + p visits, gamma + visits spend) once they are known: section 3 of note 025.
        """
        shape = self.q + self.p * visits
        rate = self.gamma + np.where(visits > 0, visits * spend, 0.0)
        product = (self.p * rate) ** 2 / ((shape - 1) * (shape - 2))
        return Spend(self.p * rate / (shape - 1), product * (self.p + 1) / self.p, product)


def fit_gamma_gamma(visits: Floats, spend: Floats) -> GammaGamma:
    """From `spend` (n,), the mean of `visits` (n,) visits of each person; equation 1a of note 025.

    Raises ValueError for visits or spend that are not positive, likelihood.NotFitted.
    """
    if not (np.all(visits > 0) and np.all(spend > 0)):
        raise ValueError("needs people with at least one visit that brought money")
    scale = float(np.mean(spend))
    times, amount, count = _alike(visits, spend / scale)
    share = count / count.sum()
    found = greatest(
        lambda parameters: _likelihood(parameters, times, amount, share), np.array([2.0, 3.0, 2.0])
    )
    p, q, gamma = found.tolist()
    if q <= 2:
        raise NotFitted("spend differs too much between people to have a mean and a spread")
    return GammaGamma(p, q, gamma * scale)


def _alike(visits: Floats, spend: Floats) -> tuple[Floats, Floats, Floats]:
    """Visits, mean spend, number of people: those with equal visits and spend within 1% of each other as one."""
    keys = visits.astype(np.int64) * 1_000_000 + np.rint(np.log(spend) * 100).astype(np.int64) + 500_000
    different, place, count = np.unique(keys, return_inverse=True, return_counts=True)
    if len(different) == len(keys):
        return visits, spend, np.ones(len(visits))
    mean = np.bincount(place, weights=spend) / count
    return (different // 1_000_000).astype(np.float64), mean, count.astype(np.float64)


def _likelihood(parameters: Floats, visits: Floats, spend: Floats, share: Floats) -> tuple[float, Floats]:
    p, q, gamma = parameters
    shape, total = p * visits, visits * spend
    rate = gamma + total
    value = (
        -betaln(shape, q)
        + q * np.log(gamma)
        - np.log(spend)
        + shape * np.log(total)
        - (shape + q) * np.log(rate)
    )
    both = digamma(shape + q)
    gradient = np.array(
        [
            share @ (visits * (both - digamma(shape) + np.log(total) - np.log(rate))),
            share @ (both - digamma(q) + np.log(gamma) - np.log(rate)),
            share @ (q / gamma - (shape + q) / rate),
        ]
    )
    return float(share @ value), gradient
