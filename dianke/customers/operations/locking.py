"""The one order in which profiles are locked: everybody in them by key, then pairs, then merges.

Whoever writes to a profile as a whole begins here; those who do so at the same moment then wait and never deadlock. A
write to several profiles names them all in one call.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Conflict
from dianke.customers.models import Customer
from dianke.customers.operations.writing import CustomerNotFound
from dianke.customers.queries.sides import heads_of, members_of
from dianke.events.operations import step

#: How often the profiles are looked up anew when merges of others get in between.
TRIES = 10


class ProfilesBusy(Conflict):
    code = "profiles_busy"
    message = _("These customers are being merged by somebody else right now. Load them again in a moment.")


@step
def lock_profiles(*, customer_ids: Iterable[int]) -> dict[int, Customer]:
    """The head of each of these customers, locked with everybody in its profile until the operation ends.

    A profile can grow or part while we wait for its rows: then the locks are given back and taken anew, so that they
    are always taken in the order of the keys. Raises `CustomerNotFound`, `ProfilesBusy`.
    """
    wanted = set(customer_ids)
    for _attempt in range(TRIES):
        heads = heads_of(wanted)
        if len(heads) < len(wanted):
            raise CustomerNotFound
        members = members_of(heads.values())
        everybody = frozenset().union(*members.values())
        point = transaction.savepoint()
        # Not the key itself: rows of other rooms that refer to a customer need not wait.
        rows = Customer.objects.select_for_update(no_key=True).filter(pk__in=everybody).order_by("pk")
        locked = {row.pk: row for row in rows}
        if heads_of(wanted) == heads and members_of(heads.values()) == members:
            transaction.savepoint_commit(point)
            return {pk: locked[head] for pk, head in heads.items()}
        transaction.savepoint_rollback(point)
    raise ProfilesBusy
