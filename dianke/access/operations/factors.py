"""Second factors: codes of an authenticator app, recovery codes, passkeys. Kept in allauth's table of
authenticators, the secrets sealed for their owner."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext_lazy as _

from dianke.access.models import Session, SignIn, User
from dianke.access.operations.sign_in import close_sessions
from dianke.access.queries import needs_second_factor
from dianke.access.rules import matching_counter
from dianke.access.sealing import open_text, seal_text
from dianke.core import codes
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.events.operations import operation, record, unchanged

RECOVERY_CODES = 10


class CodeWrong(InvalidInput):
    code = "code_wrong"
    default_field = "code"
    message = _("This code is not right. Wait for the next one in your app and type all six digits.")


class PasskeyRefused(InvalidInput):
    code = "passkey_refused"
    message = _("The passkey was not accepted. Try again, or use another way to sign in.")


class LastFactor(Conflict):
    code = "last_factor"
    message = _("Your role must have a second factor. Set up another one before you remove this one.")


class FactorExists(Conflict):
    code = "factor_exists"
    message = _("An authenticator app is set up already. Remove it first to set up another one.")


@dataclass(frozen=True, slots=True)
class AddedFactor:
    """The new authenticator and, when it is the first, the recovery codes (shown once)."""

    authenticator: Authenticator
    recovery_codes: tuple[str, ...] = ()


def _own(user: User, actor: Actor) -> None:
    if actor.user_id != user.pk:
        raise NotAllowed


def _is_first(user: User) -> bool:
    return not Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).exists()


@operation(None)
def add_totp(*, user: User, secret: str, code: str, actor: Actor, now: datetime) -> AddedFactor:
    """Set up an authenticator app: `secret` is base32, `code` what the app shows now.

    Raises `CodeWrong`, `FactorExists`.
    """
    _own(user, actor)
    if Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        raise FactorExists
    counter = matching_counter(base64.b32decode(secret), _digits(code), now.timestamp())
    if counter is None:
        raise CodeWrong
    added = Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.TOTP,
        data={"secret": seal_text(secret, field="totp", user_id=user.pk), "counter": counter},
        created_at=now,
        last_used_at=now,
    )
    new_codes = _write_recovery_codes(user, now) if _is_first(user) else ()
    record("access.second_factor_added", user, actor=actor, now=now, data={"type": "TOTP"})
    return AddedFactor(added, new_codes)


@operation(None)
def add_passkey(
    *, user: User, name: str, credential: dict[str, Any], actor: Actor, now: datetime
) -> AddedFactor:
    """Add a passkey whose registration was checked against the challenge (`dianke.access.passkeys`)."""
    _own(user, actor)
    added = Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": name[:60], "credential": credential},
        created_at=now,
    )
    new_codes = _write_recovery_codes(user, now) if _is_first(user) else ()
    record("access.second_factor_added", user, actor=actor, now=now, data={"type": "PASSKEY"})
    return AddedFactor(added, new_codes)


@operation(None)
def rename_passkey(*, authenticator: Authenticator, name: str, actor: Actor, now: datetime) -> None:
    """Give a passkey the name its owner knows it by."""
    _own(authenticator.user, actor)
    if authenticator.data.get("name") == name.strip()[:60]:
        unchanged()
        return
    authenticator.data["name"] = name.strip()[:60]
    authenticator.save(update_fields=["data"])
    record("access.passkey_renamed", authenticator.user, actor=actor, now=now)


@operation(None)
def remove_factor(*, authenticator: Authenticator, actor: Actor, now: datetime) -> None:
    """Remove an app or a passkey; recovery codes go with the last one. Raises `LastFactor` when the role needs one."""
    user = authenticator.user
    _own(user, actor)
    kind = authenticator.type
    others = Authenticator.objects.filter(user=user).exclude(pk=authenticator.pk)
    if not others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        if needs_second_factor(user, now=now):
            raise LastFactor
        others.delete()
    authenticator.delete()
    record("access.second_factor_removed", user, actor=actor, now=now, data={"type": kind.upper()})


@operation("access.manage_users")
def reset_factors(*, user: User, actor: Actor, now: datetime) -> int:
    """Somebody lost phone and codes: remove all their factors and end their sessions. They set up new ones at the
    next sign-in if their role needs one. Returns how many were removed; one's own cannot be reset this way."""
    if actor.user_id == user.pk:
        raise NotAllowed
    count, _by_model = Authenticator.objects.filter(user=user).delete()
    if not count:
        unchanged()
        return 0
    close_sessions(Session.objects.filter(user=user), now=now)
    record("access.second_factors_reset", user, actor=actor, now=now, data={"count": count})
    return int(count)


@operation(None)
def make_recovery_codes(*, user: User, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Ten new recovery codes; the old ones stop working."""
    _own(user, actor)
    new_codes = _write_recovery_codes(user, now)
    record("access.recovery_codes_made", user, actor=actor, now=now)
    return new_codes


@operation(None)
def verify_code(*, user: User, code: str, actor: Actor, now: datetime) -> SignIn.Method | None:
    """Accept a code of the app (each once) or a recovery code (each once); None when it is neither."""
    accepted = _use_totp(user, code, now) or _use_recovery_code(user, code, now)
    if accepted is None:
        unchanged()
        return None
    record("access.second_factor_used", user, actor=actor, now=now, data={"method": accepted.value})
    return accepted


@operation(None)
def verify_passkey(*, authenticator: Authenticator, actor: Actor, now: datetime) -> None:
    """Note the use of a passkey whose answer was checked against the challenge (`dianke.access.passkeys`)."""
    Authenticator.objects.filter(pk=authenticator.pk).update(last_used_at=now)
    record("access.second_factor_used", authenticator.user, actor=actor, now=now, data={"method": "PASSKEY"})


def _use_totp(user: User, code: str, now: datetime) -> SignIn.Method | None:
    found = Authenticator.objects.select_for_update().filter(user=user, type=Authenticator.Type.TOTP).first()
    if found is None:
        return None
    secret = base64.b32decode(open_text(found.data["secret"], field="totp", user_id=user.pk))
    counter = matching_counter(secret, _digits(code), now.timestamp(), after=found.data.get("counter", -1))
    if counter is None:
        return None
    found.data["counter"] = counter
    found.last_used_at = now
    found.save(update_fields=["data", "last_used_at"])
    return SignIn.Method.TOTP


def _use_recovery_code(user: User, code: str, now: datetime) -> SignIn.Method | None:
    found = (
        Authenticator.objects.select_for_update()
        .filter(user=user, type=Authenticator.Type.RECOVERY_CODES)
        .first()
    )
    if found is None:
        return None
    try:
        typed = codes.canonical(code)
    except InvalidInput:
        return None
    unused = _open_codes(found)
    matches = [known for known in unused if hmac.compare_digest(known.encode(), typed.encode())]
    if not matches:
        return None
    _seal_codes(found, [known for known in unused if known not in matches])
    found.last_used_at = now
    found.save(update_fields=["data", "last_used_at"])
    return SignIn.Method.RECOVERY_CODE


def _write_recovery_codes(user: User, now: datetime) -> tuple[str, ...]:
    new_codes = tuple(codes.random_code(11) for _n in range(RECOVERY_CODES))
    found = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    found = found or Authenticator(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})
    found.created_at = now
    _seal_codes(found, new_codes)
    found.save()
    return new_codes


def _seal_codes(authenticator: Authenticator, unused: list[str] | tuple[str, ...]) -> None:
    text = json.dumps(list(unused))
    sealed = seal_text(text, field="recovery_codes", user_id=authenticator.user_id)
    authenticator.data = {"codes": sealed, "left": len(unused)}


def _open_codes(authenticator: Authenticator) -> list[str]:
    text = open_text(authenticator.data["codes"], field="recovery_codes", user_id=authenticator.user_id)
    return [str(code) for code in json.loads(text)]


def _digits(code: str) -> str:
    # Apps show "123 456"; Chinese keyboards may send full-width digits.
    return "".join(str(int(c)) for c in code if c.isdecimal())
