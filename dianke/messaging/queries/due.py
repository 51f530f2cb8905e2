"""The messages of a batch, as columns: a claim looks at hundreds, so no row becomes a model, and the data key of a
person is opened once for the words that were given, the address and what is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dianke.core.crypto import OpenKey
from dianke.core.data_keys import DataKeyDestroyed, KeyRow
from dianke.core.encrypted_fields import value_opener
from dianke.customers.models import ContactPoint
from dianke.messaging.models import Message, TemplateVersion

KeyOpener = Callable[[KeyRow], OpenKey]
_KEY = ("key_id", "key__subject_kind", "key__subject_id", "key__wrapped", "key__master_key_id")


@dataclass(slots=True)
class Due:
    """A message whose turn it is."""

    id: int
    uuid: UUID
    customer_id: int
    channel: str
    purpose: str
    template: TemplateVersion | None
    given_sealed: bytes | None
    counted_on: date | None
    try_count: int
    expires_at: datetime | None
    key: KeyRow


def due_rows(ids: Sequence[int]) -> list[Due]:
    """These messages, first due first."""
    columns = (
        Message.objects.filter(pk__among=ids)
        .order_by("due_at", "pk")
        .values_list(
            "pk",
            "uuid",
            "customer_id",
            "channel",
            "purpose",
            "template_id",
            "given_sealed",
            "counted_on",
            "try_count",
            "expires_at",
            *_KEY,
        )
    )
    rows = list(columns)
    versions = TemplateVersion.objects.in_bulk({row[5] for row in rows} - {None})
    return [
        Due(
            pk,
            uuid,
            customer,
            channel,
            purpose,
            versions.get(version),
            given,
            counted,
            tries,
            expires,
            KeyRow(*key),
        )
        for pk, uuid, customer, channel, purpose, version, given, counted, tries, expires, *key in rows
    ]


def given_with(rows: Sequence[Due], opened_key: KeyOpener) -> dict[int, Mapping[str, Any]]:
    """Message → the values of its variables or, without a template, its words."""
    opened = value_opener(Message._meta.get_field("given"), opened_key)
    return {row.id: opened(row.uuid, row.given_sealed, row.key) if row.given_sealed else {} for row in rows}


def addresses_of(contact_ids: Sequence[int], opened_key: KeyOpener) -> dict[int, str]:
    """Contact point → address; "" where the person was erased."""
    opened = value_opener(ContactPoint._meta.get_field("value"), opened_key)
    columns = ContactPoint.objects.filter(pk__among=contact_ids).values_list("pk", "uuid", "value", *_KEY)
    found: dict[int, str] = {}
    for pk, uuid, sealed, *key in columns:
        try:
            found[pk] = opened(uuid, bytes(sealed), KeyRow(*key))
        except DataKeyDestroyed:
            found[pk] = ""
    return found
