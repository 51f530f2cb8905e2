"""Registers: which run now and what should be in the drawer, one register, past shifts, the page of a shift."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.sales.models import CashMovement, Order, Shift, ZReport
from dianke.sales.queries.day_close import x_report_of_shift
from dianke.sales.queries.shifts import drawer_of, last_closed, running_shift
from dianke.sales.views.close_listings import ZListing
from dianke.sales.views.register_listings import RegisterListing, ShiftListing
from dianke.sales.views.register_parts import (
    CLOSE,
    RUN,
    SHIFT_TONES,
    VIEW,
    difference_tone,
    order_url,
    over_or_short,
    register_crumbs,
    register_or_404,
    sheet_of,
    shift_crumbs,
    shift_name,
    shift_or_404,
    shown,
)
from dianke.web.components import Fact
from dianke.web.list_views import list_view

MOST_ROWS = 20

register_list = list_view(RegisterListing, "sales/registers/list.html")
shift_list = list_view(ShiftListing, "sales/registers/list.html")
z_list = list_view(ZListing, "sales/registers/list.html")


@require_GET
@requires(VIEW)
def register_page(request: Request, pk: int) -> HttpResponse:
    """A register: the shift that runs, or the first step; its past shifts and reports."""
    register = register_or_404(request, pk)
    actor = request.actor
    running = running_shift(register.pk)
    if running is not None and "all" not in request.GET:
        return redirect("sales:shift", pk=running.pk)
    shifts = Shift.objects.filter(register=register).select_related("opened_by")
    closes = actor.can(CLOSE, store_id=register.store_id)
    before = last_closed(register.pk)
    context: dict[str, Any] = {
        "register": register,
        "running": running,
        "may_run": actor.can(RUN, store_id=register.store_id) and register.is_active,
        "left": shown(before.left_amount, before.currency) if before else "",
        "shifts": [_told(shift) for shift in shifts.order_by("-opened_at", "-pk")[:MOST_ROWS]],
        "reports": list(
            ZReport.objects.filter(register=register).select_related("close").order_by("-number")[:MOST_ROWS]
        )
        if closes
        else [],
        "crumb_list": register_crumbs(),
    }
    return render(request, "sales/registers/register.html", context)


def _told(shift: Shift) -> dict[str, Any]:
    return {
        "shift": shift,
        "tone": SHIFT_TONES[shift.state],
        "difference": over_or_short(shift.difference_amount, shift.currency),
        "difference_tone": difference_tone(shift.difference_amount),
    }


@require_GET
@requires(VIEW)
def shift_page(request: Request, pk: int) -> HttpResponse:
    """A shift: how it stands, cash that moved, its sales, the figures as far as the reader may see them."""
    shift = shift_or_404(request, pk)
    actor, currency = request.actor, shift.currency
    sees = actor.can(CLOSE, store_id=shift.store_id)
    may_run = actor.can(RUN, store_id=shift.store_id)
    report = x_report_of_shift(shift, now=request.now, sees_expected=sees)
    knows = sees or not shift.is_running
    context: dict[str, Any] = {
        "shift": shift,
        "name": shift_name(shift),
        "tone": SHIFT_TONES[shift.state],
        "facts": _facts(shift),
        "sheet": sheet_of(report.figures, report.names, currency),
        "knows": knows,
        "expected": shown(report.expected_cash, currency) if knows else "",
        "counted": shown(shift.counted_amount, currency),
        "difference": over_or_short(shift.difference_amount, currency),
        "difference_tone": difference_tone(shift.difference_amount),
        "movements": _movements(shift, knows),
        "openings": list(shift.openings.select_related("opened_by")[:MOST_ROWS]),
        "sales": _sales(shift, knows),
        "counts": [
            {"count": each, "total": shown(each.total_amount, currency)}
            for each in shift.counts.select_related("counted_by")[:MOST_ROWS]
        ],
        "may_count": may_run and shift.is_running,
        "may_move": may_run and shift.state == Shift.State.OPEN,
        "may_close": may_run and shift.state == Shift.State.COUNTED,
        "late": _late(shift) if shift.state == Shift.State.CLOSED and sees else "",
        "next": Shift.objects.filter(taken_over_from=shift).select_related("opened_by").first(),
        "crumb_list": shift_crumbs(shift),
    }
    return render(request, "sales/registers/shift.html", context)


def _facts(shift: Shift) -> list[Fact]:
    currency = shift.currency
    facts = [
        Fact(_("Store"), shift.store.short_name),
        Fact(_("Business date"), f"{shift.business_date:%Y-%m-%d}"),
        Fact(_("Opened by"), getattr(shift.opened_by, "name", "")),
        Fact(
            _("Taken over from"),
            shift_name(shift.taken_over_from) if shift.taken_over_from else "",
            url=reverse("sales:shift", args=[shift.taken_over_from_id]) if shift.taken_over_from_id else "",
        ),
        Fact(pgettext("register", "Float"), shown(shift.float_amount, currency)),
        Fact(_("Closed by"), getattr(shift.closed_by, "name", "")),
        Fact(_("Left in the drawer"), shown(shift.left_amount, currency)),
        Fact(_("Why cash was over or short"), shift.reason),
    ]
    return [fact for fact in facts if fact.value not in (None, "")]


def _movements(shift: Shift, knows: bool) -> list[dict[str, Any]]:
    """Cash besides sales. The blind count hides what tells how much there should be: differences at the opening."""
    rows = shift.movements.select_related("made_by")
    if not knows:
        rows = rows.exclude(kind__in=CashMovement.DIFFERENCES)
    return [{"row": row, "amount": shown(row.amount, shift.currency)} for row in rows.order_by("pk")[:100]]


def _sales(shift: Shift, knows: bool) -> list[dict[str, Any]]:
    """The newest sales; while the count is blind without their amounts."""
    # A till that sold offline may have begun before anybody opened the shift.
    since = shift.opened_at - timedelta(days=1)
    rows = Order.objects.filter(shift_id=shift.pk, store=shift.store, occurred_at__gte=since)
    rows = rows.exclude(state=Order.State.DRAFT)
    return [
        {
            "order": row,
            "url": order_url(row),
            "amount": shown(row.total_amount, row.currency) if knows else "",
        }
        for row in rows.order_by("-occurred_at", "-pk")[:MOST_ROWS]
    ]


def _late(shift: Shift) -> str:
    """What arrived after the shift was closed and is not posted back yet."""
    late = drawer_of(shift).unsettled(shift.left_amount or 0)
    return shown(late, shift.currency) if late else ""
