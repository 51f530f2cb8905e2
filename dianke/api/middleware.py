"""What every API request passes: the key's actor, the rate limit, and the idempotency key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from dianke.access.queries import actor_for_key
from dianke.api import idempotency, limits, problems
from dianke.core.errors import DiankeError

PREFIX = "/api/"


class ApiMiddleware:
    """Only acts on `/api/`; stands after the actor's and the error middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        authorization = request.headers.get("Authorization", "")
        request.api_key = authorization.removeprefix("Bearer ").strip() if authorization else ""  # type: ignore[attr-defined]
        if authorization:
            # A key decides alone: a browser session beside it is ignored.
            request.actor = SimpleLazyObject(  # type: ignore[attr-defined]
                lambda: actor_for_key(request.api_key, now=request.now, request_id=request.request_id)  # type: ignore[attr-defined]
            )
        try:
            left = limits.take(*self._bucket(request, authorization))
        except DiankeError as error:
            return problems.of_domain_error(request, error)
        response = self.get_response(request)
        response["RateLimit-Remaining"] = str(left)
        response["Cache-Control"] = "no-store"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """A request with an idempotency key runs inside the transaction that stores its answer."""
        if not request.path_info.startswith(PREFIX) or not idempotency.applies(request):
            return None
        try:
            return idempotency.run_once(request, lambda: view(request, *args, **kwargs))
        except DiankeError as error:
            return problems.of_domain_error(request, error)

    @staticmethod
    def _bucket(request: HttpRequest, authorization: str) -> tuple[str, limits.Limit]:
        if authorization:
            return "key:" + hashlib.sha256(authorization.encode()).hexdigest()[:32], limits.DEFAULT
        if request.user.is_authenticated:
            return f"user:{request.user.pk}", limits.DEFAULT
        return f"address:{request.META.get('REMOTE_ADDR', '')}", limits.ANONYMOUS
