"""What jobs note of a run: a batch that is in, the end of a check, of a run, of undoing; and why one stopped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from dianke.core.actor import Actor
from dianke.events.operations import operation, record, unchanged
from dianke.imports.batches import Batch
from dianke.imports.importers import Importer, ImporterExtension, UndoCount, importer_by_code
from dianke.imports.models import ImportRow, ImportRun
from dianke.imports.noting import applied, noted
from dianke.imports.operations.steering import RunMovedOn
from dianke.imports.queries import context_of, used_extensions
from dianke.imports.rules.outcomes import Tally

State = ImportRun.State
UNDO_BATCH = 2000
_NOTED_AT_ONCE = 1000


def _locked(run_id: int, state: str) -> ImportRun:
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("data_key").get(pk=run_id)
    if run.state != state:
        raise RunMovedOn
    return run


@operation("imports.run_imports")
def finish_check(
    *, run_id: int, tally: Tally, problems: Mapping[str, int], actor: Actor, now: datetime
) -> ImportRun:
    """Note what the dry run found."""
    run = _locked(run_id, State.CHECKING)
    run.state, run.forecast, run.row_count = State.CHECKED, tally.as_data(), tally.rows
    run.problems = dict(problems)
    run.checked_at, run.beat_at = now, None
    run.save()
    record("imports.run_checked", run, actor=actor, now=now, data=tally.as_data())
    return run


@operation("imports.run_imports")
def apply_rows(*, run_id: int, batch: Batch, actor: Actor, now: datetime) -> ImportRun:
    """Let one batch in and note how far the run is, together. Raises `RunMovedOn` when another job has done it."""
    run = _locked(run_id, State.RUNNING)
    if run.last_row != batch.after:
        raise RunMovedOn
    _not_waiting_for_the_disk()
    importer = importer_by_code(run.importer)
    context = context_of(run, actor, now)
    verdict = applied(batch, importer, used_extensions(run, actor), context)
    ImportRow.objects.bulk_create(noted(run, verdict.judged), batch_size=_NOTED_AT_ONCE)
    tally = verdict.tally
    run.created_count += tally.created
    run.updated_count += tally.updated
    run.unchanged_count += tally.unchanged
    run.skipped_count += tally.skipped
    run.error_count += tally.errors
    run.warning_count += tally.warnings
    run.problems = dict(Counter(run.problems) + verdict.problems())
    run.row_count += tally.rows
    run.seen_count = run.row_count
    run.last_row, run.beat_at = batch.last, now
    run.save()
    record(
        "imports.rows_applied", run, actor=actor, now=now, data={**tally.as_data(), "last_row": batch.last}
    )
    return run


def _not_waiting_for_the_disk() -> None:
    """Let this transaction end before it is on the disk. After a power cut the last batches may be missing, and the
    run says so with them and goes on behind the last that is there; its end, which is waited for, brings all along."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


@operation("imports.run_imports")
def settle_rows(*, run_id: int, actor: Actor, now: datetime) -> tuple[ImportRun, bool]:
    """One step of what is made of all the rows together; whether more is left."""
    run = _locked(run_id, State.RUNNING)
    _not_waiting_for_the_disk()
    is_left = importer_by_code(run.importer).settle(context_of(run, actor, now))
    if not is_left:
        unchanged()
        return run, False
    run.beat_at = now
    run.save(update_fields=["beat_at"])
    record("imports.rows_settled", run, actor=actor, now=now)
    return run, True


@operation("imports.run_imports")
def finish_run(*, run_id: int, is_cancelled: bool, actor: Actor, now: datetime) -> ImportRun:
    """Close a run: what waits for the whole of it happens now."""
    run = _locked(run_id, State.RUNNING)
    context = context_of(run, actor, now)
    if run.created_count + run.updated_count:
        importer_by_code(run.importer).after(context)
        for extension, _codes in used_extensions(run, actor):
            extension.after(context)
    run.state = State.CANCELLED if is_cancelled else State.DONE
    run.finished_at, run.beat_at, run.cancel_requested_at = now, None, None
    run.save()
    kind = "imports.run_cancelled" if is_cancelled else "imports.run_finished"
    record(kind, run, actor=actor, now=now, data=run.tally.as_data())
    return run


@operation("imports.run_imports")
def undo_rows(*, run_id: int, actor: Actor, now: datetime) -> ImportRun:
    """Take back the next rows: those of extensions first, then the importer's own. The last step ends in UNDONE."""
    run = _locked(run_id, State.UNDOING)
    context = context_of(run, actor, now)
    importer = importer_by_code(run.importer)
    stages: list[Importer | ImporterExtension] = [
        *(extension for extension, _codes in used_extensions(run, actor)),
        importer,
    ]
    count: UndoCount = stages[run.undo_stage].undo(context, run.undo_cursor, UNDO_BATCH)
    # Only what the importer itself says counts: a balance taken back is no row taken back.
    if stages[run.undo_stage] is importer:
        run.removed_count += count.removed
        run.restored_count += count.restored
        run.kept_count += count.kept
    run.undo_cursor = count.cursor
    if not count.cursor:
        run.undo_stage += 1
    run.seen_count = run.removed_count + run.restored_count + run.kept_count
    run.beat_at = now
    run.save()
    data = {"removed": count.removed, "restored": count.restored, "kept": count.kept}
    record("imports.rows_taken_back", run, actor=actor, now=now, data=data)
    return run


@operation("imports.run_imports")
def finish_undo(*, run_id: int, actor: Actor, now: datetime) -> ImportRun:
    """Note that nothing is left to be taken back."""
    run = _locked(run_id, State.UNDOING)
    run.state, run.undone_at, run.beat_at = State.UNDONE, now, None
    run.save()
    data = {"removed": run.removed_count, "restored": run.restored_count, "kept": run.kept_count}
    record("imports.run_undone", run, actor=actor, now=now, data=data)
    return run


@operation(None)
def fail_run(*, run_id: int, reason: str, actor: Actor, now: datetime) -> ImportRun:
    """Note why a job stopped. A check that stopped leaves a draft to be corrected, a run can be gone on with."""
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if not run.is_under_way:
        unchanged()
        return run
    run.failed_state, run.state = run.state, State.FAILED
    run.failure, run.beat_at, run.cancel_requested_at = reason[:1000], None, None
    run.save()
    record("imports.run_stopped", run, actor=actor, now=now, data={"state": run.failed_state})
    return run


@operation("imports.run_imports")
def end_check(*, run_id: int, actor: Actor, now: datetime) -> ImportRun:
    """A check that was cancelled: back to the columns."""
    run = _locked(run_id, State.CHECKING)
    run.state, run.beat_at, run.cancel_requested_at, run.seen_count = State.DRAFT, None, None, 0
    run.save()
    run.rows.all().delete()
    record("imports.check_cancelled", run, actor=actor, now=now)
    return run
