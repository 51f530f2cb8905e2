"""How far a running refresh is, for whoever watches it: noted beside the operations that begin and end it."""

from __future__ import annotations

from dianke.insight.models import SnapshotRun


def note(run: SnapshotRun, step: SnapshotRun.Step) -> None:
    SnapshotRun.objects.filter(pk=run.pk, state=SnapshotRun.State.RUNNING).update(step=step)
