"""Many new customers at once, for imports and the demo: one COPY per table instead of statements per customer.

What is written is what the door (`entry.enter_customer`) would have written for the same entries, one identity with its
own key and one record each; whether an entry is somebody who is there already has been decided before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from dianke.core.actor import Actor
from dianke.core.copying import copy_into, copy_line
from dianke.core.data_keys import FreshKey, blind_indexer, fresh_keys
from dianke.core.encrypted_fields import encrypt_many, index_many
from dianke.core.ids import uuid7
from dianke.core.models import DataKey
from dianke.core.search_words import vector_text
from dianke.customers.models import KEY_KIND, Address, ContactPoint, Customer, Review, SourceRecord, State
from dianke.customers.rules.numbers import member_number_of, search_words
from dianke.customers.rules.shapes import Contact, Normalised
from dianke.events.operations import operation, record, step


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """An entry that becomes a customer of its own. `row` is its row in the file, `tag_ids` beside what the entry says,
    `consents` `(purpose, channel, is_given)`, `since` when the customer came (now unless known)."""

    found: Normalised
    fields: Mapping[str, Any] = field(default_factory=dict)  # those of `found`, worked out once
    fingerprint: bytes | None = None
    row: int | None = None
    external_id: str = ""
    store_id: int | None = None
    owner_id: int | None = None
    partner_id: int | None = None
    level: str = ""
    campaign: str = ""
    since: datetime | None = None
    seen: datetime | None = None
    tag_ids: tuple[int, ...] = ()
    consents: tuple[tuple[str, str, bool], ...] = ()


@dataclass(slots=True)
class Origin:
    """Where a batch comes from."""

    channel: str
    source: str
    now: datetime
    run_id: int | None = None
    staff_id: int | None = None
    store_id: int | None = None
    campaign: str = ""


@dataclass(slots=True)
class Identities:
    """Customers a batch of records belongs to: ids, keys (opened or to be opened) and what they bring."""

    ids: Sequence[int]
    keys: Sequence[DataKey | FreshKey]
    record_ids: Sequence[int]
    contacts: Sequence[Sequence[Contact]] = field(default_factory=list)


def fingerprints(texts: Sequence[str]) -> list[bytes]:
    """A keyed hash of each content (`Normalised.fingerprint_text`): the same content gives the same bytes."""
    index = blind_indexer(SourceRecord._meta.db_table, "payload", "fingerprint")
    return [index(text) for text in texts]


@operation("customers.import_customers")
def bring_in(*, news: Sequence[NewCustomer], origin: Origin, actor: Actor, now: datetime) -> list[int]:
    """Customers of whom it is known that they are nobody who is here already; their ids in the same order."""
    ids = write_new(news, origin)
    record(
        "customers.customers_brought_in",
        "",
        actor=actor,
        now=now,
        data={"count": len(ids), "channel": str(origin.channel), "source": origin.source},
    )
    return ids


@step
def write_new(news: Sequence[NewCustomer], origin: Origin) -> list[int]:
    """Write the customers and their first records; their ids in the same order. Eight statements and no more per batch,
    plus one per kind of thing that occurs."""
    if not news:
        return []
    count = len(news)
    ids = serials("customers_customer", count)
    record_ids = serials("customers_sourcerecord", count)
    numbers = _member_numbers([new.found.member_number for new in news])
    uuids = [uuid7() for _ in news]
    keys = fresh_keys(KEY_KIND, uuids)
    copy_into(
        DataKey._meta.db_table,
        ("id", "subject_kind", "subject_id", "wrapped", "master_key_id", "created_at"),
        (copy_line((k.id, KEY_KIND, k.subject_id, k.wrapped, k.master_key_id, origin.now)) for k in keys),
    )
    notes = _sealed(Customer, "note", uuids, [new.found.note or None for new in news], keys)
    sensitive = _sealed(
        Customer, "sensitive", uuids, [dict(new.found.sensitive) or None for new in news], keys
    )
    copy_into(
        Customer._meta.db_table,
        _CUSTOMER,
        _customer_lines(news, origin, ids, uuids, keys, numbers, record_ids, notes, sensitive),
    )
    write_records(news, origin, Identities(ids, keys, record_ids))
    write_parts(news, origin, Identities(ids, keys, record_ids, [new.found.contacts for new in news]))
    return ids


_CUSTOMER = (
    "id", "uuid", "key_id", "kind", "state", "member_number", "name", "aliases", "search_words", "gender",
    "occupation", "company", "credit_code", "note_sealed", "sensitive_sealed", "level", "is_key_account", "store_id",
    "partner_id", "owner_id", "channel", "campaign", "created_at", "last_seen_at", "survivors", "custom",
)  # fmt: skip


def _customer_lines(
    news: Sequence[NewCustomer],
    origin: Origin,
    ids: Sequence[int],
    uuids: Sequence[Any],
    keys: Sequence[DataKey | FreshKey],
    numbers: Sequence[str],
    record_ids: Sequence[int],
    notes: Sequence[bytes | None],
    sensitive: Sequence[bytes | None],
) -> Iterator[str]:
    for position, new in enumerate(news):
        found = new.found
        since = new.since or origin.now
        yield copy_line(
            (
                ids[position], uuids[position], keys[position].id, found.kind, State.ACTIVE.value, numbers[position],
                found.name, found.aliases, vector_text(search_words(found.name, found.aliases, numbers[position])),
                found.gender, found.occupation, found.company, found.credit_code, notes[position],
                sensitive[position], new.level, False, new.store_id, new.partner_id, new.owner_id, origin.channel,
                new.campaign or origin.campaign, since, new.seen or since,
                _survivors(tuple(new.fields or found.fields()), record_ids[position]), dict(found.custom),
            )
        )  # fmt: skip


def _survivors(names: tuple[str, ...], record_id: int) -> str:
    """`{"name": {"record": 12, "rule": "only"}}` as text."""
    return _survivors_pattern(names).replace("#", str(record_id))


@lru_cache(maxsize=1024)
def _survivors_pattern(names: tuple[str, ...]) -> str:
    return "{" + ",".join(f'"{name}":{{"record":#,"rule":"only"}}' for name in names) + "}"


@step
def write_records(news: Sequence[NewCustomer], origin: Origin, of: Identities) -> None:
    """One source record for each, sealed with the customer's key."""
    uuids = [uuid7() for _ in news]
    payloads = [{"raw": dict(new.found.raw), "fields": new.fields or new.found.fields()} for new in news]
    sealed = _sealed(SourceRecord, "payload", uuids, payloads, of.keys)
    columns = (
        "id", "uuid", "key_id", "customer_id", "channel", "source", "campaign", "external_id", "received_at",
        "payload_sealed", "fingerprint", "review", "store_id", "staff_id", "run_id", "row",
    )  # fmt: skip
    copy_into(
        SourceRecord._meta.db_table,
        columns,
        (
            copy_line(
                (
                    of.record_ids[n], uuids[n], of.keys[n].id, of.ids[n], origin.channel, origin.source,
                    new.campaign or origin.campaign, new.external_id, new.since or origin.now, sealed[n],
                    new.fingerprint, Review.ACCEPTED.value, new.store_id, origin.staff_id, origin.run_id, new.row,
                )
            )
            for n, new in enumerate(news)
        ),
    )  # fmt: skip


@step
def write_parts(news: Sequence[NewCustomer], origin: Origin, of: Identities) -> None:
    """Contact points, dates, addresses, tags and consents; `of.contacts` are the contact points not there yet."""
    _contacts(origin, of)
    _dates(news, of)
    _addresses(news, origin, of)
    copy_into(
        "customers_tagging",
        ("customer_id", "tag_id", "since"),
        (
            copy_line((pk, tag, origin.now))
            for new, pk in zip(news, of.ids, strict=True)
            for tag in dict.fromkeys(new.tag_ids)
        ),
    )
    copy_into(
        "customers_consent",
        ("customer_id", "purpose", "channel", "is_given", "at", "how", "by_id"),
        (
            copy_line((pk, purpose, channel, is_given, origin.now, origin.channel, origin.staff_id))
            for new, pk in zip(news, of.ids, strict=True)
            for purpose, channel, is_given in new.consents
        ),
    )


def _contacts(origin: Origin, of: Identities) -> None:
    flat = [(n, contact) for n, contacts in enumerate(of.contacts) for contact in contacts]
    uuids = [uuid7() for _ in flat]
    values = [contact.value for _n, contact in flat]
    sealed = _sealed(ContactPoint, "value", uuids, values, [of.keys[n] for n, _contact in flat])
    exact = index_many(_blind("value_exact"), values)
    last4 = _tails(values)
    columns = (
        "uuid", "key_id", "customer_id", "record_id", "kind", "use", "value_sealed", "value_exact", "value_last4",
        "extension", "is_preferred", "is_shared", "verified_at", "created_at",
    )  # fmt: skip
    copy_into(
        ContactPoint._meta.db_table,
        columns,
        (
            copy_line(
                (
                    uuids[at], of.keys[n].id, of.ids[n], of.record_ids[n], contact.kind, contact.use, sealed[at],
                    exact[at], last4[at], contact.extension, contact.is_preferred, contact.is_shared,
                    contact.verified_at, origin.now,
                )
            )
            for at, (n, contact) in enumerate(flat)
        ),
    )  # fmt: skip


def _dates(news: Sequence[NewCustomer], of: Identities) -> None:
    copy_into(
        "customers_importantdate",
        ("customer_id", "record_id", "kind", "label", "calendar", "year", "month", "day", "is_leap", "text"),
        (
            copy_line((pk, record_id, d.kind, d.label, d.calendar, d.year, d.month, d.day, d.is_leap, d.text))
            for new, pk, record_id in zip(news, of.ids, of.record_ids, strict=True)
            for d in new.found.dates
        ),
    )


def _addresses(news: Sequence[NewCustomer], origin: Origin, of: Identities) -> None:
    flat = [(n, address) for n, new in enumerate(news) for address in new.found.addresses]
    if not flat:
        return
    uuids = [uuid7() for _ in flat]
    keys = [of.keys[n] for n, _address in flat]
    street = _sealed(Address, "street", uuids, [a.street or None for _n, a in flat], keys)
    receiver = _sealed(Address, "receiver", uuids, [a.receiver or None for _n, a in flat], keys)
    phone = _sealed(Address, "phone", uuids, [a.phone or None for _n, a in flat], keys)
    columns = (
        "uuid", "key_id", "customer_id", "record_id", "use", "country", "province", "city", "district", "division",
        "postcode", "street_sealed", "receiver_sealed", "phone_sealed", "is_preferred", "created_at",
    )  # fmt: skip
    copy_into(
        Address._meta.db_table,
        columns,
        (
            copy_line(
                (
                    uuids[at], keys[at].id, of.ids[n], of.record_ids[n], a.use, a.country, a.province, a.city,
                    a.district, a.division, a.postcode, street[at], receiver[at], phone[at],
                    a is news[n].found.addresses[0], origin.now,
                )
            )
            for at, (n, a) in enumerate(flat)
        ),
    )  # fmt: skip


# --- numbers and keys ------------------------------------------------------------------------------------------
def serials(table: str, count: int) -> list[int]:
    """Ids the table has not given out, for rows written with COPY."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
        )
        return [pk for (pk,) in cursor.fetchall()]


def _member_numbers(wished: Sequence[str]) -> list[str]:
    """For each customer the wished number if it is free and wished once, else a number of the sequence."""
    given: list[str] = []
    taken = _taken([number for number in wished if number])
    for number in wished:
        is_free = bool(number) and number not in taken
        taken.add(number)
        given.append(number if is_free else "")
    while missing := [position for position, number in enumerate(given) if not number]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval('customers_member_number') FROM generate_series(1, %s)", [len(missing)]
            )
            fresh = [member_number_of(serial) for (serial,) in cursor.fetchall()]
        taken |= _taken(fresh)  # numbers of an older system may look like ours
        for position, number in zip(missing, fresh, strict=True):
            given[position] = "" if number in taken else number
    return given


def _taken(numbers: Sequence[str]) -> set[str]:
    if not numbers:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT member_number FROM customers_customer WHERE member_number = ANY(%s)", [list(numbers)]
        )
        return {number for (number,) in cursor.fetchall()}


def _sealed(
    model: type[Any],
    name: str,
    rows: Sequence[Any],
    values: Sequence[Any],
    keys: Sequence[DataKey | FreshKey],
) -> list[bytes | None]:
    if not any(value is not None for value in values):
        return [None] * len(values)
    return encrypt_many(model._meta.get_field(name), rows, values, keys)


def _blind(name: str) -> Any:
    return ContactPoint._meta.get_field(name)


def _tails(values: Sequence[str]) -> list[bytes | None]:
    """The index of the last four digits of each phone; there are only ten thousand of them."""
    blind = _blind("value_last4")
    tails = [blind.normalise(value) for value in values]
    distinct = [tail for tail in dict.fromkeys(tails) if tail]
    of = dict(zip(distinct, index_many(blind, ["+" + tail for tail in distinct]), strict=True))
    return [of[tail] if tail else None for tail in tails]
