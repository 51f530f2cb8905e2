"""The way from a name to a session: password, then whatever is still asked for (second factor, its set-up, a new
password), then the session with its times. What is proven so far stands in the anonymous session, for ten minutes."""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from dianke.access import devices, operations
from dianke.access.clients import client_of
from dianke.access.middleware import mark_session
from dianke.access.models import Session, SignIn, SignInPolicy, User
from dianke.access.operations.traces import rename_session
from dianke.access.queries import actor_for, needs_second_factor
from dianke.core.actor import SYSTEM

PENDING = "signing_in"
PENDING_LIFE = timedelta(minutes=10)
BACKEND = "django.contrib.auth.backends.ModelBackend"
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
#: A PIN opens the till for one day of work, not longer.
PIN_LIFE = timedelta(hours=16)


class Step(enum.StrEnum):
    """What is asked for next; the values are names of URLs."""

    FACTOR = "sign_in_factor"
    ENROL = "sign_in_enrol"
    PASSWORD = "sign_in_password"  # noqa: S105 (the name of a page)
    DONE = "DONE"


@dataclass(slots=True)
class Pending:
    """Somebody between password and session."""

    user_id: int
    began_at: float
    method: str
    next: str = ""
    has_factor: bool = False

    @property
    def user(self) -> User:
        return User.objects.get(pk=self.user_id)


def begin(request: HttpRequest, user: User, *, next_url: str) -> Pending:
    """The password was right: remember it under a new session key."""
    request.session.cycle_key()
    pending = Pending(user.pk, _now(request).timestamp(), SignIn.Method.PASSWORD.value, next_url)
    keep(request, pending)
    return pending


def keep(request: HttpRequest, pending: Pending) -> None:
    """Store what is proven so far."""
    request.session[PENDING] = asdict(pending)


def pending_of(request: HttpRequest) -> Pending | None:
    """Who is signing in in this browser; None when nobody is or it took longer than ten minutes."""
    data: dict[str, Any] | None = request.session.get(PENDING)
    if not data:
        return None
    pending = Pending(**data)
    age = _now(request).timestamp() - pending.began_at
    if age > PENDING_LIFE.total_seconds() or not User.objects.active().filter(pk=pending.user_id).exists():
        del request.session[PENDING]
        return None
    return pending


def next_step(pending: Pending, user: User, *, now: datetime) -> Step:
    """What is still asked of somebody whose password was right. A one-time link or an old password never
    replaces a second factor: it is asked for first."""
    if not pending.has_factor:
        if has_factor(user):
            return Step.FACTOR
        if needs_second_factor(user, now=now):
            return Step.ENROL
    if user.must_change_password or is_password_old(user, now=now):
        return Step.PASSWORD
    return Step.DONE


def has_factor(user: User) -> bool:
    """Whether an authenticator app or a passkey is set up."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def is_password_old(user: User, *, now: datetime) -> bool:
    """Whether the merchant rotates passwords and this one is due. Off by default (ASVS 6.2.10 advises against it)."""
    days = SignInPolicy.current().rotation_days
    return bool(days) and (user.password_changed_at or user.created_at) < now - timedelta(days=days)


def finish(request: HttpRequest, user: User, *, method: SignIn.Method, next_url: str = "") -> str:
    """Open the session under a new key, note the sign-in, and return where to go."""
    now = _now(request)
    device = devices.device_of(request)
    if request.user.is_authenticated:
        sign_out(request, reason="SWITCHED")
    request.session.pop(PENDING, None)
    login(request, user, backend=BACKEND)
    policy = SignInPolicy.current()
    is_pin = method == SignIn.Method.PIN
    life = PIN_LIFE if is_pin else policy.longest(is_till=device is not None)
    mark_session(request, now=now, life=life, idle=policy.idle)
    if is_pin:
        request.session["pin"] = True
        request.session.pop("authenticated_at", None)
    operations.open_session(
        user=user,
        session_key=request.session.session_key or "",
        method=method,
        client=client_of(request),
        device=device,
        ends_at=now + life,
        actor=actor_for(user, now=now),
        now=now,
    )
    return safe_next(request, next_url)


def sign_out(request: HttpRequest, *, reason: str = "SIGNED_OUT") -> None:
    """End the session of this browser."""
    user = request.user
    if isinstance(user, User):
        operations.end_sessions(
            user=user,
            sessions=Session.objects.filter(session_key=request.session.session_key),
            reason=reason,
            actor=actor_for(user, now=_now(request)) if user.is_active else SYSTEM,
            now=_now(request),
        )
    logout(request)


def keep_signed_in(request: HttpRequest, user: User) -> None:
    """After one's own password change: a new key for this session, while all others have ended."""
    old_key = request.session.session_key
    update_session_auth_hash(request, user)
    rename_session(old_key, request.session.session_key)


def safe_next(request: HttpRequest, url: str) -> str:
    """`url` when it leads to this site, else the first page."""
    if url and url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return url
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def _now(request: HttpRequest) -> datetime:
    now: datetime = request.now  # type: ignore[attr-defined]
    return now
