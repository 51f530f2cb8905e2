"""How a page view answers after a write: one call that does the right thing for a page, a dialog and a list row."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django_htmx.http import trigger_client_event

Text = str | Promise


def toast(response: HttpResponse, text: Text, *, undo_url: str = "") -> HttpResponse:
    """Adds a notice that passes; `undo_url` takes a POST that takes the change back. Nothing that must not be missed
    goes here: that is an alert on the page or a notice in the bell."""
    return trigger_client_event(response, "dk:toast", {"text": str(text), "undo": undo_url})


def done(request: HttpRequest, text: Text, *, to: str, undo_url: str = "") -> HttpResponse:
    """After a successful write. In a page: redirect to `to`, the notice shown there. In a dialog or drawer: closes
    it, shows the notice, and lets whatever listens for `dk:changed` reload itself (`hx-trigger="dk:changed
    from:body"`); where nothing listens the page goes to `to`."""
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=204)
        return trigger_client_event(response, "dk:done", {"text": str(text), "undo": undo_url, "to": to})
    messages.success(request, str(text), extra_tags=undo_url)
    response = HttpResponseRedirect(to)
    response.status_code = 303
    return response
