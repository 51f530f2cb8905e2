"""Recurring tasks: the list, the form with its next days, pausing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.core.lunar import LunarDate
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.responses import done
from dianke.work import operations
from dianke.work.forms import WEEKDAYS, RecurringForm
from dianke.work.models import RecurringTask
from dianke.work.registry import task_kind
from dianke.work.rules.recurrence import next_days

Request = Any


def in_words(row: RecurringTask) -> str:
    """How often, as one says it: "every week on Monday, Friday"."""
    match row.frequency:
        case "WEEKLY":
            days = dict(WEEKDAYS)
            return _("Every week: %(days)s") % {
                "days": "、".join(str(days[day]) for day in sorted(row.weekdays))
            }
        case "MONTHLY":
            return _("Every month: day %(day)s") % {"day": row.day}
        case "YEARLY":
            return _("Every year: %(month)s-%(day)s") % {"month": row.month, "day": row.day}
        case "LUNAR_YEARLY":
            day = LunarDate(row.month or 1, row.day or 1, row.is_leap_month)
            return _("Every year: %(day)s") % {"day": day.format()}
        case _:
            return str(row.get_frequency_display())


@require_GET
@requires("work.manage_rules")
def recurring_list(request: Request) -> HttpResponse:
    """All patterns with the next day of each."""
    today = timezone.localtime(request.now).date()
    rows = (
        RecurringTask.objects.visible_to(request.actor)
        .select_related("owner", "store")
        .order_by("paused_at", "title", "pk")
    )
    listed = []
    for row in rows:
        start = max(today - timedelta(days=1), row.starts_on - timedelta(days=1))
        days = next_days(row.recurrence, start, 1) if row.paused_at is None else []
        upcoming = days[0] if days and (row.ends_on is None or days[0] <= row.ends_on) else None
        listed.append(
            {"row": row, "words": in_words(row), "next": upcoming, "icon": task_kind(row.kind).icon}
        )
    return render(request, "work/recurring.html", {"rows": listed})


def _row(request: Request, pk: int) -> RecurringTask:
    return get_object_or_404(RecurringTask.objects.visible_to(request.actor), pk=pk)


@require_http_methods(["GET", "POST"])
@requires("work.manage_rules")
def recurring_form(request: Request, pk: int | None = None) -> HttpResponse:
    """A new pattern, or an existing one with its next five days."""
    row = _row(request, pk) if pk else None
    form = RecurringForm(request.POST or None, actor=request.actor, now=request.now, recurring=row)

    def run(data: dict[str, Any]) -> RecurringTask:
        if row is None:
            return operations.create_recurring_task(
                values=form.values(), actor=request.actor, now=request.now
            )
        return operations.change_recurring_task(
            recurring=row, values=form.values(), actor=request.actor, now=request.now
        )

    today = timezone.localtime(request.now).date()
    return form_view(
        request,
        form=form,
        run=run,
        title=_("Change the recurring task") if row else _("New recurring task"),
        success=lambda made: _("Saved. Next: %(day)s.") % {"day": _next_day(made, today)},
        redirect_to=reverse("work:recurring"),
        cancel_url=reverse("work:recurring"),
        template="work/recurring_form.html",
        context={
            "row": row,
            "days": next_days(row.recurrence, today - timedelta(days=1), 5) if row else [],
            "crumb_list": [Crumb(_("Recurring tasks"), reverse("work:recurring"))],
        },
    )


def _next_day(row: RecurringTask, today: Any) -> str:
    days = next_days(row.recurrence, max(today, row.starts_on) - timedelta(days=1), 1)
    return f"{days[0]:%Y-%m-%d}" if days else "–"


@require_POST
@requires("work.manage_rules")
def pause(request: Request, pk: int) -> HttpResponse:
    """No further tasks for now."""
    row = operations.pause_recurring_task(recurring=_row(request, pk), actor=request.actor, now=request.now)
    text = _("“%(title)s” is paused.") % {"title": row.title}
    return done(
        request, text, to=reverse("work:recurring"), undo_url=reverse("work:recurring-resume", args=[pk])
    )


@require_POST
@requires("work.manage_rules")
def resume(request: Request, pk: int) -> HttpResponse:
    """Go on."""
    row = operations.resume_recurring_task(recurring=_row(request, pk), actor=request.actor, now=request.now)
    return done(request, _("“%(title)s” goes on.") % {"title": row.title}, to=reverse("work:recurring"))
