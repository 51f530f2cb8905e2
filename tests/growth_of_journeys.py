"""What `Growth` adds of journeys: more of them; the one whose pages are opened gets people, versions and steps done."""

from __future__ import annotations

from typing import Any

from dianke.customers.models import Customer
from dianke.journeys import operations
from dianke.journeys.models import Journey, Passage, Passed
from dianke.messaging.operations import make_template


class Journeys:
    """`journey` is the one whose pages are opened: it runs, and somebody more is in it at every addition."""

    def __init__(self, who: dict[str, Any]) -> None:
        self.who = who
        words = {"name": "成长关怀", "channel": "PORTAL", "purpose": "CARE", "subject": "成长关怀"}
        template = make_template(values={**words, "body": "{{ salutation }}，常来坐坐。"}, **who)
        self.plan = {
            "trigger": {"kind": "BIRTHDAY", "days": 0, "at": "10:00"},
            "purpose": "CARE",
            "channels": ["PORTAL"],
            "steps": [
                {"key": "hello", "kind": "MESSAGE", "texts": {"PORTAL": template.pk}},
                {"key": "rest", "kind": "WAIT", "days": 3},
            ],
        }
        drafted = operations.draft_journey(values={"name": "成长旅程", "draft": self.plan}, **who)
        self.journey: Journey = operations.publish_journey(journey=drafted, **who)

    def add(self, number: int, word: str, another: Customer) -> None:
        """One more of everything."""
        who = self.who
        operations.draft_journey(values={"name": f"{word}旅程", "draft": self.plan}, **who)
        operations.pause_journey(journey=self.journey, **who)
        operations.resume_journey(journey=self.journey, **who)
        trigger = {**self.plan["trigger"], "days": number}
        operations.change_journey(
            journey=self.journey, values={"draft": {**self.plan, "trigger": trigger}}, **who
        )
        operations.publish_journey(journey=self.journey, **who)
        passage = Passage.objects.create(
            journey=self.journey,
            version=self.journey.versions.latest("pk"),
            customer=another,
            occurrence=f"BIRTHDAY:{2000 + number}",
            step="rest",
            due_at=who["now"],
            entered_at=who["now"],
        )
        Passed.objects.create(
            passage=passage, step="hello", outcome="SKIPPED", reason="no_channel", at=who["now"]
        )

    def records(self) -> dict[str, Any]:
        """A record for each gap in an address."""
        return {
            "/care/": "birthday",
            "/journeys/": self.journey.pk,
            "/journeys/people/": self.journey.passages.latest("pk").pk,
            "/journeys/#/steps/": "hello",
        }
