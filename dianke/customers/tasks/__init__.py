"""Jobs of the room, one module per part; the worker finds them through this package."""

from dianke.customers.tasks.care import make_all_care_tasks, make_care
from dianke.customers.tasks.matching import look_for_candidates, match_all_customers
from dianke.customers.tasks.portal import forget_old_codes

__all__ = [
    "forget_old_codes",
    "look_for_candidates",
    "make_all_care_tasks",
    "make_care",
    "match_all_customers",
]
