"""People: hired, posted, transferred, released; what they held is handed over, not taken away."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.access.models import Role, User
from dianke.access.operations import create_account, disable_account
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.core.phone import parse as parse_phone
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, step, unchanged
from dianke.stores import handover
from dianke.stores.models import LegalEntity, Posting, Region, Staff, Store
from dianke.stores.queries import grants_of

PRIVATE = frozenset({"phone"})


class StaffNumberTaken(Conflict):
    code = "staff_number_taken"
    message = _("Staff number %(number)s already belongs to %(name)s. Choose another.")
    default_field = "number"


class RoleTooWide(NotAllowed):
    code = "role_too_wide"
    message = _("The role “%(role)s” may do things you may not do yourself, so you cannot give it. Ask the administrator.")


class PlaceOutOfReach(NotAllowed):
    code = "place_out_of_reach"
    message = _("You can post people only to stores that you lead.")


class PostingEndsBeforeStart(InvalidInput):
    code = "posting_ends_before_start"
    message = _("The end must be after the beginning (%(day)s).")
    default_field = "to_date"


class PostedTwice(Conflict):
    code = "posted_twice"
    message = _("%(name)s already has this role at this place in that time. End the other posting first.")
    default_field = "from_date"


class NotEmployed(Conflict):
    code = "not_employed"
    message = _("%(name)s is not employed on %(day)s. Check the dates of hiring and leaving.")
    default_field = "from_date"


class SuccessorMissing(Conflict):
    code = "successor_missing"
    message = _("%(name)s still holds %(held)s. Choose who takes over.")
    default_field = "successor"


class SuccessorUnsuitable(InvalidInput):
    code = "successor_unsuitable"
    message = _("Choose a colleague who stays.")
    default_field = "successor"


class LeavesBeforeHired(InvalidInput):
    code = "leaves_before_hired"
    message = _("The day of leaving must be after the day of hiring (%(day)s).")
    default_field = "left_on"


class LastAdministrator(Conflict):
    code = "last_administrator"
    message = _("Nobody else could manage accounts any more. Give another person the role first.")


def _check_grant(
    actor: Actor, role: Role, store: Store | None, region: Region | None, legal_entity: LegalEntity | None
) -> None:
    """Nobody gives more than they have: every permission of the role, at every store of the place."""
    if actor.is_system:
        return
    reached = actor.stores_for("stores.manage_staff")
    if reached is not None:
        if store is not None:
            wanted = {store.pk}
        elif legal_entity is not None:
            wanted = set(legal_entity.stores.values_list("pk", flat=True))
        elif region is not None:
            from dianke.stores.queries import region_with_descendants

            wanted = set(
                Store.objects.filter(region__in=region_with_descendants([region.pk])).values_list("pk", flat=True)
            )
        else:
            raise PlaceOutOfReach
        if not wanted or not wanted <= reached:
            raise PlaceOutOfReach
    held = frozenset().union(*(grant.permissions for grant in actor.grants))
    if not actor.can("access.manage_roles") and not role.permission_codes() <= held:
        raise RoleTooWide(role=role.name)


def reaches(actor: Actor, staff: Staff) -> bool:
    """Whether the actor manages the person: reaches a store they are posted to (or every store)."""
    reached = actor.stores_for("stores.manage_staff")
    return reached is None or staff.postings.filter(store__in=reached).exists()


def check_reach(actor: Actor, staff: Staff) -> None:
    """Raises `PlaceOutOfReach` unless `reaches`."""
    if not reaches(actor, staff):
        raise PlaceOutOfReach


@operation("stores.manage_staff")
def hire_staff(
    *,
    username: str,
    name: str,
    number: str,
    legal_entity: LegalEntity,
    hired_on: date,
    title: str = "",
    phone: str = "",
    email: str = "",
    password: str | None = None,
    role: Role | None = None,
    store: Store | None = None,
    region: Region | None = None,
    is_demo: bool = False,
    actor: Actor,
    now: datetime,
) -> Staff:
    """Hire a person: account, staff record and, with `role`, the first posting.

    Raises `StaffNumberTaken`, the account's errors, `RoleTooWide`, `PlaceOutOfReach`.
    """
    taken = Staff.objects.filter(number=number).first()
    if taken:
        raise StaffNumberTaken(number=number, name=taken.name)
    if role is not None:
        _check_grant(actor, role, store, region, None)
    elif actor.stores_for("stores.manage_staff") is not None:
        raise PlaceOutOfReach
    user = create_account(
        username=username,
        name=name,
        email=email,
        password=password,
        is_demo=is_demo,
        actor=actor.as_system(),
        now=now,
    )
    staff = Staff(
        user=user, number=number, name=name, title=title, legal_entity=legal_entity, hired_on=hired_on
    )
    if phone:
        staff.phone = parse_phone(phone, field="phone").e164
    staff.save()
    if role is not None:
        Posting.objects.create(staff=staff, role=role, store=store, region=region, from_date=hired_on)
    record(
        "stores.staff_hired",
        staff,
        also=[user],
        actor=actor,
        now=now,
        store_id=store.pk if store else None,
        data={"number": number, "role": role.code if role else None, "store": store.pk if store else None},
    )
    return staff


@operation("stores.manage_staff")
def change_staff(*, staff: Staff, values: dict[str, Any], actor: Actor, now: datetime) -> Staff:
    """Change name, number, title, phone or employer."""
    check_reach(actor, staff)
    if "number" in values:
        taken = Staff.objects.filter(number=values["number"]).exclude(pk=staff.pk).first()
        if taken:
            raise StaffNumberTaken(number=values["number"], name=taken.name)
    if values.get("phone"):
        values = {**values, "phone": parse_phone(values["phone"], field="phone").e164}
    changes = apply_changes(staff, values, private=PRIVATE)
    if not changes:
        unchanged()
        return staff
    record("stores.staff_changed", staff, actor=actor, now=now, data={"changes": changes})
    return staff


@operation("stores.manage_staff")
def post_staff(
    *,
    staff: Staff,
    role: Role,
    store: Store | None = None,
    region: Region | None = None,
    legal_entity: LegalEntity | None = None,
    from_date: date,
    to_date: date | None = None,
    actor: Actor,
    now: datetime,
) -> Posting:
    """Post a person to one place (none named: the whole merchant) in a role, in `[from_date, to_date)`.

    Raises `PostingEndsBeforeStart`, `PostedTwice`, `NotEmployed`, `RoleTooWide`, `PlaceOutOfReach`.
    """
    _check_grant(actor, role, store, region, legal_entity)
    posting = _post(staff, role, store, region, legal_entity, from_date, to_date)
    record(
        "stores.staff_posted",
        posting,
        also=[staff],
        actor=actor,
        now=now,
        store_id=store.pk if store else None,
        data={"role": role.code, "from": str(from_date), "to": str(to_date) if to_date else None},
    )
    return posting


@step
def _post(
    staff: Staff,
    role: Role,
    store: Store | None,
    region: Region | None,
    legal_entity: LegalEntity | None,
    from_date: date,
    to_date: date | None,
) -> Posting:
    Staff.objects.select_for_update().get(pk=staff.pk)  # postings of one person change one at a time
    if to_date is not None and to_date <= from_date:
        raise PostingEndsBeforeStart(day=from_date)
    if from_date < staff.hired_on or (staff.left_on is not None and from_date >= staff.left_on):
        raise NotEmployed(name=staff.name, day=from_date)
    same = Posting.objects.filter(staff=staff, role=role, store=store, region=region, legal_entity=legal_entity)
    overlaps = Q(to_date=None) | Q(to_date__gt=from_date)
    if to_date is not None:
        overlaps &= Q(from_date__lt=to_date)
    if same.filter(overlaps).exists():
        raise PostedTwice(name=staff.name)
    return Posting.objects.create(
        staff=staff,
        role=role,
        store=store,
        region=region,
        legal_entity=legal_entity,
        from_date=from_date,
        to_date=to_date,
    )


@operation("stores.manage_staff")
def end_posting(*, posting: Posting, to_date: date, actor: Actor, now: datetime) -> Posting:
    """End a posting; `to_date` is the first day without it. One that has not begun by then is taken back whole."""
    check_reach(actor, posting.staff)
    if to_date <= posting.from_date:
        raise PostingEndsBeforeStart(day=posting.from_date)
    if not apply_changes(posting, {"to_date": to_date}):
        unchanged()
        return posting
    _keep_an_administrator(now)
    record(
        "stores.posting_ended",
        posting,
        also=[posting.staff],
        actor=actor,
        now=now,
        store_id=posting.store_id,
        data={"to": str(to_date)},
    )
    return posting


@operation("stores.manage_staff")
def transfer_staff(
    *, posting: Posting, store: Store, from_date: date, role: Role | None = None, actor: Actor, now: datetime
) -> Posting:
    """Move a person to another store: the old posting ends on the day the new one begins. What they may see
    changes with it by itself."""
    check_reach(actor, posting.staff)
    new_role = role or posting.role
    _check_grant(actor, new_role, store, None, None)
    if from_date <= posting.from_date:
        raise PostingEndsBeforeStart(day=posting.from_date)
    apply_changes(posting, {"to_date": from_date})
    moved = _post(posting.staff, new_role, store, None, None, from_date, None)
    record(
        "stores.staff_transferred",
        posting.staff,
        also=[store],
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"from_store": posting.store_id, "to_store": store.pk, "role": new_role.code, "from": str(from_date)},
    )
    return moved


@operation("stores.manage_staff")
def release_staff(
    *, staff: Staff, left_on: date, successor: Staff | None = None, actor: Actor, now: datetime
) -> Staff:
    """A person leaves: postings end on `left_on` (first day no longer employed), what they hold goes to
    `successor`, the account is disabled when the day has come.

    Raises `SuccessorMissing` when something is held and nobody takes over, `LastAdministrator`.
    """
    check_reach(actor, staff)
    if left_on <= staff.hired_on:
        raise LeavesBeforeHired(day=staff.hired_on)
    if successor is not None and (successor.pk == staff.pk or successor.left_on is not None):
        raise SuccessorUnsuitable
    held = handover.held_by(staff.user_id)
    if held and successor is None:
        raise SuccessorMissing(name=staff.name, held="、".join(f"{count} {holding.label}" for holding, count in held))
    staff.postings.filter(from_date__gte=left_on).delete()
    staff.postings.filter(Q(to_date=None) | Q(to_date__gt=left_on)).update(to_date=left_on)
    apply_changes(staff, {"left_on": left_on})
    _keep_an_administrator(now)
    moved = (
        handover.move_all(from_user_id=staff.user_id, to_user_id=successor.user_id, actor=actor, now=now)
        if successor is not None
        else {}
    )
    if left_on <= now.date():
        disable_account(user=staff.user, actor=actor.as_system(), now=now)
    record(
        "stores.staff_released",
        staff,
        also=[staff.user, *([successor] if successor else [])],
        actor=actor,
        now=now,
        data={"left_on": str(left_on), "successor": successor.pk if successor else None, "moved": moved},
    )
    return staff


@operation(None)
def disable_leavers(*, actor: Actor, now: datetime) -> int:
    """Accounts of people whose last day has passed are disabled; run daily by the system."""
    leavers = list(User.objects.filter(is_active=True, staff__left_on__lte=now.date()))
    for user in leavers:
        disable_account(user=user, actor=actor, now=now)
    if not leavers:
        unchanged()
        return 0
    record("stores.leavers_disabled", "stores.merchant:1", actor=actor, now=now, data={"users": [u.pk for u in leavers]})
    return len(leavers)


def _keep_an_administrator(now: datetime) -> None:
    """Somebody must be able to manage accounts from now on."""
    keepers = User.objects.filter(is_active=True, staff__postings__to_date=None).distinct()
    if not any(grant.covers("access.manage_users") for user in keepers for grant in grants_of(user, now=now)):
        raise LastAdministrator
