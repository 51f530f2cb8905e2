"""Language, time zone and appearance of the person, and every error as a page or a notice people understand.

Views raise the named errors of `core.errors`; what becomes of them (a page, a redirect to sign-in, a notice for
htmx) is decided here once. The API has handlers of its own, so paths under /api/ pass through untouched.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from dianke.access.guards import SignInRequired
from dianke.core.errors import DiankeError
from dianke.core.logs import note_refusal
from dianke.core.refusals import refusal_of
from dianke.web import shell
from dianke.web.error_pages import error_page

API_PREFIX = "/api/v1/"

#: Browser powers no page uses are switched off; the camera is for scanning codes.
PERMISSIONS_POLICY = (
    "accelerometer=(), autoplay=(self), camera=(self), display-capture=(), geolocation=(self), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=(self), serial=(self), publickey-credentials-get=(self)"
)


class PersonalMiddleware:
    """Activates the language (of the signed-in person, else of the cookie, else what the browser asks for among
    ours, else simplified Chinese) and the merchant's time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = self._language_of(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        try:
            with shell.local_time():
                response = self.get_response(request)
        finally:
            translation.deactivate()
        response.headers.setdefault("Content-Language", language)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            # One address answers a page, a dialog or a part of a list; caches must not confuse them. Pages carry
            # personal data, so nobody but the browser keeps them, and it asks again.
            patch_vary_headers(response, ("HX-Request", "HX-Target"))
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    @staticmethod
    def _language_of(request: HttpRequest) -> str:
        ours = dict(settings.LANGUAGES)
        cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated and user.language in ours:
            return str(user.language)
        if cookie in ours:
            return cookie
        asked = translation.get_language_from_request(request)
        return asked if asked in ours and request.headers.get("Accept-Language") else settings.LANGUAGE_CODE


class ErrorMiddleware:
    """Turns a `DiankeError` that a page view raised, or what the database refused, into its answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        error = exception if isinstance(exception, DiankeError) else refusal_of(exception)
        if error is None or request.path.startswith(API_PREFIX):
            return None
        if isinstance(error, SignInRequired):
            return sign_in_redirect(request)
        note_refusal(request, error.status, error.code)
        return error_page(request, error.status, text=str(error))


def sign_in_redirect(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back afterwards. A fragment sends the whole page there."""
    is_fragment = request.headers.get("HX-Request") == "true"
    back = request.headers.get("HX-Current-URL", "/") if is_fragment else request.get_full_path()
    if is_fragment:
        # Only the path: the address the browser reports is never trusted as a place to send people to.
        parts = urlsplit(back)
        back = parts.path + (f"?{parts.query}" if parts.query else "")
    target = (
        f"{settings.LOGIN_URL}?{urlencode({'next': back})}" if back not in ("", "/") else settings.LOGIN_URL
    )
    if is_fragment:
        response = HttpResponse(status=401)
        response["HX-Redirect"] = target
        return trigger_client_event(response, "dk:signin", {"text": _("Please sign in again.")})
    return HttpResponseRedirect(target)
