"""Claiming a batch: who of those due may be written to now, reserved and worded in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from dianke.core.actor import Actor
from dianke.core.copying import Same, update_from
from dianke.core.data_keys import key_opener
from dianke.core.encrypted_fields import encrypt_many, index_many
from dianke.core.ids import uuid7
from dianke.events.operations import operation, step, unchanged
from dianke.messaging.models import Channel, ChannelUse, Contacted, Handover, Message, State, Suppression
from dianke.messaging.queries.due import Due, KeyOpener, addresses_of, due_rows, given_with
from dianke.messaging.queries.limits import month_of, rules_for
from dianke.messaging.queries.people import People, people_of
from dianke.messaging.queries.wording import Wanted, Words, worded
from dianke.messaging.rules.carriers import Carrier, Item
from dianke.messaging.rules.limits import Written
from dianke.messaging.rules.reach import NEEDS_CONSENT, Reason, Verdict, judge

_DUE = """
SELECT id FROM messaging_message
WHERE channel = %s AND state IN ('QUEUED', 'HELD') AND due_at <= %s
ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_KEEP_DAYS = 40


@dataclass(frozen=True, slots=True)
class Claimed:
    """A batch this worker holds, in the order it is handed over."""

    handover_id: UUID
    items: Sequence[Item]


@operation(None)
def claim_batch(
    *, channel: str, carrier: Carrier, lease: timedelta, actor: Actor, now: datetime
) -> Claimed | None:
    """Take what is due: what may not go is held or suppressed with its reason, the rest is worded and this worker's
    until the lease ends. None when nothing is due. Leaves no event: `finish_batch` tells what was sent."""
    unchanged()
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_DUE, [channel, now, carrier.batch])
            ids = [pk for (pk,) in cursor.fetchall()]
        if not ids:
            return None
        found = _claim(ids, channel, carrier, lease, now)
        if found is not None:
            return found


@step
def _claim(
    ids: Sequence[int], channel: str, carrier: Carrier, lease: timedelta, now: datetime
) -> Claimed | None:
    opened_key = key_opener()
    rows = due_rows(ids)
    purposes = {row.purpose for row in rows}
    _reserve_rows({row.customer_id for row in rows})
    people = people_of(
        [row.customer_id for row in rows],
        channel=channel,
        needs_consent=bool(purposes & NEEDS_CONSENT),
        now=now,
    )
    _lock_use(channel, now)
    rules = rules_for(channel, purposes, now=now)
    may_go, stopped = _judged(rows, people, rules, now)
    may_go, addresses = _addressed(may_go, people, channel, stopped, opened_key)
    words, missing = _worded(may_go, people, given_with(may_go, opened_key), now)
    for row in [row for row in may_go if row.id in missing]:
        stopped[row.id] = ("FAILED", "value_missing", None)
    going = [row for row in may_go if row.id in words]
    _stop(stopped)
    if not going:
        return None
    handover = Handover.objects.create(
        id=uuid7(),
        channel=channel,
        carrier=carrier.code,
        message_ids=[row.id for row in going],
        begun_at=now,
        lease_until=now + lease,
    )
    _take(going, words, people, handover, channel, opened_key, now)
    return Claimed(
        handover.pk, [_item(row, words[row.id], addresses.get(row.id, ("", None))) for row in going]
    )


def _item(row: Due, words: Words, address: tuple[str, int | None]) -> Item:
    version = row.template
    return Item(
        id=row.id,
        uid=str(row.uuid),
        to=address[0],
        subject=words.subject,
        text=words.text,
        approved_code=version.approved_code if version else "",
        signature=version.signature if version else "",
        values=words.values,
        headers=words.headers,
        customer_id=row.customer_id,
        contact_id=address[1],
    )


# --- limits ----------------------------------------------------------------------------------------------------------
@step
def _reserve_rows(customer_ids: Collection[int]) -> None:
    """The rows two workers queue for, made where they are missing and locked in one order."""
    ids = sorted(customer_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messaging_contacted (customer_id, days)"
            " SELECT DISTINCT coalesce(c.merged_into_id, c.id), '[]'::jsonb FROM customers_customer AS c"
            " WHERE c.id = ANY(%s) ORDER BY 1 ON CONFLICT DO NOTHING",
            [ids],
        )
        cursor.execute(
            "SELECT 1 FROM messaging_contacted WHERE customer_id IN ("
            "  SELECT m.id FROM customers_customer AS c JOIN customers_customer AS m"
            "  ON m.id = coalesce(c.merged_into_id, c.id) OR m.merged_into_id = coalesce(c.merged_into_id, c.id)"
            "  WHERE c.id = ANY(%s)) ORDER BY customer_id FOR UPDATE",
            [ids],
        )


@step
def _lock_use(channel: str, now: datetime) -> None:
    """The count of the month, locked where it is limited."""
    ChannelUse.objects.get_or_create(channel=channel, month=month_of(now))
    ChannelUse.objects.select_for_update().get(channel=channel, month=month_of(now))


Stopped = dict[int, tuple[str, str, datetime | None]]


def _judged(
    rows: Sequence[Due], people: People, rules: Mapping[str, Any], now: datetime
) -> tuple[list[Due], Stopped]:
    """Those that may go, one after the other: what the first takes of a limit the next has no more."""
    may_go: list[Due] = []
    stopped: Stopped = {}
    added: dict[int, list[Written]] = {}
    taken = 0
    for row in rows:
        person = people.person.get(row.customer_id)
        if person is None:
            stopped[row.id] = (State.SUPPRESSED, Reason.GONE, None)
            continue
        if row.expires_at is not None and row.expires_at <= now:
            stopped[row.id] = (State.SUPPRESSED, Reason.EXPIRED, None)
            continue
        head = people.head[row.customer_id]
        day = now.astimezone(person.zone).date()
        own = Written(row.counted_on, row.channel, row.purpose) if row.counted_on else None
        written = [*person.written, *added.get(head, ())]
        if own in written:
            written.remove(own)
        verdict = _verdict(row, person, written, rules[row.purpose], taken, now)
        if verdict.is_allowed:
            may_go.append(row)
            taken += 1
            if own is None:
                row.counted_on = day
                added.setdefault(head, []).append(Written(day, row.channel, row.purpose))
        else:
            stopped[row.id] = _stop_for(row, verdict)
    return may_go, stopped


def _verdict(
    row: Due, person: Any, written: Sequence[Written], rules: Any, taken: int, now: datetime
) -> Verdict:
    if rules.quota_left is not None:
        rules = replace(rules, quota_left=rules.quota_left - taken)
    if written != list(person.written):
        person = replace(person, written=written)
    return judge(person, rules, at=now)


def _stop_for(row: Due, verdict: Verdict) -> tuple[str, str, datetime | None]:
    reason = verdict.reasons[0]
    if verdict.is_passing and (row.expires_at is None or (verdict.until and verdict.until < row.expires_at)):
        return (State.HELD, reason, verdict.until)
    return (State.SUPPRESSED, reason, None)


@step
def _stop(stopped: Stopped) -> None:
    """Write down who does not get it, or not yet, and why."""
    held = {pk: at for pk, (_state, _reason, at) in stopped.items() if at is not None}
    if held:
        update_from(
            "messaging_message",
            len(held),
            {
                "id": list(held),
                "state": Same(State.HELD.value),
                "reason": [str(stopped[pk][1]) for pk in held],
                "due_at": list(held.values()),
            },
        )
    over = [pk for pk in stopped if pk not in held]
    if over:
        update_from(
            "messaging_message",
            len(over),
            {
                "id": over,
                "state": [str(stopped[pk][0]) for pk in over],
                "reason": [str(stopped[pk][1]) for pk in over],
            },
        )


# --- addresses and words ---------------------------------------------------------------------------------------------
def _addressed(
    rows: Sequence[Due], people: People, channel: str, stopped: Stopped, opened_key: KeyOpener
) -> tuple[list[Due], dict[int, tuple[str, int | None]]]:
    """Addresses opened now, and whoever has one that is left alone taken out."""
    wanted = {people.contact[row.customer_id] for row in rows if row.customer_id in people.contact}
    if not wanted:
        return list(rows), {}
    values = addresses_of(list(wanted), opened_key)
    left_alone = _left_alone(channel, values)
    kept, found = [], {}
    for row in rows:
        contact = people.contact.get(row.customer_id)
        value = values.get(contact or 0)
        if not value:
            stopped[row.id] = (State.SUPPRESSED, Reason.NO_ADDRESS, None)
        elif contact in left_alone:
            stopped[row.id] = (State.SUPPRESSED, Reason.SUPPRESSED, None)
        else:
            kept.append(row)
            found[row.id] = (value, contact)
    return kept, found


def _left_alone(channel: str, values: Mapping[int, str]) -> set[int]:
    rows = Suppression.objects.filter(channel=channel, lifted_at=None)
    if not rows.exists():
        return set()
    ids = list(values)
    hashes = index_many(Suppression._meta.get_field("address_exact"), [values[pk] for pk in ids])
    known = {
        bytes(one) for one in rows.filter(address_exact__in=hashes).values_list("address_exact", flat=True)
    }
    return {pk for pk, one in zip(ids, hashes, strict=True) if one in known}


def _worded(
    rows: Sequence[Due], people: People, given_of: Mapping[int, Mapping[str, Any]], now: datetime
) -> tuple[dict[int, Words], set[int]]:
    wanted = []
    for row in rows:
        given = given_of[row.id]
        version = row.template
        wanted.append(
            Wanted(
                row.id,
                people.head[row.customer_id],
                row.channel,
                row.purpose,
                version.subject if version else given.get("subject", ""),
                version.body if version else given.get("text", ""),
                version.signature if version else "",
                given.get("values"),
            )
        )
    words, missing = worded(wanted, people.members, now=now)
    return words, set(missing)


@step
def _take(
    going: Sequence[Due],
    words: Mapping[int, Words],
    people: People,
    handover: Handover,
    channel: str,
    opened_key: KeyOpener,
    now: datetime,
) -> None:
    """The batch is this worker's: what is about to be said is written before it is said."""
    count = len(going)
    field = Message._meta.get_field("said")
    said = encrypt_many(
        field,
        [row.uuid for row in going],
        [{"subject": words[row.id].subject, "text": words[row.id].text} for row in going],
        [opened_key(row.key) for row in going],
    )
    update_from(
        "messaging_message",
        count,
        {
            "id": [row.id for row in going],
            "said_sealed": said,
            "state": Same(State.CLAIMED.value),
            "reason": Same(""),
            "handover_id": Same(handover.pk),
            "carrier": Same(handover.carrier),
            "contact_id": [people.contact.get(row.customer_id) for row in going],
            "counted_on": [row.counted_on for row in going],
            "try_count": [row.try_count + 1 for row in going],
            "segments": [
                min(words[row.id].length.parts, 99) if channel == Channel.SMS else 1 for row in going
            ],
        },
    )
    first = [row for row in going if row.try_count == 0]
    note_written(
        [
            (people.head[row.customer_id], row.counted_on or now.date(), row.channel, row.purpose)
            for row in first
        ],
        today=now.date(),
    )
    ChannelUse.objects.filter(channel=channel, month=month_of(now)).update(count=F("count") + len(first))


@step
def note_written(entries: Sequence[tuple[int, date, str, str]], *, today: date) -> None:
    """Add days to the people's rows, which are locked; what is older than every limit is dropped."""
    if not entries:
        return
    oldest = (today - timedelta(days=_KEEP_DAYS)).isoformat()
    new: dict[int, list[list[str]]] = {}
    for head, day, channel, purpose in entries:
        new.setdefault(head, []).append([day.isoformat(), channel, purpose])
    days = dict(Contacted.objects.filter(customer__among=list(new)).values_list("customer_id", "days"))
    heads = sorted(new)
    update_from(
        "messaging_contacted",
        len(heads),
        {
            "customer_id": heads,
            "days": [[day for day in days.get(head, []) if day[0] >= oldest] + new[head] for head in heads],
        },
    )
