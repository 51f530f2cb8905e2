"""The one way parameters are found: the greatest likelihood over their logarithms, with the gradient given."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

from dianke.insight.rules.value.history import Floats

#: Parameters (k,) → mean log-likelihood and its gradient (k,).
Likelihood = Callable[[Floats], tuple[float, Floats]]

#: How far a parameter may go from 1, as a logarithm: a population without differences has no greatest likelihood.
FARTHEST = 9.0


class NotFitted(Exception):
    """No greatest likelihood was found: the data do not tell the parameters."""


def greatest(likelihood: Likelihood, start: Floats) -> Floats:
    """Positive parameters (k,) at which `likelihood` is greatest, from `start` (k,). Raises NotFitted."""

    def cost(logs: Floats) -> tuple[float, Floats]:
        parameters = np.exp(logs)
        value, gradient = likelihood(parameters)
        return -value, -gradient * parameters

    found = minimize(
        cost,
        np.log(start),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-FARTHEST, FARTHEST)] * len(start),
        options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7},
    )
    if not np.all(np.isfinite(found.x)) or not np.isfinite(found.fun):
        raise NotFitted(str(found.message))
    return np.asarray(np.exp(found.x), dtype=np.float64)
