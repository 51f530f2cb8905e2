"""Many new customers at once, for imports and the demo: one COPY per table instead of statements per customer.

What is written is what the door (`entry.enter_customer`) would have written for the same entries, one identity with its
own key and one record each; whether an entry is somebody who is there already has been decided before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from dianke.core.actor import Actor
from dianke.core.copying import Column, Same, copy_into
from dianke.core.data_keys import FreshKey, blind_indexer, fresh_keys
from dianke.core.encrypted_fields import encrypt_many, index_many, index_texts
from dianke.core.ids import uuid7s
from dianke.core.models import DataKey
from dianke.core.search_words import vector_text
from dianke.customers.models import KEY_KIND, Address, ContactPoint, Customer, Review, SourceRecord, State
from dianke.customers.operations.serials import member_numbers, serials
from dianke.customers.rules.numbers import search_words
from dianke.customers.rules.shapes import Contact, Normalised
from dianke.events.operations import operation, record, step


@dataclass(slots=True)
class NewCustomer:
    """An entry that becomes a customer of its own. `row` is its row in the file, `tag_ids` beside what the entry says,
    `consents` `(purpose, channel, is_given)`, `since` when the customer came (now unless known), `hashes` what its
    contact points are found by, where that was worked out already."""

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
    hashes: Sequence[bytes | None] | None = None


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
    hashes: Sequence[bytes | None] = ()  # of all the contacts, where they are known
    key_ids: Sequence[str] = ()  # as text: each stands in several tables

    def __post_init__(self) -> None:
        self.key_ids = self.key_ids or [key.id.hex for key in self.keys]


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
    ids = serials("customers_customer", len(news))
    numbers = member_numbers([new.found.member_number for new in news])
    _write(parts_of_new(news, origin, ids, serials("customers_sourcerecord", len(news)), numbers))
    return ids


class Part(NamedTuple):
    """Rows of one table that a batch of entries brings: for each row the place of its entry in the batch (None: every
    entry brings one), and the columns."""

    table: str
    places: Sequence[int] | None
    size: int
    columns: Mapping[str, Column]


def _write(parts: Iterable[Part]) -> None:
    for part in parts:
        copy_into(part.table, part.size, part.columns)


def parts_of_new(
    news: Sequence[NewCustomer],
    origin: Origin,
    ids: Sequence[int],
    record_ids: Sequence[int],
    numbers: Sequence[str],
) -> Iterator[Part]:
    """What new customers with these ids and member numbers are in the tables, in the order in which it is written;
    a table without rows is there too. Nothing is asked of the database: this may run far from it."""
    count = len(news)
    uuids = uuid7s(count)
    keys = fresh_keys(KEY_KIND, uuids)
    hashes = [hashed for new in news for hashed in new.hashes or ()]
    is_known = all(new.hashes is not None for new in news)
    contacts = [new.found.contacts for new in news]
    of = Identities(ids, keys, record_ids, contacts, hashes if is_known else ())
    yield Part(
        DataKey._meta.db_table,
        None,
        count,
        {
            "id": of.key_ids,
            "subject_kind": Same(KEY_KIND),
            "subject_id": [key.subject_id for key in keys],
            "wrapped": [key.wrapped for key in keys],
            "master_key_id": [key.master_key_id for key in keys],
            "created_at": Same(origin.now),
        },
    )
    yield Part(Customer._meta.db_table, None, count, _customers(news, origin, of, uuids, numbers))
    yield _records(news, origin, of)
    yield from _parts(news, origin, of)


def _customers(
    news: Sequence[NewCustomer],
    origin: Origin,
    of: Identities,
    uuids: Sequence[UUID],
    numbers: Sequence[str],
) -> dict[str, Column]:
    found = [new.found for new in news]
    since = [new.since or origin.now for new in news]
    return {
        "id": of.ids,
        "uuid": uuids,
        "key_id": of.key_ids,
        "kind": [one.kind for one in found],
        "state": Same(State.ACTIVE.value),
        "member_number": numbers,
        "name": [one.name for one in found],
        "aliases": [one.aliases for one in found],
        "search_words": [
            vector_text(search_words(one.name, one.aliases, number))
            for one, number in zip(found, numbers, strict=True)
        ],
        "gender": [one.gender for one in found],
        "occupation": [one.occupation for one in found],
        "company": [one.company for one in found],
        "credit_code": [one.credit_code for one in found],
        "note_sealed": _sealed(Customer, "note", uuids, [one.note or None for one in found], of.keys),
        "sensitive_sealed": _sealed(
            Customer, "sensitive", uuids, [dict(one.sensitive) or None for one in found], of.keys
        ),
        "level": [new.level for new in news],
        "is_key_account": Same(False),
        "store_id": [new.store_id for new in news],
        "partner_id": [new.partner_id for new in news],
        "owner_id": [new.owner_id for new in news],
        "channel": Same(str(origin.channel)),
        "campaign": [new.campaign or origin.campaign for new in news],
        "created_at": since,
        "last_seen_at": [new.seen or came for new, came in zip(news, since, strict=True)],
        "survivors": [
            _survivors(tuple(new.fields or new.found.fields()), record_id)
            for new, record_id in zip(news, of.record_ids, strict=True)
        ],
        "custom": [dict(one.custom) for one in found],
    }


def _survivors(names: tuple[str, ...], record_id: int) -> str:
    """`{"name": {"record": 12, "rule": "only"}}` as text."""
    return _survivors_pattern(names).replace("#", str(record_id))


@lru_cache(maxsize=1024)
def _survivors_pattern(names: tuple[str, ...]) -> str:
    return "{" + ",".join(f'"{name}":{{"record":#,"rule":"only"}}' for name in names) + "}"


@step
def write_records(news: Sequence[NewCustomer], origin: Origin, of: Identities) -> None:
    """One source record for each, sealed with the customer's key."""
    _write([_records(news, origin, of)])


def _records(news: Sequence[NewCustomer], origin: Origin, of: Identities) -> Part:
    uuids = uuid7s(len(news))
    payloads = [{"raw": dict(new.found.raw), "fields": new.fields or new.found.fields()} for new in news]
    return Part(
        SourceRecord._meta.db_table,
        None,
        len(news),
        {
            "id": of.record_ids,
            "uuid": uuids,
            "key_id": of.key_ids,
            "customer_id": of.ids,
            "channel": Same(str(origin.channel)),
            "source": Same(origin.source),
            "campaign": [new.campaign or origin.campaign for new in news],
            "external_id": [new.external_id for new in news],
            "received_at": [new.since or origin.now for new in news],
            "payload_sealed": _sealed(SourceRecord, "payload", uuids, payloads, of.keys),
            "fingerprint": [new.fingerprint for new in news],
            "review": Same(Review.ACCEPTED.value),
            "store_id": [new.store_id for new in news],
            "staff_id": Same(origin.staff_id),
            "run_id": Same(origin.run_id),
            "row": [new.row for new in news],
        },
    )


@step
def write_parts(news: Sequence[NewCustomer], origin: Origin, of: Identities) -> None:
    """Contact points, dates, addresses, tags and consents; `of.contacts` are the contact points not there yet."""
    _write(_parts(news, origin, of))


def _parts(news: Sequence[NewCustomer], origin: Origin, of: Identities) -> Iterator[Part]:
    yield _contacts(origin, of)
    yield _dates(news, of)
    yield _addresses(news, origin, of)
    tags = [(n, tag) for n, new in enumerate(news) for tag in dict.fromkeys(new.tag_ids)]
    yield Part(
        "customers_tagging",
        [n for n, _tag in tags],
        len(tags),
        {
            "customer_id": [of.ids[n] for n, _tag in tags],
            "tag_id": [tag for _n, tag in tags],
            "since": Same(origin.now),
        },
    )
    consents = [(n, *one) for n, new in enumerate(news) for one in new.consents]
    yield Part(
        "customers_consent",
        [n for n, _purpose, _channel, _is_given in consents],
        len(consents),
        {
            "customer_id": [of.ids[n] for n, _purpose, _channel, _is_given in consents],
            "purpose": [purpose for _n, purpose, _channel, _is_given in consents],
            "channel": [channel for _n, _purpose, channel, _is_given in consents],
            "is_given": [is_given for _n, _purpose, _channel, is_given in consents],
            "at": Same(origin.now),
            "how": Same(str(origin.channel)),
            "by_id": Same(origin.staff_id),
        },
    )


def _contacts(origin: Origin, of: Identities) -> Part:
    places = [n for n, contacts in enumerate(of.contacts) for _contact in contacts]
    flat = [contact for contacts in of.contacts for contact in contacts]
    uuids, keys = uuid7s(len(flat)), [of.keys[n] for n in places]
    values = [contact.value for contact in flat]
    return Part(
        ContactPoint._meta.db_table,
        places,
        len(flat),
        {
            "uuid": uuids,
            "key_id": [of.key_ids[n] for n in places],
            "customer_id": [of.ids[n] for n in places],
            "record_id": [of.record_ids[n] for n in places],
            "kind": [contact.kind for contact in flat],
            "use": [contact.use for contact in flat],
            "value_sealed": _sealed(ContactPoint, "value", uuids, values, keys),
            "value_exact": of.hashes or exact_hashes(values),
            "value_last4": _tails(values, "value_last4"),
            "value_last6": _tails(values, "value_last6"),
            "extension": [contact.extension for contact in flat],
            "is_preferred": [contact.is_preferred for contact in flat],
            "is_shared": [contact.is_shared for contact in flat],
            "verified_at": [contact.verified_at for contact in flat],
            "created_at": Same(origin.now),
        },
    )


def _dates(news: Sequence[NewCustomer], of: Identities) -> Part:
    places = [n for n, new in enumerate(news) for _day in new.found.dates]
    flat = [day for new in news for day in new.found.dates]
    return Part(
        "customers_importantdate",
        places,
        len(flat),
        {
            "customer_id": [of.ids[n] for n in places],
            "record_id": [of.record_ids[n] for n in places],
            "kind": [day.kind for day in flat],
            "label": [day.label for day in flat],
            "calendar": [day.calendar for day in flat],
            "year": [day.year for day in flat],
            "month": [day.month for day in flat],
            "day": [day.day for day in flat],
            "is_leap": [day.is_leap for day in flat],
            "text": [day.text for day in flat],
        },
    )


def _addresses(news: Sequence[NewCustomer], origin: Origin, of: Identities) -> Part:
    places = [n for n, new in enumerate(news) for _address in new.found.addresses]
    flat = [address for new in news for address in new.found.addresses]
    uuids, keys = uuid7s(len(flat)), [of.keys[n] for n in places]
    return Part(
        Address._meta.db_table,
        places,
        len(flat),
        {
            "uuid": uuids,
            "key_id": [of.key_ids[n] for n in places],
            "customer_id": [of.ids[n] for n in places],
            "record_id": [of.record_ids[n] for n in places],
            **{
                name: [getattr(address, name) for address in flat]
                for name in ("use", "country", "province", "city", "district", "division", "postcode")
            },
            **{
                f"{name}_sealed": _sealed(
                    Address, name, uuids, [getattr(address, name) or None for address in flat], keys
                )
                for name in ("street", "receiver", "phone")
            },
            "is_preferred": [
                address is news[n].found.addresses[0] for n, address in zip(places, flat, strict=True)
            ],
            "created_at": Same(origin.now),
        },
    )


# --- sealed and hashed -----------------------------------------------------------------------------------------------
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


def exact_hashes(values: Sequence[str]) -> list[bytes | None]:
    """What contact points of these values are found by."""
    return index_many(ContactPoint._meta.get_field("value_exact"), values)


def _tails(values: Sequence[str], name: str) -> list[bytes | None]:
    """The index of the last digits of each phone, each worked out once."""
    blind: Any = ContactPoint._meta.get_field(name)
    tails = [blind.normalise(value) for value in values]
    distinct = [tail for tail in dict.fromkeys(tails) if tail]
    of = dict(zip(distinct, index_texts(blind, distinct), strict=True))
    return [of[tail] if tail else None for tail in tails]
