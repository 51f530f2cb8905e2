"""Errors in the words of the product: what happened, why, what to do. The same text serves a page, a dialog and a
notice for htmx; nothing here touches the database, so it works when that is what failed."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_htmx.http import trigger_client_event


@dataclass(frozen=True, slots=True)
class Home:
    """The way out of an error page."""

    url: str
    label: str | Promise
    icon: str


TODAY = Home("/", _("To Today"), "sun")

#: Where an error page leads to: the start of the day, unless the address belongs to people who have another.
_homes: dict[str, Home] = {}

#: Title and text by HTTP status.
TEXTS: dict[int, tuple[str | Promise, str | Promise]] = {
    400: (
        _("The browser sent something odd"),
        _("The address or the data could not be read. Go back, load the page again and repeat what you did."),
    ),
    403: (
        _("You may not do this"),
        _("Your role does not include this. Ask your manager or the administrator for the permission."),
    ),
    404: (
        _("Not found"),
        _("This page does not exist, or is not yours to see. Use the search to look for what you need."),
    ),
    405: (
        _("Not possible this way"),
        _("This address cannot be opened directly. Go back and use the button there."),
    ),
    409: (
        _("Changed meanwhile"),
        _("Someone else changed this at the same time. Load the page again and repeat what you did."),
    ),
    413: (_("The file is too large"), _("Files up to 5 MB can be sent here. Make it smaller or split it.")),
    422: (_("Something is missing"), _("What was entered cannot be used. Go back, check it and try again.")),
    429: (_("Too many tries"), _("Too much was asked in a short time. Wait a minute and try again.")),
    500: (
        _("Something broke on our side"),
        _("Nothing you entered was saved. Try again; if it stays, tell your administrator the number below."),
    ),
    503: (
        _("Not available right now"),
        _("The system is busy or being serviced. What you typed is kept; try again in a minute."),
    ),
}


def register_home(prefix: str, home: Home) -> None:
    """Error pages under this address lead to `home`: customers have no day of work to return to."""
    _homes[prefix] = home


def home_of(path: str) -> Home:
    return next((home for prefix, home in _homes.items() if path.startswith(prefix)), TODAY)


def error_page(request: HttpRequest, status: int, *, text: str = "", title: str = "") -> HttpResponse:
    """The answer for `status`; `text` replaces the general explanation when the error has a better one."""
    general_title, general_text = TEXTS.get(status, TEXTS[500])
    shown_title, shown_text = str(title or general_title), str(text or general_text)
    if (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-History-Restore-Request") != "true"
    ):
        response = HttpResponse(status=status)
        response["HX-Reswap"] = "none"
        return trigger_client_event(response, "dk:problem", {"title": shown_title, "text": shown_text})
    return render(
        request,
        "web/error.html",
        {
            "title": shown_title,
            "text": shown_text,
            "status": status,
            "home": home_of(request.path),
            "request_id": getattr(request, "request_id", "") if status >= 500 else "",
        },
        status=status,
    )
