"""Histories of visits as arrays, and the three numbers that models of repeat buying ask of each person.

A visit is a day on which somebody bought; several orders of one day are one visit. Frequency counts the visits after
the first, recency is the days from the first to the last visit, age the days from the first visit to the end of what is
known. Days are whole numbers from any beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Above so many different histories, times are rounded before a model is fitted.
MOST_GROUPS = 100_000
#: Days to which times are rounded, finest first.
STEPS = (1, 2, 3, 7, 14, 28, 56)


@dataclass(frozen=True, slots=True)
class History:
    """Orders of known customers, one row each, in any order.

    `customers` (n,) whole numbers, `days` (n,) whole days, `spend` (n,) net money of the order in major units.
    What happened after day `until` is not looked at.
    """

    customers: Integers
    days: Integers
    spend: Floats
    until: int


@dataclass(frozen=True, slots=True)
class Visits:
    """(customer, day) pairs, each once, sorted; `people` are the customers' numbers, `person` an index into them."""

    people: Integers
    person: Integers
    day: Integers
    spend: Floats


@dataclass(frozen=True, slots=True)
class Summary:
    """One row per person known by a day: `person` (p,) indexes `Visits.people`; times in days.

    `spend` is the mean of the visits that brought money, `paid` how many these are; NaN and 0 where none did.
    """

    person: Integers
    frequency: Floats
    recency: Floats
    age: Floats
    spend: Floats
    paid: Floats


@dataclass(frozen=True, slots=True)
class Groups:
    """Different (frequency, recency, age) and how many people have each; `step` is the rounding of times in days."""

    frequency: Floats
    recency: Floats
    age: Floats
    count: Floats
    step: int


def visits(history: History) -> Visits:
    """The orders up to `history.until` as visits. Raises ValueError when the columns differ in length."""
    if not len(history.customers) == len(history.days) == len(history.spend):
        raise ValueError("customers, days and spend must be of one length")
    known = history.days <= history.until
    people, person = np.unique(history.customers[known], return_inverse=True)
    days = history.days[known].astype(np.int64)
    start = int(days.min()) if days.size else 0
    span = int(days.max()) - start + 1 if days.size else 1
    keys, visit = np.unique(person.astype(np.int64) * span + (days - start), return_inverse=True)
    spend = np.bincount(visit, weights=history.spend[known], minlength=len(keys)).astype(np.float64)
    return Visits(people.astype(np.int64), keys // span, keys % span + start, spend)


def summary(of: Visits, until: int) -> Summary:
    """What is known of each person on the evening of day `until`; people first seen later are left out."""
    seen = of.day <= until
    person, day, spend = of.person[seen], of.day[seen], of.spend[seen]
    known, first, count = np.unique(person, return_index=True, return_counts=True)
    last = first + count - 1
    paying = spend > 0
    paid = np.bincount(person, weights=paying, minlength=len(of.people))[known]
    total = np.bincount(person, weights=np.where(paying, spend, 0), minlength=len(of.people))[known]
    return Summary(
        person=known,
        frequency=(count - 1).astype(np.float64),
        recency=(day[last] - day[first]).astype(np.float64),
        age=(until - day[first]).astype(np.float64),
        spend=np.divide(total, paid, out=np.full(len(known), np.nan), where=paid > 0),
        paid=paid.astype(np.float64),
    )


def visits_between(of: Visits, person: Integers, after: int, until: int) -> Floats:
    """Visits of each of `person` (p,) on days after `after` up to and with `until`."""
    inside = (of.day > after) & (of.day <= until)
    return np.bincount(of.person[inside], minlength=len(of.people))[person].astype(np.float64)


def grouped(frequency: Any, recency: Any, age: Any, most: int = MOST_GROUPS) -> Groups:
    """People (n,) with equal histories counted together; times are rounded to the finest step leaving at most `most`.

    Rounding keeps 0 ≤ recency ≤ age. Raises ValueError for histories that cannot be.
    """
    x, tx, t = (np.asarray(column, dtype=np.float64) for column in (frequency, recency, age))
    if not np.all((x >= 0) & (tx >= 0) & (tx <= t)):
        raise ValueError("needs 0 <= recency <= age and frequency >= 0")
    for step in STEPS:
        times, ages = (np.rint(column / step).astype(np.int64) for column in (tx, t))
        width = int(ages.max(initial=0)) + 1
        keys = (x.astype(np.int64) * width + times) * width + ages
        different, count = np.unique(keys, return_counts=True)
        if len(different) <= most:
            break
    return Groups(
        frequency=(different // (width * width)).astype(np.float64),
        recency=(different // width % width * step).astype(np.float64),
        age=(different % width * step).astype(np.float64),
        count=count.astype(np.float64),
        step=step,
    )
