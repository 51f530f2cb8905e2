"""The one API of the product, at `/api/v1/`: authentication, errors, and the schema settings. Rooms add routers
through `dianke/config/api.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Router
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.utils import check_csrf

from dianke.access.guards import SignInRequired, signed_in
from dianke.access.requests import Request
from dianke.api.problems import of_domain_error, of_status, of_validation, problem
from dianke.api.reference import complete
from dianke.api.uploads import note_uploads
from dianke.core.errors import DiankeError
from dianke.core.refusals import refusal_of

VERSION = "1"
PREFIX = "/api/v1/"


class KeyOrSession:
    """Who calls: the actor of the key, or of the browser session (whose changes need the CSRF token)."""

    openapi_security_schema = {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, made under Settings. Browser sessions work too, with the header X-CSRFToken.",
    }

    def __call__(self, request: Request) -> Any:
        if request.actor.is_anonymous:
            return None
        if not request.api_key and check_csrf(request) is not None:
            raise HttpError(403, _("The CSRF token is missing or old. Reload the page and try again."))
        return request.actor


class Api(NinjaAPI):
    """Ninja's API with a schema that says what every endpoint may answer."""

    def add_router(self, prefix: str, router: Router | str, *args: Any, **kwargs: Any) -> None:
        """As ninja does; endpoints that take files are noted by their address."""
        super().add_router(prefix, router, *args, **kwargs)
        if isinstance(router, Router):
            note_uploads(f"{PREFIX}{prefix}", router)

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        return complete(super().get_openapi_schema(**kwargs))

    def get_openapi_operation_id(self, operation: Any) -> str:
        """The function's name: short, and stable when a room moves its code."""
        return str(operation.view_func.__name__)


def _guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def schema(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return view(request, **kwargs)

    return signed_in(schema)


def make_api() -> NinjaAPI:
    """The API with its error answers; called once by `dianke/config/api.py`."""
    api = Api(
        title="Dianke",
        version=VERSION,
        description=(
            "Everything the screens do. Errors are application/problem+json (RFC 9457) in the language of "
            "`Accept-Language`. Lists are paged by `cursor`. Any change may carry an `Idempotency-Key`."
        ),
        urls_namespace="api",
        auth=[KeyOrSession()],
        docs_url=None,
        docs_decorator=_guarded,
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
        return of_status(request, 404)

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        if error.status_code == 400:
            return of_status(request, 400)
        return problem(request, status=error.status_code, code="refused", detail=str(error))

    @api.exception_handler(Exception)
    def fault(request: HttpRequest, error: Exception) -> HttpResponse:
        """What the database refuses is a named error; everything else is a fault of ours, logged by Django."""
        named = refusal_of(error)
        if named is None:
            raise error
        return of_domain_error(request, named)

    return api
