"""Limits a till gets for selling without the server, and what is noted when its sales arrive.

The limits are a row and a text signed with a key of this installation, which the till keeps and sends with its sales. A
sale that arrives is never refused for them: what is wrong with it is a problem for the list of exceptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import connection
from django.utils.translation import gettext_lazy as _

from dianke.access.models import Device
from dianke.core.actor import Actor, PermissionRefused
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.sales.models import DeviceJournal, OfflineGrant, OfflinePolicy
from dianke.sales.rules.business_day import MOST_SKEW
from dianke.sales.rules.offline import Limits, OfflineSale, Problem, Used, outside_period, over_limits
from dianke.stores.models import Register, Store

SETTINGS = "sales.manage_settings"
SELL = "sales.sell"
_SALT = "dianke.sales.offline-grant"
_LIMITS = tuple(field.name for field in fields(Limits))
_COUNT = """
UPDATE sales_offlinegrant AS g
SET used_sale_count = g.used_sale_count + 1, used_total_amount = g.used_total_amount + %s,
    used_points_count = g.used_points_count + %s, used_coupon_count = g.used_coupon_count + %s,
    used_wallet_amount = g.used_wallet_amount + %s
FROM access_device AS d
WHERE d.id = g.device_id AND g.uuid = %s AND g.device_id = %s
RETURNING g.*, d.revoked_at AS device_revoked_at
"""


class TillNotOfStore(Conflict):
    code = "till_not_of_store"
    message = _("This till is not set up for the store. Set it up there first.")


class RevokeReasonMissing(InvalidInput):
    code = "offline_revoke_reason_missing"
    message = _("Say why the till may not sell offline any more.")
    default_field = "reason"


@dataclass(frozen=True, slots=True)
class Issued:
    """The limits a till was given and the signed text it keeps."""

    grant: OfflineGrant
    token: str


@dataclass(frozen=True, slots=True)
class GrantUse:
    """What a sale that arrives is worth under its limits: which they were, and what was wrong."""

    grant_id: int | None
    problems: tuple[Problem, ...]


@operation(SETTINGS)
def set_offline_policy(*, store: Store | None, limits: Limits, actor: Actor, now: datetime) -> OfflinePolicy:
    """What tills of a store, or (None) of all without limits of their own, may sell offline from the next time they are
    given limits. Raises `LimitsWrong`."""
    actor.require(SETTINGS, store_id=store.pk if store else None)
    if store is None and actor.stores_for(SETTINGS) is not None:
        raise PermissionRefused(permission=SETTINGS)  # what holds everywhere is for who is asked everywhere
    limits.check()
    row = OfflinePolicy.objects.select_for_update().filter(store=store).first() or OfflinePolicy(store=store)
    before = {name: getattr(row, name) for name in _LIMITS} if row.pk else {}
    wanted = asdict(limits)
    if before == wanted:
        unchanged()
        return row
    for name, value in wanted.items():
        setattr(row, name, value)
    row.save()
    changes = {name: [before.get(name), value] for name, value in wanted.items() if before.get(name) != value}
    record(
        "sales.offline_limits_set",
        row,
        also=[store] if store else [],
        actor=actor,
        now=now,
        store_id=store.pk if store else None,
        data={"changes": changes},
    )
    return row


@operation(SELL)
def issue_grant(
    *, device: Device, store: Store, register: Register | None = None, actor: Actor, now: datetime
) -> Issued:
    """Give a till its limits for the next hours; what it was given before stays valid until it ends, for what was sold
    under it. Raises `TillNotOfStore`."""
    actor.require(SELL, store_id=store.pk)
    if device.revoked_at is not None or device.store_id not in (None, store.pk):
        raise TillNotOfStore
    limits = limits_of(store)
    grant = OfflineGrant.objects.create(
        device=device,
        store=store,
        register=register,
        issued_at=now,
        issued_by_id=actor.user_id,
        expires_at=now + timedelta(hours=limits.block_hours),
        **asdict(limits),
    )
    record(
        "sales.offline_grant_issued",
        grant,
        also=[device],
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"expires_at": grant.expires_at.isoformat(), "limits": asdict(limits)},
    )
    return Issued(grant, token_of(grant))


@operation(SETTINGS)
def revoke_grants(*, device: Device, reason: str, actor: Actor, now: datetime) -> int:
    """Withdraw what a till was given: sales it makes from now on are exceptions. Answers how many were withdrawn.
    Raises `RevokeReasonMissing`."""
    actor.require(SETTINGS, store_id=device.store_id)
    if not reason.strip():
        raise RevokeReasonMissing
    live = OfflineGrant.objects.filter(device=device, revoked_at=None, expires_at__gt=now)
    count: int = live.update(revoked_at=now, revoked_by_id=actor.user_id, revoked_reason=reason.strip()[:200])
    if not count:
        unchanged()
        return 0
    record(
        "sales.offline_grants_revoked",
        device,
        actor=actor,
        now=now,
        store_id=device.store_id,
        data={"count": count},
    )
    return count


@step
def use_grant(*, token: str, device_id: int | None, sale: OfflineSale, now: datetime) -> GrantUse:
    """Hold an offline sale against the limits it names, and count it under them. Call it once per sale: a repeat is
    answered by the order that stands. One statement; never refuses."""
    wanted = read_token(token)
    if wanted is None:
        return GrantUse(None, (Problem("GRANT", {"reason": "FORGED" if token else "MISSING"}),))
    grant = _counted(wanted, sale)
    if grant is None:
        return GrantUse(None, (Problem("GRANT", {"reason": "FORGED"}),))
    problems = outside_period(
        sale,
        issued_at=grant.issued_at,
        expires_at=grant.expires_at,
        revoked_at=grant.revoked_at or grant.device_revoked_at,
    )
    if grant.device_id != device_id:
        problems.append(Problem("GRANT", {"reason": "OTHER_TILL"}))
    problems += over_limits(limits_in(grant), _used_before(grant, sale), sale)
    return GrantUse(grant.pk, tuple(problems))


def _counted(wanted: Mapping[str, Any], sale: OfflineSale) -> Any:
    """The limits with this sale counted under them, and `device_revoked_at`; None when there are none of the device.
    The row is held until the commit: who counts under the same limits waits."""
    found = OfflineGrant.objects.raw(
        _COUNT,
        [sale.amount, sale.points, sale.coupons, sale.wallet_amount, wanted["id"], wanted["device"]],
    )
    return next(iter(found), None)


@step
def note_sequence(*, device_id: int, store_id: int, number: int, now: datetime) -> bool:
    """Note that the sale with this number of a device arrived; False when a sale with it did before. One statement;
    whoever notes for the same device waits until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sales_note_sequence(%s, %s, %s, %s)", [device_id, store_id, number, now])
        row = cursor.fetchone()
    return bool(row and row[0] == "NEW")


@step
def note_clock(*, device_id: int, store_id: int, skew_seconds: int, now: datetime) -> None:
    """Keep how far the clock of a device was ahead when it reported."""
    DeviceJournal.objects.update_or_create(
        device_id=device_id,
        defaults={
            "skew_seconds": max(-MOST_SKEW, min(MOST_SKEW, skew_seconds)),
            "reported_at": now,
        },
        create_defaults={
            "store_id": store_id,
            "skew_seconds": max(-MOST_SKEW, min(MOST_SKEW, skew_seconds)),
            "reported_at": now,
        },
    )


def limits_of(store: Store) -> Limits:
    """What tills of a store are given: the store's own limits, else everybody's, else the usual ones."""
    rows = OfflinePolicy.objects.filter(store=store) | OfflinePolicy.objects.filter(store=None)
    found = {row.store_id: row for row in rows}
    row = found.get(store.pk) or found.get(None)
    return limits_in(row) if row else Limits()


def limits_in(row: OfflinePolicy | OfflineGrant) -> Limits:
    return Limits(**{name: getattr(row, name) for name in _LIMITS})


def _used_before(grant: OfflineGrant, sale: OfflineSale) -> Used:
    """What had arrived under the limits before this sale was counted."""
    return Used(
        grant.used_sale_count - 1,
        grant.used_total_amount - sale.amount,
        grant.used_points_count - sale.points,
        grant.used_coupon_count - sale.coupons,
        grant.used_wallet_amount - sale.wallet_amount,
    )


def token_of(grant: OfflineGrant) -> str:
    """The signed text of a grant: everything the till needs to hold itself to, readable and not to be changed."""
    return signing.Signer(salt=_SALT, algorithm="sha256").sign_object(
        {
            "id": str(grant.uuid),
            "device": grant.device_id,
            "store": grant.store_id,
            "issued_at": grant.issued_at.isoformat(),
            "expires_at": grant.expires_at.isoformat(),
            **asdict(limits_in(grant)),
        }
    )


def read_token(token: str) -> Mapping[str, Any] | None:
    """What a signed text says; None when it is not ours or was changed."""
    try:
        found = signing.Signer(salt=_SALT, algorithm="sha256").unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    return found if isinstance(found, Mapping) and {"id", "device"} <= set(found) else None
