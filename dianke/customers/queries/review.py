"""Entries that wait until somebody has looked at them, as people read them: hidden values masked, days in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from dianke.access.fields import HIDDEN, masked
from dianke.core.actor import Actor
from dianke.core.custom_fields import FieldSpec, shown, specs_for
from dianke.core.lunar import LunarDate
from dianke.customers.models import (
    ConsentChannel,
    Customer,
    Gender,
    Kind,
    MatchPair,
    PairState,
    Purpose,
    Review,
    SourceRecord,
    State,
)
from dianke.customers.rules.addresses import AddressEntry
from dianke.customers.rules.dates import DateEntry
from dianke.customers.rules.survivorship import LABELS

Text = str | Promise
REVIEW = "customers.review_entries"
CONTACT_FIELD = "customers.contact.value"
SHOWN, MOST_COUNTED = 20, 100
_CONTACTS = ("phone", "email", "wechat")


@dataclass(frozen=True, slots=True)
class WaitingEntry:
    """An entry with what it says. `is_new`: the customer is only this entry; `is_own`: the actor entered it and cannot
    decide; `pairs` the possible duplicates of the customer."""

    record: SourceRecord
    head: Customer
    is_new: bool
    is_own: bool
    lines: Sequence[tuple[Text, str]]
    pairs: Sequence[int]


def waiting_records(actor: Actor) -> Any:
    """Records the actor may look through, oldest first."""
    visible = Customer.objects.visible_to(actor, REVIEW).exclude(state__in=[State.ERASED, State.REMOVED])
    rows = SourceRecord.objects.filter(review=Review.WAITING, customer__in=visible.values("pk"))
    return rows.order_by("received_at", "pk")


def waiting_count(actor: Actor) -> int:
    """How many wait; counted up to `MOST_COUNTED`."""
    return int(waiting_records(actor)[:MOST_COUNTED].count())


def waiting_entries(actor: Actor, *, limit: int = SHOWN) -> list[WaitingEntry]:
    """The oldest entries that wait. Four queries, and two for labels of custom fields."""
    rows = list(
        waiting_records(actor).select_related(
            "key", "staff", "store", "customer__merged_into", "customer__store"
        )[:limit]
    )
    pairs = _pairs(row.customer.head_id for row in rows)
    labels = {spec.key: spec for spec in specs_for("customers.customer")} if rows else {}
    found = []
    for row in rows:
        head: Customer = row.customer.merged_into or row.customer
        found.append(
            WaitingEntry(
                record=row,
                head=head,
                is_new=head.state == State.REVIEW,
                is_own=row.staff_id is not None and row.staff_id == actor.user_id,
                lines=_lines(row, actor, labels),
                pairs=pairs.get(head.pk, ()),
            )
        )
    return found


def _pairs(head_ids: Any) -> dict[int, list[int]]:
    ids = set(head_ids)
    found: dict[int, list[int]] = {}
    waiting = MatchPair.objects.filter(state=PairState.WAITING).filter(Q(left__in=ids) | Q(right__in=ids))
    for pk, left, right in waiting.values_list("pk", "left_id", "right_id"):
        for side in {left, right} & ids:
            found.setdefault(side, []).append(pk)
    return found


def _lines(row: SourceRecord, actor: Actor, labels: Mapping[str, FieldSpec]) -> list[tuple[Text, str]]:
    payload = row.payload or {}
    fields, parts = payload.get("fields", {}), payload.get("parts", {})
    found: list[tuple[Text, str]] = []
    for name, value in fields.items():
        if name in ("member_number", "custom", "sensitive") or (name == "kind" and value == Kind.PERSON):
            continue
        found.append(_line(name, value, actor, labels))
    if tags := parts.get("tags"):
        found.append((_("Tags"), "、".join(tags)))
    for consent in parts.get("consents", ()):
        purpose = dict(Purpose.choices).get(consent["purpose"], consent["purpose"])
        channel = dict(ConsentChannel.choices).get(consent["channel"], consent["channel"])
        found.append((_("Consent"), f"{purpose} · {channel}"))
    return found


def _line(name: str, value: Any, actor: Actor, labels: Mapping[str, FieldSpec]) -> tuple[Text, str]:
    label = LABELS.get(name, name)
    if name.startswith("sensitive."):
        return _("Sensitive details"), HIDDEN
    if name.startswith("custom."):
        spec = labels.get(name[7:])
        return (spec.label, str(shown(spec, value) or "")) if spec else (name[7:], str(value))
    if name in _CONTACTS:
        return label, masked(actor, CONTACT_FIELD, str(value))
    if name == "birthday":
        return label, _day(DateEntry.from_json(value))
    if name == "address":
        address = AddressEntry.from_json(value)
        return (
            label,
            f"{address.province}{address.city}{address.district} {HIDDEN if address.street else ''}".strip(),
        )
    if name == "gender":
        return label, str(dict(Gender.choices).get(value, value))
    if name == "kind":
        return label, str(dict(Kind.choices).get(value, value))
    return label, str(value)


def _day(day: DateEntry) -> str:
    year = f"{day.year}-" if day.year else ""
    if day.calendar == "LUNAR":
        return f"{year}{LunarDate(day.month, day.day, day.is_leap).format()}"
    return f"{year}{day.month}-{day.day}"
