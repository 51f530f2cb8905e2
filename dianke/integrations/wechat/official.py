"""Template messages of a service account and subscribe messages of a mini-program.

WeChat fills approved templates in: the words of a message are lines `keyword: value`, the keywords those of the
template (`thing1`, `amount2`). `client_msg_id` is our identity of a message: within ten minutes WeChat takes the same
one once. A mini-program may say one thing for each time somebody pressed “allow”; nobody can ask how often they did,
so the answer 43101 is the truth."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.integrations.http import NotReached, Reply, Unanswered
from dianke.integrations.tokens import TokenRefused
from dianke.integrations.wechat.tokens import ENDPOINT, call
from dianke.messaging.models import Channel
from dianke.messaging.queries.carriers import register_carrier
from dianke.messaging.rules.carriers import Access, AccessField, Answer, Item, Outcome

TEMPLATE, SUBSCRIBE = "template", "subscribe"
_PATHS = {TEMPLATE: "/cgi-bin/message/template/send", SUBSCRIBE: "/cgi-bin/message/subscribe/send"}
_LINE = re.compile(r"^\s*([a-z_]+\d*)(?:\.DATA)?\s*[:：]\s*(.+?)\s*$")
#: Busy, too many at once, the quota of the day: nothing was taken.
_LATER = frozenset({-1, 43108, 45009, 45011})
#: The token could not be renewed, or this server may not call: nothing was taken, somebody has to look.
_SETUP = frozenset({40001, 40014, 42001, 40164, 48001})
#: No such open ID at this account.
_NOBODY = frozenset({40003})


def keywords_of(text: str) -> dict[str, dict[str, str]]:
    """`{"thing1": {"value": "…"}}` of the lines of a message."""
    found = (_LINE.match(line) for line in text.splitlines())
    return {match[1]: {"value": match[2]} for match in found if match}


@dataclass(frozen=True, slots=True)
class WeChatSession:
    access: Access
    now: datetime

    def send(self, item: Item) -> Answer:
        data = keywords_of(item.text)
        if not item.approved_code or not data:
            # WeChat sends approved templates only.
            return Answer(Outcome.REFUSED, detail="no approved template")
        kind = str(self.access.get("kind") or TEMPLATE)
        body: dict[str, object] = {"touser": item.to, "template_id": item.approved_code, "data": data}
        if kind == TEMPLATE:
            body |= {"client_msg_id": item.uid.replace("-", "")}
            if self.access.get("link"):
                body["url"] = str(self.access["link"])
        elif self.access.get("link"):
            body["page"] = str(self.access["link"])
        try:
            reply = call(self.access, _PATHS[kind], body, now=self.now)
        except (NotReached, TokenRefused) as error:
            return Answer(Outcome.LATER, detail=str(error))
        except Unanswered as error:
            return Answer(Outcome.UNKNOWN, detail=str(error))
        return read(reply)


def read(reply: Reply) -> Answer:
    """What an answer says of the message. One without a code says nothing."""
    code = reply.data.get("errcode")
    if reply.status >= 500 or not isinstance(code, int):
        return Answer(Outcome.UNKNOWN, detail=str(reply.status))
    if code == 0:
        return Answer(Outcome.SENT, carrier_id=str(reply.data.get("msgid") or ""))
    outcome = Outcome.LATER if code in _LATER | _SETUP else Outcome.REFUSED
    return Answer(outcome, detail=str(code), bad_address=code in _NOBODY)


class WeChat:
    code = "wechat"
    channel = Channel.WECHAT.value
    label = _("WeChat service account or mini-program")
    help = _(
        "Sends templates WeChat approved, about orders, bookings and points. WeChat forbids offers in them."
    )
    batch = 50
    fields: Sequence[AccessField] = (
        AccessField(
            "kind",
            _("What is sent"),
            default=TEMPLATE,
            choices=(
                (TEMPLATE, _("Template messages of a service account")),
                (SUBSCRIBE, _("Subscribe messages of a mini-program")),
            ),
        ),
        AccessField("app_id", "AppID"),
        AccessField("secret", "AppSecret", is_secret=True),
        AccessField(
            "link",
            pgettext_lazy("of a message", "Opens"),
            _("A page of the mini-program, or an address."),
            is_needed=False,
        ),
        AccessField(
            "callback_token",
            _("Token of the server settings"),
            _("WeChat posts what became of messages to /hooks/wechat/."),
            is_secret=True,
            is_needed=False,
        ),
        AccessField(
            "aes_key", "EncodingAESKey", _("43 characters, mode: secure"), is_secret=True, is_needed=False
        ),
        AccessField("endpoint", _("Address of the service"), default=ENDPOINT, is_needed=False),
    )

    def is_ready(self) -> bool:
        return True

    @contextmanager
    def session(self, access: Access, *, now: datetime) -> Iterator[WeChatSession]:
        yield WeChatSession(access, now)

    def look_up(self, access: Access, item: Item, *, sent_at: datetime, now: datetime) -> Answer | None:
        if access.get("kind") == SUBSCRIBE:
            # A second try would be a second message and use up another permission: it stays uncertain.
            return Answer(Outcome.UNKNOWN)
        return None  # it goes again under its client_msg_id


def register() -> None:
    """Called once, when the apps are ready."""
    register_carrier(WeChat())
