"""What `Growth` adds of contact lists: more customers on the visitor's list of today, of which some were dealt with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dianke.access.models import User
from dianke.clienteling.models import Entry, Outcome
from dianke.customers.models import Customer
from dianke.stores.queries import local_date


class ContactLists:
    """`entry` is the one whose pages are opened; the first was dealt with."""

    def __init__(self, customer: Customer, owner: User, who: dict[str, Any]) -> None:
        self.owner, self.now, self.today = owner, who["now"], local_date(who["now"])
        entry = self._entry(customer, 90)
        self.outcome: Outcome = Outcome.objects.create(
            entry=entry,
            customer=customer,
            user=owner,
            kind="REACHED",
            rests_until_date=self.today + timedelta(days=7),
            at=self.now,
        )
        self.entry = entry

    def add(self, number: int, customer: Customer) -> None:
        """One more on the list."""
        self.entry = self._entry(customer, 90 - number)

    def _entry(self, customer: Customer, weight: int) -> Entry:
        on = (self.today + timedelta(days=2)).isoformat()
        made: Entry = Entry.objects.create(
            day=self.today,
            user=self.owner,
            customer=customer,
            why="OWNER",
            weight=weight,
            parts=[["REASON", weight]],
            reasons=[
                {"code": "POINTS", "facts": {"count": 120, "on": on, "left": 2}},
                {"code": "DATE", "facts": {"kind": "BIRTHDAY", "on": on, "left": 2, "lunar": None}},
            ],
            made_at=self.now,
        )
        return made

    def records(self) -> dict[str, Any]:
        """A record for each gap in an address."""
        return {
            "/contact-today/": self.entry.pk,
            "/contact-today/#/outcome/": "VISIT",
            "/contact-today/outcomes/": self.outcome.pk,
            "/settings/contact-lists/": "DATE",
        }
