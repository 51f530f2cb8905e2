"""On which channel somebody answers, told only where there is enough to go by. docs/algorithms/value-model.md

A few messages say little of a share, so channels are not compared by the share itself but by the lower end of its score
interval: E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209-212, at two standard
errors (A. Agresti and B. A. Coull, The American Statistician 52 (1998) 119-126).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from dianke.core.intervals import wilson

#: What counts: a year, but for the last days, whose messages may still be answered.
YEAR, TIME_TO_ANSWER = timedelta(days=365), timedelta(days=3)
FEWEST_MESSAGES, FEWEST_ANSWERS = 3, 2
STANDARD_ERRORS = 2
#: Per cent of the messages that are answered at least, as far as can be told; below, nobody would call it answering.
LEAST = 10


@dataclass(frozen=True, slots=True)
class Counted:
    """Of so many messages on the channel, so many were answered."""

    channel: str
    messages: int
    answers: int

    @property
    def is_enough(self) -> bool:
        return self.messages >= FEWEST_MESSAGES and self.answers >= FEWEST_ANSWERS

    @property
    def assured(self) -> float:
        """The share that can be counted on, in per cent."""
        return wilson(self.answers, self.messages, STANDARD_ERRORS)[0] * 100


def answers_on(counted: Iterable[Counted]) -> Counted | None:
    """The channel that can be counted on most; None where there is too little, or two are alike."""
    found = sorted((one for one in counted if one.is_enough), key=lambda one: one.assured, reverse=True)
    if not found or found[0].assured < LEAST:
        return None
    return None if len(found) > 1 and found[1].assured == found[0].assured else found[0]
