"""Writes of the page kit: saved views, chosen columns, exports. Each is the person's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, NotAllowed, NotFound
from dianke.events.operations import operation, record
from dianke.web.listing import Listing, listing_by_code
from dianke.web.models import Export, ListPreference, SavedView, owner_of

EXCEL_ROWS = 1_048_575  # of a sheet, without its heading


class ViewNameTaken(InvalidInput):
    code = "view_name_taken"
    message = _("You already have a view of this name. Choose another name.")
    default_field = "name"


class ViewNameMissing(InvalidInput):
    code = "view_name_missing"
    message = _("Give the view a name, so that you find it again.")
    default_field = "name"


class ListNotFound(NotFound):
    code = "list_not_found"


class NotForExport(NotAllowed):
    code = "not_for_export"
    message = _("This list is not made to be exported.")


class TooLongForExcel(InvalidInput):
    code = "too_long_for_excel"
    message = _(
        "Excel holds at most %(limit)s rows, this list has %(rows)s. Export it as CSV, or filter it first."
    )
    default_field = "format"


def _require_list(code: str, actor: Actor) -> type[Listing]:
    listing = listing_by_code(code)
    if listing is None or not actor.can(listing.permission):
        raise ListNotFound
    return listing


@operation("web.use_pages")
def save_view(
    *, list_code: str, name: str, query: str, is_shared: bool = False, actor: Actor, now: datetime
) -> SavedView:
    """Keep filters and sort under a name. Raises `ViewNameMissing`, `ViewNameTaken`."""
    _require_list(list_code, actor)
    name = name.strip()[:40]
    if not name:
        raise ViewNameMissing
    view, is_new = SavedView.objects.get_or_create(
        user_id=owner_of(actor),
        list_code=list_code,
        name=name,
        defaults={"query": query[:2000], "is_shared": is_shared},
    )
    if not is_new:
        raise ViewNameTaken
    record("web.view_saved", view, actor=actor, now=now, data={"list": list_code})
    return view


@operation("web.use_pages")
def delete_view(*, view_id: int, actor: Actor, now: datetime) -> SavedView:
    """Remove one's own view."""
    view = SavedView.objects.filter(user_id=owner_of(actor), pk=view_id).first()
    if view is None:
        raise ListNotFound
    record("web.view_deleted", view, actor=actor, now=now, data={"list": view.list_code, "query": view.query})
    view.delete()
    return view


@operation("web.use_pages")
def choose_columns(*, list_code: str, columns: Sequence[str], actor: Actor, now: datetime) -> ListPreference:
    """Keep the columns (and their order) the person wants; none given means the usual ones."""
    known = {column.code for column in _require_list(list_code, actor).columns}
    columns = [code for code in dict.fromkeys(columns) if code in known]
    preference, _is_new = ListPreference.objects.update_or_create(
        user_id=owner_of(actor), list_code=list_code, defaults={"columns": columns}
    )
    record("web.columns_chosen", preference, actor=actor, now=now, data={"columns": columns})
    return preference


@operation("web.export_lists")
def request_export(
    *, list_code: str, query: str, format: str, total_count: int, actor: Actor, now: datetime
) -> Export:
    """Note that a file of a list was asked for: who took which rows out is on record.

    Raises `ListNotFound`, `NotForExport`, `TooLongForExcel`.
    """
    if not _require_list(list_code, actor).can_export:
        raise NotForExport
    if format == Export.Format.XLSX and total_count > EXCEL_ROWS:
        raise TooLongForExcel(limit=EXCEL_ROWS, rows=total_count)
    export = Export.objects.create(
        user_id=owner_of(actor),
        list_code=list_code,
        query=query,
        format=format,
        total_count=total_count,
        requested_at=now,
    )
    record(
        "web.export_requested",
        export,
        actor=actor,
        now=now,
        data={"list": list_code, "query": query, "format": format, "rows": total_count},
    )
    return export


@operation(None)
def finish_export(
    *, export: Export, state: str, row_count: int, file_name: str, actor: Actor, now: datetime
) -> Export:
    """Note how an export ended."""
    export.state, export.row_count, export.file_name, export.finished_at = state, row_count, file_name, now
    export.save(update_fields=["state", "row_count", "file_name", "finished_at"])
    record("web.export_finished", export, actor=actor, now=now, data={"state": state, "rows": row_count})
    return export
