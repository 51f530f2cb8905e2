"""Reports on paper: the X report of a shift, the Z report of a register, the close of a day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.sales.models import ZReport
from dianke.sales.queries.day_close import x_report_of_shift
from dianke.sales.views.close_listings import close_kind
from dianke.sales.views.day_closes import shifts_written
from dianke.sales.views.register_parts import (
    CLOSE,
    VIEW,
    Sheet,
    close_or_404,
    over_or_short,
    sheet_of,
    shift_or_404,
    shown,
)

TEMPLATE = "sales/registers/paper.html"


def _minute(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


@require_GET
@requires(VIEW)
def x_report(request: Request, pk: int) -> HttpResponse:
    """What a shift did until now; while the count is blind for the reader without cash."""
    shift = shift_or_404(request, pk)
    sees = request.actor.can(CLOSE, store_id=shift.store_id)
    report = x_report_of_shift(shift, now=request.now, sees_expected=sees)
    knows = sees or not shift.is_running
    sheet = sheet_of(report.figures, report.names, shift.currency)
    head = [
        (pgettext("report", "Printed"), _minute(report.taken_at)),
        (_("Opened by"), getattr(shift.opened_by, "name", "")),
        (pgettext("shift", "From"), _minute(shift.opened_at)),
    ]
    if knows:
        head.append((_("Expected cash"), shown(report.expected_cash, shift.currency)))
    if shift.counted_amount is not None:
        head.append((_("Counted cash"), shown(shift.counted_amount, shift.currency)))
    if shift.difference_amount is not None:
        head.append((_("Over or short"), over_or_short(shift.difference_amount, shift.currency)))
    context = {
        "title": _("X report") if shift.is_running else _("Report of the shift"),
        "store": shift.store.name,
        "register": shift.register.name,
        "day": f"{shift.business_date:%Y-%m-%d}",
        "head": head,
        "sheet": sheet if knows else Sheet(tables=sheet.tables),
    }
    return render(request, TEMPLATE, context)


def _stored(http: Request, *, title: str, row: Any, snapshot: Any, register: str) -> HttpResponse:
    """A stored report as it was written down, with its fingerprint."""
    store = snapshot["store"]
    currency = snapshot["currency"]
    names = dict(row.store.registers.values_list("pk", "name"))
    shifts = snapshot["shifts"]
    context = {
        "title": title,
        "store": store["name"],
        "register": register,
        "day": snapshot["business_date"],
        "head": [
            (pgettext("report", "Number"), str(snapshot["number"])),
            (pgettext("register", "Closed"), _minute(datetime.fromisoformat(snapshot["closed_at"]))),
        ],
        "sheet": sheet_of(snapshot["figures"], snapshot["names"], currency),
        "shifts": shifts_written(shifts, currency, names),
        "digest": row.digest,
    }
    return render(http, TEMPLATE, context)


@require_GET
@requires(CLOSE)
def z_report(request: Request, pk: int) -> HttpResponse:
    """The Z report of a register."""
    rows = ZReport.objects.visible_to(request.actor, CLOSE).select_related("store", "register", "close")
    row: ZReport = get_object_or_404(rows, pk=pk)
    title = _("Z report no. %(number)s") % {"number": row.number}
    if row.close.is_supplement:
        title = f"{title} · {close_kind(row.close)}"
    return _stored(request, title=title, row=row, snapshot=row.snapshot, register=row.register.name)


@require_GET
@requires(CLOSE)
def close_paper(request: Request, pk: int) -> HttpResponse:
    """The close of a day."""
    close = close_or_404(request, pk)
    title = f"{close_kind(close)} · {_('No. %(number)s') % {'number': close.number}}"
    return _stored(request, title=title, row=close, snapshot=close.snapshot, register="")
