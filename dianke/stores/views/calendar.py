"""The business calendar: a month of a store (or of all) with holidays, make-up days and marks."""

from __future__ import annotations

import calendar as month_calendar
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.core.business_dates import workday
from dianke.core.lunar import lunar_date_of
from dianke.stores import forms, operations
from dianke.stores.models import CalendarDay, Store
from dianke.stores.queries import calendar_of
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.responses import done


def _month(text: str, today: date) -> date:
    """The first day of "2026-11"; this month when the text is none."""
    try:
        year, month = text.split("-")
        return date(int(year), int(month), 1)
    except ValueError:
        return today.replace(day=1)


@require_GET
@requires("stores.view_organisation")
def calendar_page(request: HttpRequest) -> HttpResponse:
    """A month as a grid; on the phone the same days as a list."""
    actor = request.actor  # type: ignore[attr-defined]
    today = timezone.localdate(request.now)  # type: ignore[attr-defined]
    first = _month(request.GET.get("month", ""), today)
    stores = list(Store.objects.visible_to(actor).filter(closed_on=None))
    wanted = request.GET.get("store", "")
    store = next((s for s in stores if str(s.pk) == wanted), None)
    start = first - timedelta(days=first.weekday())
    length = month_calendar.monthrange(first.year, first.month)[1]
    count = -(-((first - start).days + length) // 7) * 7
    hours = calendar_of(store, start, count) if store else {}
    marks: dict[date, list[CalendarDay]] = {}
    shown = Q(store=None) | Q(store=store) if store else Q(store=None) | Q(store__in=stores)
    for mark in CalendarDay.objects.filter(shown, day__gte=start, day__lt=start + timedelta(days=count)).select_related("store"):
        marks.setdefault(mark.day, []).append(mark)
    days = []
    for offset in range(count):
        day = start + timedelta(days=offset)
        national = workday(day)
        lunar = lunar_date_of(day)
        days.append(
            {
                "day": day,
                "is_other": day.month != first.month,
                "is_today": day == today,
                "holiday": national.holiday,
                "is_make_up": national.made_up_for is not None,
                "is_workday": national.is_workday,
                "lunar": lunar.format("zh")[2:] if lunar else "",
                "hours": hours.get(day),
                "marks": marks.get(day, []),
            }
        )
    return render(
        request,
        "stores/calendar.html",
        {
            "weeks": [days[n : n + 7] for n in range(0, count, 7)],
            "weekdays": forms.HoursForm.DAYS,
            "first": first,
            "previous": (first - timedelta(days=1)).strftime("%Y-%m"),
            "next": (first + timedelta(days=32)).strftime("%Y-%m"),
            "month": first.strftime("%Y-%m"),
            "stores": stores,
            "store": store,
            "is_known": workday(first).is_known,
            "may_change": actor.can("stores.manage_calendar"),
        },
    )


@require_http_methods(("GET", "POST"))
@requires("stores.manage_calendar")
def day_form(request: HttpRequest) -> HttpResponse:
    """Mark a day."""
    actor = request.actor  # type: ignore[attr-defined]
    today = timezone.localdate(request.now)  # type: ignore[attr-defined]
    initial = {"day": request.GET.get("day") or today, "store": request.GET.get("store") or actor.store_id}
    form = forms.DayForm(request.POST or None, initial=initial, actor=actor)
    home = reverse("stores:calendar")

    def run(data: dict[str, Any]) -> CalendarDay:
        return operations.mark_day(**data, actor=actor, now=request.now)  # type: ignore[attr-defined]

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Mark a day"),
        success=_("The day is marked."),
        redirect_to=lambda mark: f"{home}?month={mark.day:%Y-%m}" + (f"&store={mark.store_id}" if mark.store_id else ""),
        cancel_url=home,
        context={"crumb_list": [Crumb(_t("Business calendar"), home)]},
    )


@require_POST
@requires("stores.manage_calendar")
def day_clear(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a mark."""
    actor = request.actor  # type: ignore[attr-defined]
    reached = Store.objects.visible_to(actor, "stores.manage_calendar")
    mark = get_object_or_404(CalendarDay.objects.filter(Q(store=None) | Q(store__in=reached)).select_related("store"), pk=pk)
    operations.clear_day(marked=mark, actor=actor, now=request.now)  # type: ignore[attr-defined]
    return done(request, _("The mark is removed."), to=f"{reverse('stores:calendar')}?month={mark.day:%Y-%m}")
