"""Imports for other programs: upload, check, start, look, undo."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import datetime
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Body, line
from dianke.api.uploads import takes_file
from dianke.core.actor import PermissionRefused
from dianke.imports import operations
from dianke.imports.importers import importer_by_code, importers_for
from dianke.imports.models import ImportRow, ImportRun
from dianke.imports.queries import all_targets
from dianke.imports.reading.inspection import TEXT_BYTES
from dianke.imports.reading.refusals import FileGone
from dianke.imports.views.runs import may_change

router = Router(tags=["imports"])
VIEW = "imports.view_runs"
RUN = "imports.run_imports"


class CountsOut(Schema):
    created: int
    updated: int
    unchanged: int
    skipped: int
    errors: int
    warnings: int


class RunOut(Schema):
    """`counts` are the forecast of the check until the run starts, then what came in. `mapping` is column index
    (from 0) to target; `seen_count` how many rows the present phase has read."""

    id: int
    importer: str
    state: ImportRun.State
    file_name: str
    sha256: str
    size: int
    encoding: str
    delimiter: str
    sheet: str
    header_row: int
    headers: list[str]
    profile: str
    mapping: dict[str, str]
    match_rule: str
    options: dict[str, str]
    row_estimate: int
    row_count: int
    seen_count: int
    counts: CountsOut
    removed_count: int
    restored_count: int
    kept_count: int
    failure: str
    uploaded_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    undone_at: datetime | None
    started_by_id: int

    @staticmethod
    def resolve_counts(run: ImportRun) -> dict[str, int]:
        return run.tally.as_data()


class ProblemOut(Schema):
    code: str
    target: str
    message: str
    is_warning: bool


class RowOut(Schema):
    row_number: int
    outcome: str
    cells: list[str]
    problems: list[ProblemOut]

    @staticmethod
    def resolve_cells(row: ImportRow) -> list[str]:
        return list(row.content["cells"])

    @staticmethod
    def resolve_problems(row: ImportRow) -> list[dict[str, Any]]:
        names = ("code", "target", "message", "is_warning")
        return [dict(zip(names, problem, strict=True)) for problem in row.content["problems"]]


class TargetOut(Schema):
    code: str
    label: str
    is_required: bool
    hint: str
    synonyms: list[str]


class ImporterOut(Schema):
    code: str
    label: str
    targets: list[TargetOut]
    match_rules: list[str]
    options: list[str]


class CheckIn(Body):
    """What is left out stays as it was suggested at the upload."""

    mapping: dict[Annotated[str, Field(pattern="^(0|[1-9][0-9]{0,2})$")], Annotated[str, line(60)]] | None = (
        Field(
            None,
            description="Column index, from 0, to target",
            max_length=200,
            examples=[{"0": "name", "1": "phone"}],
        )
    )
    match_rule: Annotated[str, line(40, min_length=0)] | None = None
    options: dict[Annotated[str, line(40)], Annotated[str, line(200, min_length=0)]] | None = Field(
        None, max_length=40
    )


def _run(request: Request, pk: int) -> ImportRun:
    return get_object_or_404(ImportRun.objects.visible_to(request.actor).select_related("data_key"), pk=pk)


def _own(request: Request, pk: int) -> ImportRun:
    run = _run(request, pk)
    if not may_change(run, request.actor):
        raise PermissionRefused
    return run


@router.get("/importers", response=list[ImporterOut])
@requires(RUN)
def list_importers(request: Request) -> Any:
    """What the caller may import, with the fields columns can be mapped to."""
    return [
        {
            "code": importer.code,
            "label": str(importer.label),
            "targets": [
                {
                    "code": target.code,
                    "label": str(target.label),
                    "is_required": target.is_required,
                    "hint": str(target.hint),
                    "synonyms": list(target.synonyms),
                }
                for target in all_targets(importer, request.actor)
            ],
            "match_rules": [rule.code for rule in importer.match_rules],
            "options": [option.code for option in importer.options],
        }
        for importer in importers_for(request.actor)
    ]


@router.get("/imports", response=CursorPage[RunOut])
@requires(VIEW)
def list_imports(request: Request, page: Query[CursorQuery]) -> Any:
    """Imports the caller may see, the newest first."""
    return cursor_page(ImportRun.objects.visible_to(request.actor), page, order=["-uploaded_at", "-id"])


@router.post("/imports", response={201: RunOut})
@requires(RUN)
@takes_file(up_to=TEXT_BYTES)
def upload_import(
    request: Request,
    importer: Form[Annotated[str, line(40)]],
    file: File[UploadedFile],
) -> Any:
    """Upload a file: a workbook up to 10 MB, text up to 500 MB. Its columns are suggested; check it next.

    Under an Idempotency-Key a repeat with the same fields and the same file gets the first answer.
    """
    return operations.upload_file(
        importer=importer,
        file_name=file.name or "",
        chunks=file.chunks(1 << 20),
        actor=request.actor,
        now=request.now,
    )


@router.get("/imports/{int:pk}", response=RunOut)
@requires(VIEW)
def get_import(request: Request, pk: int) -> Any:
    """One import: how far it is and what came of it."""
    return _run(request, pk)


@router.get("/imports/{int:pk}/rows", response=CursorPage[RowOut])
@requires(RUN)
def list_import_rows(request: Request, pk: int, page: Query[CursorQuery]) -> Any:
    """The rows with errors or warnings, in the order of the file. After 30 days they are gone."""
    run = _own(request, pk)
    if not run.has_file:
        raise FileGone
    rows = ImportRow.objects.filter(run=run).select_related("data_key")
    return cursor_page(rows, page, order=["row_number", "id"])


@router.post("/imports/{int:pk}/check", response=RunOut)
@requires(RUN)
def check_import(request: Request, pk: int, payload: CheckIn) -> Any:
    """Begin the dry run; ask for the import until its state is CHECKED."""
    run = _own(request, pk)
    importer_by_code(run.importer)
    mapping = (
        run.columns()
        if payload.mapping is None
        else {int(key): code for key, code in payload.mapping.items()}
    )
    return operations.check_run(
        run=run,
        mapping=mapping,
        match_rule=run.match_rule if payload.match_rule is None else payload.match_rule,
        options=run.options | (payload.options or {}),
        actor=request.actor,
        now=request.now,
    )


@router.post("/imports/{int:pk}/start", response=RunOut)
@requires(RUN)
def start_import(request: Request, pk: int) -> Any:
    """Let the rows in, or go on with an import that was stopped by a fault."""
    return operations.start_run(run=_own(request, pk), actor=request.actor, now=request.now)


@router.post("/imports/{int:pk}/cancel", response=RunOut)
@requires(RUN)
def cancel_import(request: Request, pk: int) -> Any:
    """Stop after the rows that are going in; they stay and can be undone."""
    return operations.request_cancel(run=_own(request, pk), actor=request.actor, now=request.now)


@router.post("/imports/{int:pk}/undo", response=RunOut)
@requires(RUN)
def undo_import(request: Request, pk: int) -> Any:
    """Take back what the import brought in; what was changed since is kept."""
    return operations.start_undo(run=_own(request, pk), actor=request.actor, now=request.now)


@router.delete("/imports/{int:pk}", response={204: None})
@requires(RUN)
def discard_import(request: Request, pk: int) -> Any:
    """Throw an upload away that brought nothing in."""
    operations.discard_run(run=_own(request, pk), actor=request.actor, now=request.now)
    return 204, None
