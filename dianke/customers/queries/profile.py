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

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
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
    RelationKind,
    Review,
    SharedWith,
    SourceRecord,
    State,
    Tag,
)
from dianke.customers.queries.circle import Related, households_of, relations_of
from dianke.customers.queries.merges import merges_among
from dianke.customers.queries.records import fields_of
from dianke.customers.queries.rights import Minority, birth_of
from dianke.customers.queries.search import masked_value
from dianke.customers.rules.consent import ConsentFact, effective, may
from dianke.customers.rules.dates import age_on, is_guarded, is_minor
from dianke.customers.rules.survivorship import LABELS, RecordFields, Survivor, explain

Text = str | Promise
VIEW = "customers.view_customers"
#: Source records that are opened to explain a profile; a customer of an online shop may have hundreds.
MOST_RECORDS = 100
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
    """The head, its cluster and what belongs to it. `can_reveal` and `can_change` hold for this customer;
    `duplicate_id` is the most probable pair that waits for a decision."""

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
    merges: Sequence[Merge] = ()
    duplicate_id: int | None = None

    @property
    def standing_merges(self) -> list[Merge]:
        """The merges into the head that were not undone, the earliest first."""
        mine = [merge for merge in self.merges if merge.kept_id == self.head.pk and merge.undone_at is None]
        return sorted(mine, key=lambda merge: (merge.at, merge.pk))

    @property
    def merge_count(self) -> int:
        return len(self.standing_merges)

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
    def age(self) -> int | None:
        return self.minority.age

    @cached_property
    def minority(self) -> Minority:
        """As `queries/rights.minority_of` tells it, from what is read already. Of several stored birthdays the youngest
        counts: a child must not pass for an adult by a wrong record."""
        born = [birth_of(day.row) for day in self.days if day.row.kind == DateKind.BIRTHDAY]
        youngest = max((each for each in born if each is not None), default=None)
        return Minority(
            age=None if youngest is None else age_on(youngest, self.today),
            is_minor=is_minor(youngest, self.today),
            is_guarded=is_guarded(youngest, self.today),
            has_guardian=bool(self.guardians),
        )

    @property
    def guardians(self) -> list[Related]:
        return [
            each
            for each in self.relations
            if each.relation.kind == RelationKind.GUARDIAN and not each.is_mirror
        ]

    @property
    def is_guarded(self) -> bool:
        """Under fourteen: everything about the person is sensitive, and a guardian decides."""
        return self.minority.is_guarded

    @property
    def is_minor(self) -> bool:
        return self.minority.is_minor

    def may_send(self, purpose: str, channel: str) -> bool:
        """Whether something may be sent this way: agreed to, and not to a child nobody speaks for."""
        return not self.minority.is_flagged and may(dict(self.consents), purpose, channel)

    @property
    def is_frozen(self) -> bool:
        """Whether nothing may be changed because of the state: an erasure was asked for or done, or it was removed."""
        return self.head.state not in (State.ACTIVE, State.REVIEW)

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


def _head_id(pk: int) -> Coalesce:
    """The profile a customer belongs to, inside a query."""
    return Coalesce(Subquery(Customer.objects.filter(pk=pk).values("merged_into_id")), Value(pk))


def head_of(actor: Actor, pk: int, permission: str = VIEW) -> Customer | None:
    """The head of the profile a customer belongs to, if the actor may see it. One query."""
    rows = Customer.objects.visible_to(actor, permission).heads().exclude(state=State.REMOVED)
    return rows.select_related("store", "owner", "partner", "key").filter(pk=_head_id(pk)).first()


def _cluster(actor: Actor, pk: int) -> list[Any]:
    """Everybody in the profile of a customer, each with what the actor may do and the first possible duplicate."""

    def reached(permission: str) -> Exists:
        return Exists(Customer.objects.visible_to(actor, permission).filter(pk=OuterRef("pk")))

    head = _head_id(pk)
    alike = MatchPair.objects.filter(
        Q(left=OuterRef("pk")) | Q(right=OuterRef("pk")), state=PairState.WAITING
    )
    rows = Customer.objects.filter(Q(pk=head) | Q(merged_into=head)).annotate(
        is_seen=reached(VIEW),
        is_revealable=reached("customers.reveal_contacts"),
        is_changeable=reached("customers.change_customers"),
        pair_id=Subquery(alike.order_by("-probability", "pk").values("pk")[:1]),
    )
    return list(rows.select_related("store", "owner", "partner", "key").order_by("pk"))


def profile_at(actor: Actor, pk: int, *, now: datetime) -> Profile | None:
    """Everything the page of the profile a customer belongs to shows, in a constant number of queries; None if the
    actor may not see it."""
    rows = _cluster(actor, pk)
    head = next((row for row in rows if row.merged_into_id is None), None)
    if head is None or not head.is_seen or head.state == State.REMOVED:
        return None
    ids = [row.pk for row in rows]
    profile = Profile(
        head=head,
        members=rows,
        actor=actor,
        now=now,
        can_reveal=head.is_revealable,
        can_change=head.is_changeable and head.may_be_merged,
        duplicate_id=next((row.pair_id for row in (head, *rows) if row.pair_id), None),
    )
    if head.state != State.ERASED:
        _fill(profile, ids)
    return profile


def _fill(profile: Profile, ids: Collection[int]) -> None:
    head, actor = profile.head, profile.actor
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
    profile.merges = merges_among(ids)
    profile.consents = _consents(head.pk, ids, profile.standing_merges)
    profile.relations = relations_of(ids, actor)
    profile.households = households_of(ids, actor)
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
    for merge in merges:
        merged_at |= dict.fromkeys([merge.joined_id, *merge.moved], merge.at)
    return effective(facts, head_id=head_id, merged_at=merged_at)
