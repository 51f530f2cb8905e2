"""The business calendar: a month of a store (or of all) with holidays, make-up days and marks."""

from __future__ import annotations

import calendar as month_calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import format_skeleton
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.business_dates import workday
from dianke.core.lunar import lunar_of
from dianke.core.money import locale_named
from dianke.stores import forms, operations
from dianke.stores.models import CalendarDay, Store
from dianke.stores.operations.calendar import WEEKDAYS
from dianke.stores.queries import calendar_of, local_date
from dianke.web import formats
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.responses import done

FIRST_YEAR, LAST_YEAR = 1950, 2099  # what the lunar calendar knows, with a month to spare on both sides


def _lunar(day: date) -> str:
    """The lunar day (初三), on the first of a lunar month the month, as wall calendars have it."""
    text = formats.lunar(day)  # two characters that say it is lunar, the month, two characters for the day
    return text[2:-2] if lunar_of(day).day == 1 else text[-2:]


def _month(text: str, today: date) -> date:
    """The first day of "2026-11"; this month when the text is none."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return first if FIRST_YEAR <= first.year <= LAST_YEAR else today.replace(day=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked day as the calendar shows it."""

    row: CalendarDay
    may_clear: bool


@require_GET
@requires("stores.view_organisation")
def calendar_page(request: Request) -> HttpResponse:
    """A month as a grid; on the phone the same days as a list."""
    actor = request.actor
    today = local_date(request.now)
    first = _month(request.GET.get("month", ""), today)
    stores = list(Store.objects.visible_to(actor).still_open())
    wanted = request.GET.get("store", "")
    store = next((s for s in stores if str(s.pk) == wanted), None)
    start = first - timedelta(days=first.weekday())
    length = month_calendar.monthrange(first.year, first.month)[1]
    count = -(-((first - start).days + length) // 7) * 7
    hours = calendar_of(store, start, count) if store else {}
    marks: dict[date, list[Mark]] = {}
    shown = CalendarDay.objects.visible_to(actor).filter(
        day__gte=start, day__lt=start + timedelta(days=count)
    )
    if store:
        shown = shown.filter(Q(store=None) | Q(store=store))
    may_mark_all = operations.may_mark_all(actor)
    for mark in shown.select_related("store"):
        of_store = mark.store_id is not None
        may_clear = actor.can("stores.manage_calendar", store_id=mark.store_id) if of_store else may_mark_all
        marks.setdefault(mark.day, []).append(Mark(mark, may_clear))
    days = []
    for offset in range(count):
        day = start + timedelta(days=offset)
        national = workday(day)
        days.append(
            {
                "day": day,
                "weekday": WEEKDAYS[day.weekday()],
                "is_other": day.month != first.month,
                "is_today": day == today,
                "holiday": national.holiday,
                "is_make_up": national.made_up_for is not None,
                "is_workday": national.is_workday,
                "lunar": _lunar(day) if formats.is_chinese() else "",
                "hours": hours.get(day),
                "marks": marks.get(day, []),
            }
        )
    return render(
        request,
        "stores/calendar.html",
        {
            "weeks": [days[n : n + 7] for n in range(0, count, 7)],
            "weekdays": WEEKDAYS,
            "month_title": str(format_skeleton("yMMMM", first, locale=locale_named(formats.locale()))),
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
def day_form(request: Request) -> HttpResponse:
    """Mark a day."""
    actor = request.actor
    today = local_date(request.now)
    initial = {"day": request.GET.get("day") or today, "store": request.GET.get("store") or actor.store_id}
    form = forms.DayForm(request.POST or None, initial=initial, actor=actor)
    home = reverse("stores:calendar")

    def run(data: dict[str, Any]) -> CalendarDay:
        return operations.mark_day(**data, actor=actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Mark a day"),
        success=_("The day is marked."),
        redirect_to=lambda mark: (
            f"{home}?month={mark.day:%Y-%m}" + (f"&store={mark.store_id}" if mark.store_id else "")
        ),
        cancel_url=home,
        context={"crumb_list": [Crumb(gettext("Business calendar"), home)]},
    )


@require_POST
@requires("stores.manage_calendar")
def day_clear(request: Request, pk: int) -> HttpResponse:
    """Remove a mark."""
    actor = request.actor
    marks = CalendarDay.objects.visible_to(actor, "stores.manage_calendar").select_related("store")
    mark = get_object_or_404(marks, pk=pk)
    operations.clear_day(marked=mark, actor=actor, now=request.now)
    return done(request, _("The mark is removed."), to=f"{reverse('stores:calendar')}?month={mark.day:%Y-%m}")
