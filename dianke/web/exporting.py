"""Runs an export: rebuilds the list as its person saw it and writes the file outside the database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from dianke.core.actor import Actor
from dianke.core.paging import ordering_of, with_tie_break
from dianke.web.exports import write_csv, write_xlsx
from dianke.web.listing import listing_by_code
from dianke.web.models import Export, ListPreference, owner_of
from dianke.web.operations import finish_export

_BATCH = 1000


def write_export(export: Export, *, actor: Actor, now: datetime) -> Export:
    """Write the file of `export` as `actor` may see the rows; progress is kept on the row. Memory stays flat."""
    listing = listing_by_code(export.list_code)
    if listing is None or not actor.can(listing.permission) or not actor.can("web.export_lists"):
        return finish_export(
            export=export, state=Export.State.FAILED, row_count=0, file_name="", actor=actor, now=now
        )
    shown = listing(actor, now)
    state = shown.state(QueryDict(export.query))
    preference = ListPreference.objects.filter(user_id=owner_of(actor), list_code=shown.code).first()
    columns = shown.chosen_columns(preference.columns if preference else None)
    found = shown.rows(state)
    rows: QuerySet[Any] = found.order_by(*ordering_of(found.model, with_tie_break(shown.order(state))))
    path = file_of(export)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)  # it may hold personal data: nobody else on this machine reads it
    zone = timezone.get_current_timezone_name()

    def progress(count: int) -> None:
        Export.objects.filter(pk=export.pk).update(state=Export.State.RUNNING, row_count=count)

    stream = shown.dressed(rows.iterator(chunk_size=_BATCH))
    try:
        if export.format == Export.Format.CSV:
            count = write_csv(path, columns, stream, zone=zone, progress=progress)
        else:
            note = _("Exported by %(name)s at %(time)s") % {
                "name": actor.name,
                "time": timezone.localtime(now).strftime("%Y-%m-%d %H:%M"),
            }
            count = write_xlsx(path, columns, stream, zone=zone, note=note, progress=progress)
    except Exception:
        path.unlink(missing_ok=True)
        finish_export(
            export=export, state=Export.State.FAILED, row_count=0, file_name="", actor=actor, now=now
        )
        raise
    name = f"{shown.title}-{timezone.localtime(now):%Y%m%d-%H%M}.{export.format}"
    return finish_export(
        export=export, state=Export.State.DONE, row_count=count, file_name=name, actor=actor, now=now
    )


def file_of(export: Export) -> Path:
    """Where the file of an export lies, made or not."""
    return exports_folder() / f"{export.pk}.{export.format}"


def exports_folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "exports"
