"""The part of the night that works out where customers answer, for tests of the rooms that tell of answers."""

from __future__ import annotations

from datetime import datetime

from dianke.core.actor import SYSTEM, Actor
from dianke.insight.models import ContactPreference, SnapshotRun
from dianke.insight.operations import contact
from dianke.insight.operations.snapshots.manifest import home


def work_out_answers(now: datetime, *, actor: Actor = SYSTEM) -> dict[int, tuple[str, int, int]]:
    """Profile → channel, messages, answers."""
    home().mkdir(parents=True, exist_ok=True)
    run = SnapshotRun.objects.create(is_full=True, started_at=now, state=SnapshotRun.State.DONE)
    with contact.prepared(now=now) as found:
        contact.write_preferences(run=run, found=found, actor=actor, now=now)
    rows = ContactPreference.objects.values_list("customer_id", "channel", "message_count", "answer_count")
    return {pk: (channel, messages, answers) for pk, channel, messages, answers in rows}
