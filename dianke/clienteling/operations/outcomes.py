"""What came of a contact: a fact on the customer's timeline, which leaves the person in peace with everybody for a
while; taken back shortly after, if it was a slip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from dianke.clienteling.models import WORK, Entry, Outcome, OutcomeKind
from dianke.clienteling.queries.rules import queue_rules
from dianke.clienteling.rules.reasons import REASONS
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.customers.models import Customer, CustomerNote, NoteKind
from dianke.customers.operations.notes import add_note, remove_note
from dianke.customers.operations.writing import lock_customer
from dianke.events.operations import operation, record, step, unchanged
from dianke.messaging import operations as messages
from dianke.messaging.models import Message
from dianke.stores.queries import local_date
from dianke.web.formats import calendar_day

#: How long one may take an outcome back, and how long a message waits for that.
UNDO, SENDS_AFTER = timedelta(minutes=15), timedelta(seconds=10)
#: Nobody was reached: not again before the day after tomorrow.
MISSED_DAYS = 2
LEAVE_DAYS, MOST_LEAVE_DAYS, MOST_AHEAD = 90, 730, 180
_TOLD = {
    OutcomeKind.REACHED: "clienteling.customer_reached",
    OutcomeKind.MISSED: "clienteling.customer_not_reached",
    OutcomeKind.AGAIN: "clienteling.call_agreed",
    OutcomeKind.VISIT: "clienteling.visit_agreed",
    OutcomeKind.LEAVE: "clienteling.customer_left_alone",
    OutcomeKind.SENT: "clienteling.words_sent",
}


class EntryNotFound(NotFound):
    code = "clienteling_entry_unknown"
    message = _("This customer is not on your list, or not yours to see any more.")


class ListOver(Conflict):
    code = "clienteling_list_over"
    message = _("This list is of another day. Load today's.")


class DealtWith(Conflict):
    code = "clienteling_dealt_with"
    message = _("Somebody has dealt with this customer already. They are left in peace until %(day)s.")


class OutcomeUnknown(InvalidInput):
    code = "clienteling_outcome_unknown"
    message = _("Choose what came of it.")
    default_field = "kind"


class DayMissing(InvalidInput):
    code = "clienteling_day_missing"
    message = _("Say which day was agreed: from tomorrow (a visit: from today) up to %(days)s days ahead.")
    default_field = "agreed_date"


class RestOutOfRange(InvalidInput):
    code = "clienteling_rest_out_of_range"
    message = _("Somebody can be left alone for 1 to %(days)s days.")
    default_field = "rest_days"


class TooLateToTakeBack(Conflict):
    code = "clienteling_too_late"
    message = _("This was noted too long ago to be taken back. Write a note on the customer's page instead.")


class ChannelNotSent(InvalidInput):
    code = "clienteling_channel_not_sent"
    message = _("Choose a channel that messages are sent on.")
    default_field = "channel"


@operation(WORK)
def note_outcome(
    *,
    entry: Entry,
    kind: str,
    channel: str = "",
    agreed_date: date | None = None,
    rest_days: int | None = None,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Outcome:
    """Note what came of one customer of one's own list of today. The same outcome again changes nothing. Raises the
    errors above and those of `lock_customer`."""
    if kind not in OutcomeKind.values or kind == OutcomeKind.SENT:
        raise OutcomeUnknown
    kept = _Kept(OutcomeKind(kind), channel, agreed_date)
    rests = _rests(kept, local_date(now), rest_days)
    head, before = _lock(entry, actor, now)
    if before is not None:
        if before.entry_id == entry.pk and (before.kind, before.agreed_date) == (kind, agreed_date):
            unchanged()
            return before
        raise _dealt_with(before, now)
    return _keep(entry, head, kept, rests, note=note, actor=actor, now=now)


@operation(WORK)
def send_words(
    *, entry: Entry, channel: str, body: str, subject: str = "", actor: Actor, now: datetime
) -> Outcome:
    """Send the words through the outbox, within its rules, and note that they were sent. Raises as `note_outcome`,
    `ChannelNotSent`, and as `messaging.operations.enqueue_one`."""
    if channel not in ("SMS", "EMAIL", "PORTAL"):
        raise ChannelNotSent
    head, before = _lock(entry, actor, now)
    if before is not None:
        raise _dealt_with(before, now)
    tried = Outcome.objects.filter(entry=entry).count()
    message = messages.enqueue_one(
        customer=head,
        source=f"clienteling:{entry.pk}:{tried}",
        channel=channel,
        purpose=purpose_of(entry),
        subject=subject,
        body=body,
        due_at=now + SENDS_AFTER,
        actor=actor,
        now=now,
    )
    kept = _Kept(OutcomeKind.SENT, channel, None, message.pk)
    return _keep(entry, head, kept, _rests(kept, local_date(now), None), actor=actor, now=now)


@operation(WORK)
def take_back(*, outcome: Outcome, actor: Actor, now: datetime) -> Outcome:
    """As if it had not been noted; its note goes, and its message if it still waits. Only who noted it, and only
    shortly after. Raises `TooLateToTakeBack`, `EntryNotFound`, and `AlreadyGone` of messages."""
    head = lock_customer(outcome.customer_id, actor, WORK)
    found = Outcome.objects.select_for_update().get(pk=outcome.pk)
    if found.user_id != actor.user_id:
        raise EntryNotFound
    if found.taken_back_at is not None:
        unchanged()
        return found
    if now - found.at > UNDO:
        raise TooLateToTakeBack
    if found.message_id is not None:
        messages.cancel(messages=[Message.objects.get(pk=found.message_id)], actor=actor, now=now)
    if found.note_id is not None:
        remove_note(note=CustomerNote.objects.get(pk=found.note_id), actor=actor, now=now)
    found.taken_back_at = now
    found.save(update_fields=["taken_back_at"])
    record(
        "clienteling.outcome_taken_back",
        head,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"outcome": found.pk, "kind": found.kind},
    )
    return found


def purpose_of(entry: Entry) -> str:
    """What the words are for: that of the main reason."""
    return REASONS[entry.reasons[0]["code"]].purpose if entry.reasons else "MARKETING"


def _dealt_with(before: Outcome, now: datetime) -> DealtWith:
    return DealtWith(day=calendar_day(before.rests_until_date, local_date(now)))


# --- steps -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Kept:
    kind: OutcomeKind
    channel: str = ""
    agreed_date: date | None = None
    message_id: int | None = None


@step
def _lock(entry: Entry, actor: Actor, now: datetime) -> tuple[Customer, Outcome | None]:
    """The customer, locked, and what anybody noted that still leaves them in peace."""
    if not Entry.objects.visible_to(actor).filter(pk=entry.pk).exists():
        raise EntryNotFound
    today = local_date(now)
    if entry.day != today:
        raise ListOver
    head = lock_customer(entry.customer_id, actor, WORK)
    cluster = list(Customer.objects.cluster(head.pk).values_list("pk", flat=True))
    standing = Outcome.objects.standing().filter(customer__in=cluster, rests_until_date__gt=today)
    return head, standing.order_by("-rests_until_date").first()


def _rests(kept: _Kept, today: date, rest_days: int | None) -> date:
    """Until when nobody proposes the person."""
    calm = today + timedelta(days=max(queue_rules().rest_days, 1))
    match kept.kind:
        case OutcomeKind.AGAIN | OutcomeKind.VISIT:
            agreed, least = kept.agreed_date, 1 if kept.kind is OutcomeKind.AGAIN else 0
            if agreed is None or not least <= (agreed - today).days <= MOST_AHEAD:
                raise DayMissing(days=MOST_AHEAD)
            return agreed if kept.kind is OutcomeKind.AGAIN else max(calm, agreed + timedelta(days=1))
        case OutcomeKind.MISSED:
            return today + timedelta(days=MISSED_DAYS)
        case OutcomeKind.LEAVE:
            days = LEAVE_DAYS if rest_days is None else rest_days
            if not 1 <= days <= MOST_LEAVE_DAYS:
                raise RestOutOfRange(days=MOST_LEAVE_DAYS)
            return today + timedelta(days=days)
        case _:
            return calm


@step
def _keep(
    entry: Entry, head: Customer, kept: _Kept, rests: date, *, note: str = "", actor: Actor, now: datetime
) -> Outcome:
    written = None
    if note.strip():
        written = add_note(customer=head, text=note, kind=NoteKind.CALL, actor=actor, now=now)
    outcome = Outcome.objects.create(
        entry=entry,
        customer=head,
        user_id=actor.user_id,
        kind=kept.kind,
        channel=kept.channel,
        agreed_date=kept.agreed_date,
        rests_until_date=rests,
        note_id=written.pk if written else None,
        message_id=kept.message_id,
        at=now,
    )
    record(_TOLD[kept.kind], head, actor=actor, now=now, store_id=head.store_id, data=_data(entry, outcome))
    return outcome


def _data(entry: Entry, outcome: Outcome) -> Mapping[str, str | int]:
    return {
        "outcome": outcome.pk,
        "entry": entry.pk,
        "reason": entry.reasons[0]["code"] if entry.reasons else "",
        "channel": outcome.channel,
        "day": (outcome.agreed_date or outcome.rests_until_date).isoformat(),
    }
