"""Postings: where a person works in which role, from when to when."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.access.models import Role
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, step, unchanged
from dianke.stores.models import LegalEntity, Posting, Region, Staff, Store
from dianke.stores.operations.granting import check_grant, check_place, keep_an_administrator
from dianke.stores.queries import local_date


class PostingEndsBeforeStart(InvalidInput):
    code = "posting_ends_before_start"
    message = _("The end must be after the beginning (%(day)s).")
    default_field = "to_date"


class PostingEndsAlready(Conflict):
    code = "posting_ends_already"
    message = _("This posting already ends on %(day)s. Post the person again for the time after.")
    default_field = "to_date"


class PostedTwice(Conflict):
    code = "posted_twice"
    message = _("%(name)s already has this role at this place in that time. End the other posting first.")
    default_field = "from_date"


class NotEmployed(Conflict):
    code = "not_employed"
    message = _("%(name)s is not employed on %(day)s. Check the dates of hiring and leaving.")
    default_field = "from_date"


class StoreClosedThen(Conflict):
    code = "store_closed_then"
    message = _(
        "%(store)s is closed from %(day)s on. Choose another store, or end the posting before that day."
    )
    default_field = "store"


class SameStore(InvalidInput):
    code = "same_store"
    message = _("The person works there already. Choose the store to move to, or another role.")
    default_field = "store"


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

    Raises `PostingEndsBeforeStart`, `PostedTwice`, `NotEmployed`, `StoreClosedThen`, `RoleTooWide`,
    `PlaceOutOfReach`.
    """
    check_grant(actor, role, store=store, region=region, legal_entity=legal_entity)
    posting = post(
        staff,
        role,
        store=store,
        region=region,
        legal_entity=legal_entity,
        from_date=from_date,
        to_date=to_date,
    )
    record(
        "stores.staff_posted",
        staff,
        also=[posting, *([store] if store else [])],
        actor=actor,
        now=now,
        store_id=store.pk if store else None,
        data={"role": role.code, "from": str(from_date), "to": str(to_date) if to_date else None},
    )
    return posting


@step
def post(
    staff: Staff,
    role: Role,
    *,
    store: Store | None,
    region: Region | None,
    legal_entity: LegalEntity | None,
    from_date: date,
    to_date: date | None,
) -> Posting:
    """The posting itself; what an exclusion constraint of the table also holds is said kindly here."""
    person = Staff.objects.select_for_update().get(pk=staff.pk)  # postings of one person change one at a time
    if to_date is not None and to_date <= from_date:
        raise PostingEndsBeforeStart(day=from_date)
    if from_date < person.hired_on or (person.left_on is not None and from_date >= person.left_on):
        raise NotEmployed(name=person.name, day=from_date)
    if person.left_on is not None and (to_date is None or to_date > person.left_on):
        to_date = person.left_on
    if store is not None:
        place = Store.objects.select_for_update().get(pk=store.pk)  # nobody closes it meanwhile
        if place.closed_on is not None and (to_date is None or to_date > place.closed_on):
            raise StoreClosedThen(store=place.short_name, day=place.closed_on)
    overlaps = Q(to_date=None) | Q(to_date__gt=from_date)
    if to_date is not None:
        overlaps &= Q(from_date__lt=to_date)
    same = Posting.objects.filter(
        staff=staff, role=role, store=store, region=region, legal_entity=legal_entity
    )
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


def _locked(posting: Posting) -> Posting:
    Staff.objects.select_for_update().get(pk=posting.staff_id)
    return Posting.objects.select_related("staff", "role", "store", "region", "legal_entity").get(
        pk=posting.pk
    )


@operation("stores.manage_staff")
def end_posting(*, posting: Posting, to_date: date, actor: Actor, now: datetime) -> Posting:
    """End a posting; `to_date` is the first day without it. One that has not begun yet may be taken back whole by
    ending it on its first day or before.

    Raises `PlaceOutOfReach`, `PostingEndsBeforeStart`, `PostingEndsAlready`, `LastAdministrator`.
    """
    found = _locked(posting)
    check_place(actor, store=found.store, region=found.region, legal_entity=found.legal_entity)
    if found.to_date == to_date:
        unchanged()
        return found
    if found.to_date is not None and to_date > found.to_date:
        raise PostingEndsAlready(day=found.to_date)
    is_withdrawn = to_date <= found.from_date
    if is_withdrawn:
        if found.from_date <= local_date(now):
            raise PostingEndsBeforeStart(day=found.from_date)
        Posting.objects.filter(pk=found.pk).delete()
    else:
        apply_changes(found, {"to_date": to_date})
    keep_an_administrator(found.role, now)
    record(
        "stores.posting_withdrawn" if is_withdrawn else "stores.posting_ended",
        found.staff,
        also=[found, *([found.store] if found.store else [])],
        actor=actor,
        now=now,
        store_id=found.store_id,
        data={"role": found.role.code, "from": str(found.from_date), "to": str(to_date)},
    )
    return found


@operation("stores.manage_staff")
def transfer_staff(
    *, posting: Posting, store: Store, from_date: date, role: Role | None = None, actor: Actor, now: datetime
) -> Posting:
    """Move a person to another store: the old posting ends on the day the new one begins, which ends when the old one
    would have. What they may see changes with it by itself.

    Raises what `post_staff` and `end_posting` raise, and `SameStore`.
    """
    found = _locked(posting)
    check_place(actor, store=found.store, region=found.region, legal_entity=found.legal_entity)
    new_role = role or found.role
    check_grant(actor, new_role, store=store, region=None, legal_entity=None)
    if found.store_id == store.pk and found.role_id == new_role.pk:
        raise SameStore
    if from_date <= found.from_date:
        raise PostingEndsBeforeStart(day=found.from_date, field="from_date")
    if found.to_date is not None and from_date >= found.to_date:
        raise PostingEndsAlready(day=found.to_date, field="from_date")
    until = found.to_date
    apply_changes(found, {"to_date": from_date})
    moved = post(
        found.staff, new_role, store=store, region=None, legal_entity=None, from_date=from_date, to_date=until
    )
    keep_an_administrator(found.role, now)
    record(
        "stores.staff_transferred",
        found.staff,
        also=[moved, store, *([found.store] if found.store else [])],
        actor=actor,
        now=now,
        store_id=store.pk,
        data={
            "from_store": found.store_id,
            "to_store": store.pk,
            "role": new_role.code,
            "from": str(from_date),
        },
    )
    return moved
