"""Administration of shared tills and API keys, and revealing a hidden field."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access import devices, operations
from dianke.access.clients import client_of
from dianke.access.confirmation import reauthenticate
from dianke.access.fields import masked, rule_of, subject_of
from dianke.access.forms import ApiKeyForm, DeviceForm
from dianke.access.guards import requires, signed_in
from dianke.access.models import ApiKey, Device, User
from dianke.access.operations.reveals import ReasonMissing
from dianke.access.permissions import BY_CODE, grantable_to_keys
from dianke.access.queries import switchable_stores
from dianke.access.requests import Request
from dianke.access.views.roles import by_room
from dianke.core.errors import InvalidInput

REVEAL_SECONDS = 30


# --- shared tills ----------------------------------------------------------------------------------------
@requires("access.manage_devices")
@require_GET
def device_list(request: Request) -> HttpResponse:
    """Enrolled tills, and whether this browser is one."""
    names = dict(switchable_stores(request.actor))
    rows = Device.objects.visible_to(request.actor).enrolled().select_related("enrolled_by")
    context = {
        "lines": [(device, names.get(device.store_id or 0, "")) for device in rows],
        "this_device": devices.device_of(request),
    }
    return render(request, "access/devices.html", context)


@requires("access.manage_devices")
@reauthenticate
@require_http_methods(["GET", "POST"])
def device_enrol(request: Request) -> HttpResponse:
    """Make this browser a shared till."""
    may_all = request.actor.stores_for("access.manage_devices") is None
    form = DeviceForm(request.POST or None, stores=switchable_stores(request.actor), may_all=may_all)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.enrol_device(
                name=form.cleaned_data["name"],
                store_id=form.cleaned_data["store"] or None,
                client=client_of(request),
                actor=request.actor,
                now=request.now,
            )
        except InvalidInput as error:
            form.refuse(error)
        else:
            messages.success(
                request, _("This browser is a shared till now. Everybody signs in here once, then by PIN.")
            )
            response = redirect("devices")
            devices.remember(response, made.token)
            return response
    context = {"form": form, "title": _("Make this browser a shared till"), "submit": _("Enrol")}
    return render(request, "access/form.html", context, status=422 if form.errors else 200)


@requires("access.manage_devices")
@require_POST
def device_revoke(request: Request, pk: int) -> HttpResponse:
    """A till that was lost or replaced."""
    found = get_object_or_404(Device.objects.visible_to(request.actor), pk=pk)
    this_one = devices.device_of(request)
    operations.revoke_device(device=found, actor=request.actor, now=request.now)
    messages.success(request, _("“%(name)s” is no shared till any more.") % {"name": found.name})
    response = redirect("devices")
    if this_one is not None and this_one.pk == found.pk:
        devices.forget(response)
    return response


# --- API keys --------------------------------------------------------------------------------------------
@requires("access.manage_api_keys")
@require_GET
def key_list(request: Request) -> HttpResponse:
    """API keys, those in use first."""
    rows = ApiKey.objects.visible_to(request.actor).select_related("owner")
    lines = [
        (key, key.is_usable(request.now), [BY_CODE[c] for c in key.scopes if c in BY_CODE]) for key in rows
    ]
    lines.sort(key=lambda line: not line[1])
    return render(request, "access/keys.html", {"lines": lines})


@requires("access.manage_api_keys")
@reauthenticate
@never_cache
@require_http_methods(["GET", "POST"])
def key_new(request: Request) -> HttpResponse:
    """A new key; its secret is on the next page and nowhere else."""
    owners = User.objects.visible_to(request.actor).active()
    initial = {"owner": request.actor.user_id}
    form = ApiKeyForm(request.POST or None, owners=owners, initial=initial)
    chosen = set(request.POST.getlist("scopes"))
    if request.method == "POST" and form.is_valid():
        expires_on = form.cleaned_data["expires_on"]
        try:
            made = operations.create_api_key(
                name=form.cleaned_data["name"],
                owner=form.cleaned_data["owner"],
                scopes=chosen,
                store_ids=[int(value) for value in request.POST.getlist("stores") if value.isdecimal()],
                expires_at=_end_of(expires_on) if expires_on else None,
                actor=request.actor,
                now=request.now,
            )
        except InvalidInput as error:
            form.refuse(error)
        else:
            return render(request, "access/key_created.html", {"key": made.key, "raw": made.raw})
    rooms = [
        (
            label,
            [(p, p.code in chosen) for p in found if grantable_to_keys(p.code) and request.actor.can(p.code)],
        )
        for label, found in by_room()
    ]
    context = {
        "form": form,
        "rooms": [(label, found) for label, found in rooms if found],
        "stores": switchable_stores(request.actor),
        "chosen_stores": set(request.POST.getlist("stores")),
    }
    return render(request, "access/key_form.html", context, status=422 if form.errors else 200)


def _end_of(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


@requires("access.manage_api_keys")
@reauthenticate
@require_POST
def key_revoke(request: Request, pk: int) -> HttpResponse:
    """The key stops working at once."""
    found = get_object_or_404(ApiKey.objects.visible_to(request.actor), pk=pk)
    operations.revoke_api_key(key=found, actor=request.actor, now=request.now)
    messages.success(request, _("“%(name)s” is revoked.") % {"name": found.name})
    return redirect("api_keys")


# --- hidden fields ---------------------------------------------------------------------------------------
@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def reveal(request: Request) -> HttpResponse:
    """GET: the masked value again. POST: asks for a reason, and with one answers the full value for 30 seconds."""
    data = request.POST if request.method == "POST" else request.GET
    code, key = data.get("field", ""), data.get("subject", "")
    subject = subject_of(request.actor, code, key)
    rule = rule_of(code)
    store_id = rule.store_of(subject)
    context = {
        "code": code,
        "key": key,
        "label": rule.label,
        "value": masked(request.actor, code, rule.read(subject), store_id=store_id),
        "can_reveal": request.actor.can(rule.reveal, store_id=store_id),
        "seconds": REVEAL_SECONDS,
    }
    if request.method == "GET":
        return render(request, "access/masked.html", context)
    try:
        context["value"] = operations.reveal_field(
            code=code,
            subject=subject,
            reason=request.POST.get("reason", ""),
            actor=request.actor,
            now=request.now,
        )
    except ReasonMissing:
        return render(request, "access/reveal_reason.html", context)
    return render(request, "access/revealed.html", context)
