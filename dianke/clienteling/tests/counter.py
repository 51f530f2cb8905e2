"""The counter of these tests: the house of customers, people who agreed to be contacted, facts that are a reason."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dianke.access.models import User
from dianke.clienteling import operations
from dianke.clienteling.models import Entry, Outcome
from dianke.clienteling.queries.reasons import reasons_of_day
from dianke.clienteling.queries.rules import reasons_in_force
from dianke.core.actor import SYSTEM, Actor
from dianke.customers.models import Customer
from dianke.customers.tests.cast import make_customer, make_house
from dianke.insight.models import CustomerMetrics
from dianke.sales.models import Order
from dianke.stores.queries import local_date
from dianke.stores.tests.cast import Cast

TODAY = date(2026, 11, 21)  # of the fixture `now`
AGREED = {("MARKETING", "ANY"): True, ("CARE", "ANY"): True}


@dataclass
class Counter:
    now: datetime
    cast: Cast
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def today(self) -> date:
        return local_date(self.now)

    def actor(self, name: str) -> Actor:
        return self.cast.actor(name)

    def user(self, name: str) -> User:
        user: User = self.cast[name].user
        return user

    def person(self, name: str = "", *, since: int = 400, **values: Any) -> Customer:
        """Somebody who agreed to everything and has no reason yet."""
        number = next(self.numbers)
        values = {
            "phone": f"138{number:08d}",
            "consents": AGREED,
            "store": self.cast.lake,
            "now": self.now - timedelta(days=since),
            **values,
        }
        return make_customer(name or f"顾客{number}", **values)

    def birthday(self, name: str = "", *, left: int = 0, **values: Any) -> Customer:
        on = self.today + timedelta(days=left)
        return self.person(name, birthday=(1990, on.month, on.day), **values)

    def metrics(self, customer: Customer, **values: Any) -> CustomerMetrics:
        counted = dict.fromkeys(
            ("spend_amount", "spend_365_amount", "returned_amount", "margin_amount", "average_amount"), 0
        )
        return CustomerMetrics.objects.create(
            **{
                **counted,
                "customer": customer,
                "order_count": 5,
                "order_count_365": 5,
                "first_date": self.today - timedelta(days=400),
                "last_date": self.today - timedelta(days=60),
                "interval_days": Decimal("30.0"),
                "recency_score": 3,
                "frequency_score": 3,
                "money_score": 3,
                "value_group": "LOYAL",
                "as_of_date": self.today,
                "position": "",
                **values,
            }
        )

    def order(self, customer: Customer, *, days: int, **values: Any) -> Order:
        number = next(self.numbers)
        return Order.objects.create(
            **{
                "number": f"Q{number}",
                "store": self.cast.lake,
                "legal_entity": self.cast.silk,
                "customer": customer,
                "business_date": self.today - timedelta(days=days),
                "occurred_at": self.now - timedelta(days=days),
                "recorded_at": self.now - timedelta(days=days),
                "currency": "CNY",
                "total_amount": 128_00,
                **values,
            }
        )

    def found(self, customer: Customer) -> Mapping[str, Mapping[str, Any]]:
        """The reasons of somebody, with their facts."""
        found = reasons_of_day(reasons_in_force(), day=self.today, now=self.now)
        return found.get(customer.pk, {})

    def deal(self, *, days: int = 0) -> int:
        """The lists of a day."""
        return operations.make_lists(actor=SYSTEM, now=self.now + timedelta(days=days))

    def listed(self, *, day: date | None = None) -> dict[int, str]:
        """Customer → on whose list."""
        rows = Entry.objects.filter(day=day or self.today).values_list("customer_id", "user__username")
        return dict(rows)

    def entry(self, customer: Customer, *, day: date | None = None) -> Entry:
        return Entry.objects.get(customer=customer, day=day or self.today)

    def note(self, customer: Customer, kind: str, *, days: int = 0, **values: Any) -> Outcome:
        """Whoever has them on the list notes what came of it."""
        entry = self.entry(customer, day=self.today + timedelta(days=days))
        now = self.now + timedelta(days=days)
        actor = self.cast.actor(entry.user.username, now=now)
        return operations.note_outcome(entry=entry, kind=kind, actor=actor, now=now, **values)


def make_counter(now: datetime) -> Counter:
    return Counter(now, make_house(now))
