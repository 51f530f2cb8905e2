"""Stands for the room that keeps postings: who holds which role, and where, as the test says."""

from __future__ import annotations

from datetime import datetime

from dianke.access.models import Role, User
from dianke.core.actor import Grant, RowScope

GIVEN: dict[int, list[Grant]] = {}
NAMES = {1: "南京路店", 2: "人民广场店"}


def post(user: User, role: str, *, stores: set[int] | None = None) -> None:
    """Give `user` a role, in some stores or in all."""
    row = Role.objects.get(code=role)
    scope = {"OWN": RowScope.OWN, "STORE": RowScope.STORE, "ALL": RowScope.ALL}[row.scope]
    reached = None if stores is None else frozenset(stores)
    GIVEN.setdefault(user.pk, []).append(Grant(role, row.permission_codes(), scope, reached))


def grants_of(user: User, *, now: datetime) -> list[Grant]:
    return GIVEN.get(user.pk, [])


def users_at(stores: frozenset[int] | None) -> list[int]:
    return [
        pk
        for pk, grants in GIVEN.items()
        if any(stores is None or (g.store_ids and g.store_ids & stores) for g in grants)
    ]


def store_names(stores: frozenset[int] | None) -> dict[int, str]:
    return {pk: name for pk, name in NAMES.items() if stores is None or pk in stores}
