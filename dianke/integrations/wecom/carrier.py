"""Mass messages of WeCom, one for each customer, because the words are each person's own.

WeCom hands a message to an employee and sends it when they tap: until then it is with them. Whoever looks after the
customer gets it, where the settings say who that is at WeCom; otherwise WeCom gives it to whoever of the staff last
talked with the customer. WeCom takes no identity of ours: a message in doubt is looked for among the tasks of that day
by its words and its customer, and sent again only when the list does not show it some time later."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.customers.models import Customer
from dianke.integrations.http import NotReached, Reply, Unanswered
from dianke.integrations.tokens import TokenRefused
from dianke.integrations.wecom.calls import ENDED, ENDPOINT, NotTold, call, listed
from dianke.messaging.models import Channel, Message
from dianke.messaging.queries.carriers import register_carrier
from dianke.messaging.rules.carriers import Access, AccessField, Answer, Item, Outcome

MOST_BYTES = 4000
#: A task that is not in the list so long after it was asked for was not made.
SURE_AFTER = timedelta(minutes=10)
_CLOCKS = timedelta(minutes=10)  # by how much theirs and ours may differ
_LINE = re.compile(r"^\s*(\S+?)\s*[=:：＝]\s*(\S+)\s*$", re.MULTILINE)
#: Too often or too many at once: nothing was taken.
_BUSY = frozenset({45009, 45033})
#: The secret, the rights of the app, this server's address or the employee's account: somebody has to look.
_SETUP = frozenset({40001, 40003, 40013, 48002, 60011, 60020}) | ENDED
#: No such customer at this company.
_NOBODY = frozenset({40096, 84061})
_SENT, _NOT_FRIEND, _TOO_MANY = 1, 2, 3


def staff_of(text: str) -> dict[str, str]:
    """User name → account at WeCom, of lines `name = account`."""
    return {name.lower(): account for name, account in _LINE.findall(text)}


def sender_of(access: Access, customer_id: int) -> str:
    """The account at WeCom of whoever looks after the customer; empty where it is not known."""
    staff = staff_of(str(access.get("staff") or ""))
    if not staff:
        return ""
    rows = Customer.objects.filter(pk=customer_id, owner__is_active=True)
    return staff.get((rows.values_list("owner__username", flat=True).first() or "").lower(), "")


@dataclass(frozen=True, slots=True)
class WeComSession:
    access: Access
    now: datetime

    def send(self, item: Item) -> Answer:
        if len(item.text.encode()) > MOST_BYTES:
            return Answer(Outcome.REFUSED, detail=f"more than {MOST_BYTES} bytes")
        body: dict[str, object] = {
            "chat_type": "single",
            "external_userid": [item.to],
            "text": {"content": item.text},
        }
        sender = sender_of(self.access, item.customer_id)
        if sender:
            body["sender"] = sender
        try:
            reply = call(self.access, "add_msg_template", body, now=self.now)
        except (NotReached, TokenRefused) as error:
            return Answer(Outcome.LATER, detail=str(error))
        except Unanswered as error:
            return Answer(Outcome.UNKNOWN, detail=str(error))
        return read(reply, to=item.to, sender=sender)


def read(reply: Reply, *, to: str, sender: str) -> Answer:
    """What an answer says of the message. One without a code, and “busy, try again”, leave it open. A customer who is
    no contact of the employee we named may be one of another's; without a name, of nobody's."""
    code, task = reply.data.get("errcode"), str(reply.data.get("msgid") or "")
    if reply.status >= 500 or not isinstance(code, int):
        return Answer(Outcome.UNKNOWN, detail=str(reply.status))
    failed = reply.data.get("fail_list")
    if code in _NOBODY or (isinstance(failed, list) and to in failed):
        is_nobody = code in _NOBODY or not sender
        return Answer(Outcome.REFUSED, detail=str(code), bad_address=is_nobody, reason="not_friend")
    if code == 0 and task:
        return Answer(Outcome.HANDED, carrier_id=task)
    if code in (0, -1):
        return Answer(Outcome.UNKNOWN, detail=str(code))
    return Answer(Outcome.LATER if code in _BUSY | _SETUP else Outcome.REFUSED, detail=str(code))


def _rows(access: Access, task: str, now: datetime) -> list[Mapping[str, Any]]:
    """A row for each customer of a task. Raises `NotTold`, and as `call`."""
    body: dict[str, object] = {"msgid": task, "limit": 1000}
    staff = [row.get("userid") for row in listed(access, "get_groupmsg_task", body, "task_list", now=now)]
    return [
        row
        for userid in staff
        for row in listed(
            access, "get_groupmsg_send_result", {**body, "userid": userid}, "send_list", now=now
        )
    ]


def _found(access: Access, item: Item, begun: datetime, now: datetime) -> str:
    """The task that was made of a message, empty when there is none. Raises `NotTold` when that cannot be said, and as
    `call`."""
    body: dict[str, object] = {
        "chat_type": "single",
        "start_time": int((begun - _CLOCKS).timestamp()),
        "end_time": int((begun + timedelta(days=1)).timestamp()),
        "filter_type": 0,
        "limit": 100,
    }
    alike = [
        str(row.get("msgid") or "")
        for row in listed(access, "get_groupmsg_list_v2", body, "group_msg_list", now=now)
        if _words(str((row.get("text") or {}).get("content", ""))) == _words(item.text)
    ]
    known = Message.objects.filter(channel=Channel.WECOM, carrier_id__in=alike)
    others = set(known.values_list("carrier_id", flat=True))
    is_open = False
    for task in alike:
        if not task or task in others:
            continue
        rows = _rows(access, task, now)
        if any(row.get("external_userid") == item.to for row in rows):
            return task
        is_open = is_open or not rows
    if is_open:
        raise NotTold("a task with these words, for nobody knows whom")
    return ""


def _words(text: str) -> str:
    return " ".join(text.split())


class WeCom:
    code = "wecom"
    channel = Channel.WECOM.value
    label = _("WeCom, sent by an employee")
    help = _("An employee gets each message in WeCom and sends it to the customer by one tap.")
    batch = 20
    fields: Sequence[AccessField] = (
        AccessField("corp_id", _("Company ID (CorpID)")),
        AccessField(
            "secret",
            _("Secret of the app"),
            _("Of your own app, allowed to call the customer contact interfaces."),
            is_secret=True,
        ),
        AccessField(
            "staff",
            _("Employees at WeCom"),
            _(
                "A line for each: user name here = account at WeCom. Whoever is missing: WeCom gives the message to "
                "the employee who last talked with the customer."
            ),
            is_needed=False,
            is_long=True,
        ),
        AccessField(
            "callback_token",
            _("Token of the event server"),
            _("WeCom posts to /hooks/wecom/ who takes an employee off their contacts."),
            is_secret=True,
            is_needed=False,
        ),
        AccessField("aes_key", "EncodingAESKey", _("43 characters"), is_secret=True, is_needed=False),
        AccessField("endpoint", _("Address of the service"), default=ENDPOINT, is_needed=False),
    )

    def is_ready(self) -> bool:
        return True

    @contextmanager
    def session(self, access: Access, *, now: datetime) -> Iterator[WeComSession]:
        yield WeComSession(access, now)

    def look_up(self, access: Access, item: Item, *, sent_at: datetime, now: datetime) -> Answer | None:
        if not item.to:
            return Answer(Outcome.REFUSED, reason="gone")
        begun = (
            Message.objects.filter(pk=item.id).values_list("handover__begun_at", flat=True).first() or sent_at
        )
        try:
            task = _found(access, item, begun, now)
        except (NotReached, Unanswered, TokenRefused, NotTold) as error:
            return Answer(Outcome.UNKNOWN, detail=str(error))
        if task:
            return Answer(Outcome.HANDED, carrier_id=task)
        return Answer(Outcome.UNKNOWN) if now - begun < SURE_AFTER else None

    def result(self, access: Access, item: Item, *, carrier_id: str, now: datetime) -> Answer:
        try:
            rows = _rows(access, carrier_id, now)
        except (NotReached, Unanswered, TokenRefused) as error:
            return Answer(Outcome.LATER, detail=str(error))
        except NotTold:
            return Answer(Outcome.HANDED)
        states = {row.get("status") for row in rows if row.get("external_userid") == item.to or not item.to}
        if _SENT in states:
            return Answer(Outcome.DELIVERED)
        if states == {_NOT_FRIEND}:
            return Answer(Outcome.REFUSED, detail="not a contact", bad_address=True, reason="not_friend")
        if states and states <= {_NOT_FRIEND, _TOO_MANY}:
            return Answer(Outcome.REFUSED, detail="limit of the customer", reason="carrier_limit")
        return Answer(Outcome.HANDED)

    def recall(self, access: Access, *, carrier_id: str, now: datetime) -> bool:
        try:
            reply = call(access, "cancel_groupmsg_send", {"msgid": carrier_id}, now=now)
        except (NotReached, Unanswered, TokenRefused):
            return False
        return reply.data.get("errcode") == 0


def register() -> None:
    """Called once, when the apps are ready."""
    register_carrier(WeCom())
