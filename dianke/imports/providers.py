"""What the room puts into the frame: its page, the labels of its events, the names of runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.events.registry import SubjectName, register_kind, register_subject
from dianke.web import navigation
from dianke.web.navigation import Page, Place

_EVENTS = {
    "file_uploaded": _("File uploaded"),
    "file_read_anew": _("File read in another way"),
    "check_started": _("Check started"),
    "check_cancelled": _("Check cancelled"),
    "run_checked": _("Checked: %(created)s new, %(updated)s changed, %(errors)s with errors"),
    "run_started": _("Import started"),
    "rows_applied": _("Rows imported up to row %(last_row)s: %(created)s new, %(updated)s changed"),
    "rows_settled": _("Rows put together"),
    "cancel_requested": _("Cancelling asked for"),
    "run_finished": _("Imported: %(created)s new, %(updated)s changed, %(errors)s with errors"),
    "run_cancelled": _("Import cancelled: %(created)s new, %(updated)s changed"),
    "run_stopped": _("Import stopped by a fault"),
    "run_discarded": _("Upload thrown away"),
    "undo_started": _("Undoing started"),
    "rows_taken_back": _("Rows taken back: %(removed)s removed, %(restored)s put back, %(kept)s kept"),
    "run_undone": _("Import undone: %(removed)s removed, %(restored)s put back, %(kept)s kept"),
    "files_forgotten": _("Files of %(count)s imports removed after their time"),
}


def register() -> None:
    """Called once, when the app is ready."""
    from dianke.imports.views import lists  # noqa: F401  the worker exports lists and imports no addresses

    for code, label in _EVENTS.items():
        register_kind(f"imports.{code}", label)
    register_subject("imports.importrun", _runs)
    for page in (
        Page(
            "imports.runs",
            _("Imports"),
            "imports:runs",
            Place.SETTINGS,
            "imports.view_runs",
            "file-import",
            70,
            words=_("excel csv move from another system"),
        ),
        Page(
            "imports.new",
            _("Import a file"),
            "imports:new",
            Place.SETTINGS,
            "imports.run_imports",
            "upload",
            is_command=True,
            words=_("excel csv move from another system"),
        ),
    ):
        navigation.register(page)


def _runs(keys: Collection[str], actor: Actor) -> Mapping[str, SubjectName]:
    from dianke.imports.models import ImportRun

    rows = ImportRun.objects.visible_to(actor).filter(pk__in=[key for key in keys if key.isdecimal()])
    return {str(row.pk): SubjectName(row.file_name, reverse("imports:run", args=[row.pk])) for row in rows}
