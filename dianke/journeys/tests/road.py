"""The road of these tests: the desk of campaigns (stores, people who agreed, a carrier that remembers), short ways to
make a journey and to let time pass, minute by minute as the clock of the worker does."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dianke.customers.models import Customer
from dianke.journeys import operations
from dianke.journeys.models import Journey, Passage, Passed
from dianke.journeys.tasks import run_journeys
from dianke.marketing.tests.desk import Desk, make_desk
from dianke.messaging.models import Message, Template
from dianke.messaging.operations import send_due
from dianke.sales.models import Order

AGREED = {("CARE", "ANY"): True, ("CARE", "SMS"): True, ("MARKETING", "SMS"): True}
BIRTHDAY = {"kind": "BIRTHDAY", "days": 0, "at": "10:00"}


@dataclass
class Road:
    desk: Desk
    now: datetime
    orders: Any = field(default_factory=lambda: itertools.count(1))

    # --- people ------------------------------------------------------------------------------------------------------
    def person(self, **values: Any) -> Customer:
        return self.desk.person(**{"consents": AGREED, **values})

    def buys(self, person: Customer, *, at: datetime | None = None) -> Order:
        at = at or self.now
        return Order.objects.create(
            number=f"W{next(self.orders)}",
            store=self.desk.cast.lake,
            legal_entity_id=self.desk.cast.lake.legal_entity_id,
            channel="TILL",
            customer=person,
            state="CLOSED",
            business_date=at.date(),
            occurred_at=at,
            recorded_at=at,
            closed_at=at,
            currency="CNY",
        )

    # --- journeys ----------------------------------------------------------------------------------------------------
    def text(self, body: str = "{{ salutation }}，生日快乐！", **values: Any) -> Template:
        return self.desk.template(body, purpose=values.pop("purpose", "CARE"), **values)

    def message(self, key: str = "hello", **values: Any) -> dict[str, Any]:
        body = {"body": values.pop("body")} if "body" in values else {}
        return {"key": key, "kind": "MESSAGE", "texts": {"SMS": self.text(**body).pk}, **values}

    def plan(self, *steps: dict[str, Any], **values: Any) -> dict[str, Any]:
        return {
            "trigger": BIRTHDAY,
            "purpose": "CARE",
            "channels": ["SMS"],
            "steps": list(steps) or [self.message()],
            **values,
        }

    def draft(self, plan: dict[str, Any] | None = None, *, by: str = "owner", **values: Any) -> Journey:
        values = {"name": "生日祝福", "draft": plan or self.plan(), **values}
        return operations.draft_journey(values=values, actor=self.desk.actor(by), now=self.now)

    def published(self, plan: dict[str, Any] | None = None, **values: Any) -> Journey:
        return self.act("publish", self.draft(plan, **values))

    def act(self, name: str, journey: Journey, *, by: str = "owner", **more: Any) -> Journey:
        operation = getattr(operations, f"{name}_journey")
        found: Journey = operation(journey=journey, actor=self.desk.actor(by), now=self.now, **more)
        return found

    def change(self, journey: Journey, plan: dict[str, Any], *, by: str = "owner") -> Journey:
        return self.act("change", journey, by=by, values={"draft": plan})

    # --- time --------------------------------------------------------------------------------------------------------
    def tick(self) -> None:
        """What the worker does in a minute: people go on, messages go out, and are seen to have gone."""
        run_journeys(self.now)
        send_due("SMS", clock=lambda: self.now)
        run_journeys(self.now)

    def later(self, **span: float) -> None:
        """The worker sleeps, then wakes."""
        self.now += timedelta(**span)
        self.tick()

    def pass_hours(self, hours: int) -> None:
        for _hour in range(hours):
            self.later(hours=1)

    # --- what became of it -------------------------------------------------------------------------------------------
    def sent(self, person: Customer | None = None) -> int:
        rows = Message.objects.filter(state__in=["SENT", "DELIVERED", "READ"], source__startswith="journey:")
        return (rows if person is None else rows.filter(customer=person)).count()


def passage(journey: Journey, person: Customer) -> Passage:
    found: Passage = journey.passages.get(customer=person)
    return found


def trail(journey: Journey, person: Customer) -> list[tuple[str, str, str]]:
    rows = Passed.objects.filter(passage__journey=journey, passage__customer=person).order_by("pk")
    return list(rows.values_list("step", "outcome", "reason"))


def make_road(now: datetime, cast: Any = None) -> Road:
    return Road(make_desk(now, cast), now)
