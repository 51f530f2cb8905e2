"""What every API request passes: the key's actor, the rate limit, the idempotency key; and every failure leaves as
problem+json, also those that happen before or around an endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.handlers.exception import response_for_exception
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from dianke.access.clients import client_ip
from dianke.access.queries import actor_for_key
from dianke.access.requests import Request
from dianke.api import idempotency, limits, problems, uploads
from dianke.api.root import PREFIX
from dianke.core.errors import DiankeError
from dianke.core.refusals import MAX_ID, refusal_of

BEARER = "Bearer "


class ApiMiddleware:
    """Only acts on `/api/v1/`; stands after the actor's middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        authorization = request.headers.get("Authorization")
        request.api_key = (authorization or "").removeprefix(BEARER).strip()
        if authorization is not None:
            # A key decides alone: a browser session beside it is ignored.
            request.actor = SimpleLazyObject(
                lambda: actor_for_key(request.api_key, now=request.now, request_id=request.request_id)
            )  # type: ignore[assignment]
        response = self._answer(request)
        response["Cache-Control"] = "no-store"
        return response

    def _answer(self, request: Request) -> HttpResponse:
        try:
            left = limits.take(*_bucket(request))
        except limits.TooManyRequests as error:
            return problems.of_domain_error(request, error)
        response = self.get_response(request)
        if response.status_code >= 400 and not problems.is_problem(response):
            # Django's own pages: an address that does not exist, a wrong method, a failure.
            response = problems.of_status(request, response.status_code, headers=_kept_headers(response))
        response["RateLimit-Remaining"] = str(left)
        return response

    def process_view(
        self,
        request: Request,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        """Pages too: an id no row can have is not found, before any query sees it. API: what is too large is refused
        before it is read, and a request with an idempotency key runs inside the transaction that stores its answer."""
        if any(isinstance(value, int) and value > MAX_ID for value in kwargs.values()):
            raise Http404
        if not request.path_info.startswith(PREFIX):
            return None
        try:
            upload = uploads.upload_of(request)
            uploads.refuse_too_large(request, upload)
        except DiankeError as error:
            return problems.of_domain_error(request, error)
        if not idempotency.applies(request):
            return None

        def run() -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except (
                Exception
            ) as error:  # a fault of ours: noted as any other, and its answer kept under the key
                return _failed(request, error)

        try:
            return idempotency.run_once(request, run, takes_file=upload is not None)
        except DiankeError as error:
            return problems.of_domain_error(request, error)

    def process_exception(self, request: Request, error: Exception) -> HttpResponseBase | None:
        """Errors of views under the prefix that are no endpoints (the schema)."""
        if not request.path_info.startswith(PREFIX):
            return None
        named = error if isinstance(error, DiankeError) else refusal_of(error)
        return problems.of_domain_error(request, named) if named else None


def _failed(request: Request, error: Exception) -> HttpResponse:
    named = refusal_of(error)
    if named is not None:
        return problems.of_domain_error(request, named)
    response = response_for_exception(request, error)  # logs it and tells whoever listens
    return problems.of_status(request, response.status_code)


def _kept_headers(response: HttpResponse) -> dict[str, str]:
    return {"Allow": response["Allow"]} if "Allow" in response else {}


def _bucket(request: Request) -> tuple[str, limits.Limit]:
    """Per key or person; whoever is nobody (a wrong key too) per address, so that guessing keys is slow."""
    actor = request.actor
    if actor.is_anonymous:
        return f"address:{client_ip(request) or ''}", limits.ANONYMOUS
    return f"{actor.kind.value.lower()}:{actor.id}", limits.DEFAULT
