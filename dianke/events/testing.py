"""For the tests of every room: what the dispatcher would deliver, delivered now and in this transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dianke.events.commit_order import read_own
from dianke.events.reactions import Reaction, all_reactions


def deliver_events(*, now: datetime, reactions: Sequence[Reaction] | None = None) -> int:
    """Run every reaction for every event this test's transaction recorded, and for those the reactions
    record.

    For tests with plain `django_db`, which never commit. Errors of a reaction are raised as they are. Calling
    it again delivers everything again, which an idempotent reaction bears. Returns how many reactions ran.
    """
    table = all_reactions() if reactions is None else reactions
    done, seen = 0, 0
    while True:
        entries = [entry for entry in read_own() if entry.position.event_id > seen]
        if not entries:
            return done
        for entry in entries:
            for reaction in table:
                if reaction.wants(entry.event):
                    reaction.react(entry.event, now=now)
                    done += 1
        seen = entries[-1].position.event_id
