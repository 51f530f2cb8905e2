"""The value of customers: how many purchases to expect, the risk of losing them, their worth with an interval.

`fit_best(history)` tests the models on the last window of the history and chooses; `Fitted.score(...)` tells of each
person. Explained in docs/algorithms/value-model.md.
"""

from dianke.insight.rules.value.choosing import Fitted, Scores, Tested, TooLittle, fit_best
from dianke.insight.rules.value.history import History, Summary, Visits, summary, visits

__all__ = [
    "Fitted",
    "History",
    "Scores",
    "Summary",
    "Tested",
    "TooLittle",
    "Visits",
    "fit_best",
    "summary",
    "visits",
]
