"""Reports of sales as files."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.http import FileResponse, Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.sales.models.turnover import REPORTS
from dianke.sales.queries.reports.figures import Row, report_of, scope_of
from dianke.sales.views.report_columns import NAMES, file_columns
from dianke.sales.views.reports import Asked
from dianke.web.exports import write_csv, write_xlsx


@require_GET
@requires(REPORTS)
def report_file(request: Request) -> FileResponse:
    """The report as a file; for who may take lists out. It has a row per group, so it is made at once."""
    if not request.actor.can("web.export_lists"):
        raise Http404
    what = Asked.of(request)
    scope = scope_of(request.actor, what.stores, what.every)
    found = report_of(by=what.by, scope=scope, span=what.span, compared=what.compared)
    rows = [*found.rows, Row("", pgettext("last row of a report", "Total"), found.whole)]
    kind = "csv" if request.GET.get("format") == "csv" else "xlsx"
    file = tempfile.NamedTemporaryFile(suffix=f".{kind}")  # noqa: SIM115  # closed by the answer
    path, zone = Path(file.name), timezone.get_current_timezone_name()
    columns = file_columns(found, request.actor)
    if kind == "csv":
        write_csv(path, columns, rows, zone=zone, progress=lambda count: None)
    else:
        note = _("Exported by %(name)s at %(time)s") % {
            "name": request.actor.name,
            "time": timezone.localtime(request.now).strftime("%Y-%m-%d %H:%M"),
        }
        write_xlsx(path, columns, rows, zone=zone, note=note, progress=lambda count: None)
    name = _("Sales by %(by)s %(first)s %(last)s") % {
        "by": NAMES[what.by],
        "first": what.span.first.isoformat(),
        "last": what.span.last.isoformat(),
    }
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{name}.{kind}")
