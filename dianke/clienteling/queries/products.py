"""What to suggest to each customer of a list: the first of what is proposed to them where they are served. The one
place the list asks; docs/algorithms/recommendations.md tells how proposals are made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.insight.queries.proposals import Proposed, proposals_for_many
from dianke.stores.models import Store


def suggested(heads: Collection[Customer], *, actor: Actor, now: datetime) -> Mapping[int, Proposed]:
    """Profile → product, for profiles the actor is known to see. Some ten statements for each home store among them."""
    by_store: dict[int, list[int]] = defaultdict(list)
    for head in heads:
        if head.store_id:
            by_store[head.store_id].append(head.pk)
    found: dict[int, Proposed] = {}
    for store in Store.objects.filter(pk__in=by_store):
        proposed = proposals_for_many(by_store[store.pk], store=store, sight=actor, at=now)
        found |= {head: several[0] for head, several in proposed.items() if several}
    return found
