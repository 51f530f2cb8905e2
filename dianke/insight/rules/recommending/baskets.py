"""Purchases as baskets: what one person took on one day, as rows of a sparse matrix, and histories made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: So many baskets back a history reaches.
LONGEST_HISTORY = 50


@dataclass(frozen=True, slots=True)
class Purchases:
    """Lines bought and kept, one each, (n,): whole numbers for customer, day and item (0 ≤ item < `items`)."""

    customers: Integers
    days: Integers
    bought: Integers
    items: int


@dataclass(frozen=True, slots=True)
class Baskets:
    """`rows` (b, items) CSR of ones, sorted by person and day.

    `people` (p,) are the customers' own numbers; of each basket (b,) `person` is a place in them, `first` the place of
    the person's first basket.
    """

    people: Integers
    person: Integers
    day: Integers
    first: Integers
    rows: Any

    def last(self) -> Integers:
        """The place of each person's last basket, (p,)."""
        return np.flatnonzero(np.append(self.person[1:] != self.person[:-1], True))

    def only(self, keep: Flags) -> Baskets:
        """The baskets of a mask (b,); people keep their numbers, those without a basket have none."""
        person = self.person[keep]
        return Baskets(self.people, person, self.day[keep], _firsts(person), self.rows[keep])


def baskets_of(purchases: Purchases) -> Baskets:
    """Lines of one person and day are one basket, each item once. Raises ValueError for items out of range."""
    if len(purchases.bought) and not 0 <= purchases.bought.min() <= purchases.bought.max() < purchases.items:
        raise ValueError("an item is out of range")
    people, person = np.unique(purchases.customers, return_inverse=True)
    start = int(purchases.days.min()) if len(purchases.days) else 0
    span = int(purchases.days.max()) - start + 1 if len(purchases.days) else 1
    keys, basket = np.unique(person.astype(np.int64) * span + (purchases.days - start), return_inverse=True)
    rows = sparse.csr_matrix(
        (np.ones(len(basket)), (basket, purchases.bought)), shape=(len(keys), purchases.items)
    )
    rows.data[:] = 1
    of = keys // span
    return Baskets(people.astype(np.int64), of, keys % span + start, _firsts(of), rows)


def histories(of: Baskets, first: Integers, end: Integers, day: Integers, half_life: float) -> Any:
    """(n, items) CSR: baskets from place `first` up to but without `end`, (n,) each, the last 50 of them.

    A basket is worth half per `half_life` days it lies before `day` (n,).
    """
    places, earlier, weights = [], [], []
    for back in range(1, LONGEST_HISTORY + 1):
        at = end - back
        place = np.flatnonzero(at >= first)
        if not len(place):
            break
        places.append(place)
        earlier.append(at[place])
        weights.append(0.5 ** ((day[place] - of.day[at[place]]) / half_life))
    shape = (len(end), of.rows.shape[0])
    if not places:
        return sparse.csr_matrix(shape) @ of.rows
    columns = (np.concatenate(places), np.concatenate(earlier))
    return sparse.csr_matrix((np.concatenate(weights), columns), shape=shape) @ of.rows


def histories_of_people(of: Baskets, person: Integers, day: int, half_life: float) -> Any:
    """(n, items) CSR: what each of `person` (n,) bought, as of `day`; empty rows for whom nothing is known."""
    first = np.searchsorted(of.person, person, side="left")
    end = np.searchsorted(of.person, person, side="right")
    return histories(of, first, end, np.full(len(person), day), half_life)


def _firsts(person: Integers) -> Integers:
    """For each basket the place of its person's first, (b,), persons being sorted."""
    return np.searchsorted(person, person, side="left")
