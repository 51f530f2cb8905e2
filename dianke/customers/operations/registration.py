"""Registration by the customer: points with a QR code, registering with a proven number, and the plain form of a web
site. What comes is entered through the same door as everything else (`operations/entry.py`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.codes import random_code
from dianke.core.errors import Conflict, InvalidInput
from dianke.core.phone import Phone
from dianke.customers.models import (
    Channel,
    ConsentChannel,
    Customer,
    Purpose,
    RegistrationPoint,
    VerificationCode,
)
from dianke.customers.operations.codes import prove, spend
from dianke.customers.operations.entry import Entered, enter_customer
from dianke.customers.operations.portal import SignedIn, customer_actor, house, make_session
from dianke.customers.queries.portal import POINT_SOURCE, profiles_with_phone
from dianke.customers.rules.dates import DateEntry
from dianke.customers.rules.entry import ConsentEntry, Entry, PhoneEntry
from dianke.customers.rules.portal import needs_guardian, whose_registration
from dianke.events.operations import operation, record, unchanged
from dianke.stores.models import Partner, Store
from dianke.stores.queries import local_date

SETTINGS = "customers.settings:points"  # what the log calls all codes together
CODE_LENGTH = 7  # symbols before the check symbol: 35 bits, short enough to type from a poster


class MembershipNotAgreed(InvalidInput):
    code = "membership_not_agreed"
    message = _("Without your agreement we may not keep your data. Tick it, or leave without registering.")
    default_field = "consent_MEMBERSHIP"


class GuardianNeeded(InvalidInput):
    """Under fourteen: a parent or guardian has to agree, and proves their own number."""

    code = "guardian_needed"
    message = _(
        "Under 14, a parent or guardian has to register. Enter their name, and their mobile number above."
    )
    default_field = "guardian"


class PointClosed(Conflict):
    code = "registration_point_closed"
    message = _("This code is not used any more. Please ask at the counter.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a customer filled in. `consents` are the purposes ticked, with the id of the text shown; `phone` is the
    guardian's for a child under fourteen."""

    name: str
    phone: Phone
    birthday: DateEntry | None = None
    gender: str = ""
    guardian: str = ""
    email: str = ""
    consents: dict[str, int | None] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)

    def checked(self, *, now: datetime) -> bool:
        """Whether it is for a child; raises `MembershipNotAgreed`, `GuardianNeeded`."""
        if Purpose.MEMBERSHIP not in self.consents:
            raise MembershipNotAgreed
        is_child = needs_guardian(self.birthday, local_date(now))
        if is_child and not self.guardian.strip():
            raise GuardianNeeded
        return is_child

    def entry(self, *, is_child: bool, verified_at: datetime | None) -> Entry:
        """As it goes through the door. A child's number is the guardian's, joins nobody, and brings no offers."""
        phone = PhoneEntry(
            self.phone.e164,
            use="FAMILY" if is_child else "MOBILE",
            is_preferred=True,
            is_shared=is_child,
            verified_at=verified_at,
        )
        given = [Purpose.MEMBERSHIP] if is_child else list(self.consents)
        return Entry(
            name=self.name,
            gender=self.gender,
            birthday=self.birthday,
            phones=(phone,),
            emails=(self.email,) if self.email else (),
            guardian=self.guardian if is_child else "",
            consents=tuple(
                ConsentEntry(purpose, ConsentChannel.ANY, True, self.consents.get(purpose))
                for purpose in given
            ),
            raw=self.raw,
        )


@dataclass(frozen=True, slots=True)
class Registered:
    """`is_linked`: it joined a profile that was there before."""

    session: SignedIn
    is_linked: bool


# --- by the phone ----------------------------------------------------------------------------------------------------
def register(
    *,
    point: RegistrationPoint,
    registration: Registration,
    proof: str,
    code: str,
    device: str,
    actor: Actor,
    now: datetime,
) -> Registered:
    """Register with a number proven by a code. Raises what `prove` raises, `MembershipNotAgreed`, `GuardianNeeded`,
    `PointClosed`, `EntryProblems`."""
    registration.checked(now=now)  # before a try is counted
    row = prove(proof=proof, code=code, phone=registration.phone, use="REGISTER", actor=actor, now=now)
    return register_customer(
        point=point, registration=registration, code=row, device=device, actor=actor, now=now
    )


@operation(None)
def register_customer(
    *,
    point: RegistrationPoint,
    registration: Registration,
    code: VerificationCode,
    device: str,
    actor: Actor,
    now: datetime,
) -> Registered:
    """Enter the customer, use the code up and open a session on the phone, in one transaction.

    The record joins the profile the number belongs to only where name or birthday agree, or its owner proved the number
    lately and no name contradicts; else it becomes a profile of its own for staff to compare, and nothing of the other
    is shown.
    """
    _check_open(point)
    is_child = registration.checked(now=now)
    spend(code, now=now)
    known = [] if is_child else profiles_with_phone(registration.phone.e164)
    head_id = whose_registration(known, name=registration.name, birthday=registration.birthday, now=now)
    link_to = Customer.objects.get(pk=head_id) if head_id is not None else None
    entered: Entered = enter_customer(
        entry=registration.entry(is_child=is_child, verified_at=now),
        channel=Channel.QR,
        store=point.store,
        source=f"{POINT_SOURCE}{point.code}",
        campaign=point.campaign,
        external_id=code.uuid.hex,
        staff=point.staff,
        partner=point.partner,
        link_to=link_to,
        as_new=link_to is None,
        actor=house(actor),
        now=now,
    )
    head = entered.customer
    session, token = make_session(head, device=device, now=now)
    record(
        "customers.customer_registered",
        head,
        also=[point],
        actor=customer_actor(head, request_id=actor.request_id),
        now=now,
        store_id=point.store_id,
        data={"session": session.pk, "is_linked": link_to is not None, "is_child": is_child},
    )
    return Registered(SignedIn(head, token), link_to is not None)


# --- by a form or another system -------------------------------------------------------------------------------------
@operation(None)
def register_unproven(
    *,
    registration: Registration,
    channel: Channel,
    store: Store | None,
    point: RegistrationPoint | None = None,
    source: str = "",
    campaign: str = "",
    external_id: str = "",
    actor: Actor,
    now: datetime,
) -> Entered:
    """Enter what a web form or another system sent, without a proven number: it opens no session, and whether it joins
    a profile or waits for review is told to nobody outside. Raises `MembershipNotAgreed`, `GuardianNeeded`,
    `PointClosed`, `EntryProblems`."""
    if point is not None:
        _check_open(point)
    is_child = registration.checked(now=now)
    entered = enter_customer(
        entry=registration.entry(is_child=is_child, verified_at=None),
        channel=channel,
        store=store,
        source=source or (f"{POINT_SOURCE}{point.code}" if point else ""),
        campaign=campaign or (point.campaign if point else ""),
        external_id=external_id,
        staff=point.staff if point else None,
        partner=point.partner if point else None,
        actor=house(actor),
        now=now,
    )
    record(
        "customers.registered_unproven",
        entered.customer,
        also=[point] if point else [],
        actor=actor,
        now=now,
        store_id=store.pk if store else None,
        data={"channel": channel.value, "is_child": is_child},
    )
    return entered


def _check_open(point: RegistrationPoint) -> None:
    if point.closed_at is not None or point.store.closed_on is not None:
        raise PointClosed


# --- points ----------------------------------------------------------------------------------------------------------
MANAGE = "customers.manage_registration"


@operation(MANAGE)
def make_registration_point(
    *,
    name: str,
    store: Store,
    partner: Partner | None = None,
    staff: User | None = None,
    campaign: str = "",
    actor: Actor,
    now: datetime,
) -> RegistrationPoint:
    """A new code to print. Who comes through it belongs to the store, and to partner and employee where named."""
    actor.require(MANAGE, store_id=store.pk)
    point = RegistrationPoint.objects.create(
        code=random_code(CODE_LENGTH),
        name=name.strip(),
        store=store,
        partner=partner,
        staff=staff,
        campaign=campaign.strip(),
        created_at=now,
    )
    record(
        "customers.registration_point_made", point, also=[SETTINGS], actor=actor, now=now, store_id=store.pk
    )
    return point


@operation(MANAGE)
def change_registration_point(
    *,
    point: RegistrationPoint,
    name: str,
    partner: Partner | None,
    staff: User | None,
    campaign: str,
    actor: Actor,
    now: datetime,
) -> RegistrationPoint:
    """Other words, employee or campaign for a printed code; its store stays."""
    actor.require(MANAGE, store_id=point.store_id)
    row = RegistrationPoint.objects.select_for_update().get(pk=point.pk)
    row.name, row.partner, row.staff, row.campaign = name.strip(), partner, staff, campaign.strip()
    row.save(update_fields=["name", "partner", "staff", "campaign"])
    record(
        "customers.registration_point_changed",
        row,
        also=[SETTINGS],
        actor=actor,
        now=now,
        store_id=row.store_id,
    )
    return row


@operation(MANAGE)
def close_registration_point(*, point: RegistrationPoint, actor: Actor, now: datetime) -> RegistrationPoint:
    """The code works no more; who came through it stays."""
    return _set_closed(point, now, "customers.registration_point_closed", actor=actor, now=now)


@operation(MANAGE)
def reopen_registration_point(*, point: RegistrationPoint, actor: Actor, now: datetime) -> RegistrationPoint:
    """The code works again."""
    return _set_closed(point, None, "customers.registration_point_reopened", actor=actor, now=now)


def _set_closed(
    point: RegistrationPoint, closed_at: datetime | None, kind: str, *, actor: Actor, now: datetime
) -> RegistrationPoint:
    actor.require(MANAGE, store_id=point.store_id)
    row = RegistrationPoint.objects.select_for_update().get(pk=point.pk)
    if (row.closed_at is None) == (closed_at is None):
        unchanged()
        return row
    row.closed_at = closed_at
    row.save(update_fields=["closed_at"])
    record(kind, row, also=[SETTINGS], actor=actor, now=now, store_id=row.store_id)
    return row
