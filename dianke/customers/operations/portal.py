"""What customers do on their own phone: sign in with a code, correct what is kept about them, say what it may be used
for, end sessions. They act for their own profile only; whose it is follows from the session, never from an address."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from dianke.access import limits
from dianke.core.actor import SYSTEM, Actor, ActorKind
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.core.phone import Phone
from dianke.customers.models import (
    Channel,
    ContactKind,
    ContactPoint,
    Customer,
    PortalSession,
    State,
    VerificationCode,
)
from dianke.customers.operations.codes import prove, spend
from dianke.customers.operations.consents import record_consent
from dianke.customers.operations.entry import enter_customer
from dianke.customers.queries.portal import (
    consent_history,
    current_texts,
    fact_of,
    profiles_with_phone,
    proven_phone,
    sessions_of,
    token_hash,
)
from dianke.customers.rules.consent import effective, may
from dianke.customers.rules.dates import DateEntry
from dianke.customers.rules.entry import Entry, PhoneEntry
from dianke.customers.rules.portal import SESSION_LIFE, whose
from dianke.events.operations import operation, record, step, unchanged

#: Tries to say who one is with a proven number; a stranger with somebody's old number has no more.
FACTS_PER_DAY = 6
SEEN_EVERY = timedelta(days=1)


class FactNeeded(InvalidInput):
    """The number is proven; whose profile it opens is not certain without a name or birthday."""

    code = "fact_needed"
    message = _("Numbers change hands. So that nobody sees your data but you, enter your name or birthday.")
    default_field = "name"


class NotRecognised(InvalidInput):
    """Number and name or birthday belong to no profile, or to several."""

    code = "not_recognised"
    message = _(
        "We find no membership with this number and name. Check how you gave your name, or ask at the counter."
    )
    default_field = "name"


class NoProvenPhone(Conflict):
    """There is no proven number to send a code to."""

    code = "no_proven_phone"
    message = _("There is no confirmed number to send a code to. Please ask at the counter.")


class LastPhone(Conflict):
    """The only number one can sign in with."""

    code = "last_phone"
    message = _("This is the number you sign in with. Add the new one first, then remove this.")


class NotYours(NotFound):
    code = "not_yours"
    message = _("This is not there any more. Load the page again.")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The profile, and the token that goes into the cookie and is kept nowhere else."""

    head: Customer
    token: str


def customer_actor(head: Customer, *, request_id: str = "") -> Actor:
    """The customer acting: no permissions, only operations that are made for it."""
    return Actor(kind=ActorKind.CUSTOMER, id=head.pk, request_id=request_id)


def house(actor: Actor) -> Actor:
    """The system acting because of somebody without an account. The event's channel tells who it was for."""
    return replace(SYSTEM, request_id=actor.request_id)


# --- in and out ------------------------------------------------------------------------------------------------------
def sign_in(
    *,
    proof: str,
    code: str,
    phone: Phone,
    name: str = "",
    birthday: DateEntry | None = None,
    device: str,
    actor: Actor,
    now: datetime,
) -> SignedIn:
    """Open a session for the profile behind a proven number.

    Where number alone is not certain, name or birthday must agree; the answer is the same whether there is no profile
    or another's. Raises what `prove` raises, `FactNeeded`, `NotRecognised`, `TooManyTries`.
    """
    row = prove(proof=proof, code=code, phone=phone, use="SIGN_IN", actor=actor, now=now)
    known = profiles_with_phone(phone.e164)
    head_id = whose(known, name=name, birthday=birthday, now=now)
    if head_id is None and not name and birthday is None:
        raise FactNeeded
    if head_id is None:
        limits.consume(
            f"code-fact:{bytes(row.address_exact)[:20].hex()}",
            limit=FACTS_PER_DAY,
            per=timedelta(days=1),
            now=now,
        )
        raise NotRecognised
    head = Customer.objects.get(pk=head_id)
    return open_portal_session(head=head, code=row, phone=phone, device=device, actor=actor, now=now)


@operation(None)
def open_portal_session(
    *, head: Customer, code: VerificationCode, phone: Phone, device: str, actor: Actor, now: datetime
) -> SignedIn:
    """Use the code up, note that the number was proven, and open a session. Raises `CodeUnusable`."""
    spend(code, now=now)
    _note_proven(head, phone.e164, now=now)
    session, token = make_session(head, device=device, now=now)
    record(
        "customers.portal_opened",
        head,
        actor=customer_actor(head, request_id=actor.request_id),
        now=now,
        store_id=head.store_id,
        data={"session": session.pk},
    )
    return SignedIn(head, token)


@step
def make_session(head: Customer, *, device: str, now: datetime) -> tuple[PortalSession, str]:
    """A session of the profile and its token: 256 random bits, of which only the hash is kept."""
    token = secrets.token_urlsafe(32)
    session = PortalSession.objects.create(
        customer=head,
        token_hash=token_hash(token),
        device=device[:80],
        created_at=now,
        last_used_at=now,
        expires_at=now + SESSION_LIFE,
    )
    return session, token


@step
def _note_proven(head: Customer, e164: str, *, now: datetime) -> None:
    ids = Customer.objects.cluster(head.pk).values("pk")
    points = ContactPoint.objects.current().holding(ContactKind.PHONE, e164).filter(customer__in=ids)
    points.update(verified_at=now, failing_since=None)


@operation(None)
def note_portal_used(*, session: PortalSession, actor: Actor, now: datetime) -> None:
    """That the customer was here: once a day, for the end of sessions nobody uses."""
    seen = PortalSession.objects.filter(pk=session.pk, last_used_at__lte=now - SEEN_EVERY)
    if not seen.update(last_used_at=now):
        unchanged()
        return
    record("customers.portal_used", session.customer, actor=actor, now=now, data={"session": session.pk})


@operation(None)
def end_portal_sessions(
    *,
    head: Customer,
    session_ids: list[int] | None = None,
    keep: int | None = None,
    actor: Actor,
    now: datetime,
) -> int:
    """Sign out: the sessions named, or all of the profile but `keep`. Returns how many ended."""
    mine = [row.pk for row in sessions_of(head.pk, now=now)]
    wanted = [pk for pk in mine if (session_ids is None or pk in session_ids) and pk != keep]
    ended = PortalSession.objects.filter(pk__in=wanted, ended_at=None).update(ended_at=now)
    if not ended:
        unchanged()
        return 0
    record("customers.portal_closed", head, actor=actor, now=now, data={"count": ended})
    return ended


# --- own data --------------------------------------------------------------------------------------------------------
#: Changes that are confirmed with a code: what says who one is and how one is reached.
SENSITIVE = frozenset({"name", "birthday", "phones", "emails"})


def correct_own_data(
    *,
    head: Customer,
    entry: Entry,
    proof: str = "",
    code: str = "",
    phone: Phone | None = None,
    actor: Actor,
    now: datetime,
) -> Customer:
    """Add what the customer corrected as a record of the channel PORTAL; the profile then shows it.

    `entry` holds only what changed. Sensitive changes need a code sent to `phone`, which must be a proven number of the
    profile. Raises what `prove` raises, `NoProvenPhone`, `EntryProblems`.
    """
    row = None
    if any(getattr(entry, name) for name in SENSITIVE):
        if phone is None or phone.e164 != proven_phone(head):
            raise NoProvenPhone
        row = prove(proof=proof, code=code, phone=phone, use="CHANGE", actor=actor, now=now)
    return change_own_data(head=head, entry=entry, code=row, actor=actor, now=now)


@operation(None)
def change_own_data(
    *, head: Customer, entry: Entry, code: VerificationCode | None, actor: Actor, now: datetime
) -> Customer:
    """Enter what the customer said of themself, with the code that confirms it used up in the same transaction."""
    if code is not None:
        spend(code, now=now)
    if head.state not in (State.ACTIVE, State.REVIEW):
        raise ErasureUnderWay
    entered = enter_customer(
        # The number stands for who it is, where the correction itself names neither name nor phone.
        entry=replace(entry, member_number=head.member_number),
        channel=Channel.PORTAL,
        store=head.store,
        link_to=head,
        actor=house(actor),
        now=now,
    )
    record(
        "customers.portal_data_changed",
        entered.customer,
        also=[entered.record],
        actor=actor,
        now=now,
        store_id=head.store_id,
    )
    return entered.customer


class ErasureUnderWay(Conflict):
    code = "erasure_under_way"
    message = _("Your data is being erased, so it cannot be changed now. Withdraw that request first.")


def add_own_phone(
    *, head: Customer, proof: str, code: str, phone: Phone, actor: Actor, now: datetime
) -> Customer:
    """Add a number the customer has just proven; it becomes the preferred one. Raises what `prove` raises."""
    row = prove(proof=proof, code=code, phone=phone, use="CHANGE", actor=actor, now=now)
    entry = Entry(phones=(PhoneEntry(phone.e164, is_preferred=True, verified_at=now),))
    return change_own_data(head=head, entry=entry, code=row, actor=actor, now=now)


@operation(None)
def drop_own_phone(*, head: Customer, point_id: int, actor: Actor, now: datetime) -> None:
    """Give up a number. Raises `LastPhone` for the only proven one, `NotYours`."""
    ids = Customer.objects.cluster(head.pk).values("pk")
    points = list(
        ContactPoint.objects.current()
        .filter(customer__in=ids, kind=ContactKind.PHONE)
        .select_for_update(of=("self",))
        .select_related("key")
    )
    chosen = next((point for point in points if point.pk == point_id), None)
    if chosen is None:
        raise NotYours
    gone = [point for point in points if point.value == chosen.value]
    if not any(point.is_verified and point.value != chosen.value for point in points):
        raise LastPhone
    ContactPoint.objects.filter(pk__in=[point.pk for point in gone]).update(
        archived_at=now, is_preferred=False
    )
    record("customers.portal_phone_dropped", head, actor=actor, now=now, store_id=head.store_id)


# --- consents --------------------------------------------------------------------------------------------------------
def say_consent(
    *,
    head: Customer,
    purpose: str,
    channel: str,
    is_given: bool,
    how: str = "PORTAL",
    actor: Actor,
    now: datetime,
) -> None:
    """Agree to a use of one's data, or take that back, to the text shown now. Said for every identity of the profile:
    else an older no of one of them would outweigh a yes, and a yes survive a separation."""
    text = current_texts().get(purpose)
    for member in Customer.objects.cluster(head.head_id).in_use().order_by("pk"):
        record_consent(
            customer=member,
            purpose=purpose,
            channel=channel,
            is_given=is_given,
            text=text,
            how=how,
            actor=house(actor),
            now=now,
        )


def withdraw_by_link(
    *, customer: Customer, purposes: Iterable[str], channel: str, actor: Actor, now: datetime
) -> list[str]:
    """Take consent back for one channel; returns the purposes that had been agreed to, for undoing."""
    before = effective(fact_of(row) for row in consent_history(customer.head_id))
    taken = []
    for purpose in purposes:
        if may(before, purpose, channel):
            taken.append(str(purpose))
        say_consent(
            head=customer, purpose=purpose, channel=channel, is_given=False, how="LINK", actor=actor, now=now
        )
    return taken
