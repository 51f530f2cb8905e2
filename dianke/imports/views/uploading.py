"""The way of a file up to its check: uploading, reading it another way, saying what its columns are."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import DiankeError
from dianke.imports import operations
from dianke.imports.downloads import template_of
from dianke.imports.forms import ColumnsForm, ReadingForm, UploadForm
from dianke.imports.importers import importer_by_code, importers_for
from dianke.imports.models import ImportRun
from dianke.imports.queries import all_targets, same_file_before, source_of, top_of
from dianke.imports.reading.refusals import FileRefused
from dianke.imports.rules.headers import letters
from dianke.imports.views.runs import crumbs, run_of, steps_of
from dianke.web.forms import form_view

RUN = "imports.run_imports"


@require_http_methods(["GET", "POST"])
@requires(RUN)
def upload(request: Request) -> HttpResponse:
    """Choose what is imported and the file."""
    importers = importers_for(request.actor)
    wanted = request.GET.get("importer", "")
    chosen = [importer for importer in importers if importer.code == wanted]
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        importers=chosen or importers,
        initial={"importer": wanted or (importers[0].code if importers else "")},
    )

    def run(data: dict[str, Any]) -> ImportRun:
        file = data["file"]
        return operations.upload_file(
            importer=data["importer"],
            file_name=file.name,
            chunks=file.chunks(1 << 20),
            actor=request.actor,
            now=request.now,
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Import a file"),
        template="imports/upload.html",
        submit=_("Upload"),
        success=_("The file is here. Now say what its columns hold."),
        redirect_to=lambda made: reverse("imports:columns", args=[made.pk]),
        cancel_url=reverse("imports:runs"),
        context={
            "importers": chosen or importers,
            "crumb_list": crumbs(),
            "step_list": steps_of(None),
        },
    )


def _may_be_mapped(run: ImportRun) -> bool:
    return not run.has_started and not run.is_under_way and run.has_file


@require_http_methods(["GET", "POST"])
@requires(RUN)
def columns(request: Request, pk: int) -> HttpResponse:
    """Say what each column holds; then the file is checked."""
    run = run_of(request.actor, pk, to_change=True)
    if not _may_be_mapped(run):
        return redirect("imports:run", pk)
    importer = importer_by_code(run.importer)
    targets = all_targets(importer, request.actor)
    form = ColumnsForm(request.POST or None, run=run, importer=importer, targets=targets, actor=request.actor)
    try:
        look = top_of(run, request.actor)
        samples, sheets, refusal = look.samples(), look.sheets, ""
    except FileRefused as error:
        samples, sheets, refusal = [], (), str(error)
    mapped = set(run.mapping.values())
    profile = next((each for each in importer.profiles if each.code == run.profile), None)
    rows = [
        {
            "letters": letters(index),
            "name": run.headers[index],
            "samples": list(dict.fromkeys(row[index] for row in samples if row[index].strip()))[:3]
            if samples and index < len(samples[0])
            else [],
            "field": form[name],
        }
        for index, name in enumerate(form.column_names)
    ]
    return form_view(
        request,
        form=form,
        run=lambda data: operations.check_run(
            run=run,
            mapping=form.mapping(),
            match_rule=data.get("match_rule", ""),
            options=form.options(),
            actor=request.actor,
            now=request.now,
        ),
        title=_("What do the columns hold?"),
        template="imports/columns.html",
        submit=_("Check the file"),
        success=_("The file is being checked."),
        redirect_to=reverse("imports:run", args=[pk]),
        cancel_url=reverse("imports:runs"),
        context={
            "run": run,
            "rows": rows,
            "refusal": refusal,
            "importer": importer,
            "option_fields": [form[name] for name in form.option_names],
            "match_field": form["match_rule"] if importer.match_rules else None,
            "profile": profile,
            "missing": [target for target in targets if target.is_required and target.code not in mapped],
            "is_remembered": source_of(run.importer, run.headers) is not None,
            "before": same_file_before(run, request.actor),
            "reading_form": ReadingForm(run=run, sheets=sheets, prefix="reading"),
            "crumb_list": crumbs(),
            "step_list": steps_of(run),
        },
    )


@require_POST
@requires(RUN)
def reading(request: Request, pk: int) -> HttpResponse:
    """Read the file another way."""
    run = run_of(request.actor, pk, to_change=True)
    if not _may_be_mapped(run):
        return redirect("imports:run", pk)
    sheets = top_of(run, request.actor).sheets if run.format != "text" else ()
    form = ReadingForm(request.POST, run=run, sheets=sheets, prefix="reading")
    if form.is_valid():
        data = form.cleaned_data
        try:
            operations.read_anew(
                run=run,
                encoding=data.get("encoding", ""),
                delimiter=data.get("delimiter", ""),
                sheet=data.get("sheet", ""),
                header_row=data["header_row"],
                actor=request.actor,
                now=request.now,
            )
        except DiankeError as error:
            form.add_domain_error(error)
        else:
            return redirect("imports:columns", pk)
    context = {
        "form": form,
        "run": run,
        "crumb_list": crumbs(),
        "title": _("How is the file read?"),
        "submit": _("Read again"),
    }
    return render(request, "web/form.html", context, status=422)


@require_GET
@requires(RUN)
def template(request: Request, code: str) -> FileResponse:
    """An empty workbook with the importer's fields as its heading."""
    importer = next((each for each in importers_for(request.actor) if each.code == code), None)
    if importer is None:
        raise Http404
    name = _("%(what)s import template.xlsx") % {"what": importer.label}
    return FileResponse(template_of(importer, request.actor), as_attachment=True, filename=name)
