"""The address people reach this shop at from outside: what links in messages, letters and mails begin with."""

from __future__ import annotations

from django.conf import settings


def site_address() -> str:
    """As `https://shop.example`, the first of `DIANKE_ORIGINS` that is one address and not a pattern; empty while none
    is set."""
    named = (origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" not in origin)
    return next(named, "").rstrip("/")
