"""All imports, the newest first."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.imports.importers import ImporterUnknown, Text, importer_by_code, importers_for
from dianke.imports.models import ImportRun
from dianke.web.list_views import list_view
from dianke.web.listing import Column, Filter, Kind, Listing, choice_filter, date_filter, register

TONES = {
    "DRAFT": "wait",
    "CHECKING": "",
    "CHECKED": "wait",
    "RUNNING": "",
    "DONE": "good",
    "CANCELLED": "off",
    "FAILED": "bad",
    "UNDOING": "",
    "UNDONE": "off",
}


def label_of(code: str) -> Text:
    """What an importer is called; its code when its room is gone."""
    try:
        return importer_by_code(code).label
    except ImporterUnknown:
        return code


def _importers(actor: Actor) -> list[tuple[str, Text]]:
    return [(importer.code, importer.label) for importer in importers_for(actor)]


@register
class RunList(Listing):
    code = "imports.runs"
    title = _("Imports")
    permission = "imports.view_runs"
    columns = (
        Column(
            "file_name",
            _("File"),
            sort="file_name",
            is_title=True,
            link=lambda run: reverse("imports:run", args=[run.pk]),
        ),
        Column("importer", _("What"), value=lambda run: label_of(run.importer), sort="importer"),
        Column("state", _("State"), Kind.STATUS, sort="state", tone=lambda run: TONES[run.state]),
        Column("row_count", _("Rows"), Kind.NUMBER, sort="row_count"),
        Column("created_count", _("New"), Kind.NUMBER, sort="created_count"),
        Column("updated_count", _("Changed"), Kind.NUMBER, sort="updated_count"),
        Column(
            "error_count", _("Errors"), Kind.NUMBER, value=lambda run: run.tally.errors, sort="error_count"
        ),
        Column("started_by", _("By"), sort="started_by__name"),
        Column("uploaded_at", _("Uploaded"), Kind.INSTANT, sort="uploaded_at"),
        Column("finished_at", _("Finished"), Kind.INSTANT, sort="finished_at", is_default=False),
    )
    filters = (
        choice_filter("state", _("State"), ImportRun.State.choices),
        Filter("importer", _("What"), lambda rows, value: rows.filter(importer=value), _importers),
        date_filter("uploaded", _("Uploaded"), lookup="uploaded_at", instants=True),
    )
    search_fields = ("file_name", "started_by__name")
    search_hint = _("File or person")
    default_sort = "-uploaded_at"
    empty = (
        "file-import",
        _(
            "Customers, goods and more from Excel or another system come in here: checked first, and undone if need be."
        ),
        _("Import a file"),
        "imports:new",
        "imports.run_imports",
    )
    action = (_("Import a file"), "imports:new", "imports.run_imports", "upload")

    def queryset(self) -> QuerySet[ImportRun]:
        return ImportRun.objects.visible_to(self.actor).select_related("started_by")


run_list = list_view(RunList, "imports/runs.html")
