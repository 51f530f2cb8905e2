"""Signing in leaves a record and opens a session; sessions end by hand, by time, or because an account changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings
from django.db.models import QuerySet

from dianke.access import limits
from dianke.access.clients import Client
from dianke.access.models import Device, Session, SignIn, SignInPolicy, TillPerson, User
from dianke.core.actor import Actor, ActorKind
from dianke.core.errors import NotAllowed
from dianke.events.operations import operation, record, step, unchanged


@operation(None)
def open_session(
    *,
    user: User,
    session_key: str,
    method: SignIn.Method,
    client: Client,
    device: Device | None,
    ends_at: datetime,
    actor: Actor,
    now: datetime,
) -> Session:
    """Note a successful sign-in and the session it opened. On a shared till it is also the ground for a PIN."""
    earlier = SignIn.objects.filter(user=user, result=SignIn.Result.SUCCESS)
    is_new_place = (
        earlier.exists() and not earlier.filter(ip=client.ip, user_agent=client.user_agent).exists()
    )
    sign_in = SignIn.objects.create(
        user=user,
        tried_name=user.username,
        at=now,
        method=method,
        result=SignIn.Result.SUCCESS,
        ip=client.ip,
        user_agent=client.user_agent,
        device=device,
        is_new_place=is_new_place,
    )
    session, _created = Session.objects.update_or_create(
        session_key=session_key,
        defaults={
            "user": user,
            "started_at": now,
            "last_seen_at": now,
            "ends_at": ends_at,
            "ended_at": None,
            "method": method,
            "ip": client.ip,
            "user_agent": client.user_agent,
            "device": device,
        },
    )
    if device is not None and method != SignIn.Method.PIN:
        TillPerson.objects.update_or_create(device=device, user=user, defaults={"signed_in_at": now})
    record(
        "access.signed_in",
        user,
        actor=actor,
        now=now,
        also=[sign_in, *([device] if device else [])],
        store_id=device.store_id if device else None,
        data={"method": str(method), "is_new_place": is_new_place},
    )
    return session


@operation(None)
def note_refused_sign_in(
    *,
    user: User | None,
    tried_name: str,
    method: SignIn.Method,
    result: SignIn.Result,
    client: Client,
    device: Device | None = None,
    actor: Actor,
    now: datetime,
) -> SignIn:
    """Note a sign-in that was refused. An unknown name is shortened: people type passwords into that field."""
    sign_in = SignIn.objects.create(
        user=user,
        tried_name=user.username if user else f"{tried_name[:1]}***",
        at=now,
        method=method,
        result=result,
        ip=client.ip,
        user_agent=client.user_agent,
        device=device,
    )
    record(
        "access.sign_in_refused",
        sign_in,
        actor=actor,
        now=now,
        also=[user] if user else [],
        data={"method": str(method), "result": str(result)},
    )
    return sign_in


@operation(None)
def end_sessions(*, user: User, sessions: QuerySet[Session], reason: str, actor: Actor, now: datetime) -> int:
    """End sessions of `user`; one's own, or anybody's with `access.manage_users`. Returns how many.

    `reason` is SIGNED_OUT, BY_OWNER, BY_ADMINISTRATOR, IDLE or SWITCHED.
    """
    if actor.user_id != user.pk and not actor.is_system:
        actor.require("access.manage_users")
    ended = close_sessions(sessions.filter(user=user), now=now)
    if not ended:
        unchanged()
        return 0
    record("access.sessions_ended", user, actor=actor, now=now, data={"count": ended, "reason": reason})
    return ended


@step
def close_sessions(sessions: QuerySet[Session], *, now: datetime) -> int:
    """Mark sessions ended and delete the web sessions behind them. Returns how many were open."""
    open_ones = list(sessions.filter(ended_at=None).select_for_update())
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for session in open_ones:
        store(session.session_key).delete()
    Session.objects.filter(pk__in=[session.pk for session in open_ones]).update(ended_at=now)
    return len(open_ones)


@operation(None)
def forget_old_records(*, actor: Actor, now: datetime) -> int:
    """Nightly: remove sign-in records and ended sessions older than the policy keeps (never under 180 days), and
    counters of yesterday. Returns how many sign-in records went."""
    if actor.kind is not ActorKind.SYSTEM:
        raise NotAllowed
    limit = now - timedelta(days=SignInPolicy.current().sign_in_days)
    gone, _by_model = SignIn.objects.filter(at__lt=limit).delete()
    sessions, _by_model = Session.objects.filter(ends_at__lt=limit).delete()
    limits.forget_windows(before=now - timedelta(days=1))
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    if not gone and not sessions:
        unchanged()
        return 0
    record(
        "access.old_sign_ins_removed",
        "access.signin",
        actor=actor,
        now=now,
        data={"sign_ins": gone, "sessions": sessions},
    )
    return gone
