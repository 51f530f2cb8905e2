"""API keys: created with part of their owner's permissions, revoked at once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.access.models import ApiKey, User
from dianke.access.permissions import BY_CODE, grantable_to_keys
from dianke.access.queries import grants_of
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.events.operations import operation, record, unchanged


class ScopeTooWide(InvalidInput):
    code = "scope_too_wide"
    default_field = "scopes"
    message = _(
        "“%(permission)s” cannot be given to this key: you or its owner do not hold it, or keys never may."
    )


class ScopesMissing(InvalidInput):
    code = "scopes_missing"
    default_field = "scopes"
    message = _("The key would be allowed nothing. Tick at least one permission.")


class KeyExpiryPast(InvalidInput):
    code = "key_expiry_past"
    default_field = "expires_at"
    message = _("This date has passed. Choose a later one or leave it empty.")


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """The key and its raw secret, which is shown once and kept nowhere."""

    key: ApiKey
    raw: str


@operation("access.manage_api_keys")
def create_api_key(
    *,
    name: str,
    owner: User,
    scopes: Iterable[str],
    store_ids: Iterable[int] = (),
    expires_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> CreatedKey:
    """A key acting for `owner` with `scopes`, each held by the owner and by the actor (now; and the owner's
    are asked again at every use). `store_ids` empty: every store of the owner.

    Raises `ScopeTooWide`, `ScopesMissing`, `KeyExpiryPast`.
    """
    wanted = sorted(set(scopes))
    if not wanted:
        raise ScopesMissing
    if expires_at is not None and expires_at <= now:
        raise KeyExpiryPast
    held = {code for grant in grants_of(owner, now=now) for code in grant.permissions}
    for code in wanted:
        if code not in held or not actor.can(code) or not grantable_to_keys(code):
            raise ScopeTooWide(permission=BY_CODE[code].label if code in BY_CODE else code)
    raw = f"dk_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        name=name.strip(),
        owner=owner,
        prefix=raw[:9],
        secret_hash=hashlib.sha256(raw.encode()).hexdigest(),
        scopes=wanted,
        store_ids=sorted(set(store_ids)),
        created_at=now,
        created_by_id=actor.user_id,
        expires_at=expires_at,
    )
    record("access.api_key_created", key, actor=actor, now=now, also=[owner], data={"scopes": wanted})
    return CreatedKey(key, raw)


@operation(None)
def revoke_api_key(*, key: ApiKey, actor: Actor, now: datetime) -> None:
    """The key stops working at once. One's own, or anybody's with `access.manage_api_keys`."""
    if actor.user_id != key.owner_id:
        actor.require("access.manage_api_keys")
    if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        unchanged()
        return
    record("access.api_key_revoked", key, actor=actor, now=now)
