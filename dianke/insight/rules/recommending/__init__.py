"""Recommendations: what somebody may want next, what goes together, who buys alike, what is due again.

`learn(purchases, day=…)` tests the recommenders on everybody's last basket and keeps the best, `learn_unowned` the best
at what is new to people; `recommend(...)` asks it, within what is offered and not refused. Explained in
docs/algorithms/recommendations.md.
"""

from dianke.insight.rules.recommending.baskets import Baskets, Purchases, baskets_of, histories_of_people
from dianke.insight.rules.recommending.choosing import (
    HALF_LIFE,
    Learnt,
    Recommended,
    learn,
    learn_unowned,
    recommend,
)
from dianke.insight.rules.recommending.together import (
    Alike,
    Due,
    Pairs,
    due_again,
    pairs_of,
    similar_customers,
)

__all__ = [
    "HALF_LIFE",
    "Alike",
    "Baskets",
    "Due",
    "Learnt",
    "Pairs",
    "Purchases",
    "Recommended",
    "baskets_of",
    "due_again",
    "histories_of_people",
    "learn",
    "learn_unowned",
    "pairs_of",
    "recommend",
    "similar_customers",
]
