"""Roles: what each may do, custom ones, a comparison; the permission review and its export; the sign-in rules."""

from __future__ import annotations

import calendar
import csv
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access import operations
from dianke.access.confirmation import reauthenticate
from dianke.access.forms import PolicyForm, ReviewForm, RoleForm
from dianke.access.guards import requires
from dianke.access.models import PermissionReview, Role, SignInPolicy, User
from dianke.access.permissions import PERMISSIONS, ROOM_LABELS, Permission, ScopeCode
from dianke.access.queries import grants_of_many, holders_by_permission, switchable_stores, who_may_what
from dianke.access.requests import Request
from dianke.core.errors import Conflict, InvalidInput, NotAllowed


def by_room() -> list[tuple[str, list[Permission]]]:
    """The permission table as (label of the room, permissions)."""
    rooms: dict[str, list[Permission]] = {}
    for permission in PERMISSIONS:
        rooms.setdefault(permission.room, []).append(permission)
    return [(str(ROOM_LABELS.get(room, room)), found) for room, found in rooms.items()]


@requires("access.view_users")
@require_GET
def roles(request: Request) -> HttpResponse:
    """Preset and custom roles with how many people hold them."""
    counts: dict[str, int] = {}
    people = list(User.objects.visible_to(request.actor).active())
    for grants in grants_of_many(people, now=request.now).values():
        for code in {grant.role for grant in grants}:
            counts[code] = counts.get(code, 0) + 1
    found = list(Role.objects.order_by("-is_preset", "id"))
    lines = [
        {"role": role, "count": counts.get(role.code, 0), "permissions": len(role.permission_codes())}
        for role in found
    ]
    return render(request, "access/roles.html", {"lines": lines})


@requires("access.view_users")
@require_GET
def role(request: Request, pk: int) -> HttpResponse:
    """What one role may do."""
    found = get_object_or_404(Role, pk=pk)
    codes = found.permission_codes()
    context = {
        "role": found,
        "rooms": [(label, [(p, p.code in codes) for p in permissions]) for label, permissions in by_room()],
    }
    return render(request, "access/role.html", context)


@requires("access.manage_roles")
@reauthenticate
@require_http_methods(["GET", "POST"])
def role_new(request: Request) -> HttpResponse:
    """A custom role, empty or as a copy of another one."""
    source = Role.objects.filter(pk=int(request.GET.get("from", "0") or 0)).first()
    initial = {"scope": source.scope, "purpose": source.purpose} if source else {}
    form = RoleForm(request.POST or None, initial=initial)
    chosen = set(request.POST.getlist("permissions")) or (set(source.permission_codes()) if source else set())
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.create_role(
                name=form.cleaned_data["name"],
                scope=ScopeCode(form.cleaned_data["scope"]),
                purpose=form.cleaned_data["purpose"],
                permissions=request.POST.getlist("permissions"),
                requires_second_factor="requires_second_factor" in request.POST,
                actor=request.actor,
                now=request.now,
            )
        except (InvalidInput, Conflict, NotAllowed) as error:
            form.refuse(error)
        else:
            messages.success(request, _("Role created. Give it to people under their postings."))
            return redirect("role", pk=made.pk)
    return _role_form(request, form, chosen, _("New role"))


@requires("access.manage_roles")
@reauthenticate
@require_http_methods(["GET", "POST"])
def role_edit(request: Request, pk: int) -> HttpResponse:
    """Change a custom role."""
    found = get_object_or_404(Role, pk=pk)
    initial = {"name": found.name, "purpose": found.purpose, "scope": found.scope}
    form = RoleForm(request.POST or None, initial=initial)
    chosen = (
        set(request.POST.getlist("permissions")) if request.method == "POST" else found.permission_codes()
    )
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_role(
                role=found,
                name=form.cleaned_data["name"],
                scope=ScopeCode(form.cleaned_data["scope"]),
                purpose=form.cleaned_data["purpose"],
                permissions=request.POST.getlist("permissions"),
                actor=request.actor,
                now=request.now,
            )
        except (InvalidInput, Conflict, NotAllowed) as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. It holds from everybody's next click on."))
            return redirect("role", pk=pk)
    return _role_form(request, form, chosen, found.label, found)


def _role_form(
    request: Request, form: RoleForm, chosen: set[str] | frozenset[str], title: str, role: Role | None = None
) -> HttpResponse:
    rooms = [
        (label, [(p, p.code in chosen, request.actor.can(p.code) or p.code in chosen) for p in permissions])
        for label, permissions in by_room()
    ]
    context = {"form": form, "rooms": rooms, "title": title, "role": role}
    return render(request, "access/role_form.html", context, status=422 if form.errors else 200)


@requires("access.manage_roles")
@reauthenticate
@require_POST
def role_second_factor(request: Request, pk: int) -> HttpResponse:
    """Whether people of this role need a second factor."""
    found = get_object_or_404(Role, pk=pk)
    operations.set_second_factor_rule(
        role=found, is_required="required" in request.POST, actor=request.actor, now=request.now
    )
    messages.success(request, _("Saved. It is asked for at the next sign-in."))
    return redirect("role", pk=pk)


@requires("access.view_users")
@require_GET
def roles_compare(request: Request) -> HttpResponse:
    """Roles side by side; with `?only=differences` only where they differ."""
    all_roles = list(Role.objects.order_by("-is_preset", "id"))
    wanted = {int(value) for value in request.GET.getlist("role") if value.isdecimal()}
    shown = [role for role in all_roles if role.pk in wanted] or all_roles
    codes = [role.permission_codes() for role in shown]
    only_differences = request.GET.get("only") == "differences"
    rooms = []
    for label, permissions in by_room():
        lines = [(p, [p.code in held for held in codes]) for p in permissions]
        if only_differences:
            lines = [(p, cells) for p, cells in lines if len(set(cells)) > 1]
        if lines:
            rooms.append((label, lines))
    context = {
        "roles": shown,
        "all_roles": all_roles,
        "wanted": wanted,
        "rooms": rooms,
        "only_differences": only_differences,
        "span": len(shown) + 1,
    }
    return render(request, "access/roles_compare.html", context)


@requires("access.review_permissions")
@require_http_methods(["GET", "POST"])
def review(request: Request) -> HttpResponse:
    """Who may do what, by person and by permission, sensitive first; and the record of having looked."""
    holdings = who_may_what(now=request.now)
    today = timezone.localtime(request.now).date()
    due = _after_months(today, SignInPolicy.current().review_months)
    form = ReviewForm(request.POST or None, initial={"next_due_date": due})
    if request.method == "POST" and form.is_valid():
        try:
            operations.record_permission_review(
                comment=form.cleaned_data["comment"],
                next_due_date=form.cleaned_data["next_due_date"],
                today=today,
                snapshot={
                    str(h.user.pk): {"roles": list(h.roles), "sensitive": [p.code for p in h.sensitive]}
                    for h in holdings
                },
                actor=request.actor,
                now=request.now,
            )
        except InvalidInput as error:
            form.refuse(error)
        else:
            messages.success(request, _("The review is on record."))
            return redirect("permission_review")
    last = PermissionReview.objects.select_related("reviewed_by").first()
    names = dict(switchable_stores(request.actor))
    context = {
        "form": form,
        "lines": [
            {
                "holding": h,
                "stores": None
                if h.store_ids is None
                else [names.get(pk, f"#{pk}") for pk in sorted(h.store_ids)],
                "is_new": last is not None and _changed_since(last, h),
            }
            for h in holdings
        ],
        "permissions": holders_by_permission(holdings) if request.GET.get("by") == "permission" else None,
        "last": last,
        "is_overdue": last is None or last.next_due_date < today,
        "reviews": PermissionReview.objects.select_related("reviewed_by")[:10],
    }
    return render(request, "access/review.html", context, status=422 if form.errors else 200)


def _after_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _changed_since(last: PermissionReview, holding: Any) -> bool:
    before = last.snapshot.get(str(holding.user.pk))
    return before is None or set(before.get("sensitive", [])) != {p.code for p in holding.sensitive}


@requires("access.review_permissions")
@require_GET
def review_export(request: Request) -> HttpResponse:
    """The matrix person × permission as CSV for a spreadsheet."""
    request.actor.require("web.export_lists")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    day = timezone.localtime(request.now).strftime("%Y%m%d")
    response["Content-Disposition"] = f'attachment; filename="permissions-{day}.csv"'
    response.write("\ufeff")  # so that spreadsheets read it as UTF-8
    writer = csv.writer(response)
    ordered = sorted(PERMISSIONS, key=lambda p: not p.is_sensitive)
    writer.writerow([_("Name"), _("Sign-in name"), _("Roles"), *(_cell(str(p.label)) for p in ordered)])
    for h in who_may_what(now=request.now):
        marks = ["✓" if p.code in h.permissions else "" for p in ordered]
        writer.writerow([_cell(h.user.name), _cell(h.user.username), _cell("、".join(h.roles)), *marks])
    return response


def _cell(text: str) -> str:
    # A spreadsheet would take these for the beginning of a formula (ASVS 1.2.10).
    return f"'{text}" if text[:1] in "=+-@\t\r＝＋－＠" and text else text


@requires("config.manage_settings")
@reauthenticate
@require_http_methods(["GET", "POST"])
def policy(request: Request) -> HttpResponse:
    """Times and limits of signing in."""
    current = SignInPolicy.current()
    form = PolicyForm(request.POST or None, instance=SignInPolicy.current())
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_sign_in_policy(values=form.cleaned_data, actor=request.actor, now=request.now)
        except InvalidInput as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. Session times hold from the next sign-in on."))
            return redirect("sign_in_policy")
    context = {"form": form, "policy": current, "roles": Role.objects.order_by("-is_preset", "id")}
    return render(request, "access/policy.html", context, status=422 if form.errors else 200)
