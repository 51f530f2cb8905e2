"""The shared till: who takes over, by PIN; and the switch between stores."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from dianke.access import devices, operations, signing_in
from dianke.access.clients import client_of
from dianke.access.guards import public, signed_in
from dianke.access.middleware import STORE_SESSION_KEY
from dianke.access.models import Device, SignIn
from dianke.access.operations.tills import PIN_TRIES, PinOutcome
from dianke.access.queries import actor_for, stores_of
from dianke.access.requests import Request
from dianke.core.errors import NotFound


class StoreOutOfReach(NotFound):
    code = "store_out_of_reach"


@public("the till's own screen; without an enrolled browser it leads to signing in")
@never_cache
@require_GET
def till(request: Request) -> HttpResponse:
    """Pictures of those who may take over, and the pad for their PIN."""
    device = devices.device_of(request)
    if device is None:
        return redirect("sign_in")
    return _page(request, device, request.GET.get("person", ""))


def _page(
    request: Request, device: Device, chosen: str = "", error: str = "", status: int = 200
) -> HttpResponse:
    people = devices.people_of(device, now=request.now)
    person = next((user for user in people if str(user.pk) == chosen), None)
    if person is None and len(people) == 1:
        person = people[0]
    context = {
        "device": device,
        "people": people,
        "person": person,
        "error": error,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "digits": "123456789",
    }
    return render(request, "access/till.html", context, status=status)


@public("taking over a till; needs an enrolled browser and a PIN")
@never_cache
@sensitive_post_parameters("pin")
@require_POST
def till_switch(request: Request) -> HttpResponse:
    """Try a PIN; the session it opens cannot do sensitive acts without a full confirmation."""
    device = devices.device_of(request)
    if device is None:
        return redirect("sign_in")
    chosen = request.POST.get("person", "")
    user = next((u for u in devices.people_of(device, now=request.now) if str(u.pk) == chosen), None)
    if user is None:
        return redirect("till")
    actor = actor_for(user, now=request.now)
    outcome = operations.check_pin(
        device=device, user=user, pin=request.POST.get("pin", ""), actor=actor, now=request.now
    )
    if outcome.is_right:
        target = signing_in.finish(
            request, user, method=SignIn.Method.PIN, next_url=request.POST.get("next", "")
        )
        return HttpResponseRedirect(target)
    if not outcome.needs_full:
        operations.note_refused_sign_in(
            user=user,
            tried_name=user.username,
            method=SignIn.Method.PIN,
            result=SignIn.Result.LOCKED if outcome.is_locked else SignIn.Result.WRONG,
            client=client_of(request),
            device=device,
            actor=actor,
            now=request.now,
        )
    return _page(request, device, chosen, _explain(outcome), status=429 if outcome.is_locked else 422)


def _explain(outcome: PinOutcome) -> str:
    if outcome.needs_full:
        return _("Sign in once with name and password on this till; then your PIN works here.")
    if outcome.is_locked:
        return _(
            "%(tries)s wrong tries: this PIN is locked. A manager can unlock it under Team accounts, "
            "or sign in with name and password."
        ) % {"tries": PIN_TRIES}
    text = ngettext(
        "The PIN is not right. %(left)s try left.", "The PIN is not right. %(left)s tries left.", outcome.left
    )
    return text % {"left": outcome.left}


@signed_in
@require_POST
def lock(request: Request) -> HttpResponse:
    """Leave the till to the next person: ends this session and shows the pad, or (`full`) the sign-in page."""
    signing_in.sign_out(request)
    wants_pad = "full" not in request.POST and devices.device_of(request) is not None
    return redirect("till" if wants_pad else "sign_in")


@signed_in
@require_POST
def switch_store(request: Request) -> HttpResponse:
    """Work in one store of one's grants, or (empty) in all of them."""
    chosen = request.POST.get("store", "")
    if not chosen:
        request.session.pop(STORE_SESSION_KEY, None)
    else:
        reached = stores_of(request.actor)
        store_id = int(chosen) if chosen.isdecimal() else 0
        if not store_id or not request.actor.grants or (reached is not None and store_id not in reached):
            raise StoreOutOfReach
        request.session[STORE_SESSION_KEY] = store_id
    return HttpResponseRedirect(signing_in.safe_next(request, request.POST.get("next", "")))
