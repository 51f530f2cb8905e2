"""The demo's journeys: ready ones and one of its own turned on some weeks ago, and every day since lived through, so
that some people are through and some on the way."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dianke.config.demo.family import Family
from dianke.core.actor import SYSTEM
from dianke.events.models import Event
from dianke.journeys.models import Journey
from dianke.journeys.operations import draft_journey, publish_journey
from dianke.journeys.operations.care import turn_on_care
from dianke.journeys.operations.entering import admit
from dianke.journeys.queries.happenings import COMPLETED, candidates_of
from dianke.journeys.rules.care import Settings
from dianke.journeys.rules.entering import Candidate
from dianke.journeys.rules.plan import Begin
from dianke.journeys.tasks import run_journeys
from dianke.messaging.operations import send_due
from dianke.messaging.operations.templates import make_template

DAYS = 16
CHANNELS = ("PORTAL", "SMS")
CARES = (
    ("birthday", Settings(channels=CHANNELS)),
    ("aftersales", Settings(channels=CHANNELS, days=7, has_task=False)),
)
#: After a purchase; whoever does not come again within ten days is told what is new.
NAME = "买后回访"
THANKS = "{{ salutation }}，谢谢您的光顾。用得合不合适，随时告诉我们。"
NEWS = "{{ salutation }}，{{ store }}到了些新的，给您留了位置，有空来坐坐。"


class Journeys:
    """Turned on by the owner, then the clock of the worker, a day at a time."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.count = 0

    def run(self) -> None:
        began = self.family.at(-DAYS, "09:00")
        for code, settings in CARES:
            turn_on_care(code=code, settings=settings, actor=SYSTEM, now=began)
            self.count += 1
        self._own(began)
        self.count += 1
        bought = self._bought(began)
        after_purchase = [row for row in Journey.objects.order_by("pk") if _begin_of(row) == Begin.PURCHASE]
        for day in range(-DAYS, 0):
            moment = self.family.at(day, "10:00")
            fresh = [one for one in bought if moment - timedelta(days=1) < one.at <= moment]
            for journey in after_purchase if fresh else ():
                admit(journey=journey, candidates=fresh, actor=SYSTEM, now=moment)
            self._live(moment)
        run_journeys(self.family.at(-1, "10:05"))

    def _bought(self, since: datetime) -> list[Candidate]:
        """Who bought at the tills from then on, as the reaction to each sale would have let them in."""
        events = Event.objects.filter(kind=COMPLETED, recorded_at__gte=since).order_by("recorded_at", "pk")
        return [
            one for event in events for one in candidates_of(event, {Begin.PURCHASE}).get(Begin.PURCHASE, ())
        ]

    def _own(self, began: datetime) -> None:
        made: dict[str, Any] = {"actor": self.family.owner, "now": began}
        plan = {
            "trigger": {"kind": "PURCHASE"},
            "purpose": "CARE",
            "channels": list(CHANNELS),
            "again": {"kind": "DAYS", "days": 60},
            "steps": [
                {"key": "days", "kind": "WAIT", "days": 2, "at": "10:00"},
                {"key": "thanks", "kind": "MESSAGE", "texts": self._texts(f"{NAME}·感谢", THANKS, made)},
                {"key": "again", "kind": "WAIT", "days": 10, "at": "10:00"},
                {
                    "key": "came",
                    "kind": "BRANCH",
                    "test": "BOUGHT",
                    "yes": [{"key": "end", "kind": "END"}],
                    "no": [
                        {"key": "news", "kind": "MESSAGE", "texts": self._texts(f"{NAME}·上新", NEWS, made)}
                    ],
                },
            ],
        }
        publish_journey(journey=draft_journey(values={"name": NAME, "draft": plan}, **made), **made)

    def _texts(self, name: str, body: str, made: dict[str, Any]) -> dict[str, int]:
        words = {"name": name, "purpose": "CARE", "body": body}
        return {code: make_template(values={**words, "channel": code}, **made).pk for code in CHANNELS}

    def _live(self, moment: datetime) -> None:
        """Those whose turn it is go on, and their messages go out; the next day sees that they went."""
        run_journeys(moment)
        for channel in CHANNELS:
            send_due(channel, clock=lambda: moment + timedelta(minutes=1))


def _begin_of(journey: Journey) -> str:
    return str(journey.draft["trigger"]["kind"])
