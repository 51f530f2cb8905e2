"""What came back: the answers of a batch, batches of workers that died, messages in doubt, receipts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from dianke.core.actor import Actor
from dianke.events.operations import operation, record, step, unchanged
from dianke.messaging.models import ChannelUse, Contacted, Handover, Message, State
from dianke.messaging.operations.bounces import mark_failing
from dianke.messaging.queries.carriers import InUse
from dianke.messaging.rules.carriers import Answer, Item, Outcome
from dianke.messaging.rules.settling import settled

MOST_TRIES = 6
_WAITS = (1, 5, 15, 60, 240)  # minutes before the next try
ASK_AFTER = timedelta(minutes=1)
ASK_HANDED_AFTER = timedelta(minutes=10)


_TOLD = {
    State.DELIVERED: "messaging.message_delivered",
    State.READ: "messaging.message_read",
    State.FAILED: "messaging.message_failed",
}


@operation(None)
def finish_batch(*, handover_id: UUID, answers: Mapping[int, Answer], actor: Actor, now: datetime) -> int:
    """Write down what became of a batch; how many went out. A batch another worker settled meanwhile stays as it is."""
    handover = Handover.objects.select_for_update().get(pk=handover_id)
    if handover.finished_at is not None:
        unchanged()
        return 0
    return _finish(handover, answers, actor=actor, now=now)


@step
def _finish(handover: Handover, answers: Mapping[int, Answer], *, actor: Actor, now: datetime) -> int:
    handover.finished_at = now
    handover.save(update_fields=["finished_at"])
    rows = Message.objects.filter(pk__among=list(answers), state=State.CLAIMED, handover=handover)
    people = dict(rows.values_list("pk", "customer_id"))
    plain = [pk for pk, answer in answers.items() if answer.outcome is Outcome.SENT and not answer.carrier_id]
    rows.filter(pk__among=plain).update(state=State.SENT, reason="", detail="", sent_at=now)
    out = len(plain)
    for pk in answers.keys() - set(plain):
        out += apply_answer(pk, answers[pk], now=now)
    sent = [pk for pk, answer in answers.items() if answer.outcome in (Outcome.SENT, Outcome.DELIVERED)]
    if not sent:
        unchanged()
        return 0
    record(
        "messaging.messages_sent",
        f"messaging.handover:{handover.pk}",
        also=sorted({f"customers.customer:{people[pk]}" for pk in sent if pk in people}),
        actor=actor,
        now=now,
        data={"count": len(sent), "channel": handover.channel},
    )
    return out


@step
def apply_answer(pk: int, answer: Answer, *, now: datetime) -> bool:
    """What an answer makes of a message; whether it went out."""
    row = Message.objects.select_for_update().get(pk=pk)
    row.detail = answer.detail[:200]
    row.carrier_id = answer.carrier_id or row.carrier_id
    row.reason = ""
    match answer.outcome:
        case Outcome.SENT:
            row.state, row.sent_at = State.SENT, row.sent_at or now
        case Outcome.DELIVERED:
            row.state, row.sent_at, row.delivered_at = State.DELIVERED, row.sent_at or now, now
        case Outcome.HANDED:
            row.state, row.due_at = State.HANDED, now + ASK_HANDED_AFTER
        case Outcome.REFUSED:
            row.state = State.FAILED
            row.reason = answer.reason or ("bad_address" if answer.bad_address else "refused")
            give_back_day(row)
            if answer.bad_address and row.contact_id:
                mark_failing(row.contact_id, now=now)
        case Outcome.LATER:
            if row.try_count >= MOST_TRIES:
                row.state, row.reason = State.FAILED, "gave_up"
                give_back_day(row)
            else:
                wait = _WAITS[min(max(row.try_count, 1), len(_WAITS)) - 1]
                row.state, row.reason, row.due_at = (
                    State.HELD,
                    "unreachable",
                    now + timedelta(minutes=wait),
                )
        case Outcome.UNKNOWN:
            row.state, row.reason, row.due_at = State.UNKNOWN, "no_answer", now + ASK_AFTER
    row.save(
        update_fields=[
            "detail",
            "carrier_id",
            "reason",
            "state",
            "sent_at",
            "delivered_at",
            "due_at",
            "counted_on",
        ]
    )
    return answer.outcome in (Outcome.SENT, Outcome.DELIVERED)


@step
def give_back_day(row: Message) -> None:
    """What did not go out counts for no limit."""
    if row.counted_on is None:
        return
    entry = [row.counted_on.isoformat(), row.channel, row.purpose]
    head = row.customer.head_id
    kept = Contacted.objects.select_for_update().filter(customer=head).first()
    if kept is not None and entry in kept.days:
        kept.days.remove(entry)
        kept.save(update_fields=["days"])
    ChannelUse.objects.filter(channel=row.channel, month=row.counted_on.replace(day=1), count__gt=0).update(
        count=F("count") - 1
    )
    row.counted_on = None


@operation(None)
def settle_batches(*, channel: str, actor: Actor, now: datetime) -> int:
    """Batches whose lease is over: their workers died. What was answered is written down, what was not begun waits
    again, the one in between is in doubt. How many batches."""
    found = list(
        Handover.objects.select_for_update(skip_locked=True)
        .filter(channel=channel, finished_at=None, lease_until__lt=now)
        .order_by("lease_until")[:20]
    )
    people: set[int] = set()
    count = 0
    for handover in found:
        answers, not_begun = settled(handover.message_ids, handover.position, handover.answers)
        Message.objects.filter(pk__among=not_begun, state=State.CLAIMED, handover=handover).update(
            state=State.QUEUED
        )
        rows = Message.objects.filter(pk__among=list(answers), state=State.CLAIMED, handover=handover)
        here = dict(rows.values_list("pk", "customer_id"))
        for pk in here:
            if apply_answer(pk, answers[pk], now=now):
                people.add(here[pk])
                count += 1
        handover.finished_at = now
        handover.save(update_fields=["finished_at"])
    if not found:
        unchanged()
        return 0
    record(
        "messaging.batches_settled",
        f"messaging.handover:{found[0].pk}",
        also=sorted(f"customers.customer:{pk}" for pk in people),
        actor=actor,
        now=now,
        data={"count": count, "batches": len(found), "channel": channel},
    )
    return len(found)


@operation(None)
def look_into_unknown(*, channel: str, used: InUse, actor: Actor, now: datetime) -> int:
    """Ask the carrier about messages in doubt. What it does not know goes again; where it cannot be asked too, under
    the same identity. How many are certain now."""
    rows = list(
        Message.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("key")
        .filter(channel=channel, state=State.UNKNOWN, due_at__lte=now)
        .order_by("due_at", "pk")[:100]
    )
    certain: set[int] = set()
    for row in rows:
        answer = used.carrier.look_up(used.access, item_of(row), sent_at=row.due_at - ASK_AFTER, now=now)
        if answer is None:
            answer = Answer(Outcome.LATER, detail=row.detail)
        if answer.outcome is Outcome.UNKNOWN:
            Message.objects.filter(pk=row.pk).update(due_at=now + timedelta(minutes=15))
            continue
        if answer.outcome is Outcome.LATER and row.try_count < MOST_TRIES:
            Message.objects.filter(pk=row.pk).update(state=State.QUEUED, reason="", due_at=now)
            continue
        apply_answer(row.pk, answer, now=now)
        certain.add(row.customer_id)
    if not certain:
        unchanged()
        return 0
    record(
        "messaging.doubts_cleared",
        f"messaging.channel:{channel}",
        also=sorted(f"customers.customer:{pk}" for pk in certain),
        actor=actor,
        now=now,
        data={"count": len(certain), "channel": channel},
    )
    return len(certain)


def item_of(row: Message) -> Item:
    """A message that went to a carrier, as it is asked about."""
    from dianke.customers.models import ContactPoint

    point = ContactPoint.objects.select_related("key").filter(pk=row.contact_id or 0).first()
    said: Mapping[str, Any] = row.said or {}
    return Item(
        row.pk,
        str(row.uuid),
        str(point.value) if point is not None else "",
        said.get("subject", ""),
        said.get("text", ""),
        customer_id=row.customer_id,
    )


@operation(None)
def note_receipt(
    *,
    message: Message,
    state: str,
    reason: str = "",
    detail: str = "",
    bad_address: bool = False,
    actor: Actor,
    now: datetime,
) -> Message:
    """What a carrier reports later: delivered, read, or not after all. Reports come in any order and more than once; a
    message only moves forward."""
    row: Message = Message.objects.select_for_update().get(pk=message.pk)
    rank = {
        State.CLAIMED: 0,
        State.UNKNOWN: 0,
        State.HANDED: 0,
        State.SENT: 1,
        State.DELIVERED: 2,
        State.READ: 3,
    }
    if row.state not in rank or (state in rank and rank[State(state)] <= rank[State(row.state)]):
        unchanged()
        return row
    row.detail = detail[:200]
    if state != State.FAILED or row.state != State.HANDED:  # what the employee did not send was never sent
        row.sent_at = row.sent_at or now
    if state == State.FAILED:
        row.state, row.reason = State.FAILED, reason or ("bad_address" if bad_address else "refused")
        give_back_day(row)
        if bad_address and row.contact_id:
            mark_failing(row.contact_id, now=now)
    else:
        row.state = state
        row.delivered_at = row.delivered_at or now
        if state == State.READ:
            row.read_at = now
    row.save()
    record(
        _TOLD[State(state)],
        row,
        also=[f"customers.customer:{row.customer_id}"],
        actor=actor,
        now=now,
        data={"channel": row.channel},
    )
    return row
