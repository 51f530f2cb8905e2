"""Who is acting: turns a signed-in person or an API key into an `Actor` with the grants in force now; and who may do
what, for the permission review."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from dianke.access.models import Role, User
from dianke.access.permissions import PERMISSIONS, Permission, grantable_to_keys
from dianke.core.actor import ANONYMOUS, Actor, ActorKind, Grant, RowScope
from dianke.core.prepared import prepared

_USABLE_KEY = """
SELECT k.id, k.owner_id, k.name, k.scopes, k.store_ids, k.last_used_at
FROM access_apikey AS k JOIN access_user AS u ON u.id = k.owner_id
WHERE k.secret_hash = %(hash)s AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR %(now)s < k.expires_at)
  AND u.is_active
"""


def grants_of(user: User, *, now: datetime) -> tuple[Grant, ...]:
    """Grants in force at `now`, from the room that keeps postings (`settings.DIANKE_GRANTS`)."""
    resolve = import_string(settings.DIANKE_GRANTS)
    return tuple(resolve(user, now=now))


def grants_of_many(users: Iterable[User], *, now: datetime) -> dict[int, tuple[Grant, ...]]:
    """Grants by user id, at once where the room of postings offers that (`settings.DIANKE_GRANTS_OF_MANY`)."""
    people = list(users)
    if settings.DIANKE_GRANTS_OF_MANY:
        found = import_string(settings.DIANKE_GRANTS_OF_MANY)(people, now=now)
        return {user.pk: tuple(found.get(user.pk, ())) for user in people}
    return {user.pk: grants_of(user, now=now) for user in people}


def actor_for(
    user: User | None, *, now: datetime, store_id: int | None = None, request_id: str = ""
) -> Actor:
    """The actor of a signed-in person; `ANONYMOUS` for nobody or for an account that may not sign in.

    A chosen store that no grant reaches (any more) is left out.
    """
    if user is None or not user.is_active:
        return ANONYMOUS
    grants = grants_of(user, now=now)
    is_reached = any(grant.store_ids is None or store_id in grant.store_ids for grant in grants)
    return Actor(
        kind=ActorKind.USER,
        id=user.pk,
        user_id=user.pk,
        name=user.name,
        grants=grants,
        store_id=store_id if is_reached else None,
        request_id=request_id,
    )


def actor_for_key(raw: str, *, now: datetime, request_id: str = "") -> Actor:
    """The actor of an API key, or `ANONYMOUS`: unknown, revoked, expired, or its owner may not sign in.

    The key's scopes narrow every grant its owner has now; so taking a permission from the owner takes it from
    the key at once. Looked up by the hash of the whole secret, so nothing is compared byte by byte.
    """
    with prepared() as cursor:
        cursor.execute(_USABLE_KEY, {"hash": hashlib.sha256(raw.encode()).hexdigest(), "now": now})
        found = cursor.fetchone()
    if found is None:
        return ANONYMOUS
    pk, owner_id, name, scopes, store_ids, last_used_at = found
    from dianke.access.operations.traces import note_key_used  # operations import this module

    note_key_used(pk, last_used_at, now=now)
    return Actor(
        kind=ActorKind.API_KEY,
        id=pk,
        user_id=owner_id,
        name=name,
        grants=narrowed(grants_of(User(pk=owner_id), now=now), scopes=scopes, store_ids=store_ids),
        request_id=request_id,
    )


def narrowed(
    grants: Iterable[Grant], *, scopes: Iterable[str], store_ids: Iterable[int] = ()
) -> tuple[Grant, ...]:
    """Grants cut down to `scopes` and, when any are named, to `store_ids`; empty ones are dropped."""
    allowed = frozenset(code for code in scopes if grantable_to_keys(code))
    stores = frozenset(store_ids)
    found = []
    for grant in grants:
        reached = grant.store_ids
        if stores:
            reached = stores if reached is None else reached & stores
        permissions = grant.permissions & allowed
        if permissions and (reached is None or reached):
            found.append(
                replace(
                    grant,
                    permissions=permissions,
                    store_ids=reached,
                    scope=min(grant.scope, RowScope.STORE) if stores else grant.scope,
                )
            )
    return tuple(found)


def needs_second_factor(user: User, *, now: datetime) -> bool:
    """Whether some role the person holds now demands a second factor."""
    codes = {grant.role for grant in grants_of(user, now=now)}
    return Role.objects.filter(code__in=codes, requires_second_factor=True).exists()


# --- stores to switch between ----------------------------------------------------------------------------
def switchable_stores(actor: Actor) -> list[tuple[int, str]]:
    """(id, name) of the stores the actor's grants reach, by the order of the room that keeps stores
    (`settings.DIANKE_STORE_NAMES`, called with the ids or None for all)."""
    if not actor.grants or not settings.DIANKE_STORE_NAMES:
        return []
    reached = stores_of(actor)
    if reached is not None and not reached:
        return []
    names: dict[int, str] = import_string(settings.DIANKE_STORE_NAMES)(reached)
    return list(names.items())


def stores_of(actor: Actor) -> frozenset[int] | None:
    """Stores any grant of the actor reaches; None means every store."""
    ids: set[int] = set()
    for grant in actor.grants:
        if grant.store_ids is None:
            return None
        ids |= grant.store_ids
    return frozenset(ids)


# --- who may do what -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Holding:
    """What one person may do, and through which roles."""

    user: User
    roles: tuple[str, ...]
    permissions: frozenset[str]
    reach: RowScope | None
    store_ids: frozenset[int] | None

    @property
    def sensitive(self) -> tuple[Permission, ...]:
        return tuple(p for p in PERMISSIONS if p.is_sensitive and p.code in self.permissions)

    @property
    def plain_count(self) -> int:
        return len(self.permissions) - len(self.sensitive)


@dataclass(frozen=True, slots=True)
class Holders:
    """Who holds one permission."""

    permission: Permission
    people: tuple[User, ...]


def who_may_what(*, now: datetime) -> list[Holding]:
    """Every active account with what it may do; those with most sensitive permissions first."""
    users = list(User.objects.active())
    grants = grants_of_many(users, now=now)
    names = {role.code: role.label for role in Role.objects.all()}
    found = []
    for user in users:
        theirs = grants[user.pk]
        stores: set[int] | None = set()
        for grant in theirs:
            if grant.store_ids is None:
                stores = None
            elif stores is not None:
                stores |= grant.store_ids
        found.append(
            Holding(
                user=user,
                roles=tuple(sorted({names.get(grant.role, grant.role) for grant in theirs})),
                permissions=frozenset().union(*(grant.permissions for grant in theirs)),
                reach=max((grant.scope for grant in theirs), default=None),
                store_ids=None if stores is None else frozenset(stores),
            )
        )
    return sorted(found, key=lambda holding: (-len(holding.sensitive), holding.user.name))


def holders_by_permission(holdings: Iterable[Holding]) -> list[Holders]:
    """The same seen from the permissions: sensitive ones first, each with its people."""
    everybody = list(holdings)
    ordered = sorted(PERMISSIONS, key=lambda permission: not permission.is_sensitive)
    return [
        Holders(permission, tuple(h.user for h in everybody if permission.code in h.permissions))
        for permission in ordered
    ]
