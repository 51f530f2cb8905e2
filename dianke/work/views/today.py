"""Parts of Today that draw themselves anew, and the load of the team."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.work.queries.today import team_load, today_groups

Request = Any


@require_GET
@requires("work.view_tasks")
def today_part(request: Request) -> HttpResponse:
    """The section of Today, after something changed."""
    section = {"groups": today_groups(request.actor, request.now), "actor": request.actor}
    return render(request, "work/today.html", {"section": section})


@require_GET
@requires("work.assign_tasks")
def team(request: Request) -> HttpResponse:
    """Everybody's open, overdue and finished tasks."""
    loads = team_load(request.actor, request.now)
    most = max((load.open_count for load in loads), default=0) or 1
    return render(request, "work/team.html", {"loads": loads, "most": most})
