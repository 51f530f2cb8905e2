"""Jobs: the one that works on a run, the one that takes up what a dead worker left, and the removal of old files."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from django.utils import timezone, translation
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from dianke.core.actor import SYSTEM
from dianke.core.clock import daily
from dianke.imports import operations, running
from dianke.imports.files import folder, path_of
from dianke.imports.models import FILES_KEPT, ImportRun


@app.task(name="imports.work_on_run", queue="imports", pass_context=False)
def work_on_run(run_id: int) -> None:
    """Check, import or undo, whatever the run is under way with, in the language of whoever started it."""
    run = ImportRun.objects.select_related("worked_by").filter(pk=run_id).first()
    if run is None or run.worked_by is None:
        return
    with translation.override(run.worked_by.language):
        running.work(run_id, timezone.now)


def enqueue(run_id: int) -> None:
    """A job for the run, unless one waits already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        work_on_run.configure(queueing_lock=f"imports.run:{run_id}").defer(run_id=run_id)


@app.periodic(cron="* * * * *")
@app.task(name="imports.take_up", queue="imports", queueing_lock="imports.take_up", pass_context=False)
def take_up(timestamp: int) -> None:
    """Go on with runs whose worker died. Two jobs on one run do no harm: a batch goes in once."""
    for run in ImportRun.objects.silent(timezone.now()):
        enqueue(run.pk)


@app.periodic(cron=daily("3:40"))
@app.task(name="imports.forget_files", queue="nightly", pass_context=False)
def forget_old_files(timestamp: int) -> None:
    """Files after their time, and files whose run was never written."""
    now = timezone.now()
    while operations.forget_files(actor=SYSTEM, now=now):
        continue
    known = {
        path_of(uuid) for uuid in ImportRun.objects.filter(removed_at=None).values_list("uuid", flat=True)
    }
    limit = (now - FILES_KEPT / 30).timestamp()
    for path in folder().iterdir() if folder().is_dir() else ():
        if path not in known and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
