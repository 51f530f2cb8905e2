"""The pieces every write of this room is made of: an identity with its key, a record, what a record brings along, and
the profile that follows from all records. Steps only; the operations beside this file use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.copying import update_from
from dianke.core.data_keys import issue_data_key
from dianke.core.errors import Conflict, NotAllowed, NotFound
from dianke.core.ids import uuid7
from dianke.core.search_words import SearchWordsField, vector_text, words_of
from dianke.customers.models import (
    KEY_KIND,
    Address,
    Channel,
    Consent,
    ContactPoint,
    Customer,
    ImportantDate,
    Review,
    SourceRecord,
    State,
    Tagging,
)
from dianke.customers.queries.consents import sensitive_withdrawn_at
from dianke.customers.queries.entry import local_day
from dianke.customers.queries.records import records_of_many
from dianke.customers.queries.tags import tags_by_name
from dianke.customers.rules.entry import AddressEntry, Contact, DateEntry, Normalised
from dianke.customers.rules.numbers import member_number_of, search_words
from dianke.customers.rules.survivorship import SHOWN, RecordFields, survivors, without_sensitive
from dianke.events.operations import step
from dianke.stores.models import Partner, Store

#: Fields of the head with personal data: the log says that they changed, not what they say.
PRIVATE = frozenset(
    {"name", "aliases", "note", "sensitive", "occupation", "company", "credit_code", "gender", "custom"}
)


#: Channels where somebody names what is true now.
NAMED_BY_PEOPLE = frozenset({Channel.STAFF, Channel.PORTAL, Channel.COUNTER, Channel.QR})


class CustomerNotFound(NotFound):
    code = "customer_not_found"
    message = _("This customer does not exist, or you may not see them. Look for them again.")


class CustomerErased(Conflict):
    code = "customer_erased"
    message = _("The data of this customer were erased on their request; nothing can be changed any more.")


class CustomerErasing(Conflict):
    code = "customer_erasing"
    message = _("This customer asked for erasure. Answer that request before changing anything.")


class CustomerRemoved(Conflict):
    code = "customer_removed"
    message = _("This customer was removed. Bring the customer back first.")


class CustomerOutOfReach(NotAllowed):
    code = "customer_out_of_reach"
    message = _("You may see this customer, but another store looks after them. Ask there.")


# --- finding and locking --------------------------------------------------------------------------------------
@step
def lock_customer(
    customer: Customer | int,
    actor: Actor,
    permission: str = "customers.change_customers",
    *,
    frozen: bool = False,
) -> Customer:
    """The head of the profile, locked, if the actor may see it and holds the permission there. `frozen`: also while an
    erasure is asked for (withdrawing consent, archiving).

    Raises `CustomerNotFound`, `CustomerErased`, `CustomerErasing`, `CustomerRemoved`, `CustomerOutOfReach`.
    """
    from dianke.customers.operations.locking import lock_profiles  # it imports this module

    pk = customer.pk if isinstance(customer, Customer) else customer
    heads = Customer.objects.filter(pk=pk).values_list("merged_into_id", flat=True)
    head_id = next(iter(heads), None) or pk
    if not Customer.objects.visible_to(actor).filter(pk=head_id).exists():
        raise CustomerNotFound
    head = lock_profiles(customer_ids=[pk])[pk]
    if head.state == State.ERASED:
        raise CustomerErased
    if head.state == State.REMOVED:
        raise CustomerRemoved
    if head.state == State.ERASING and not frozen:
        raise CustomerErasing
    if not Customer.objects.visible_to(actor, permission).filter(pk=head.pk).exists():
        raise CustomerOutOfReach
    return head


# --- identities and records -----------------------------------------------------------------------------------
@step
def next_member_number(wished: str = "") -> str:
    """A number nobody has: the wished one if it is free, else the next of the sequence."""
    if wished and not Customer.objects.filter(member_number=wished).exists():
        return wished
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('customers_member_number')")
            (serial,) = cursor.fetchone()
        number = member_number_of(serial)
        if not Customer.objects.filter(member_number=number).exists():
            return number


@step
def new_identity(
    found: Normalised,
    *,
    channel: str,
    campaign: str,
    store: Store | None,
    partner: Partner | None,
    owner: User | None,
    state: str,
    now: datetime,
) -> Customer:
    """A customer with a key of its own, to be followed by its first record."""
    uuid = uuid7()
    customer = Customer(
        uuid=uuid,
        key=issue_data_key(KEY_KIND, uuid),
        kind=found.kind,
        state=state,
        member_number=next_member_number(found.member_number),
        store=store,
        partner=partner,
        owner=owner,
        channel=channel,
        campaign=campaign,
        created_at=now,
        last_seen_at=now,
    )
    customer.search_words = search_words(found.name, found.aliases, customer.member_number)
    customer.name = found.name
    customer.save(force_insert=True)
    return customer


@step
def add_record(
    customer: Customer,
    *,
    fields: Mapping[str, Any],
    channel: str,
    now: datetime,
    raw: Mapping[str, Any] | None = None,
    parts: Mapping[str, Any] | None = None,
    source: str = "",
    campaign: str = "",
    external_id: str = "",
    fingerprint: bytes | None = None,
    review: str = Review.ACCEPTED,
    store: Store | None = None,
    staff_id: int | None = None,
) -> SourceRecord:
    """A record of this identity, sealed with its key. `fields` with None means: emptied on purpose."""
    payload: dict[str, Any] = {"raw": dict(raw or {}), "fields": dict(fields)}
    if parts:
        payload["parts"] = dict(parts)
    sealed: dict[str, Any] = {"payload": payload}
    return SourceRecord.objects.create(
        **sealed,
        key=customer.key,
        customer=customer,
        channel=channel,
        source=source,
        campaign=campaign,
        external_id=external_id,
        received_at=now,
        fingerprint=fingerprint,
        review=review,
        store=store,
        staff_id=staff_id,
    )


# --- what a record brings along -------------------------------------------------------------------------------
@step
def add_parts(
    customer: Customer, record: SourceRecord, found: Normalised, *, actor: Actor, now: datetime
) -> None:
    """Contact points, dates, addresses, tags and consents of the entry; what the profile has already is kept."""
    for contact in found.contacts:
        keep_contact(customer, record, contact, now=now)
    for day in found.dates:
        keep_date(customer, record, day)
    for address in found.addresses:
        keep_address(customer, record, address, now=now)
    tag(customer, found.tags, now=now)
    for consent in found.consents:
        Consent.objects.create(
            customer=customer,
            purpose=consent.purpose,
            channel=consent.channel,
            is_given=consent.is_given,
            text_id=consent.text_id,
            at=now,
            how="GUARDIAN" if found.guardian and found.is_minor_on(local_day(now)) else record.channel,
            by_id=actor.user_id,
        )


@step
def keep_contact(
    customer: Customer, record: SourceRecord, contact: Contact, *, now: datetime
) -> ContactPoint:
    """The contact point of this identity with this value. One that was put away comes back when a person names it
    again; a file or another system that still has it does not bring it back."""
    mine = ContactPoint.objects.holding(contact.kind, contact.value)
    held: ContactPoint | None = mine.filter(customer=customer).first()
    if held is not None:
        changes: dict[str, Any] = {}
        if held.archived_at is not None:
            if record.channel not in NAMED_BY_PEOPLE:
                return held
            changes |= {"archived_at": None, "record": record, "use": contact.use}
            others = ContactPoint.objects.current().filter(customer=customer, kind=contact.kind)
            changes["is_preferred"] = not others.filter(is_preferred=True).exists()
        if contact.verified_at and not held.verified_at:
            changes["verified_at"] = contact.verified_at
        if contact.is_shared and not held.is_shared:
            changes["is_shared"] = True
        for name, value in changes.items():
            setattr(held, name, value)
        if changes:
            held.save(update_fields=list(changes))
        return held
    others = ContactPoint.objects.current().filter(customer=customer, kind=contact.kind)
    is_first = not others.filter(is_preferred=True).exists()
    sealed: dict[str, Any] = {"value": contact.value}
    point = ContactPoint(
        **sealed,
        key=customer.key,
        customer=customer,
        record=record,
        kind=contact.kind,
        use=contact.use,
        extension=contact.extension,
        is_preferred=is_first,
        is_shared=contact.is_shared,
        verified_at=contact.verified_at,
        created_at=now,
    )
    point.save(force_insert=True)
    return point


@step
def keep_date(customer: Customer, record: SourceRecord, day: DateEntry) -> ImportantDate:
    """The day as one of this identity. A second birthday in the same calendar replaces the first (which is archived),
    one in the other calendar stands beside it: people give both."""
    standing = ImportantDate.objects.filter(
        customer=customer, kind=day.kind, calendar=day.calendar, archived_at=None, label=day.label
    )
    for one in standing:
        if (one.month, one.day, one.is_leap) == (day.month, day.day, day.is_leap) and (
            day.year is None or one.year == day.year
        ):
            return one
    if day.kind in ("BIRTHDAY", "WEDDING", "SPOUSE"):
        standing.update(archived_at=record.received_at)
    return ImportantDate.objects.create(
        customer=customer,
        record=record,
        kind=day.kind,
        label=day.label,
        calendar=day.calendar,
        year=day.year,
        month=day.month,
        day=day.day,
        is_leap=day.is_leap,
        text=day.text,
    )


@step
def keep_address(
    customer: Customer, record: SourceRecord, address: AddressEntry, *, now: datetime
) -> Address:
    """The address of this identity, unless it has just this one."""
    standing = Address.objects.filter(customer=customer, archived_at=None).select_related("key")
    for one in standing.filter(province=address.province, city=address.city, district=address.district):
        if AddressEntry(street=one.street or "").key[3] == address.key[3]:
            found: Address = one
            return found
    sealed: dict[str, Any] = {
        "street": address.street or None,
        "receiver": address.receiver or None,
        "phone": address.phone or None,
    }
    made: Address = Address.objects.create(
        **sealed,
        key=customer.key,
        customer=customer,
        record=record,
        use=address.use,
        country=address.country,
        province=address.province,
        city=address.city,
        district=address.district,
        division=address.division,
        postcode=address.postcode,
        is_preferred=address.is_preferred or not standing.exists(),
        created_at=now,
    )
    return made


@step
def tag(customer: Customer, names: tuple[str, ...], *, now: datetime) -> None:
    """Put the tags on that stand in the merchant's list; unknown words are left in the record."""
    if not names:
        return
    tags = sorted(set(tags_by_name(names).values()))
    Tagging.objects.bulk_create(
        [Tagging(customer=customer, tag_id=pk, since=now) for pk in tags], ignore_conflicts=True
    )


# --- the profile ----------------------------------------------------------------------------------------------
@step
def refresh_profile(head: Customer, *, now: datetime) -> dict[str, Any]:
    """Work the shown fields of a profile out of the records of everybody in it; returns `{field: [before, after]}` with
    dots for personal data. Three queries, one more where sensitive details were ever told."""
    return refresh_profiles([head], now=now)[0]


@step
def refresh_profiles(heads: Sequence[Customer], *, now: datetime) -> list[dict[str, Any]]:
    """`refresh_profile` for many profiles in as many queries."""
    ids = [head.pk for head in heads]
    members: dict[int, list[tuple[str, str, datetime]]] = {pk: [] for pk in ids}
    everybody: list[int] = []
    rows = Customer.objects.clusters(ids).order_by("pk")
    for pk, merged_into_id, *told in rows.values_list(
        "pk", "merged_into_id", "member_number", "state", "last_seen_at"
    ):
        members[merged_into_id or pk].append(tuple(told))
        everybody.append(pk)
    records = records_of_many(ids, everybody)
    told = [
        pk for pk in ids if any(name.startswith("sensitive.") for one in records[pk] for name in one.fields)
    ]
    withdrawn = sensitive_withdrawn_at(told) if told else {}
    records |= {pk: without_sensitive(records[pk], at) for pk, at in withdrawn.items()}
    changes = [_work_out(head, members[head.pk], records[head.pk]) for head in heads]
    fields = [*SHOWN, "note", "custom", "sensitive", "survivors", "search_words", "last_seen_at"]
    fields = list(dict.fromkeys(fields))
    if len(heads) == 1:
        heads[0].save(update_fields=fields)
    else:
        columns: list[Any] = [Customer._meta.get_field(name) for name in fields]
        changed = {column.column: [_stored(head, column) for head in heads] for column in columns}
        update_from(Customer._meta.db_table, len(heads), {"id": ids, **changed})
    return changes


def _stored(customer: Customer, column: Any) -> Any:
    """The value as COPY takes it."""
    value = column.pre_save(customer, False)
    return vector_text(value) if isinstance(column, SearchWordsField) else value


def _work_out(
    head: Customer, members: Sequence[tuple[str, str, datetime]], records: Sequence[RecordFields]
) -> dict[str, Any]:
    """Put on the head what survives of the records; what changed by it."""
    found = survivors(records)
    shown: dict[str, Any] = dict.fromkeys(SHOWN, "") | {"kind": head.kind, "note": None}
    shown |= {name: found[name].value for name in SHOWN if name in found}
    custom = {name[7:]: one.value for name, one in found.items() if name.startswith("custom.")}
    sensitive = {name[10:]: one.value for name, one in found.items() if name.startswith("sensitive.")}
    shown |= {"custom": custom, "sensitive": sensitive or None}
    names = {str(record.fields["name"]) for record in records if record.fields.get("name")}
    shown["aliases"] = str(shown["aliases"])[:160]
    changes: dict[str, Any] = {}
    for name, value in shown.items():
        before = getattr(head, name)
        if before != value:
            changes[name] = ["•", "•"] if name in PRIVATE else [before, value]
            setattr(head, name, value)
    head.survivors = {name: {"record": one.record_id, "rule": one.rule} for name, one in found.items()}
    numbers = [number for number, state, _seen in members if state != State.ERASED]
    # Old names and numbers still lead to the person.
    own = search_words(head.name, head.aliases, head.member_number)
    head.search_words = words_of_all(
        own, sorted(names - {head.name}), [n for n in numbers if n != head.member_number]
    )
    head.last_seen_at = max([head.last_seen_at, *(seen for _number, _state, seen in members)])
    return changes


def words_of_all(own: str, names: list[str], numbers: list[str]) -> str:
    """Search words together, each once."""
    return " ".join(dict.fromkeys([*own.split(), *words_of([*names, *numbers]).split()]))


def source_label(channel: str) -> str:
    """A channel for people."""
    return str(Channel(channel).label) if channel in Channel.values else channel
