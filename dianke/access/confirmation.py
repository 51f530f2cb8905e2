"""Confirming who one is before a sensitive act: approvals, reveals, keys, roles. A full sign-in counts for some
minutes; after that, and always after a switch by PIN, the person proves it again."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any, TypeVar

from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from dianke.access import lockout, operations, passkeys
from dianke.access.clients import client_of
from dianke.access.devices import device_of
from dianke.access.guards import SignInRequired
from dianke.access.models import SignIn, SignInPolicy, User
from dianke.access.operations.factors import CodeWrong, PasskeyRefused
from dianke.core.errors import DiankeError, NotAllowed

View = TypeVar("View", bound=Callable[..., Any])

_PASSWORD = "_confirm_password"  # noqa: S105 (names of form fields)
_CODE = "_confirm_code"
_CREDENTIAL = "_confirm_credential"
_BACK = "_confirm_back"
FIELDS = (_PASSWORD, _CODE, _CREDENTIAL, _BACK, "csrfmiddlewaretoken")


class ConfirmationRequired(NotAllowed):
    """For callers that cannot show the page of `@reauthenticate`."""

    code = "confirmation_required"
    message = _(
        "This needs a fresh confirmation of who you are. Open the page again and enter your password."
    )


class ConfirmationWrong(NotAllowed):
    code = "confirmation_wrong"
    message = _("The password is not right. Please try again.")


class ConfirmationLocked(NotAllowed):
    code = "confirmation_locked"
    message = _("Too many wrong tries. Wait a quarter of an hour or ask your manager to unlock you.")


def recently_authenticated(request: HttpRequest) -> bool:
    """Whether this browser proved fully who is signed in within the minutes of the policy."""
    if not request.user.is_authenticated:
        return False
    proven_at = request.session.get("authenticated_at")
    if proven_at is None:
        return False
    minutes = SignInPolicy.current().confirm_minutes
    age = request.now.timestamp() - proven_at  # type: ignore[attr-defined]
    return bool(age < minutes * 60)


def reauthenticate(view: View) -> View:
    """Ask for password (and code, or a passkey) before `view`, unless that happened just now. What was being sent
    travels along on the confirmation page, so nothing typed is lost. Stands below the guard:

        @requires("access.manage_roles")
        @reauthenticate
        def edit_role(request): ...
    """

    @functools.wraps(view)
    def confirmed(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if recently_authenticated(request):
            _drop_fields(request)
            return view(request, *args, **kwargs)
        error = ""
        if request.method == "POST" and (_PASSWORD in request.POST or _CREDENTIAL in request.POST):
            try:
                confirm(request)
            except DiankeError as refused:
                error = str(refused)
            else:
                if _BACK in request.POST:
                    return HttpResponseRedirect(request.get_full_path())
                _drop_fields(request)
                return view(request, *args, **kwargs)
        return _page(request, error)

    confirmed.asks_confirmation = True  # type: ignore[attr-defined]
    return confirmed  # type: ignore[return-value]


def confirm(request: HttpRequest) -> None:
    """Check password and code, or passkey, of the posted form and start the minutes anew.

    Raises `ConfirmationWrong`, `ConfirmationLocked`, `CodeWrong`, `PasskeyRefused`.
    """
    user = request.user
    if not isinstance(user, User):
        raise SignInRequired
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    if lockout.is_locked(request, user.username):
        raise ConfirmationLocked
    try:
        if request.POST.get(_CREDENTIAL):
            _confirm_passkey(request, user)
        else:
            if (
                authenticate(request, username=user.username, password=request.POST.get(_PASSWORD, ""))
                != user
            ):
                raise ConfirmationWrong
            if Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
                code = request.POST.get(_CODE, "")
                if operations.verify_code(user=user, code=code, actor=actor, now=now) is None:
                    lockout.count_wrong_try(request, user.username)
                    raise CodeWrong
    except (ConfirmationWrong, CodeWrong, PasskeyRefused):
        operations.note_refused_sign_in(
            user=user,
            tried_name=user.username,
            method=SignIn.Method.CONFIRMATION,
            result=SignIn.Result.WRONG,
            client=client_of(request),
            device=device_of(request),
            actor=actor,
            now=now,
        )
        raise
    request.session["authenticated_at"] = now.timestamp()


def _confirm_passkey(request: HttpRequest, user: User) -> None:
    try:
        credential = json.loads(request.POST[_CREDENTIAL])
    except ValueError as error:
        raise PasskeyRefused from error
    authenticator = passkeys.check_authentication(user, credential)
    operations.verify_passkey(
        authenticator=authenticator,
        actor=request.actor,  # type: ignore[attr-defined]
        now=request.now,  # type: ignore[attr-defined]
    )


def _drop_fields(request: HttpRequest) -> None:
    if request.method == "POST" and any(name in request.POST for name in FIELDS[:-1]):
        posted = request.POST.copy()
        for name in FIELDS[:-1]:
            posted.pop(name, None)
        request.POST = posted  # type: ignore[assignment]


def _page(request: HttpRequest, error: str) -> HttpResponse:
    user = request.user
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        # Passwords are not written into a page again; such forms ask for them after this one.
        if name not in FIELDS and "password" not in name
    ]
    types = set(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
    context = {
        "carried": carried,
        "is_get": request.method != "POST" or _BACK in request.POST,
        "error": error,
        "asks_code": Authenticator.Type.TOTP in types,
        "has_passkey": Authenticator.Type.WEBAUTHN in types and passkeys.are_possible(request),
    }
    return render(request, "access/confirm.html", context, status=422 if error else 200)
