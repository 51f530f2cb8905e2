"""The door customers come in by, whatever channel they come from.

An entry is normalised, its exact keys are locked and looked up, and it becomes a new customer, a further record of one
who is here, or an answer to the clerk that somebody is here already. Locks on the keys make two clerks who type the
same number at once see each other.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ParamSpec, TypeVar

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor, ActorKind, RowScope
from dianke.core.custom_fields import specs_for
from dianke.core.data_keys import blind_index
from dianke.core.errors import Conflict, InvalidInput
from dianke.customers.models import (
    Channel,
    ContactPoint,
    Customer,
    MatchPair,
    Review,
    SourceRecord,
    State,
)
from dianke.customers.operations.asking import note_question
from dianke.customers.operations.matching import keep_pairs
from dianke.customers.operations.writing import (
    add_parts,
    add_record,
    lock_customer,
    new_identity,
    refresh_profile,
)
from dianke.customers.queries.consents import has_agreed_to_sensitive
from dianke.customers.queries.duplicates import (
    Hint,
    Holder,
    hints_about,
    holders_of,
    partner_of,
)
from dianke.customers.queries.entry import entry_rules, is_looked_through, local_day, own_phones
from dianke.customers.queries.matching import known_entry, known_profiles
from dianke.customers.rules.entry import Entry, Normalised, normalise
from dianke.customers.rules.linking import choose
from dianke.events.operations import operation, record, step, unchanged
from dianke.stores.models import Partner, Store

P = ParamSpec("P")
R = TypeVar("R")

#: Somebody stands in front of the customer and can answer a question.
ASKED = frozenset({Channel.COUNTER})
#: People fill these forms themselves and can correct what they typed.
TYPED = frozenset({Channel.COUNTER, Channel.QR, Channel.WEB, Channel.PORTAL})
MOST_PAIRS = 5


class Outcome(StrEnum):
    CREATED = "CREATED"  # a new customer
    LINKED = "LINKED"  # a further record of one who is here
    UPDATED = "UPDATED"  # the same (source, external_id) again, with other content
    UNCHANGED = "UNCHANGED"  # the same again
    WAITING = "WAITING"  # somebody looks through it first


@dataclass(frozen=True, slots=True)
class Entered:
    """`customer` is the head of the profile; `pairs` the possible duplicates left for review; `dropped` says per field
    why something was not kept (placeholders in imports)."""

    customer: Customer
    record: SourceRecord
    outcome: Outcome
    pairs: list[MatchPair] = field(default_factory=list)
    dropped: dict[str, InvalidInput] = field(default_factory=dict)


class CustomerExists(Conflict):
    """Somebody with one of these keys is here. `hints` say who, as far as the actor may know."""

    code = "customer_exists"
    message = _("This customer is here already. Open the profile, or enter a new one if it is somebody else.")
    default_field = "phone"

    def __init__(
        self,
        hints: Sequence[Hint] = (),
        hidden: Sequence[Customer] = (),
        asked: dict[int, list[str]] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.hints, self.hidden, self.asked = list(hints), list(hidden), asked or {}


class EntryRefused(Conflict):
    code = "entry_refused"
    message = _("Link this entry to a customer, or enter it as a new one: not both.")


class StoreNeeded(InvalidInput):
    code = "customer_store_needed"
    message = _(
        "Without a home store you would not see this customer yourself, because you look after some of the stores. "
        "Choose the home store."
    )
    default_field = "store"


#: Who answers to grants: a person, or a key acting for one.
STAFF_KINDS = frozenset({ActorKind.USER, ActorKind.API_KEY})


def needs_store(actor: Actor) -> bool:
    """Whether a customer without a home store would be out of this actor's sight."""
    return actor.kind in STAFF_KINDS and actor.stores_for("customers.view_customers") is not None


def _only_store(actor: Actor) -> Store | None:
    """The store of somebody who works in one; nobody has to be asked then."""
    reached = actor.stores_for("customers.add_customers")
    if not needs_store(actor) or not reached:
        return None
    stores = list(Store.objects.filter(pk__in=reached).still_open()[:2])
    return stores[0] if len(stores) == 1 else None


def _noting_questions(enter: Callable[P, R]) -> Callable[P, R]:
    """Being told that somebody exists whom one may not see leaves a trace, though the entry came to nothing."""

    @functools.wraps(enter)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return enter(*args, **kwargs)
        except CustomerExists as exists:
            actor, now = kwargs["actor"], kwargs["now"]
            if exists.hidden and isinstance(actor, Actor) and isinstance(now, datetime):
                note_question(customers=exists.hidden, asked=exists.asked, actor=actor, now=now)
            raise

    return run


@_noting_questions
@operation("customers.add_customers")
def enter_customer(
    *,
    entry: Entry,
    channel: str,
    store: Store | None,
    source: str = "",
    campaign: str = "",
    external_id: str = "",
    staff: User | None = None,
    owner: User | None = None,
    partner: Partner | None = None,
    link_to: Customer | None = None,
    as_new: bool = False,
    actor: Actor,
    now: datetime,
) -> Entered:
    """Take in what came about one customer.

    At the counter an exact key that is here raises `CustomerExists` unless `link_to` (one of the hints) or `as_new`
    says what to do; other channels link when `rules/linking.py` is sure, else make a new customer and leave pairs for
    review.
    The same (`source`, `external_id`) again updates the same identity; the same content again changes nothing.
    A partner's own entries at the counter are kept by that partner; those of people who only see their own are theirs.
    Without `store`, the only store of whoever enters is meant; who sees several, but not all, has to say which.
    Sensitive details take `customers.view_sensitive` and the customer's consent to them, here or earlier.

    Raises `EntryProblems`, `CustomerExists`, `TooManyQuestions`, `EntryRefused`, `StoreNeeded` and, with `link_to`, the
    errors of `lock_customer`.
    """
    where = Channel(channel)
    if store is not None:
        actor.require("customers.add_customers", store_id=store.pk)
    if link_to is not None and as_new:
        raise EntryRefused
    if entry.sensitive and actor.kind in STAFF_KINDS:
        actor.require("customers.view_sensitive", store_id=store.pk if store else None)
    if store is None:
        store = _only_store(actor)
    found = normalise(
        entry,
        today=local_day(now),
        rules=entry_rules(),
        specs=specs_for("customers.customer", store.trade if store else None),
        blocked_phones=own_phones(),
        is_strict=where in TYPED,
        has_agreed=bool(entry.sensitive) and _has_agreed_before(link_to, source[:60], external_id[:120]),
    )
    said_new = as_new and where in ASKED
    origin = _Origin(
        where, store, source[:60], campaign[:60], external_id[:120], staff, owner, partner, said_new
    )
    lock_keys(found, source=origin.source, external_id=origin.external_id)
    if origin.external_id and (known := _received_before(origin.source, origin.external_id)):
        return _receive_again(known, found, origin, actor, now)
    if link_to is not None:
        return _link(
            lock_customer(link_to, actor, "customers.view_customers"), None, found, origin, actor, now
        )
    holders = holders_of(found.keys, found.member_number)
    if where in ASKED and holders and not as_new:
        hints, hidden = hints_about(actor=actor, holders=holders)
        asked = {holder.head_id: sorted(holder.kinds) for holder in holders}
        raise CustomerExists(hints, hidden, asked)
    if where not in ASKED and not as_new and holders:
        head_id = choose(known_entry(found, holders), known_profiles(holders, found))
        if head_id is not None:
            holder = next(one for one in holders if one.head_id == head_id)
            head = lock_customer(head_id, actor.as_system())
            return _link(head, holder, found, origin, actor, now)
    return _create(found, holders, origin, actor, now)


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where the entry came from and to whom it goes."""

    channel: Channel
    store: Store | None
    source: str
    campaign: str
    external_id: str
    staff: User | None
    owner: User | None
    partner: Partner | None
    is_told_apart: bool  # somebody who was asked said that it is nobody who is here

    def staff_id(self, actor: Actor) -> int | None:
        if self.staff is not None:
            return self.staff.pk
        return actor.user_id if self.channel in ASKED else None


# --- locking and looking back ---------------------------------------------------------------------------------
@step
def lock_keys(found: Normalised, *, source: str = "", external_id: str = "") -> None:
    """Serialise everybody who enters one of these keys until the transaction ends; always in the same order."""
    table = ContactPoint._meta.db_table
    locks = {
        int.from_bytes(blind_index(table, "value", "exact", contact.value.casefold())[:8], signed=True)
        for contact in found.keys
    }
    texts = [f"number:{found.member_number}"] if found.member_number else []
    texts += [f"source:{source}:{external_id}"] if external_id else []
    locks |= {
        int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True) for text in texts
    }
    with connection.cursor() as cursor:
        for lock in sorted(locks):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])


def fingerprint_of(found: Normalised) -> bytes:
    """A keyed hash of the content: tells that the same came again, and nothing else."""
    return blind_index(SourceRecord._meta.db_table, "payload", "fingerprint", found.fingerprint_text())


def _received_before(source: str, external_id: str) -> SourceRecord | None:
    """The newest record of this number in that system, unless its customer was taken out since."""
    rows = SourceRecord.objects.filter(source=source, external_id=external_id)
    known: SourceRecord | None = (
        rows.exclude(customer__state__in=[State.REMOVED, State.ERASED])
        .select_related("customer__key", "key")
        .order_by("-received_at", "-pk")
        .first()
    )
    return known


def _has_agreed_before(link_to: Customer | None, source: str, external_id: str) -> bool:
    """Whether the customer the entry is said to be about agreed to sensitive details at an earlier time."""
    known = link_to
    if known is None and external_id and (earlier := _received_before(source, external_id)):
        known = earlier.customer
    return known is not None and has_agreed_to_sensitive(known.head_id)


def _receive_again(
    known: SourceRecord, found: Normalised, origin: _Origin, actor: Actor, now: datetime
) -> Entered:
    fingerprint = fingerprint_of(found)
    identity = known.customer
    if known.fingerprint is not None and bytes(known.fingerprint) == fingerprint:
        unchanged()
        head = Customer.objects.get(pk=identity.head_id)
        return Entered(head, known, Outcome.UNCHANGED, dropped=dict(found.dropped))
    head = lock_customer(identity, actor.as_system())
    made = _record(identity, found, origin, actor, now)
    add_parts(identity, made, found, actor=actor, now=now)
    return _finish(head, made, Outcome.UPDATED, found, actor, now)


# --- creating and linking -------------------------------------------------------------------------------------
def _record(
    identity: Customer,
    found: Normalised,
    origin: _Origin,
    actor: Actor,
    now: datetime,
    *,
    review: str = Review.ACCEPTED,
    with_parts: bool = False,
) -> SourceRecord:
    return add_record(
        identity,
        fields=found.fields(),
        parts=found.parts() if with_parts else None,
        raw=found.raw,
        channel=origin.channel,
        source=origin.source,
        campaign=origin.campaign,
        external_id=origin.external_id,
        fingerprint=fingerprint_of(found) if origin.external_id else None,
        review=review,
        store=origin.store,
        staff_id=origin.staff_id(actor),
        now=now,
    )


def _create(
    found: Normalised, holders: Sequence[Holder], origin: _Origin, actor: Actor, now: datetime
) -> Entered:
    if origin.store is None and needs_store(actor):
        raise StoreNeeded
    owner, partner = origin.owner, origin.partner
    if origin.channel in ASKED and actor.kind is ActorKind.USER:
        # An owner who is a partner too serves everybody; only who sees their own store keeps what they enter.
        partner = partner or (partner_of(actor) if needs_store(actor) else None)
        if owner is None and actor.scope_for("customers.view_customers") is RowScope.OWN:
            owner = User.objects.filter(pk=actor.user_id or 0).first()
    waits = origin.channel in ASKED and is_looked_through(actor)
    customer = new_identity(
        found,
        channel=origin.channel,
        campaign=origin.campaign,
        store=origin.store,
        partner=partner,
        owner=owner,
        state=State.REVIEW if waits else State.ACTIVE,
        now=now,
    )
    made = _record(customer, found, origin, actor, now, review=Review.WAITING if waits else Review.ACCEPTED)
    add_parts(customer, made, found, actor=actor, now=now)
    refresh_profile(customer, now=now)
    others = [holder.head_id for holder in holders[:MOST_PAIRS]]
    pairs = keep_pairs(customer=customer, others=others, is_doubted=origin.is_told_apart, now=now)
    record(
        "customers.customer_entered",
        customer,
        actor=actor,
        now=now,
        store_id=customer.store_id,
        data={
            "record": made.pk,
            "channel": str(origin.channel),
            "source": origin.source,
            "campaign": origin.campaign,
            "is_waiting": waits,
            "pairs": [pair.pk for pair in pairs],
        },
    )
    outcome = Outcome.WAITING if waits else Outcome.CREATED
    return Entered(customer, made, outcome, pairs, dict(found.dropped))


def _link(
    head: Customer, holder: Holder | None, found: Normalised, origin: _Origin, actor: Actor, now: datetime
) -> Entered:
    """A further record of the identity that holds the key (else of the head)."""
    identity = head
    if holder is not None and head.pk not in holder.identity_ids:
        identity = Customer.objects.select_related("key").get(pk=holder.identity_ids[0])
    if origin.channel in ASKED and is_looked_through(actor):
        made = _record(identity, found, origin, actor, now, review=Review.WAITING, with_parts=True)
        _tell(head, made, Outcome.WAITING, actor, now)
        return Entered(head, made, Outcome.WAITING, dropped=dict(found.dropped))
    made = _record(identity, found, origin, actor, now)
    add_parts(identity, made, found, actor=actor, now=now)
    return _finish(head, made, Outcome.LINKED, found, actor, now)


def _finish(
    head: Customer, made: SourceRecord, outcome: Outcome, found: Normalised, actor: Actor, now: datetime
) -> Entered:
    head.last_seen_at = max(head.last_seen_at, now)
    refresh_profile(head, now=now)
    _tell(head, made, outcome, actor, now)
    return Entered(head, made, outcome, dropped=dict(found.dropped))


def _tell(head: Customer, made: SourceRecord, outcome: Outcome, actor: Actor, now: datetime) -> None:
    also: Iterable[Customer] = [made.customer] if made.customer_id != head.pk else []
    record(
        "customers.record_added",
        head,
        also=also,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={
            "record": made.pk,
            "channel": made.channel,
            "source": made.source,
            "campaign": made.campaign,
            "outcome": str(outcome),
        },
    )
