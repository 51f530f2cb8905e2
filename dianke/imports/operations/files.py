"""Files come in, are read in another way, and go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor, PermissionRefused
from dianke.core.data_keys import issue_data_key, open_data_key
from dianke.core.erasure import destroy_data_keys
from dianke.core.errors import InvalidInput
from dianke.core.ids import uuid7
from dianke.events.operations import operation, record, unchanged
from dianke.imports.files import opened, path_of
from dianke.imports.importers import Importer, ImporterUnknown, importer_by_code
from dianke.imports.models import FILES_KEPT, ImportRow, ImportRun
from dianke.imports.operations.steering import RunMovedOn, locked_run
from dianke.imports.queries import source_of, vocabulary_of
from dianke.imports.reading.inspection import TEXT, Inspection
from dianke.imports.reading.sealed_files import write_sealed
from dianke.imports.reading.tables import Look, Shape, look_again, look_first
from dianke.imports.rules.delimiters import CANDIDATES
from dianke.imports.rules.encodings import CHOICES
from dianke.imports.rules.headers import suggest

KEY_KIND = "import"


class ImporterNotChosen(InvalidInput):
    code = "importer_not_chosen"
    message = _("Choose what is in the file.")
    default_field = "importer"


class ReadingNotPossible(InvalidInput):
    code = "reading_not_possible"
    message = _("The file cannot be read this way. Choose another encoding, separator or heading row.")


@operation("imports.run_imports")
def upload_file(
    *, importer: str, file_name: str, chunks: Iterable[bytes], actor: Actor, now: datetime
) -> ImportRun:
    """Seal an uploaded file and begin a run: how it is read and what its columns are is guessed or remembered.

    Raises `ImporterNotChosen`, `PermissionRefused`, and a `FileRefused` that says why and what to do.
    """
    chosen = _importer(importer, actor)
    uuid = uuid7()
    key = issue_data_key(KEY_KIND, uuid)
    found = Inspection()
    with _unless_it_fails(path_of(uuid)) as path:
        write_sealed(path, open_data_key(key), uuid, found.through(chunks))
        look = look_first(found, vocabulary_of(chosen, actor))
        run = ImportRun(
            uuid=uuid,
            importer=chosen.code,
            data_key=key,
            file_name=" ".join(file_name.split())[-200:] or "import",
            sha256=found.sha256,
            size=found.size,
            format=found.format,
            started_by_id=_person(actor),
            uploaded_at=now,
        )
        _take(run, look, chosen, actor)
        run.save()
    record(
        "imports.file_uploaded",
        run,
        actor=actor,
        now=now,
        data={"importer": run.importer, "sha256": run.sha256, "size": run.size},
    )
    return run


@operation("imports.run_imports")
def read_anew(
    *, run: ImportRun, encoding: str, delimiter: str, sheet: str, header_row: int, actor: Actor, now: datetime
) -> ImportRun:
    """Read the file of a draft in another way than was guessed; the mapping is suggested again.

    Raises `RunMovedOn`, `ReadingNotPossible`, a `FileRefused`.
    """
    run = locked_run(run, actor)
    if run.has_started or run.is_under_way:
        raise RunMovedOn
    shape = Shape(run.format, run.encoding, run.delimiter, run.sheet, header_row)
    is_other = False
    if run.format == TEXT:
        if encoding not in dict(CHOICES) or delimiter not in CANDIDATES:
            raise ReadingNotPossible
        is_other = (encoding, delimiter) != (run.encoding, run.delimiter)
        shape = Shape(run.format, encoding, delimiter, "", header_row)
    elif sheet:
        is_other = sheet != run.sheet
        shape = Shape(run.format, "", "", sheet, header_row)
    chosen = _importer(run.importer, actor)
    with opened(run) as stream:
        look = look_again(stream, shape, vocabulary_of(chosen, actor), find_header=is_other)
    if not look.names:
        raise ReadingNotPossible
    _take(run, look, chosen, actor, keep_estimate=not is_other or run.format == TEXT)
    run.state, run.forecast, run.row_count, run.failed_state, run.failure = (
        ImportRun.State.DRAFT,
        {},
        0,
        "",
        "",
    )
    run.save()
    run.rows.all().delete()
    record("imports.file_read_anew", run, actor=actor, now=now, data={"header_row": run.header_row})
    return run


@operation("imports.run_imports")
def discard_run(*, run: ImportRun, actor: Actor, now: datetime) -> None:
    """Throw a run away that has written nothing: its file, its rows, its key. Raises `RunMovedOn`."""
    run = locked_run(run, actor)
    if run.has_started or run.is_under_way:
        raise RunMovedOn
    record("imports.run_discarded", run, actor=actor, now=now, data={"importer": run.importer})
    path, key = path_of(run.uuid), run.data_key
    run.rows.all().delete()
    run.delete()
    destroy_data_keys([key], now=now)
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


@operation(None)
def forget_files(*, actor: Actor, now: datetime) -> int:
    """Destroy the keys of files whose time is over, and delete the files; what a run did stays known. How many."""
    due = list(
        ImportRun.objects.select_for_update(skip_locked=True)
        .filter(removed_at=None, uploaded_at__lt=now - FILES_KEPT)
        .exclude(state__in=["CHECKING", "RUNNING", "UNDOING"])
        .order_by("pk")[:500]
    )
    if not due:
        unchanged()
        return 0
    paths = [path_of(run.uuid) for run in due]
    keys = [run.data_key for run in due]
    drafts = [run.pk for run in due if not run.has_started]
    ImportRow.objects.filter(run__in=due).delete()
    ImportRun.objects.filter(pk__in=[run.pk for run in due]).update(removed_at=now)
    ImportRun.objects.filter(pk__in=drafts).delete()
    destroy_data_keys(keys, now=now)
    record("imports.files_forgotten", "imports.importrun:0", actor=actor, now=now, data={"count": len(due)})
    transaction.on_commit(lambda: _remove(paths))
    return len(due)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _importer(code: str, actor: Actor) -> Importer:
    try:
        chosen = importer_by_code(code)
    except ImporterUnknown:
        raise ImporterNotChosen from None
    actor.require(chosen.permission)
    return chosen


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise PermissionRefused
    return actor.user_id


@contextmanager
def _unless_it_fails(path: Path) -> Iterator[Path]:
    """A file whose run is never written must not stay."""
    try:
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _take(
    run: ImportRun, look: Look, importer: Importer, actor: Actor, *, keep_estimate: bool = False
) -> None:
    """Put on the run how its file is read and what its columns are: as remembered, else as suggested."""
    run.encoding, run.delimiter, run.sheet = look.shape.encoding, look.shape.delimiter, look.shape.sheet
    run.header_row, run.headers = look.shape.header_row, list(look.names)
    if not keep_estimate:
        run.row_estimate = look.row_estimate
    suggestion = suggest(look.names, vocabulary_of(importer, actor))
    run.profile = suggestion.profile
    run.mapping = {str(index): code for index, code in suggestion.mapping.items()}
    run.match_rule = importer.match_rules[0].code if importer.match_rules else ""
    run.options = {
        option.code: option.default(actor) if callable(option.default) else option.default
        for option in importer.options
    }
    known = source_of(importer.code, look.names) if any(look.names) else None
    if known is not None:
        run.mapping = dict(known.mapping)
        run.match_rule = known.match_rule or run.match_rule
        run.options |= {code: value for code, value in known.options.items() if code in run.options}
