"""Errors of the API as problem+json (RFC 9457): one shape for every failure, in the caller's language."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.core.errors import DiankeError
from dianke.core.logs import note_refusal

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
_WHOLES = {"payload", "page", "wanted"}  # what endpoints call their body, their paging, their filters
_BY_STATUS = {
    400: (
        "malformed",
        gettext_lazy("The request could not be read. Check its address, its headers and the JSON."),
    ),
    403: ("not_allowed", gettext_lazy("You may not do this.")),
    404: ("not_found", gettext_lazy("This does not exist, or you may not see it.")),
    405: (
        "method_not_allowed",
        gettext_lazy("This address does not take this method. See the header Allow."),
    ),
    413: ("too_large", gettext_lazy("The request is too large.")),
    500: (
        "internal_error",
        gettext_lazy("Something broke on our side; nothing was changed. Tell us the request_id."),
    ),
    503: (
        "temporarily_unavailable",
        gettext_lazy("This does not work right now. Please try again in a minute."),
    ),
}


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
    # ASCII: what is repeated from the input may hold half characters that no encoding writes.
    response = HttpResponse(json.dumps(body), status=status, content_type=CONTENT_TYPE)
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def is_problem(response: HttpResponse) -> bool:
    """Whether an error answer has our shape already."""
    return response.get("Content-Type", "").startswith(CONTENT_TYPE)


def of_status(request: HttpRequest, status: int, *, headers: dict[str, str] | None = None) -> HttpResponse:
    """A failure outside any endpoint, known by its status alone."""
    code, detail = _BY_STATUS.get(status, _BY_STATUS[500 if status >= 500 else 400])
    return problem(request, status=status, code=code, detail=str(detail), headers=headers)


def of_domain_error(request: HttpRequest, error: DiankeError) -> HttpResponse:
    """A named error of the product."""
    note_refusal(request, error.status, error.code)
    several = getattr(error, "errors", None) or ({error.field: error} if error.field else {})
    errors = [{"field": field, "message": str(each)} for field, each in several.items()] or None
    headers = {"Retry-After": str(error.params["retry_after"])} if "retry_after" in error.params else {}
    if error.status == 503:
        headers.setdefault("Retry-After", "2")
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="dianke"'
    return problem(
        request, status=error.status, code=error.code, detail=str(error), errors=errors, headers=headers
    )


def of_validation(request: HttpRequest, failures: list[dict[str, Any]]) -> HttpResponse:
    """Input that does not fit the schema: every wrong field named, with pydantic's reason in our words."""
    errors = [{"field": _field(failure.get("loc", ())), "message": _reason(failure)} for failure in failures]
    return problem(
        request,
        status=422,
        code="invalid_input",
        detail=_("Some fields are not right. Correct those listed and send the request again."),
        errors=errors,
    )


def _field(place: Sequence[Any]) -> str:
    """`("body", "payload", "name")` is the field "name": the first says where it came from, the second is our own name
    of the whole body or query."""
    source, *parts = [str(part) for part in place] or [""]
    if source in {"body", "query"} and parts and parts[0] in _WHOLES:
        parts = parts[1:]
    return ".".join(parts) or source


def _reason(failure: dict[str, Any]) -> str:
    """Why one field was refused, in the caller's language; what pydantic says is English and for programmers."""
    kind, context = str(failure.get("type", "")), failure.get("ctx") or {}
    if kind in {"greater_than_equal", "greater_than", "less_than_equal", "less_than"}:
        word = {"g": _("Give at least %(limit)s."), "l": _("Give at most %(limit)s.")}[kind[0]]
        if not kind.endswith("equal"):
            word = {"g": _("Give more than %(limit)s."), "l": _("Give less than %(limit)s.")}[kind[0]]
        return word % {"limit": next(iter(context.values()), "")}
    for begins, sentence in _REASONS:
        if kind.startswith(begins):
            return str(sentence) % {
                "limit": context.get("max_length", context.get("min_length", "")),
                "choices": context.get("expected", ""),
            }
    return _("This value does not fit here. See the reference of the API.")


_REASONS: tuple[tuple[str, Any], ...] = (
    ("missing", gettext_lazy("This field is required.")),
    ("extra_forbidden", gettext_lazy("This field is not known here.")),
    ("string_too_long", gettext_lazy("Too long: at most %(limit)s characters.")),
    ("string_too_short", gettext_lazy("Too short: at least %(limit)s characters.")),
    ("string_unicode", gettext_lazy("The text holds half a character. Send valid UTF-8.")),
    (
        "string_pattern",
        gettext_lazy("This does not have the form that is wanted here. See the reference of the API."),
    ),
    ("string_", gettext_lazy("Give a text.")),
    ("too_long", gettext_lazy("Too many: at most %(limit)s.")),
    ("too_short", gettext_lazy("Too few: at least %(limit)s.")),
    ("int_", gettext_lazy("Give a whole number.")),
    ("bool_", gettext_lazy("Give true or false.")),
    ("decimal_", gettext_lazy("Give a number as text, with at most two decimals.")),
    ("datetime_", gettext_lazy("Give a moment with its offset, such as 2026-11-21T14:30:00+08:00.")),
    ("date_", gettext_lazy("Give a date such as 2026-11-21.")),
    ("time_", gettext_lazy("Give a time such as 09:30.")),
    ("enum", gettext_lazy("Choose one of: %(choices)s.")),
    ("literal_error", gettext_lazy("Choose one of: %(choices)s.")),
    ("list_", gettext_lazy("Give a list.")),
    ("dict_", gettext_lazy("Give an object.")),
    ("model_", gettext_lazy("Give an object.")),
)
