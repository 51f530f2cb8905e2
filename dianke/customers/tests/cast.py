"""Customers for the tests of this room, beside the people of `dianke/stores/tests/cast.py`.

`make_customer("王小明", "13812345678", store=cast.lake)` writes one identity with its source record straight into the
tables: data key, sealed contact points, search words and member number as the door would leave them, without events
and without looking for duplicates. What tests the door itself calls `operations.enter_customer`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from dianke.access.models import User
from dianke.core.data_keys import issue_data_key
from dianke.core.ids import uuid7
from dianke.core.phone import parse as parse_phone
from dianke.customers.models import (
    KEY_KIND,
    Address,
    Calendar,
    Channel,
    Consent,
    ContactKind,
    ContactPoint,
    Customer,
    DateKind,
    ImportantDate,
    Kind,
    SharedWith,
    SourceRecord,
    State,
    Tag,
    Tagging,
)
from dianke.customers.rules.numbers import member_number_of, search_words
from dianke.stores import operations as stores
from dianke.stores.models import Partner, Store
from dianke.stores.tests.cast import FIRST_DAY, Cast, make_cast, role_named

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)  # the instant of the fixture `now`


def make_house(now: datetime = NOW) -> Cast:
    """The cast of the stores, and for this room: `colleague` (a second clerk at the lake), and `qiu`, a second partner
    of the entity `silk` beside `shen`; both partners have accounts. `Partner.objects.get(name="裘安")` is new."""
    cast = make_cast(now)
    who = {"actor": _system(), "now": now}
    cast.hire("colleague", "赵敏", "CLERK", store=cast.lake)
    cast.hire("qiu", "裘安")
    stores.post_staff(
        staff=cast["qiu"], role=role_named("PARTNER"), legal_entity=cast.silk, from_date=FIRST_DAY, **who
    )
    other = stores.add_partner(name="裘安", **who)
    stores.change_partner(partner=other, values={"user": cast["qiu"].user}, **who)
    return cast


def second_partner() -> Partner:
    """The partner `qiu` of `make_house`."""
    return Partner.objects.get(name="裘安")


def make_customer(
    name: str = "王小明",
    phone: str = "",
    *,
    phones: Iterable[str] = (),
    email: str = "",
    unionid: str = "",
    contacts: Mapping[str, str] | None = None,
    is_verified: bool = False,
    is_shared: bool = False,
    kind: str = Kind.PERSON,
    aliases: str = "",
    gender: str = "",
    credit_code: str = "",
    birthday: tuple[int | None, int, int] | None = None,
    lunar_birthday: tuple[int | None, int, int, bool] | None = None,
    address: tuple[str, str, str, str] | None = None,
    store: Store | None = None,
    partner: Partner | None = None,
    owner: User | None = None,
    shared_with: Iterable[Store] = (),
    tags: Iterable[str] = (),
    consents: Mapping[tuple[str, str], bool] | None = None,
    channel: str = Channel.COUNTER,
    campaign: str = "",
    source: str = "",
    external_id: str = "",
    state: str = State.ACTIVE,
    level: str = "",
    member_number: str = "",
    merged_into: Customer | None = None,
    custom: Mapping[str, Any] | None = None,
    sensitive: Mapping[str, Any] | None = None,
    note: str = "",
    now: datetime = NOW,
) -> Customer:
    """A customer with one source record. `birthday` is (year, month, day), `lunar_birthday` with is_leap behind,
    `address` (province, city, district, street), `contacts` further contact points by kind, `consents`
    `{("MARKETING", "SMS"): True}`; tags are made when missing."""
    uuid = uuid7()
    number = member_number or _next_member_number()
    fields: dict[str, Any] = {
        "kind": kind,
        "name": name,
        "aliases": aliases,
        "gender": gender,
        "credit_code": credit_code,
        "custom": dict(custom or {}),
    }
    customer = Customer(
        uuid=uuid,
        key=issue_data_key(KEY_KIND, uuid),
        state=state,
        member_number=number,
        search_words=search_words(name, aliases, number),
        note=note or None,
        sensitive=dict(sensitive) if sensitive else None,
        level=level,
        store=store,
        partner=partner,
        owner=owner,
        channel=channel,
        campaign=campaign,
        merged_into=merged_into,
        created_at=now,
        last_seen_at=now,
        **fields,
    )
    customer.save()
    record = SourceRecord.objects.create(
        key=customer.key,
        customer=customer,
        channel=channel,
        source=source,
        campaign=campaign,
        external_id=external_id,
        received_at=now,
        payload={"raw": {}, "fields": {field: value for field, value in fields.items() if value}},
        store=store,
    )
    customer.survivors = {
        field: {"record": record.pk, "rule": "only"} for field, value in fields.items() if value
    }
    customer.save(update_fields=["survivors"])
    values = [(ContactKind.PHONE, parse_phone(one).e164) for one in [phone, *phones] if one]
    values += [(kind, value) for kind, value in (contacts or {}).items()]
    values += [(ContactKind.EMAIL, email.casefold())] if email else []
    values += [(ContactKind.UNIONID, unionid)] if unionid else []
    seen: set[str] = set()
    for contact_kind, value in values:
        ContactPoint.objects.create(
            key=customer.key,
            customer=customer,
            record=record,
            kind=contact_kind,
            use="MOBILE" if contact_kind == ContactKind.PHONE else "",
            value=value,
            is_preferred=contact_kind not in seen,
            is_shared=is_shared,
            verified_at=now if is_verified else None,
            created_at=now,
        )
        seen.add(contact_kind)
    _surround(customer, record, birthday, lunar_birthday, address)
    for shared in shared_with:
        SharedWith.objects.create(customer=customer, store=shared, since=now)
    for tag in tags:
        Tagging.objects.create(customer=customer, tag=Tag.objects.get_or_create(name=tag)[0], since=now)
    for (purpose, consent_channel), is_given in (consents or {}).items():
        Consent.objects.create(
            customer=customer,
            purpose=purpose,
            channel=consent_channel,
            is_given=is_given,
            at=now,
            how=channel,
        )
    return customer


def _surround(
    customer: Customer,
    record: SourceRecord,
    birthday: tuple[int | None, int, int] | None,
    lunar_birthday: tuple[int | None, int, int, bool] | None,
    address: tuple[str, str, str, str] | None,
) -> None:
    if birthday:
        year, month, day = birthday
        ImportantDate.objects.create(
            customer=customer, record=record, kind=DateKind.BIRTHDAY, year=year, month=month, day=day
        )
    if lunar_birthday:
        year, month, day, is_leap = lunar_birthday
        ImportantDate.objects.create(
            customer=customer,
            record=record,
            kind=DateKind.BIRTHDAY,
            calendar=Calendar.LUNAR,
            year=year,
            month=month,
            day=day,
            is_leap=is_leap,
        )
    if address:
        province, city, district, street = address
        Address.objects.create(
            key=customer.key,
            customer=customer,
            record=record,
            province=province,
            city=city,
            district=district,
            street=street,
            is_preferred=True,
            created_at=customer.created_at,
        )


def _next_member_number() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('customers_member_number')")
        (serial,) = cursor.fetchone()
    return member_number_of(serial)


def _system() -> Any:
    from dianke.core.actor import SYSTEM

    return SYSTEM
