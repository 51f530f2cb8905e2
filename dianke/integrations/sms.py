"""What carriers of text messages over HTTP have in common, and the templates they need for codes and notices: the shop
has the text of each occasion approved by the vendor, as the form shows it, and enters what the vendor calls it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from dianke.core.messages import Occasion, occasions
from dianke.integrations.http import NotReached, Reply, Unanswered
from dianke.messaging.models import Channel
from dianke.messaging.rules.carriers import Access, AccessField, Answer, Item, Outcome

#: For the reports and answers the vendor posts here: whoever knows the address is the vendor.
CALLBACK_FIELD = AccessField(
    "callback_token",
    _("Secret of the callback address"),
    _("Any long random word; reports and replies are posted to /hooks/sms/<carrier>/<secret>/."),
    is_secret=True,
    is_needed=False,
)


_PLACE = re.compile(r"%\((\w+)\)s")
#: The vendor puts the approved signature before the text.
_SIGNATURE = re.compile(r"^【[^】]*】")
Place = Callable[[int, str], str]


def words_of(occasion: Occasion) -> str:
    """The text of an occasion as a vendor approves it: in Chinese, without the signature."""
    with override("zh-hans"):
        text = _SIGNATURE.sub("", gettext(occasion.text))
    return _PLACE.sub(lambda found: occasion.fixed.get(found[1], found[0]), text)


def approvable(occasion: Occasion, place: Place) -> str:
    """The same with its places as the vendor writes them."""
    text = words_of(occasion)
    for number, name in enumerate(_PLACE.findall(text), start=1):
        text = text.replace(f"%({name})s", place(number, name))
    return text


def _field_of(occasion: str) -> str:
    return f"template_{occasion.replace('.', '_')}"


@dataclass(frozen=True, slots=True)
class SmsSession:
    """Sends one message a request; `ask` makes the request, `read` its answer."""

    access: Access
    now: datetime
    ask: Callable[[Access, Item, datetime], Reply]
    read: Callable[[Reply], Answer]

    def send(self, item: Item) -> Answer:
        if not item.approved_code:
            # Every vendor sends approved templates only.
            return Answer(Outcome.REFUSED, detail="no approved template")
        try:
            reply = self.ask(self.access, item, self.now)
        except NotReached as error:
            return Answer(Outcome.LATER, detail=str(error))
        except Unanswered as error:
            return Answer(Outcome.UNKNOWN, detail=str(error))
        if reply.status >= 500:
            return Answer(Outcome.UNKNOWN, detail=str(reply.status))
        return self.read(reply)


@dataclass(frozen=True, slots=True)
class SmsCarrier:
    """A carrier made of the things that differ between vendors. `place` writes the n-th place of a template."""

    code: str
    label: str | Promise
    help: str | Promise
    access_fields: Sequence[AccessField]
    place: Place
    ask: Callable[[Access, Item, datetime], Reply]
    read: Callable[[Reply], Answer]
    find: Callable[[Access, Item, datetime, datetime], Answer]
    channel: str = Channel.SMS.value
    batch: int = 50

    @property
    def fields(self) -> Sequence[AccessField]:
        """Those of the access, and one for the template of every occasion."""
        return [
            *self.access_fields,
            *(
                AccessField(
                    _field_of(each.code),
                    each.label,
                    gettext("Have this text approved: %(words)s") % {"words": approvable(each, self.place)},
                    is_needed=False,
                    section=_("Templates of codes and notices"),
                )
                for each in occasions()
            ),
        ]

    def approved_code(self, access: Access, occasion: str) -> str:
        return str(access.get(_field_of(occasion)) or "")

    def places(self, occasion: str) -> Sequence[str]:
        return next(
            (_PLACE.findall(words_of(each)) for each in occasions() if each.code == occasion),
            (),
        )

    def is_ready(self) -> bool:
        return True

    @contextmanager
    def session(self, access: Access, *, now: datetime) -> Iterator[SmsSession]:
        yield SmsSession(access, now, self.ask, self.read)

    def look_up(self, access: Access, item: Item, *, sent_at: datetime, now: datetime) -> Answer | None:
        try:
            return self.find(access, item, sent_at, now)
        except (NotReached, Unanswered) as error:
            return Answer(Outcome.UNKNOWN, detail=str(error))
