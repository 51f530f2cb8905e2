"""The shared till this browser is, if it was enrolled: a long-lived signed cookie whose token is known by its hash."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from dianke.access.models import Device, Pin, SignInPolicy, TillPerson, User
from dianke.access.operations.tills import token_hash
from dianke.access.operations.traces import note_device_seen

COOKIE_LIFE = timedelta(days=5 * 365)
_SALT = "dianke.access.device"


def cookie_name() -> str:
    """`__Host-` forbids other hosts and paths to set it, which only works over TLS."""
    return "__Host-till" if settings.DIANKE_TLS else "till"


def device_of(request: HttpRequest) -> Device | None:
    """The enrolled till behind a request; looked up once per request."""
    if not hasattr(request, "_device"):
        token = request.get_signed_cookie(cookie_name(), default=None, salt=_SALT)
        found = Device.objects.enrolled().filter(token_hash=token_hash(token)).first() if token else None
        if found is not None:
            note_device_seen(found, now=request.now)  # type: ignore[attr-defined]
        request._device = found  # type: ignore[attr-defined]
    device: Device | None = request._device  # type: ignore[attr-defined]
    return device


def remember(response: HttpResponse, token: str) -> None:
    """Let the browser keep its token."""
    response.set_signed_cookie(
        cookie_name(),
        token,
        salt=_SALT,
        max_age=COOKIE_LIFE,
        secure=settings.DIANKE_TLS,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponse) -> None:
    """Take the token away from the browser."""
    response.delete_cookie(cookie_name(), samesite="Lax")


def people_of(device: Device, *, now: datetime) -> list[User]:
    """Who may take over this till by PIN, most recent first: signed in fully here, and has a PIN."""
    since = now - timedelta(days=SignInPolicy.current().till_days)
    here = TillPerson.objects.filter(device=device, signed_in_at__gt=since, user__is_active=True)
    known = here.filter(user__in=Pin.objects.values("user")).select_related("user")
    return [person.user for person in known.order_by("-signed_in_at")]
