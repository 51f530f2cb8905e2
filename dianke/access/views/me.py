"""One's own account: name, password, second factors, PIN, sessions, sign-in records."""

from __future__ import annotations

import json
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access import operations, passkeys, signing_in
from dianke.access.confirmation import reauthenticate
from dianke.access.enrolment import totp_setup
from dianke.access.forms import CodeForm, NewPasswordForm, OwnAccountForm, PinForm
from dianke.access.guards import signed_in
from dianke.access.models import Pin, Session, SignIn
from dianke.access.operations.factors import PasskeyRefused
from dianke.access.paging import page_of
from dianke.access.queries import needs_second_factor
from dianke.access.requests import OwnRequest as Request
from dianke.core.errors import Conflict, InvalidInput


@signed_in
@never_cache
@require_GET
def profile(request: Request) -> HttpResponse:
    """Everything about one's own account on one page."""
    user = request.user
    factors = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    recovery = next((f for f in factors if f.type == Authenticator.Type.RECOVERY_CODES), None)
    context = {
        "account": user,
        "totp": next((f for f in factors if f.type == Authenticator.Type.TOTP), None),
        "passkeys": [f for f in factors if f.type == Authenticator.Type.WEBAUTHN],
        "has_factor": any(f.type != Authenticator.Type.RECOVERY_CODES for f in factors),
        "recovery_left": recovery.data.get("left", 0) if recovery else 0,
        "must_have_factor": needs_second_factor(user, now=request.now),
        "passkeys_possible": passkeys.are_possible(request),
        "pin": Pin.objects.filter(user=user).first(),
        "sessions": Session.objects.filter(user=user).open(request.now).select_related("device")[:5],
        "sign_ins": SignIn.objects.filter(user=user).select_related("device")[:5],
        "current_key": request.session.session_key,
    }
    return render(request, "access/profile.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def profile_edit(request: Request) -> HttpResponse:
    """One's own name, email, language."""
    user = request.user
    initial = {"name": user.name, "email": user.email, "language": user.language}
    form = OwnAccountForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_account(
                user=user, username=user.username, **form.cleaned_data, actor=request.actor, now=request.now
            )
        except (InvalidInput, Conflict) as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("profile")
    return _form(request, form, _("Name and language"))


@signed_in
@reauthenticate
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def password(request: Request) -> HttpResponse:
    """A new password; all other sessions end."""
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = operations.change_password(
                user=request.user,
                password=form.cleaned_data["password"],
                keep_session_key=request.session.session_key or "",
                actor=request.actor,
                now=request.now,
            )
        except InvalidInput as error:
            form.refuse(error)
        else:
            signing_in.keep_signed_in(request, user)
            messages.success(request, _("Password changed. You were signed out everywhere else."))
            return redirect("profile")
    return _form(request, form, _("Change password"))


@signed_in
@reauthenticate
@never_cache
@require_http_methods(["GET", "POST"])
def totp(request: Request) -> HttpResponse:
    """Set up an authenticator app."""
    setup = totp_setup(request, request.user)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = operations.add_totp(
                user=request.user,
                secret=setup.secret,
                code=form.cleaned_data["code"],
                actor=request.actor,
                now=request.now,
            )
        except (InvalidInput, Conflict) as error:
            form.refuse(error)
        else:
            setup.forget(request)
            return _factor_added(request, added.recovery_codes)
    context = {"form": form, "setup": setup}
    return render(request, "access/totp.html", context, status=422 if form.errors else 200)


def _factor_added(request: Request, recovery_codes: tuple[str, ...]) -> HttpResponse:
    if recovery_codes:
        return render(request, "access/recovery_codes.html", {"recovery_codes": recovery_codes})
    messages.success(request, _("Set up. It is asked for at your next sign-in."))
    return redirect("profile")


@signed_in
@reauthenticate
@require_POST
def passkey_creation(request: Request) -> HttpResponse:
    """The challenge for a new passkey."""
    return JsonResponse(passkeys.registration_options(request.user))


@signed_in
@reauthenticate
@never_cache
@require_http_methods(["GET", "POST"])
def passkey_add(request: Request) -> HttpResponse:
    """Add a passkey of this device."""
    error = ""
    if request.method == "POST":
        try:
            credential = passkeys.check_registration(_json(request.POST.get("credential", "")))
            added = operations.add_passkey(
                user=request.user,
                name=request.POST.get("name", "").strip() or passkeys.default_name(request.user),
                credential=credential,
                actor=request.actor,
                now=request.now,
            )
        except PasskeyRefused as refused:
            error = str(refused)
        else:
            return _factor_added(request, added.recovery_codes)
    context = {"error": error, "suggested": passkeys.default_name(request.user)}
    return render(request, "access/passkey.html", context, status=422 if error else 200)


@signed_in
@reauthenticate
@require_POST
def factor_remove(request: Request, pk: int) -> HttpResponse:
    """Remove an app or a passkey."""
    found = Authenticator.objects.filter(user=request.user, pk=pk).first()
    if found is None or found.type == Authenticator.Type.RECOVERY_CODES:
        raise Http404
    try:
        operations.remove_factor(authenticator=found, actor=request.actor, now=request.now)
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Removed."))
    return redirect("profile")


@signed_in
@reauthenticate
@never_cache
@require_POST
def recovery_codes(request: Request) -> HttpResponse:
    """Ten new recovery codes; shown once."""
    if not signing_in.has_factor(request.user):
        raise Http404
    codes = operations.make_recovery_codes(user=request.user, actor=request.actor, now=request.now)
    return render(request, "access/recovery_codes.html", {"recovery_codes": codes})


@signed_in
@reauthenticate
@never_cache
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
def pin(request: Request) -> HttpResponse:
    """Set the till PIN, or take it away."""
    form = PinForm(request.POST or None)
    if request.method == "POST" and "remove" in request.POST:
        operations.remove_pin(user=request.user, actor=request.actor, now=request.now)
        messages.success(request, _("Your PIN is removed."))
        return redirect("profile")
    if request.method == "POST" and form.is_valid():
        try:
            operations.set_pin(
                user=request.user, pin=form.cleaned_data["pin"], actor=request.actor, now=request.now
            )
        except InvalidInput as error:
            form.refuse(error)
        else:
            messages.success(request, _("Your PIN is set. It works on tills where you signed in fully once."))
            return redirect("profile")
    return _form(request, form, _("Till PIN"))


@signed_in
@require_GET
def sessions(request: Request) -> HttpResponse:
    """Where one is signed in."""
    context = {
        "sessions": Session.objects.filter(user=request.user).open(request.now).select_related("device"),
        "current_key": request.session.session_key,
    }
    return render(request, "access/sessions.html", context)


@signed_in
@require_POST
def session_end(request: Request, pk: int) -> HttpResponse:
    """End one other session."""
    found = Session.objects.filter(user=request.user, pk=pk).open(request.now)
    if not found.exists():
        raise Http404
    if found.filter(session_key=request.session.session_key).exists():
        signing_in.sign_out(request, reason="BY_OWNER")
        return redirect("sign_in")
    operations.end_sessions(
        user=request.user, sessions=found, reason="BY_OWNER", actor=request.actor, now=request.now
    )
    messages.success(request, _("That device is signed out."))
    return redirect("own_sessions")


@signed_in
@require_POST
def sessions_end_others(request: Request) -> HttpResponse:
    """End all sessions but this one."""
    others = Session.objects.exclude(session_key=request.session.session_key)
    count = operations.end_sessions(
        user=request.user, sessions=others, reason="BY_OWNER", actor=request.actor, now=request.now
    )
    text = _("%(count)s other devices are signed out.") % {"count": count}
    messages.success(request, text if count else _("You are signed in nowhere else."))
    return redirect("own_sessions")


@signed_in
@require_GET
def own_sign_ins(request: Request) -> HttpResponse:
    """One's own sign-in records."""
    rows = SignIn.objects.filter(user=request.user).select_related("device")
    return render(request, "access/own_sign_ins.html", {"page": page_of(rows, request)})


def _form(request: Request, form: Any, title: str) -> HttpResponse:
    context = {"form": form, "title": title}
    template = "access/pin.html" if isinstance(form, PinForm) else "access/form.html"
    if isinstance(form, PinForm):
        context["has_pin"] = Pin.objects.filter(user=request.user).exists()
    return render(request, template, context, status=422 if form.errors else 200)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise PasskeyRefused from error
