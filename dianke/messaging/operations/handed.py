"""Messages an employee still has to send: asked about more and more seldom, until they are sent, cannot be any more, or
their time is over; then they are taken back, so that nobody sends them late."""

from __future__ import annotations

from datetime import datetime, timedelta

from dianke.core.actor import Actor
from dianke.events.operations import operation, record, unchanged
from dianke.messaging.models import Message, State
from dianke.messaging.operations.answers import ASK_HANDED_AFTER, give_back_day, item_of, note_receipt
from dianke.messaging.queries.carriers import InUse
from dianke.messaging.rules.carriers import Delegating, Outcome

#: How long an employee has, where the message itself ends no earlier.
LONGEST = timedelta(days=7)
#: After that nobody asks any more, even where it could not be taken back.
GIVE_UP = timedelta(days=30)
_SELDOM = timedelta(hours=6)
_MOST = 50


def look_into_handed(channel: str, *, used: InUse, actor: Actor, now: datetime) -> int:
    """Ask what became of those whose turn it is; how many are certain now. Nothing is locked while the carrier
    thinks; the first that cannot be asked ends the round."""
    if not isinstance(used.carrier, Delegating):
        return 0
    rows = list(
        Message.objects.select_related("key", "handover", "customer")
        .filter(channel=channel, state=State.HANDED, due_at__lte=now)
        .order_by("due_at", "pk")[:_MOST]
    )
    certain = 0
    for row in rows:
        reason = _why_over(row, now)
        is_back = bool(reason) and used.carrier.recall(used.access, carrier_id=row.carrier_id, now=now)
        # Asked after it was taken back: until then the employee may have sent it.
        answer = used.carrier.result(used.access, item_of(row), carrier_id=row.carrier_id, now=now)
        if answer.outcome is Outcome.LATER:
            break
        if answer.outcome is Outcome.HANDED and (is_back or now - _begun(row) >= GIVE_UP):
            take_back(message=row, reason=reason, actor=actor, now=now)
            certain += 1
            continue
        if answer.outcome is Outcome.HANDED:
            ask_again(message=row, at=_next(row, now), actor=actor, now=now)
            continue
        note_receipt(
            message=row,
            state=State.DELIVERED if answer.outcome is Outcome.DELIVERED else State.FAILED,
            reason=answer.reason,
            detail=answer.detail,
            bad_address=answer.bad_address,
            actor=actor,
            now=now,
        )
        certain += 1
    return certain


@operation(None)
def take_back(*, message: Message, reason: str, actor: Actor, now: datetime) -> Message:
    """The employee has it no more and did not send it; it counts for no limit."""
    row: Message = Message.objects.select_for_update().get(pk=message.pk)
    if row.state != State.HANDED:
        unchanged()
        return row
    row.state = State.CANCELLED if row.reason else State.FAILED
    row.reason = reason
    give_back_day(row)
    row.save(update_fields=["state", "reason", "counted_on"])
    record(
        "messaging.message_taken_back",
        row,
        also=[f"customers.customer:{row.customer_id}"],
        actor=actor,
        now=now,
        data={"channel": row.channel},
    )
    return row


@operation(None)
def ask_again(*, message: Message, at: datetime, actor: Actor, now: datetime) -> None:
    """When a message that is with an employee is asked about next."""
    unchanged()
    Message.objects.filter(pk=message.pk, state=State.HANDED).update(due_at=at)


def _begun(row: Message) -> datetime:
    return row.handover.begun_at if row.handover else row.created_at


def _why_over(row: Message, now: datetime) -> str:
    """Why nobody is to send it any more; empty while somebody may. A reason it has says that it was called back."""
    if row.reason:
        return row.reason
    if not row.contact_id or not row.customer.is_in_use:
        return "gone"
    if row.expires_at is not None and row.expires_at <= now:
        return "expired"
    return "not_confirmed" if now - _begun(row) >= LONGEST else ""


def _next(row: Message, now: datetime) -> datetime:
    """After a quarter of its age: an hour later every quarter of an hour, after days every six hours."""
    return now + min(max((now - _begun(row)) / 4, ASK_HANDED_AFTER), _SELDOM)
