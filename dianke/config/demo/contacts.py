"""Whom the demo's people contact: the lists of yesterday with what came of some, and those of today."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dianke.clienteling.models import Entry
from dianke.clienteling.operations import make_lists, note_outcome
from dianke.config.demo.family import Family
from dianke.core.actor import SYSTEM
from dianke.stores.queries import local_date

#: What came of the first customers of each of yesterday's lists.
CAME_OF_IT: tuple[Mapping[str, Any], ...] = (
    {"kind": "AGAIN", "days": 1},
    {"kind": "REACHED", "channel": "CALL", "note": "电话里聊得开心，说月底带妹妹一起来看看。"},
    {"kind": "MISSED"},
    {"kind": "VISIT", "days": 4, "note": "约好周末到店，想看上次那款。"},
    {"kind": "LEAVE", "rest_days": 90},
)


class Contacts:
    """Makes lists once everything else is there."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.count = 0

    def make(self) -> None:
        """Yesterday's lists, worked through in part, and today's."""
        yesterday = self.family.at(-1, "10:00")
        make_lists(actor=SYSTEM, now=yesterday)
        worked: dict[int, int] = {}
        for entry in (
            Entry.objects.filter(day=local_date(yesterday)).select_related("user").order_by("-weight", "pk")
        ):
            place = worked.get(entry.user_id, 0)
            # Who was transferred since has left yesterday's list behind.
            actor = self.family.actor(entry.user.username)
            if place < len(CAME_OF_IT) and Entry.objects.visible_to(actor).filter(pk=entry.pk).exists():
                self._note(entry, CAME_OF_IT[place], minutes=7 * place)
                worked[entry.user_id] = place + 1
        self.count = make_lists(actor=SYSTEM, now=self.family.now)

    def _note(self, entry: Entry, came: Mapping[str, Any], *, minutes: int) -> None:
        values = {name: value for name, value in came.items() if name != "days"}
        if "days" in came:
            values["agreed_date"] = entry.day + timedelta(days=came["days"])
        note_outcome(
            entry=entry,
            actor=self.family.actor(entry.user.username),
            now=self.family.at(-1, "10:30") + timedelta(minutes=minutes),
            **values,
        )
