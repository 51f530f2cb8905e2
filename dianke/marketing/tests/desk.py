"""The desk of these tests: stores and people of `stores`, a carrier that remembers what it got, customers who agreed,
one kind of coupon, and short ways to make a campaign and let it run."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dianke.core.actor import SYSTEM, Actor
from dianke.customers.models import Customer
from dianke.customers.tests.cast import make_customer
from dianke.marketing import operations
from dianke.marketing.models import Campaign, Member, State
from dianke.marketing.operations import VariantPlan
from dianke.marketing.tasks import run_campaigns
from dianke.messaging.models import ChannelSetting, Message, SendingRules, Template, TemplateVersion
from dianke.messaging.operations import send_due
from dianke.messaging.queries.carriers import register_carrier
from dianke.messaging.tests.post import AGREED, FakeCarrier
from dianke.promotions import operations as promotions
from dianke.promotions.models import CouponKind
from dianke.stores.tests.cast import make_cast

TEXT = "{{ salutation }}，送您{{ coupon }}，券码{{ coupon_code }}"


@dataclass
class Desk:
    now: datetime
    cast: Any
    carrier: FakeCarrier
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def actor(self, name: str) -> Actor:
        return SYSTEM if name == "system" else self.cast.actor(name)

    def person(self, **values: Any) -> Customer:
        number = next(self.numbers)
        values = {
            "phone": f"138{number:08d}",
            "email": f"c{number}@example.com",
            "consents": AGREED,
            "store": self.cast.lake,
            **values,
        }
        return make_customer(f"顾客{number}", **values)

    def people(self, count: int, **values: Any) -> list[Customer]:
        return [self.person(**values) for _n in range(count)]

    def kind(self, **values: Any) -> CouponKind:
        terms = values.pop("terms", {"rule": {"kind": "CASH", "amount": 2000}, "threshold_amount": 10000})
        values = {"name": "满100减20", "valid_days": 30, **values}
        return promotions.make_kind(
            values={**values, "terms": terms}, actor=self.actor("owner"), now=self.now
        )

    def template(self, body: str = TEXT, *, channel: str = "SMS", name: str = "", **values: Any) -> Template:
        row = Template.objects.create(
            name=name or f"模板{next(self.numbers)}",
            channel=channel,
            body=body,
            created_at=self.now,
            changed_at=self.now,
            **{"subject": "您的礼物" if channel == "EMAIL" else "", **values},
        )
        TemplateVersion.objects.create(
            template=row, number=1, subject=row.subject, body=row.body, since=self.now
        )
        return row

    def draft(
        self, *, by: str = "owner", variants: list[VariantPlan] | None = None, **values: Any
    ) -> Campaign:
        if variants is None:
            variants = [VariantPlan(1, self.kind().pk, {"SMS": self.template().pk})]
        values = {
            "name": "秋茶上新",
            "channels": ["SMS"],
            "control_bp": 0,
            "starts_at": self.now,
            "prices": {"SMS": "0.05"},
            **values,
        }
        return operations.draft_campaign(values=values, variants=variants, actor=self.actor(by), now=self.now)

    def scheduled(self, **values: Any) -> Campaign:
        return self.submit(self.draft(**values))

    def submit(self, campaign: Campaign, *, by: str = "owner", reason: str = "") -> Campaign:
        return operations.submit_campaign(
            campaign=campaign, reason=reason, actor=self.actor(by), now=self.now
        )

    def run(self, *, minutes: float = 0) -> None:
        run_campaigns(self.later(minutes))

    def send(self, *, minutes: float = 0) -> None:
        send_due("SMS", clock=lambda: self.later(minutes))

    def later(self, minutes: float) -> datetime:
        return self.now + timedelta(minutes=minutes)

    def act(
        self, name: str, campaign: Campaign, *, by: str = "owner", minutes: float = 0, **more: Any
    ) -> Any:
        operation = getattr(operations, f"{name}_campaign")
        return operation(campaign=campaign, actor=self.actor(by), now=self.later(minutes), **more)


def states(campaign: Campaign) -> dict[str, int]:
    """How many members are in which state."""
    found: dict[str, int] = {}
    for state in campaign.members.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def member(campaign: Campaign, person: Customer) -> Member:
    return campaign.members.get(customer=person)


def messages(campaign: Campaign) -> list[Message]:
    return list(Message.objects.filter(source=campaign.source).order_by("pk"))


def fresh(campaign: Campaign) -> Campaign:
    campaign.refresh_from_db()
    return campaign


def is_in(campaign: Campaign, state: State) -> bool:
    return fresh(campaign).state == state


def make_desk(now: datetime, cast: Any = None) -> Desk:
    carrier = FakeCarrier()
    register_carrier(carrier)
    ChannelSetting.objects.create(channel="SMS", carrier="fake", changed_at=now)
    SendingRules.objects.create(changed_at=now)
    return Desk(now, cast or make_cast(now), carrier)
