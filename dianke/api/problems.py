"""Errors of the API as problem+json (RFC 9457): one shape for every failure, in the caller's language."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.core.errors import DiankeError

_TITLES = {
    400: gettext_lazy("Bad request"),
    401: gettext_lazy("Sign-in required"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("Method not allowed"),
    409: gettext_lazy("Conflict"),
    413: gettext_lazy("Too large"),
    415: gettext_lazy("Content type not supported"),
    422: gettext_lazy("Please correct the input"),
    429: gettext_lazy("Too many requests"),
    500: gettext_lazy("Internal error"),
    503: gettext_lazy("Temporarily unavailable"),
}
CONTENT_TYPE = "application/problem+json"


def problem(
    request: HttpRequest,
    *,
    status: int,
    code: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """A problem document. `errors` holds `{"field", "message"}` per wrong field."""
    body: dict[str, Any] = {
        "type": f"urn:dianke:problem:{code}",
        "title": str(_TITLES.get(status, _TITLES[500 if status >= 500 else 400])),
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": getattr(request, "request_id", ""),
    }
    if errors:
        body["errors"] = errors
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type=f"{CONTENT_TYPE}; charset=utf-8"
    )
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def of_domain_error(request: HttpRequest, error: DiankeError) -> HttpResponse:
    """A named error of the product."""
    errors = [{"field": error.field, "message": str(error)}] if error.field else None
    headers = {"Retry-After": str(error.params["retry_after"])} if "retry_after" in error.params else {}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="dianke"'
    return problem(request, status=error.status, code=error.code, detail=str(error), errors=errors, headers=headers)


def of_validation(request: HttpRequest, failures: list[dict[str, Any]]) -> HttpResponse:
    """Input that does not fit the schema: every wrong field named, with pydantic's reason in our words."""
    errors = []
    for failure in failures:
        place = [str(part) for part in failure.get("loc", ()) if part not in {"body", "query", "path", "form", "data"}]
        errors.append({"field": ".".join(place[1:] if len(place) > 1 and place[0] in {"payload", "page"} else place), "message": _reason(failure)})
    return problem(
        request,
        status=422,
        code="invalid_input",
        detail=_("Some fields are not right. Correct those listed and send the request again."),
        errors=errors,
    )


def _reason(failure: dict[str, Any]) -> str:
    kind, context = failure.get("type", ""), failure.get("ctx") or {}
    if kind == "missing":
        return _("This field is required.")
    if kind in {"string_too_long", "too_long"}:
        return _("Too long: at most %(limit)s.") % {"limit": context.get("max_length")}
    if kind in {"string_too_short", "too_short"}:
        return _("Too short: at least %(limit)s.") % {"limit": context.get("min_length")}
    if kind in {"int_parsing", "int_type", "int_from_float"}:
        return _("Give a whole number.")
    if kind.startswith(("date_", "datetime_")):
        return _("Give a date as 2026-11-21 (with time: 2026-11-21T14:30:00+08:00).")
    if kind in {"enum", "literal_error"}:
        return _("Choose one of: %(choices)s.") % {"choices": context.get("expected")}
    if kind in {"greater_than_equal", "greater_than", "less_than_equal", "less_than"}:
        return _("Out of range: %(limit)s.") % {"limit": next(iter(context.values()), "")}
    if kind == "extra_forbidden":
        return _("This field is not known here.")
    return _("This value does not fit: %(reason)s") % {"reason": failure.get("msg", "")}
