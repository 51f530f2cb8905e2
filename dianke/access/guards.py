"""Guards of views and endpoints: each of them carries exactly one of `@requires`, `@signed_in`, `@public`.

The same decorators serve pages and the API: they raise named errors, and the kit of each (web middleware,
API exception handlers) turns an error into a page, a redirect to sign-in or problem+json.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import DiankeError

View = TypeVar("View", bound=Callable[..., Any])


class SignInRequired(DiankeError):
    """Nobody is signed in (or the session ended)."""

    code = "sign_in_required"
    status = 401
    message = _("Please sign in first.")


def _guarded(view: View, rule: str, check: Callable[[HttpRequest], None]) -> View:
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        check(request)
        return view(request, *args, **kwargs)

    guarded.access_rule = rule  # type: ignore[attr-defined]
    guarded.access_check = check  # type: ignore[attr-defined]  # for who must know before a file is read
    return guarded  # type: ignore[return-value]


def requires(permission: str) -> Callable[[View], View]:
    """Only actors holding `permission` (somewhere). Rows are narrowed by `.visible_to(actor)` in addition."""
    from dianke.access.permissions import BY_CODE

    if permission not in BY_CODE:
        raise KeyError(f"{permission} is not in the permission table (access/permissions.py)")

    def check(request: HttpRequest) -> None:
        actor = request.actor  # type: ignore[attr-defined]
        if actor.is_anonymous:
            raise SignInRequired
        actor.require(permission)

    return lambda view: _guarded(view, permission, check)


def signed_in(view: View) -> View:
    """Any signed-in person: own profile, own sessions, switching language."""

    def check(request: HttpRequest) -> None:
        if request.actor.is_anonymous:  # type: ignore[attr-defined]
            raise SignInRequired

    return _guarded(view, "signed_in", check)


def public(reason: str) -> Callable[[View], View]:
    """Open to everyone; says why (sign-in itself, health, manifest)."""
    if not reason:
        raise ValueError("a public view says why it is public")
    return lambda view: _guarded(view, f"public: {reason}", lambda request: None)
