"""One import: how far it is, what came of it, and what can be done now."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.actor import Actor, PermissionRefused
from dianke.imports import operations
from dianke.imports.downloads import errors_as_csv, errors_as_xlsx
from dianke.imports.importers import ImporterUnknown, importer_by_code
from dianke.imports.models import FILES_KEPT, ImportRun
from dianke.imports.queries import all_targets, most_frequent_problems, noted_rows, same_file_before
from dianke.imports.reading.refusals import FileGone
from dianke.imports.rules.headers import letters
from dianke.imports.views.lists import TONES, label_of
from dianke.web.components import Crumb, Fact, Stat, Step
from dianke.web.formats import moment, number
from dianke.web.responses import done

VIEW, RUN = "imports.view_runs", "imports.run_imports"
SHOWN = 20
COLUMNS_SHOWN = 6
PROBLEMS_SHOWN = 8
State = ImportRun.State


def run_of(actor: Actor, pk: int, *, to_change: bool = False) -> ImportRun:
    """A run the actor may see; to change it takes the importer's own permission too."""
    runs = ImportRun.objects.visible_to(actor).select_related("started_by", "data_key")
    run = get_object_or_404(runs, pk=pk)
    if to_change and not may_change(run, actor):
        raise PermissionRefused
    return run


def may_change(run: ImportRun, actor: Actor) -> bool:
    try:
        return actor.can(RUN) and actor.can(importer_by_code(run.importer).permission)
    except ImporterUnknown:
        return False


def crumbs() -> list[Crumb]:
    return [Crumb(_("Imports"), reverse("imports:runs"))]


def steps_of(run: ImportRun | None) -> list[Step]:
    """Upload, columns, check, import."""
    labels = [_("Upload"), _("Map the columns"), _("Check"), _("Import")]
    if run is None:
        at = 0
    elif run.has_started:
        at = 4 if not run.is_under_way and run.state != State.FAILED else 3
    else:
        at = {State.CHECKING: 2, State.CHECKED: 3}.get(State(run.state), 1)
    return [Step(label, is_done=index < at, is_current=index == at) for index, label in enumerate(labels)]


@require_GET
@requires(VIEW)
def run_page(request: Request, pk: int) -> HttpResponse:
    """The page of a run; while a job works on it the page asks again every second."""
    run = run_of(request.actor, pk)
    may = may_change(run, request.actor)
    if run.state == State.DRAFT and may and run.has_file:
        if request.headers.get("HX-Request") == "true":
            response = HttpResponse(status=204)
            response["HX-Redirect"] = reverse("imports:columns", args=[pk])
            return response
        return redirect("imports:columns", pk)
    fragment = "#run" if request.headers.get("HX-Target", "").endswith("import-run") else ""
    return render(request, "imports/run.html" + fragment, _context(run, request, may))


def _context(run: ImportRun, request: Request, may: bool) -> dict[str, Any]:
    importer = None
    try:
        importer = importer_by_code(run.importer)
    except ImporterUnknown:
        may = False
    tally = run.tally
    is_sure = run.has_started
    total, seen = _progress(run)
    has_rows = may and run.has_file and not run.is_under_way and tally.errors + tally.warnings > 0
    stats = [
        Stat(_("New") if is_sure else _("Will be new"), number(tally.created)),
        Stat(_("Changed") if is_sure else _("Will be changed"), number(tally.updated)),
        Stat(_("Unchanged"), number(tally.unchanged)),
        Stat(_("With errors"), number(tally.errors), note=_("not imported") if tally.errors else ""),
    ]
    if tally.skipped:
        stats.insert(3, Stat(_("Left out"), number(tally.skipped)))
    undone = [
        Stat(_("Removed"), number(run.removed_count)),
        Stat(_("Put back as before"), number(run.restored_count)),
        Stat(_("Kept, changed since"), number(run.kept_count)),
    ]
    is_stuck = run.state == State.FAILED
    return {
        "run": run,
        "tone": TONES[run.state],
        "importer_label": label_of(run.importer),
        "crumb_list": crumbs(),
        "step_list": steps_of(run),
        "may": may,
        "total": total,
        "seen": seen,
        "stats_list": stats if run.forecast or run.has_started else [],
        "undo_stats": undone if run.state in {State.UNDOING, State.UNDONE} else [],
        "tally": tally,
        "comes_in": tally.created + tally.updated,
        "has_rows": has_rows,
        **(_problems(run, request.actor) if has_rows else {}),
        "before": same_file_before(run, request.actor) if run.state == State.CHECKED else None,
        "result_url": importer.result_url(run)
        if importer and run.state in {State.DONE, State.CANCELLED}
        else "",
        "can_undo": may and importer is not None and importer.can_undo and run.can_be_undone,
        "can_map": may and run.has_file and not run.has_started and not run.is_under_way,
        "can_go_on": may and run.has_file and is_stuck and run.failed_state == State.RUNNING,
        "can_start": may and run.has_file and run.state == State.CHECKED,
        "facts_list": [
            Fact(_("What"), label_of(run.importer)),
            Fact(_("File"), run.file_name),
            Fact(_("Rows"), number(run.row_count)),
            Fact(_("By"), run.started_by.name),
            *(
                Fact(label, moment(at, request.now))
                for label, at in (
                    (_("Uploaded"), run.uploaded_at),
                    (_("Started"), run.started_at),
                    (_("Finished"), run.finished_at),
                    (_("Undone"), run.undone_at),
                )
                if at is not None
            ),
        ],
        "days_kept": FILES_KEPT.days,
    }


def _progress(run: ImportRun) -> tuple[int, int]:
    """Of how many rows, and how far."""
    if run.state == State.UNDOING:
        total = run.created_count + run.updated_count
    elif run.forecast:
        counts = dict(run.forecast)
        counts.pop("warnings", None)
        total = sum(counts.values())
    else:
        total = run.row_estimate
    return max(total, run.seen_count, 1), run.seen_count


def _problems(run: ImportRun, actor: Actor) -> dict[str, Any]:
    """The first noted rows as a small table: only the mapped columns, with the reason beside."""
    labels = {target.code: target.label for target in all_targets(importer_by_code(run.importer), actor)}
    columns = sorted(run.columns().items())[:COLUMNS_SHOWN]
    rows = list(noted_rows(run, limit=SHOWN))
    return {
        "problem_columns": [
            labels.get(code) or run.headers[index] or letters(index) for index, code in columns
        ],
        "problem_rows": [
            {
                "number": row.number,
                "is_error": row.is_error,
                "cells": [
                    {
                        "label": labels.get(code, ""),
                        "text": row.cells[index] if index < len(row.cells) else "",
                        "is_wrong": any(problem.target == code for problem in row.problems),
                    }
                    for index, code in columns
                ],
                "problems": [
                    {"message": each.message, "target": labels.get(each.target, "")} for each in row.problems
                ],
            }
            for row in rows
        ],
        "problem_counts": most_frequent_problems(run, limit=PROBLEMS_SHOWN),
        "noted_count": run.tally.errors + run.tally.warnings,
        "shown_count": len(rows),
    }


@require_POST
@requires(RUN)
def start(request: Request, pk: int) -> HttpResponse:
    """Let the rows in, or go on after a fault."""
    run = run_of(request.actor, pk, to_change=True)
    operations.start_run(run=run, actor=request.actor, now=request.now)
    return done(request, _("The import runs. You may leave this page."), to=reverse("imports:run", args=[pk]))


@require_POST
@requires(RUN)
def cancel(request: Request, pk: int) -> HttpResponse:
    """Stop after the batch that is going in."""
    run = run_of(request.actor, pk, to_change=True)
    operations.request_cancel(run=run, actor=request.actor, now=request.now)
    return done(request, _("It stops in a moment."), to=reverse("imports:run", args=[pk]))


@require_POST
@requires(RUN)
def undo(request: Request, pk: int) -> HttpResponse:
    """Take back what the run brought in."""
    run = run_of(request.actor, pk, to_change=True)
    operations.start_undo(run=run, actor=request.actor, now=request.now)
    return done(request, _("The import is being undone."), to=reverse("imports:run", args=[pk]))


@require_POST
@requires(RUN)
def discard(request: Request, pk: int) -> HttpResponse:
    """Throw an upload away that brought nothing in."""
    run = run_of(request.actor, pk, to_change=True)
    operations.discard_run(run=run, actor=request.actor, now=request.now)
    return done(request, _("The upload is thrown away."), to=reverse("imports:runs"))


@require_GET
@requires(RUN)
def errors(request: Request, pk: int, format: str) -> HttpResponseBase:
    """The erroneous rows with their reasons, to be corrected and uploaded again."""
    run = run_of(request.actor, pk, to_change=True)
    if run.is_under_way or format not in {"xlsx", "csv"}:
        raise Http404
    if not run.has_file:
        raise FileGone
    stem = run.file_name.rpartition(".")[0] or run.file_name
    name = _("%(file)s errors") % {"file": stem} + f".{format}"
    if format == "xlsx":
        return FileResponse(errors_as_xlsx(run), as_attachment=True, filename=name)
    response = StreamingHttpResponse(errors_as_csv(run), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    return response
