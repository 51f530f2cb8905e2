"""The one API of the product, at `/api/v1/`: authentication, errors, and the schema settings. Rooms add routers
through `dianke/config/api.py`."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.utils import check_csrf

from dianke.access.guards import SignInRequired
from dianke.api.problems import of_domain_error, of_validation, problem
from dianke.core.errors import DiankeError

VERSION = "1"


def authenticate(request: HttpRequest) -> Any:
    """The actor of the key or of the browser session (whose changes need the CSRF token)."""
    actor = request.actor  # type: ignore[attr-defined]
    if actor.is_anonymous:
        return None
    if not getattr(request, "api_key", ""):
        refused = check_csrf(request)
        if refused is not None:
            raise HttpError(403, _("The CSRF token is missing or old. Reload the page and try again."))
    return actor


authenticate.openapi_security_schema = {"type": "http", "scheme": "bearer"}  # type: ignore[attr-defined]


def make_api() -> NinjaAPI:
    """The API with its error answers; called once by `dianke/config/api.py`."""
    api = NinjaAPI(
        title="Dianke",
        version=VERSION,
        description="Everything the screens do. Errors are application/problem+json (RFC 9457).",
        urls_namespace="api",
        auth=[authenticate],
        docs_url=None,
        openapi_url="/openapi.json",
    )

    @api.exception_handler(DiankeError)
    def domain_error(request: HttpRequest, error: DiankeError) -> HttpResponse:
        return of_domain_error(request, error)

    @api.exception_handler(ValidationError)
    def validation(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return of_validation(request, error.errors)

    @api.exception_handler(AuthenticationError)
    def unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return of_domain_error(request, SignInRequired())

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(
            request, status=404, code="not_found", detail=_("This does not exist, or you may not see it.")
        )

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        code = "malformed" if error.status_code == 400 else "refused"
        return problem(request, status=error.status_code, code=code, detail=str(error))

    return api
