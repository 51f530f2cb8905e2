"""Who acts: the value every operation receives and every query of rows is narrowed by.

An actor is resolved once per request (or job) by the room `access` from the person's postings; below that
room it is only this frozen value. A grant says: these permissions, over these rows. Rooms ask `actor.can`,
`actor.stores_for` and `actor.scope_for`; nobody asks for a role.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import NotAllowed


class PermissionRefused(NotAllowed):
    """The actor holds no grant of the permission (for the store asked about)."""

    code = "permission_refused"
    message = _("You may not do this. Ask your manager or the administrator for the permission.")


class ActorKind(enum.StrEnum):
    USER = "USER"
    API_KEY = "API_KEY"
    CUSTOMER = "CUSTOMER"
    SYSTEM = "SYSTEM"
    ANONYMOUS = "ANONYMOUS"


class RowScope(enum.IntEnum):
    """How many rows a grant reaches, from narrow to wide."""

    OWN = 1
    STORE = 2
    ALL = 3


@dataclass(frozen=True, slots=True)
class Grant:
    """Permissions over rows. `store_ids` is None when the grant reaches every store."""

    role: str
    permissions: frozenset[str]
    scope: RowScope
    store_ids: frozenset[int] | None = None

    def covers(self, permission: str, store_id: int | None = None) -> bool:
        if permission not in self.permissions:
            return False
        return store_id is None or self.store_ids is None or store_id in self.store_ids


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is the user's (or key's) primary key; `user_id` the person behind a key; None for the system."""

    kind: ActorKind
    id: int | None = None
    user_id: int | None = None
    name: str = ""
    grants: tuple[Grant, ...] = ()
    store_id: int | None = None
    request_id: str = field(default="", compare=False)

    @property
    def is_system(self) -> bool:
        return self.kind is ActorKind.SYSTEM

    @property
    def is_anonymous(self) -> bool:
        return self.kind is ActorKind.ANONYMOUS

    def can(self, permission: str, *, store_id: int | None = None) -> bool:
        """Whether some grant holds `permission` (at `store_id`, when one is named)."""
        return self.is_system or any(grant.covers(permission, store_id) for grant in self.grants)

    def require(self, permission: str, *, store_id: int | None = None) -> None:
        """Raise `PermissionRefused` unless `can`."""
        if not self.can(permission, store_id=store_id):
            raise PermissionRefused(permission=permission)

    def stores_for(self, permission: str) -> frozenset[int] | None:
        """Stores where the actor holds `permission`; None means every store, an empty set none."""
        if self.is_system:
            return None
        reached: set[int] = set()
        for grant in self.grants:
            if permission in grant.permissions:
                if grant.store_ids is None:
                    return None
                reached |= grant.store_ids
        return frozenset(reached)

    def scope_for(self, permission: str) -> RowScope | None:
        """The widest row scope among grants of `permission`; None when there is none."""
        if self.is_system:
            return RowScope.ALL
        return max((grant.scope for grant in self.grants if permission in grant.permissions), default=None)

    @property
    def roles(self) -> frozenset[str]:
        """Role codes, for audit and for choosing a home screen; never for deciding what is allowed."""
        return frozenset(grant.role for grant in self.grants)

    def as_system(self) -> Actor:
        """The system acting because of this actor: for consequences the person need not be allowed to cause."""
        return replace(self, kind=ActorKind.SYSTEM)


SYSTEM = Actor(kind=ActorKind.SYSTEM, name="system")
ANONYMOUS = Actor(kind=ActorKind.ANONYMOUS)
