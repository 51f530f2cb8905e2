"""What decides about many customers at once: states, consents, addresses, days written to. A fixed number of
statements, whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dianke.customers.models import ContactKind, ContactPoint, Customer, DateKind, ImportantDate
from dianke.customers.queries.consents import consents_of
from dianke.customers.rules.dates import DateEntry
from dianke.messaging.models import Contacted
from dianke.messaging.models.channels import SuppressedPerson
from dianke.messaging.rules.limits import Written
from dianke.messaging.rules.reach import Person
from dianke.stores.models import Store
from dianke.stores.queries import merchant_zone

#: Which contact points a channel goes to; the others need none.
ADDRESS_KIND: Mapping[str, str] = {
    "SMS": ContactKind.PHONE,
    "EMAIL": ContactKind.EMAIL,
    "CALL": ContactKind.PHONE,
    "WECHAT": ContactKind.OPENID,
    "WECOM": ContactKind.WECOM,
}
_GUARDED_YEARS = 16  # nobody older is a child, in either calendar


@dataclass(slots=True)
class People:
    """`person[pk]` and `head[pk]` by the ids asked for; `contact[pk]` is the contact point it would go to."""

    head: dict[int, int] = field(default_factory=dict)
    person: dict[int, Person] = field(default_factory=dict)
    contact: dict[int, int] = field(default_factory=dict)
    members: dict[int, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that decides about these customers, read once for several channels (`facts_of`)."""

    rows: list[tuple[int, int | None, str, str | None, int | None, int | None]]
    head_of: Mapping[int, int]
    consents: Mapping[int, Any]
    guarded: Collection[int]
    points: Mapping[str, Mapping[int, tuple[int, bool]]]
    suppressed: Mapping[str, Collection[int]]
    written: Mapping[int, list[Written]]
    zones: Mapping[int, ZoneInfo]
    home: ZoneInfo

    def on(self, channel: str) -> People:
        """What decides on one of the channels they were read for."""
        found = People(head={pk: merged or pk for pk, merged, *_rest in self.rows})
        for pk, head in self.head_of.items():
            found.members.setdefault(head, []).append(pk)
        kind = ADDRESS_KIND.get(channel)
        addresses = None if kind is None else self.points.get(kind, {})
        suppressed = self.suppressed.get(channel, ())
        for pk, merged, state, merged_state, store, merged_store in self.rows:
            head = merged or pk
            address = None if addresses is None else addresses.get(head)
            found.person[pk] = Person(
                state=(merged_state or "") if merged else state,
                is_guarded=head in self.guarded,
                consents=self.consents.get(head),
                has_address=addresses is None or address is not None,
                is_failing=address is not None and address[1],
                is_suppressed=head in suppressed,
                written=self.written.get(head, ()),
                zone=self.zones.get((merged_store if merged else store) or 0, self.home),
            )
            if address is not None:
                found.contact[pk] = address[0]
        return found


def facts_of(
    customer_ids: Collection[int], *, channels: Collection[str], needs_consent: bool, now: datetime
) -> Facts:
    """What decides about these customers on these channels, in a fixed number of statements. Those that do not exist
    are missing."""
    rows = list(
        Customer.objects.filter(pk__among=list(set(customer_ids))).values_list(
            "pk", "merged_into_id", "state", "merged_into__state", "store_id", "merged_into__store_id"
        )
    )
    heads = {merged or pk for pk, merged, *_rest in rows}
    head_of = {head: head for head in heads}
    head_of |= dict(Customer.objects.filter(merged_into_id__among=heads).values_list("pk", "merged_into_id"))
    everybody = list(head_of)
    kinds = {ADDRESS_KIND[channel] for channel in channels if channel in ADDRESS_KIND}
    return Facts(
        rows,
        head_of,
        consents_of(heads) if needs_consent else {},
        _guarded(everybody, head_of, now.date()) if needs_consent else (),
        _addresses(everybody, head_of, kinds) if kinds else {},
        _suppressed(everybody, head_of, channels),
        written_to(everybody, head_of),
        _zones(),
        merchant_zone(),
    )


def people_of(customer_ids: Collection[int], *, channel: str, needs_consent: bool, now: datetime) -> People:
    """What decides about these customers on one channel."""
    return facts_of(customer_ids, channels=[channel], needs_consent=needs_consent, now=now).on(channel)


def _guarded(everybody: Collection[int], head_of: Mapping[int, int], today: date) -> set[int]:
    rows = ImportantDate.objects.filter(
        customer__among=everybody,
        kind=DateKind.BIRTHDAY,
        archived_at=None,
        year__gte=today.year - _GUARDED_YEARS,
    ).values_list("customer_id", "calendar", "year", "month", "day", "is_leap")
    return {
        head_of[pk]
        for pk, calendar, year, month, day, is_leap in rows
        if DateEntry(calendar=calendar, year=year, month=month, day=day, is_leap=is_leap).is_guarded_on(today)
    }


def _addresses(
    everybody: Collection[int], head_of: Mapping[int, int], kinds: Collection[str]
) -> dict[str, dict[int, tuple[int, bool]]]:
    """Kind → head → (contact point, whether it fails): one that works first, then the preferred, the proven, one's
    own."""
    rows = ContactPoint.objects.filter(
        customer__among=everybody, kind__in=kinds, archived_at=None
    ).values_list("kind", "customer_id", "pk", "failing_since", "is_preferred", "verified_at", "is_shared")
    best: dict[str, dict[int, tuple[Any, ...]]] = {kind: {} for kind in kinds}
    for kind, customer_id, pk, failing, is_preferred, verified, is_shared in rows:
        head = head_of[customer_id]
        rank = (failing is not None, is_shared, not is_preferred, verified is None, pk)
        if head not in best[kind] or rank < best[kind][head]:
            best[kind][head] = rank
    return {kind: {head: (rank[-1], rank[0]) for head, rank in found.items()} for kind, found in best.items()}


def _suppressed(
    everybody: Collection[int], head_of: Mapping[int, int], channels: Collection[str]
) -> dict[str, set[int]]:
    rows = SuppressedPerson.objects.filter(
        customer__among=everybody, suppression__channel__in=channels, suppression__lifted_at=None
    )
    found: dict[str, set[int]] = defaultdict(set)
    for pk, channel in rows.values_list("customer_id", "suppression__channel"):
        found[channel].add(head_of[pk])
    return found


def written_to(everybody: Collection[int], head_of: Mapping[int, int]) -> dict[int, list[Written]]:
    """Head → the days anybody in the profile was written to."""
    found: dict[int, list[Written]] = defaultdict(list)
    for pk, days in Contacted.objects.filter(customer__among=everybody).values_list("customer_id", "days"):
        found[head_of[pk]] += [
            Written(date.fromisoformat(day), channel, purpose) for day, channel, purpose in days
        ]
    return found


def _zones() -> dict[int, ZoneInfo]:
    return {pk: ZoneInfo(zone) for pk, zone in Store.objects.values_list("pk", "time_zone")}
