"""Who may give whom what: nobody grants more than they have, and somebody always keeps the keys."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.access.models import Role
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, NotAllowed
from dianke.stores.models import LegalEntity, Posting, Region, Staff, Store
from dianke.stores.queries import local_date, row_scope, stores_at
from dianke.stores.rules import first_not_held, first_uncovered_day

MANAGE_STAFF = "stores.manage_staff"
MANAGE_ACCOUNTS = "access.manage_users"


class RoleTooWide(NotAllowed):
    code = "role_too_wide"
    message = _(
        "The role “%(role)s” may do more there than you may yourself, so you cannot give it. Ask the administrator."
    )
    default_field = "role"


class PlaceOutOfReach(NotAllowed):
    code = "place_out_of_reach"
    message = _("You can hire and post people only at stores that you lead.")
    default_field = "store"


class LastAdministrator(Conflict):
    code = "last_administrator"
    message = _("From %(day)s on nobody could manage accounts any more. Give another person the role first.")


def check_place(
    actor: Actor, *, store: Store | None, region: Region | None, legal_entity: LegalEntity | None
) -> frozenset[int] | None:
    """The stores of a place (None: all). Raises `PlaceOutOfReach` unless the actor leads every one of them."""
    wanted = stores_at(store=store, region=region, legal_entity=legal_entity)
    led = actor.stores_for(MANAGE_STAFF)
    if led is not None and (not wanted or not wanted <= led):
        raise PlaceOutOfReach
    return wanted


def check_grant(
    actor: Actor, role: Role, *, store: Store | None, region: Region | None, legal_entity: LegalEntity | None
) -> None:
    """Every permission of the role is held by the actor at every store of the place, over as many rows.

    Raises `PlaceOutOfReach`, `RoleTooWide`.
    """
    wanted = check_place(actor, store=store, region=region, legal_entity=legal_entity)
    if actor.is_system:
        return
    lacking = first_not_held(
        role.permission_codes(), scope=row_scope(role), store_ids=wanted, grants=actor.grants
    )
    if lacking:
        raise RoleTooWide(role=role.label)


def check_person(actor: Actor, staff: Staff, now: datetime) -> None:
    """Raises `PlaceOutOfReach` unless the actor leads the person."""
    if not leads(actor, staff, now=now):
        raise PlaceOutOfReach


def leads(actor: Actor, staff: Staff, *, now: datetime) -> bool:
    """Whether the person's record is the actor's to change: the actor leads every place where the person works now
    or will; of somebody who works nowhere, every store."""
    led = actor.stores_for(MANAGE_STAFF)
    if led is None:
        return True
    places = list(staff.postings.not_over(local_date(now)).values_list("store_id", flat=True))
    return bool(places) and all(place in led for place in places)


def leads_place_of(actor: Actor, posting: Posting) -> bool:
    """Whether the actor may end or move the posting: leads every store it reaches."""
    try:
        check_place(actor, store=posting.store, region=posting.region, legal_entity=posting.legal_entity)
    except PlaceOutOfReach:
        return False
    return True


def keep_an_administrator(role: Role, now: datetime) -> None:
    """After a posting in `role` was shortened: on every day to come somebody can still manage accounts.

    Raises `LastAdministrator` with the first day nobody could.
    """
    if MANAGE_ACCOUNTS not in role.permission_codes():
        return
    today = local_date(now)
    keepers = [
        (posting.from_date, posting.to_date)
        for posting in Posting.objects.not_over(today)
        .filter(staff__user__is_active=True)
        .select_related("role")
        if MANAGE_ACCOUNTS in posting.role.permission_codes()
    ]
    day = first_uncovered_day(keepers, start=today)
    if day is not None:
        raise LastAdministrator(day=day)
