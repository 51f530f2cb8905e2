"""The pages of the kit itself: Today, search, language and appearance; and Django's error handlers."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dianke.access import operations
from dianke.access.guards import public, requires
from dianke.web import formats
from dianke.web import search as global_search
from dianke.web import today as today_page
from dianke.web.context import THEME_COOKIE, THEMES
from dianke.web.error_pages import error_page

YEAR = 365 * 24 * 3600


@require_safe
@requires("web.use_pages")
def today(request: HttpRequest) -> HttpResponse:
    """What is overdue, due now, waiting for me; then my figures."""
    now = request.now  # type: ignore[attr-defined]
    built = today_page.sections_for(request.actor, now)  # type: ignore[attr-defined]
    date = timezone.localtime(now).date()
    return render(
        request,
        "web/today.html",
        {
            "main": [item for item in built if not item.section.is_side],
            "side": [item for item in built if item.section.is_side],
            "today": formats.calendar_day(date, date),
            "lunar_day": formats.lunar(date) if formats.is_chinese() else "",
        },
    )


@require_safe
@requires("web.use_pages")
def search(request: HttpRequest) -> HttpResponse:
    """Results of all providers; the palette asks for the bare list."""
    query = request.GET.get("q", "")
    context = {
        "query": query,
        "groups": global_search.find(request.actor, query),  # type: ignore[attr-defined]
    }
    is_fragment = request.headers.get("HX-Target") == "div#dk-results"
    return render(request, "web/parts/results.html" if is_fragment else "web/search.html", context)


def _back(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("next", "/")
    allowed = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(wanted if allowed else "/")
    response.status_code = 303
    return response


@require_POST
@public("people choose their language before they sign in")
def language(request: HttpRequest) -> HttpResponse:
    """Keeps the chosen language on this device and with the account."""
    response = _back(request)
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        return error_page(request, 400)
    _remember(request, language=chosen)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax", secure=settings.DIANKE_TLS
    )
    return response


@require_POST
@public("appearance is a matter of the device, also before signing in")
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps light, dark or like-the-device on this device and with the account."""
    response = _back(request)
    chosen = request.POST.get("theme", "")
    if chosen not in THEMES:
        return error_page(request, 400)
    _remember(request, theme=chosen.upper())
    response.set_cookie(THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=settings.DIANKE_TLS)
    return response


def _remember(request: HttpRequest, **preferences: str) -> None:
    actor = request.actor  # type: ignore[attr-defined]
    if not actor.is_anonymous:
        operations.set_preferences(actor=actor, now=request.now, **preferences)  # type: ignore[attr-defined]


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return error_page(request, 500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Usually the page stood open for longer than the session; loading it again helps."""
    return error_page(
        request,
        403,
        title=_("The page was open too long"),
        text=_("For your safety the form has expired. Load the page again; what you typed is put back."),
    )
