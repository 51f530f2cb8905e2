"""People who count, send and approve in the tests of this room: `people["lin"]` may do what a clerk of the lake may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dianke.access.models import User
from dianke.access.permissions import permissions_of
from dianke.core.actor import Actor, ActorKind, Grant, RowScope
from dianke.inventory.tests.shop import Shop

#: name -> role and stores (empty: all)
POSTED = {
    "lin": ("CLERK", "lake"),
    "zhao": ("CLERK", "lake"),
    "sun": ("CLERK", "lake"),
    "road_clerk": ("CLERK", "road"),
    "harbour_clerk": ("CLERK", "harbour"),
    "manager": ("STORE_MANAGER", "lake"),
    "owner": ("OWNER", ""),
}


@dataclass
class People:
    users: dict[str, User]
    actors: dict[str, Actor]

    def __getitem__(self, name: str) -> Actor:
        return self.actors[name]


def make_people(shop: Shop, now: datetime) -> People:
    """Accounts without postings: what they may do stands in their grants."""
    users, actors = {}, {}
    for name, (role, store) in POSTED.items():
        user = User.objects.create(username=name, name=name, created_at=now)
        stores = frozenset({getattr(shop, store).pk}) if store else None
        scope = RowScope.STORE if store else RowScope.ALL
        grant = Grant(role, permissions_of(role), scope, stores)
        users[name] = user
        actors[name] = Actor(
            kind=ActorKind.USER, id=user.pk, user_id=user.pk, name=name, grants=(grant,), store_id=None
        )
    return People(users, actors)
