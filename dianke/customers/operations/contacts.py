"""How a customer is reached and where, and the days that matter: added, corrected, put away, brought back one by one.

A corrected value is a new row; the old one is put away, because it came with a record that stays as it came. Everything
here is a record of channel STAFF or PORTAL, so the profile can say where a number is from.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor, ActorKind
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.core.phone import parse as parse_phone
from dianke.customers.models import (
    Address,
    Channel,
    ContactKind,
    ContactPoint,
    Customer,
    ImportantDate,
    SourceRecord,
)
from dianke.customers.operations.matching import keep_pairs
from dianke.customers.operations.writing import (
    add_record,
    keep_address,
    keep_contact,
    keep_date,
    lock_customer,
    refresh_profile,
)
from dianke.customers.queries.duplicates import holders_of
from dianke.customers.queries.entry import local_day, own_phones
from dianke.customers.rules.entry import (
    AddressEntry,
    Contact,
    DateEntry,
    Entry,
    Normalised,
    PhoneEntry,
    normalise,
)
from dianke.events.operations import operation, record, step, unchanged


class ContactNotFound(NotFound):
    code = "contact_point_not_found"
    message = _("This contact point does not exist any more. Load the profile again.")


class ContactInUse(Conflict):
    code = "contact_point_in_use"
    message = _("The customer has this contact point already.")
    default_field = "value"


class ContactKindUnknown(InvalidInput):
    code = "contact_kind_unknown"
    message = _("Choose what kind of contact point it is.")
    default_field = "kind"


class LastWayToFind(Conflict):
    code = "last_way_to_find"
    message = _("Without a name this is the only thing the customer is found by. Enter a name first.")


# --- contact points -------------------------------------------------------------------------------------------
def _normalised(
    kind: str, value: str, use: str, is_shared: bool, verified_at: datetime | None, now: datetime
) -> Contact:
    if kind == ContactKind.PHONE:
        entry = Entry(phones=(PhoneEntry(value, use=use, is_shared=is_shared, verified_at=verified_at),))
    elif kind == ContactKind.EMAIL:
        entry = Entry(emails=(value,), email_verified_at=verified_at)
    elif kind in (ContactKind.WECHAT, ContactKind.UNIONID, ContactKind.OPENID, ContactKind.WECOM):
        entry = Entry(**_one(kind.lower(), value))
    elif kind == ContactKind.DOCUMENT:
        entry = Entry(document=value)
    else:
        raise ContactKindUnknown
    found = normalise(entry, today=local_day(now), blocked_phones=own_phones())
    return found.contacts[0]


def _one(name: str, value: str) -> dict[str, Any]:
    return {name: value}


@step
def _correct(customer: Customer, found: Normalised, *, actor: Actor, now: datetime) -> SourceRecord:
    channel = Channel.PORTAL if actor.kind is ActorKind.CUSTOMER else Channel.STAFF
    fields = found.fields()
    fields.pop("kind", None)
    return add_record(customer, fields=fields, channel=channel, now=now, staff_id=actor.user_id)


def _point(point: ContactPoint | int, head: Customer) -> ContactPoint:
    pk = point.pk if isinstance(point, ContactPoint) else point
    members = Customer.objects.cluster(head.pk).values("pk")
    found: ContactPoint | None = (
        ContactPoint.objects.filter(pk=pk, customer__in=members)
        .select_related("key", "customer__key")
        .first()
    )
    if found is None:
        raise ContactNotFound
    return found


def _tell(event: str, head: Customer, /, *, actor: Actor, now: datetime, **data: Any) -> None:
    record(event, head, actor=actor, now=now, store_id=head.store_id, data=data)


@operation("customers.change_customers")
def add_contact_point(
    *,
    customer: Customer,
    kind: str,
    value: str,
    use: str = "",
    is_shared: bool = False,
    verified_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> ContactPoint:
    """A further way to reach the customer. Who else holds the value becomes a pair for review.

    Raises `EntryProblems`, `ContactKindUnknown`, `ContactInUse` and the errors of `lock_customer`.
    """
    from dianke.customers.operations.entry import lock_keys

    head = lock_customer(customer, actor)
    contact = _normalised(kind, value, use, is_shared, verified_at, now)
    found = Normalised(contacts=(contact,))
    lock_keys(found)
    members = Customer.objects.cluster(head.pk).values("pk")
    if ContactPoint.objects.current().holding(kind, contact.value).filter(customer__in=members).exists():
        raise ContactInUse
    made = _correct(head, found, actor=actor, now=now)
    point = keep_contact(head, made, contact, now=now)
    refresh_profile(head, now=now)
    holders = holders_of(found.keys, exclude=head.pk)
    pairs = keep_pairs(customer=head, others=[holder.head_id for holder in holders[:5]], now=now)
    _tell(
        "customers.contact_point_added",
        head,
        actor=actor,
        now=now,
        point=point.pk,
        kind=kind,
        pairs=[p.pk for p in pairs],
    )
    return point


@operation("customers.change_customers")
def change_contact_point(
    *,
    point: ContactPoint,
    value: str = "",
    use: str | None = None,
    is_shared: bool | None = None,
    actor: Actor,
    now: datetime,
) -> ContactPoint:
    """Correct a value (a new row; the old one is put away), or only what it is used for.

    Raises `ContactNotFound`, `ContactInUse`, `EntryProblems` and the errors of `lock_customer`.
    """
    head = lock_customer(point.customer_id, actor)
    held = _point(point, head)
    wished_use = held.use if use is None else use
    wished_shared = held.is_shared if is_shared is None else is_shared
    value = value.strip() or (held.value or "")
    contact = _normalised(held.kind, value, wished_use, wished_shared, None, now)
    if contact.value == held.value:
        if (held.use, held.is_shared) == (wished_use, wished_shared):
            unchanged()
            return held
        held.use, held.is_shared = wished_use, wished_shared
        held.save(update_fields=["use", "is_shared"])
        _tell("customers.contact_point_changed", head, actor=actor, now=now, point=held.pk, kind=held.kind)
        return held
    members = Customer.objects.cluster(head.pk).values("pk")
    if ContactPoint.objects.current().holding(held.kind, contact.value).filter(customer__in=members).exists():
        raise ContactInUse
    identity: Customer = held.customer
    made = _correct(identity, Normalised(contacts=(contact,)), actor=actor, now=now)
    held.archived_at = now
    was_preferred, held.is_preferred = held.is_preferred, False
    held.save(update_fields=["archived_at", "is_preferred"])
    fresh = keep_contact(identity, made, contact, now=now)
    if was_preferred and not fresh.is_preferred:
        fresh.is_preferred = True
        fresh.save(update_fields=["is_preferred"])
    refresh_profile(head, now=now)
    _tell(
        "customers.contact_point_changed",
        head,
        actor=actor,
        now=now,
        point=fresh.pk,
        was=held.pk,
        kind=held.kind,
    )
    return fresh


@operation("customers.change_customers")
def archive_contact_point(*, point: ContactPoint, actor: Actor, now: datetime) -> ContactPoint:
    """Put a contact point away: it is used and searched no more. Raises `ContactNotFound`, `LastWayToFind`."""
    head = lock_customer(point.customer_id, actor, frozen=True)
    held = _point(point, head)
    if held.archived_at is not None:
        unchanged()
        return held
    members = Customer.objects.cluster(head.pk).values("pk")
    others = ContactPoint.objects.current().filter(customer__in=members).exclude(pk=held.pk)
    if not head.name and not others.exists():
        raise LastWayToFind
    held.archived_at = now
    held.is_preferred = False
    held.save(update_fields=["archived_at", "is_preferred"])
    _prefer_another(held)
    _tell("customers.contact_point_archived", head, actor=actor, now=now, point=held.pk, kind=held.kind)
    return held


@step
def _prefer_another(held: ContactPoint) -> None:
    others = ContactPoint.objects.current().filter(customer_id=held.customer_id, kind=held.kind)
    if not others.filter(is_preferred=True).exists():
        first = others.order_by("-verified_at", "pk").values_list("pk", flat=True).first()
        ContactPoint.objects.filter(pk=first or 0).update(is_preferred=True)


@operation("customers.change_customers")
def restore_contact_point(*, point: ContactPoint, actor: Actor, now: datetime) -> ContactPoint:
    """Use a contact point again. Raises `ContactNotFound`, `ContactInUse`."""
    head = lock_customer(point.customer_id, actor)
    held = _point(point, head)
    if held.archived_at is None:
        unchanged()
        return held
    mine = ContactPoint.objects.current().filter(customer_id=held.customer_id, kind=held.kind)
    if mine.filter(value_exact=held.value_exact).exists():
        raise ContactInUse
    held.archived_at = None
    held.is_preferred = not mine.filter(is_preferred=True).exists()
    held.save(update_fields=["archived_at", "is_preferred"])
    _tell("customers.contact_point_restored", head, actor=actor, now=now, point=held.pk, kind=held.kind)
    return held


@operation("customers.change_customers")
def prefer_contact_point(*, point: ContactPoint, actor: Actor, now: datetime) -> ContactPoint:
    """Make it the one to use first among its kind in the whole profile. Raises `ContactNotFound`."""
    head = lock_customer(point.customer_id, actor)
    held = _point(point, head)
    members = Customer.objects.cluster(head.pk).values("pk")
    others = ContactPoint.objects.current().filter(customer__in=members, kind=held.kind, is_preferred=True)
    if held.archived_at is not None:
        raise ContactNotFound
    if held.is_preferred and not others.exclude(pk=held.pk).exists():
        unchanged()
        return held
    others.exclude(pk=held.pk).update(is_preferred=False)
    held.is_preferred = True
    held.save(update_fields=["is_preferred"])
    _tell("customers.contact_point_preferred", head, actor=actor, now=now, point=held.pk, kind=held.kind)
    return held


@operation("customers.change_customers")
def mark_verified(*, point: ContactPoint, actor: Actor, now: datetime) -> ContactPoint:
    """Note that the customer proved to hold the contact point (a code sent there was told back)."""
    head = lock_customer(point.customer_id, actor)
    held = _point(point, head)
    if held.verified_at is not None:
        unchanged()
        return held
    held.verified_at, held.failing_since = now, None
    held.save(update_fields=["verified_at", "failing_since"])
    _tell("customers.contact_point_verified", head, actor=actor, now=now, point=held.pk, kind=held.kind)
    return held


# --- addresses ------------------------------------------------------------------------------------------------
def _address_of(entry: AddressEntry) -> AddressEntry:
    whole = entry.split(field="address")
    return (
        replace(whole, phone=parse_phone(whole.phone, field="phone").e164) if whole.phone.strip() else whole
    )


def _held_address(address: Address | int, head: Customer) -> Address:
    pk = address.pk if isinstance(address, Address) else address
    members = Customer.objects.cluster(head.pk).values("pk")
    found: Address | None = (
        Address.objects.filter(pk=pk, customer__in=members, archived_at=None)
        .select_related("customer__key")
        .first()
    )
    if found is None:
        raise ContactNotFound
    return found


class AddressEmpty(InvalidInput):
    code = "address_empty"
    message = _("Enter an address: province, city, district, street and number.")
    default_field = "address"


@operation("customers.change_customers")
def add_address(*, customer: Customer, address: AddressEntry, actor: Actor, now: datetime) -> Address:
    """A further address, in one line or in parts. Raises `AddressEmpty`, `AddressTooLong` and errors of phones."""
    head = lock_customer(customer, actor)
    if address.is_empty:
        raise AddressEmpty
    whole = _address_of(address)
    made = _correct(head, Normalised(addresses=(whole,)), actor=actor, now=now)
    if whole.is_preferred:
        head.addresses.filter(archived_at=None).update(is_preferred=False)
    row = keep_address(head, made, whole, now=now)
    refresh_profile(head, now=now)
    _tell("customers.address_added", head, actor=actor, now=now, address=row.pk)
    return row


@operation("customers.change_customers")
def change_address(*, address: Address, entry: AddressEntry, actor: Actor, now: datetime) -> Address:
    """Another address in the place of this one, which is put away."""
    head = lock_customer(address.customer_id, actor)
    held = _held_address(address, head)
    if entry.is_empty:
        raise AddressEmpty
    whole = _address_of(entry)
    identity: Customer = held.customer
    made = _correct(identity, Normalised(addresses=(whole,)), actor=actor, now=now)
    held.archived_at = now
    was_preferred, held.is_preferred = held.is_preferred, False
    held.save(update_fields=["archived_at", "is_preferred"])
    row = keep_address(identity, made, whole, now=now)
    if was_preferred and not row.is_preferred:
        row.is_preferred = True
        row.save(update_fields=["is_preferred"])
    refresh_profile(head, now=now)
    _tell("customers.address_changed", head, actor=actor, now=now, address=row.pk, was=held.pk)
    return row


@operation("customers.change_customers")
def archive_address(*, address: Address, actor: Actor, now: datetime) -> Address:
    """Put an address away."""
    head = lock_customer(address.customer_id, actor, frozen=True)
    held = _held_address(address, head)
    held.archived_at, held.is_preferred = now, False
    held.save(update_fields=["archived_at", "is_preferred"])
    _tell("customers.address_archived", head, actor=actor, now=now, address=held.pk)
    return held


# --- days that matter -----------------------------------------------------------------------------------------
def _held_date(date: ImportantDate | int, head: Customer) -> ImportantDate:
    pk = date.pk if isinstance(date, ImportantDate) else date
    members = Customer.objects.cluster(head.pk).values("pk")
    found = (
        ImportantDate.objects.filter(pk=pk, customer__in=members, archived_at=None)
        .select_related("customer__key")
        .first()
    )
    if found is None:
        raise ContactNotFound
    return found


@operation("customers.change_customers")
def add_date(*, customer: Customer, date: DateEntry, actor: Actor, now: datetime) -> ImportantDate:
    """A day that comes round; a second birthday in the same calendar takes the place of the first.

    Raises `NoSuchDay`, `DateInFuture`, `TooLongAgo` and the errors of `core.lunar`.
    """
    head = lock_customer(customer, actor)
    day = date.checked(today=local_day(now), field="date")
    made = _correct(head, Normalised(dates=(day,)), actor=actor, now=now)
    row = keep_date(head, made, day)
    refresh_profile(head, now=now)
    _tell("customers.date_added", head, actor=actor, now=now, date=row.pk, kind=row.kind)
    return row


@operation("customers.change_customers")
def change_date(*, date: ImportantDate, entry: DateEntry, actor: Actor, now: datetime) -> ImportantDate:
    """Another day in the place of this one, which is put away; what was celebrated this year stays celebrated."""
    head = lock_customer(date.customer_id, actor)
    held = _held_date(date, head)
    day = entry.checked(today=local_day(now), field="date")
    held.archived_at = now
    held.save(update_fields=["archived_at"])
    identity: Customer = held.customer
    made = _correct(identity, Normalised(dates=(day,)), actor=actor, now=now)
    row = keep_date(identity, made, day)
    refresh_profile(head, now=now)
    _tell("customers.date_changed", head, actor=actor, now=now, date=row.pk, was=held.pk, kind=row.kind)
    return row


@operation("customers.change_customers")
def archive_date(*, date: ImportantDate, actor: Actor, now: datetime) -> ImportantDate:
    """Put a day away."""
    head = lock_customer(date.customer_id, actor, frozen=True)
    held = _held_date(date, head)
    held.archived_at = now
    held.save(update_fields=["archived_at"])
    _tell("customers.date_archived", head, actor=actor, now=now, date=held.pk, kind=held.kind)
    return held
