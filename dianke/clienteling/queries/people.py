"""Who has a list, and which customers each of them may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from dianke.access.queries import grants_of_many
from dianke.clienteling.models import WORK
from dianke.core.actor import Actor, ActorKind
from dianke.customers.models import Customer
from dianke.stores.models import Partner
from dianke.work.queries.people import postings_now


@dataclass(frozen=True, slots=True)
class Lists:
    """`actors` by user; `near` are the people posted at a store, `partners` the users of partners. Whoever leads a
    region or the whole merchant shares in the customers of a store only where nobody is near."""

    actors: Mapping[int, Actor]
    near: Mapping[int, frozenset[int]]
    partners: Mapping[int, int]

    def sharing(self, store: int, partner: int, seen: frozenset[int]) -> frozenset[int]:
        """Who of those who see a customer of a store may be given them by share: its people, and the partner who keeps
        them."""
        near = self.near.get(store)
        return seen if near is None else seen & (near | {self.partners.get(partner, 0)})


def lists(now: datetime) -> Lists:
    """Everybody who works from a list today. At most five statements."""
    postings = postings_now(now)
    users = {posting.staff.user_id: posting.staff.user for posting in postings}
    grants = grants_of_many(users.values(), now=now)
    actors = {
        pk: Actor(kind=ActorKind.USER, id=pk, user_id=pk, name=user.name, grants=tuple(grants.get(pk, ())))
        for pk, user in sorted(users.items())
    }
    actors = {pk: actor for pk, actor in actors.items() if actor.can(WORK)}
    near: dict[int, set[int]] = defaultdict(set)
    for posting in postings:
        if posting.staff.user_id in actors and posting.store_id:
            near[posting.store_id].add(posting.staff.user_id)
    partners = Partner.objects.filter(user__in=actors).values_list("pk", "user_id")
    return Lists(actors, {store: frozenset(users) for store, users in near.items()}, dict(partners))


def seen_by(people: Lists, customer_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
    """Customer → who of these people may see and work with them. One statement for each person: the rule of sight is
    asked as it stands, not told again here."""
    found: dict[int, set[int]] = defaultdict(set)
    for user, actor in people.actors.items():
        visible = Customer.objects.visible_to(actor, WORK).filter(pk__among=list(customer_ids))
        for pk in visible.values_list("pk", flat=True):
            found[pk].add(user)
    return {pk: frozenset(users) for pk, users in found.items()}
