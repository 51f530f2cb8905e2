"""Gives every request its `now`, its id and its `actor`, and ends sessions whose time is over. The clock is read
here and nowhere deeper."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from dianke.access import operations
from dianke.access.models import Session, SignInPolicy, User
from dianke.access.operations.traces import note_session_seen
from dianke.access.queries import actor_for
from dianke.core.actor import SYSTEM

STORE_SESSION_KEY = "store_id"
SEEN_EVERY_SECONDS = 60


class ActorMiddleware:
    """Sets `request.now`, `request.request_id` and the lazily resolved `request.actor`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        request.now = now  # type: ignore[attr-defined]
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        hold_times(request, now)

        def resolve() -> object:
            user = request.user if isinstance(request.user, User) else None
            return actor_for(
                user,
                now=now,
                store_id=request.session.get(STORE_SESSION_KEY) if user else None,
                request_id=request.request_id,  # type: ignore[attr-defined]
            )

        request.actor = SimpleLazyObject(resolve)  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


def hold_times(request: HttpRequest, now: datetime) -> None:
    """End a session that was idle too long, reached its end, or says nothing about its times; note that one in
    use was seen, at most once a minute."""
    if SESSION_KEY not in request.session:
        return
    life = request.session.get("life")
    stamp = now.timestamp()
    if not life or stamp > life["ends"] or stamp > life["seen"] + life["idle"]:
        found = Session.objects.select_related("user").filter(session_key=request.session.session_key).first()
        if found is not None:
            mine = Session.objects.filter(pk=found.pk)
            operations.end_sessions(user=found.user, sessions=mine, reason="IDLE", actor=SYSTEM, now=now)
        logout(request)
    elif stamp > life["seen"] + SEEN_EVERY_SECONDS:
        request.session["life"] = life | {"seen": stamp}
        note_session_seen(request.session.session_key, now=now)


def mark_session(request: HttpRequest, *, now: datetime, life: timedelta, idle: timedelta) -> None:
    """Write the times of a fresh session into it; the middleware holds them."""
    stamp = now.timestamp()
    request.session["life"] = {
        "ends": stamp + life.total_seconds(),
        "idle": idle.total_seconds(),
        "seen": stamp,
    }
    request.session["authenticated_at"] = stamp


def mark_any_sign_in(*, request: HttpRequest, **_signal: object) -> None:
    """Whoever opens a session by Django's own `login` (a test, a tool) gets the times a fresh database has."""
    policy = SignInPolicy()
    now = getattr(request, "now", None) or timezone.now()
    mark_session(request, now=now, life=policy.longest(is_till=False), idle=policy.idle)
