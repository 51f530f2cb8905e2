"""A refresh from the wish to the end: asked for by a person, the night or an import; one at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from dianke.core.actor import Actor
from dianke.events.operations import operation, record, unchanged
from dianke.insight.models import SnapshotRun
from dianke.insight.operations import contact, progress, proposals, snapshots
from dianke.insight.operations.values import prepared, write_values

REFRESH = "insight.refresh_snapshots"
#: A run that has not ended by now lost its process.
LONGEST = timedelta(hours=2)


@operation(REFRESH)
def ask_refresh(*, is_full: bool = False, actor: Actor, now: datetime) -> SnapshotRun:
    """The run that will bring figures and values up to date: the one under way, or a new one. `is_full` scores
    everybody anew."""
    running: SnapshotRun | None = (
        SnapshotRun.objects.select_for_update().filter(state=SnapshotRun.State.RUNNING).first()
    )
    if running is not None:
        if now - running.started_at < LONGEST:
            unchanged()
            return running
        running.state, running.ended_at = SnapshotRun.State.FAILED, now
        running.problem = "the process ended before the run did"
        running.save()
    run: SnapshotRun = SnapshotRun.objects.create(is_full=is_full, started_at=now)
    record("insight.refresh_asked", run, actor=actor, now=now, data={"is_full": is_full})
    return run


@operation(REFRESH)
def fail_run(*, run: SnapshotRun, problem: str, actor: Actor, now: datetime) -> None:
    """Note that a run broke. The snapshot and the values stand as before."""
    ended = SnapshotRun.objects.filter(pk=run.pk, state=SnapshotRun.State.RUNNING).update(
        state=SnapshotRun.State.FAILED, ended_at=now, problem=problem[:200]
    )
    if not ended:
        unchanged()
        return
    record("insight.refresh_failed", run, actor=actor, now=now, data={"problem": problem[:200]})


def carry_out(run: SnapshotRun, *, actor: Actor, now: datetime, is_rebuilt: bool = False) -> SnapshotRun:
    """Take the snapshot, work out the values, of everybody what to propose to them and where they answer, and write
    them. `is_rebuilt`: every file of the snapshot is made anew."""
    try:
        progress.note(run, SnapshotRun.Step.READING)
        taken = snapshots.refresh(now=now, is_full=is_rebuilt)
        progress.note(run, SnapshotRun.Step.SCORING)
        with prepared(taken, now=now, is_full=run.is_full) as values:
            if values.customers is None:
                progress.note(run, SnapshotRun.Step.PAIRING)
                with proposals.prepared(taken, now=now) as found:
                    proposals.write_proposals(run=run, found=found, actor=actor, now=now)
                with contact.prepared(now=now) as told:
                    contact.write_preferences(run=run, found=told, actor=actor, now=now)
            return write_values(run=run, taken=taken, values=values, actor=actor, now=now)
    except Exception as error:
        fail_run(run=run, problem=f"{type(error).__name__}: {error}", actor=actor, now=now)
        raise
