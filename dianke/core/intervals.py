"""What one group did more than another, with the interval that holds the truth so often.

Sources: difference of two shares by R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10, from the score
intervals of E. B. Wilson (1927); difference of two means by B. L. Welch (1947) with the degrees of freedom of
Satterthwaite.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

CONFIDENCE = 0.95
#: Below these no difference is shown: people in each of the two groups, buyers in both together.
MIN_PEOPLE = 50
MIN_CONVERTED = 10


class Withheld(StrEnum):
    """Why no difference is shown."""

    NO_CONTROL = "no_control"
    FEW_PEOPLE = "few_people"
    FEW_CONVERTED = "few_converted"
    NO_SPREAD = "no_spread"


@dataclass(frozen=True, slots=True)
class Difference:
    """First group less second, with its interval. `is_clear`: the interval does not hold zero."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        return self.low > 0 or self.high < 0


def withheld(first_people: int, second_people: int, first: int, second: int) -> Withheld | None:
    """Why the shares of `first` and `second` among their people are not compared; None when they may be."""
    if not second_people:
        return Withheld.NO_CONTROL
    if min(first_people, second_people) < MIN_PEOPLE:
        return Withheld.FEW_PEOPLE
    return Withheld.FEW_CONVERTED if first + second < MIN_CONVERTED else None


def wilson(successes: int, count: int, z: float) -> tuple[float, float]:
    """The score interval of a share. Raises `ValueError` for nobody or more successes than people."""
    if count <= 0 or not 0 <= successes <= count:
        raise ValueError("share of nobody")
    share = successes / count
    middle = share + z * z / (2 * count)
    width = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    whole = 1 + z * z / count
    low = 0.0 if successes == 0 else (middle - width) / whole
    high = 1.0 if successes == count else (middle + width) / whole
    return low, high


def newcombe(first: tuple[int, int], second: tuple[int, int], confidence: float = CONFIDENCE) -> Difference:
    """Difference of two shares (successes, people), method 10."""
    z = _normal_quantile(confidence)
    (one, one_count), (two, two_count) = first, second
    low_one, high_one = wilson(one, one_count, z)
    low_two, high_two = wilson(two, two_count, z)
    share_one, share_two = one / one_count, two / two_count
    value = share_one - share_two
    return Difference(
        value,
        value - sqrt((share_one - low_one) ** 2 + (high_two - share_two) ** 2),
        value + sqrt((high_one - share_one) ** 2 + (share_two - low_two) ** 2),
    )


def welch(
    first: tuple[int, int, int], second: tuple[int, int, int], confidence: float = CONFIDENCE
) -> Difference | None:
    """Difference of two means from (count, sum, sum of squares); None where nothing varies or a group has one
    person."""
    (n_one, sum_one, square_one), (n_two, sum_two, square_two) = first, second
    if n_one < 2 or n_two < 2:
        return None
    error_one = _variance(n_one, sum_one, square_one) / n_one
    error_two = _variance(n_two, sum_two, square_two) / n_two
    error = error_one + error_two
    if error <= 0:
        return None
    freedom = error**2 / (error_one**2 / (n_one - 1) + error_two**2 / (n_two - 1))
    half = _t_quantile(confidence, freedom) * sqrt(error)
    value = sum_one / n_one - sum_two / n_two
    return Difference(value, value - half, value + half)


def _variance(count: int, total: int, square: int) -> float:
    """Exact in whole numbers up to the last division, so large sums lose nothing."""
    return (count * square - total * total) / (count * (count - 1))


def _normal_quantile(confidence: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(0.5 + confidence / 2)


def _t_quantile(confidence: float, freedom: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + confidence / 2))
