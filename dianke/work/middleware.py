"""Where an operation needs a second person, the page that started it becomes the page that asks for approval: what was
typed is in the request already, only the reason is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dianke.web.middleware import API_PREFIX
from dianke.work.operations.policies import ApprovalNeeded

Request = Any


class ApprovalMiddleware:
    """Turns an `ApprovalNeeded` of a page view into the form that asks; the API answers 403 with its code."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, ApprovalNeeded) or request.path.startswith(API_PREFIX):
            return None
        if not request.actor.can("work.request_approvals"):
            return None
        from dianke.work.views.approvals import asking_context

        context = asking_context(exception.token, request.actor, back=request.headers.get("Referer", ""))
        return render(request, "work/approval_ask.html", context)
