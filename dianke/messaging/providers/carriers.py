"""Carriers that need no contract: the inbox on the member card, a call an employee makes, and the messengers that carry
codes already (mail server, console, the outbox of a demo)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.core import messages
from dianke.core.actor import SYSTEM
from dianke.core.errors import DiankeError
from dianke.customers.models import Customer
from dianke.messaging.models import Channel
from dianke.messaging.queries.carriers import register_carrier
from dianke.messaging.rules.carriers import TAKEN, Access, AccessField, Answer, Item, Outcome
from dianke.stores.models import Store
from dianke.work.operations import create_task

logger = logging.getLogger("dianke.messages")


class Inbox:
    """What was said lies in the outbox, and the member card shows it: handing it over is all there is to do."""

    code = "inbox"
    channel = Channel.PORTAL.value
    label = gettext_lazy("Inbox of this shop")
    help = gettext_lazy("Customers read it on their member card. Costs nothing and disturbs nobody.")
    fields: Sequence[AccessField] = ()
    batch = 500

    def is_ready(self) -> bool:
        return True

    @contextmanager
    def session(self, access: Access, *, now: datetime) -> Iterator[Inbox]:
        yield self

    def send(self, item: Item) -> Answer:
        return Answer(Outcome.DELIVERED)

    def look_up(self, access: Access, item: Item, *, sent_at: datetime, now: datetime) -> Answer | None:
        return Answer(Outcome.DELIVERED)


@dataclass(frozen=True, slots=True)
class _Caller:
    now: datetime

    def send(self, item: Item) -> Answer:
        """A task for whoever looks after the customer, else for the store; the same message makes one task."""
        customer = Customer.objects.select_related("owner").get(pk=item.customer_id)
        store = Store.objects.filter(pk=customer.store_id or 0).first()
        try:
            create_task(
                title=_("Call %(name)s") % {"name": customer},
                note=item.text,
                kind="followup",
                owner=customer.owner if customer.owner and customer.owner.is_active else None,
                auto_assign=True,
                store=store,
                subject=f"customers.customer:{customer.pk}",
                due_at=self.now + timedelta(days=1),
                reference=f"message:{item.uid}",
                actor=SYSTEM,
                now=self.now,
            )
        except DiankeError as error:
            return Answer(Outcome.REFUSED, detail=error.code)
        return TAKEN


class PhoneList:
    """An employee calls: each message becomes a task with its words."""

    code = "phone_list"
    channel = Channel.CALL.value
    label = gettext_lazy("Phone list of the staff")
    help = gettext_lazy("Whoever looks after the customer gets a task with the words to say.")
    fields: Sequence[AccessField] = ()
    batch = 100

    def is_ready(self) -> bool:
        return True

    @contextmanager
    def session(self, access: Access, *, now: datetime) -> Iterator[_Caller]:
        yield _Caller(now)

    def look_up(self, access: Access, item: Item, *, sent_at: datetime, now: datetime) -> Answer | None:
        return None  # making the task again finds the one that is there


@dataclass(frozen=True, slots=True)
class _HouseSession:
    channel: messages.Channel
    now: datetime

    def send(self, item: Item) -> Answer:
        message = messages.Message(
            self.channel,
            item.to,
            item.approved_code or "messaging.message",
            item.text,
            item.subject,
            values=item.values,
            headers={**item.headers, **self._headers(item)},
        )
        try:
            messages.send(message, now=self.now)
        except DiankeError as error:
            return Answer(Outcome.LATER, detail=error.code)
        return TAKEN

    def _headers(self, item: Item) -> dict[str, str]:
        if self.channel is messages.Channel.SMS:
            return {}
        return {"Message-ID": f"<{item.uid}@dianke.invalid>"}


@dataclass(frozen=True, slots=True)
class House:
    """Whoever carries the codes people sign in with (`DIANKE_SMS`, `DIANKE_EMAIL`); in a demo its outbox."""

    channel: str
    code: str = "house"
    label: str | Promise = gettext_lazy("As codes are sent")
    help: str | Promise = gettext_lazy(
        "The messenger of the installation; in a demo its outbox, which sends nothing."
    )
    fields: Sequence[AccessField] = ()
    batch: int = 100

    def is_ready(self) -> bool:
        return messages.can_send(messages.Channel(self.channel))

    @contextmanager
    def session(self, access: Access, *, now: datetime) -> Iterator[_HouseSession]:
        yield _HouseSession(messages.Channel(self.channel), now)

    def look_up(self, access: Access, item: Item, *, sent_at: datetime, now: datetime) -> Answer | None:
        return None


def register() -> None:
    """Called once, when the app is ready."""
    register_carrier(Inbox(), is_default=True)
    register_carrier(PhoneList(), is_default=True)
    register_carrier(House(Channel.SMS.value), is_default=True)
    register_carrier(House(Channel.EMAIL.value), is_default=True)
