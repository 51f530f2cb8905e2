"""What an offer gives for a top-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """From `paid` on: so much bonus, so much promotional value, in fen."""

    paid: int
    bonus: int
    promotional: int = 0


@dataclass(frozen=True, slots=True)
class Given:
    bonus: int
    promotional: int


def given_for(steps: Sequence[Step], paid: int, *, is_repeating: bool) -> Given:
    """By the highest step that is reached; repeating, once for each time its amount is in what was paid. Nothing
    below the lowest step."""
    reached = max((step for step in steps if step.paid <= paid), key=lambda step: step.paid, default=None)
    if reached is None:
        return Given(0, 0)
    times = paid // reached.paid if is_repeating else 1
    return Given(reached.bonus * times, reached.promotional * times)


def next_step(steps: Sequence[Step], paid: int) -> Step | None:
    """The lowest step that is not reached, for advice at the counter."""
    return min((step for step in steps if step.paid > paid), key=lambda step: step.paid, default=None)
