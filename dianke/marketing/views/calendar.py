"""The month of campaigns: when each begins and how long orders count."""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.marketing.models import VIEW, Campaign
from dianke.marketing.views.rows import TONES, crumbs


@require_GET
@requires(VIEW)
def month(request: Request) -> HttpResponse:
    """`?month=2026-11`; the present one by default."""
    today = timezone.localtime(request.now).date()
    try:
        first = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        first = today.replace(day=1)
    weeks = calendar.Calendar(firstweekday=0).monthdatescalendar(first.year, first.month)
    zone = timezone.get_current_timezone()
    begin = datetime.combine(weeks[0][0], time(), zone)
    end = datetime.combine(weeks[-1][-1] + timedelta(days=1), time(), zone)
    rows = Campaign.objects.visible_to(request.actor).filter(starts_at__gte=begin, starts_at__lt=end)
    of: dict[date, list[dict[str, Any]]] = {}
    for row in rows.order_by("starts_at", "pk"):
        if row.starts_at is not None:
            moment = timezone.localtime(row.starts_at)
            of.setdefault(moment.date(), []).append({"campaign": row, "at": moment, "tone": TONES[row.state]})
    return render(
        request,
        "marketing/calendar.html",
        {
            "first": first,
            "weeks": [
                [
                    {
                        "day": day,
                        "rows": of.get(day, []),
                        "is_other": day.month != first.month,
                        "is_today": day == today,
                    }
                    for day in week
                ]
                for week in weeks
            ],
            "is_busy": bool(of),
            "before": (first - timedelta(days=1)).strftime("%Y-%m"),
            "after": (first + timedelta(days=32)).strftime("%Y-%m"),
            "crumb_list": crumbs(),
        },
    )
