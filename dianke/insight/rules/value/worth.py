"""What somebody will bring within a time: expectation, interval, and the chance of nothing.

Pareto/NBD says how long and how often, Gamma-Gamma how much. Both know their first two moments in closed form given the
lifetime, whose distribution is integrated over; the total is nothing with its own probability, and otherwise taken as a
Gamma of the same mean and variance. So a million people need no simulation; a test holds the interval against one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from dianke.insight.rules.value.history import Floats
from dianke.insight.rules.value.pareto import ParetoNBD
from dianke.insight.rules.value.spending import Spend

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(24)
#: u = v² puts the points where somebody who comes often comes first.
_AT, _SHARES = ((_POINTS + 1) / 2) ** 2, _WEIGHTS * (_POINTS + 1) / 2
YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Worth:
    """(n,) each: expected money, the ends of its interval, all discounted to today; P(no visit)."""

    mean: Floats
    low: Floats
    high: Floats
    nothing: Floats


def none_within(model: ParetoNBD, time: float, lift: Floats, x: Floats, tx: Floats, age: Floats) -> Floats:
    """P(no purchase in (0, time]), (n,), when each comes `lift` (n,) times as often as the model says.

    1 - P(alive) ∫ rate density of the first purchase at u × P(still there at u) du.
    """
    first = np.zeros(len(x))
    rate = model.alpha + age
    for at, share in zip(_AT * time, _SHARES * time, strict=True):
        density = lift * (model.r + x) / rate * (rate / (rate + lift * at)) ** (model.r + x + 1)
        first += share * density * _there(model, at, age)
    return np.asarray(np.clip(1 - model.alive(x, tx, age) * first, 0.0, 1.0))


def worth_within(
    model: ParetoNBD,
    spend: Spend,
    time: float,
    lift: Floats,
    x: Floats,
    tx: Floats,
    age: Floats,
    *,
    yearly_discount: float = 0.1,
    inside: float = 0.8,
) -> Worth:
    """Money in (0, time] days from now; `lift` (n,) as in `none_within`, `inside` the probability of the interval.

    E[V] = E[N] E[Z] and E[V²] = E[N] E[Z²] + E[N(N-1)] E[Z Z'], with E[N] = lift E[rate] E[days as a customer].
    """
    yearly = np.log1p(yearly_discount)
    staying, discounted, square = np.zeros(len(x)), np.zeros(len(x)), np.zeros(len(x))
    for at, share in zip(_AT * time, _SHARES * time, strict=True):
        there = share * _there(model, at, age)
        staying += there
        discounted += there * np.exp(-yearly * at / YEAR)
        square += 2 * at * there
    alive = model.alive(x, tx, age)
    rate = model.alpha + age
    visits = alive * lift * (model.r + x) / rate
    pairs = alive * lift**2 * (model.r + x) * (model.r + x + 1) / rate**2 * square
    today = discounted / staying
    mean = visits * discounted * spend.mean
    moment = today**2 * (visits * staying * spend.square + pairs * spend.product)
    nothing = none_within(model, time, lift, x, tx, age)
    some = np.maximum(1 - nothing, 1e-12)
    spread = np.maximum(moment / some - (mean / some) ** 2, 1e-9 * (mean / some) ** 2)
    shape = (mean / some) ** 2 / spread
    low, high = (
        _quantile(share, nothing, shape, mean / some) for share in ((1 - inside) / 2, (1 + inside) / 2)
    )
    return Worth(mean, low, high, nothing)


def _there(model: ParetoNBD, time: float, age: Floats) -> Floats:
    """P(still a customer after `time`) of one who is one now."""
    return np.asarray(((model.beta + age) / (model.beta + age + time)) ** model.s)


def _quantile(share: float, nothing: Floats, shape: Floats, mean: Floats) -> Floats:
    """Of a total that is 0 with probability `nothing` and else Gamma of this shape and mean."""
    inner = np.maximum(share - nothing, 0) / np.maximum(1 - nothing, 1e-12)
    return np.asarray(gammaincinv(shape, inner) * mean / shape)
