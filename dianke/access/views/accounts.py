"""Administration of accounts: list, invitation, change, lock and unlock, sessions, second factors; sign-in records."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access import lockout, operations, signing_in
from dianke.access.confirmation import reauthenticate
from dianke.access.enrolment import qr_code
from dianke.access.forms import AccountForm, role_choices
from dianke.access.guards import requires
from dianke.access.models import ApiKey, Pin, Session, SignIn, User
from dianke.access.operations.accounts import IssuedTicket
from dianke.access.paging import page_of
from dianke.access.permissions import PERMISSIONS
from dianke.access.queries import grants_of_many
from dianke.access.requests import Request
from dianke.core.errors import Conflict, InvalidInput, NotAllowed


@requires("access.view_users")
@require_GET
def users(request: Request) -> HttpResponse:
    """Accounts with their roles; search, active or disabled, by role."""
    state = request.GET.get("state", "active")
    role = request.GET.get("role", "")
    query = request.GET.get("q", "")
    rows = User.objects.visible_to(request.actor).matching(query)
    if state == "active":
        rows = rows.filter(is_active=True)
    elif state == "disabled":
        rows = rows.filter(is_active=False)
    found = list(rows)
    grants = grants_of_many(found, now=request.now)
    if role:
        found = [user for user in found if role in {grant.role for grant in grants[user.pk]}]
    page = page_of(found, request)
    labels = dict(role_choices())
    locked = lockout.locked_names([user.username.lower() for user in page], now=request.now)
    pins = set(Pin.objects.filter(user__in=list(page)).exclude(locked_at=None).values_list("user", flat=True))
    with_factor = set(
        Authenticator.objects.filter(user__in=list(page), type__in=signing_in.FACTORS).values_list(
            "user", flat=True
        )
    )
    context = {
        "page": page,
        "lines": [
            {
                "user": user,
                "roles": sorted({labels.get(grant.role, grant.role) for grant in grants[user.pk]}),
                "is_locked": user.username.lower() in locked or user.pk in pins,
                "has_factor": user.pk in with_factor,
                "is_invited": not user.has_usable_password(),
            }
            for user in page
        ],
        "query": query,
        "state": state,
        "role": role,
        "roles": role_choices(),
    }
    return render(request, "access/users.html", context)


@requires("access.view_users")
@require_GET
def user(request: Request, pk: int) -> HttpResponse:
    """One account: what it may do, how it signs in, where it is signed in."""
    account = _account(request, pk)
    held = {
        code for grant in grants_of_many([account], now=request.now)[account.pk] for code in grant.permissions
    }
    labels = dict(role_choices())
    grants = grants_of_many([account], now=request.now)[account.pk]
    sees_all = request.actor.can("access.view_sign_ins") or account.pk == request.actor.user_id
    pin = Pin.objects.filter(user=account).first()
    context = {
        "account": account,
        "roles": sorted({labels.get(grant.role, grant.role) for grant in grants}),
        "permissions": [p for p in sorted(PERMISSIONS, key=lambda p: not p.is_sensitive) if p.code in held],
        "is_locked": bool(
            lockout.locked_names([account.username.lower()], now=request.now) or (pin and pin.locked_at)
        ),
        "factors": list(Authenticator.objects.filter(user=account).exclude(type="recovery_codes")),
        "pin": pin,
        "sessions": Session.objects.filter(user=account).open(request.now).visible_to(request.actor),
        "sign_ins": SignIn.objects.filter(user=account)[:10] if sees_all else None,
        "keys": ApiKey.objects.filter(owner=account, revoked_at=None),
        "is_self": account.pk == request.actor.user_id,
        "is_invited": not account.has_usable_password(),
    }
    return render(request, "access/user.html", context)


@requires("access.manage_users")
@reauthenticate
@never_cache
@require_http_methods(["GET", "POST"])
def user_new(request: Request) -> HttpResponse:
    """A new account, with an invitation link to hand over."""
    form = AccountForm(request.POST or None, initial={"language": "zh-hans"})
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.create_account(**form.cleaned_data, actor=request.actor, now=request.now)
        except (InvalidInput, Conflict) as error:
            form.refuse(error)
        else:
            issued = operations.issue_password_ticket(user=made, actor=request.actor, now=request.now)
            return _link_page(request, issued)
    context = {"form": form, "title": _("New account"), "submit": _("Create and invite")}
    return render(request, "access/form.html", context, status=422 if form.errors else 200)


@requires("access.manage_users")
@require_http_methods(["GET", "POST"])
def user_edit(request: Request, pk: int) -> HttpResponse:
    """Name, sign-in name, email, language."""
    account = _account(request, pk)
    initial = {f: getattr(account, f) for f in ("name", "username", "email", "language")}
    form = AccountForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_account(user=account, **form.cleaned_data, actor=request.actor, now=request.now)
        except (InvalidInput, Conflict) as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("user", pk=pk)
    context = {"form": form, "title": account.name}
    return render(request, "access/form.html", context, status=422 if form.errors else 200)


@requires("access.manage_users")
@reauthenticate
@never_cache
@require_POST
def user_link(request: Request, pk: int) -> HttpResponse:
    """A new one-time link: invitation, or a forgotten password."""
    account = _account(request, pk)
    issued = operations.issue_password_ticket(user=account, actor=request.actor, now=request.now)
    return _link_page(request, issued)


def _link_page(request: Request, issued: IssuedTicket) -> HttpResponse:
    url = request.build_absolute_uri(reverse("password_link", args=[issued.token]))
    context = {"ticket": issued.ticket, "account": issued.ticket.user, "url": url, "qr": qr_code(url)}
    return render(request, "access/user_link.html", context)


@requires("access.manage_users")
@reauthenticate
@require_POST
def user_disable(request: Request, pk: int) -> HttpResponse:
    """Nobody signs in with it any more."""
    account = _account(request, pk)
    try:
        operations.disable_account(user=account, actor=request.actor, now=request.now)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        text = _("%(name)s cannot sign in any more and was signed out everywhere.")
        messages.success(request, text % {"name": account.name})
    return redirect("user", pk=pk)


@requires("access.manage_users")
@reauthenticate
@require_POST
def user_enable(request: Request, pk: int) -> HttpResponse:
    """Signing in works again."""
    account = _account(request, pk)
    operations.enable_account(user=account, actor=request.actor, now=request.now)
    messages.success(request, _("%(name)s can sign in again.") % {"name": account.name})
    return redirect("user", pk=pk)


@requires("access.unlock_users")
@require_POST
def user_unlock(request: Request, pk: int) -> HttpResponse:
    """Forget wrong passwords and PINs."""
    account = _account(request, pk)
    if account.pk == request.actor.user_id:
        messages.error(request, _("You cannot unlock yourself. Ask another manager."))
        return redirect("user", pk=pk)
    operations.unlock_account(user=account, actor=request.actor, now=request.now)
    messages.success(request, _("%(name)s can try again at once.") % {"name": account.name})
    return redirect("user", pk=pk)


@requires("access.manage_users")
@reauthenticate
@require_POST
def user_reset_factors(request: Request, pk: int) -> HttpResponse:
    """Somebody lost phone and codes."""
    account = _account(request, pk)
    operations.reset_factors(user=account, actor=request.actor, now=request.now)
    text = _("The second factors of %(name)s are removed; new ones are set up at the next sign-in.")
    messages.success(request, text % {"name": account.name})
    return redirect("user", pk=pk)


@requires("access.manage_users")
@require_POST
def user_sessions_end(request: Request, pk: int) -> HttpResponse:
    """Sign somebody out: one session, or all of them."""
    account = _account(request, pk)
    found = Session.objects.filter(user=account)
    if request.POST.get("session", "").isdecimal():
        found = found.filter(pk=int(request.POST["session"]))
    operations.end_sessions(
        user=account, sessions=found, reason="BY_ADMINISTRATOR", actor=request.actor, now=request.now
    )
    messages.success(request, _("Signed out."))
    return redirect("user", pk=pk)


@requires("access.view_sign_ins")
@require_GET
def sign_ins(request: Request) -> HttpResponse:
    """Everybody's sign-in records: who, when, from where, how, with what result."""
    rows = SignIn.objects.visible_to(request.actor).select_related("user", "device")
    result, person = request.GET.get("result", ""), request.GET.get("person", "")
    if result == "refused":
        rows = rows.refused()
    elif result == "new":
        rows = rows.filter(is_new_place=True)
    if person.isdecimal():
        rows = rows.filter(user_id=int(person))
    context = {
        "page": page_of(rows, request),
        "result": result,
        "person": User.objects.filter(pk=int(person)).first() if person.isdecimal() else None,
    }
    return render(request, "access/sign_ins.html", context)


def _account(request: Request, pk: int) -> User:
    found: User = get_object_or_404(User.objects.visible_to(request.actor), pk=pk)
    return found
