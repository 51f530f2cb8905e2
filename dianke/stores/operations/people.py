"""People: hired, and their record changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.access.models import Role
from dianke.access.operations import change_account, create_account
from dianke.core.actor import Actor
from dianke.core.errors import Conflict
from dianke.core.phone import parse as parse_phone
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged
from dianke.stores.models import LegalEntity, Region, Staff, Store
from dianke.stores.operations.granting import MANAGE_STAFF, PlaceOutOfReach, check_grant, check_person
from dianke.stores.operations.postings import post

#: Names and phones are personal data: the log says that they changed, not from what to what.
PRIVATE = frozenset({"name", "phone"})


class StaffNumberTaken(Conflict):
    code = "staff_number_taken"
    message = _("Staff number %(number)s already belongs to %(name)s. Choose another.")
    default_field = "number"


def _check_number(number: str, pk: int = 0) -> None:
    taken = Staff.objects.filter(number=number).exclude(pk=pk).first()
    if taken:
        raise StaffNumberTaken(number=number, name=taken.name)


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
    """Hire a person: account, staff record and, with `role`, the first posting (no place named: the whole merchant).

    Raises `StaffNumberTaken`, the account's errors, `RoleTooWide`, `PlaceOutOfReach`, what is wrong with the phone.
    """
    _check_number(number)
    if role is not None:
        check_grant(actor, role, store=store, region=region, legal_entity=None)
    elif actor.stores_for(MANAGE_STAFF) is not None:
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
        user=user, number=number, name=user.name, title=title, legal_entity=legal_entity, hired_on=hired_on
    )
    if phone:
        staff.phone = parse_phone(phone, field="phone").e164
    staff.save()
    if role is not None:
        post(staff, role, store=store, region=region, legal_entity=None, from_date=hired_on, to_date=None)
    record(
        "stores.staff_hired",
        staff,
        also=[user, *([store] if store else [])],
        actor=actor,
        now=now,
        store_id=store.pk if store else None,
        data={"number": number, "role": role.code if role else None, "store": store.pk if store else None},
    )
    return staff


@operation("stores.manage_staff")
def change_staff(*, staff: Staff, values: dict[str, Any], actor: Actor, now: datetime) -> Staff:
    """Change name, number, title, phone or employer. The account follows the name: one person, one name.

    Raises `PlaceOutOfReach`, `StaffNumberTaken`, what is wrong with the phone.
    """
    check_person(actor, staff, now)
    if "number" in values:
        _check_number(values["number"], staff.pk)
    if "phone" in values:
        phone = values["phone"]
        values = {**values, "phone": parse_phone(phone, field="phone").e164 if phone else None}
    changes = apply_changes(staff, values, private=PRIVATE)
    if not changes:
        unchanged()
        return staff
    if "name" in changes:
        user = staff.user
        change_account(
            user=user,
            username=user.username,
            name=staff.name,
            email=user.email,
            language=user.language,
            actor=actor.as_system(),
            now=now,
        )
    record("stores.staff_changed", staff, actor=actor, now=now, data={"changes": changes})
    return staff


@operation(None)
def follow_account_name(*, staff: Staff, actor: Actor, now: datetime) -> Staff:
    """A person changed the name of the account: the staff record takes it over."""
    if not apply_changes(staff, {"name": staff.user.name}):
        unchanged()
        return staff
    record("stores.staff_changed", staff, actor=actor, now=now, data={"changes": {"name": ["•", "•"]}})
    return staff
