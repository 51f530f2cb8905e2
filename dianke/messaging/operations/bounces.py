"""Addresses nothing reaches, and people who want nothing more: marked at once, withdrawn with its journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import SYSTEM, Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.core.phone import parse as parse_phone
from dianke.customers.models import ContactKind, ContactPoint, Customer
from dianke.customers.operations.portal import withdraw_by_link
from dianke.events.operations import operation, record, step, unchanged
from dianke.messaging.models import Channel, Message, State, Suppression
from dianke.messaging.models.channels import SuppressedPerson
from dianke.messaging.queries.limits import bounce_words, stop_words
from dianke.messaging.rules.reports import Bounce, Kind, read_bounces

MANAGE = "messaging.manage_suppressions"
#: So many letters that failed within this time make an address one that fails.
MOST_SOFT = 3
SOFT_WITHIN = timedelta(days=30)
_KINDS: Mapping[str, ContactKind] = {Channel.EMAIL: ContactKind.EMAIL, Channel.WECOM: ContactKind.WECOM}


class AddressUnknown(InvalidInput):
    code = "suppression_address"
    message = _("Enter a phone number or an email address.")
    default_field = "address"


class AlreadyLifted(Conflict):
    code = "suppression_lifted"
    message = _("This address may be written to again already.")


@step
def mark_failing(contact_id: int, *, now: datetime) -> None:
    """Nobody is at this address; it is used no more until it is proven again."""
    ContactPoint.objects.filter(pk=contact_id, failing_since=None).update(failing_since=now)


@operation(None)
def suppress(
    *, channel: str, address: str, why: str, note: str = "", actor: Actor, now: datetime
) -> Suppression:
    """Leave an address alone on a channel from now on. What a person answered or reported also takes back the
    consent of everybody who has the address. People need the permission; answers and reports come from the system.

    Raises `AddressUnknown`.
    """
    actor.require(MANAGE)
    kind = _KINDS.get(channel, ContactKind.PHONE)
    value = _normalised(kind, address)
    known = Suppression.objects.filter(channel=channel, lifted_at=None, **Suppression.blind("address", value))
    found: Suppression | None = known.first()
    if found is not None:
        unchanged()
        return found
    made = Suppression.objects.create(
        channel=channel,
        address=value,  # type: ignore[misc]
        why=why,
        note=note.strip()[:200],
        since=now,
        by_id=actor.user_id,
    )
    points = ContactPoint.objects.current().holding(kind, value)
    owners = list(Customer.objects.filter(pk__in=points.values("customer")).select_related("merged_into"))
    SuppressedPerson.objects.bulk_create(SuppressedPerson(suppression=made, customer=one) for one in owners)
    if why == Suppression.Why.BOUNCE:
        points.filter(failing_since=None).update(failing_since=now)
    elif channel in ("SMS", "EMAIL", "CALL") and why != Suppression.Why.HAND:
        for one in owners:
            if one.is_in_use:
                withdraw_by_link(
                    customer=one, purposes=("MARKETING", "CARE"), channel=channel, actor=SYSTEM, now=now
                )
    record(
        "messaging.address_suppressed",
        made,
        also=sorted(f"customers.customer:{one.pk}" for one in owners),
        actor=actor,
        now=now,
        data={"channel": channel, "why": why},
    )
    return made


@operation(MANAGE)
def lift_suppression(*, suppression: Suppression, actor: Actor, now: datetime) -> Suppression:
    """The address may be written to again; consent stays as it is. Raises `AlreadyLifted`."""
    row: Suppression = Suppression.objects.select_for_update().get(pk=suppression.pk)
    if row.lifted_at is not None:
        raise AlreadyLifted
    row.lifted_at = now
    row.save(update_fields=["lifted_at"])
    people = list(row.persons.values_list("customer_id", flat=True))
    record(
        "messaging.suppression_lifted",
        row,
        also=[f"customers.customer:{pk}" for pk in people],
        actor=actor,
        now=now,
        data={"channel": row.channel},
    )
    return row


@operation(None)
def note_return(*, channel: str, address: str, actor: Actor, now: datetime) -> int:
    """Who took us off their contacts added us again: they may be written to, and the address is proven. How many
    addresses that changed; one that was left alone for another reason stays so. People need the permission."""
    actor.require(MANAGE)
    left = Suppression.objects.filter(
        channel=channel,
        why=Suppression.Why.LEFT,
        lifted_at=None,
        **Suppression.blind("address", address.strip()),
    )
    for row in left:
        lift_suppression(suppression=row, actor=actor, now=now)
    points = ContactPoint.objects.current().holding(_KINDS.get(channel, ContactKind.PHONE), address.strip())
    owners = dict(points.exclude(failing_since=None).values_list("pk", "customer_id"))
    if not owners:
        unchanged()  # what was lifted told of itself
        return len(left)
    ContactPoint.objects.filter(pk__in=owners).update(failing_since=None, verified_at=now)
    first, *others = (f"customers.customer:{pk}" for pk in sorted(set(owners.values())))
    record("messaging.address_proven", first, also=others, actor=actor, now=now, data={"channel": channel})
    return len(owners) + len(left)


def is_stop(text: str) -> bool:
    """Whether an answer asks to be left alone."""
    return text.strip().strip(".。!！").upper() in stop_words()


def _normalised(kind: str, address: str) -> str:
    from dianke.core.errors import DiankeError

    if kind == ContactKind.EMAIL:
        folded = address.strip().lower()
        if "@" not in folded:
            raise AddressUnknown
        return folded
    if kind == ContactKind.WECOM:
        return address.strip()
    try:
        return parse_phone(address).e164
    except DiankeError as error:
        raise AddressUnknown from error


def note_bounce(*, report: bytes, actor: Actor, now: datetime) -> int:
    """Take in a report of a mail server; how many letters it changed. Nobody at the address: it is left alone. Called
    spam: the person is. Any other failure is counted, and the address fails after several. What is about no letter of
    ours is nothing. People need the permission to say which addresses are left alone."""
    actor.require(MANAGE)
    count = 0
    for bounce in read_bounces(report, bounce_words()):
        row = Message.objects.filter(uuid=bounce.uid, channel=Channel.EMAIL).first()
        if row is not None:
            _note(row, bounce, actor, now)
            count += 1
    return count


def _note(row: Message, bounce: Bounce, actor: Actor, now: datetime) -> None:
    from dianke.messaging.operations.answers import note_receipt

    if bounce.kind is not Kind.COMPLAINT:
        # A letter that was complained about arrived.
        note_receipt(
            message=row,
            state=State.FAILED,
            reason="bounced_hard" if bounce.kind is Kind.HARD else "bounced_soft",
            detail=bounce.detail,
            bad_address=bounce.kind is Kind.HARD or _fails_often(row, now),
            actor=actor,
            now=now,
        )
    if bounce.kind is Kind.SOFT:
        return
    point = ContactPoint.objects.select_related("key").filter(pk=row.contact_id or 0).first()
    if point is not None:
        suppress(
            channel=Channel.EMAIL,
            address=str(point.value),
            why=Suppression.Why.COMPLAINT if bounce.kind is Kind.COMPLAINT else Suppression.Why.BOUNCE,
            note=bounce.detail,
            actor=actor,
            now=now,
        )


def _fails_often(row: Message, now: datetime) -> bool:
    """Whether the letters to this address have failed again and again, this one counted."""
    before = Message.objects.filter(
        customer_id=row.customer_id,
        contact_id=row.contact_id,
        reason="bounced_soft",
        sent_at__gte=now - SOFT_WITHIN,
    )
    return before.exclude(pk=row.pk).count() + 1 >= MOST_SOFT
