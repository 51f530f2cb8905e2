"""Shared tills: enrolling a browser, and the PIN with which people take over from each other on it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from dianke.access.clients import Client
from dianke.access.models import Device, Pin, Session, SignInPolicy, TillPerson, User
from dianke.access.operations.sign_in import close_sessions
from dianke.access.rules import PinProblem, pin_problem
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, NotAllowed
from dianke.events.operations import operation, record, unchanged

PIN_TRIES = 5


class PinRefused(InvalidInput):
    default_field = "pin"


class PinForm(PinRefused):
    code = "pin_form"
    message = _("A PIN has four to six digits.")


class PinRepeated(PinRefused):
    code = "pin_repeated"
    message = _("This PIN only repeats digits. Choose one that is harder to guess.")


class PinSequence(PinRefused):
    code = "pin_sequence"
    message = _("This PIN counts up or down. Choose one that is harder to guess.")


class PinDate(PinRefused):
    code = "pin_date"
    message = _("This PIN could be a birthday or a year, which colleagues try first. Choose another one.")


class PinCommon(PinRefused):
    code = "pin_common"
    message = _("This PIN is one that many people use. Choose another one.")


_REFUSALS: dict[PinProblem, type[PinRefused]] = {
    PinProblem.FORM: PinForm,
    PinProblem.REPEATED: PinRepeated,
    PinProblem.SEQUENCE: PinSequence,
    PinProblem.DATE: PinDate,
    PinProblem.COMMON: PinCommon,
}


@dataclass(frozen=True, slots=True)
class EnrolledDevice:
    """The device and the token its browser keeps; the token is stored nowhere else."""

    device: Device
    token: str


@dataclass(frozen=True, slots=True)
class PinOutcome:
    """What a PIN led to. `left` tries remain; `is_locked` asks for a manager; `needs_full` for a full sign-in."""

    is_right: bool = False
    left: int = 0
    is_locked: bool = False
    needs_full: bool = False


@operation("access.manage_devices")
def enrol_device(
    *, name: str, store_id: int | None, client: Client, actor: Actor, now: datetime
) -> EnrolledDevice:
    """Make the browser in use a shared till of a store. Raises `PermissionRefused` for a store out of reach."""
    actor.require("access.manage_devices", store_id=store_id)
    if store_id is None and actor.stores_for("access.manage_devices") is not None:
        raise NotAllowed
    token = secrets.token_urlsafe(32)
    device = Device.objects.create(
        name=name.strip()[:60],
        store_id=store_id,
        token_hash=token_hash(token),
        user_agent=client.user_agent,
        enrolled_at=now,
        enrolled_by_id=actor.user_id,
        last_seen_at=now,
    )
    if actor.user_id is not None:  # whoever enrols it is signed in fully right here
        TillPerson.objects.create(device=device, user_id=actor.user_id, signed_in_at=now)
    record("access.device_enrolled", device, actor=actor, now=now, store_id=store_id)
    return EnrolledDevice(device, token)


@operation("access.manage_devices")
def rename_device(*, device: Device, name: str, actor: Actor, now: datetime) -> Device:
    """Give a shared till another name."""
    if device.name == name.strip():
        unchanged()
        return device
    before, device.name = device.name, name.strip()[:60]
    device.save(update_fields=["name"])
    changes = {"name": [before, device.name]}
    record("access.device_renamed", device, actor=actor, now=now, data={"changes": changes})
    return device


@operation("access.manage_devices")
def revoke_device(*, device: Device, actor: Actor, now: datetime) -> None:
    """The browser is no till any more (lost, sold, replaced): PINs stop working there, its sessions end."""
    locked = Device.objects.select_for_update().get(pk=device.pk)
    if locked.revoked_at is not None:
        unchanged()
        return
    locked.revoked_at = now
    locked.save(update_fields=["revoked_at"])
    ended = close_sessions(Session.objects.filter(device=locked), now=now)
    record(
        "access.device_revoked",
        locked,
        actor=actor,
        now=now,
        store_id=locked.store_id,
        data={"sessions_ended": ended},
    )


@operation(None)
def set_pin(*, user: User, pin: str, actor: Actor, now: datetime) -> None:
    """One's own till PIN. Raises a `PinRefused` for one that is easy to guess."""
    if actor.user_id != user.pk:
        raise NotAllowed
    problem = pin_problem(pin)
    if problem is not None:
        raise _REFUSALS[problem]
    values = {"secret_hash": _pin_hash(user.pk, pin), "set_at": now, "failed_count": 0, "locked_at": None}
    Pin.objects.update_or_create(user=user, defaults=values)
    record("access.pin_set", user, actor=actor, now=now)


@operation(None)
def remove_pin(*, user: User, actor: Actor, now: datetime) -> None:
    """Take one's own PIN away: from now on only a full sign-in works."""
    if actor.user_id != user.pk:
        raise NotAllowed
    count, _by_model = Pin.objects.filter(user=user).delete()
    if not count:
        unchanged()
        return
    record("access.pin_removed", user, actor=actor, now=now)


@operation(None)
def check_pin(*, device: Device, user: User, pin: str, actor: Actor, now: datetime) -> PinOutcome:
    """Try a PIN on a till. Wrong ones are counted and stay counted; the fifth locks until a manager unlocks.

    Works only on an enrolled device where this person signed in fully within the time of the policy.
    """
    since = now - timedelta(days=SignInPolicy.current().till_days)
    if (
        device.revoked_at is not None
        or not user.is_active
        or not TillPerson.objects.filter(device=device, user=user, signed_in_at__gt=since).exists()
    ):
        unchanged()
        return PinOutcome(needs_full=True)
    known = Pin.objects.select_for_update().filter(user=user).first()
    if known is None:
        unchanged()
        return PinOutcome(needs_full=True)
    if known.locked_at is not None:
        unchanged()
        return PinOutcome(is_locked=True)
    if check_password(_peppered(user.pk, pin), known.secret_hash):
        if not known.failed_count:
            unchanged()
            return PinOutcome(is_right=True, left=PIN_TRIES)
        known.failed_count = 0
        known.save(update_fields=["failed_count"])
        record("access.pin_tries_cleared", user, actor=actor, now=now, also=[device])
        return PinOutcome(is_right=True, left=PIN_TRIES)
    known.failed_count += 1
    known.locked_at = now if known.failed_count >= PIN_TRIES else None
    known.save(update_fields=["failed_count", "locked_at"])
    record(
        "access.pin_locked" if known.locked_at else "access.pin_refused",
        user,
        actor=actor,
        now=now,
        also=[device],
        store_id=device.store_id,
        data={"failed_count": known.failed_count},
    )
    return PinOutcome(left=PIN_TRIES - known.failed_count, is_locked=known.locked_at is not None)


@operation("access.unlock_users")
def unlock_pin(*, user: User, actor: Actor, now: datetime) -> None:
    """A manager lets somebody try their PIN again. Nobody unlocks their own."""
    if actor.user_id == user.pk:
        raise NotAllowed
    if not Pin.objects.filter(user=user).exclude(failed_count=0).update(failed_count=0, locked_at=None):
        unchanged()
        return
    record("access.pin_unlocked", user, actor=actor, now=now)


def token_hash(token: str) -> str:
    """What is stored of a device token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _peppered(user_id: int, pin: str) -> str:
    # Ten thousand PINs are tried in minutes whatever the hash; the secret key, which is not in the database,
    # makes a stolen table useless.
    return salted_hmac("dianke.access.pin", f"{user_id}:{pin}", algorithm="sha256").hexdigest()


def _pin_hash(user_id: int, pin: str) -> str:
    return make_password(_peppered(user_id, pin))
