"""Who stands at the till: what they may do there, and taking over by PIN without leaving the page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from dianke.access import operations, signing_in
from dianke.access.clients import client_of
from dianke.access.models import Device, SignIn, User
from dianke.access.queries import actor_for
from dianke.access.requests import Request
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput

#: What the screen asks, and the permission that answers.
ABILITIES = {
    "change_prices": "sales.change_prices",
    "run_register": "sales.run_register",
    "refund": "sales.refund_orders",
    "close_days": "sales.close_days",
    "see_members": "customers.view_customers",
    "add_members": "customers.add_customers",
    "top_up": "wallets.top_up",
    "use_sessions": "wallets.use_sessions",
    "propose": "insight.view_proposals",
}


class PinWrong(InvalidInput):
    code = "till_pin_wrong"
    message = ngettext_lazy(
        "The PIN is not right. %(left)s try left.", "The PIN is not right. %(left)s tries left.", "left"
    )
    default_field = "pin"


class PinLocked(Conflict):
    code = "till_pin_locked"
    message = _("Too many wrong tries: this PIN is locked. A manager can unlock it under Team accounts.")
    default_field = "pin"


class FullSignInNeeded(Conflict):
    code = "till_full_sign_in"
    message = _("Sign in once with name and password on this till; then your PIN works here.")
    default_field = "pin"


def can_of(actor: Actor, store_id: int) -> dict[str, bool]:
    """What the actor may do at the till of a store."""
    return {name: actor.can(permission, store_id=store_id) for name, permission in ABILITIES.items()}


def take_over(http: Request, device: Device, user: User, pin: str) -> Actor:
    """Try the PIN; the session becomes that person's. Raises `PinWrong`, `PinLocked`, `FullSignInNeeded`."""
    actor = actor_for(user, now=http.now)
    outcome = operations.check_pin(device=device, user=user, pin=pin, actor=actor, now=http.now)
    if outcome.is_right:
        signing_in.finish(http, user, method=SignIn.Method.PIN, next_url="")
        return actor
    if outcome.needs_full:
        raise FullSignInNeeded
    operations.note_refused_sign_in(
        user=user,
        tried_name=user.username,
        method=SignIn.Method.PIN,
        result=SignIn.Result.LOCKED if outcome.is_locked else SignIn.Result.WRONG,
        client=client_of(http),
        device=device,
        actor=actor,
        now=http.now,
    )
    raise PinLocked if outcome.is_locked else PinWrong(left=outcome.left)
