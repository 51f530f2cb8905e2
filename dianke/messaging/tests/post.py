"""The post office of these tests: stores and people of `stores`, customers who agreed, a carrier that remembers what it
got and answers as it is told."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dianke.core.actor import SYSTEM, Actor
from dianke.customers.models import Customer
from dianke.customers.tests.cast import make_customer
from dianke.messaging import operations
from dianke.messaging.models import ChannelSetting, Message, SendingRules
from dianke.messaging.operations import Enqueued, Intent
from dianke.messaging.queries.carriers import register_carrier
from dianke.messaging.rules.carriers import TAKEN, Answer, CarrierUnreachable, Item
from dianke.stores.tests.cast import Cast, make_cast

AGREED = {("MARKETING", "SMS"): True, ("MARKETING", "EMAIL"): True, ("CARE", "SMS"): True}


class FakeCarrier:
    """`answers[n]` is the answer to the n-th message (from 0); others are taken. `known` is what it tells when
    asked."""

    label = help = "fake"
    fields = ()

    def __init__(self, channel: str = "SMS", batch: int = 50) -> None:
        self.channel, self.code, self.batch = channel, "fake", batch
        self.got: list[Item] = []
        self.answers: dict[int, Answer] = {}
        self.known: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.is_reached = True

    def is_ready(self) -> bool:
        return True

    @contextmanager
    def session(self, access: Any, *, now: datetime) -> Iterator[FakeCarrier]:
        if not self.is_reached:
            raise CarrierUnreachable("off")
        yield self

    def send(self, item: Item) -> Answer:
        self.got.append(item)
        return self.answers.get(len(self.got) - 1, TAKEN)

    def look_up(self, access: Any, item: Item, *, sent_at: datetime, now: datetime) -> Answer | None:
        self.asked.append(item.uid)
        return self.known.get(item.uid)


@dataclass
class Post:
    now: datetime
    cast: Cast
    carrier: FakeCarrier
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def actor(self, name: str) -> Actor:
        return SYSTEM if name == "system" else self.cast.actor(name)

    def person(self, name: str = "", **values: Any) -> Customer:
        number = next(self.numbers)
        values = {
            "phone": f"138{number:08d}",
            "email": f"c{number}@example.com",
            "consents": AGREED,
            "store": self.cast.lake,
            **values,
        }
        return make_customer(name or f"顾客{number}", **values)

    def queue(self, *people: Customer, **more: Any) -> Enqueued:
        values: dict[str, Any] = {
            "source": "campaign:1",
            "channel": "SMS",
            "purpose": "MARKETING",
            "body": "{{ salutation }}，秋茶到店了。",
            "actor": SYSTEM,
            "now": self.now,
            **more,
        }
        if "intents" not in values:
            values["intents"] = [Intent(one.pk) for one in people]
        return operations.enqueue(**values)

    def send(self, *, later: timedelta = timedelta(0), channel: str = "SMS", most: int = 100) -> Any:
        return operations.send_due(channel, clock=lambda: self.now + later, most_batches=most)

    def states(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for state in Message.objects.values_list("state", flat=True):
            found[state] = found.get(state, 0) + 1
        return found


def make_post(now: datetime, *, batch: int = 50) -> Post:
    carrier = FakeCarrier(batch=batch)
    register_carrier(carrier)
    ChannelSetting.objects.create(channel="SMS", carrier="fake", changed_at=now)
    SendingRules.objects.create(changed_at=now)
    return Post(now, make_cast(now), carrier)
