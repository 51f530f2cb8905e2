"""Traces of use that are no events: when a key, a till, a session was last seen. Written at most once in a while,
by one statement each, outside the request's own operations."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from dianke.access.models import ApiKey, Device, Session

KEY_EVERY = timedelta(minutes=1)
DEVICE_EVERY = timedelta(minutes=5)


def note_key_used(key_id: int, last_used_at: datetime | None, *, now: datetime) -> None:
    """The key was used; written once a minute, not once a call."""
    if last_used_at is None or last_used_at < now - KEY_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - KEY_EVERY)
        ApiKey.objects.filter(stale, pk=key_id).update(last_used_at=now)


def note_device_seen(device: Device, *, now: datetime) -> None:
    """The till was in use."""
    if device.last_seen_at < now - DEVICE_EVERY:
        Device.objects.filter(pk=device.pk).update(last_seen_at=now)


def note_session_seen(session_key: str | None, *, now: datetime) -> None:
    """Somebody worked in the session."""
    Session.objects.filter(session_key=session_key).update(last_seen_at=now)


def rename_session(old_key: str | None, new_key: str | None) -> None:
    """The web session got a new key (after a new password); it is still the same session."""
    Session.objects.filter(session_key=old_key).update(session_key=new_key)
