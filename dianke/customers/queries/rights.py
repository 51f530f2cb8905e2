"""Reads about requests: what stands in the way of an erasure, who must agree, the certificate, what Today shows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.customers.models import (
    Calendar,
    Customer,
    DateKind,
    ImportantDate,
    Relation,
    RelationKind,
    RequestKind,
    RightsRequest,
)
from dianke.customers.rules.dates import age_on, born_on, is_guarded, is_minor
from dianke.events.models import Event
from dianke.work.operations.approvals import checkers_of
from dianke.work.registry import approvables

Text = str | Promise
ERASE_OPERATION = "customers.erase_customer"
SOON_DAYS = 3


# --- what stands in the way ----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Blocker:
    """A reason why customers cannot be erased yet ("An order is still open."), with the page that ends it."""

    reason: Text
    url: str = ""


_blockers: dict[str, Callable[[Collection[int]], Sequence[Blocker]]] = {}


def register_erasure_blocker(code: str, find: Callable[[Collection[int]], Sequence[Blocker]]) -> None:
    """Let a room say, from its `ready()`, what must be settled before customers are erased: open orders, balances."""
    _blockers[code] = find


def erasure_blockers(customer_ids: Collection[int]) -> list[Blocker]:
    """What all rooms say."""
    return [blocker for find in _blockers.values() for blocker in find(customer_ids)]


@dataclass(frozen=True, slots=True)
class ErasurePart:
    """What a room does about its own rows when customers are erased: `erase(customer_ids, now)`, a `@step`, blanks what
    names the person and answers how many rows; `kept` says why what stays must stay, if anything does."""

    code: str
    label: Text
    erase: Callable[[Collection[int], datetime], int]
    kept: Text = ""


_parts: dict[str, ErasurePart] = {}


def register_erasure(part: ErasurePart) -> None:
    """Let a room take part in erasing, from its `ready()`."""
    _parts[part.code] = part


def erasure_parts() -> list[ErasurePart]:
    return list(_parts.values())


def needs_second_person(head: Customer, actor: Actor, *, now: datetime) -> bool:
    """Whether somebody else may decide on erasing this customer; a merchant with one such person goes without."""
    deciding = checkers_of(approvables()[ERASE_OPERATION], store_id=head.store_id, now=now)
    return any(pk != actor.user_id for pk in deciding)


# --- lists ---------------------------------------------------------------------------------------------------
def pressing_requests(actor: Actor, now: datetime) -> list[RightsRequest]:
    """Open requests that are overdue or due within three days, the oldest first; at most twenty."""
    rows = RightsRequest.objects.visible_to(actor).open().filter(due_at__lt=now + timedelta(days=SOON_DAYS))
    return list(rows.select_related("customer").order_by("due_at", "pk")[:20])


def open_erasure(customer: Customer, actor: Actor) -> RightsRequest | None:
    """The request for erasure that stops everything else for a profile, if the actor may see it. One query."""
    asked = RightsRequest.objects.visible_to(actor).open().filter(kind=RequestKind.ERASURE)
    members = Customer.objects.cluster(customer.head_id).values("pk")
    return asked.filter(customer__in=members).order_by("due_at", "pk").first()


def cluster_ids(customer: Customer) -> list[int]:
    """Ids of all identities of the profile a customer belongs to."""
    return list(Customer.objects.cluster(customer.head_id).order_by("pk").values_list("pk", flat=True))


# --- certificate ---------------------------------------------------------------------------------------------
def erasure_event(request: RightsRequest) -> Event | None:
    """The event that an erasure left; what the certificate is made from."""
    return (
        Event.objects.filter(
            kind="customers.customer_erased",
            subjects__contains=[f"customers.customer:{request.customer_id}"],
            recorded_at=request.closed_at,
            data__request=request.pk,
        ).first()
        if request.closed_at is not None
        else None
    )


#: What an erasure destroyed, by the codes its event counts.
DESTROYED: Mapping[str, Text] = {
    "identities": _("Identities with their data key, name, number and personal details"),
    "contact_points": _("Phone numbers, mail addresses and other contact points"),
    "addresses": _("Addresses"),
    "records": _("Source records: what every channel sent in"),
    "dates": _("Birthdays and other dates"),
    "relations": _("Relations to other people"),
    "households": _("Households"),
    "files": _("Files"),
    "notes": _("Notes of colleagues"),
    "import_rows": _("Rows noted while importing"),
    "tags": _("Tags"),
    "portal_sessions": _("Phones signed in to the customer's pages"),
    "care_occasions": _("Care occasions"),
    "tasks": _("Tasks that named the person"),
}
#: What stays without naming anybody, and why.
KEPT: Sequence[tuple[Text, Text]] = (
    (
        _("Entries of ledgers and receipts"),
        _("Accounts must be kept by law; they hold the number of the customer and no name."),
    ),
    (
        _("The log of operations"),
        _("It proves what was done, this erasure included; it holds numbers and no names."),
    ),
    (
        _("Consents given and taken back, requests about data"),
        _("They prove that the wishes were followed; they hold times and purposes."),
    ),
    (
        _("That the data key existed and was destroyed"),
        _("So that a restored backup cannot bring the person back."),
    ),
)


# --- minors --------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Minority:
    """`age` in full years when the year of birth is known; `is_guarded` under fourteen; `has_guardian` when a guardian
    stands in the relations."""

    age: int | None
    is_minor: bool
    is_guarded: bool
    has_guardian: bool

    @property
    def is_flagged(self) -> bool:
        """Nothing may be sent and no care is planned."""
        return self.is_guarded and not self.has_guardian


def birth_of(row: ImportantDate) -> date | None:
    """The solar day of birth a stored birthday stands for, if its year is known."""
    return born_on(row.year, row.month, row.day, is_lunar=row.calendar == Calendar.LUNAR, is_leap=row.is_leap)


def members_of(head_ids: Collection[int]) -> dict[int, int]:
    """Every identity of these profiles → its head. One query, by the small index of those that were merged; what asks
    by these ids finds its rows by index, which it would not by a condition over the join."""
    merged = Customer.objects.filter(merged_into__in=head_ids).values_list("pk", "merged_into")
    return {**{pk: pk for pk in head_ids}, **{pk: head for pk, head in merged if head is not None}}


def minority_of_many(members: Mapping[int, int], today: date) -> dict[int, Minority]:
    """By head, of the profiles `members_of` gave; heads without a known year of birth are left out. Two queries. Of
    several birthdays in a cluster the youngest age counts: a child must not pass for an adult by a wrong record."""
    rows = ImportantDate.objects.filter(
        customer__in=members.keys(), kind=DateKind.BIRTHDAY, archived_at=None, year__isnull=False
    )
    ages: dict[int, date] = {}
    for row in rows:
        born, head = birth_of(row), members[row.customer_id]
        if born is not None and (head not in ages or born > ages[head]):
            ages[head] = born
    minors = {pk for pk, born in ages.items() if is_minor(born, today)}
    of_minors = [pk for pk, head in members.items() if head in minors]
    guardians = Relation.objects.filter(
        customer__in=of_minors, kind=RelationKind.GUARDIAN, ended_at=None
    ).values_list("customer", flat=True)
    guarded = {members[pk] for pk in guardians}
    return {
        pk: Minority(age_on(born, today), is_minor(born, today), is_guarded(born, today), pk in guarded)
        for pk, born in ages.items()
    }


def minority_of(head: Customer, today: date) -> Minority:
    """Of one profile; all False without a known year of birth."""
    return minority_of_many(members_of([head.pk]), today).get(head.pk, Minority(None, False, False, False))


def certificate_of(request: RightsRequest) -> dict[str, Any] | None:
    """What the certificate shows: the event, what was destroyed with counts, what stays and why; None before."""
    event = erasure_event(request)
    if event is None:
        return None
    counts: Mapping[str, int] = event.data.get("erased", {})
    parts = {part.code: part for part in erasure_parts()}
    labels = {**DESTROYED, **{code: part.label for code, part in parts.items()}}
    return {
        "event": event,
        "destroyed": [(label, counts[code]) for code, label in labels.items() if counts.get(code)],
        "kept": [*KEPT, *((part.label, part.kept) for part in parts.values() if part.kept)],
    }
