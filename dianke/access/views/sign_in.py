"""Signing in and out: password, second factor, passkey, forced set-up, one-time links."""

from __future__ import annotations

import json
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dianke.access import devices, limits, lockout, operations, passkeys, signing_in
from dianke.access.clients import client_of
from dianke.access.demo_logins import demo_logins
from dianke.access.enrolment import totp_setup
from dianke.access.forms import CodeForm, NewPasswordForm, RecoveryForm, SignInForm
from dianke.access.guards import public
from dianke.access.models import SignIn, User
from dianke.access.operations.accounts import TicketUnusable, ticket_for
from dianke.access.operations.factors import CodeWrong, PasskeyRefused
from dianke.access.passwords import PasswordRefused
from dianke.access.queries import actor_for
from dianke.access.requests import Request
from dianke.access.signing_in import Pending, Step
from dianke.core.actor import ANONYMOUS
from dianke.core.errors import DiankeError, InvalidInput

TICKET = "password_ticket"
#: A whole shop signs in from one address in the morning; more than this in five minutes is a machine.
PER_ADDRESS = 60


@public("signing in")
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: Request) -> HttpResponse:
    """Name and password; one answer for every way they can be wrong."""
    next_url = request.POST.get("next") or request.GET.get("next", "")
    if request.user.is_authenticated:
        return HttpResponseRedirect(signing_in.safe_next(request, next_url))
    if request.method == "GET":
        return _sign_in_page(request, SignInForm(), next_url)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _sign_in_page(request, form, next_url, status=422)
    username, password = form.cleaned_data["username"], form.cleaned_data["password"]
    try:
        limits.consume(
            f"sign-in:{client_of(request).ip}", limit=PER_ADDRESS, per=timedelta(minutes=5), now=request.now
        )
    except limits.TooManyTries as error:
        form.refuse(error)
        return _sign_in_page(request, form, next_url, status=429)
    if lockout.is_locked(request, username):
        return _locked(request, username)
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        _note_refusal(request, username, SignIn.Method.PASSWORD, SignIn.Result.WRONG)
        if lockout.is_locked(request, username):
            return _locked(request, username)
        form.add_error(None, _("Name or password is not right. Check capital letters and try again."))
        return _sign_in_page(request, form, next_url, status=422)
    return _go_on(request, signing_in.begin(request, user, next_url=next_url), user)


def _sign_in_page(request: Request, form: SignInForm, next_url: str, status: int = 200) -> HttpResponse:
    device = devices.device_of(request)
    context = {
        "form": form,
        "next": next_url,
        "has_passkeys": passkeys.are_possible(request),
        "device": device,
        "till_people": devices.people_of(device, now=request.now) if device else [],
        "demo_logins": demo_logins(),
    }
    return render(request, "access/sign_in.html", context, status=status)


def _go_on(request: Request, pending: Pending, user: User) -> HttpResponse:
    step = signing_in.next_step(pending, user, now=request.now)
    if step is not Step.DONE:
        return redirect(step.value)
    method = SignIn.Method(pending.method)
    return HttpResponseRedirect(signing_in.finish(request, user, method=method, next_url=pending.next))


def _note_refusal(
    request: Request, username: str, method: SignIn.Method, result: SignIn.Result, user: User | None = None
) -> None:
    operations.note_refused_sign_in(
        user=user or User.objects.filter(username__iexact=username.strip()).first(),
        tried_name=username.strip(),
        method=method,
        result=result,
        client=client_of(request),
        device=devices.device_of(request),
        actor=ANONYMOUS,
        now=request.now,
    )


def _locked(request: Request, username: str) -> HttpResponse:
    _note_refusal(request, username, SignIn.Method.PASSWORD, SignIn.Result.LOCKED)
    request.session.pop(signing_in.PENDING, None)
    context = {"opens_at": lockout.opens_at(request, username)}
    return render(request, "access/locked.html", context, status=429)


@public("second step of signing in; asks for a right password before")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_factor(request: Request) -> HttpResponse:
    """The second factor: code of the app, passkey, or a recovery code."""
    pending = signing_in.pending_of(request)
    if pending is None:
        return _begin_again(request)
    user = pending.user
    if signing_in.next_step(pending, user, now=request.now) is not Step.FACTOR:
        return _go_on(request, pending, user)
    if lockout.is_locked(request, user.username):
        return _locked(request, user.username)
    use_recovery = "recovery" in request.GET
    form = (RecoveryForm if use_recovery else CodeForm)(request.POST or None)
    if request.method == "POST":
        try:
            pending.method = _prove_factor(request, user, form).value
        except (CodeWrong, PasskeyRefused) as error:
            lockout.count_wrong_try(request, user.username)
            _note_refusal(request, user.username, SignIn.Method.TOTP, SignIn.Result.WRONG_FACTOR, user)
            if lockout.is_locked(request, user.username):
                return _locked(request, user.username)
            form.refuse(error)
        except InvalidInput as error:
            form.refuse(error)
        else:
            pending.has_factor = True
            signing_in.keep(request, pending)
            return _go_on(request, pending, user)
    types = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    context = {
        "form": form,
        "use_recovery": use_recovery,
        "has_totp": Authenticator.Type.TOTP in types,
        "has_recovery": Authenticator.Type.RECOVERY_CODES in types,
        "has_passkey": Authenticator.Type.WEBAUTHN in types and passkeys.are_possible(request),
    }
    return render(request, "access/factor.html", context, status=422 if form.errors else 200)


def _prove_factor(request: Request, user: User, form: CodeForm | RecoveryForm) -> SignIn.Method:
    if request.POST.get("credential"):
        found = passkeys.check_authentication(user, _json(request.POST["credential"]))
        actor = actor_for(user, now=request.now)
        operations.verify_passkey(authenticator=found, actor=actor, now=request.now)
        return SignIn.Method.SECURITY_KEY
    if not form.is_valid():
        raise CodeWrong
    accepted = operations.verify_code(
        user=user, code=form.cleaned_data["code"], actor=actor_for(user, now=request.now), now=request.now
    )
    if accepted is None:
        raise CodeWrong
    return accepted


@public("challenge for a passkey; tells nothing about anybody")
@never_cache
@require_POST
def passkey_options(request: Request) -> HttpResponse:
    """The challenge for signing in, or for the person between password and session, or for confirming."""
    pending = signing_in.pending_of(request)
    user = request.user if request.user.is_authenticated else (pending.user if pending else None)
    return JsonResponse(passkeys.authentication_options(user))


@public("signing in by passkey")
@never_cache
@require_POST
def sign_in_passkey(request: Request) -> HttpResponse:
    """A passkey that checked finger, face or PIN is both factors at once."""
    next_url = request.POST.get("next", "")
    form = SignInForm()
    try:
        limits.consume(
            f"sign-in:{client_of(request).ip}", limit=PER_ADDRESS, per=timedelta(minutes=5), now=request.now
        )
        found = passkeys.check_authentication(None, _json(request.POST.get("credential", "")))
    except DiankeError as error:
        _note_refusal(request, "", SignIn.Method.PASSKEY, SignIn.Result.WRONG)
        form = SignInForm({"username": "", "password": ""})
        form.errors.clear()
        form.refuse(error)
        return _sign_in_page(request, form, next_url, status=error.status)
    user = found.user
    operations.verify_passkey(authenticator=found, actor=actor_for(user, now=request.now), now=request.now)
    pending = signing_in.begin(request, user, next_url=next_url)
    pending.method, pending.has_factor = SignIn.Method.PASSKEY.value, True
    signing_in.keep(request, pending)
    return _go_on(request, pending, user)


@public("set-up of a second factor during signing in; asks for a right password before")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_enrol(request: Request) -> HttpResponse:
    """The role demands a second factor and there is none yet: set it up before anything else."""
    pending = signing_in.pending_of(request)
    if pending is None:
        return _begin_again(request)
    user = pending.user
    if request.session.get("new_recovery_codes") and "kept" in request.POST:
        del request.session["new_recovery_codes"]
        return _go_on(request, pending, user)
    if request.session.get("new_recovery_codes"):
        context = {"recovery_codes": request.session["new_recovery_codes"]}
        return render(request, "access/recovery_codes_first.html", context)
    if signing_in.next_step(pending, user, now=request.now) is not Step.ENROL:
        return _go_on(request, pending, user)
    setup = totp_setup(request, user)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = operations.add_totp(
                user=user,
                secret=setup.secret,
                code=form.cleaned_data["code"],
                actor=actor_for(user, now=request.now),
                now=request.now,
            )
        except InvalidInput as error:
            form.refuse(error)
        else:
            setup.forget(request)
            pending.has_factor, pending.method = True, SignIn.Method.TOTP.value
            signing_in.keep(request, pending)
            request.session["new_recovery_codes"] = list(added.recovery_codes)
            return redirect("sign_in_enrol")
    context = {"form": form, "setup": setup, "account": user}
    return render(request, "access/enrol.html", context, status=422 if form.errors else 200)


@public("new password during signing in; asks for password and second factor before")
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in_password(request: Request) -> HttpResponse:
    """The password must be changed before the session opens."""
    pending = signing_in.pending_of(request)
    if pending is None:
        return _begin_again(request)
    user = pending.user
    if signing_in.next_step(pending, user, now=request.now) is not Step.PASSWORD:
        return _go_on(request, pending, user)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actor = actor_for(user, now=request.now)
            user = operations.change_password(
                user=user, password=form.cleaned_data["password"], actor=actor, now=request.now
            )
        except PasswordRefused as error:
            form.refuse(error)
        else:
            return _go_on(request, pending, user)
    return render(request, "access/new_password.html", {"form": form}, status=422 if form.errors else 200)


@public("opens a one-time link; the token is the proof")
@never_cache
@require_http_methods(["GET"])
def password_link(request: Request, token: str) -> HttpResponse:
    """Take the token out of the address at once, so that it stays neither in history nor in referrers."""
    request.session[TICKET] = token
    return redirect("password_set")


@public("sets a password with a one-time link; the token is the proof")
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def password_set(request: Request) -> HttpResponse:
    """The page behind a one-time link. Afterwards the person signs in, with second factor if there is one."""
    token = request.session.get(TICKET, "")
    try:
        ticket = ticket_for(token, now=request.now)
        form = NewPasswordForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            operations.redeem_password_ticket(
                token=token, password=form.cleaned_data["password"], actor=ANONYMOUS, now=request.now
            )
            del request.session[TICKET]
            messages.success(request, _("The password is set. Sign in with it now."))
            return redirect("sign_in")
    except TicketUnusable as error:
        return render(request, "access/link_unusable.html", {"text": str(error)}, status=404)
    except PasswordRefused as error:
        form.refuse(error)
    context = {"form": form, "account": ticket.user, "ticket": ticket}
    return render(request, "access/password_set.html", context, status=422 if form.errors else 200)


@public("signing out; harmless for whoever is not signed in")
@require_POST
def sign_out(request: Request) -> HttpResponse:
    """End this session; a shared till goes back to its PIN pad."""
    signing_in.sign_out(request)
    device = devices.device_of(request)
    return redirect("till" if device is not None else "sign_in")


def _begin_again(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("That took more than ten minutes. Please sign in again."))
    return redirect("sign_in")


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise PasskeyRefused from error
