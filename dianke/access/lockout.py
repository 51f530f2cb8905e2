"""Lock-out after wrong tries (django-axes): per sign-in name and address, so that nobody can lock out a colleague
from elsewhere; unknown names are treated like known ones, so that nothing tells them apart."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse

from dianke.access.clients import client_ip


def tried_name(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """The name a try is counted under: as typed, without case and spaces around it."""
    source = credentials if credentials else (request.POST if request is not None else {})
    return str(source.get("username") or "").strip().lower()[:255]


def keep_answer(request: HttpRequest, response: HttpResponse | None, credentials: object) -> HttpResponse:
    """Our views answer a locked-out try themselves; the middleware of axes leaves the answer as it is."""
    return response if response is not None else HttpResponse(status=429)


def is_locked(request: HttpRequest, username: str) -> bool:
    """Whether tries for this name from this address are refused now."""
    return not AxesProxyHandler.is_allowed(request, {"username": username})


def opens_at(request: HttpRequest, username: str) -> datetime | None:
    """When tries will be taken again; None when they are taken now."""
    if not is_locked(request, username):
        return None
    attempts = AccessAttempt.objects.filter(
        username=tried_name(request, {"username": username}), ip_address=client_ip(request)
    )
    last: datetime | None = attempts.order_by("-attempt_time").values_list("attempt_time", flat=True).first()
    return last + cool_off() if last else None


def cool_off() -> timedelta:
    """How long a lock holds."""
    period: timedelta = settings.AXES_COOLOFF_TIME
    return period


def count_wrong_try(request: HttpRequest, username: str) -> None:
    """Count a wrong second factor or confirmation like a wrong password."""
    user_login_failed.send(sender=__name__, credentials={"username": username}, request=request)


def locked_names(names: list[str], *, now: datetime) -> set[str]:
    """Which of these sign-in names (lower case) are locked from some address; for the list of accounts."""
    since = now - cool_off()
    limit = settings.AXES_FAILURE_LIMIT
    rows = AccessAttempt.objects.filter(
        username__in=names, attempt_time__gte=since, failures_since_start__gte=limit
    )
    return {name for name in rows.values_list("username", flat=True) if name}
