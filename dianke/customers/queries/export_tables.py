"""The room's own tables of a copy of a person's data: what each holds and how its columns are called."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import SYSTEM
from dianke.core.custom_fields import shown, specs_for
from dianke.customers.models import (
    Address,
    Consent,
    ContactPoint,
    Customer,
    CustomerFile,
    CustomerNote,
    ImportantDate,
    PortalSession,
    Relation,
    RightsRequest,
    SourceRecord,
)
from dianke.events.queries import timeline
from dianke.events.registry import describe

Text = str | Promise
MOST_EVENTS = 1000
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ExportPart:
    """A table of the export: `columns` names the keys of its rows, `rows_for(customer_ids)` gives them as plain values
    (text, numbers, booleans, dates, None, and lists or objects of these)."""

    code: str
    label: Text
    columns: Mapping[str, Text]
    rows_for: Callable[[Collection[int]], Iterable[Row]]


def instant(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat(timespec="seconds") if value else None


def _identities(ids: Collection[int]) -> Iterable[Row]:
    rows = Customer.objects.filter(pk__in=ids).select_related("key", "store").order_by("pk")
    for row in rows.prefetch_related("taggings__tag", "households"):
        specs = {spec.key: spec for spec in specs_for("customers.customer")}
        yield {
            "id": row.pk,
            "member_number": row.member_number,
            "kind": row.kind,
            "name": row.name,
            "aliases": row.aliases,
            "gender": row.gender,
            "occupation": row.occupation,
            "credit_code": row.credit_code,
            "note": row.note,
            "level": row.level,
            "store": row.store.name if row.store else None,
            "since": instant(row.created_at),
            "last_seen": instant(row.last_seen_at),
            "first_channel": row.channel,
            "campaign": row.campaign,
            "tags": sorted(tagging.tag.name for tagging in row.taggings.all()),
            "households": [household.name for household in row.households.all()],
            "further": {
                str(specs[key].label) if key in specs else key: str(shown(specs[key], value))
                if key in specs
                else value
                for key, value in row.custom.items()
            },
            "sensitive": row.sensitive or {},
        }


def _contact_points(ids: Collection[int]) -> Iterable[Row]:
    for row in ContactPoint.objects.filter(customer__in=ids).select_related("key").order_by("pk"):
        yield {
            "kind": row.kind,
            "use": row.use,
            "value": row.value,
            "extension": row.extension,
            "is_preferred": row.is_preferred,
            "verified_at": instant(row.verified_at),
            "since": instant(row.created_at),
            "until": instant(row.archived_at),
        }


def _addresses(ids: Collection[int]) -> Iterable[Row]:
    for row in Address.objects.filter(customer__in=ids).select_related("key").order_by("pk"):
        yield {
            "use": row.use,
            "country": row.country,
            "province": row.province,
            "city": row.city,
            "district": row.district,
            "street": row.street,
            "postcode": row.postcode,
            "receiver": row.receiver,
            "phone": row.phone,
            "since": instant(row.created_at),
            "until": instant(row.archived_at),
        }


def _dates(ids: Collection[int]) -> Iterable[Row]:
    for row in ImportantDate.objects.filter(customer__in=ids).order_by("pk"):
        yield {
            "kind": row.kind,
            "label": row.label,
            "calendar": row.calendar,
            "year": row.year,
            "month": row.month,
            "day": row.day,
            "is_leap_month": row.is_leap,
            "as_given": row.text,
            "until": instant(row.archived_at),
        }


def _relations(ids: Collection[int]) -> Iterable[Row]:
    """Without the other person's name: that is theirs."""
    for row in Relation.objects.filter(Q(customer__in=ids) | Q(other__in=ids)).order_by("pk"):
        yield {
            "relation": row.kind,
            "is_mine": row.customer_id in ids,
            "title": row.title if row.other_id in ids else "",
            "since": instant(row.since),
            "until": instant(row.ended_at),
        }


def _consents(ids: Collection[int]) -> Iterable[Row]:
    for row in Consent.objects.filter(customer__in=ids).select_related("text").order_by("at", "pk"):
        yield {
            "purpose": row.purpose,
            "channel": row.channel,
            "is_given": row.is_given,
            "at": instant(row.at),
            "how": row.how,
            "text_version": row.text.version if row.text else None,
            "text": row.text.text if row.text else None,
        }


def _records(ids: Collection[int]) -> Iterable[Row]:
    rows = SourceRecord.objects.filter(customer__in=ids).select_related("key").order_by("received_at", "pk")
    for row in rows:
        content = row.payload or {}
        yield {
            "channel": row.channel,
            "source": row.source,
            "campaign": row.campaign,
            "number_there": row.external_id,
            "received_at": instant(row.received_at),
            "as_it_came": content.get("raw"),
            "as_understood": content.get("fields"),
        }


def _files(ids: Collection[int]) -> Iterable[Row]:
    rows = CustomerFile.objects.filter(customer__in=ids, removed_at=None).select_related("key").order_by("pk")
    for row in rows:
        yield {
            "name": row.name,
            "content_type": row.content_type,
            "size": row.size,
            "added_at": instant(row.added_at),
        }


def _requests(ids: Collection[int]) -> Iterable[Row]:
    for row in RightsRequest.objects.filter(customer__in=ids).order_by("received_at", "pk"):
        yield {
            "kind": row.kind,
            "state": row.state,
            "channel": row.channel,
            "received_at": instant(row.received_at),
            "closed_at": instant(row.closed_at),
            "details": row.details,
            "answer": row.answer,
        }


def _phones(ids: Collection[int]) -> Iterable[Row]:
    for row in PortalSession.objects.filter(customer__in=ids).order_by("pk"):
        yield {
            "device": row.device,
            "since": instant(row.created_at),
            "last_used": instant(row.last_used_at),
            "ended_at": instant(row.ended_at),
        }


def _notes(ids: Collection[int]) -> Iterable[Row]:
    rows = CustomerNote.objects.filter(customer__in=ids, removed_at=None).select_related("key")
    for row in rows.order_by("at", "pk"):
        yield {"at": instant(row.at), "kind": row.kind, "text": row.text}


def _events(ids: Collection[int]) -> Iterable[Row]:
    subjects = [f"customers.customer:{pk}" for pk in ids]
    for event in timeline(subjects, actor=SYSTEM, limit=MOST_EVENTS).events:
        yield {"at": instant(event.recorded_at), "what": describe(event), "code": event.kind}


OWN_PARTS: tuple[ExportPart, ...] = (
    ExportPart(
        "identities",
        _("Profile"),
        {
            "member_number": _("Member number"),
            "kind": _("Kind"),
            "name": _("Name"),
            "aliases": _("Also called"),
            "gender": _("Gender"),
            "occupation": _("Occupation"),
            "credit_code": _("Unified social credit code"),
            "note": _("Note"),
            "level": _("Level"),
            "store": _("Home store"),
            "since": _("Customer since"),
            "last_seen": _("Last seen"),
            "first_channel": _("First channel"),
            "campaign": _("Campaign"),
            "tags": _("Tags"),
            "households": _("Household"),
            "further": _("Further details"),
            "sensitive": _("Sensitive details"),
            "id": _("Number in the system"),
        },
        _identities,
    ),
    ExportPart(
        "contact_points",
        _("Contact points"),
        {
            "kind": _("Kind"),
            "use": _("Use"),
            "value": _("Value"),
            "extension": _("Extension"),
            "is_preferred": _("Preferred"),
            "verified_at": _("Verified"),
            "since": _("Since"),
            "until": _("Until"),
        },
        _contact_points,
    ),
    ExportPart(
        "addresses",
        _("Addresses"),
        {
            "use": _("Use"),
            "country": _("Country"),
            "province": _("Province"),
            "city": _("City"),
            "district": _("District"),
            "street": _("Street and house"),
            "postcode": _("Postcode"),
            "receiver": _("Receiver"),
            "phone": _("Receiver's phone"),
            "since": _("Since"),
            "until": _("Until"),
        },
        _addresses,
    ),
    ExportPart(
        "dates",
        _("Birthdays and other dates"),
        {
            "kind": _("Occasion"),
            "label": _("Whose or what"),
            "calendar": _("Calendar"),
            "year": _("Year"),
            "month": _("Month"),
            "day": _("Day"),
            "is_leap_month": _("Leap month"),
            "as_given": _("As given"),
            "until": _("Until"),
        },
        _dates,
    ),
    ExportPart(
        "relations",
        _("Relations to other people"),
        {
            "relation": _("Relation"),
            "is_mine": _("Stated from this side"),
            "title": _("Role or title"),
            "since": _("Since"),
            "until": _("Until"),
        },
        _relations,
    ),
    ExportPart(
        "consents",
        _("Consents"),
        {
            "purpose": _("Purpose"),
            "channel": _("Channel"),
            "is_given": _("Given"),
            "at": _("When"),
            "how": _("How"),
            "text_version": _("Version of the text"),
            "text": _("Text"),
        },
        _consents,
    ),
    ExportPart(
        "records",
        _("Source records"),
        {
            "channel": _("Channel"),
            "source": _("Source"),
            "campaign": _("Campaign"),
            "number_there": _("Number there"),
            "received_at": _("Received"),
            "as_it_came": _("As it came"),
            "as_understood": _("As understood"),
        },
        _records,
    ),
    ExportPart(
        "files",
        _("Files"),
        {
            "name": _("File name"),
            "content_type": _("Kind"),
            "size": _("Size in bytes"),
            "added_at": _("Added"),
        },
        _files,
    ),
    ExportPart(
        "requests",
        _("Requests about data"),
        {
            "kind": _("Request"),
            "state": _("State"),
            "channel": _("Came by"),
            "received_at": _("Received"),
            "closed_at": _("Closed"),
            "details": _("Details"),
            "answer": _("Answer"),
        },
        _requests,
    ),
    ExportPart(
        "phones",
        _("Phones signed in"),
        {
            "device": _("Device"),
            "since": _("Since"),
            "last_used": _("Last used"),
            "ended_at": _("Ended"),
        },
        _phones,
    ),
    ExportPart(
        "notes",
        _("Notes of colleagues"),
        {"at": _("When"), "kind": _("Kind"), "text": _("Text")},
        _notes,
    ),
    ExportPart("events", _("History"), {"at": _("When"), "what": _("What"), "code": _("Code")}, _events),
)
