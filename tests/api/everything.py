"""Stands for postings: every account is an owner of everything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dianke.access.models import User
from dianke.access.permissions import permissions_of
from dianke.core.actor import Grant, RowScope


def grants_of(user: User, *, now: datetime) -> list[Grant]:
    return [Grant("OWNER", permissions_of("OWNER"), RowScope.ALL)]


def grants_of_many(users: Iterable[User], *, now: datetime) -> dict[int, list[Grant]]:
    return {user.pk: grants_of(user, now=now) for user in users}
