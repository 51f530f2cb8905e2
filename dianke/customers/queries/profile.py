"""One customer as pages, the API and prints show them: everything of the cluster, narrowed to what the actor may see.

The number of queries is the same for a customer with one record and for one with a hundred
(`tests/test_profile.py` holds it). Later rooms add their figures, sections and suggestions through `queries/panels.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language

from dianke.access.fields import masked
from dianke.core.actor import Actor
from dianke.core.data_keys import DataKeyDestroyed
from dianke.core.lunar import LunarDate, next_occurrence
from dianke.customers.models import (
    Address,
    Collaborator,
    Consent,
    ContactKind,
    ContactPoint,
    Customer,
    CustomerFile,
    DateKind,
    Household,
    ImportantDate,
    MatchPair,
    Merge,
    PairState,
    Relation,
    RelationKind,
    Review,
    SharedWith,
    SourceRecord,
    State,
    Tag,
)
from dianke.customers.queries.records import fields_of
from dianke.customers.queries.search import masked_value
from dianke.customers.rules.consent import ConsentFact, effective
from dianke.customers.rules.survivorship import LABELS, RecordFields, Survivor, explain

Text = str | Promise
#: Source records that are opened to explain a profile; a customer of an online shop may have hundreds.
MOST_RECORDS = 100
GUARDED_BELOW = 14
#: What records say that is masked on the page as well, with the rule that masks it.
HIDDEN: Mapping[str, str] = {
    "phone": "customers.contact.value",
    "email": "customers.contact.value",
    "wechat": "customers.contact.value",
    "address": "customers.address.street",
}


@dataclass(frozen=True, slots=True)
class Day:
    """A date that matters with its next celebration. `years` is how many it will be then, where the year is known."""

    row: ImportantDate
    on: date
    days_left: int
    years: int | None
    lunar_text: str


@dataclass(frozen=True, slots=True)
class Related:
    """Another customer (None where the actor may not see them) as seen from this one. `is_mirror`: this one is
    the `kind` of the other."""

    relation: Relation
    customer: Customer | None
    is_mirror: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a record says of one field, and why it is shown or not."""

    label: Text
    value: str
    reason: Text
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A source record with what it says, field by field."""

    record: SourceRecord
    evidence: Sequence[Evidence]


@dataclass
class Profile:
    """The head, its cluster and what belongs to it. `can_reveal` and `can_change` hold for this customer."""

    head: Customer
    members: Sequence[Customer]
    actor: Actor
    now: datetime
    can_reveal: bool
    can_change: bool
    contacts: Sequence[ContactPoint] = ()
    addresses: Sequence[Address] = ()
    days: Sequence[Day] = ()
    tags: Sequence[Tag] = ()
    consents: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    relations: Sequence[Related] = ()
    households: Sequence[tuple[Household, Sequence[Customer]]] = ()
    collaborators: Sequence[Collaborator] = ()
    shared_with: Sequence[SharedWith] = ()
    files: Sequence[CustomerFile] = ()
    records: Sequence[SourceRecord] = ()
    record_count: int = 0
    is_record_count_capped: bool = False
    merge_count: int = 0
    duplicates: Sequence[MatchPair] = ()

    @property
    def member_ids(self) -> list[int]:
        return [member.pk for member in self.members]

    @property
    def today(self) -> date:
        return timezone.localtime(self.now).date()

    @cached_property
    def phone(self) -> ContactPoint | None:
        """The number to call."""
        phones = [point for point in self.contacts if point.kind == ContactKind.PHONE]
        return next((point for point in phones if point.is_preferred), phones[0] if phones else None)

    @cached_property
    def masked_phone(self) -> str:
        return masked_value(self.actor, self.phone)

    @property
    def is_guarded(self) -> bool:
        """Under fourteen: everything about the person is sensitive, and a guardian decides."""
        return self.age is not None and self.age < GUARDED_BELOW

    @property
    def is_minor(self) -> bool:
        return self.age is not None and self.age < 18

    @cached_property
    def age(self) -> int | None:
        """Full years, the youngest of several stored birthdays: a child must not pass for an adult by a wrong
        record."""
        from dianke.customers.queries.rights import birth_of

        born = [birth_of(day.row) for day in self.days if day.row.kind == DateKind.BIRTHDAY]
        known = [each for each in born if each is not None]
        if not known:
            return None
        youngest, today = max(known), self.today
        return today.year - youngest.year - ((today.month, today.day) < (youngest.month, youngest.day))

    @cached_property
    def next_day(self) -> Day | None:
        return min(self.days, key=lambda day: day.days_left, default=None)

    @cached_property
    def fields(self) -> list[RecordFields]:
        """The accepted records opened, oldest first; those whose key is gone are left out."""
        found = []
        for record in self.records:
            if record.review == Review.ACCEPTED or self.head.state == State.REVIEW:
                try:
                    found.append(fields_of(record))
                except DataKeyDestroyed:
                    continue
        return found

    def origin_of(self, name: str) -> Text:
        """Where the shown value of a field comes from, in a sentence; "" where nothing is noted."""
        noted = self.head.survivors.get(name)
        if not noted:
            return ""
        survivor = Survivor(None, noted.get("record") or 0, noted.get("rule", "only"))
        return explain(name, survivor, self.fields)

    def sources(self) -> list[Source]:
        """Every record with what it says and which of it is shown, newest first."""
        opened = {fields.record_id: fields for fields in self.fields}
        return [Source(record, self._evidence(opened.get(record.pk))) for record in reversed(self.records)]

    def _evidence(self, fields: RecordFields | None) -> list[Evidence]:
        found = []
        for name, value in (fields.fields if fields else {}).items():
            if name.startswith(("custom.", "sensitive.")) or name not in LABELS:
                continue
            is_shown = (self.head.survivors.get(name) or {}).get("record") == (fields and fields.record_id)
            reason = self.origin_of(name) if is_shown else ""
            text = "" if value is None else str(value)
            if text and name in HIDDEN:
                text = masked(self.actor, HIDDEN[name], text)
            found.append(Evidence(LABELS[name], text, reason, is_shown))
        return found


def head_of(actor: Actor, pk: int, permission: str = "customers.view_customers") -> Customer | None:
    """The head of the profile a customer belongs to, if the actor may see it. Two queries at most."""
    merged_into = Customer.objects.filter(pk=pk).values_list("merged_into_id", flat=True).first()
    rows = Customer.objects.visible_to(actor, permission).heads().exclude(state=State.REMOVED)
    return rows.select_related("store", "owner", "partner", "key").filter(pk=merged_into or pk).first()


def profile_of(head: Customer, actor: Actor, *, now: datetime) -> Profile:
    """Everything the page of a customer shows, in a constant number of queries. `head` is one the actor may see."""
    members = list(
        Customer.objects.cluster(head.pk).only(
            "pk", "member_number", "name", "state", "merged_into", "created_at"
        )
    )
    ids = [member.pk for member in members]
    reach = Customer.objects.visible_to
    profile = Profile(
        head=head,
        members=members,
        actor=actor,
        now=now,
        can_reveal=reach(actor, "customers.reveal_contacts").filter(pk=head.pk).exists(),
        can_change=head.state in (State.ACTIVE, State.REVIEW)
        and reach(actor, "customers.change_customers").filter(pk=head.pk).exists(),
    )
    if head.state == State.ERASED:
        return profile
    in_cluster = Q(customer__in=ids)
    sealed = {"customer__in": ids, "key__destroyed_at": None}
    profile.contacts = _once(
        profile,
        ContactPoint.objects.current()
        .filter(**sealed)
        .select_related("key")
        .order_by("-is_preferred", "kind", "-pk"),
    )
    profile.addresses = _revealable(
        profile,
        Address.objects.filter(archived_at=None, **sealed)
        .select_related("key")
        .order_by("-is_preferred", "-pk"),
    )
    dates = ImportantDate.objects.filter(in_cluster, archived_at=None).order_by("kind", "pk")
    profile.days = _days(dates, profile.today)
    profile.tags = list(Tag.objects.filter(taggings__customer__in=ids).distinct())
    merges = list(
        Merge.objects.filter(kept=head.pk, undone_at=None).order_by("at").only("joined_id", "moved", "at")
    )
    profile.merge_count = len(merges)
    profile.consents = _consents(head.pk, ids, merges)
    profile.relations = _relations(head, ids, actor)
    profile.households = _households(head, ids, actor)
    profile.collaborators = list(
        Collaborator.objects.filter(in_cluster).select_related("user").order_by("since")
    )
    profile.shared_with = list(
        SharedWith.objects.filter(in_cluster).select_related("store").order_by("since")
    )
    profile.files = list(
        CustomerFile.objects.filter(removed_at=None, **sealed)
        .select_related("key", "added_by")
        .order_by("-added_at", "-pk")
    )
    records = (
        SourceRecord.objects.filter(**sealed)
        .select_related("key", "store", "staff")
        .order_by("-received_at", "-pk")
    )
    newest = list(records[: MOST_RECORDS + 1])
    profile.records = newest[:MOST_RECORDS][::-1]
    profile.record_count, profile.is_record_count_capped = len(profile.records), len(newest) > MOST_RECORDS
    profile.duplicates = list(
        MatchPair.objects.filter(Q(left__in=ids) | Q(right__in=ids), state=PairState.WAITING).order_by(
            "-probability"
        )[:5]
    )
    return profile


def _revealable(profile: Profile, rows: QuerySet[Any]) -> list[Any]:
    """Rows with hidden fields, each knowing its head, and noting where revealing it would be asked for."""
    found = list(rows)
    for row in found:
        row.customer = profile.head
        if not profile.can_reveal:
            row.reveal_store_id = profile.head.store_id or 0
    return found


def _once(profile: Profile, rows: QuerySet[ContactPoint]) -> list[ContactPoint]:
    """Each address once, though several of the merged customers brought it: the preferred or verified row
    stands for it."""
    found: dict[tuple[str, bytes], ContactPoint] = {}
    for point in sorted(
        _revealable(profile, rows), key=lambda each: (not each.is_preferred, not each.is_verified)
    ):
        found.setdefault((point.kind, bytes(point.value_exact or b"") or point.uuid.bytes), point)
    return sorted(found.values(), key=lambda each: each.kind != ContactKind.PHONE)


def _days(rows: QuerySet[ImportantDate], today: date) -> list[Day]:
    found = []
    for row in rows:
        recurring = row.recurring
        on = next_occurrence(recurring, today)
        is_lunar = isinstance(recurring, LunarDate)
        text = recurring.format(get_language() or "zh-hans") if isinstance(recurring, LunarDate) else ""
        years = None if row.year is None or is_lunar else on.year - row.year
        found.append(Day(row, on, (on - today).days, years, text))
    return found


def _consents(head_id: int, ids: Collection[int], merges: Sequence[Merge]) -> Mapping[tuple[str, str], bool]:
    rows = Consent.objects.filter(customer__in=ids).values_list(
        "customer_id", "purpose", "channel", "is_given", "at", "pk"
    )
    facts = [ConsentFact(*row) for row in rows]
    merged_at: dict[int, datetime] = {}
    for merge in (
        Merge.objects.filter(kept=head_id, undone_at=None).order_by("at").only("joined_id", "moved", "at")
    ):
        merged_at |= dict.fromkeys([merge.joined_id, *merge.moved], merge.at)
    return effective(facts, head_id=head_id, merged_at=merged_at)


def _relations(head: Customer, ids: Collection[int], actor: Actor) -> list[Related]:
    rows = list(
        Relation.objects.filter(Q(customer__in=ids) | Q(other__in=ids), ended_at=None)
        .select_related("customer", "other")
        .order_by("-is_primary", "kind", "pk")
    )
    others = {(row.other if row.customer_id in ids else row.customer).head_id for row in rows}
    visible = _visible(actor, others)
    found = []
    for row in rows:
        is_mirror = row.customer_id not in ids
        other = row.customer if is_mirror else row.other
        found.append(Related(row, visible.get(other.head_id), is_mirror))
    return found


def _households(
    head: Customer, ids: Collection[int], actor: Actor
) -> list[tuple[Household, Sequence[Customer]]]:
    rows = list(Household.objects.filter(members__in=ids).distinct().prefetch_related("members"))
    visible = _visible(actor, {member.head_id for row in rows for member in row.members.all()} - {head.pk})
    return [
        (
            row,
            [
                visible[member.head_id]
                for member in row.members.all()
                if member.head_id in visible and member.pk not in ids
            ],
        )
        for row in rows
    ]


def _visible(actor: Actor, ids: Collection[int]) -> dict[int, Customer]:
    rows = Customer.objects.visible_to(actor).heads().in_use()
    return rows.only("pk", "name", "member_number", "kind", "state").in_bulk(list(ids))


#: How a relation reads from the other side.
MIRRORS: Mapping[str, str] = {
    RelationKind.SPOUSE: RelationKind.SPOUSE,
    RelationKind.SIBLING: RelationKind.SIBLING,
    RelationKind.FRIEND: RelationKind.FRIEND,
    RelationKind.PARENT: RelationKind.CHILD,
    RelationKind.CHILD: RelationKind.PARENT,
}
