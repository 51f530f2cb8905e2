"""Into the outbox and out again before it goes: many messages by a few statements, one by a person, cancelled while it
waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.copying import Same, copy_into
from dianke.core.encrypted_fields import encrypt_many
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.core.ids import uuid7s
from dianke.core.models import DataKey
from dianke.customers.models import Customer
from dianke.events.operations import operation, record, step, unchanged
from dianke.messaging.models import WAITING, Channel, Message, Purpose, State, Template, TemplateVersion
from dianke.messaging.queries.allowed import allowed
from dianke.messaging.queries.reasons import reason_text
from dianke.messaging.queries.variables import given_codes, known_codes
from dianke.messaging.rules.words import ValueMissing, read_wording

SEND = "messaging.send_messages"
MOST_TOLD = 500


class TextMissing(InvalidInput):
    code = "message_text_missing"
    message = _("Write what is to be said, or choose a template.")
    default_field = "body"


class ChannelUnknown(InvalidInput):
    code = "message_channel_unknown"
    message = _("Choose a channel.")
    default_field = "channel"


class TemplateUnfit(InvalidInput):
    code = "message_template_unfit"
    message = _("This template is for another channel, or it was put away. Choose another.")
    default_field = "template"


class NotAllowedNow(Conflict):
    code = "message_not_allowed"
    message = _("It cannot be sent: %(why)s")
    default_field = "channel"


class AlreadyGone(Conflict):
    code = "message_already_gone"
    message = _("It is on its way already and cannot be called back.")


class CustomerOutOfReach(NotFound):
    code = "message_customer_unknown"
    message = _("This customer is not there any more, or not yours to see.")


@dataclass(frozen=True, slots=True)
class Intent:
    """One person who is to get it. `values` are for variables that come with the message."""

    customer_id: int
    occurrence: str = ""
    values: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Enqueued:
    """How many were written down now, and how many had been before."""

    added: int
    before: int


@operation(SEND)
def enqueue(
    *,
    source: str,
    step: str = "",
    channel: str,
    purpose: str,
    template: Template | None = None,
    subject: str = "",
    body: str = "",
    intents: Iterable[Intent],
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> Enqueued:
    """Write down that these people are to be told something, each once for (source, step, person, occurrence)
    however often this runs. A person is the profile; customers merged into it are the same person. Who may not be
    written to is found out when the message goes. A dozen statements for a hundred thousand people.

    Without a template `body` is said as it stands, variables filled in. Raises `ChannelUnknown`, `TextMissing`,
    `TemplateUnfit`, `VariableUnknown`, `ValueMissing`.
    """
    version = _checked(channel, purpose, template, subject, body)
    wanted = list(intents)
    needed = _given_needed(version, subject, body)
    for intent in wanted:
        for name in needed - (intent.values or {}).keys():
            raise ValueMissing(name=name)
    people = _profiles(wanted, actor)
    added = _write(
        [(people[one.customer_id], one) for one in wanted if one.customer_id in people],
        common={
            "source": source,
            "step": step,
            "channel": channel,
            "purpose": purpose,
            "template_id": version.pk if version else None,
            "created_at": now,
            "created_by_id": actor.user_id,
            "due_at": due_at or now,
            "expires_at": expires_at,
        },
        words=None if version else {"subject": subject, "text": body},
    )
    if not added:
        unchanged()
    else:
        record(
            "messaging.messages_queued",
            f"messaging.source:{source}",
            actor=actor,
            now=now,
            data={"count": len(added), "channel": channel, "purpose": purpose, "step": step},
        )
    return Enqueued(len(added), len(wanted) - len(added))


@operation(SEND)
def enqueue_one(
    *,
    customer: Customer,
    source: str,
    channel: str,
    purpose: str,
    template: Template | None = None,
    subject: str = "",
    body: str = "",
    values: Mapping[str, str] | None = None,
    due_at: datetime,
    actor: Actor,
    now: datetime,
) -> Message:
    """A person writes to one customer. What the rules forbid for good is refused at once, with the reason; what has
    to wait is written down and waits. Raises as `enqueue` and `CustomerOutOfReach`, `NotAllowedNow`."""
    version = _checked(channel, purpose, template, subject, body)
    for name in _given_needed(version, subject, body) - (values or {}).keys():
        raise ValueMissing(name=name)
    head = customer.merged_into or customer
    if not Customer.objects.visible_to(actor).filter(pk=head.pk).exists():
        raise CustomerOutOfReach
    verdict = allowed([head.pk], channel=channel, purpose=purpose, at=now)[head.pk]
    if not verdict.is_allowed and not verdict.is_passing:
        raise NotAllowedNow(why=reason_text(verdict.reasons[0]))
    intent = Intent(head.pk, values=dict(values or {}) or None)
    added = _write(
        [((head.pk, head.key_id, head.store_id), intent)],
        common={
            "source": source,
            "step": "",
            "channel": channel,
            "purpose": purpose,
            "template_id": version.pk if version else None,
            "created_at": now,
            "created_by_id": actor.user_id,
            "due_at": due_at,
            "expires_at": None,
        },
        words=None if version else {"subject": subject, "text": body},
    )
    message = Message.objects.get(source=source, step="", customer=head, occurrence="")
    if not added:
        unchanged()
        return message
    record(
        "messaging.message_queued",
        message,
        also=[head],
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"channel": channel, "purpose": purpose},
    )
    return message


@operation(SEND)
def cancel(*, messages: Sequence[Message], actor: Actor, now: datetime) -> int:
    """Call messages back that still wait, or that an employee has not sent yet; how many. Raises `AlreadyGone` when
    none of them does."""
    ids = [message.pk for message in messages]
    waiting = Message.objects.visible_to(actor).filter(pk__in=ids).recallable().select_for_update()
    rows = list(waiting.values_list("pk", "customer_id"))
    if not rows:
        raise AlreadyGone
    _call_back(Message.objects.filter(pk__in=[pk for pk, _customer in rows]), reason="by_hand", now=now)
    record(
        "messaging.messages_cancelled",
        f"messaging.message:{rows[0][0]}",
        also=[f"customers.customer:{customer}" for _pk, customer in rows[:MOST_TOLD]],
        actor=actor,
        now=now,
        data={"count": len(rows)},
    )
    return len(rows)


@operation(SEND)
def cancel_source(*, source: str, step: str | None = None, actor: Actor, now: datetime) -> int:
    """Call back everything of a source that still waits or is with an employee: a campaign that is stopped stops. How
    many."""
    waiting = Message.objects.filter(source=source).recallable()
    if step is not None:
        waiting = waiting.filter(step=step)
    count = _call_back(waiting, reason="source_stopped", now=now)
    if not count:
        unchanged()
        return 0
    record(
        "messaging.source_cancelled",
        f"messaging.source:{source}",
        actor=actor,
        now=now,
        data={"count": count, "step": step or ""},
    )
    return count


@step
def _call_back(rows: QuerySet[Message], *, reason: str, now: datetime) -> int:
    """What waits is cancelled; what an employee has is marked, and the next run takes it back (`handed.py`)."""
    marked = rows.filter(state=State.HANDED).update(reason=reason, due_at=now)
    return marked + rows.filter(state__in=WAITING).update(state=State.CANCELLED, reason=reason)


# --- steps -----------------------------------------------------------------------------------------------------------
def _checked(
    channel: str, purpose: str, template: Template | None, subject: str, body: str
) -> TemplateVersion | None:
    if channel not in Channel.values or purpose not in Purpose.values:
        raise ChannelUnknown
    if template is None:
        if not body.strip():
            raise TextMissing
        read_wording(subject, known_codes())
        read_wording(body, known_codes())
        return None
    if template.channel != channel or template.state != Template.State.ACTIVE:
        raise TemplateUnfit
    found: TemplateVersion = template.versions.get(number=template.version)
    return found


def _given_needed(version: TemplateVersion | None, subject: str, body: str) -> set[str]:
    texts = (version.subject, version.body) if version else (subject, body)
    used = {name for text in texts for name in read_wording(text, known_codes()).variables}
    return used & given_codes()


Profile = tuple[int, Any, int | None]


def _profiles(intents: Sequence[Intent], actor: Actor) -> dict[int, Profile]:
    """Customer asked for → (head, its data key, its store); those nobody may be written to any more are left out."""
    ids = {one.customer_id for one in intents}
    seen = Customer.objects.filter(pk__among=ids)
    if not actor.is_system:
        seen = seen.filter(pk__in=Customer.objects.visible_to(actor).values("pk"))
    head_of = {pk: merged or pk for pk, merged in seen.values_list("pk", "merged_into_id")}
    heads = {
        pk: (pk, key, store)
        for pk, key, store in Customer.objects.filter(pk__among=set(head_of.values()))
        .in_use()
        .values_list("pk", "key_id", "store_id")
    }
    return {pk: heads[head] for pk, head in head_of.items() if head in heads}


@step
def _write(
    wanted: Sequence[tuple[Profile, Intent]], *, common: Mapping[str, Any], words: Mapping[str, str] | None
) -> list[int]:
    """Stage the rows with COPY, take over those that are new; their customers."""
    count = len(wanted)
    if not count:
        return []
    uids = list(uuid7s(count))
    given = [
        {**(words or {}), **({"values": dict(one.values)} if one.values else {})} or None
        for _who, one in wanted
    ]
    sealed: list[bytes | None] = [None] * count
    if any(given):
        keys = DataKey.objects.in_bulk({who[1] for who, _one in wanted})
        field = Message._meta.get_field("given")
        sealed = encrypt_many(field, uids, given, [keys[who[1]] for who, _one in wanted])
    columns: dict[str, Any] = {
        "uuid": uids,
        "key_id": [who[1] for who, _one in wanted],
        "customer_id": [who[0] for who, _one in wanted],
        "store_id": [who[2] for who, _one in wanted],
        "occurrence": [one.occurrence for _who, one in wanted],
        "given_sealed": sealed,
        **{name: Same(value) for name, value in common.items()},
        **{name: Same("") for name in ("reason", "detail", "carrier", "carrier_id")},
        "state": Same(State.QUEUED.value),
        "try_count": Same(0),
        "segments": Same(1),
    }
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE messaging_wanted ON COMMIT DROP AS SELECT {names} FROM messaging_message WITH NO DATA"  # noqa: S608 - names are ours
        )
        copy_into("messaging_wanted", count, columns)
        cursor.execute(
            f"INSERT INTO messaging_message ({names}) SELECT {names} FROM messaging_wanted ORDER BY customer_id"  # noqa: S608
            " ON CONFLICT (source, step, customer_id, occurrence) DO NOTHING RETURNING customer_id"
        )
        added = [pk for (pk,) in cursor.fetchall()]
        cursor.execute("DROP TABLE messaging_wanted")
    return added
