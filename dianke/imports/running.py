"""The loop of a job: reads the file in batches and lets the importer check them, apply them, or take them back.

Between batches it looks whether somebody cancelled. Each batch is a transaction of its own that also notes how far
the run is, so a job that dies is taken up by the next one behind the last batch that is in.
"""

from __future__ import annotations

import gc
import logging
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain, takewhile
from typing import Any, TypeVar

from django.db import OperationalError
from django.utils.translation import gettext as _

from dianke.access.queries import actor_for
from dianke.core.actor import Actor, PermissionRefused
from dianke.core.collector import undisturbed
from dianke.core.errors import DiankeError
from dianke.imports import operations
from dianke.imports.batches import Batch, Columns, batches
from dianke.imports.files import opened, shape_of
from dianke.imports.importers import Context, ImporterUnknown, importer_by_code
from dianke.imports.models import ImportRow, ImportRun
from dianke.imports.noting import forecast, noted
from dianke.imports.operations.steering import RunMovedOn
from dianke.imports.queries import all_targets, context_of, used_extensions
from dianke.imports.reading.inspection import TEXT
from dianke.imports.reading.refusals import NoRows
from dianke.imports.reading.tables import numbered_rows
from dianke.imports.reading_ahead import is_worth_it, read_ahead
from dianke.imports.rules.outcomes import Tally

logger = logging.getLogger(__name__)
State = ImportRun.State
T = TypeVar("T")
Clock = Callable[[], datetime]
TRIES = 3
#: Where rows are read ahead: who writes keeps one core busy with the database; who checks asks it for little.
READERS, CHECKING_READERS = 1, 2
#: So many batches are read here while the readers start.
HEAD = 2
_COLLECT_EVERY = 8  # batches
_PASSING = {
    "40P01",
    "40001",
    "55P03",
}  # deadlock, serialisation, lock not got: the same batch may well go in next time


def work(run_id: int, clock: Clock) -> None:
    """Do what the run is under way with, to its end. Errors end in the run's state and words, not here.

    A fault of the program is noted and raised again, so that it is seen where jobs are watched.
    """
    run = ImportRun.objects.select_related("worked_by", "data_key").filter(pk=run_id).first()
    if run is None or not run.is_under_way:
        return
    # A batch makes a hundred objects for each of its thousands of rows: looking for cycles after every seven hundred of
    # them costs a third of the time. Nothing in a batch is a cycle; in case something is, `_swept` looks after some.
    with undisturbed():
        _work(run, clock)


def _swept(parts: Iterable[Batch]) -> Iterator[Batch]:
    for count, batch in enumerate(parts, 1):
        yield batch
        if not count % _COLLECT_EVERY:
            gc.collect()


def _work(run: ImportRun, clock: Clock) -> None:
    actor = actor_for(run.worked_by, now=clock())
    try:
        actor.require("imports.run_imports")
        actor.require(importer_by_code(run.importer).permission)
        if run.state == State.CHECKING:
            _check(run, actor, clock)
        elif run.state == State.RUNNING:
            _run(run, actor, clock)
        else:
            _undo(run, actor, clock)
    except RunMovedOn:
        logger.info("import %s is worked on by another job", run.pk)
    except PermissionRefused:
        _fail(
            run.pk,
            _("Whoever started this may not import any more. Somebody who may can go on with it."),
            actor,
            clock,
        )
    except ImporterUnknown:
        _fail(
            run.pk,
            _("The part of the product this import belongs to is not installed any more."),
            actor,
            clock,
        )
    except DiankeError as error:
        _fail(run.pk, str(error), actor, clock)
    except Exception:
        reason = _(
            "Something went wrong here, not with your file. Try to go on; if it stays, tell your administrator."
        )
        _fail(run.pk, reason, actor, clock)
        raise


def _fail(run_id: int, reason: str, actor: Actor, clock: Clock) -> None:
    operations.fail_run(run_id=run_id, reason=reason, actor=actor, now=clock())


@contextmanager
def _batches(
    run: ImportRun, actor: Actor, context: Context, clock: Clock, *, is_writing: bool
) -> Iterator[Iterator[Batch]]:
    """The batches that are left, read by processes of their own where that is worth it."""
    importer = importer_by_code(run.importer)
    columns = Columns(run.columns(), all_targets(importer, actor))
    size, after = importer.batch_size, run.last_row if is_writing else 0
    preparer = importer.preparer(context, is_writing=is_writing) if is_worth_it(run) else None
    if preparer is None:
        with closing(_read_here(run, columns, size=size, after=after)) as parts:
            yield parts
        return

    def stock(count: int) -> Any:
        return importer.stock(replace(context, now=clock()), count) if is_writing else None

    # A workbook is unpacked whole by each who reads it, so there only one does.
    is_text = run.format == TEXT
    head = after + HEAD * size if is_text else after
    readers = CHECKING_READERS if is_text and not is_writing else READERS
    with (
        read_ahead(run, columns, preparer, stock=stock, size=size, after=head, readers=readers) as ahead,
        closing(_read_here(run, columns, size=size, after=after, upto=head)) as first,
    ):
        yield _in_line(chain(first, ahead), after)


def _read_here(
    run: ImportRun, columns: Columns, *, size: int, after: int, upto: int | None = None
) -> Generator[Batch]:
    """The batches behind row `after`, up to row `upto`."""
    if upto is not None and upto <= after:
        return
    with opened(run) as stream, numbered_rows(stream, shape_of(run)) as rows:
        wanted = rows if upto is None else takewhile(lambda row: row[0] <= upto, rows)
        yield from batches(wanted, columns, size=size, after=after)


def _in_line(parts: Iterable[Batch], after: int) -> Iterator[Batch]:
    """Each batch with the last row of the one before it, whoever read that."""
    for batch in parts:
        batch.after, after = after, batch.last
        yield batch


def _check(run: ImportRun, actor: Actor, clock: Clock) -> None:
    importer = importer_by_code(run.importer)
    extensions = used_extensions(run, actor)
    context = context_of(run, actor, clock())
    tally, problems = Tally(), Counter[str]()
    ImportRow.objects.filter(run=run).delete()  # of a check that died half-way
    with _batches(run, actor, context, clock, is_writing=False) as parts:
        for batch in _swept(parts):
            verdict = forecast(batch, importer, extensions, context)
            ImportRow.objects.bulk_create(noted(run, verdict.judged), batch_size=1000, ignore_conflicts=True)
            tally.add_all(verdict.tally)
            problems += verdict.problems()
            if not _goes_on(run, tally.rows, clock()):
                operations.end_check(run_id=run.pk, actor=actor, now=clock())
                return
    if not tally.rows:
        raise NoRows
    operations.finish_check(run_id=run.pk, tally=tally, problems=problems, actor=actor, now=clock())


def _goes_on(run: ImportRun, seen: int, now: datetime) -> bool:
    """Show how far it is; False when somebody wants it to stop."""
    waiting = ImportRun.objects.filter(pk=run.pk, state=run.state, cancel_requested_at=None)
    return bool(waiting.update(seen_count=seen, beat_at=now))


def _run(run: ImportRun, actor: Actor, clock: Clock) -> None:
    is_cancelled = run.cancel_requested_at is not None
    if not is_cancelled:
        context = context_of(run, actor, clock())
        with _batches(run, actor, context, clock, is_writing=True) as parts:
            for batch in _swept(parts):
                run = _applied(run, batch, actor, clock)
                if run.cancel_requested_at is not None:
                    is_cancelled = True
                    break
    while not is_cancelled:
        run, is_left = _tried(partial(operations.settle_rows, run_id=run.pk, actor=actor, now=clock()))
        if not is_left:
            break
        is_cancelled = run.cancel_requested_at is not None
    operations.finish_run(run_id=run.pk, is_cancelled=is_cancelled, actor=actor, now=clock())


def _applied(run: ImportRun, batch: Batch, actor: Actor, clock: Clock) -> ImportRun:
    """The batch is in, perhaps at the second or third try."""
    return _tried(partial(operations.apply_rows, run_id=run.pk, batch=batch, actor=actor, now=clock()))


def _tried(step: Callable[[], T]) -> T:
    for _attempt in range(TRIES - 1):
        try:
            return step()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") not in _PASSING:
                raise
    return step()


def _undo(run: ImportRun, actor: Actor, clock: Clock) -> None:
    stages = len(used_extensions(run, actor)) + 1
    while run.undo_stage < stages:
        run = operations.undo_rows(run_id=run.pk, actor=actor, now=clock())
    operations.finish_undo(run_id=run.pk, actor=actor, now=clock())
